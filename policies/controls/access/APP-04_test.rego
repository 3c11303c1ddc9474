package controls.access.APP_04_test

import data.controls.access.APP_04 as control

good := {"approval": [{"predicate": {"artifact_digest": "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", "approver": {"id": "vera", "name": "Vera"}}, "id": "sha256:1", "signature": {"state": "verified", "kind": "person", "signer": "signer", "roles": []}}], "training-run": [{"predicate": {"author": {"id": "ben", "name": "Ben"}}, "id": "sha256:2"}], "ci-run": [{"predicate": {"author": {"id": "ben", "name": "Ben"}}, "id": "sha256:3"}], "deployment-record": [{"predicate": {"deployed_by": {"id": "rita", "name": "Rita"}}, "id": "sha256:4"}], "access-policy": [{"predicate": {"role": "validator", "actions": ["approve", "read"]}, "id": "sha256:5"}, {"predicate": {"role": "release-manager", "actions": ["deploy"]}, "id": "sha256:6"}], "audit-report": [{"predicate": {"auditor": {"id": "ines", "name": "Ines"}}, "id": "sha256:7"}], "feed-status": [{"predicate": {"feed": "deployment-record", "count": 1, "complete": true, "window": {"start": "2026-10-20T00:00:00Z", "end": "2026-11-20T00:00:00Z"}}, "id": "sha256:8", "issued_at": "2026-11-20T00:00:00Z"}]}

bounds := {}

but(changes) := object.union(good, changes)

found(evidence, parameters) := satisfied if {
	satisfied := control.satisfied with input.now as "2026-11-21T00:00:00Z"
		with input.gate as "staging"
		with input.subject.digest as "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		with input.system.tier as "high-annex-iii"
		with input.evidence as evidence
		with data.parameters as parameters
}

all := {"auditor-apart", "builder-apart", "deployer-apart", "rights-apart"}

test_good_evidence_satisfies_all if found(good, bounds) == all

test_nothing_known_satisfies_nothing if count(found({}, bounds)) == 0

test_each_type_is_needed if {
	every kind in object.keys(good) {
		found(but({kind: []}), bounds) != all
	}
}

vera := {"id": "vera", "name": "Vera"}

test_the_approver_is_found_in_each_duty if {
	found(but({"deployment-record": [{"id": "x", "predicate": {"deployed_by": vera}}]}), bounds) == all - {"deployer-apart"}
	found(but({"training-run": [{"id": "x", "predicate": {"author": vera}}]}), bounds) == all - {"builder-apart"}
	found(but({"ci-run": [{"id": "x", "predicate": {"author": vera}}]}), bounds) == all - {"builder-apart"}
	found(but({"audit-report": [{"id": "x", "predicate": {"auditor": vera}}]}), bounds) == all - {"auditor-apart"}
}

test_an_unnamed_deployer_is_not_apart if {
	found(but({"deployment-record": [{"id": "x", "predicate": {}}]}), bounds) == all - {"deployer-apart"}
}
