# METADATA
# title: No emotion inference at work or in education
# description: >-
#   Where emotions are inferred of persons at work or in education, a medical or safety ground stands with a reason and two
#   signatures, compliance, legal or the data protection officer approved
#   the candidate at this gate after these answers, and every deployment of the last months has
#   that ground for its purpose, word for word. Whether the ground is a true one is the word of the two who signed.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   gates: [registration, production]
#   applies_from: D-PROH
#   evidence: [approval, deployment-record, feed-status, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [event_log_keep]
#   objectives:
#     ground-approved:
#       says: "A medical or safety ground has a reason and two signatures, and the use was approved on it."
#       reads: [approval, risk-questionnaire]
#     purpose-within-ground:
#       says: Every deployment runs for the ground that was approved.
#       at: [production]
#       reads: [deployment-record, feed-status, risk-questionnaire]
#   may_be_empty: {risk-questionnaire.signature.roles: the roles of who signed count for the reviewer of a claim alone}
#   may_stand_beside:
#     approval.role: an approval in another role neither helps nor takes away; a rejection in any role does
#     approval.gate: what is said at another gate is not said at this one
#     approval.decision: an abstention neither approves nor rejects; a later rejection takes the pass away, as the cases show
#     feed-status.feed: another feed says nothing of deployments
#   frameworks: {eu-ai-act: ["5(1)(f)"]}
#   remediation: Show an approved medical or safety ground or switch the function off.
package controls.eu_prohibited.EUAIA_05_6

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.risk.facts
import data.risk.grounds
import data.risk.prohibited
import data.risk.vocabulary

questionnaires := input.evidence["risk-questionnaire"]

approvals := input.evidence.approval

deployments := input.evidence["deployment-record"]

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		answered(questionnaire.predicate)
		not concerned(questionnaire)
	}
}

applies if count(claimants) > 0

answered(answers) if {
	vocabulary.known(vocabulary.tasks, answers.task)
	is_array(answers.decisions)
	count([word | some word in answers.decisions; not vocabulary.known(vocabulary.decisions, word)]) == 0
	is_string(answers.biometric_kind)
	is_string(answers.context)
	count(answers.targets) > 0
	count([word | some word in answers.targets; not vocabulary.known(vocabulary.targets, word)]) == 0
	count(answers.annex_iii_answers) > 0
}

concerned(questionnaire) if {
	facts.infers_emotions(questionnaire.predicate)
	prohibited.at_work_or_school(questionnaire.predicate)
}

claimants := [questionnaire | some questionnaire in questionnaires; concerned(questionnaire)]

satisfied contains "ground-approved" if {
	count(claimants) > 0
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		answered(questionnaire.predicate)
		lifted(questionnaire)
		records.approved_in_law_after(approvals, input.gate, questionnaire)
	}
}

satisfied contains "purpose-within-ground" if {
	count(claimants) > 0
	count(questionnaires) > 0
	whole
	every questionnaire in questionnaires {
		answered(questionnaire.predicate)
		lifted(questionnaire)
		count([deployment | some deployment in deployments; not within(deployment, questionnaire)]) == 0
	}
}

lifted(questionnaire) if grounds.lifts(grounds.signed(questionnaire), "medical_or_safety_ground", "Art 5(1)(f)")

within(deployment, questionnaire) if deployment.predicate.purpose == questionnaire.predicate.medical_or_safety_ground.claim

whole if feeds.all_seen_back(deployments, input.evidence["feed-status"], "deployment-record", data.parameters.event_log_keep)

approved(questionnaire) if records.approved_in_law_after(approvals, input.gate, questionnaire)

findings contains say.breach("ground-approved", questionnaire, "medical_or_safety_ground", "no medical or safety ground stands with a reason and two signatures") if {
	count(claimants) > 0
	some questionnaire in questionnaires
	not lifted(questionnaire)
}

findings contains say.breach("ground-approved", questionnaire, "medical_or_safety_ground", "nobody who answers for the law approved the use at this gate after these answers, or it was rejected since") if {
	count(claimants) > 0
	some questionnaire in questionnaires
	count(approvals) > 0
	not approved(questionnaire)
}

findings contains feeds.gap_back("purpose-within-ground", deployments, input.evidence["feed-status"], "deployment-record", data.parameters.event_log_keep) if not whole

findings contains say.breach("purpose-within-ground", deployment, "purpose", "the deployment runs for another purpose than the ground") if {
	count(claimants) > 0
	some questionnaire in questionnaires
	some deployment in deployments
	not within(deployment, questionnaire)
}
