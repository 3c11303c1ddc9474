# METADATA
# title: Access and usage logs without gaps
# description: >-
#   The ledger's trail of the version is unbroken, the log of accesses is whole for the time of an inquiry, by its feed,
#   and the log of predictions holds enough of the requests. Enough accesses that bear a request are found among the
#   predictions, and enough predictions among the accesses, so that leaving the request out of either log is a gap and not
#   a way round. The ledger numbers the acts on all systems, so that the numbers of one version need not follow each
#   other; that none is lost between them is what it has verified. What the two logs hold is the word of those who bring
#   them.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation, incident]
#   evidence: {access-log: any, audit-log: derived, feed-status: any, prediction-log: any}
#   parameters: [forensic_window_days, min_log_coverage]
#   objectives:
#     logs-span-period:
#       says: "The trail is unbroken, and accesses and predictions are logged for the whole time."
#       at: [operation]
#       covers: [S1.M4.7]
#     requests-joined:
#       says: "Accesses and predictions are the same requests, but for few."
#       covers: [S2.M6.6]
#       reads: [access-log, feed-status, prediction-log]
#   may_stand_beside:
#     access-log.allowed: who was turned away made no request
#     access-log.request_id: what is no call of the model bears no request
#     feed-status.feed: another feed says nothing of accesses
#   frameworks: {nist-ai-rmf: ["MEASURE 2.8"], iso-42001: ["A.6.2.8"], eu-ai-act: ["12"]}
#   remediation: Close the gap in the log and join access to prediction rows.
package controls.audit_trail.LOG_04

import data.lib.feeds
import data.lib.findings as say
import data.lib.numbers

trail := input.evidence["audit-log"]

accesses := input.evidence["access-log"]

rows := input.evidence["prediction-log"]

whole if feeds.all_seen_for(accesses, input.evidence["feed-status"], "access-log", data.parameters.forensic_window_days)

satisfied contains "logs-span-period" if {
	whole
	count(trail) > 0
	every note in trail {
		note.predicate.chain_verified == true
	}
	count(rows) > 0
	every row in rows {
		row.predicate.coverage >= data.parameters.min_log_coverage
	}
}

satisfied contains "requests-joined" if {
	whole
	count(requests) > 0
	count(rows) > 0
	numbers.at_least_share(count([access | some access in requests; predicted(access)]), count(requests), data.parameters.min_log_coverage)
	numbers.at_least_share(count([row | some row in rows; accessed(row)]), count(rows), data.parameters.min_log_coverage)
	numbers.at_least_share(count(asked & answered), count(asked), data.parameters.min_log_coverage)
	numbers.at_least_share(count(answered & asked), count(answered), data.parameters.min_log_coverage)
}

# Accesses that bear a request and were let in.
requests := [access | some access in accesses; bears_request(access)]

bears_request(access) if {
	data.lib.records.named(access.predicate.request_id)
	access.predicate.allowed == true
}

predicted(access) if access.predicate.request_id in answered

accessed(row) if row.predicate.request_id in asked

# By rows, and by requests: no request told again makes up for another, nor do rows under one number hide behind it.
asked := {access.predicate.request_id | some access in requests}

answered := {row.predicate.request_id | some row in rows}

at_gate := {"operation": ["logs-span-period", "requests-joined"], "incident": ["requests-joined"]}[input.gate]

findings contains feeds.gap_for(objective, accesses, input.evidence["feed-status"], "access-log", data.parameters.forensic_window_days) if {
	not whole
	some objective in at_gate
}

findings contains say.breach("logs-span-period", note, "chain_verified", "the ledger's trail is broken") if {
	input.gate == "operation"
	some note in trail
	note.predicate.chain_verified == false
}

findings contains say.also(few, {"observed": row.predicate.coverage, "expected": data.parameters.min_log_coverage}) if {
	input.gate == "operation"
	some row in rows
	row.predicate.coverage < data.parameters.min_log_coverage
	few := say.breach("logs-span-period", row, "coverage", "too few requests are logged")
}

findings contains say.none("requests-joined", "evidence/access-log", "no access of the log bears the request that it made") if count(requests) == 0

findings contains say.also(unjoined, {"expected": data.parameters.min_log_coverage}) if {
	whole
	count(requests) > 0
	count(rows) > 0
	not "requests-joined" in satisfied
	unjoined := say.none("requests-joined", "request_id", "less than the share {expected} of the requests is found in both logs")
}
