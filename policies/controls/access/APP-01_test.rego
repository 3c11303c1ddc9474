package controls.access.APP_01_test

import data.controls.access.APP_01 as control

good := {"registry-entry": [{"predicate": {"artifact_digest": "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", "stage": "staging", "role_assignments": {"product-owner": {"id": "olga", "name": "Olga"}, "development": {"id": "ben", "name": "Ben"}}}, "id": "sha256:1"}], "risk-classification": [{"predicate": {"tier": "high-annex-iii"}, "id": "sha256:2"}], "approval": [{"signature": {"state": "verified", "kind": "person", "signer": "olga", "roles": ["model-owner"]}, "predicate": {"gate": "production", "artifact_digest": "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", "approver": {"id": "olga", "name": "Olga"}, "role": "model-owner", "decision": "approve", "conditions": [], "decided_at": "2026-11-19T00:00:00Z"}, "id": "sha256:3"}, {"signature": {"state": "verified", "kind": "person", "signer": "vera", "roles": ["validator"]}, "predicate": {"gate": "production", "artifact_digest": "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", "approver": {"id": "vera", "name": "Vera"}, "role": "validator", "decision": "approve", "conditions": [], "decided_at": "2026-11-19T00:00:00Z"}, "id": "sha256:4"}, {"signature": {"state": "verified", "kind": "person", "signer": "carl", "roles": ["compliance"]}, "predicate": {"gate": "production", "artifact_digest": "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", "approver": {"id": "carl", "name": "Carl"}, "role": "compliance", "decision": "approve", "conditions": [], "decided_at": "2026-11-19T00:00:00Z"}, "id": "sha256:5"}, {"signature": {"state": "verified", "kind": "person", "signer": "dora", "roles": ["dpo"]}, "predicate": {"gate": "production", "artifact_digest": "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc", "approver": {"id": "dora", "name": "Dora"}, "role": "dpo", "decision": "approve", "conditions": [], "decided_at": "2026-11-19T00:00:00Z"}, "id": "sha256:6"}], "access-policy": [{"predicate": {"resource_kind": "gate", "role": "model-owner", "principals": ["olga"], "actions": ["approve"]}, "id": "sha256:7"}, {"predicate": {"resource_kind": "gate", "role": "validator", "principals": ["vera"], "actions": ["approve"]}, "id": "sha256:8"}, {"predicate": {"resource_kind": "gate", "role": "compliance", "principals": ["carl"], "actions": ["approve"]}, "id": "sha256:9"}, {"predicate": {"resource_kind": "gate", "role": "dpo", "principals": ["dora"], "actions": ["approve"]}, "id": "sha256:10"}]}

bounds := {"approvals_by_stage": {"staging": ["model-owner", "validator"], "production": ["model-owner", "validator", "compliance"]}, "approvals_by_tier": {"minimal": ["model-owner"], "limited": ["model-owner", "validator"], "high": ["model-owner", "validator", "compliance", "dpo"]}}

but(changes) := object.union(good, changes)

found(evidence, parameters) := satisfied if {
	satisfied := control.satisfied with input.now as "2026-11-21T00:00:00Z"
		with input.gate as "production"
		with input.subject.digest as "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		with input.system.tier as "high-annex-iii"
		with input.evidence as evidence
		with data.parameters as parameters
}

all := {"approvers-entitled", "stage-approved", "tier-approved"}

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

approved(changes) := {"approval": array.concat(
	[object.union(good.approval[0], {"predicate": changes})],
	array.slice(good.approval, 1, 4),
)}

test_met_condition_counts if {
	found(but(approved({"conditions": [{"text": "monitor", "met": true}]})), bounds) == all
}

test_unmet_condition_does_not if {
	found(but(approved({"conditions": [{"text": "monitor", "met": false}]})), bounds) == {"approvers-entitled"}
}

test_unsigned_does_not_count if {
	unsigned := [object.union(approval, {"signature": {"state": "absent"}}) | some approval in good.approval]
	found(but({"approval": unsigned}), bounds) == set()
}

test_another_gate_does_not_count if found(but(approved({"gate": "staging"})), bounds) == {"approvers-entitled"}
