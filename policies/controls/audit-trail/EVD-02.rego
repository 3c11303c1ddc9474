# METADATA
# title: Evidence fresh
# description: >-
#   Every record of the snapshot runs on after now, and none could not be read. That it was collected before, and how long a
#   record may run, is bounded by its type when it is filed and again when the snapshot is taken; no record can claim longer.
# custom:
#   severity: major
#   basis: policy
#   gates: [staging, production, operation]
#   evidence: [evidence-index]
#   objectives:
#     records-fresh: {says: Every record of the snapshot is in its time.}
#     records-readable: {says: Every record could be read.}
#   frameworks: {eu-ai-act: ["9(2)", "72"], nist-ai-rmf: ["MEASURE 3.1"]}
#   remediation: Collect the stale or unreadable record again.
package controls.audit_trail.EVD_02

import data.lib.findings as say

indexes := input.evidence["evidence-index"]

satisfied contains "records-fresh" if {
	count(indexes) > 0
	every index in indexes {
		count(index.predicate.records) > 0
		every entry in index.predicate.records {
			fresh(entry)
		}
	}
}

satisfied contains "records-readable" if {
	count(indexes) > 0
	every index in indexes {
		is_array(index.predicate.unreadable)
		count(index.predicate.unreadable) == 0
	}
}

fresh(entry) if input.now < entry.expires_at

findings contains say.gap("records-fresh", index, "records", "the snapshot holds no record") if {
	some index in indexes
	count(index.predicate.records) == 0
}

findings contains say.also(stale, {"observed": entry.expires_at, "values": {"type": entry.type, "record": entry.record_id}}) if {
	some index in indexes
	some entry in index.predicate.records
	not fresh(entry)
	stale := say.breach("records-fresh", index, "records", "the {type} {record} is not in its time, which ends at {observed}")
}

findings contains say.also(lost, {"observed": name}) if {
	some index in indexes
	some name in index.predicate.unreadable
	lost := say.breach("records-readable", index, "unreadable", "the record {observed} could not be read")
}
