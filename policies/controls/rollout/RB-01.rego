# METADATA
# title: Automatic rollback triggers armed and effective
# description: >-
#   Rules that roll back are on for the score's distribution and for each signal that the organisation limits, none looser
#   than its limit or than the drift of the score that is tolerated. Where the score drifted past its rule a rollback began
#   within minutes of the end of the window; where accuracy fell too far or an error budget is used up, automation rolled
#   back within the window of the measurement or minutes after it. Drift is judged at the upper end of its interval. At
#   least one measurement of each kind must be there, so that silence arms nothing.
# custom:
#   severity: major
#   basis: policy
#   gates: [canary, operation]
#   evidence: [alert-rule, deployment-record, drift-report, feed-status, slo-report, telemetry-series]
#   parameters: [max_accuracy_drop, max_prediction_drift, rollback_limits, rollback_max_minutes]
#   objectives:
#     drift-rolls-back:
#       says: "A rule rolls back when the score drifts, and every drift past it was rolled back in time."
#       covers: [S2.M4.4]
#       reads: [alert-rule, deployment-record, drift-report, feed-status]
#     limits-roll-back:
#       says: "For each limited signal a rule is on that rolls back, no looser than the limit."
#       covers: [S3.M3.3]
#       reads: [alert-rule]
#     collapse-rolled-back:
#       says: Automation rolled back whenever accuracy fell too far or an error budget was used up.
#       at: [operation]
#       covers: [S3.M5.5]
#       reads: [deployment-record, feed-status, slo-report, telemetry-series]
#   may_stand_beside:
#     alert-rule.signal: a rule on another signal says nothing of this one
#     deployment-record.started_at: a rollback at another time takes nothing away from the one that was in time
#     deployment-record.strategy: a deployment that rolls nothing back takes nothing away from a rollback
#     deployment-record.traffic_share: a rollback that no request reaches takes nothing away from one
#     deployment-record.triggered_by: a person may roll back beside automation
#     drift-report.target: drift of something else is judged by other controls
#     feed-status.feed: another feed says nothing of deployments
#     telemetry-series.signal: a series of another signal says nothing of accuracy
#   frameworks: {nist-ai-rmf: ["MANAGE 2.4"], iso-42001: ["A.6.2.6"]}
#   remediation: Arm the rollback rule within the limits and find out why it did not act.
package controls.rollout.RB_01

import data.lib.deployments
import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers
import data.lib.text
import data.lib.time as calendar

deployed := input.evidence["deployment-record"]

whole if deployments.all_seen(deployed, input.evidence["feed-status"])

rules_on(signal) := [rule | some rule in input.evidence["alert-rule"]; rule.predicate.signal == signal]

drifts := [report | some report in input.evidence["drift-report"]; report.predicate.target == "prediction"]

accuracies := [series | some series in input.evidence["telemetry-series"]; series.predicate.signal == "accuracy"]

budgets := input.evidence["slo-report"]

# Deployments that put another version in the place of this one, before users.
rollbacks := [deployment |
	some deployment in deployed
	deployment.predicate.strategy == "rollback"
	deployment.predicate.artifact_digest != input.subject.digest
	deployment.predicate.traffic_share > 0
	before_users(deployment)
]

# Nobody is served in these environments.
before_users(deployment) if {
	place := split(text.lower(deployment.predicate.environment), "-")[0]
	not place in {"development", "test", "staging"}
}

satisfied contains "drift-rolls-back" if {
	whole
	count(rules_on("prediction-distribution")) > 0
	every rule in rules_on("prediction-distribution") {
		rolls_back(rule)
		rule.predicate.threshold > 0
		rule.predicate.threshold <= data.parameters.max_prediction_drift
	}
	count(drifts) > 0
	every report in drifts {
		tells(report.predicate.window)
		count(rules_on("prediction-distribution")) > 0
		every rule in rules_on("prediction-distribution") {
			answered(report, rule)
		}
	}
}

satisfied contains "limits-roll-back" if {
	count(data.parameters.rollback_limits) > 0
	every signal, limit in data.parameters.rollback_limits {
		armed(signal, limit)
	}
}

satisfied contains "collapse-rolled-back" if {
	whole
	count(accuracies) > 0
	every series in accuracies {
		tells(series.predicate.window)
		held_or_undone(series)
	}
	count(budgets) > 0
	every report in budgets {
		tells(report.predicate.window)
		left_or_undone(report)
	}
}

