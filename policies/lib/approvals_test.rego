package lib.approvals_test

import data.lib.approvals

digest := "sha256:cc"

word(person, role, decision, index) := {
	"id": person,
	"log_index": index,
	"signature": {"signer": person, "roles": [role]},
	"predicate": {
		"gate": "staging",
		"artifact_digest": digest,
		"approver": {"id": person, "name": person},
		"role": role,
		"decision": decision,
		"conditions": [{"met": true}],
	},
}

asked(words) := {"gate": "staging", "subject": {"digest": digest}, "evidence": {"approval": words}}

test_approves if {
	approvals.approves("legal") with input as asked([word("ana", "legal", "approve", 1)])
	not approvals.approves("dpo") with input as asked([word("ana", "legal", "approve", 1)])
	not approvals.approves("legal") with input as asked([])
}

test_last_word_counts if {
	not approvals.approves("legal") with input as asked([word("ana", "legal", "approve", 1), word("ana", "legal", "abstain", 2)])
	not approvals.approves("legal") with input as asked([word("ana", "legal", "approve", 1), word("ben", "legal", "reject", 0)])
	approvals.approves("legal") with input as asked([word("ana", "legal", "reject", 1), word("ana", "legal", "approve", 2)])
	approvals.approves("legal") with input as asked([word("ana", "legal", "approve", 1), word("ben", "legal", "abstain", 2)])
}

test_good if {
	right := word("ana", "legal", "approve", 1)
	every wrong in [
		object.union(right, {"signature": {"signer": "ben"}}),
		object.union(right, {"signature": {"roles": ["dpo"]}}),
		object.union(right, {"predicate": {"artifact_digest": "sha256:ee"}}),
		object.union(right, {"predicate": {"conditions": [{"met": false}]}}),
	] {
		not approvals.approves("legal") with input as asked([wrong])
	}
	not approvals.approves("legal") with input as object.union(asked([right]), {"gate": "production"})
}

test_quorum if {
	two := [word("ana", "legal", "approve", 1), word("ben", "legal", "approve", 2)]
	approvals.quorum("legal", 2) with input as asked(two)
	not approvals.quorum("legal", 3) with input as asked(two)
	not approvals.quorum("legal", 0) with input as asked([])
	alias := object.union(word("ana2", "legal", "approve", 2), {"predicate": {"approver": {"name": "ana"}}})
	not approvals.quorum("legal", 2) with input as asked([word("ana", "legal", "approve", 1), alias])
	shouted := object.union(alias, {"predicate": {"approver": {"name": "ANA"}}})
	not approvals.quorum("legal", 2) with input as asked([word("ana", "legal", "approve", 1), shouted])
}

test_distinct if {
	two := [word("ana", "legal", "approve", 1), word("ben", "dpo", "approve", 2)]
	approvals.distinct(["legal", "dpo"]) with input as asked(two)
	not approvals.distinct(["legal", "dpo"]) with input as asked([word("ana", "legal", "approve", 1), word("ana", "dpo", "approve", 2)])
	not approvals.distinct([]) with input as asked(two)
}

test_after if {
	approvals.after("legal", [0]) with input as asked([word("ana", "legal", "approve", 1)])
	not approvals.after("legal", [0, 1]) with input as asked([word("ana", "legal", "approve", 1)])
}

test_findings if {
	approvals.early("x", "legal", {"id": "sha256:aa"}).values.role == "legal"
	approvals.lacking("x", "legal").gap
	approvals.against("x", word("ana", "legal", "reject", 1)).values.name == "ana"
}
