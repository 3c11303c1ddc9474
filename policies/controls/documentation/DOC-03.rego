# METADATA
# title: Impact assessment done for high-risk systems
# description: >-
#   Every current impact assessment names the groups and harms, each harm has a countermeasure with an owner, and it comes to
#   the conclusion that the use is acceptable, under conditions that are all met. It is of the version that the registry
#   has. What the harms are, and whether the countermeasures help, is the word of who signed it.
# custom:
#   severity: blocker
#   basis: policy
#   mode: attested
#   tiers: [high]
#   gates: [staging, production]
#   evidence: [fria, registry-entry]
#   objectives:
#     harms-answered: {says: Each harm of the impact assessment has a countermeasure., covers: [S0.M6.1], reads: [fria]}
#     use-acceptable:
#       says: "The assessment of this version finds the use acceptable, with every condition met."
#       covers: [S0.M6.1]
#   frameworks:
#     nist-ai-rmf: ["MAP 5.1", "MANAGE 1.3"]
#     iso-42001: ["A.5.2", "A.5.4", "A.5.5"]
#     eu-ai-act: ["27"]
#   remediation: Answer every harm with a countermeasure and conclude the assessment.
package controls.documentation.DOC_03

import data.lib.findings as say
import data.lib.records

assessments := input.evidence.fria

entries := input.evidence["registry-entry"]

satisfied contains "harms-answered" if {
	count(assessments) > 0
	every assessment in assessments {
		count(assessment.predicate.harms) > 0
		count({harm.id | some harm in assessment.predicate.harms}) == count(assessment.predicate.harms)
		every harm in assessment.predicate.harms {
			harm.group in assessment.predicate.affected_groups
			answered(assessment, harm)
		}
	}
}

satisfied contains "use-acceptable" if {
	count(assessments) > 0
	count(entries) > 0
	every assessment in assessments {
		acceptable(assessment)
		every entry in entries {
			assessment.predicate.deployed_version == entry.predicate.version
		}
	}
}

answered(assessment, harm) if {
	some measure in assessment.predicate.mitigations
	measure.harm_id == harm.id
	records.filled(measure.text)
}

acceptable(assessment) if {
	assessment.predicate.conclusion in {"acceptable", "acceptable-with-conditions"}
	is_array(assessment.predicate.conditions)
	count([condition | some condition in assessment.predicate.conditions; not condition.met]) == 0
	conditions_named(assessment)
}

conditions_named(assessment) if assessment.predicate.conclusion == "acceptable"

conditions_named(assessment) if count(assessment.predicate.conditions) > 0

findings contains say.gap("harms-answered", assessment, "harms", "the assessment names no harm") if {
	some assessment in assessments
	count(assessment.predicate.harms) == 0
}

findings contains say.also(open, {"values": {"harm": harm.id}}) if {
	some assessment in assessments
	some harm in assessment.predicate.harms
	not answered(assessment, harm)
	open := say.breach("harms-answered", assessment, "mitigations", "the harm {harm} has no countermeasure")
}

findings contains say.also(no, {"observed": assessment.predicate.conclusion}) if {
	some assessment in assessments
	not acceptable(assessment)
	no := say.breach("use-acceptable", assessment, "conclusion", "the assessment concludes {observed}, and a condition of it is open or not named")
}

findings contains say.also(other, {"observed": assessment.predicate.deployed_version, "expected": entry.predicate.version}) if {
	some assessment in assessments
	some entry in entries
	assessment.predicate.deployed_version != entry.predicate.version
	other := say.breach("use-acceptable", assessment, "deployed_version", "the assessment is of version {observed}, and the registry has {expected}")
}
