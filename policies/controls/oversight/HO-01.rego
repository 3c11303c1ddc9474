# METADATA
# title: Uncertain or outlying outputs routed to people
# description: >-
#   In one and the same window, the service counted exactly as many outlying outputs, and as many of low confidence, as
#   the review queues took in for that reason. Counts of all endpoints and queues of a window are added up. A count must
#   be taken at the limit that is asked for or a stricter one, over a whole recent window, with nearly all samples. Of each
#   queue the latest figures are compared; older ones, whose counts are gone, stand aside where the next leave no gap.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [operation]
#   evidence: [telemetry-series, review-queue-stats]
#   parameters: [min_live_window_days, min_telemetry_coverage, output_outlier_score, review_confidence]
#   objectives:
#     outliers-routed: {says: Every outlying output went to a queue of people., covers: [S3.M4.4]}
#     uncertain-routed: {says: Every output of low confidence went to a queue of people., covers: [S3.M6.1]}
#   may_stand_beside: {telemetry-series.signal: a series of another signal counts no outputs}
#   frameworks: {eu-ai-act: ["14(4)"], nist-ai-rmf: ["GOVERN 3.2", "MAP 3.5"], iso-42001: ["A.9.2"]}
#   remediation: Route the outputs that bypassed review to the human queue.
package controls.oversight.HO_01

import data.lib.findings as say
import data.lib.numbers
import data.lib.time as calendar

queues := input.evidence["review-queue-stats"]

# The count and the reason of routing of each objective.
kinds := {
	"outliers-routed": {"signal": "outlier-count", "reason": "outlier"},
	"uncertain-routed": {"signal": "low-confidence-count", "reason": "low-confidence"},
}

counts(objective) := [series | some series in input.evidence["telemetry-series"]; series.predicate.signal == kinds[objective].signal]

satisfied contains "outliers-routed" if all_routed("outliers-routed")

satisfied contains "uncertain-routed" if all_routed("uncertain-routed")

all_routed(objective) if {
	count(counts(objective)) > 0
	every series in counts(objective) {
		sound(objective, series.predicate)
		counted(objective, series) == numbers.micro(routed(objective, series))
	}
	count(queues) > 0
	every queue in queues {
		compared(objective, queue)
	}
}

# All counts of the window in millionths, and all that was routed in it.
counted(objective, series) := sum([numbers.micro(other.predicate.value) |
	some other in counts(objective)
	other.predicate.window == series.predicate.window
])

routed(objective, series) := sum([object.get(queue.predicate.routed, kinds[objective].reason, 0) |
	some queue in queues
	queue.predicate.window == series.predicate.window
])

sound(objective, series) if {
	series.value >= 0
	strict(objective, series.counted_beyond)
	series.percentile == "none"
	series.coverage >= data.parameters.min_telemetry_coverage
	calendar.at_least_days_between(series.window.start, series.window.end, data.parameters.min_live_window_days)
	calendar.within_days(series.window.end, data.parameters.min_live_window_days, input.now)
}

strict("outliers-routed", limit) if {
	0 <= limit
	limit <= data.parameters.output_outlier_score
}

strict("uncertain-routed", limit) if limit >= data.parameters.review_confidence

compared(objective, queue) if {
	some series in counts(objective)
	series.predicate.window == queue.predicate.window
}

# A series counts for minutes and figures of a queue for a week: what was compared in its own time stands aside, once newer
# figures of the queue, which leave no gap, are compared.
compared(objective, queue) if {
	calendar.at_least_days_between(queue.predicate.window.start, queue.predicate.window.end, data.parameters.min_live_window_days)
	some newer in queues
	newer.predicate.queue == queue.predicate.queue
	newer.predicate.window.start <= queue.predicate.window.end
	queue.predicate.window.end < newer.predicate.window.end
	some series in counts(objective)
	series.predicate.window == newer.predicate.window
}

findings contains say.none(objective, "evidence/telemetry-series", "no series counts these outputs") if {
	some objective, _ in kinds
	count(counts(objective)) == 0
}

findings contains say.gap(objective, series, "window", "the count is of another limit than is asked for, of a short or old window, or lacks samples or its value") if {
	some objective, _ in kinds
	some series in counts(objective)
	not sound(objective, series.predicate)
}

findings contains say.gap(objective, queue, "window", "the figures of the queue are of no window in which outputs were counted") if {
	some objective, _ in kinds
	count(counts(objective)) > 0
	some queue in queues
	not compared(objective, queue)
}

findings contains say.also(astray, {"observed": number}) if {
	some objective, _ in kinds
	some series in counts(objective)
	some queue in queues
	queue.predicate.window == series.predicate.window
	number := routed(objective, series)
	counted(objective, series) != numbers.micro(number)
	astray := say.breach(objective, series, "value", "{observed} outputs were routed to people in the window, and another number was counted")
}
