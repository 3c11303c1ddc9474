# METADATA
# title: Prediction logs complete and tagged
# description: >-
#   Of the requests that were counted so many are logged, each sampled row holds the fields that the organisation asks for,
#   says which endpoint answered, of which the latency is measured too, and its trace resolves. Each step of a canary has a
#   log of as many rows as it had requests, and no log of it has another number. Read strictly: every sampled row counts,
#   and one that names no endpoint is not joined to anything.
#   Which rows are in the sample, and how many requests there were, is the word of the log store that brings them.
# custom:
#   severity: major
#   basis: policy
#   gates: [production, canary, operation]
#   evidence: [canary-metrics, prediction-log, telemetry-series]
#   parameters: [environments, min_log_coverage, min_trace_share, required_log_fields]
#   objectives:
#     requests-logged:
#       says: "Enough requests are logged, each with the fields that are asked for."
#       at: [operation]
#       covers: [S0.M5.3]
#       reads: [prediction-log]
#     answers-traced:
#       says: "Each row has its trace, input and answer, and the latency of its endpoint is measured."
#       at: [production, operation]
#       covers: [S1.M5.4]
#       reads: [prediction-log, telemetry-series]
#     traces-resolve:
#       says: Enough traces resolve from end to end.
#       at: [operation]
#       covers: [S2.M5.5]
#       reads: [prediction-log]
#     canary-logged:
#       says: The canary logged each of its requests.
#       at: [canary]
#       covers: [S3.M3.8]
#       reads: [canary-metrics, prediction-log]
#     rows-tagged:
#       says: "Each row has its deployment, a known environment and its tenant."
#       at: [operation]
#       covers: [S3.M4.6]
#       reads: [prediction-log]
#   may_differ: {prediction-log.at: any time before the filing may be that of a row}
#   may_stand_beside:
#     prediction-log.deployment_id: a row of another deployment says nothing of the canary
#     telemetry-series.signal: another signal says nothing of the latency
#     telemetry-series.endpoint: another endpoint says nothing of this one
#   frameworks: {nist-ai-rmf: ["MEASURE 2.8"], eu-ai-act: ["12(1)"], iso-42001: ["A.6.2.8"]}
#   remediation: Log the missing requests and fields.
package controls.audit_trail.LOG_01

import data.lib.findings as say
import data.lib.numbers
import data.lib.records

rows := input.evidence["prediction-log"]

canaries := input.evidence["canary-metrics"]

latencies := {series.predicate.endpoint | some series in input.evidence["telemetry-series"]; series.predicate.signal == "latency"}

satisfied contains "requests-logged" if {
	count(rows) > 0
	count(data.parameters.required_log_fields) > 0
	every row in rows {
		row.predicate.coverage >= data.parameters.min_log_coverage
		count(lacking(row)) == 0
	}
}

satisfied contains "answers-traced" if {
	count(rows) > 0
	every row in rows {
		traced(row)
	}
}

satisfied contains "traces-resolve" if {
	count(rows) > 0
	numbers.at_least_share(count(resolving), count(rows), data.parameters.min_trace_share)
	numbers.at_least_share(count(requests - lost_traces), count(requests), data.parameters.min_trace_share)
}

satisfied contains "canary-logged" if {
	count(canaries) > 0
	every canary in canaries {
		logged(canary)
	}
	count(strays) == 0
}

satisfied contains "rows-tagged" if {
	count(rows) > 0
	every row in rows {
		tagged(row)
	}
}

# What is asked for and not there; a field that rows do not have lacks in each.
lacking(row) := [field | some field in data.parameters.required_log_fields; not holds(row, field)]

holds(row, "output") if answered(row)

holds(row, "request_id") if records.named(row.predicate.request_id)

holds(row, "artifact_digest") if records.on_candidate(row)

holds(row, "input_ref") if records.named(row.predicate.input_ref)

holds(row, "at") if records.named(row.predicate.at)

holds(row, "deployment_id") if records.named(row.predicate.deployment_id)

holds(row, "environment") if records.named(row.predicate.environment)

holds(row, "tenant") if records.named(row.predicate.tenant)

holds(row, "trace_id") if records.named(row.predicate.trace_id)

answered(row) if not row.predicate.output in {null, ""}

traced(row) if {
	whole(row)
	timed(row)
}

timed(row) if row.predicate.endpoint in latencies

whole(row) if {
	records.named(row.predicate.trace_id)
	records.named(row.predicate.input_ref)
	answered(row)
}

