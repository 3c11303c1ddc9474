package controls.audit_trail.EVD_06_test

import data.controls.audit_trail.EVD_06 as control

evidence(logged, plans, statements) := {
	"evidence-index": [{"id": "i", "predicate": {
		"subject_digest": "sha256:c",
		"test_split_runs": 2,
		"logged_test_split_runs": logged,
	}}],
	"validation-run": [{"id": sprintf("run-%d", [i]), "predicate": {"plan_digest": plan}} | some i, plan in plans],
	"statement:rerun-reason": statements,
}

reason(runs) := {"id": "s", "predicate": {
	"statement_type": "rerun-reason",
	"scope": ["mortgage"],
	"facts": {"runs": runs, "reason": "The split was wrong"},
}}

found(logged, plans, statements) := satisfied if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with input.system.id as "mortgage"
		with input.evidence as evidence(logged, plans, statements)
}

test_every_run_under_one_plan_satisfies if {
	found(2, ["a", "a"], []) == {"every-test-run-filed", "one-plan-or-reason"}
}

test_run_that_was_kept_back_is_found if {
	found(3, ["a", "a"], []) == {"one-plan-or-reason"}
}

test_changed_plan_is_found if {
	found(2, ["a", "b"], []) == {"every-test-run-filed"}
}

test_reason_for_all_runs_explains_the_change if {
	found(2, ["a", "b"], [reason(["run-0", "run-1"])]) == {"every-test-run-filed", "one-plan-or-reason"}
}

test_reasons_that_each_leave_out_a_run_do_not if {
	found(2, ["a", "b"], [reason(["run-0"]), reason(["run-1"])]) == {"every-test-run-filed"}
}

test_nothing_known_satisfies_nothing if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with input.system.id as "mortgage"
		with input.evidence as {"evidence-index": [], "validation-run": [], "statement:rerun-reason": []}
	count(satisfied) == 0
}
