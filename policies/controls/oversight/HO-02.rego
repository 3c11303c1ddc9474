# METADATA
# title: Review turnaround meets tier target
# description: >-
#   The 95th percentile of every review queue, over a whole recent window, lies within the time of the strictest tier that a current classification
#   gives. The queue for ethical concerns has a target of its own (HO-04) and is left out where it takes in nothing else.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: [risk-classification, review-queue-stats]
#   parameters: [min_live_window_days, review_sla_minutes]
#   objectives:
#     in-time: {says: Every review queue answers within the time of its risk tier., covers: [S3.M6.3]}
#   may_be_empty: {review-queue-stats.routed: what a queue took in matters only where it is named for ethical concerns}
#   frameworks: {eu-ai-act: ["14"], nist-ai-rmf: ["GOVERN 3.2", "MAP 3.5"], iso-42001: ["A.9.2"]}
#   remediation: Add reviewers or lower the load until the tier's review time is met.
package controls.oversight.HO_02

import data.lib.findings as say
import data.lib.queues as queues_of
import data.lib.tiers

classifications := input.evidence["risk-classification"]

queues := [queue | some queue in input.evidence["review-queue-stats"]; not of_concerns(queue)]

of_concerns(queue) if {
	queue.predicate.queue == "ethical-concern"
	count(queue.predicate.routed) == 1
	queue.predicate.routed["ethical-concern"] > 0
}

target := data.parameters.review_sla_minutes[tiers.rank(tiers.strictest([classification.predicate.tier |
	some classification in classifications
]))]

satisfied contains "in-time" if {
	count(classifications) > 0
	count(queues) > 0
	every queue in queues {
		queue.predicate.turnaround_p95_minutes <= target
		queues_of.recent(queue, data.parameters.min_live_window_days, input.now)
	}
}

findings contains say.none("in-time", "evidence/review-queue-stats", "no figures tell of a queue that people review") if {
	count(queues) == 0
}

findings contains say.also(slow, {"observed": queue.predicate.turnaround_p95_minutes, "expected": allowed}) if {
	some queue in queues
	allowed := target
	queue.predicate.turnaround_p95_minutes > allowed
	slow := say.breach("in-time", queue, "turnaround_p95_minutes", "review takes {observed} minutes at the 95th percentile, and {expected} are allowed")
}

findings contains queues_of.gap("in-time", queue) if {
	some queue in queues
	not queues_of.recent(queue, data.parameters.min_live_window_days, input.now)
}
