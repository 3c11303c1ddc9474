# METADATA
# title: Forensic snapshot preserved
# description: >-
#   Of every incident of a year a snapshot was taken soon after the detection, which holds the digests of inputs, model and
#   environment, each its own; the model is the version that is judged. That the digests resolve to
#   what lay in the store is the word of the collector.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [incident]
#   evidence: [incident-record, feed-status]
#   parameters: [incident_window_days, snapshot_minutes]
#   objectives:
#     snapshot-taken:
#       says: "Inputs, model and environment were frozen soon after each incident was detected."
#       covers: [S3.M7.2]
#   may_stand_beside: {feed-status.feed: another feed says nothing of incidents}
#   frameworks: {eu-ai-act: ["73(6)"], nist-ai-rmf: ["MANAGE 4.3"]}
#   remediation: "Take the snapshot of inputs, model version and environment at once."
package controls.incident.INC_06

import data.lib.feeds
import data.lib.findings as say
import data.lib.time as calendar

incidents := input.evidence["incident-record"]

whole if feeds.all_seen_for(incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days)

satisfied contains "snapshot-taken" if {
	whole
	count([incident | some incident in incidents; not preserved(incident)]) == 0
}

preserved(incident) if {
	in_time(incident)
	complete(incident)
}

in_time(incident) if {
	calendar.at_most_minutes_between(incident.predicate.detected_at, incident.predicate.snapshot_at, data.parameters.snapshot_minutes)
}

complete(incident) if {
	is_string(incident.predicate.snapshot_ref)
	parts := incident.predicate.snapshot_digests
	parts.model == input.subject.digest
	count({parts.inputs, parts.model, parts.environment, incident.predicate.snapshot_ref}) == 4
}

findings contains feeds.gap_for("snapshot-taken", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if not whole

findings contains say.also(late, {"expected": data.parameters.snapshot_minutes}) if {
	some incident in incidents
	not in_time(incident)
	late := say.breach("snapshot-taken", incident, "snapshot_at", "no snapshot was taken within {expected} minutes of the detection")
}

findings contains say.breach("snapshot-taken", incident, "snapshot_digests", "the snapshot does not hold inputs, the affected version and environment, each its own") if {
	some incident in incidents
	not complete(incident)
}
