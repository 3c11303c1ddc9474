package controls.retention.RET_05_test

import data.controls.retention.RET_05 as control

good := {"legal-hold": [{"predicate": {"matter_id": "M-7", "scope": ["applications-2024"], "held_from": "2026-08-01T00:00:00Z", "service_reachable": true, "fail_closed_tested_at": "2026-10-15T00:00:00Z"}, "id": "sha256:1"}], "purge-certificate": [{"predicate": {"record_class": "applications", "scope": ["applications-2019"], "object_digests": ["sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"], "completed_at": "2026-10-01T00:00:00Z", "exceptions": []}, "id": "sha256:2"}], "feed-status": [{"predicate": {"feed": "legal-hold", "count": 1, "complete": true, "window": {"start": "2026-10-20T00:00:00Z", "end": "2026-11-20T00:00:00Z"}}, "id": "sha256:3", "issued_at": "2026-11-20T00:00:00Z"}, {"predicate": {"feed": "purge-certificate", "count": 1, "complete": true, "window": {"start": "2026-10-20T00:00:00Z", "end": "2026-11-20T00:00:00Z"}}, "id": "sha256:4", "issued_at": "2026-11-20T00:00:00Z"}]}

bounds := {"hold_test_days": 92}

but(changes) := object.union(good, changes)

found(evidence, parameters) := satisfied if {
	satisfied := control.satisfied with input.now as "2026-11-21T00:00:00Z"
		with input.gate as "retirement"
		with input.subject.digest as "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		with input.system.tier as "high-annex-iii"
		with input.evidence as evidence
		with data.parameters as parameters
}

all := {"hold-service-sound", "nothing-held-purged"}

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

held(changes) := {"legal-hold": [object.union(good["legal-hold"][0], {"predicate": changes})]}

test_each_name_of_a_purge_can_be_held if {
	every name in ["applications", "applications-2019", "sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"] {
		found(but(held({"scope": [name]})), bounds) == {"hold-service-sound"}
	}
}

test_age_is_a_parameter if found(good, {"hold_test_days": 36}) == {"nothing-held-purged"}
