# METADATA
# title: Stakeholders told of an outage
# description: >-
#   Of every outage of a year the audience that the organisation names heard soon after the detection, and an end was
#   foreseen. An incident that does not say that it was no outage is one.
# custom:
#   severity: major
#   basis: policy
#   gates: [incident]
#   evidence: [incident-record, feed-status]
#   parameters: [incident_window_days, outage_audience, outage_notice_minutes]
#   objectives:
#     audience-told: {says: The audience of each outage heard of it in time and when it should end., covers: [S2.M8.4]}
#   may_be_false: {incident-record.estimated_resolution_at: an end that is foreseen may lie ahead}
#   may_stand_beside: {feed-status.feed: another feed says nothing of incidents}
#   frameworks: {nist-ai-rmf: ["GOVERN 4.3", "MANAGE 4.3"], iso-42001: ["A.8.4"]}
#   remediation: Tell the outage audience and give an expected end.
package controls.incident.INC_08

import data.lib.feeds
import data.lib.findings as say
import data.lib.outages
import data.lib.records
import data.lib.time as calendar

incidents := input.evidence["incident-record"]

whole if feeds.all_seen_for(incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days)

cut_off := outages.among(incidents)

satisfied contains "audience-told" if {
	whole
	count(data.parameters.outage_audience) > 0
	count([outage | some outage in cut_off; not told(outage)]) == 0
}

told(outage) if {
	records.covers(heard(outage.predicate), data.parameters.outage_audience)
	outage.predicate.detected_at < outage.predicate.estimated_resolution_at
}

heard(outage) := sort([recipient |
	some recipient, at in outage.notified
	calendar.at_most_minutes_between(outage.detected_at, at, data.parameters.outage_notice_minutes)
])

findings contains feeds.gap_for("audience-told", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if not whole

findings contains say.also(untold, {"observed": heard(outage.predicate), "expected": data.parameters.outage_audience}) if {
	some outage in cut_off
	not told(outage)
	untold := say.breach("audience-told", outage, "notified", "in time heard {observed} and not all of {expected}, or no end was foreseen")
}
