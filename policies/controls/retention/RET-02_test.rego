package controls.retention.RET_02_test

import data.controls.retention.RET_02 as control

good := {"lineage-graph": [{"predicate": {"nodes": [{"id": "raw"}, {"id": "run", "finished_at": "2026-02-01T00:00:00Z"}], "edges": [{"from": "raw", "to": "run", "kind": "read"}], "node_digests": {"raw": "sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"}}, "id": "sha256:1"}], "retention-schedule": [{"predicate": {"record_class": "applications", "period": "P25M", "minimum_keep": "P25M", "legal_basis": "ECOA Reg B"}, "id": "sha256:2"}], "retention-state": [{"predicate": {"record_class": "applications", "overdue_items": 0}, "id": "sha256:3"}], "feed-status": [{"predicate": {"feed": "purge-certificate", "count": 1, "complete": true, "window": {"start": "2026-10-20T00:00:00Z", "end": "2026-11-20T00:00:00Z"}}, "id": "sha256:4", "issued_at": "2026-11-20T00:00:00Z"}], "purge-certificate": [{"predicate": {"record_class": "applications", "object_digests": ["sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"], "due_at": "2026-09-01T00:00:00Z", "completed_at": "2026-10-01T00:00:00Z", "method": "crypto-erase", "exceptions": []}, "id": "sha256:5"}]}

bounds := {"approved_deletion_methods": ["crypto-erase", "secure-overwrite"], "purge_grace_days": 30}

but(changes) := object.union(good, changes)

found(evidence, parameters) := satisfied if {
	satisfied := control.satisfied with input.now as "2026-11-21T00:00:00Z"
		with input.gate as "operation"
		with input.subject.digest as "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		with input.system.tier as "high-annex-iii"
		with input.evidence as evidence
		with data.parameters as parameters
}

all := {"exceptions-justified", "method-approved", "nothing-overdue", "nothing-uses-purged", "purged-in-time"}

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

purged(changes) := {"purge-certificate": [object.union(good["purge-certificate"][0], {"predicate": changes})]}

test_a_shorter_grace_is_a_parameter if {
	found(good, object.union(bounds, {"purge_grace_days": 29})) == all - {"purged-in-time"}
}

test_part_deleted_and_part_kept_by_statute if {
	kept := {"exceptions": [{"claim": "ECOA Reg B", "reason": "applications of 2025"}]}
	found(but(purged(kept)), bounds) == all
}

test_an_exception_that_nothing_backs_is_found if {
	kept := {"exceptions": [{"claim": "habit", "reason": "we always did"}]}
	found(but(purged(kept)), bounds) == all - {"exceptions-justified"}
}

test_a_certificate_that_does_not_say_what_it_deleted if {
	certificate := good["purge-certificate"][0]
	silent := object.union(
		object.remove(certificate, ["predicate"]),
		{"predicate": object.remove(certificate.predicate, ["object_digests"])},
	)
	found(but({"purge-certificate": [silent]}), bounds) == {"method-approved", "nothing-overdue", "purged-in-time"}
}

test_other_edges_do_no_harm if {
	graph := object.union(good["lineage-graph"][0], {"predicate": {"edges": [
		{"from": "raw", "to": "run", "kind": "read"},
		{"from": "run", "to": "model", "kind": "produced"},
		{"from": "elsewhere", "to": "live", "kind": "read"},
	]}})
	found(but({"lineage-graph": [graph]}), bounds) == all
}
