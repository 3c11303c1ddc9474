package controls.eu_high_risk.EUAIA_14_3_test

import data.controls.eu_high_risk.EUAIA_14_3 as control

good := {"resilience-test": [{"predicate": {"scenario": "override", "passed": true, "safe_state_seconds": 1.5, "declared_seconds": 2.0, "performed_at": "2027-10-01T00:00:00Z"}, "id": "sha256:1"}, {"predicate": {"scenario": "stop", "passed": true, "safe_state_seconds": 1.5, "declared_seconds": 2.0, "performed_at": "2027-10-01T00:00:00Z"}, "id": "sha256:2"}]}

bounds := {"resilience_test_days": 180}

but(changes) := object.union(good, changes)

found(evidence, parameters) := satisfied if {
	satisfied := control.satisfied with input.now as "2027-12-03T00:00:00Z"
		with input.gate as "staging"
		with input.subject.digest as "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		with input.system.tier as "high-annex-iii"
		with input.evidence as evidence
		with data.parameters as parameters
}

all := {"override-works", "stop-works"}

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

tested(changes) := {"resilience-test": [good["resilience-test"][0], object.union(good["resilience-test"][1], {"predicate": changes})]}

test_failed_stop_is_found if found(tested({"passed": false}), bounds) == {"override-works"}

test_slow_stop_is_found if found(tested({"safe_state_seconds": 2.1}), bounds) == {"override-works"}

test_age_is_a_parameter if found(good, {"resilience_test_days": 62}) == set()
