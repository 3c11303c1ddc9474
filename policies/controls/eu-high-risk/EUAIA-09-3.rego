# METADATA
# title: Monitoring findings feed the risk file
# description: >-
#   Every alert that fired longer ago than the house allows for linking it names a hazard of the risk register. Read
#   strictly: an alert that fired is beyond its threshold, whatever value it notes. Whether the hazard fits the alert is the
#   word of who linked it.
# custom:
#   severity: major
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [operation]
#   applies_from: D-HR
#   evidence: [alert-event, feed-status, risk-register]
#   parameters: [incident_window_days, risk_link_days]
#   objectives:
#     alerts-linked: {says: Every alert of more than a few days ago is linked to a hazard of the risk register.}
#   may_stand_beside: {feed-status.feed: another feed says nothing of alerts}
#   frameworks: {eu-ai-act: ["9(2)(c)", "72"], nist-ai-rmf: ["MEASURE 3.1", "MANAGE 4.1"]}
#   remediation: Link each alert to an entry of the risk register.
package controls.eu_high_risk.EUAIA_09_3

import data.lib.feeds
import data.lib.findings as say
import data.lib.time as calendar

alerts := input.evidence["alert-event"]

registers := input.evidence["risk-register"]

whole if feeds.all_seen_for(alerts, input.evidence["feed-status"], "alert-event", data.parameters.incident_window_days)

satisfied contains "alerts-linked" if {
	whole
	count(registers) > 0
	every register in registers {
		count(register.predicate.hazards) > 0
		count(loose(register)) == 0
	}
}

loose(register) := [alert | some alert in alerts; not young(alert); not linked(alert, register)]

young(alert) if calendar.within_days(alert.predicate.fired_at, data.parameters.risk_link_days, input.now)

linked(alert, register) if {
	some hazard in register.predicate.hazards
	hazard.id == alert.predicate.risk_id
}

findings contains feeds.gap_for("alerts-linked", alerts, input.evidence["feed-status"], "alert-event", data.parameters.incident_window_days) if not whole

findings contains say.gap("alerts-linked", register, "hazards", "the risk register holds no hazard") if {
	some register in registers
	count(register.predicate.hazards) == 0
}

findings contains say.also(open, {"observed": alert.predicate.fired_at}) if {
	some register in registers
	some alert in loose(register)
	open := say.breach("alerts-linked", alert, "risk_id", "the alert of {observed} names no hazard of the risk register")
}
