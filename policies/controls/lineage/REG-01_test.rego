package controls.lineage.REG_01_test

import data.controls.lineage.REG_01 as control

good := {"registry-entry": [{"owner": {"id": "ada", "name": "Ada"}, "predicate": {"name": "mortgage", "version": "2", "status": "active", "intended_use": "Rank mortgage applications", "training_data_refs": ["sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"], "bias_assessment_ref": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "role_assignments": {"development": {"id": "ben", "name": "Ben"}}, "dependencies": [{"name": "onnxruntime", "version": "1.23.0", "kind": "library"}], "member_states": ["IT"], "artifact_digest": "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"}, "id": "sha256:1"}], "lineage-graph": [{"predicate": {"node_digests": {"model": "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"}}, "id": "sha256:2"}], "fairness-audit": [{"digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "predicate": {"artifact_digest": "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"}, "id": "sha256:3"}]}

bounds := {"registry_schema": "registry-v1"}

but(changes) := object.union(good, changes)

found(evidence, parameters) := satisfied if {
	satisfied := control.satisfied with input.now as "2026-11-21T00:00:00Z"
		with input.gate as "registration"
		with input.subject.digest as "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		with input.system.tier as "high-annex-iii"
		with input.evidence as evidence
		with data.parameters as parameters
}

all := {"artifact-in-lineage", "bias-assessment-cited", "form-filled", "purpose-and-data-set"}

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

entered(changes) := {"registry-entry": [object.union(good["registry-entry"][0], {"predicate": changes})]}

test_each_field_of_the_form_is_found if {
	every changes in [{"name": " "}, {"version": ""}, {"member_states": []}, {"dependencies": []}, {"status": ""}] {
		found(but(entered(changes)), bounds) == all - {"form-filled"}
	}
}

test_another_audit_is_found if {
	found(but(entered({"bias_assessment_ref": "sha256:b"})), bounds) == all - {"bias-assessment-cited"}
}

test_a_form_that_is_not_known_asks_for_what_nobody_fills if {
	found(good, {"registry_schema": "registry-v2"}) == all - {"form-filled"}
}
