package controls.integrity.INT_06_test

import data.controls.integrity.INT_06 as control

evidence(difference, plan) := {
	"validation-plan": [plan],
	"validation-run": [{"id": "r", "predicate": {
		"artifact_digest": "sha256:c",
		"plan_digest": "sha256:a",
		"execution_providers": ["CPUExecutionProvider"],
		"max_output_difference": difference,
		"deterministic": true,
		"batch_invariant": false,
	}}],
}

plan(digest) := {"id": "p", "digest": digest, "predicate": {"golden_set_digest": "sha256:f"}}

bounds(tolerance) := {"equivalence_tolerance": tolerance}

test_equal_outputs_satisfy if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(0.00001)
		with input.evidence as evidence(0.00001, plan("sha256:a"))
	satisfied == {"outputs-equal-reference", "outputs-repeatable"}
}

test_batch_dependence_is_found if {
	findings := control.findings with input.subject.digest as "sha256:c"
		with data.parameters as bounds(0.00001)
		with input.evidence as evidence(0, plan("sha256:a"))
	{finding.objective | some finding in findings} == {"outputs-batch-invariant"}
}

test_larger_difference_is_found if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(0.00001)
		with input.evidence as evidence(0.000011, plan("sha256:a"))
	satisfied == {"outputs-repeatable"}
}

test_golden_set_of_another_plan_does_not_count if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(0.00001)
		with input.evidence as evidence(0, plan("sha256:b"))
	satisfied == {"outputs-repeatable"}
}

test_without_tolerance_nothing_is_equal if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as {}
		with input.evidence as evidence(0, plan("sha256:a"))
	satisfied == {"outputs-repeatable"}
}
