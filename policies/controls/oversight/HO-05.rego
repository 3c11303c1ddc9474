# METADATA
# title: Reviewer overload falls back safely
# description: >-
#   Whenever the backlog of a review queue passed its limit, the fallback was engaged soon after. Which overloads there
#   were, in a whole recent window, is the word of the case system.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: [review-queue-stats]
#   parameters: [fallback_max_minutes, max_review_backlog, min_live_window_days]
#   objectives:
#     falls-back: {says: A fallback was engaged in time at every overload of reviewers., covers: [S3.M6.7]}
#   may_be_empty: {review-queue-stats.overload_events: a queue without any overload is the usual state}
#   frameworks: {eu-ai-act: ["14"], nist-ai-rmf: ["GOVERN 3.2", "MAP 3.5"], iso-42001: ["A.9.2"]}
#   remediation: Engage the fallback sooner when the backlog passes its limit.
package controls.oversight.HO_05

import data.lib.findings as say
import data.lib.queues as queues_of
import data.lib.time as calendar

queues := input.evidence["review-queue-stats"]

satisfied contains "falls-back" if {
	count(queues) > 0
	every queue in queues {
		is_array(queue.predicate.overload_events)
		queues_of.recent(queue, data.parameters.min_live_window_days, input.now)
		count([overload | some overload in queue.predicate.overload_events; not met(overload)]) == 0
	}
}

met(overload) if overload.backlog <= data.parameters.max_review_backlog

met(overload) if calendar.at_most_minutes_between(overload.at, overload.fallback_at, data.parameters.fallback_max_minutes)

findings contains say.also(stuck, {"observed": overload.at, "expected": data.parameters.fallback_max_minutes}) if {
	some queue in queues
	some overload in queue.predicate.overload_events
	not met(overload)
	stuck := say.breach("falls-back", queue, "overload_events", "the overload of {observed} had no fallback within {expected} minutes")
}

findings contains queues_of.gap("falls-back", queue) if {
	some queue in queues
	not queues_of.recent(queue, data.parameters.min_live_window_days, input.now)
}
