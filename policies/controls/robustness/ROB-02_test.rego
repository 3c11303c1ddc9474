package controls.robustness.ROB_02_test

import data.controls.robustness.ROB_02 as control

evidence(low, high, trials, safe) := {"robustness-report": [{"id": "r", "predicate": {
	"artifact_digest": "sha256:c",
	"invalid_input_rejection": {"ci_low": low},
	"ood_rejection": {"ci_low": low},
	"valid_input_rejection": {"ci_high": high},
	"fault_trials": trials,
	"fault_safe_responses": safe,
}}]}

bounds(trials) := {"min_invalid_rejection": 0.99, "max_false_rejection": 0.01, "min_fault_trials": trials}

test_safe_responses_satisfy if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(20)
		with input.evidence as evidence(0.99, 0.01, 20, 20)
	satisfied == {"invalid-input-rejected", "valid-input-accepted", "faults-met-safely"}
}

test_worse_ends_decide if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(20)
		with input.evidence as evidence(0.989999, 0.010001, 20, 20)
	satisfied == {"faults-met-safely"}
}

test_one_unsafe_response_is_found if {
	findings := control.findings with input.subject.digest as "sha256:c"
		with data.parameters as bounds(20)
		with input.evidence as evidence(0.99, 0.01, 21, 20)
	{finding.message | some finding in findings} == {"20 of 21 fault trials met the safe response"}
}

test_no_fault_tried_is_not_safe if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(0)
		with input.evidence as evidence(0.99, 0.01, 0, 0)
	not "faults-met-safely" in satisfied
}

test_without_thresholds_nothing_is_satisfied if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as {}
		with input.evidence as evidence(1, 0, 20, 20)
	count(satisfied) == 0
}
