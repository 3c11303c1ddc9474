package controls.documentation.DOC_07_test

import data.controls.documentation.DOC_07 as control

evidence(carded, declared) := {
	"validation-run": [{"id": "r", "predicate": {
		"artifact_digest": "sha256:c",
		"metrics": {"accuracy": {"value": 0.86, "ci_low": 0.84, "ci_high": 0.88}},
	}}],
	"model-card": [{"id": "m", "predicate": {
		"artifact_digest": "sha256:c",
		"performance": {"accuracy": carded},
		"limitations": "None for businesses",
		"training_data": "Loans",
	}}],
	"instructions-for-use": [{"id": "i", "predicate": {
		"artifact_digest": "sha256:c",
		"declared_metrics": {"accuracy": declared},
	}}],
}

bounds(tolerance) := {"metric_tolerance": tolerance}

found(carded, declared, parameters) := satisfied if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as parameters
		with input.evidence as evidence(carded, declared)
}

test_figures_inside_the_interval_satisfy if {
	found(0.86, 0.84, bounds(0.001)) == {"card-equals-run", "card-filled", "instructions-equal-run"}
}

test_only_the_card_may_be_rounded if {
	found(0.881, 0.881, bounds(0.001)) == {"card-equals-run", "card-filled"}
	found(0.839, 0.839, bounds(0.001)) == {"card-equals-run", "card-filled"}
}

test_tolerance_is_exact_in_every_engine if {
	found(0.881001, 0.86, bounds(0.001)) == {"card-filled", "instructions-equal-run"}
	found(0.838999, 0.86, bounds(0.001)) == {"card-filled", "instructions-equal-run"}
}

test_better_than_measured_is_not_equal if {
	found(0.95, 0.95, bounds(0.001)) == {"card-filled"}
}

test_without_tolerance_no_card_is_equal if {
	found(0.86, 0.86, {}) == {"card-filled", "instructions-equal-run"}
}
