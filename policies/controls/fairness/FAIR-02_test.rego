package controls.fairness.FAIR_02_test

import data.controls.fairness.FAIR_02 as control

evidence(labels_low, outputs_low, statements) := {
	"fairness-audit": [audit("training-labels", labels_low), audit("model-outputs", outputs_low)],
	"training-run": [{"id": "t", "predicate": {"objective": ["log_loss", "Demographic_Parity"]}}],
	"statement:fairness-acceptance": statements,
}

audit(audited, low) := {"id": audited, "predicate": {
	"artifact_digest": "sha256:c",
	"audited": audited,
	"attributes": ["sex"],
	"binding_measures": ["impact_ratio"],
	"impact_ratio": {"sex=f": {"value": 0.85, "ci_low": low, "ci_high": 0.9}, "sex=m": {"value": 1, "ci_low": 1, "ci_high": 1}},
	"mitigation": [{"text": "Reweighed"}],
}}

acceptance(measure, gap) := {
	"id": "s",
	"expires_at": "2027-01-01T00:00:00Z",
	"predicate": {
		"statement_type": "fairness-acceptance",
		"scope": ["mortgage"],
		"facts": {"measure": measure, "gap": gap, "reason": "Labels of 1990"},
	},
}

bounds(ratio) := {"min_impact_ratio": ratio, "max_parity_difference": 0.1, "max_odds_difference": 0.1}

tolerated(labels_low, outputs_low, statements) if {
	satisfied := control.satisfied with input.system.id as "mortgage"
		with input.subject.digest as "sha256:c"
		with input.now as "2026-11-21T00:00:00Z"
		with data.parameters as bounds(0.8)
		with input.evidence as evidence(labels_low, outputs_low, statements)
	satisfied == {"labels-and-outputs-audited", "binding-measures-given", "gaps-within-bounds", "fairness-in-objective"}
}

test_ratios_within_bounds_satisfy if tolerated(0.8, 0.8, [])

test_ratio_below_its_bound_is_found if not tolerated(0.8, 0.799999, [])

test_acceptance_of_the_gap_satisfies if {
	tolerated(0.7, 0.8, [acceptance("impact_ratio sex=f training-labels", 0.3)])
}

test_acceptance_of_a_smaller_gap_does_not if {
	not tolerated(0.7, 0.8, [acceptance("impact_ratio sex=f training-labels", 0.299999)])
}

test_acceptance_for_labels_does_not_excuse_outputs if {
	not tolerated(0.8, 0.7, [acceptance("impact_ratio sex=f training-labels", 1)])
}

test_acceptance_of_another_measure_does_not_excuse if {
	not tolerated(0.7, 0.8, [acceptance("impact_ratio", 1), acceptance("parity_difference sex training-labels", 1)])
}

test_expired_acceptance_does_not_excuse if {
	not tolerated(0.7, 0.8, [object.union(
		acceptance("impact_ratio sex=f training-labels", 1),
		{"expires_at": "2026-11-21T00:00:00Z"},
	)])
}

test_acceptance_for_another_system_does_not_excuse if {
	satisfied := control.satisfied with input.system.id as "cards"
		with input.subject.digest as "sha256:c"
		with input.now as "2026-11-21T00:00:00Z"
		with data.parameters as bounds(0.8)
		with input.evidence as evidence(0.7, 0.8, [acceptance("impact_ratio sex=f training-labels", 0.3)])
	not "gaps-within-bounds" in satisfied
}

test_without_bounds_no_gap_is_tolerated if {
	satisfied := control.satisfied with input.system.id as "mortgage"
		with input.subject.digest as "sha256:c"
		with input.now as "2026-11-21T00:00:00Z"
		with data.parameters as {}
		with input.evidence as evidence(0.9, 0.9, [])
	not "gaps-within-bounds" in satisfied
}
