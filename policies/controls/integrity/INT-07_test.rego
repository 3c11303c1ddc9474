package controls.integrity.INT_07_test

import data.controls.integrity.INT_07 as control

evidence(executable, operators) := {"artifact-manifest": [{"id": "m", "predicate": {
	"artifact_digest": "sha256:c",
	"executable_content": executable,
	"external_data_paths": [],
	"custom_operators": operators,
}}]}

bounds(operators) := {"allowed_custom_operators": operators}

test_clean_file_satisfies if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds([])
		with input.evidence as evidence([], [])
	satisfied == {"no-executable-content", "no-outside-data", "operators-allowed"}
}

test_allowed_operator_satisfies if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["com.example.Clip"])
		with input.evidence as evidence([], ["com.example.Clip"])
	"operators-allowed" in satisfied
}

test_pickle_and_unknown_operator_are_found if {
	findings := control.findings with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["com.example.Clip"])
		with input.evidence as evidence(["pickle"], ["com.example.Clip", "com.example.Scale"])
	{finding.observed | some finding in findings} == {"pickle", "com.example.Scale"}
}

test_manifest_of_another_file_satisfies_nothing if {
	satisfied := control.satisfied with input.subject.digest as "sha256:e"
		with data.parameters as bounds([])
		with input.evidence as evidence([], [])
	count(satisfied) == 0
}

test_without_parameter_no_operator_is_allowed if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as {}
		with input.evidence as evidence([], ["com.example.Clip"])
	satisfied == {"no-executable-content", "no-outside-data"}
}
