package controls.robustness.ROB_01_test

import data.controls.robustness.ROB_01 as control

evidence(drop, threat, success) := {
	"robustness-report": [{"id": "r", "predicate": {
		"artifact_digest": "sha256:c",
		"attack_kinds": ["fgsm"],
		"perturbation_budget": {"fgsm": 0.1},
		"accuracy_drop": {"ci_high": drop},
		"attack_success": {"evasion": {"ci_high": success}},
	}}],
	"validation-plan": [{"id": "p", "predicate": {"threat_models": [threat]}}],
}

bounds(attacks) := {"required_attacks": attacks, "max_adversarial_drop": 0.1}

test_attacks_withstood_satisfy if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["fgsm"])
		with input.evidence as evidence(0.1, {"id": "evasion", "limit": 0.2}, 0.2)
	satisfied == {"attacks-covered", "drop-within-bound", "threats-withstood"}
}

test_worse_end_decides if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["fgsm"])
		with input.evidence as evidence(0.100001, {"id": "evasion", "limit": 0.2}, 0.200001)
	satisfied == {"attacks-covered"}
}

test_limit_of_zero_is_a_limit if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["fgsm"])
		with input.evidence as evidence(0.1, {"id": "evasion", "limit": 0, "not_applicable_reason": "rare"}, 0.2)
	not "threats-withstood" in satisfied
}

test_signed_reason_leaves_a_threat_out if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["fgsm"])
		with input.evidence as evidence(0.1, {"id": "theft", "not_applicable_reason": "weights are public"}, 0.2)
	"threats-withstood" in satisfied
}

test_attack_that_was_not_tried_is_a_gap if {
	findings := control.findings with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["fgsm", "noise"])
		with input.evidence as evidence(0.1, {"id": "evasion", "limit": 0.2}, 0.2)
	count(findings) == 2
	every finding in findings {
		finding.gap
	}
}

test_without_parameters_only_the_plan_is_met if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as {}
		with input.evidence as evidence(0.1, {"id": "evasion", "limit": 0.2}, 0.2)
	satisfied == {"threats-withstood"}
}
