package controls.lineage.LIN_01_test

import data.controls.lineage.LIN_01 as control

evidence(path, edge, unowned) := {"lineage-graph": [{"id": "g", "predicate": {
	"nodes": [node("crm", "source"), node("loans", "dataset")],
	"edges": [edge],
	"source_paths": {"loans": [path]},
	"complete_path_share": 1,
	"unowned_nodes": unowned,
}}]}

node(id, kind) := {"id": id, "kind": kind, "origin": "bureau", "licence": "internal", "purpose": "credit"}

whole(nodes) := {"nodes": nodes, "complete": true}

derived(run) := {"from": "crm", "to": "loans", "kind": "derived", "run": run}

test_traced_and_documented_satisfies if {
	satisfied := control.satisfied with data.parameters as {"min_lineage_coverage": 1}
		with input.evidence as evidence(whole(["crm", "loans"]), derived("etl"), [])
	satisfied == {"inputs-reach-sources", "ancestors-documented", "transformations-recorded", "every-node-owned"}
}

test_path_must_begin_at_a_source_and_end_at_the_input if {
	broken := [nodes |
		some nodes in [["loans"], ["crm"], ["crm", "elsewhere", "loans"], []]
		satisfied := control.satisfied with data.parameters as {"min_lineage_coverage": 1}
			with input.evidence as evidence(whole(nodes), derived("etl"), [])
		not "inputs-reach-sources" in satisfied
	]
	count(broken) == 4
}

test_blank_run_and_unowned_node_are_found if {
	satisfied := control.satisfied with data.parameters as {"min_lineage_coverage": 1}
		with input.evidence as evidence(whole(["crm", "loans"]), derived(" "), ["crm"])
	satisfied == {"inputs-reach-sources", "ancestors-documented"}
	findings := control.findings with data.parameters as {"min_lineage_coverage": 1}
		with input.evidence as evidence(whole(["crm", "loans"]), derived(" "), ["crm"])
	{finding.objective | some finding in findings} == {"transformations-recorded", "every-node-owned"}
}

test_without_threshold_nothing_is_traced if {
	satisfied := control.satisfied with data.parameters as {}
		with input.evidence as evidence(whole(["crm", "loans"]), derived("etl"), [])
	satisfied == {"ancestors-documented", "transformations-recorded", "every-node-owned"}
}

test_nothing_known_satisfies_nothing if {
	satisfied := control.satisfied with data.parameters as {"min_lineage_coverage": 1}
		with input.evidence as {"lineage-graph": []}
	count(satisfied) == 0
}
