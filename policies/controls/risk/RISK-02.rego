# METADATA
# title: Applicable legal clauses mapped to evaluated controls
# description: >-
#   The classification names the clauses of the AI Act that follow from every current questionnaire, no more and no fewer,
#   and each clause that it names, of whatever law, has a control. Only a classification that Quaestor derived counts: its
#   controls are those of the bundle. Whether these were run and what came out, the decision tells beside this control.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [registration, production]
#   evidence: {risk-classification: derived, risk-questionnaire: any}
#   parameters: [annex_iii_points, gpai_exaflop, prohibited_new_from, systemic_risk_exaflop]
#   objectives:
#     clauses-complete: {says: The classification names the clauses of the AI Act that follow from the questionnaire., covers: [S3.M1.2]}
#     clauses-answered:
#       says: Each legal clause of the classification has a control that answers it.
#       covers: [S3.M1.2]
#       reads: [risk-classification]
#   may_be_empty: {risk-questionnaire.signature.roles: the roles of who signed count for the reviewer of a claim alone}
#   may_differ:
#     risk-classification.control_ids: a derived classification takes the names from the bundle, and which of them are right no record can tell
#   may_stand_beside:
#     risk-questionnaire.signature.signer: one more person who signed the same answers takes nothing away from the others
#   frameworks: {nist-ai-rmf: ["GOVERN 1.1"], iso-42001: ["A.2.2"]}
#   remediation: "Classify the system again, and add a control for each clause that none answers."
package controls.risk.RISK_02

import data.lib.findings as say
import data.risk.tier

classifications := input.evidence["risk-classification"]

questionnaires := input.evidence["risk-questionnaire"]

satisfied contains "clauses-complete" if {
	count(classifications) > 0
	count(questionnaires) > 0
	every classification in classifications {
		every questionnaire in questionnaires {
			named(classification) == expected(questionnaire)
		}
	}
}

satisfied contains "clauses-answered" if {
	count(classifications) > 0
	every classification in classifications {
		count(classification.predicate.legal_clauses) >= 0
		count(unanswered(classification)) == 0
	}
}

# The clauses of the Act that a classification names; those of other laws nobody computes.
named(classification) := {clause | some clause in clauses; startswith(clause, "eu-ai-act:")} if {
	clauses := classification.predicate.legal_clauses
}

# Nothing can be expected of answers that leave the tier open.
expected(questionnaire) := clauses if {
	tier.answers[questionnaire.id].tier != "undetermined"
	clauses := {clause |
		some article in tier.answers[questionnaire.id].articles
		clause := concat("", ["eu-ai-act:", trim_prefix(article, "Art ")])
	}
}

unanswered(classification) := [clause |
	some clause in classification.predicate.legal_clauses
	count([id | some id in classification.predicate.control_ids[clause]]) == 0
]

findings contains say.also(other, {"observed": sort([clause | some clause in named(classification)]), "expected": wanted}) if {
	some classification in classifications
	some questionnaire in questionnaires
	named(classification) != expected(questionnaire)
	wanted := sort([clause | some clause in expected(questionnaire)])
	other := say.breach("clauses-complete", classification, "legal_clauses", "the classification names {observed}, the questionnaire leads to {expected}")
}

findings contains say.gap("clauses-complete", questionnaire, "task", "the answers leave the tier open, and with it the clauses that apply") if {
	some questionnaire in questionnaires
	tier.answers[questionnaire.id].tier == "undetermined"
}

findings contains say.also(open, {"values": {"clause": clause}}) if {
	some classification in classifications
	some clause in unanswered(classification)
	open := say.breach("clauses-answered", classification, "control_ids", "no control answers {clause}")
}
