# METADATA
# title: Serious incident clock met
# description: >-
#   Every serious incident (Art 3(49)) was reported within the time of Art 73, counted from the earliest of detection,
#   acknowledgement and awareness, to the authority that the classification names. One that is not reported yet stands as
#   long as its time has not run out. Where the feed shows, for a year and more, that there is no serious incident, the
#   control does not apply. Read strictly: an incident without a known moment of awareness cannot be judged, a report
#   before it neither, and the authority must be known before a report is due. Providers are bound by Art 73, deployers by
#   Art 26(5).
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider, deployer]
#   gates: [incident]
#   applies_from: D-HR-OPEN
#   evidence: [feed-status, incident-record, risk-classification]
#   applies: [feed-status, incident-record]
#   parameters: [incident_window_days, serious_incident_days, serious_incident_days_death, serious_incident_days_widespread]
#   objectives:
#     reported-in-time:
#       says: Every serious incident was reported in time, or its time has not run out.
#       reads: [feed-status, incident-record]
#     reported-to-authority:
#       says: Every report went to the competent authority.
#   may_be_empty: {incident-record.acknowledged_at: an incident may be reported before anybody started its playbook}
#   may_stand_beside: {feed-status.feed: another feed says nothing of incidents}
#   frameworks:
#     eu-ai-act: ["3(49)", "26(5)", "73(2)-(4)", "75(1a)"]
#     nist-ai-rmf: ["GOVERN 4.3", "MANAGE 4.3"]
#     iso-42001: ["A.8.4"]
#   remediation: Report the incident to the competent authority at once; an incomplete first report is allowed.
package controls.incident.INC_09

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

incidents := input.evidence["incident-record"]

classifications := input.evidence["risk-classification"]

statuses := input.evidence["feed-status"]

# Incidents that are serious, or do not say that they are not.
serious := [incident | some incident in incidents; not incident.predicate.serious_kind == "none"]

whole if feeds.all_seen_for(incidents, statuses, "incident-record", data.parameters.incident_window_days)

applies if {
	some incident in incidents
	incident.predicate.serious_kind != "none"
}

applies := false if {
	whole
	count(serious) == 0
}

satisfied contains "reported-in-time" if {
	whole
	count(serious) > 0
	every incident in serious {
		in_time(incident.predicate)
	}
}

satisfied contains "reported-to-authority" if {
	whole
	count(serious) > 0
	count(classifications) > 0
	every classification in classifications {
		authority_known(classification)
		every incident in serious {
			right_authority(incident.predicate, classification)
		}
	}
}

# Days to report, by kind (Art 73(2) to (4)).
limits := {
	"death": data.parameters.serious_incident_days_death,
	"widespread": data.parameters.serious_incident_days_widespread,
	"critical-infrastructure": data.parameters.serious_incident_days_widespread,
	"health-harm": data.parameters.serious_incident_days,
	"fundamental-rights": data.parameters.serious_incident_days,
	"property-environment": data.parameters.serious_incident_days,
}

# The clock runs from the earliest that is known: who detects an incident in June is not unaware of it until October.
begun(incident) := min(moments) if {
	incident.aware_at
	incident.detected_at
	moments := {moment | some name in ["aware_at", "detected_at", "acknowledged_at"]; moment := incident[name]}
	count(moments) > 0
}

in_time(incident) if {
	calendar.at_most_days_between(begun(incident), incident.reported_at, limits[incident.serious_kind])
}

in_time(incident) if still_open(incident)

# A report that is older than the incident is not of it.
reported(incident) if incident.detected_at <= incident.reported_at

still_open(incident) if {
	not incident.reported_at
	calendar.within_days(begun(incident), limits[incident.serious_kind], input.now)
}

authority_known(classification) if records.filled(classification.predicate.supervising_authority)

right_authority(incident, classification) if {
	reported(incident)
	incident.reported_to == classification.predicate.supervising_authority
}

right_authority(incident, _) if {
	not incident.reported_to
	still_open(incident)
}

findings contains feeds.gap_for(objective, incidents, statuses, "incident-record", data.parameters.incident_window_days) if {
	not whole
	some objective in ["reported-in-time", "reported-to-authority"]
}

findings contains say.gap("reported-in-time", incident, "aware_at", "when the organisation became aware of the incident is not recorded") if {
	some incident in serious
	not incident.predicate.aware_at
}

findings contains late if {
	some incident in serious
	kind := incident.predicate.serious_kind
	not in_time(incident.predicate)
	late := say.also(
		say.breach("reported-in-time", incident, "reported_at", "the incident ({kind}) was not reported within {expected} days from {observed}"),
		{"observed": begun(incident.predicate), "expected": limits[kind], "values": {"kind": kind}},
	)
}

findings contains say.gap("reported-to-authority", classification, "supervising_authority", "the classification does not name the competent authority") if {
	some classification in classifications
	not authority_known(classification)
}

findings contains astray if {
	some incident in serious
	some classification in classifications
	not right_authority(incident.predicate, classification)
	astray := say.also(
		say.breach("reported-to-authority", incident, "reported_to", "the incident was not reported to the competent authority, {expected}"),
		{"expected": classification.predicate.supervising_authority},
	)
}
