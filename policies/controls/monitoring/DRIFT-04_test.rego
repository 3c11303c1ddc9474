package controls.monitoring.DRIFT_04_test

import data.controls.monitoring.DRIFT_04 as control

evidence(target, high) := {"drift-report": [
	{"id": "a", "predicate": {"target": target, "feature": "income", "value": {"ci_high": high}}},
	{"id": "b", "predicate": {"target": target, "feature": "age", "value": {"ci_high": 0.02}}},
]}

bounds(features) := {"key_features": features, "max_promotion_drift": 0.1}

test_close_features_satisfy if {
	satisfied := control.satisfied with data.parameters as bounds(["income", "age"])
		with input.evidence as evidence("environment", 0.1)
	satisfied == {"key-features-compared", "target-setting-matches"}
}

test_far_feature_is_found if {
	satisfied := control.satisfied with data.parameters as bounds(["*"])
		with input.evidence as evidence("environment", 0.100001)
	satisfied == {"key-features-compared"}
	findings := control.findings with data.parameters as bounds(["*"])
		with input.evidence as evidence("environment", 0.100001)
	{finding.message | some finding in findings} == {"income may lie too far from the target setting"}
}

test_feature_that_was_not_compared_is_a_gap if {
	findings := control.findings with data.parameters as bounds(["income", "tenure"])
		with input.evidence as evidence("environment", 0.1)
	{finding.gap | some finding in findings} == {true}
}

test_live_drift_is_no_comparison_with_the_target_setting if {
	satisfied := control.satisfied with data.parameters as bounds(["*"])
		with input.evidence as evidence("input", 0.01)
	count(satisfied) == 0
}

test_without_parameters_nothing_is_satisfied if {
	satisfied := control.satisfied with data.parameters as {}
		with input.evidence as evidence("environment", 0.01)
	count(satisfied) == 0
}
