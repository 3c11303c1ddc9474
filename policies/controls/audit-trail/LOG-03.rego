# METADATA
# title: Decisions retrievable for appeal and audit
# description: >-
#   Each sampled decision of the time in which persons may appeal resolves to one row with the digest of the version, its
#   input and its answer; the ledger knows that version, and the same input run again gave the same answer, for every
#   high-stakes row and for one row at least. Which rows are in the sample is the word of the log store, and so is how
#   far the second answer lay from the first. Read strictly: a row of another version, or older than the time to appeal, is none.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: {audit-log: derived, prediction-log: any}
#   parameters: [appeal_window_days, replay_tolerance]
#   objectives:
#     decisions-retrievable:
#       says: "Each sampled decision resolves to one row with version, input and answer."
#       covers: [S0.M6.8]
#       reads: [prediction-log]
#     decisions-reproducible:
#       says: The ledger knows the version that decided, and it decides the same again.
#       covers: [S2.M6.1]
#   may_stand_beside:
#     audit-log: other acts stand in the ledger beside the one that is asked for
#   frameworks: {nist-ai-rmf: ["MEASURE 2.8", "MEASURE 3.3"], gdpr: ["15(1)(h)"], eu-ai-act: ["12(2)"]}
#   remediation: "Make the sampled decision retrievable with its model digest, input and answer."
package controls.audit_trail.LOG_03

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

rows := input.evidence["prediction-log"]

satisfied contains "decisions-retrievable" if {
	count(rows) > 0
	count({row.predicate.request_id | some row in rows}) == count(rows)
	every row in rows {
		retrievable(row)
	}
}

satisfied contains "decisions-reproducible" if {
	count(rows) > 0
	count(again) > 0
	every row in rows {
		known_to_ledger(row)
		same_again(row)
	}
}

again := [row | some row in rows; matches(row)]

retrievable(row) if {
	records.on_candidate(row)
	records.named(row.predicate.request_id)
	records.named(row.predicate.input_ref)
	not row.predicate.output in {null, ""}
	calendar.within_days(row.predicate.at, data.parameters.appeal_window_days, input.now)
}

# The artifact of the row is what the ledger has an act on.
known_to_ledger(row) if {
	some note in input.evidence["audit-log"]
	note.predicate.object_ref == row.predicate.artifact_digest
	note.predicate.action in {"registered", "promoted", "deployed"}
}

same_again(row) if matches(row)

# Not every row need be run again, but each on which much depends.
same_again(row) if {
	row.predicate.high_stakes == false
	not rerun(row)
}

rerun(row) if row.predicate.replay_difference >= 0

matches(row) if {
	row.predicate.replay_difference >= 0
	row.predicate.replay_difference <= data.parameters.replay_tolerance
}

findings contains say.breach("decisions-retrievable", row, "request_id", "the decision does not resolve to one row of this version with input and answer, within the time to appeal") if {
	some row in rows
	not retrievable(row)
}

findings contains say.also(twice, {"values": {"request": row.predicate.request_id}}) if {
	some row in rows
	some other in rows
	row.id != other.id
	row.predicate.request_id == other.predicate.request_id
	twice := say.breach("decisions-retrievable", row, "request_id", "two rows answer the request {request}")
}

findings contains say.none("decisions-reproducible", "replay_difference", "no row of the sample was run again with its answer kept") if {
	count(rows) > 0
	count(again) == 0
	count([row | some row in rows; rerun(row)]) == 0
}

findings contains say.breach("decisions-reproducible", row, "replay_difference", "the same input run again gave another answer, or was not run again though much depends on it") if {
	some row in rows
	not same_again(row)
}

findings contains say.gap("decisions-reproducible", row, "artifact_digest", "the ledger knows nothing of the version that decided") if {
	some row in rows
	not known_to_ledger(row)
}
