# METADATA
# title: Overrides logged with reason
# description: >-
#   Every decision of a week and more tells what the system answered and what was decided; where the two differ, who
#   overrode and why. A decision that leaves either answer open cannot be told from an override and is a gap. That the log
#   shows the answer which the system gave is the word of the system that keeps the log.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: [decision-log, feed-status]
#   parameters: [min_live_window_days]
#   objectives:
#     overrides-reasoned: {says: Every override names the person and the reason., covers: [S3.M6.6]}
#   may_stand_beside: {feed-status.feed: another feed says nothing of decisions}
#   frameworks: {eu-ai-act: ["14(4)(d)"], nist-ai-rmf: ["MEASURE 2.8"]}
#   remediation: Require a reason before an override can be saved.
package controls.oversight.HO_03

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.text

decisions := input.evidence["decision-log"]

whole if feeds.all_seen_for(decisions, input.evidence["feed-status"], "decision-log", data.parameters.min_live_window_days)

satisfied contains "overrides-reasoned" if {
	whole
	count([decision | some decision in decisions; not reasoned(decision)]) == 0
}

reasoned(decision) if {
	text.told(decision.predicate.original_output)
	decision.predicate.original_output == decision.predicate.final_output
}

reasoned(decision) if {
	both_answers(decision)
	decision.predicate.original_output != decision.predicate.final_output
	records.named(decision.predicate.reviewer.id)
	records.filled(decision.predicate.rationale)
}

both_answers(decision) if {
	text.told(decision.predicate.original_output)
	text.told(decision.predicate.final_output)
}

findings contains feeds.gap_for("overrides-reasoned", decisions, input.evidence["feed-status"], "decision-log", data.parameters.min_live_window_days) if not whole

findings contains say.gap("overrides-reasoned", decision, "original_output", "what the system answered, or what was decided, is not logged") if {
	some decision in decisions
	not both_answers(decision)
}

findings contains say.breach("overrides-reasoned", decision, "rationale", "an answer was overridden, and the reason or the person is not logged") if {
	some decision in decisions
	both_answers(decision)
	not reasoned(decision)
}
