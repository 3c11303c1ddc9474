# METADATA
# title: Playbook started in time
# description: >-
#   For every incident of a year a playbook was started soon after the detection, and it is one that is in force. Read
#   strictly: whatever the category; a category that is not of the list is a matter of INC-01, and no way out of here.
# custom:
#   severity: major
#   basis: policy
#   gates: [incident]
#   evidence: [incident-record, runbook, feed-status]
#   parameters: [incident_window_days, playbook_start_minutes]
#   objectives:
#     started-in-time: {says: A playbook in force was started soon after each incident was detected., covers: [S3.M7.1]}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of incidents
#     runbook.scenario: a procedure for something else stands beside the one that was started
#   frameworks: {nist-ai-rmf: ["GOVERN 4.3", "MANAGE 4.3"], iso-42001: ["A.8.4"]}
#   remediation: Start the playbook for this category now and record it in the ticket.
package controls.incident.INC_03

import data.lib.feeds
import data.lib.findings as say
import data.lib.time as calendar

incidents := input.evidence["incident-record"]

whole if feeds.all_seen_for(incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days)

# A playbook is prepared before anything happens.
books := [book | some book in input.evidence.runbook; count(book.predicate.steps) > 0]

satisfied contains "started-in-time" if {
	whole
	count(books) > 0
	count([incident | some incident in incidents; not started(incident)]) == 0
}

started(incident) if {
	in_force(incident)
	in_time(incident)
}

in_force(incident) if {
	some book in books
	book.predicate.scenario == incident.predicate.playbook_ref
}

in_time(incident) if {
	calendar.at_most_minutes_between(incident.predicate.detected_at, incident.predicate.acknowledged_at, data.parameters.playbook_start_minutes)
}

findings contains feeds.gap_for("started-in-time", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if not whole

findings contains say.none("started-in-time", "evidence/runbook", "no playbook with steps is in force") if count(books) == 0

findings contains say.breach("started-in-time", incident, "playbook_ref", "the incident names no playbook that is in force") if {
	some incident in incidents
	not in_force(incident)
}

findings contains say.also(late, {"expected": data.parameters.playbook_start_minutes}) if {
	some incident in incidents
	not in_time(incident)
	late := say.breach("started-in-time", incident, "acknowledged_at", "no playbook was started within {expected} minutes of the detection")
}
