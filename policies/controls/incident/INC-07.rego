# METADATA
# title: Affected parties and authorities notified in time
# description: >-
#   Of every incident of a year those who must hear of it were told in time, by a template of a procedure that is in force:
#   `affected-parties` where anybody was touched, and `authorities` where the incident is serious (Art 3(49)) or breached
#   personal data without the signed statement of the person named that there is no risk. A severity without a deadline of its own has
#   the longest of graver ones, else the shortest of the others. Whether anybody was touched is the word of the ticket; INC-09 and PRIV controls judge the
#   deadlines of the law.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [incident]
#   evidence: [feed-status, incident-record, runbook, statement:breach-no-risk]
#   parameters: [incident_window_days, notice_hours_by_severity]
#   objectives:
#     notified-in-time: {says: Everybody who must hear of an incident was told in time by a prepared template., covers: [S3.M7.4]}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of incidents
#     runbook.templates: another procedure has its own templates
#     statement:breach-no-risk.facts.detected_at: a statement on another breach says nothing of this one
#     statement:breach-no-risk.signature.signer: what another person signed takes nothing away from the one named
#   frameworks: {nist-ai-rmf: ["GOVERN 4.3", "MANAGE 4.3"], iso-42001: ["A.8.4"]}
#   remediation: Send the missing notice with the prepared template.
package controls.incident.INC_07

import data.lib.feeds
import data.lib.findings as say
import data.lib.time as calendar

incidents := input.evidence["incident-record"]

whole if feeds.all_seen_for(incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days)

templates := {template | some book in input.evidence.runbook; some template in book.predicate.templates}

satisfied contains "notified-in-time" if {
	whole
	count(templates) > 0
	count([incident | some incident in incidents; not notified(incident)]) == 0
}

notified(incident) if {
	every recipient in ["affected-parties", "authorities"] {
		heard(incident.predicate, recipient)
	}
}

heard(incident, recipient) if not owed(incident, recipient)

heard(incident, recipient) if {
	calendar.at_most_hours_between(incident.detected_at, incident.notified[recipient], hours(incident))
	incident.notice_templates[recipient] in templates
}

owed(incident, "affected-parties") if not nobody_touched(incident)

owed(incident, "authorities") if not harmless(incident)

nobody_touched(incident) if incident.exposed_users == 0

harmless(incident) if {
	incident.serious_kind == "none"
	no_risk(incident)
}

no_risk(incident) if incident.personal_data_breach == false

# The person named signed it, of this breach.
no_risk(incident) if {
	some decision in input.evidence["statement:breach-no-risk"]
	decision.signature.signer == incident.no_risk_decision_by.id
	decision.predicate.facts.detected_at == incident.detected_at
}

hours(incident) := data.parameters.notice_hours_by_severity[incident.severity]

# Of a severity without its own: as graver ones have at most, so that no incident gets more time by being called graver.
hours(incident) := longest if {
	not named(incident.severity)
	graver := [number | some level, number in data.parameters.notice_hours_by_severity; gravity[level] > gravity[incident.severity]]
	count(graver) > 0
	longest := max(graver)
} else := shortest if {
	not named(incident.severity)
	others := [number | some number in data.parameters.notice_hours_by_severity]
	count(others) > 0
	shortest := min(others)
}

named(severity) if severity in object.keys(data.parameters.notice_hours_by_severity)

gravity := {"low": 0, "medium": 1, "high": 2, "critical": 3}

findings contains feeds.gap_for("notified-in-time", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if not whole

findings contains say.none("notified-in-time", "evidence/runbook", "no procedure in force has a template") if count(templates) == 0

findings contains say.also(silent, {"values": {"recipient": recipient}}) if {
	some incident in incidents
	some recipient in ["affected-parties", "authorities"]
	not heard(incident.predicate, recipient)
	silent := say.breach("notified-in-time", incident, "notified", "{recipient} were not told in time by a prepared template")
}
