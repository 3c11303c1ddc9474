package controls.access.APP_07_test

import data.controls.access.APP_07 as control

good := {"waiver": [{"id": "sha256:1111111111111111111111111111111111111111111111111111111111111111", "predicate": {"control_id": "DOC-05", "control_basis": "policy", "control_severity": "blocker", "risk": "Gaps in the file", "risk_owner": {"id": "olga", "name": "Olga"}, "requested_by": {"id": "ben", "name": "Ben"}, "approver": {"id": "carl", "name": "Carl"}, "granted_at": "2026-11-01T00:00:00Z", "expires_on": "2027-01-30T00:00:00Z"}}], "evidence-index": [{"predicate": {"records": [{"record_id": "sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "type": "approval"}, {"record_id": "sha256:1111111111111111111111111111111111111111111111111111111111111111", "type": "waiver"}]}, "id": "sha256:2"}], "feed-status": [{"predicate": {"feed": "waiver", "count": 1, "complete": true, "window": {"start": "2026-10-20T00:00:00Z", "end": "2026-11-20T00:00:00Z"}}, "id": "sha256:3", "issued_at": "2026-11-20T00:00:00Z"}]}

bounds := {"waiver_max_days": 90}

but(changes) := object.union(good, changes)

found(evidence, parameters) := satisfied if {
	satisfied := control.satisfied with input.now as "2026-11-21T00:00:00Z"
		with input.gate as "staging"
		with input.subject.digest as "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		with input.system.tier as "high-annex-iii"
		with input.evidence as evidence
		with data.parameters as parameters
}

all := {"granted-by-another", "list-whole", "never-law", "time-boxed", "waivers-complete"}

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

granted(changes) := {"waiver": [object.union(good.waiver[0], {"predicate": changes})]}

test_a_shorter_time_is_a_parameter if found(good, {"waiver_max_days": 89}) == all - {"time-boxed"}

test_a_blocker_of_the_law_is_found if found(but(granted({"control_basis": "law"})), bounds) == all - {"never-law"}

test_own_request_is_found if {
	found(but(granted({"requested_by": {"id": "carl", "name": "Carl"}})), bounds) == all - {"granted-by-another"}
}

test_each_name_is_needed if {
	every name in ["approver", "control_id", "risk", "risk_owner"] {
		nameless := [object.remove(good.waiver[0], ["predicate"])]
		waiver := object.union(nameless[0], {"predicate": object.remove(good.waiver[0].predicate, [name])})
		not "waivers-complete" in found(but({"waiver": [waiver]}), bounds)
	}
}
