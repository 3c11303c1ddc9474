package controls.performance.PERF_02_test

import data.controls.performance.PERF_02 as control

evidence(low, values) := {"validation-run": [{"id": "r", "predicate": {
	"artifact_digest": "sha256:c",
	"primary_metric": "accuracy",
	"metrics": {"accuracy": estimate(0.86, low)},
	"periods": [{"period": {"start": sprintf("%d", [i])}, "metric": estimate(value, low)} | some i, value in values],
}}]}

estimate(value, low) := {"value": value, "ci_low": low, "ci_high": 0.99}

live(value, level) := {
	"instructions-for-use": [{"id": "i", "predicate": {"artifact_digest": "sha256:c", "declared_level": {"accuracy": level}}}],
	"telemetry-series": [{"id": "t", "predicate": {"signal": "accuracy", "value": value}}],
	"validation-run": [],
}

bounds(periods) := {"min_primary_metric": 0.8, "min_test_periods": periods, "max_period_spread": 0.03}

test_steady_periods_above_the_floor_satisfy if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(2)
		with input.evidence as evidence(0.8, [0.86, 0.89])
	satisfied == {"primary-metric-above-floor", "floor-in-every-period", "steady-between-periods"}
}

test_point_estimate_is_not_enough if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(2)
		with input.evidence as evidence(0.799999, [0.86, 0.89])
	satisfied == {"steady-between-periods"}
}

test_spread_is_exact_in_every_engine if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(2)
		with input.evidence as evidence(0.8, [0.86, 0.890001])
	not "steady-between-periods" in satisfied
}

test_no_period_satisfies_no_period_even_if_none_is_asked_for if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(0)
		with input.evidence as evidence(0.8, [])
	satisfied == {"primary-metric-above-floor"}
}

test_live_accuracy_at_the_declared_level_satisfies if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(1)
		with input.evidence as live(0.84, 0.84)
	satisfied == {"live-accuracy-at-declared-level"}
}

test_live_accuracy_below_it_is_found if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(1)
		with input.evidence as live(0.83, 0.84)
	count(satisfied) == 0
}

test_without_thresholds_nothing_is_satisfied if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as {}
		with input.evidence as evidence(0.8, [0.86, 0.89])
	count(satisfied) == 0
}
