package controls.data.DG_04_test

import data.controls.data.DG_04 as control

good := {"dataset-record": [{"predicate": {"personal": true, "sources": ["applications"], "consent_status": "not-needed", "lawful_basis": "contract", "special_category": false, "withdrawn_rows": 0, "purposes": ["credit decision"]}, "id": "sha256:1"}], "processing-record": [{"predicate": {"purposes": ["credit decision"]}, "id": "sha256:2"}]}

bounds := {}

but(changes) := object.union(good, changes)

found(evidence, parameters) := satisfied if {
	satisfied := control.satisfied with input.now as "2026-11-21T00:00:00Z"
		with input.gate as "data-intake"
		with input.subject.digest as "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		with input.system.tier as "high-annex-iii"
		with input.evidence as evidence
		with data.parameters as parameters
}

all := {"legal-basis-recorded", "provenance-recorded", "use-recorded", "withdrawals-honoured"}

test_good_evidence_satisfies_all if found(good, bounds) == all

test_nothing_known_satisfies_nothing if count(found({}, bounds)) == 0

test_each_type_is_needed if {
	every kind in object.keys(good) {
		found(but({kind: []}), bounds) != all
	}
}

dataset(changes) := {"dataset-record": [object.union(good["dataset-record"][0], {"predicate": changes})]}

test_withdrawn_rows_are_found if found(but(dataset({"withdrawn_rows": 1})), bounds) == all - {"withdrawals-honoured"}

test_special_categories_need_a_ground if {
	found(but(dataset({"special_category": true})), bounds) == all - {"legal-basis-recorded"}
	found(but(dataset({"special_category": true, "special_ground": "Art 9(2)(a)"})), bounds) == all
}

test_applies_to_personal_data if {
	control.applies == true with input.evidence as good
	control.applies == false with input.evidence as dataset({"personal": false})
}

test_unknown_whether_it_applies if {
	not applies_without_evidence
}

applies_without_evidence if {
	is_boolean(control.applies) with input.evidence as {"dataset-record": []}
}
