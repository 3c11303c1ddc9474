# METADATA
# title: Endpoint telemetry complete and within limits
# description: >-
#   Every endpoint that any series names reports every signal that is asked for, lately and with few samples lost; latency
#   and queue stay within their limits, and the slowest answers did not slow down against the baseline. Which endpoints
#   there are is what the telemetry says.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: [telemetry-series]
#   parameters: [max_latency_p95_ms, max_latency_rise, max_queue_length, min_telemetry_coverage, telemetry_max_age_minutes]
#   objectives:
#     no-bottleneck: {says: Latency and queue of each endpoint stay within their limits., covers: [S0.M5.7]}
#     signals-whole:
#       says: "Each endpoint reports latency, errors and payload size with few samples lost."
#       covers: [S2.M5.1]
#     inputs-captured:
#       says: "Each endpoint lately reported its inputs, its confidence and its latency."
#       covers: [S3.M4.1]
#     tail-steady:
#       says: "Each endpoint reports three percentiles of latency, and the slowest did not rise much against the baseline."
#       covers: [S4.M5.2]
#   may_stand_beside:
#     telemetry-series.signal: a series of another signal says nothing of these
#     telemetry-series.percentile: the median and the slowest answers stand beside the percentile that has the limit
#   frameworks: {nist-ai-rmf: ["MEASURE 2.4", "MANAGE 4.1"], iso-42001: ["A.6.2.6"]}
#   remediation: Restore the missing signal and bring the endpoint back within its limits.
package controls.monitoring.MON_01

import data.lib.findings as say
import data.lib.numbers
import data.lib.time as calendar

series := input.evidence["telemetry-series"]

endpoints contains one.predicate.endpoint if some one in series

# The signals that each objective asks of every endpoint, and the percentiles of latency.
asked := {
	"no-bottleneck": {"latency p95", "queue-length"},
	"signals-whole": {"latency", "error-rate", "payload-size"},
	"inputs-captured": {"latency", "input-distribution", "confidence"},
	"tail-steady": {"latency p50", "latency p95", "latency p99"},
}

reported contains [one.predicate.endpoint, one.predicate.signal] if some one in series

told contains [one.predicate.endpoint, concat(" ", [one.predicate.signal, one.predicate.percentile])] if some one in series

wanted(objective) := {[endpoint, signal] |
	some endpoint in endpoints
	some signal in asked[objective]
}

# With the percentile where that is asked for, and without.
no_bottleneck_absent := {pair | some pair in wanted("no-bottleneck"); not pair in told; not pair in reported}

tail_absent := wanted("tail-steady") - told

absent(objective) := wanted(objective) - reported

judged(objective) := [one |
	some one in series
	some signal in asked[objective]
	split(signal, " ")[0] == one.predicate.signal
]

satisfied contains "no-bottleneck" if {
	count(endpoints) > 0
	count(no_bottleneck_absent) == 0
	count(judged("no-bottleneck")) > 0
	every one in judged("no-bottleneck") {
		within_limit(one)
	}
}

satisfied contains "signals-whole" if {
	count(endpoints) > 0
	count(absent("signals-whole")) == 0
	count(judged("signals-whole")) > 0
	every one in judged("signals-whole") {
		whole(one)
	}
}

satisfied contains "inputs-captured" if {
	count(endpoints) > 0
	count(absent("inputs-captured")) == 0
	count(judged("inputs-captured")) > 0
	every one in judged("inputs-captured") {
		fresh(one)
	}
}

satisfied contains "tail-steady" if {
	count(endpoints) > 0
	count(tail_absent) == 0
	count(judged("tail-steady")) > 0
	every one in judged("tail-steady") {
		steady(one)
	}
}

within_limit(one) if {
	one.predicate.signal == "queue-length"
	one.predicate.value <= data.parameters.max_queue_length
	one.predicate.value >= 0
}

within_limit(one) if {
	one.predicate.signal == "latency"
	one.predicate.percentile != "p99"
	one.predicate.value <= data.parameters.max_latency_p95_ms
	one.predicate.value >= 0
}

within_limit(one) if {
	one.predicate.signal == "latency"
	one.predicate.percentile == "p99"
}

whole(one) if one.predicate.coverage >= data.parameters.min_telemetry_coverage

fresh(one) if calendar.within_minutes(one.predicate.last_sample_at, data.parameters.telemetry_max_age_minutes, input.now)

steady(one) if one.predicate.percentile in {"p50", "p95", "none"}

steady(one) if {
	one.predicate.percentile == "p99"
	one.predicate.baseline_value > 0
	numbers.at_most_above(one.predicate.value, one.predicate.baseline_value, data.parameters.max_latency_rise)
}

findings contains say.also(open, {"values": {"endpoint": endpoint, "signal": signal}}) if {
	some objective, pairs in {
		"no-bottleneck": no_bottleneck_absent,
		"signals-whole": absent("signals-whole"),
		"inputs-captured": absent("inputs-captured"),
		"tail-steady": tail_absent,
	}
	some [endpoint, signal] in pairs
	open := say.none(objective, "evidence/telemetry-series", "the endpoint {endpoint} does not report {signal}")
}

findings contains say.also(over, {"observed": one.predicate.value, "values": {"endpoint": one.predicate.endpoint, "signal": one.predicate.signal}}) if {
	some one in judged("no-bottleneck")
	not within_limit(one)
	over := say.breach("no-bottleneck", one, "value", "{signal} of {endpoint} is {observed}, beyond its limit")
}

findings contains say.also(lost, {"observed": one.predicate.coverage, "expected": data.parameters.min_telemetry_coverage, "values": {"endpoint": one.predicate.endpoint, "signal": one.predicate.signal}}) if {
	some one in judged("signals-whole")
	not whole(one)
	lost := say.breach("signals-whole", one, "coverage", "of the samples of {signal} of {endpoint} only {observed} came, {expected} is asked for")
}

findings contains say.also(old, {"observed": one.predicate.last_sample_at, "values": {"endpoint": one.predicate.endpoint, "signal": one.predicate.signal}}) if {
	some one in judged("inputs-captured")
	not fresh(one)
	old := say.breach("inputs-captured", one, "last_sample_at", "the newest sample of {signal} of {endpoint} is of {observed}")
}

findings contains say.also(slower, {"observed": one.predicate.value, "values": {"endpoint": one.predicate.endpoint}}) if {
	some one in judged("tail-steady")
	not steady(one)
	slower := say.breach("tail-steady", one, "baseline_value", "the slowest answers of {endpoint} take {observed} ms, much longer than in the baseline, or no baseline is known")
}
