package controls.incident.INC_09_test

import data.controls.incident.INC_09 as control

good := {"incident-record": [{"predicate": {"serious_kind": "health-harm", "aware_at": "2027-10-01T08:00:00Z", "reported_at": "2027-10-16T08:00:00Z", "reported_to": "national-msa"}, "id": "sha256:1"}], "feed-status": [{"predicate": {"feed": "incident-record", "count": 1, "complete": true, "window": {"start": "2026-10-20T00:00:00Z", "end": "2027-12-02T00:00:00Z"}}, "id": "sha256:2", "issued_at": "2027-12-02T00:00:00Z"}], "risk-classification": [{"predicate": {"tier": "high-annex-iii", "supervising_authority": "national-msa"}, "id": "sha256:3"}]}

bounds := {"serious_incident_days": 15, "serious_incident_days_death": 10, "serious_incident_days_widespread": 2}

but(changes) := object.union(good, changes)

found(evidence, parameters) := satisfied if {
	satisfied := control.satisfied with input.now as "2027-12-03T00:00:00Z"
		with input.gate as "incident"
		with input.subject.digest as "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		with input.system.tier as "high-annex-iii"
		with input.evidence as evidence
		with data.parameters as parameters
}

all := {"reported-in-time", "reported-to-authority"}

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

happened(changes) := {"incident-record": [object.union(good["incident-record"][0], {"predicate": changes})]}

test_a_shorter_time_is_a_parameter if {
	found(good, object.union(bounds, {"serious_incident_days": 14})) == {"reported-to-authority"}
}

test_deaths_and_widespread_harm_have_shorter_times if {
	found(but(happened({"serious_kind": "death"})), bounds) == {"reported-to-authority"}
	found(but(happened({"serious_kind": "widespread"})), bounds) == {"reported-to-authority"}
}

test_applies_to_serious_incidents if {
	control.applies == true with input.evidence as good
	control.applies == false with input.evidence as but(happened({"serious_kind": "none"}))
}

test_a_silent_feed_does_not_make_it_inapplicable if not applies_to_silence

applies_to_silence if {
	is_boolean(control.applies) with input.evidence as {"incident-record": [], "feed-status": []}
}
