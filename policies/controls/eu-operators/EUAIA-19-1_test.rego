package controls.eu_operators.EUAIA_19_1_test

import data.controls.eu_operators.EUAIA_19_1 as control

good := {"retention-state": [{"predicate": {"record_class": "event-log", "configured": "P6M", "oldest_available_at": "2027-06-03T00:00:00Z"}, "id": "sha256:1"}], "deployment-record": [{"predicate": {"started_at": "2027-01-10T09:00:00Z"}, "id": "sha256:2"}], "feed-status": [{"predicate": {"feed": "deployment-record", "count": 1, "complete": true, "window": {"start": "2026-10-20T00:00:00Z", "end": "2027-12-02T00:00:00Z"}}, "id": "sha256:3", "issued_at": "2027-12-02T00:00:00Z"}]}

bounds := {"event_log_keep": "P6M"}

but(changes) := object.union(good, changes)

found(evidence, parameters) := satisfied if {
	satisfied := control.satisfied with input.now as "2027-12-03T00:00:00Z"
		with input.gate as "operation"
		with input.subject.digest as "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		with input.system.tier as "high-annex-iii"
		with input.evidence as evidence
		with data.parameters as parameters
}

all := {"logs-available", "logs-kept"}

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

test_a_longer_keeping_time_is_asked_for if found(good, {"event_log_keep": "P7M"}) == set()

test_no_deployment_needs_no_old_logs if {
	status := object.union(good["feed-status"][0], {"predicate": {"count": 0}})
	found(but({"deployment-record": [], "feed-status": [status]}), bounds) == all
}
