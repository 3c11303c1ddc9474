# METADATA
# title: Monitoring live and analysed
# description: >-
#   Every metric of the signed monitoring plan was sampled within its own frequency, by a series of that name, and every
#   alert on it was reviewed in time or can still be. What was planned is the word of who signed the plan; a metric that it
#   leaves out is not judged here.
# custom:
#   severity: major
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [operation]
#   applies_from: D-HR-OPEN
#   evidence: [alert-event, feed-status, statement:monitoring-plan, telemetry-series]
#   parameters: [alert_review_days, alert_window_days]
#   objectives:
#     metrics-sampled:
#       says: Every planned metric was sampled within its frequency.
#       reads: [statement:monitoring-plan, telemetry-series]
#     alerts-reviewed:
#       says: "Every alert on a planned metric was reviewed in time, or its time has not run out."
#       reads: [alert-event, feed-status, statement:monitoring-plan]
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of alerts
#     telemetry-series.signal: a series of another signal says nothing of a planned metric
#   frameworks: {eu-ai-act: ["72(2)"], nist-ai-rmf: ["MEASURE 2.4", "MANAGE 4.1"]}
#   remediation: Restore the missing metric and review its alerts.
package controls.eu_operators.EUAIA_72_2

import data.lib.feeds
import data.lib.findings as say
import data.lib.time as calendar

plans := input.evidence["statement:monitoring-plan"]

series := input.evidence["telemetry-series"]

alerts := input.evidence["alert-event"]

whole if feeds.all_seen_for(alerts, input.evidence["feed-status"], "alert-event", data.parameters.alert_window_days)

satisfied contains "metrics-sampled" if {
	count(plans) > 0
	every plan in plans {
		count(plan.predicate.facts.metrics) > 0
		every metric in plan.predicate.facts.metrics {
			sampled(metric)
		}
	}
}

satisfied contains "alerts-reviewed" if {
	whole
	count(plans) > 0
	every plan in plans {
		count(plan.predicate.facts.metrics) > 0
		every metric in plan.predicate.facts.metrics {
			count(neglected(metric)) == 0
		}
	}
}

of(metric) := [one | some one in series; one.predicate.signal == metric.name]

sampled(metric) if {
	count(of(metric)) > 0
	every one in of(metric) {
		calendar.within_days(one.predicate.last_sample_at, metric.frequency_days, input.now)
	}
}

neglected(metric) := [alert | some alert in alerts; not elsewhere(alert, metric); not reviewed(alert)]

elsewhere(alert, metric) if alert.predicate.signal != metric.name

reviewed(alert) if {
	calendar.at_most_days_between(alert.predicate.fired_at, alert.predicate.reviewed_at, data.parameters.alert_review_days)
}

reviewed(alert) if {
	not alert.predicate.reviewed_at
	calendar.within_days(alert.predicate.fired_at, data.parameters.alert_review_days, input.now)
}

findings contains say.also(dead, {"expected": metric.frequency_days, "values": {"metric": metric.name}}) if {
	some plan in plans
	some metric in plan.predicate.facts.metrics
	not sampled(metric)
	dead := say.gap("metrics-sampled", plan, "facts.metrics", "the planned metric {metric} was not sampled in the last {expected} days")
}

findings contains feeds.gap_for("alerts-reviewed", alerts, input.evidence["feed-status"], "alert-event", data.parameters.alert_window_days) if not whole

findings contains say.also(late, {"values": {"metric": metric.name}}) if {
	some plan in plans
	some metric in plan.predicate.facts.metrics
	some alert in neglected(metric)
	late := say.breach("alerts-reviewed", alert, "reviewed_at", "the alert on {metric} was not reviewed in time")
}
