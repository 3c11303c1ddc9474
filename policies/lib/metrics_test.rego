package lib.metrics_test

import data.lib.metrics

estimate(low, high) := {"value": 0.5, "ci_low": low, "ci_high": high}

test_more_is_better_judges_the_lower_end if {
	metrics.meets("accuracy", estimate(0.4, 0.6), 0.4)
	not metrics.meets("accuracy", estimate(0.4, 0.6), 0.41)
}

test_less_is_better_judges_the_upper_end if {
	metrics.meets("log_loss", estimate(0.4, 0.6), 0.6)
	not metrics.meets("log_loss", estimate(0.4, 0.6), 0.59)
}

test_metric_of_unknown_direction_meets_nothing if {
	not metrics.meets("profit", estimate(0.4, 0.6), 0)
	not metrics.meets("profit", estimate(0.4, 0.6), 1)
}

test_interval_must_hold_its_value if {
	metrics.has_interval(estimate(0.5, 0.5))
	not metrics.has_interval(estimate(0.51, 0.6))
	not metrics.has_interval(estimate(0.4, 0.49))
	not metrics.has_interval({"value": 0.5})
}

test_limits_lie_on_the_side_on_which_a_metric_is_worse if {
	metrics.limits("accuracy", ">=")
	not metrics.limits("accuracy", "<=")
	metrics.limits("log_loss", "<=")
	not metrics.limits("log_loss", ">=")
	metrics.limits("latency_p95", "<=")
	not metrics.limits("accuracy", "==")
}

test_limits_are_cleared_by_the_worse_end if {
	metrics.clears(estimate(0.4, 0.6), ">=", 0.4)
	not metrics.clears(estimate(0.4, 0.6), ">=", 0.41)
	metrics.clears(estimate(0.4, 0.6), "<=", 0.6)
	not metrics.clears(estimate(0.4, 0.6), "<=", 0.59)
}
