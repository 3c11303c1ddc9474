package controls.eu_high_risk.EUAIA_09_5_test

import data.controls.eu_high_risk.EUAIA_09_5 as control

evidence(committed_at, plan_digest) := {
	"validation-plan": [{"id": "p", "digest": "sha256:a", "predicate": {"committed_at": committed_at}}],
	"validation-run": [{"id": "r", "predicate": {
		"artifact_digest": "sha256:c",
		"plan_digest": plan_digest,
		"started_at": "2027-11-20T00:00:00Z",
	}}],
}

test_plan_before_run_satisfies if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with input.evidence as evidence("2027-11-19T23:59:59Z", "sha256:a")
	satisfied == {"plan-before-run", "run-follows-plan"}
}

test_plan_committed_as_the_run_started_is_too_late if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with input.evidence as evidence("2027-11-20T00:00:00Z", "sha256:a")
	satisfied == {"run-follows-plan"}
	findings := control.findings with input.subject.digest as "sha256:c"
		with input.evidence as evidence("2027-11-20T00:00:00Z", "sha256:a")
	count(findings) == 1
}

test_other_plan_is_found if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with input.evidence as evidence("2027-11-19T00:00:00Z", "sha256:b")
	satisfied == {"plan-before-run"}
}

test_run_of_another_artifact_satisfies_nothing if {
	satisfied := control.satisfied with input.subject.digest as "sha256:e"
		with input.evidence as evidence("2027-11-19T00:00:00Z", "sha256:a")
	count(satisfied) == 0
}

test_nothing_known_satisfies_nothing if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with input.evidence as {"validation-plan": [], "validation-run": []}
	count(satisfied) == 0
}
