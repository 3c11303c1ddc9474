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

test_value_outside_its_range_meets_nothing if {
	metrics.meets("accuracy", estimate(0.4, 0.6), 0)
	not metrics.meets("accuracy", {"value": 71, "ci_low": 70, "ci_high": 72}, 0.8)
	not metrics.meets("parity_difference", {"value": -0.5, "ci_low": -0.6, "ci_high": -0.4}, 0.1)
}

test_level_outside_its_range_is_met_by_nothing if {
	not metrics.meets("brier", estimate(0.4, 0.6), 40)
	not metrics.meets("accuracy", estimate(0.4, 0.6), -1)
}

test_metric_without_a_highest_value_has_no_highest if {
	metrics.possible("rmse", 20000)
	metrics.possible("r2", -3)
	not metrics.possible("rmse", -1)
	not metrics.possible("r2", 1.01)
	not metrics.possible("profit", 0.5)
}

test_usual_bound_holds_for_shares_alone if {
	metrics.bound({}, "accuracy", "spread", 0.03) == 0.03
	metrics.bound({"accuracy": {"level": 0.5}}, "accuracy", "spread", 0.03) == 0.03
	metrics.bound({"accuracy": {"spread": 0}}, "accuracy", "spread", 0.03) == 0
	metrics.bound({"rmse": {"spread": 200}}, "rmse", "spread", 0.03) == 200
	not metrics.bound({}, "rmse", "spread", 0.03)
}

test_rows_left_out_are_a_part_of_all if {
	metrics.few_left_out(5, 95, 5)
	not metrics.few_left_out(6, 95, 5)
	not metrics.few_left_out(1, 0, 5)
}

test_end_outside_its_range_is_not_credible if {
	metrics.credible("accuracy", estimate(0.4, 0.6))
	not metrics.credible("accuracy", estimate(-0.01, 0.6))
	not metrics.credible("accuracy", estimate(0.4, 1.01))
	not metrics.meets("log_loss", estimate(-1, 0.4), 0.5)
}

test_limits_lie_on_the_side_on_which_a_metric_is_worse if {
	metrics.side("accuracy") == ">="
	metrics.side("log_loss") == "<="
	metrics.side("latency_p95") == "<="
	not metrics.side("profit")
}

test_tests_are_about_a_metric if {
	metrics.measure("roc_auc") == "roc_auc"
	metrics.measure("attack_success:fgsm") == "attack_success"
	metrics.measure("training-labels:impact_ratio:sex=f") == "impact_ratio"
	metrics.measure("weighted:recall:cat") == "recall"
}

test_groups_of_one_attribute if {
	sizes := {"sex=f": 3, "sex=m": 4, "sexuality=x": 5, "sex=f&age=old": 1, "age=old": 2}
	metrics.groups_of(sizes, "sex") == {"sex=f": 3, "sex=m": 4}
	metrics.groups_of(sizes, "age") == {"age=old": 2}
	metrics.groups_of(sizes, "origin") == {}
	metrics.groups_of({}, "sex") == {}
}
