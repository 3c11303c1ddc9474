package controls.fairness.FAIR_01_test

import data.controls.fairness.FAIR_01 as control

evidence(attributes, n, issued_at) := {
	"fairness-audit": [{"id": "a", "issued_at": issued_at, "predicate": {
		"artifact_digest": "sha256:c",
		"dataset_digest": "sha256:d",
		"audited": "model-outputs",
		"attributes": attributes,
		"group_sizes": {"sex=f": n, "sex=m": 80},
		"group_metrics": {"sex=f": rate(0.4), "sex=m": rate(0.5)},
	}}],
	"approval": [{"id": "p", "predicate": {
		"gate": "staging",
		"artifact_digest": "sha256:c",
		"decision": "approve",
		"decided_at": "2026-11-02T00:00:00Z",
	}}],
}

rate(value) := {"selection_rate": {"value": value, "ci_low": 0.3, "ci_high": 0.6}}

bounds(attributes) := {"protected_attributes": attributes, "min_group_size": 50}

test_audit_on_large_groups_satisfies if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["sex"])
		with input.evidence as evidence(["sex"], 50, "2026-11-01T00:00:00Z")
	satisfied == {"attributes-covered", "groups-large-enough", "intervals-given", "audited-before-approval"}
}

test_small_group_is_a_gap if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["sex"])
		with input.evidence as evidence(["sex"], 49, "2026-11-01T00:00:00Z")
	not "groups-large-enough" in satisfied
	findings := control.findings with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["sex"])
		with input.evidence as evidence(["sex"], 49, "2026-11-01T00:00:00Z")
	{finding.gap | some finding in findings; finding.objective == "groups-large-enough"} == {true}
}

test_attribute_name_that_begins_alike_is_another if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["se"])
		with input.evidence as evidence(["se"], 60, "2026-11-01T00:00:00Z")
	not "groups-large-enough" in satisfied
}

test_audit_after_the_approval_comes_too_late if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["sex"])
		with input.evidence as evidence(["sex"], 50, "2026-11-02T00:00:01Z")
	satisfied == {"attributes-covered", "groups-large-enough", "intervals-given"}
}

test_without_parameters_no_attribute_is_covered if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as {}
		with input.evidence as evidence(["sex"], 50, "2026-11-01T00:00:00Z")
	satisfied == {"intervals-given"}
}
