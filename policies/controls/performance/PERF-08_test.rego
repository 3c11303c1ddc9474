package controls.performance.PERF_08_test

import data.controls.performance.PERF_08 as control

evidence(low, n, limits) := {
	"validation-run": [{"id": "r", "predicate": {
		"artifact_digest": "sha256:c",
		"primary_metric": "f1",
		"metrics": {"f1": {"value": 0.86}},
		"slices": [slice("region", "north", 0.85, 100), slice("region", "south", low, n), slice("sex", "f", 0.85, 100), slice("sex", "m", 0.85, 100)],
	}}],
	"model-card": [{"id": "m", "predicate": {"artifact_digest": "sha256:c", "group_limitations": limits}}],
	"instructions-for-use": [],
}

slice(dimension, value, low, n) := {"dimension": dimension, "value": value, "n": n, "metric": {"n": n, "ci_low": low, "ci_high": 0.99}}

bounds(slices) := {"business_slices": slices, "protected_attributes": ["sex"], "min_slice_size": 30, "max_slice_gap": 0.05}

test_slices_that_keep_up_satisfy if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["region"])
		with input.evidence as evidence(0.81, 30, [])
	satisfied == {"slices-covered", "slices-large-enough", "no-slice-trails"}
}

test_shortfall_is_exact_in_every_engine if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["region"])
		with input.evidence as evidence(0.809999, 30, [])
	satisfied == {"slices-covered", "slices-large-enough"}
}

test_declared_limit_excuses_its_own_slice if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["region"])
		with input.evidence as evidence(0.5, 30, ["region=south"])
	"no-slice-trails" in satisfied
}

test_declared_limit_excuses_no_other_slice if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["region"])
		with input.evidence as evidence(0.5, 30, ["region", "south", "sex=south"])
	not "no-slice-trails" in satisfied
}

test_small_slice_is_a_gap if {
	findings := control.findings with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["region"])
		with input.evidence as evidence(0.5, 29, [])
	count(findings) == 2
	every finding in findings {
		finding.gap
	}
}

test_without_thresholds_nothing_is_satisfied if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as {}
		with input.evidence as evidence(0.85, 100, [])
	count(satisfied) == 0
}
