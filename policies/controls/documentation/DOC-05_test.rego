package controls.documentation.DOC_05_test

import data.controls.documentation.DOC_05 as control

evidence(kind, items, size_class) := {
	"technical-file": [{
		"id": "f",
		"signature": {"state": "verified", "kind": "person"},
		"predicate": {
			"kind": kind,
			"artifact_digest": "sha256:c",
			"sections": ["purpose"],
			"mitigation_steps": ["Reweighing"],
			"items": items,
			"not_applicable_reasons": {"1b": "No other hardware"},
		},
	}],
	"risk-questionnaire": [{"id": "q", "predicate": {"size_class": size_class}}],
}

bounds(items) := {"technical_file_sections": ["purpose"], "annex_iv_items": items}

test_complete_file_satisfies if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["1a", "1b"])
		with input.evidence as evidence("annex-iv", {"1a": "present", "1b": "not-applicable"}, "large")
	satisfied == {"sections-complete", "mitigation-described", "annex-iv-complete", "form-allowed"}
}

test_item_left_out_without_its_reason_is_found if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["1a", "1b"])
		with input.evidence as evidence("annex-iv", {"1a": "not-applicable", "1b": "present"}, "large")
	satisfied == {"sections-complete", "mitigation-described", "form-allowed"}
}

test_simplified_form_is_for_the_small if {
	counted := [size |
		some size in ["micro", "small", "medium", "small-mid-cap", "large"]
		satisfied := control.satisfied with input.subject.digest as "sha256:c"
			with data.parameters as bounds(["1a"])
			with input.evidence as evidence("annex-iv-simplified", {"1a": "present"}, size)
		"form-allowed" in satisfied
	]
	counted == ["micro", "small", "medium", "small-mid-cap"]
}

test_system_card_is_no_technical_file if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as bounds(["1a"])
		with input.evidence as evidence("system-card", {"1a": "present"}, "small")
	count(satisfied) == 0
}

test_without_parameters_nothing_is_complete if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with data.parameters as {}
		with input.evidence as evidence("annex-iv", {"1a": "present"}, "small")
	satisfied == {"mitigation-described", "form-allowed"}
}
