# METADATA
# title: Risk tier computed, confirmed and reviewed
# description: >-
#   The tier of the classification is the one that policies/risk computes from every current questionnaire, weighed with
#   the impact and automation levels of the classification; it stands in the way of nothing, and its review is not
#   overdue nor put off. Automation level and sensitive domain say what the questionnaire says. Read strictly: the declared
#   tier must be the computed one, since a milder and a stricter declaration are both a disagreement that somebody must
#   settle.
# custom:
#   severity: blocker
#   basis: policy
#   waivable: true
#   mode: hybrid
#   gates: [registration, production, operation]
#   evidence: [risk-classification, risk-questionnaire]
#   parameters: [annex_iii_points, classification_review_days, gpai_exaflop, prohibited_new_from, systemic_risk_exaflop]
#   objectives:
#     tier-computed: {says: The recorded risk tier is the one that follows from the risk questionnaire., covers: [S1.M8.1]}
#     tier-declared: {says: The owner declares the tier that was computed., covers: [S1.M8.1], reads: [risk-classification]}
#     tier-allowed: {says: 'The tier is known, and the use is not prohibited.', covers: [S1.M8.1], reads: [risk-classification]}
#     review-ahead:
#       says: The next review of the classification lies ahead, and not too far.
#       covers: [S1.M8.1]
#       reads: [risk-classification]
#     levels-agree:
#       says: Automation level and sensitive domain of the classification agree with the questionnaire.
#       covers: [S1.M8.1]
#   may_be_empty: {risk-questionnaire.signature.roles: the roles of who signed count for the reviewer of a claim alone}
#   may_stand_beside:
#     risk-questionnaire.signature.signer: one more person who signed the same answers takes nothing away from the others
#   frameworks: {nist-ai-rmf: ["GOVERN 1.3", "MAP 1.1", "MAP 5.1"], iso-42001: ["A.5.2"], eu-ai-act: ["6(1)", "6(2)"]}
#   remediation: Complete the risk questionnaire, let the tier be computed, and correct the declared tier or set a new review date.
package controls.risk.RISK_01

import data.lib.findings as say
import data.lib.time as calendar
import data.risk.facts
import data.risk.tier

questionnaires := input.evidence["risk-questionnaire"]

classifications := input.evidence["risk-classification"]

satisfied contains "tier-computed" if {
	count(questionnaires) > 0
	count(classifications) > 0
	every classification in classifications {
		every questionnaire in questionnaires {
			classification.predicate.tier == tier.computed(questionnaire, classification)
		}
	}
}

satisfied contains "tier-declared" if {
	count(classifications) > 0
	every classification in classifications {
		classification.predicate.declared_tier == classification.predicate.tier
	}
}

satisfied contains "tier-allowed" if {
	count(classifications) > 0
	every classification in classifications {
		not_stopped(classification.predicate.tier)
	}
}

satisfied contains "review-ahead" if {
	count(classifications) > 0
	every classification in classifications {
		classification.predicate.next_review > input.now
		classification.predicate.next_review <= latest_review
	}
}

satisfied contains "levels-agree" if {
	count(questionnaires) > 0
	count(classifications) > 0
	every classification in classifications {
		every questionnaire in questionnaires {
			automation_agrees(questionnaire.predicate, classification.predicate.automation_level)
			domain_agrees(questionnaire.predicate, classification.predicate.sensitive_domain)
		}
	}
}

latest_review := calendar.add_days(input.now, data.parameters.classification_review_days)

# 0 advice only, 1 a human decides, 2 a human can stop it, 3 it acts alone.
automation_agrees(q, level) if {
	q.solely_automated == true
	level in {2, 3}
}

automation_agrees(q, level) if {
	q.solely_automated == false
	level in {0, 1, 2}
}

