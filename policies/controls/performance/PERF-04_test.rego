package controls.performance.PERF_04_test

import data.controls.performance.PERF_04 as control

evidence(strategy, structure, overlap) := {"training-run": [{"id": "t", "predicate": {
	"split_digests": {"train": "sha256:a", "test": "sha256:b"},
	"split_overlap": overlap,
	"split_strategy": strategy,
	"data_structure": structure,
}}]}

dataset(content, subject) := {"dataset-record": [{"id": "d", "subject": [subject], "predicate": {"content_digest": content}}]}

test_suitable_split_satisfies if {
	suitable := [pair |
		some pair in [["temporal", "time-ordered"], ["grouped", "grouped"], ["stratified", "independent"]]
		satisfied := control.satisfied with data.parameters as {"max_split_overlap": 0}
			with input.evidence as evidence(pair[0], [pair[1]], 0)
		satisfied == {"splits-pinned", "splits-disjoint", "split-suits-structure"}
	]
	count(suitable) == 3
}

test_unsuitable_split_is_found if {
	unsuitable := [pair |
		some pair in [["random", "time-ordered"], ["temporal", "grouped"], ["stratified", "grouped"]]
		satisfied := control.satisfied with data.parameters as {"max_split_overlap": 0}
			with input.evidence as evidence(pair[0], [pair[1]], 0)
		not "split-suits-structure" in satisfied
	]
	count(unsuitable) == 3
}

test_both_structures_ask_for_one_of_the_two_strategies if {
	satisfied := control.satisfied with data.parameters as {"max_split_overlap": 0}
		with input.evidence as evidence("grouped", ["time-ordered", "grouped"], 0)
	"split-suits-structure" in satisfied
}

test_without_threshold_no_overlap_is_accepted if {
	satisfied := control.satisfied with data.parameters as {}
		with input.evidence as evidence("temporal", ["time-ordered"], 0)
	satisfied == {"splits-pinned", "split-suits-structure"}
}

test_dataset_is_known_by_its_content if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as {"max_split_overlap": 0}
		with input.evidence as dataset("sha256:c", "sha256:c")
	satisfied == {"splits-addressed-by-content"}
}

test_content_that_changed_is_found if {
	findings := control.findings with input.subject.digest as "sha256:c"
		with data.parameters as {"max_split_overlap": 0}
		with input.evidence as dataset("sha256:e", "sha256:c")
	count(findings) == 2
}
