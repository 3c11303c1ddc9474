# METADATA
# title: Risk triggers suspension and notice
# description: >-
#   Where an alert was judged a risk (Art 79(1)), use was suspended after it fired, and provider or distributor and the
#   authority were told after it fired. Where an incident is serious (Art 3(49)), provider or distributor and the authority
#   were told after it was detected. Whether an alert is a risk and an incident serious is the word of alert and ticket.
#   Read strictly: there is no grace, as the law says without undue delay. Where both feeds show for the window, a year and
#   more for incidents, that there is neither, the control does not apply.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [high]
#   roles: [deployer]
#   gates: [operation, incident]
#   applies_from: D-HR
#   evidence: [alert-event, feed-status, incident-record]
#   parameters: [alert_window_days, incident_window_days]
#   objectives:
#     use-suspended:
#       says: Use was suspended after every alert that was judged a risk.
#       reads: [alert-event, feed-status]
#     risk-told:
#       says: "Of every alert that was judged a risk, provider or distributor and the authority were told."
#       reads: [alert-event, feed-status]
#     incident-told:
#       says: "Of every serious incident, provider or distributor and the authority were told."
#       reads: [feed-status, incident-record]
#   may_stand_beside: {feed-status.feed: another feed says nothing of alerts and incidents}
#   frameworks: {eu-ai-act: ["26(5)", "79(1)"], nist-ai-rmf: ["MANAGE 2.4"], iso-42001: ["A.8.4"]}
#   remediation: Suspend use and inform the provider or distributor and the authority.
package controls.eu_operators.EUAIA_26_3

import data.lib.feeds
import data.lib.findings as say

alerts := input.evidence["alert-event"]

incidents := input.evidence["incident-record"]

statuses := input.evidence["feed-status"]

# What does not say that it is harmless counts.
risks := [alert | some alert in alerts; not alert.predicate.art79_risk == false]

serious := [incident | some incident in incidents; not incident.predicate.serious_kind == "none"]

alerts_whole if feeds.all_seen_for(alerts, statuses, "alert-event", data.parameters.alert_window_days)

incidents_whole if feeds.all_seen_for(incidents, statuses, "incident-record", data.parameters.incident_window_days)

applies if count(risks) > 0

applies if count(serious) > 0

applies := false if {
	alerts_whole
	incidents_whole
	count(risks) == 0
	count(serious) == 0
}

satisfied contains "use-suspended" if {
	alerts_whole
	count([alert | some alert in risks; not suspended(alert)]) == 0
}

satisfied contains "risk-told" if {
	alerts_whole
	count([alert | some alert in risks; not alert_told(alert)]) == 0
}

satisfied contains "incident-told" if {
	incidents_whole
	count([incident | some incident in serious; not incident_told(incident)]) == 0
}

suspended(alert) if alert.predicate.fired_at <= alert.predicate.suspended_at

alert_told(alert) if told(alert.predicate.notified, alert.predicate.fired_at)

incident_told(incident) if told(incident.predicate.notified, incident.predicate.detected_at)

# A notice from before is of something else.
told(notified, since) if {
	some party in ["provider", "distributor"]
	since <= notified[party]
	since <= notified.authority
}

findings contains feeds.gap_for(objective, alerts, statuses, "alert-event", data.parameters.alert_window_days) if {
	not alerts_whole
	some objective in ["use-suspended", "risk-told"]
}

findings contains feeds.gap_for("incident-told", incidents, statuses, "incident-record", data.parameters.incident_window_days) if not incidents_whole

findings contains say.breach("use-suspended", alert, "suspended_at", "the alert was judged a risk and use was not suspended after it") if {
	some alert in risks
	not suspended(alert)
}

findings contains say.breach("risk-told", alert, "notified", "the alert was judged a risk, and not both the authority and provider or distributor were told after it") if {
	some alert in risks
	not alert_told(alert)
}

findings contains say.breach("incident-told", incident, "notified", "the incident is serious, and not both the authority and provider or distributor were told after it") if {
	some incident in serious
	not incident_told(incident)
}
