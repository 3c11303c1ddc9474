# METADATA
# title: Personal data breach notified within 72 hours
# description: >-
#   Every breach of personal data was reported to the data-protection-authority, by `reported_to` or `notified`, within the
#   hours of Art 33, counted from the earliest of detection, acknowledgement and awareness, or the person whom the incident names signed a statement on that incident, as data
#   protection officer or for legal, that no risk is likely. One that is not reported yet stands as long as its time has not
#   run out. Where the feed shows, for a year and more, that there is no breach, the control does not apply. Read strictly:
#   an incident without a known moment of awareness cannot be judged, and a report before its detection is none. That no
#   risk was likely is the word of who signed.
# custom:
#   severity: blocker
#   basis: law
#   roles: [controller]
#   gates: [incident]
#   applies_from: D-GDPR
#   evidence: [feed-status, incident-record, statement:breach-no-risk]
#   applies: [feed-status, incident-record]
#   parameters: [breach_notice_hours, incident_window_days]
#   objectives:
#     notified-in-time: {says: "Every breach was reported in time, was signed to bear no risk, or its time has not run out."}
#   may_be_empty: {incident-record.acknowledged_at: a breach may be reported before anybody started its playbook}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of incidents
#     statement:breach-no-risk.facts.detected_at: a statement on another breach says nothing of this one
#     statement:breach-no-risk.signature.signer: what another person signed takes nothing away from the one named
#   frameworks: {gdpr: ["33", "34"], nist-ai-rmf: ["MANAGE 4.3"], iso-42001: ["A.8.4"]}
#   remediation: "Notify the authority at once, with reasons for the delay, or sign the no-risk decision."
package controls.privacy.GDPR_33_1

import data.lib.feeds
import data.lib.findings as say
import data.lib.time as calendar

incidents := input.evidence["incident-record"]

decisions := input.evidence["statement:breach-no-risk"]

# Incidents that are breaches, or do not say that they are not.
breaches := [incident | some incident in incidents; not other(incident)]

other(incident) if incident.predicate.personal_data_breach == false

whole if feeds.all_seen_for(incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days)

applies if count(breaches) > 0

applies := false if {
	whole
	count(breaches) == 0
}

satisfied contains "notified-in-time" if {
	whole
	count(breaches) > 0
	every incident in breaches {
		met(incident)
	}
}

# The clock runs from the earliest that is known, as for serious incidents (INC-09).
begun(incident) := min(moments) if {
	incident.aware_at
	incident.detected_at
	moments := {moment | some name in ["aware_at", "detected_at", "acknowledged_at"]; moment := incident[name]}
	count(moments) > 0
}

limit(incident) := calendar.add_hours(begun(incident), data.parameters.breach_notice_hours)

met(incident) if {
	told := told_at(incident.predicate)
	incident.predicate.detected_at <= told
	told <= limit(incident.predicate)
}

# When the authority for data protection was told: a report to another authority is none of Art 33.
told_at(incident) := max(moments) if {
	reported := {moment | incident.reported_to == authority; moment := incident.reported_at}
	moments := reported | {moment | moment := incident.notified[authority]}
	count(moments) > 0
}

authority := "data-protection-authority"

met(incident) if {
	not told_at(incident.predicate)
	input.now <= limit(incident.predicate)
}

met(incident) if {
	some decision in decisions
	decision.signature.signer == incident.predicate.no_risk_decision_by.id
	decision.predicate.facts.detected_at == incident.predicate.detected_at
}

findings contains feeds.gap_for("notified-in-time", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if not whole

findings contains say.gap("notified-in-time", incident, "aware_at", "when the organisation became aware of the breach is not recorded") if {
	some incident in breaches
	not incident.predicate.aware_at
	not met(incident)
}

findings contains say.also(late, {"observed": latest}) if {
	some incident in breaches
	not met(incident)
	latest := limit(incident.predicate)
	late := say.breach("notified-in-time", incident, "reported_at", "the breach was not reported by {observed}, and the person named did not sign that no risk is likely")
}
