# METADATA
# title: Fundamental rights assessment complete, current and notified
# description: >-
#   The assessment of Art 27 says of each of its six elements that it is present, or refers to a current data protection
#   impact assessment; it was approved before the first use, covers this version, and the authority was notified after
#   that. It passes by signature: what the elements say, and that the authority has the notice, is the word of who signed
#   the assessment. Who the deployer is and which points of Annex III hold is the questionnaire's word; point 2 alone
#   (critical infrastructure) asks for no assessment.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [high-annex-iii]
#   roles: [deployer]
#   gates: [staging, production, operation]
#   applies_from: D-HR
#   evidence: [deployment-record, dpia, fria, registry-entry, risk-questionnaire]
#   applies: [risk-questionnaire]
#   objectives:
#     elements-stated:
#       says: "The six elements of Art 27(1) are there or in a current impact assessment, by the word of who signed."
#       reads: [dpia, fria]
#     approved-before-use:
#       says: "The assessment was approved before the first use, finds it acceptable, and no condition of it is open."
#       reads: [deployment-record, fria, risk-questionnaire]
#     version-covered:
#       says: The assessment covers this version.
#       reads: [fria, registry-entry]
#     authority-notified:
#       says: "The authority was notified of the result, by the word of who signed."
#       reads: [fria]
#   may_be_empty:
#     deployment-record: the version may not be in use yet
#     fria.conditions: an assessment may have no condition
#   may_be_false: {risk-questionnaire.first_use_at: a first use may lie ahead of its questionnaire}
#   may_stand_beside:
#     dpia.regime: an assessment under another law takes nothing away from that of the GDPR
#     risk-questionnaire.deployer_kind: "where one names a public deployer the control applies, whatever another says"
#   frameworks:
#     eu-ai-act: ["27(1)-(5)"]
#     gdpr: ["35"]
#     nist-ai-rmf: ["MAP 5.1", "MAP 5.2"]
#     iso-42001: ["A.5.2", "A.5.5"]
#   remediation: "Complete the assessment for this version, approve it before first use and notify the authority."
package controls.eu_operators.EUAIA_27_1

import data.lib.deployments
import data.lib.findings as say

questionnaires := input.evidence["risk-questionnaire"]

assessments := input.evidence.fria

entries := input.evidence["registry-entry"]

# The impact assessment of the GDPR; that of the CCPA is none in its sense.
dpias := [dpia | some dpia in input.evidence.dpia; dpia.predicate.regime == "gdpr"]

elements := ["a", "b", "c", "d", "e", "f"]

applies if {
	some questionnaire in questionnaires
	bound(questionnaire.predicate)
}

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		free(questionnaire.predicate)
	}
}

# Creditworthiness and insurance, whoever the deployer is.
bound(answers) if {
	some point, answer in answers.annex_iii_answers
	point in {"5b", "5c"}
	answer == "yes"
}

bound(answers) if {
	answers.deployer_kind in {"public-authority", "private-public-service"}
	some point, answer in answers.annex_iii_answers
	not startswith(point, "2")
	answer == "yes"
}

free(answers) if {
	answers.deployer_kind == "private"
	every point in ["5b", "5c"] {
		answers.annex_iii_answers[point] in {"no", "not-applicable"}
	}
}

free(answers) if point_two_alone(answers)

point_two_alone(answers) if {
	points := [point | some point, answer in answers.annex_iii_answers; not answer in {"no", "not-applicable"}]
	count(points) > 0
	every point in points {
		startswith(point, "2")
	}
	every point in ["5b", "5c"] {
		answers.annex_iii_answers[point] in {"no", "not-applicable"}
	}
}

satisfied contains "elements-stated" if {
	count(assessments) > 0
	count(elements) > 0
	every assessment in assessments {
		every element in elements {
			stated(assessment.predicate.elements[element])
		}
	}
}

satisfied contains "approved-before-use" if {
	count(assessments) > 0
	count(questionnaires) > 0
	every assessment in assessments {
		acceptable(assessment.predicate)
		every questionnaire in questionnaires {
			assessment.predicate.approved_at < questionnaire.predicate.first_use_at
		}
		count(used_before(assessment)) == 0
	}
}

# Whatever the questionnaire says of its first use: the version ran in production when nobody had approved the assessment.
used_before(assessment) := [deployment |
	some deployment in deployments.begun_by(input.evidence["deployment-record"], assessment.predicate.approved_at)
	not of_another(deployment)
]

of_another(deployment) if deployment.predicate.artifact_digest != input.subject.digest

satisfied contains "version-covered" if {
	count(assessments) > 0
	count(entries) > 0
	every assessment in assessments {
		every entry in entries {
			assessment.predicate.deployed_version == entry.predicate.version
		}
	}
}

satisfied contains "authority-notified" if {
	count(assessments) > 0
	every assessment in assessments {
		notified(assessment)
	}
}

# Who finds the use not acceptable, or on a condition that is open, has approved none.
acceptable(assessment) if {
	assessment.conclusion in {"acceptable", "acceptable-with-conditions"}
	is_array(assessment.conditions)
	count([condition | some condition in assessment.conditions; not condition.met == true]) == 0
}

stated(state) if state == "present"

stated(state) if {
	state == "by-reference"
	count(dpias) > 0
}

notified(assessment) if assessment.predicate.approved_at <= assessment.predicate.notified_at

findings contains say.also(open, {"values": {"element": element}}) if {
	some assessment in assessments
	some element in elements
	not has(assessment, element)
	open := say.breach("elements-stated", assessment, "elements", "element ({element}) of Art 27(1) is absent, or refers to an impact assessment that is not there")
}

has(assessment, element) if stated(assessment.predicate.elements[element])

findings contains say.breach("approved-before-use", assessment, "conclusion", "the assessment finds the use not acceptable, or on a condition that is open") if {
	some assessment in assessments
	not accepted(assessment)
}

accepted(assessment) if acceptable(assessment.predicate)

findings contains say.also(late, {"observed": assessment.predicate.approved_at, "expected": first}) if {
	some assessment in assessments
	some questionnaire in questionnaires
	first := questionnaire.predicate.first_use_at
	assessment.predicate.approved_at >= first
	late := say.breach("approved-before-use", assessment, "approved_at", "the assessment was approved {observed}, and the first use is {expected}")
}

findings contains say.also(used, {"observed": started}) if {
	some assessment in assessments
	some deployment in used_before(assessment)
	started := deployment.predicate.started_at
	used := say.breach("approved-before-use", deployment, "started_at", "the version runs in production since {observed}, and the assessment was not approved by then")
}

findings contains say.gap("approved-before-use", questionnaire, "first_use_at", "when the system is first used is not answered") if {
	some questionnaire in questionnaires
	not questionnaire.predicate.first_use_at
}

findings contains say.also(other, {"observed": assessment.predicate.deployed_version, "expected": entry.predicate.version}) if {
	some assessment in assessments
	some entry in entries
	assessment.predicate.deployed_version != entry.predicate.version
	other := say.breach("version-covered", assessment, "deployed_version", "the assessment covers version {observed}, and this is {expected}")
}

findings contains say.gap("authority-notified", assessment, "notified_at", "the authority was not notified since the assessment was approved") if {
	some assessment in assessments
	not notified(assessment)
}
