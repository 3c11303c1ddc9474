package controls.eu_prohibited.EUAIA_05_1_test

import data.controls.eu_prohibited.EUAIA_05_1 as control

good := {"statement:prohibited-screen": [{"predicate": {"statement_type": "prohibited-screen", "facts": {"answers": {"a": "no", "b": "no", "ba": "no", "bb": "no", "c": "no", "d": "no", "e": "no", "f": "no", "g": "no", "h": "no"}}}, "id": "sha256:1", "signature": {"state": "verified", "kind": "person", "signer": "signer", "roles": []}}]}

bounds := {"prohibited_new_from": "2026-12-02", "prohibited_points": ["a", "b", "ba", "bb", "c", "d", "e", "f", "g", "h"]}

but(changes) := object.union(good, changes)

found(evidence, parameters) := satisfied if {
	satisfied := control.satisfied with input.now as "2026-11-21T00:00:00Z"
		with input.gate as "registration"
		with input.subject.digest as "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		with input.system.tier as "high-annex-iii"
		with input.evidence as evidence
		with data.parameters as parameters
}

all := {"no-prohibited-practice", "screen-complete"}

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

answered(changes) := {"statement:prohibited-screen": [object.union(good.attestation[0], {"predicate": {"facts": {"answers": changes}}})]}

test_yes_is_found if found(answered({"f": "yes"}), bounds) == {"screen-complete"}

test_new_points_bind_from_their_day if {
	found(answered({"ba": "yes"}), bounds) == all
	found(answered({"ba": "yes"}), object.union(bounds, {"prohibited_new_from": "2026-11-21"})) == {"screen-complete"}
}

test_a_point_added_by_the_organisation_is_asked_for if {
	more := object.union(bounds, {"prohibited_points": ["a", "z"]})
	found(good, more) == {"no-prohibited-practice"}
}
