# METADATA
# title: Annex I and Annex III routes decided
# description: >-
#   Both routes to high risk are answered in full in every current questionnaire and lead to the recorded tier. Read
#   strictly: a point that Annex III itself takes out (verification under 1a, fraud detection under 5b, and so on) is
#   answered `not-applicable`, not `yes`, for a reason that a second person signed for; no more than a few points may be
#   so; and where Annex I makes a system high risk whose Annex III use is derogated, the
#   derogation must be consistent all the same.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   roles: [provider, deployer]
#   gates: [registration]
#   applies_from: D-HR
#   evidence: [risk-classification, risk-questionnaire]
#   parameters: [annex_iii_points, gpai_exaflop, max_not_applicable_points, prohibited_new_from, systemic_risk_exaflop]
#   objectives:
#     annex-i-decided:
#       says: Every Annex I question is answered and leads to the recorded tier.
#     annex-iii-answered:
#       says: Every point of Annex III has an explicit answer, and few of them are not applicable, for reasons signed twice.
#       reads: [risk-questionnaire]
#     annex-iii-decided:
#       says: Each point of Annex III answered yes leads to high risk or to a consistent derogation.
#   may_be_empty: {risk-questionnaire.signature.roles: the roles of who signed count for the reviewer of a claim alone}
#   may_stand_beside:
#     risk-questionnaire.signature.signer: one more person who signed the same answers takes nothing away from the others
#   frameworks:
#     eu-ai-act: ["3(14)", "6(1)", "6(1a)", "6(1b)", "6(1c)", "6(2)", "Annex I", "Annex III"]
#     nist-ai-rmf: ["MAP 1.1"]
#     iso-42001: ["A.5.2"]
#   remediation: Answer every Annex I and Annex III question; an unanswered one leaves the tier undetermined.
package controls.risk.RISK_07

import data.lib.findings as say
import data.risk.annex_i
import data.risk.facts
import data.risk.grounds
import data.risk.tier

questionnaires := input.evidence["risk-questionnaire"]

classifications := input.evidence["risk-classification"]

satisfied contains "annex-i-decided" if {
	count(questionnaires) > 0
	count(classifications) > 0
	every questionnaire in questionnaires {
		annex_i.route(questionnaire.predicate) in {"a", "b", "none"}
		every classification in classifications {
			classification.predicate.tier == tier.computed(questionnaire, classification)
			classification.predicate.tier != "undetermined"
		}
	}
}

satisfied contains "annex-iii-answered" if {
	count(questionnaires) > 0
	count(data.parameters.annex_iii_points) > 0
	every questionnaire in questionnaires {
		answers := grounds.signed(questionnaire)
		every point in data.parameters.annex_iii_points {
			facts.point_answered(answers, point)
		}
		count(left_out(questionnaire)) <= data.parameters.max_not_applicable_points
	}
}

satisfied contains "annex-iii-decided" if {
	count(questionnaires) > 0
	count(classifications) > 0
	every questionnaire in questionnaires {
		count(questionnaire.predicate.annex_iii_answers) > 0
		every classification in classifications {
			every answer in questionnaire.predicate.annex_iii_answers {
				leads_on(answer, questionnaire, classification.predicate.tier)
			}
		}
	}
}

# Points answered not-applicable, sorted.
left_out(questionnaire) := sort([point |
	some point, answer in questionnaire.predicate.annex_iii_answers
	answer == "not-applicable"
])

# What an answer to a point asks of the recorded tier.
leads_on(answer, _, _) if answer in {"no", "not-applicable"}

leads_on("yes", _, recorded) if recorded == "high-annex-iii"

leads_on("yes", questionnaire, recorded) if {
	"derogation: derogated" in tier.answers[questionnaire.id].path
	recorded in {"derogated", "high-annex-i-a", "high-annex-i-b"}
}

findings contains say.also(open, {"values": {"doubt": doubt}}) if {
	some questionnaire in questionnaires
	some doubt in annex_i.doubts(questionnaire.predicate)
	open := say.gap("annex-i-decided", questionnaire, "annex_i_entry", "Annex I leaves the route open: {doubt}")
}

findings contains say.also(other, {"observed": classification.predicate.tier, "expected": expected}) if {
	some questionnaire in questionnaires
	some classification in classifications
	expected := tier.computed(questionnaire, classification)
	classification.predicate.tier != expected
	other := say.breach("annex-i-decided", classification, "tier", "the classification says {observed}, the answers lead to {expected}")
}

findings contains say.gap("annex-i-decided", classification, "tier", "the recorded tier is undetermined: a decisive fact is unknown") if {
	some classification in classifications
	classification.predicate.tier == "undetermined"
}

findings contains say.also(open, {"expected": ["yes", "no", "not-applicable"], "values": {"what": what}}) if {
	some questionnaire in questionnaires
	answers := grounds.signed(questionnaire)
	some point in data.parameters.annex_iii_points
	not facts.point_answered(answers, point)
	what := facts.point_text(questionnaire.predicate, point)
	open := say.gap("annex-iii-answered", questionnaire, "annex_iii_answers", "Annex III leaves the route open: {what}")
}

findings contains say.also(mild, {"observed": recorded, "expected": ["derogated", "high-annex-iii"], "values": {"point": point}}) if {
	some questionnaire in questionnaires
	some classification in classifications
	recorded := classification.predicate.tier
	some point, answer in questionnaire.predicate.annex_iii_answers
	answer == "yes"
	not leads_on(answer, questionnaire, recorded)
	mild := say.breach("annex-iii-decided", classification, "tier", "point {point} of Annex III is answered yes, the classification says {observed}")
}

findings contains say.also(many, {"observed": points, "expected": data.parameters.max_not_applicable_points}) if {
	some questionnaire in questionnaires
	points := left_out(questionnaire)
	count(points) > data.parameters.max_not_applicable_points
	many := say.breach("annex-iii-answered", questionnaire, "annex_iii_answers", "more points of Annex III are answered not-applicable than may be: answer yes or no")
}