# Points of Annex III that a sensitive domain is about.
domains := {
	"hiring": ["4a"],
	"employment": ["4a", "4b"],
	"lending": ["5b"],
	"credit": ["5b"],
	"insurance": ["5c"],
	"education": ["3a", "3b", "3c", "3d"],
	"law-enforcement": ["6a", "6b", "6c", "6d", "6e"],
	"migration": ["7a", "7b", "7c", "7d"],
	"justice": ["6c", "8a"],
}

# Uses of a domain that Annex III leaves out.
outside_annex_iii := {"insurance": "other-insurance", "credit": "fraud-alert", "lending": "fraud-alert"}

domain_agrees(_, domain) if domain in {"none", "health"}

domain_agrees(q, domain) if {
	some point in domains[domain]
	facts.said_yes(q, point)
}

domain_agrees(q, domain) if outside_annex_iii[domain] in q.decisions

# Effects on nobody: companies are insured and lent to as well.
domain_agrees(q, domain) if {
	domain in {"credit", "insurance", "lending"}
	q.personal_data == false
	q.significant_effect == false
	q.decisions == []
}

not_stopped(name) if not name in {"prohibited", "undetermined"}

findings contains other if {
	some classification in classifications
	some questionnaire in questionnaires
	recorded := classification.predicate.tier
	expected := tier.computed(questionnaire, classification)
	recorded != expected
	other := say.also(
		say.breach("tier-computed", classification, "tier", "the classification says {observed}, the questionnaire leads to {expected}"),
		{"observed": recorded, "expected": expected},
	)
}

findings contains open if {
	some classification in classifications
	some questionnaire in questionnaires
	answer := tier.answers[questionnaire.id]
	answer.tier == "undetermined"
	classification.predicate.tier != "undetermined"
	some reason in answer.reasons
	open := {
		"objective": "tier-computed",
		"message": "the tier is undetermined: {reason}",
		"values": {"reason": reason},
		"evidence": questionnaire.id,
		"gap": true,
	}
}

findings contains say.also(declared, {"observed": told, "expected": recorded}) if {
	some classification in classifications
	told := classification.predicate.declared_tier
	recorded := classification.predicate.tier
	told != recorded
	declared := say.breach("tier-declared", classification, "declared_tier", "the owner declares {observed}, the classification says {expected}")
}

findings contains say.also(forbidden, {"observed": "prohibited"}) if {
	some classification in classifications
	classification.predicate.tier == "prohibited"
	forbidden := say.breach("tier-allowed", classification, "tier", "the practice is prohibited by Art 5 of the AI Act")
}

findings contains say.also(unknown, {"observed": "undetermined"}) if {
	some classification in classifications
	classification.predicate.tier == "undetermined"
	unknown := say.gap("tier-allowed", classification, "tier", "the tier is undetermined: a decisive fact is unknown")
}

findings contains say.also(overdue, {"observed": review, "expected": input.now}) if {
	some classification in classifications
	review := classification.predicate.next_review
	review <= input.now
	overdue := say.breach("review-ahead", classification, "next_review", "the review of the classification is overdue")
}

findings contains say.also(late, {"observed": review, "expected": latest}) if {
	some classification in classifications
	review := classification.predicate.next_review
	latest := latest_review
	review > latest
	late := say.breach("review-ahead", classification, "next_review", "the review of the classification is put off for longer than is allowed")
}

findings contains say.also(against, {"observed": level}) if {
	some classification in classifications
	some questionnaire in questionnaires
	level := classification.predicate.automation_level
	not automation_agrees(questionnaire.predicate, level)
	against := say.breach("levels-agree", classification, "automation_level", "the automation level speaks against solely_automated of the questionnaire")
}

findings contains say.also(unanswered, {"observed": domain}) if {
	some classification in classifications
	some questionnaire in questionnaires
	domain := classification.predicate.sensitive_domain
	not domain_agrees(questionnaire.predicate, domain)
	unanswered := say.breach("levels-agree", classification, "sensitive_domain", "the classification names a sensitive domain, and the questionnaire answers no point of it yes")
}
