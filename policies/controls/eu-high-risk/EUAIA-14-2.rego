# METADATA
# title: Two persons confirm a biometric identification
# description: >-
#   Where point 1(a) of Annex III is answered yes, every decision in the log that acts on an identification, or does not
#   say that it acts on another use that the questionnaire has, was confirmed by so many different persons, all competent,
#   or names the exemption of the law on which it relies. That verifiers were persons and competent, and that the
#   exemption holds, is the log's word.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high-annex-iii]
#   roles: [deployer]
#   gates: [production, operation]
#   applies_from: D-HR
#   evidence: [decision-log, feed-status, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [event_log_keep, min_biometric_verifiers]
#   objectives:
#     identifications-confirmed:
#       says: Every decision that acts on an identification was confirmed by persons enough.
#       reads: [decision-log, feed-status, risk-questionnaire]
#   may_stand_beside: {feed-status.feed: another feed says nothing of decisions}
#   frameworks: {eu-ai-act: ["14(5)"]}
#   remediation: Hold the action until a second competent person has confirmed the match.
package controls.eu_high_risk.EUAIA_14_2

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.text

questionnaires := input.evidence["risk-questionnaire"]

decisions := input.evidence["decision-log"]

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.annex_iii_answers["1a"] in {"no", "not-applicable"}
	}
}

applies if {
	some questionnaire in questionnaires
	questionnaire.predicate.annex_iii_answers["1a"] == "yes"
}

whole if feeds.all_seen_back(decisions, input.evidence["feed-status"], "decision-log", data.parameters.event_log_keep)

satisfied contains "identifications-confirmed" if {
	whole
	data.parameters.min_biometric_verifiers > 0
	count(unconfirmed) == 0
}

unconfirmed := [decision | some decision in decisions; not of_something_else(decision); not confirmed(decision)]

# It says so, and so does every questionnaire: else each identification could be called something else.
of_something_else(decision) if {
	point := decision.predicate.annex_iii_point
	point != "1a"
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.annex_iii_answers[point] == "yes"
	}
}

confirmed(decision) if {
	decision.predicate.verifiers_competent == true
	count({text.lower(text.bare(person)) | some person in decision.predicate.verifier_ids; records.named(person)}) >= data.parameters.min_biometric_verifiers
}

confirmed(decision) if records.filled(decision.predicate.legal_exemption)

findings contains feeds.gap_back("identifications-confirmed", decisions, input.evidence["feed-status"], "decision-log", data.parameters.event_log_keep) if not whole

findings contains say.also(alone, {"observed": count(verifiers), "expected": data.parameters.min_biometric_verifiers}) if {
	some decision in unconfirmed
	verifiers := {person | some person in decision.predicate.verifier_ids}
	alone := say.breach("identifications-confirmed", decision, "verifier_ids", "{observed} persons confirmed the identification, or not all were competent; {expected} must")
}
