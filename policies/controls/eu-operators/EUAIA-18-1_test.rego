package controls.eu_operators.EUAIA_18_1_test

import data.controls.eu_operators.EUAIA_18_1 as control

good := {"registry-entry": [{"predicate": {"stage": "staging"}, "id": "sha256:1"}], "retention-state": [{"predicate": {"record_class": "technical-documentation", "lock_until": "2037-12-03T00:00:00Z"}, "id": "sha256:2"}, {"predicate": {"record_class": "quality-system", "lock_until": "2037-12-03T00:00:00Z"}, "id": "sha256:3"}, {"predicate": {"record_class": "notified-body-changes", "lock_until": "2037-12-03T00:00:00Z"}, "id": "sha256:4"}, {"predicate": {"record_class": "notified-body-decisions", "lock_until": "2037-12-03T00:00:00Z"}, "id": "sha256:5"}, {"predicate": {"record_class": "declaration-of-conformity", "lock_until": "2037-12-03T00:00:00Z"}, "id": "sha256:6"}], "technical-file": [{"predicate": {"kind": "annex-iv", "artifact_digest": "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"}, "id": "sha256:7"}]}

bounds := {"eu_document_classes": ["technical-documentation", "quality-system", "notified-body-changes", "notified-body-decisions", "declaration-of-conformity"], "eu_documentation_keep": "P10Y"}

but(changes) := object.union(good, changes)

found(evidence, parameters) := satisfied if {
	satisfied := control.satisfied with input.now as "2027-12-03T00:00:00Z"
		with input.gate as "production"
		with input.subject.digest as "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		with input.system.tier as "high-annex-iii"
		with input.evidence as evidence
		with data.parameters as parameters
}

all := {"documents-locked", "technical-file-locked"}

test_good_evidence_satisfies_all if found(good, bounds) == all

test_nothing_known_satisfies_nothing if count(found({}, bounds)) == 0

test_each_parameter_is_needed if {
	every name in object.keys(bounds) {
		found(good, object.remove(bounds, [name])) != all
	}
}

test_each_type_is_needed if {
	every kind in object.keys(good) {
		found(but({kind: []}), bounds) != all
	}
}

test_a_longer_keeping_time_is_asked_for if {
	found(good, object.union(bounds, {"eu_documentation_keep": "P11Y"})) == set()
}

test_a_class_added_by_the_organisation_is_asked_for if {
	more := object.union(bounds, {"eu_document_classes": ["technical-documentation", "minutes"]})
	found(good, more) == {"technical-file-locked"}
}
