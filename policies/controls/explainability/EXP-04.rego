# METADATA
# title: Explanation retrievable for each decision
# description: >-
#   Of the logged predictions that count as high-stakes nearly all have a stored explanation, and so has every adverse
#   decision about a person in a feed that is whole: an explanation of the very model that decided. A system of high risk
#   has high-stakes predictions; where another logs none, there is nothing to explain. Which predictions count as
#   high-stakes is the word of the system that logs them.
# custom:
#   severity: major
#   basis: law
#   law_scope: {tiers: [high-annex-iii], roles: [deployer], from: D-HR-OPEN}
#   gates: [production, operation]
#   evidence: [decision-log, feed-status, prediction-log]
#   parameters: [min_explained_share, min_live_window_days]
#   objectives:
#     predictions-explained:
#       says: High-stakes predictions have a stored explanation.
#       at: [operation]
#       covers: [S2.M5.7]
#       reads: [prediction-log]
#     decisions-explained:
#       says: Every adverse decision has an explanation of the model that decided.
#       only: law-scope
#       reads: [decision-log, feed-status]
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of decisions
#     prediction-log.high_stakes: a prediction of low stakes owes no explanation
#   frameworks:
#     eu-ai-act: ["86"]
#     gdpr: ["15(1)(h)"]
#     nist-ai-rmf: ["MEASURE 2.9", "MEASURE 3.3"]
#     iso-42001: ["A.8.5"]
#   remediation: Store the explanation with each high-stakes decision.
package controls.explainability.EXP_04

import data.lib.feeds
import data.lib.findings as say
import data.lib.numbers
import data.lib.records
import data.lib.tiers

predictions := input.evidence["prediction-log"]

decisions := input.evidence["decision-log"]

statuses := input.evidence["feed-status"]

stakes := [row | some row in predictions; row.predicate.high_stakes]

calm := [row | some row in predictions; row.predicate.high_stakes == false]

explained := [row | some row in stakes; has_explanation(row)]

# By rows, and by requests: no request told again makes up for another, nor do rows under one number hide behind it.
requests := {row.predicate.request_id | some row in stakes}

open := {row.predicate.request_id | some row in stakes; not has_explanation(row)}

has_explanation(row) if records.named(row.predicate.explanation_ref)

satisfied contains "predictions-explained" if {
	count(stakes) > 0
	count(stakes) + count(calm) == count(predictions)
	enough
}

satisfied contains "predictions-explained" if {
	count(calm) > 0
	count(calm) == count(predictions)
	mild
}

mild if tiers.rank(input.system.tier) in {"limited", "minimal"}

enough if {
	numbers.at_least_share(count(explained), count(stakes), data.parameters.min_explained_share)
	numbers.at_least_share(count(requests - open), count(requests), data.parameters.min_explained_share)
}

whole if feeds.all_seen_for(decisions, statuses, "decision-log", data.parameters.min_live_window_days)

# Decisions that are adverse, or do not say that they are not.
adverse := [decision | some decision in decisions; not decision.predicate.adverse == false]

satisfied contains "decisions-explained" if {
	whole
	count(unexplained) == 0
}

unexplained := [decision | some decision in adverse; not retrievable(decision)]

retrievable(decision) if {
	records.named(decision.predicate.explanation_ref)
	decision.predicate.explanation_digest == decision.predicate.artifact_digest
}

findings contains say.none("predictions-explained", "evidence/prediction-log", "no prediction of this system of high risk is logged as high-stakes") if {
	count(predictions) > 0
	count(stakes) == 0
	not mild
}

findings contains say.also(row_open, {"expected": data.parameters.min_explained_share}) if {
	not enough
	some row in stakes
	not has_explanation(row)
	row_open := say.breach("predictions-explained", row, "explanation_ref", "a high-stakes prediction has no stored explanation, and too few have one")
}

findings contains feeds.gap_for("decisions-explained", decisions, statuses, "decision-log", data.parameters.min_live_window_days) if not whole

findings contains say.breach("decisions-explained", decision, "explanation_ref", "an adverse decision has no explanation of the model that decided") if {
	some decision in unexplained
}
