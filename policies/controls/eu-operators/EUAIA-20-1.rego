# METADATA
# title: Corrective action on non-conformity
# description: >-
#   For every confirmed non-conformity an action was started in time, counted from the day on which the incident was known,
#   and the parties of Art 20(1) were told after that. A provider that is established in the Union has neither importers
#   nor an authorised representative (Art 3(5), (6)), so that they need not be told. Whether a non-conformity is confirmed
#   is the word of the incident's ticket. Read strictly: an action that is not started yet does not count, however young
#   the incident. Where the feed shows for a year and more that nothing was confirmed, the control does not apply.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [high]
#   roles: [provider]
#   gates: [operation, incident]
#   applies_from: D-HR
#   evidence: [feed-status, incident-record, risk-questionnaire]
#   applies: [feed-status, incident-record]
#   parameters: [corrective_action_days, corrective_action_parties, incident_window_days, union_countries]
#   objectives:
#     action-started:
#       says: A corrective action was started in time for every confirmed non-conformity.
#       reads: [feed-status, incident-record]
#     parties-informed: {says: The operators of Art 20(1) were told of every confirmed non-conformity.}
#   may_stand_beside: {feed-status.feed: another feed says nothing of incidents}
#   frameworks: {eu-ai-act: ["20"], nist-ai-rmf: ["MANAGE 2.3", "MANAGE 4.3"], iso-42001: ["A.8.4"]}
#   remediation: "Start the corrective action and inform distributors, deployers, representative and importers."
package controls.eu_operators.EUAIA_20_1

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

incidents := input.evidence["incident-record"]

statuses := input.evidence["feed-status"]

questionnaires := input.evidence["risk-questionnaire"]

confirmed := [incident | some incident in incidents; not incident.predicate.nonconformity_confirmed == false]

whole if feeds.all_seen_for(incidents, statuses, "incident-record", data.parameters.incident_window_days)

applies if {
	some incident in incidents
	incident.predicate.nonconformity_confirmed == true
}

applies := false if {
	whole
	count(confirmed) == 0
}

satisfied contains "action-started" if {
	whole
	count(confirmed) > 0
	every incident in confirmed {
		started(incident.predicate)
	}
}

satisfied contains "parties-informed" if {
	whole
	count(confirmed) > 0
	count(questionnaires) > 0
	every incident in confirmed {
		records.covers(told(incident.predicate), asked)
	}
}

# From the earliest moment that is known, as the clock of INC-09.
known_at(incident) := min(moments) if {
	incident.detected_at
	moments := {moment | some name in ["detected_at", "acknowledged_at", "aware_at"]; moment := incident[name]}
	count(moments) > 0
}

started(incident) if {
	some action in incident.corrective_actions
	calendar.at_most_days_between(known_at(incident), action.started_at, data.parameters.corrective_action_days)
}

# Who was told of this incident: a notice before it is of another.
told(incident) := [party | some party, moment in incident.notified; known_at(incident) <= moment]

asked := [party | some party in data.parameters.corrective_action_parties; not excused(party)]

excused(party) if {
	party in {"authorised-representative", "importers"}
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.provider_country in data.parameters.union_countries
	}
}

findings contains feeds.gap_for(objective, incidents, statuses, "incident-record", data.parameters.incident_window_days) if {
	not whole
	some objective in ["action-started", "parties-informed"]
}

findings contains late if {
	some incident in confirmed
	not started(incident.predicate)
	late := say.also(
		say.breach("action-started", incident, "corrective_actions", "no corrective action was started within {expected} days from {observed}"),
		{"observed": known_at(incident.predicate), "expected": data.parameters.corrective_action_days},
	)
}

findings contains say.also(untold, {"values": {"party": party}}) if {
	count(questionnaires) > 0
	some incident in confirmed
	some party in asked
	not party in told(incident.predicate)
	untold := say.breach("parties-informed", incident, "notified", "{party} were not told of the non-conformity")
}
