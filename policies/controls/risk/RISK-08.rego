# METADATA
# title: Derogation from high risk consistent and dated before market
# description: >-
#   Where the derogation of Art 6(3) is claimed, its conditions are named, no significant risk and no profiling are stated,
#   and no output in the lineage decides on single persons; a deployer alone gets no milder tier by its word either. Two
#   people signed the assessment of Art 6(4), which takes each condition that is relied on by its letter, and by the
#   ledger's clock it was filed before the day of first placing. That day, and that there is none yet, is the registry's word.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [derogated]
#   gates: [registration, staging, production]
#   applies_from: D-HR
#   evidence: [lineage-graph, registry-entry, risk-questionnaire, statement:derogation-assessment]
#   applies: [risk-questionnaire]
#   objectives:
#     derogation-consistent:
#       says: "Conditions are named, significant risk and profiling are denied, and no output decides on single persons."
#       reads: [lineage-graph, risk-questionnaire]
#     assessed-before-placing:
#       says: The assessment was signed and filed before the system was first placed on the market or put into service.
#   may_be_empty: {registry-entry.first_placed_on: a system that is not placed yet has no day of first placing}
#   may_be_false: {registry-entry.first_placed_on: the first placing may be planned for a day to come}
#   frameworks: {eu-ai-act: ["6(3)", "6(4)", "80(7)"], nist-ai-rmf: ["MAP 5.1"]}
#   remediation: "Withdraw the derogation, or sign its written assessment before the system is placed on the market."
package controls.risk.RISK_08

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

questionnaires := input.evidence["risk-questionnaire"]

graphs := input.evidence["lineage-graph"]

entries := input.evidence["registry-entry"]

assessments := input.evidence["statement:derogation-assessment"]

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.derogation_claimed == false
	}
}

applies if {
	some questionnaire in questionnaires
	questionnaire.predicate.derogation_claimed == true
}

satisfied contains "derogation-consistent" if {
	count(questionnaires) > 0
	count(graphs) > 0
	every questionnaire in questionnaires {
		consistent(questionnaire)
	}
	every graph in graphs {
		count(graph.predicate.person_level_outputs) == 0
	}
}

satisfied contains "assessed-before-placing" if {
	count(entries) > 0
	count(assessments) > 0
	count(questionnaires) > 0
	every assessment in assessments {
		count(unassessed(assessment)) == 0
		records.all_filled(assessment.predicate.facts.conditions)
		records.filled(assessment.predicate.facts.reasoning)
	}
	every entry in entries {
		records.on_candidate(entry)
		assessed_before(entry)
	}
}

consistent(questionnaire) if {
	questionnaire.predicate.derogation_claimed == true
	questionnaire.predicate.no_significant_risk == true
	questionnaire.predicate.profiling == false
	count(questionnaire.predicate.derogation_conditions) > 0
}

# Conditions that a questionnaire relies on, and the assessment does not: each begins with its letter, `(a) a narrow …`.
unassessed(assessment) := {letter | some questionnaire in questionnaires; some letter in questionnaire.predicate.derogation_conditions} - {letter |
	some condition in assessment.predicate.facts.conditions
	letter := trim(split(condition, " ")[0], "().,:")
}

assessed_before(entry) if {
	not entry.predicate.first_placed_on
	not entry.predicate.last_placed_on
}

assessed_before(entry) if {
	some assessment in assessments
	calendar.day_of(assessment.filed_at) < entry.predicate.first_placed_on
}

findings contains say.breach("derogation-consistent", questionnaire, "derogation_claimed", "the answers do not carry the derogation of Art 6(3)") if {
	some questionnaire in questionnaires
	not consistent(questionnaire)
}

findings contains say.also(deciding, {"observed": outputs}) if {
	some graph in graphs
	outputs := graph.predicate.person_level_outputs
	count(outputs) > 0
	deciding := say.breach("derogation-consistent", graph, "person_level_outputs", "the lineage has outputs that decide on single persons: {observed}")
}

findings contains say.also(late, {"observed": placed}) if {
	count(assessments) > 0
	some entry in entries
	placed := entry.predicate.first_placed_on
	not assessed_before(entry)
	late := say.breach("assessed-before-placing", entry, "first_placed_on", "placed on {observed}, and no assessment was filed before that day")
}

findings contains say.gap("assessed-before-placing", assessment, "facts.conditions", "the assessment names no condition of Art 6(3)") if {
	some assessment in assessments
	count(assessment.predicate.facts.conditions) == 0
}

findings contains say.also(open, {"values": {"condition": letter}}) if {
	some assessment in assessments
	some letter in unassessed(assessment)
	open := say.gap("assessed-before-placing", assessment, "facts.conditions", "the assessment does not take condition {condition}, on which the questionnaire relies")
}
