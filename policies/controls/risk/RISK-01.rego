# METADATA
# title: Risk tier computed, confirmed and reviewed
# description: >-
#   The tier of the classification is the one that policies/risk computes from every current questionnaire, weighed with
#   the impact and automation levels of the classification; it stands in the way of nothing, and its review is not
#   overdue. Read strictly: the declared tier must be the computed one, since a milder and a stricter declaration are
#   both a disagreement that somebody must settle.
# custom:
#   id: RISK-01
#   pack: core
#   severity: blocker
#   basis: policy
#   waivable: true
#   mode: hybrid
#   tiers: [any]
#   roles: [any]
#   gates: [registration, production, operation]
#   applies_from: D-POL
#   evidence:
#     risk-classification: any
#     risk-questionnaire: any
#   parameters: [annex_iii_points, prohibited_new_from]
#   objectives:
#     tier-computed:
#       says: The recorded risk tier is the one that follows from the risk questionnaire.
#       covers: [S1.M8.1]
#     tier-declared:
#       says: The owner declares the tier that was computed.
#       covers: [S1.M8.1]
#       reads: [risk-classification]
#     tier-allowed:
#       says: The tier is known, and the use is not prohibited.
#       covers: [S1.M8.1]
#       reads: [risk-classification]
#     review-ahead:
#       says: The next review of the classification lies ahead.
#       covers: [S1.M8.1]
#       reads: [risk-classification]
#   frameworks:
#     nist-ai-rmf: ["GOVERN 1.3", "MAP 1.1", "MAP 5.1"]
#     iso-42001: ["A.5.2"]
#     eu-ai-act: ["6(1)", "6(2)"]
#   remediation: Complete the risk questionnaire, let the tier be computed, and correct the declared tier or set a new review date.
package controls.risk.RISK_01

import data.risk.tier

questionnaires := input.evidence["risk-questionnaire"]

classifications := input.evidence["risk-classification"]

satisfied contains "tier-computed" if {
	count(questionnaires) > 0
	count(classifications) > 0
	every classification in classifications {
		every questionnaire in questionnaires {
			classification.predicate.tier == computed(questionnaire, classification)
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
	}
}

# The tier that a questionnaire leads to, with the levels of a classification.
computed(questionnaire, classification) := tier.weighed(
	tier.classify(questionnaire.predicate).tier,
	classification.predicate.impact_level,
	classification.predicate.automation_level,
)

not_stopped(name) if not name in {"prohibited", "undetermined"}

findings contains finding if {
	some classification in classifications
	some questionnaire in questionnaires
	expected := computed(questionnaire, classification)
	classification.predicate.tier != expected
	finding := {
		"objective": "tier-computed",
		"message": sprintf("the classification says %s, the questionnaire leads to %s", [
			classification.predicate.tier,
			expected,
		]),
		"evidence": classification.id,
		"observed": classification.predicate.tier,
		"expected": expected,
		"path": "tier",
	}
}

findings contains finding if {
	some classification in classifications
	some questionnaire in questionnaires
	answer := tier.classify(questionnaire.predicate)
	answer.tier == "undetermined"
	classification.predicate.tier != "undetermined"
	some reason in answer.reasons
	finding := {
		"objective": "tier-computed",
		"message": sprintf("the tier is undetermined: %s", [reason]),
		"gap": true,
		"evidence": questionnaire.id,
	}
}

findings contains finding if {
	some classification in classifications
	classification.predicate.declared_tier != classification.predicate.tier
	finding := {
		"objective": "tier-declared",
		"message": sprintf("the owner declares %s, the classification says %s", [
			classification.predicate.declared_tier,
			classification.predicate.tier,
		]),
		"evidence": classification.id,
		"observed": classification.predicate.declared_tier,
		"expected": classification.predicate.tier,
		"path": "declared_tier",
	}
}

findings contains finding if {
	some classification in classifications
	classification.predicate.tier == "prohibited"
	finding := {
		"objective": "tier-allowed",
		"message": "the practice is prohibited by Art 5 of the AI Act",
		"evidence": classification.id,
		"observed": "prohibited",
		"path": "tier",
	}
}

findings contains finding if {
	some classification in classifications
	classification.predicate.tier == "undetermined"
	finding := {
		"objective": "tier-allowed",
		"message": "the tier is undetermined: a decisive fact is unknown",
		"gap": true,
		"evidence": classification.id,
		"observed": "undetermined",
		"path": "tier",
	}
}

findings contains finding if {
	some classification in classifications
	classification.predicate.next_review <= input.now
	finding := {
		"objective": "review-ahead",
		"message": "the review of the classification is overdue",
		"evidence": classification.id,
		"observed": classification.predicate.next_review,
		"expected": input.now,
		"path": "next_review",
	}
}
