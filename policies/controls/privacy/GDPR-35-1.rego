# METADATA
# title: Data protection impact assessment before high-risk processing
# description: >-
#   Every current assessment under the GDPR describes the processing, its need, risks and measures, was approved before
#   the processing starts, the first use of every questionnaire and any deployment to production, and after its own last
#   material change, cites a prior consultation where the risk that is left is high, and cites the instructions for use
#   of the candidate where the deployer uses a high-risk system. It passes by signature: whether risks and measures are
#   rightly judged is the word of the person who signed it, and no rule has looked at that. The control applies where a
#   questionnaire names a trigger of Art 35(3) or enough criteria, or says that persons are profiled with a significant
#   effect, which is the trigger of point (a).
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   roles: [controller]
#   gates: [data-intake, staging]
#   applies_from: D-GDPR
#   evidence: [deployment-record, dpia, instructions-for-use, risk-questionnaire]
#   about: {deployment-record: system}
#   applies: [risk-questionnaire]
#   parameters: [wp248_min]
#   objectives:
#     assessment-signed:
#       says: "A person signed an impact assessment with processing, necessity, risks and measures; what it says is their word."
#       reads: [dpia]
#     approved-before-processing:
#       says: The assessment was approved before the processing starts and after its last change.
#       reads: [deployment-record, dpia, risk-questionnaire]
#     authority-consulted:
#       says: "Where the risk that is left is high, the assessment cites a prior consultation."
#       reads: [dpia]
#     instructions-cited:
#       says: The assessment of a high-risk system in use cites the instructions for use of this version.
#       at: [staging]
#       reads: [dpia, instructions-for-use]
#   may_be_empty:
#     deployment-record: the system may not be in use yet
#     dpia.material_change_at: nothing need have changed since the assessment
#     risk-questionnaire.art35_triggers: criteria or profiling with a significant effect may call for the assessment
#     risk-questionnaire.wp248_criteria: a trigger may call for the assessment, and where nothing does none is owed
#   may_stand_beside: {dpia.regime: an assessment under another law says nothing of this one}
#   frameworks: {gdpr: ["35", "36"], eu-ai-act: ["26(9)"], nist-ai-rmf: ["MAP 5.1"], iso-42001: ["A.5.2", "A.5.4"]}
#   remediation: Finish and approve the assessment before processing starts.
package controls.privacy.GDPR_35_1

import data.lib.deployments
import data.lib.findings as say
import data.lib.records

questionnaires := input.evidence["risk-questionnaire"]

instructions := input.evidence["instructions-for-use"]

assessments := [assessment | some assessment in input.evidence.dpia; assessment.predicate.regime == "gdpr"]

applies if {
	some questionnaire in questionnaires
	called_for(questionnaire)
}

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		count(questionnaire.predicate.art35_triggers) == 0
		is_array(questionnaire.predicate.wp248_criteria)
		count(criteria(questionnaire)) < data.parameters.wp248_min
		not_profiled(questionnaire)
	}
}

called_for(questionnaire) if count(questionnaire.predicate.art35_triggers) > 0

called_for(questionnaire) if count(criteria(questionnaire)) >= data.parameters.wp248_min

called_for(questionnaire) if {
	questionnaire.predicate.profiling == true
	questionnaire.predicate.significant_effect == true
}

not_profiled(questionnaire) if questionnaire.predicate.profiling == false

not_profiled(questionnaire) if questionnaire.predicate.significant_effect == false

criteria(questionnaire) := {criterion | some criterion in questionnaire.predicate.wp248_criteria}

satisfied contains "assessment-signed" if {
	count(assessments) > 0
	every assessment in assessments {
		complete(assessment)
	}
}

complete(assessment) if {
	records.filled(assessment.predicate.processing)
	records.filled(assessment.predicate.necessity)
	records.all_filled(assessment.predicate.risks)
	records.all_filled(assessment.predicate.measures)
}

satisfied contains "approved-before-processing" if {
	count(assessments) > 0
	count(questionnaires) > 0
	every assessment in assessments {
		in_order(assessment)
	}
}

in_order(assessment) if {
	approved := assessment.predicate.approved_at
	approved < assessment.predicate.processing_starts_at
	object.get(assessment.predicate, "material_change_at", approved) <= approved
	count([questionnaire | some questionnaire in questionnaires; approved < questionnaire.predicate.first_use_at]) == count(questionnaires)
	count(deployments.begun_by(input.evidence["deployment-record"], approved)) == 0
}

satisfied contains "authority-consulted" if {
	count(assessments) > 0
	every assessment in assessments {
		consulted(assessment)
	}
}

consulted(assessment) if assessment.predicate.residual_risk in {"low", "medium"}

consulted(assessment) if {
	assessment.predicate.residual_risk == "high"
	records.filled(assessment.predicate.prior_consultation_ref)
}

satisfied contains "instructions-cited" if {
	count(assessments) > 0
	every assessment in assessments {
		cites(assessment)
	}
}

cites(_) if not owed

# Of several issues the one filed last is in force.
cites(assessment) if {
	filed := {document.log_index | some document in instructions}
	count(filed) == count(instructions)
	count(filed) > 0
	latest := max(filed)
	assessment.predicate.instructions_digest in {document.digest | some document in instructions; document.log_index == latest}
}

# Art 26(9) concerns deployers of high-risk systems; a tier that is not known counts as one.
owed if {
	"deployer" in input.system.roles
	not input.system.tier in {"high-annex-i-b", "derogated", "limited", "minimal"}
}

findings contains say.none(objective, "evidence/dpia", "there is no current impact assessment under the GDPR") if {
	count(assessments) == 0
	some objective in ["assessment-signed", "approved-before-processing", "authority-consulted", "instructions-cited"]
}

findings contains say.gap("assessment-signed", assessment, "risks", "the assessment leaves out processing, necessity, risks or measures") if {
	some assessment in assessments
	not complete(assessment)
}

findings contains say.also(late, {"observed": assessment.predicate.approved_at}) if {
	some assessment in assessments
	not in_order(assessment)
	late := say.breach("approved-before-processing", assessment, "approved_at", "the assessment was approved at {observed}: not before processing, first use or what runs in production, or before its last material change")
}

findings contains say.breach("authority-consulted", assessment, "prior_consultation_ref", "the risk that is left is high, and no prior consultation is cited") if {
	some assessment in assessments
	not consulted(assessment)
}

findings contains say.gap("instructions-cited", assessment, "instructions_digest", "the assessment does not cite the instructions for use of this version") if {
	some assessment in assessments
	not cites(assessment)
}
