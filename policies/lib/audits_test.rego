package lib.audits_test

import data.lib.audits

audit := {
	"class": "attested",
	"signature": {"signer": "vic", "roles": ["auditor"]},
	"predicate": {"independent": true, "auditor": {"id": "vic"}},
}

test_independent if {
	audits.independent(audit)
	every wrong in [
		{"class": "ingested"},
		{"signature": {"signer": "omar"}},
		{"signature": {"roles": []}},
		{"signature": {"roles": ["compliance", "model-owner"]}},
		{"predicate": {"independent": false}},
	] {
		not audits.independent(object.union(audit, wrong))
	}
}