# Longer than a minute.
tells(window) if {
	window.start < window.end
	not calendar.at_most_minutes_between(window.start, window.end, 1)
}

rolls_back(rule) if {
	rule.predicate.enabled == true
	rule.predicate.action == "rollback"
}

armed(signal, limit) if {
	count(rules_on(signal)) > 0
	every rule in rules_on(signal) {
		rolls_back(rule)
		0 <= rule.predicate.threshold
		rule.predicate.threshold <= limit
	}
}

answered(report, rule) if report.predicate.value.ci_high <= rule.predicate.threshold

answered(report, _) if {
	some rollback in rollbacks
	calendar.at_most_minutes_between(report.predicate.window.end, rollback.predicate.started_at, data.parameters.rollback_max_minutes)
}

held_or_undone(series) if {
	metrics.possible("accuracy", series.predicate.baseline_value)
	metrics.possible("accuracy", series.predicate.value)
	fall := numbers.micro(series.predicate.baseline_value) - numbers.micro(series.predicate.value)
	fall <= numbers.micro(data.parameters.max_accuracy_drop)
}

held_or_undone(series) if undone(series.predicate.window)

left_or_undone(report) if report.predicate.error_budget_left > 0

left_or_undone(report) if undone(report.predicate.window)

# Automation rolled back while it was measured, or minutes later.
undone(window) if {
	some rollback in rollbacks
	rollback.predicate.triggered_by == "automation"
	window.start <= rollback.predicate.started_at
	soon_after(window.end, rollback.predicate.started_at)
}

soon_after(end, at) if at <= end

soon_after(end, at) if calendar.at_most_minutes_between(end, at, data.parameters.rollback_max_minutes)

findings contains deployments.gap(objective, deployed, input.evidence["feed-status"]) if {
	not whole
	some objective in ["drift-rolls-back", "collapse-rolled-back"]
}

findings contains say.none("drift-rolls-back", "evidence/alert-rule", "no rule watches the signal prediction-distribution") if {
	count(rules_on("prediction-distribution")) == 0
}

findings contains say.breach("drift-rolls-back", rule, "action", "the rule is off, or does not roll back") if {
	some rule in rules_on("prediction-distribution")
	not rolls_back(rule)
}

findings contains say.also(loose, {"observed": rule.predicate.threshold, "expected": data.parameters.max_prediction_drift}) if {
	some rule in rules_on("prediction-distribution")
	rule.predicate.threshold > data.parameters.max_prediction_drift
	loose := say.breach("drift-rolls-back", rule, "threshold", "the rule acts on drift past {observed} alone, and {expected} is tolerated")
}

findings contains say.none("drift-rolls-back", "evidence/drift-report", "no current report compares the score with its baseline") if count(drifts) == 0

findings contains say.also(unanswered, {"observed": report.predicate.value.ci_high, "expected": rule.predicate.threshold}) if {
	some rule in rules_on("prediction-distribution")
	some report in drifts
	not answered(report, rule)
	unanswered := say.breach("drift-rolls-back", report, "value", "the score drifted by up to {observed}, past {expected}, and was not rolled back in time")
}

findings contains say.also(unarmed, {"expected": limit, "values": {"signal": signal}}) if {
	some signal, limit in data.parameters.rollback_limits
	not armed(signal, limit)
	count(rules_on(signal)) == 0
	unarmed := say.none("limits-roll-back", "evidence/alert-rule", "no rule rolls back when {signal} passes {expected}")
}

findings contains say.also(loose, {"observed": rule.predicate.threshold, "expected": limit, "values": {"signal": signal}}) if {
	some signal, limit in data.parameters.rollback_limits
	not armed(signal, limit)
	some rule in rules_on(signal)
	loose := say.breach("limits-roll-back", rule, "threshold", "the rules on {signal} are off, do not roll back, or are looser than {expected}")
}

findings contains say.none("collapse-rolled-back", "evidence/telemetry-series", "no current series measures accuracy") if count(accuracies) == 0

findings contains say.breach("collapse-rolled-back", series, "value", "accuracy fell too far, or its baseline is not known, and automation did not roll back") if {
	some series in accuracies
	not held_or_undone(series)
}

findings contains say.breach("collapse-rolled-back", report, "error_budget_left", "the error budget is used up, and automation did not roll back") if {
	some report in budgets
	not left_or_undone(report)
}
