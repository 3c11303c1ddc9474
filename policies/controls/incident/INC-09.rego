# METADATA
# title: Serious incident clock met
# description: >-
#   Every serious incident (Art 3(49)) was reported within the time of Art 73, counted from when the provider or deployer
#   became aware, to the authority that the classification names. One that is not reported yet stands as long as its
#   time has not run out. Where the feed shows that there is no serious incident, the control does not apply. Read
#   strictly: an incident without a known moment of awareness cannot be judged, a report before it neither, and the
#   authority must be known before a report is due.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider, deployer]
#   gates: [incident]
#   applies_from: D-HR-OPEN
#   evidence: [feed-status, incident-record, risk-classification]
#   applies: [feed-status, incident-record]
#   parameters: [serious_incident_days, serious_incident_days_death, serious_incident_days_widespread]
#   objectives:
#     reported-in-time:
#       says: Every serious incident was reported in time, or its time has not run out.
#       reads: [feed-status, incident-record]
#     reported-to-authority:
#       says: Every report went to the competent authority.
#   frameworks:
#     eu-ai-act: ["3(49)", "73(2)-(4)", "75(1a)"]
#     nist-ai-rmf: ["GOVERN 4.3", "MANAGE 4.3"]
#     iso-42001: ["A.8.4"]
#   remediation: Report the incident to the competent authority at once; an incomplete first report is allowed.
package controls.incident.INC_09

import data.lib.feeds
import data.lib.records
import data.lib.time as calendar

incidents := input.evidence["incident-record"]

classifications := input.evidence["risk-classification"]

statuses := input.evidence["feed-status"]

# Incidents that are serious, or do not say that they are not.
serious := [incident | some incident in incidents; not incident.predicate.serious_kind == "none"]

whole if feeds.all_seen(incidents, statuses, "incident-record")

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
		in_time(incident)
	}
}

satisfied contains "reported-to-authority" if {
	whole
	count(serious) > 0
	count(classifications) > 0
	every classification in classifications {
		authority_known(classification)
		every incident in serious {
			right_authority(incident, classification)
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

limit(incident) := limits[incident.predicate.serious_kind]

in_time(incident) if {
	incident.predicate.reported_at <= input.now
	calendar.at_most_days_between(incident.predicate.aware_at, incident.predicate.reported_at, limit(incident))
}

in_time(incident) if still_open(incident)

still_open(incident) if {
	not incident.predicate.reported_at
	calendar.within_days(incident.predicate.aware_at, limit(incident), input.now)
}

authority_known(classification) if records.filled(classification.predicate.supervising_authority)

right_authority(incident, classification) if {
	incident.predicate.reported_to == classification.predicate.supervising_authority
}

right_authority(incident, _) if {
	not incident.predicate.reported_to
	still_open(incident)
}

findings contains feeds.gap(objective, "incident-record") if {
	not whole
	some objective in ["reported-in-time", "reported-to-authority"]
}

findings contains finding if {
	some incident in serious
	not incident.predicate.aware_at
	finding := {
		"objective": "reported-in-time",
		"message": "when the organisation became aware of the incident is not recorded",
		"gap": true,
		"evidence": incident.id,
		"path": "aware_at",
	}
}

findings contains finding if {
	some incident in serious
	incident.predicate.aware_at
	not incident.predicate.reported_at
	not in_time(incident)
	finding := {
		"objective": "reported-in-time",
		"message": sprintf("the incident (%s) is not reported and its time has run out", [incident.predicate.serious_kind]),
		"evidence": incident.id,
		"observed": incident.predicate.aware_at,
		"expected": limit(incident),
		"path": "reported_at",
	}
}

findings contains finding if {
	some incident in serious
	incident.predicate.aware_at
	incident.predicate.reported_at
	not in_time(incident)
	finding := {
		"objective": "reported-in-time",
		"message": sprintf("the incident (%s) was not reported in its time", [incident.predicate.serious_kind]),
		"evidence": incident.id,
		"observed": incident.predicate.reported_at,
		"expected": limit(incident),
		"path": "reported_at",
	}
}

findings contains finding if {
	some classification in classifications
	not authority_known(classification)
	finding := {
		"objective": "reported-to-authority",
		"message": "the classification does not name the competent authority",
		"gap": true,
		"evidence": classification.id,
		"path": "supervising_authority",
	}
}

findings contains finding if {
	some incident in serious
	some classification in classifications
	not right_authority(incident, classification)
	finding := {
		"objective": "reported-to-authority",
		"message": "the incident was not reported to the competent authority",
		"evidence": incident.id,
		"observed": object.get(incident.predicate, "reported_to", "nobody"),
		"expected": classification.predicate.supervising_authority,
		"path": "reported_to",
	}
}
