# METADATA
# title: Retraining triggers fire and stale models are caught
# description: >-
#   Measured drift beyond the trigger of the plan, and a fall of quality in operation, are followed by a training run in
#   time; the version in operation was trained lately; and under a plan by drift alone no retraining began without drift.
#   Read strictly: drift is judged at the worse end of its interval, a fall is answered once a run began after it, and the
#   age of the model counts whatever the registry says of its stage. A run of the next version is seen where it was
#   filed for the system. A retraining is held against drift while reports of its time are current; a plan by the calendar
#   alone is judged by RTR-01.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: [training-run, drift-report, telemetry-series, retraining-plan]
#   parameters: [drift_window_days, max_accuracy_drop, max_model_age_days, min_live_window_days, retrain_start_hours]
#   objectives:
#     triggers-fire: {says: Drift and falling quality are followed by a training run in time., covers: [S1.M5.5]}
#     model-fresh: {says: The version in operation was trained lately., covers: [S2.M5.8], reads: [training-run]}
#     drift-starts-retraining:
#       says: Under a plan by drift each retraining followed measured drift.
#       covers: [S2.M7.2]
#       reads: [retraining-plan, training-run, drift-report]
#   may_stand_beside:
#     training-run.started_at: an older run stands beside the one that counts
#     training-run.subject: a run of another version says nothing of the one in operation
#     telemetry-series.signal: a series that measures no quality says nothing of it
#   frameworks: {nist-ai-rmf: ["MANAGE 4.1"], iso-42001: ["A.6.2.6"]}
#   remediation: Retrain the stale model or mend the trigger that did not fire.
package controls.change.RTR_02

import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers
import data.lib.records
import data.lib.time as calendar

plans := input.evidence["retraining-plan"]

runs := input.evidence["training-run"]

reports := input.evidence["drift-report"]

# Series of quality: a share by the table of metrics, under its name.
series_of_quality := [series |
	some series in input.evidence["telemetry-series"]
	metrics.table[series.predicate.signal].unit == "share"
]

satisfied contains "triggers-fire" if {
	count(plans) > 0
	count(reports) > 0
	every plan in plans {
		every report in reports {
			drift_answered(report.predicate, plan.predicate)
		}
	}
	count(series_of_quality) > 0
	every series in series_of_quality {
		fall_answered(series.predicate)
	}
}

drift_answered(report, plan) if {
	credible(report, plan)
	answered_in_time(report, plan.drift_trigger)
}

answered_in_time(report, trigger) if report.value.ci_high < trigger

answered_in_time(report, trigger) if {
	report.value.ci_high >= trigger
	some run in runs
	calendar.at_most_hours_between(report.window.end, run.predicate.started_at, data.parameters.retrain_start_hours)
}

# There is time left.
answered_in_time(report, trigger) if {
	report.value.ci_high >= trigger
	calendar.at_most_hours_between(report.window.end, input.now, data.parameters.retrain_start_hours)
}

credible(report, plan) if {
	metrics.credible("drift", report.value)
	compared_windows[report.window]
	plan.drift_trigger > 0
}

fall_answered(series) if {
	long_enough(series.window)
	fall(series) <= numbers.micro(data.parameters.max_accuracy_drop)
}

# A run, of this version or the next, that began in the window answers a fall in it; a window that begins after the last run shows a new one.
fall_answered(series) if {
	long_enough(series.window)
	fall(series) > numbers.micro(data.parameters.max_accuracy_drop)
	some run in runs
	run.predicate.started_at >= series.window.start
	in_time(series.window.end, run.predicate.started_at)
}

# While the fall was measured, or soon after.
in_time(end, started) if started <= end

in_time(end, started) if calendar.at_most_hours_between(end, started, data.parameters.retrain_start_hours)

long_enough(window) if calendar.at_least_days_between(window.start, window.end, data.parameters.min_live_window_days)

# Gone through once a window: the inputs of a model are compared over the same one.
compared_windows := {window |
	some window in {report.predicate.window | some report in reports}
	long_enough(window)
}

fall(series) := numbers.micro(series.baseline_value) - numbers.micro(series.value) if {
	metrics.more_is_better(series.signal)
	possible(series)
}

fall(series) := numbers.micro(series.value) - numbers.micro(series.baseline_value) if {
	metrics.less_is_better(series.signal)
	possible(series)
}

possible(series) if {
	metrics.possible(series.signal, series.value)
	metrics.possible(series.signal, series.baseline_value)
}

satisfied contains "model-fresh" if {
	some run in runs
	fresh(run)
}

fresh(run) if {
	records.names_candidate(run)
	calendar.within_days(run.predicate.started_at, data.parameters.max_model_age_days, input.now)
}

satisfied contains "drift-starts-retraining" if {
	count(plans) > 0
	count(runs) > 0
	count(reports) > 0
	every plan in plans {
		every run in runs {
			founded(run.predicate, plan.predicate)
		}
	}
}

founded(_, plan) if {
	plan.trigger in {"calendar", "both"}
	plan.cadence_days > 0
}

founded(run, _) if run.retraining == false

# Begun before the time of which reports are current.
founded(run, _) if calendar.at_least_days_between(run.started_at, input.now, data.parameters.drift_window_days)

founded(run, plan) if {
	some report in reports
	credible(report.predicate, plan)
	report.predicate.value.ci_low >= plan.drift_trigger
	report.predicate.window.end <= run.started_at
}

findings contains say.gap("triggers-fire", plan, "drift_trigger", "the plan names no drift that starts retraining") if {
	some plan in plans
	not triggered(plan)
}

triggered(plan) if plan.predicate.drift_trigger > 0

findings contains say.gap("triggers-fire", report, "window", "the report is of too short a window, or its value can be no drift") if {
	some report in reports
	not sound(report)
}

sound(report) if {
	metrics.credible("drift", report.predicate.value)
	compared_windows[report.predicate.window]
}

findings contains say.also(unanswered, {"observed": value, "expected": trigger}) if {
	some plan in plans
	trigger := plan.predicate.drift_trigger
	some report in reports
	value := report.predicate.value
	sound(report)
	not drift_answered(report.predicate, plan.predicate)
	unanswered := say.breach("triggers-fire", report, "value", "drift reached {expected} and no training run began in time")
}

findings contains say.none("triggers-fire", "evidence/telemetry-series", "no series measures the quality in operation") if count(series_of_quality) == 0

findings contains say.gap("triggers-fire", series, "window", "the quality is measured over too short a window, or against no baseline") if {
	some series in series_of_quality
	not measured(series)
}

measured(series) if {
	long_enough(series.predicate.window)
	possible(series.predicate)
}

findings contains say.also(fallen, {"values": {"signal": signal}}) if {
	some series in series_of_quality
	signal := series.predicate.signal
	measured(series)
	not fall_answered(series.predicate)
	fallen := say.breach("triggers-fire", series, "value", "{signal} fell by more than is borne, and no training run has begun since")
}

findings contains say.also(stale, {"expected": data.parameters.max_model_age_days}) if {
	count([run | some run in runs; fresh(run)]) == 0
	stale := say.none("model-fresh", "started_at", "no training run of the version began in the last {expected} days")
}

findings contains say.breach("drift-starts-retraining", run, "retraining", "the retraining began without measured drift") if {
	some plan in plans
	count(reports) > 0
	some run in runs
	not founded(run.predicate, plan.predicate)
}
