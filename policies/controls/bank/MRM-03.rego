# METADATA
# title: Outcomes analysis and ongoing monitoring
# description: >-
#   Accuracy in operation was measured against outcomes, the predictions were compared with their baseline over enough days,
#   and every alert of a whole feed was reviewed. All alerts are asked for, since none says which series it came from.
#   How good the accuracy is, other controls judge.
# custom:
#   pack: bank
#   severity: major
#   basis: guidance
#   tiers: [bank-model]
#   roles: [bank]
#   gates: [operation]
#   applies_from: D-MRM
#   evidence: [alert-event, drift-report, feed-status, risk-questionnaire, telemetry-series]
#   applies: [risk-questionnaire]
#   parameters: [alert_window_days, min_live_window_days]
#   objectives:
#     outcomes-analysed: {says: Accuracy in operation is measured., reads: [telemetry-series]}
#     predictions-compared: {says: Predictions are compared with their baseline., reads: [drift-report]}
#     alerts-reviewed: {says: Every alert was reviewed., reads: [alert-event, feed-status]}
#   may_stand_beside:
#     telemetry-series.signal: a series of another signal says nothing of accuracy
#     drift-report.target: a comparison of something else says nothing of predictions
#     feed-status.feed: another feed says nothing of alerts
#   frameworks: {sr-26-2: ["Ongoing monitoring", "Outcomes analysis"], nist-ai-rmf: ["MEASURE 2.4"]}
#   remediation: Run the back-test and act on each breach.
package controls.bank.MRM_03

import data.lib.feeds
import data.lib.findings as say
import data.lib.regimes
import data.lib.time as calendar

alerts := input.evidence["alert-event"]

applies := regimes.bank_model(input.evidence["risk-questionnaire"])

series := [one | some one in input.evidence["telemetry-series"]; one.predicate.signal == "accuracy"]

comparisons := [report | some report in input.evidence["drift-report"]; report.predicate.target == "prediction"]

satisfied contains "outcomes-analysed" if {
	count(series) > 0
	count([one | some one in series; lately(one.predicate.window)]) > 0
	every one in series {
		measured(one)
	}
}

measured(one) if {
	long(one.predicate.window)
	one.predicate.coverage > 0
}

satisfied contains "predictions-compared" if {
	count(comparisons) > 0
	count([report | some report in comparisons; lately(report.predicate.window)]) > 0
	every report in comparisons {
		long(report.predicate.window)
	}
}

# The last period: no more time has passed since than a period is long.
lately(window) if calendar.within_days(window.end, data.parameters.min_live_window_days, input.now)

long(window) if calendar.at_least_days_between(window.start, window.end, data.parameters.min_live_window_days)

satisfied contains "alerts-reviewed" if {
	whole
	count(unreviewed) == 0
}

whole if feeds.all_seen_for(alerts, input.evidence["feed-status"], "alert-event", data.parameters.alert_window_days)

unreviewed := [alert | some alert in alerts; not reviewed(alert)]

reviewed(alert) if alert.predicate.fired_at <= alert.predicate.reviewed_at

findings contains say.none("outcomes-analysed", "signal", "no series measures accuracy in operation") if count(series) == 0

findings contains say.none("outcomes-analysed", "window", "no series of accuracy is of the last days") if {
	count(series) > 0
	count([one | some one in series; lately(one.predicate.window)]) == 0
}

findings contains say.none("predictions-compared", "window", "no comparison of predictions is of the last days") if {
	count(comparisons) > 0
	count([report | some report in comparisons; lately(report.predicate.window)]) == 0
}

findings contains say.breach("outcomes-analysed", one, "window", "the series of accuracy is too short, or holds no sample") if {
	some one in series
	not measured(one)
}

findings contains say.none("predictions-compared", "target", "no report compares predictions with their baseline") if count(comparisons) == 0

findings contains say.breach("predictions-compared", report, "window", "the predictions are compared over too short a time") if {
	some report in comparisons
	not long(report.predicate.window)
}

findings contains feeds.gap_for("alerts-reviewed", alerts, input.evidence["feed-status"], "alert-event", data.parameters.alert_window_days) if not whole

findings contains say.breach("alerts-reviewed", alert, "reviewed_at", "the alert was not reviewed after it fired") if {
	whole
	some alert in unreviewed
}