resolving := [row | some row in rows; row.predicate.trace_resolves == true]

# By rows, and by requests: no request told again makes up for another, nor do rows under one number hide behind it.
requests := {row.predicate.request_id | some row in rows}

lost_traces := {row.predicate.request_id | some row in rows; not row.predicate.trace_resolves == true}

of_canary(record, canary) if record.predicate.deployment_id == canary.predicate.deployment_id

# Each step has a log of its own, and steps with as many requests as another do not share one.
logged(canary) if {
	steps := {step.event | some step in canaries; of_canary(step, canary); step.predicate.request_count == canary.predicate.request_count}
	logs := {row.event | some row in rows; of_step(row, canary)}
	count(steps) > 0
	count(logs) >= count(steps)
}

of_step(row, canary) if {
	of_canary(row, canary)
	row.predicate.row_count == canary.predicate.request_count
}

# Logs of a canary with as many rows as no step of it had requests.
strays := [row |
	some row in rows
	count([canary | some canary in canaries; of_canary(row, canary)]) > 0
	count([canary | some canary in canaries; of_step(row, canary)]) == 0
]

tagged(row) if {
	records.named(row.predicate.deployment_id)
	records.named(row.predicate.tenant)
	row.predicate.environment in data.parameters.environments
}

at_gate := {
	"production": ["answers-traced"],
	"canary": ["canary-logged"],
	"operation": ["requests-logged", "answers-traced", "traces-resolve", "rows-tagged"],
}[input.gate]

findings contains say.also(few, {"observed": row.predicate.coverage, "expected": data.parameters.min_log_coverage}) if {
	"requests-logged" in at_gate
	some row in rows
	row.predicate.coverage < data.parameters.min_log_coverage
	few := say.breach("requests-logged", row, "coverage", "too few requests are logged")
}

findings contains say.also(bare, {"values": {"field": field}}) if {
	"requests-logged" in at_gate
	some row in rows
	some field in lacking(row)
	bare := say.gap("requests-logged", row, field, "a logged row lacks {field}")
}

findings contains say.none("answers-traced", "evidence/telemetry-series", "no current series tells the latency of an endpoint") if {
	"answers-traced" in at_gate
	count(latencies) == 0
}

findings contains say.gap("answers-traced", row, "endpoint", "the row names no endpoint of which the latency is measured") if {
	"answers-traced" in at_gate
	count(latencies) > 0
	some row in rows
	not timed(row)
}

findings contains say.gap("answers-traced", row, "trace_id", "the row lacks its trace, input or answer") if {
	"answers-traced" in at_gate
	some row in rows
	not whole(row)
}

findings contains say.also(broken, {"observed": count(resolving), "expected": data.parameters.min_trace_share, "values": {"rows": count(rows)}}) if {
	"traces-resolve" in at_gate
	not numbers.at_least_share(count(resolving), count(rows), data.parameters.min_trace_share)
	broken := say.none("traces-resolve", "trace_resolves", "the traces of {observed} of {rows} rows resolve, less than the share {expected}")
}

findings contains say.also(unresolved, {"observed": count(requests - lost_traces), "expected": data.parameters.min_trace_share, "values": {"requests": count(requests)}}) if {
	"traces-resolve" in at_gate
	not numbers.at_least_share(count(requests - lost_traces), count(requests), data.parameters.min_trace_share)
	unresolved := say.none("traces-resolve", "trace_resolves", "the traces of {observed} of {requests} requests resolve, less than the share {expected}")
}

findings contains say.also(lost, {"expected": canary.predicate.request_count, "values": {"deployment": canary.predicate.deployment_id}}) if {
	"canary-logged" in at_gate
	some canary in canaries
	not logged(canary)
	lost := say.breach("canary-logged", canary, "request_count", "a step of the canary {deployment} had {expected} requests, and no log of its own holds as many rows")
}

findings contains say.also(stray, {"observed": row.predicate.row_count, "values": {"deployment": row.predicate.deployment_id}}) if {
	"canary-logged" in at_gate
	some row in strays
	stray := say.breach("canary-logged", row, "row_count", "a log of the canary {deployment} holds {observed} rows, and none of its steps had as many requests")
}

findings contains say.also(untagged, {"observed": row.predicate.environment}) if {
	"rows-tagged" in at_gate
	some row in rows
	not tagged(row)
	untagged := say.gap("rows-tagged", row, "environment", "the row lacks its deployment or tenant, or {observed} is no environment that is known")
}
