# METADATA
# title: Training ancestry traced to owned sources
# description: >-
#   The ancestry of the subject is known back to its source systems, and each piece of data in it has an owner, an
#   origin, a licence and a purpose. Read strictly: every path of every model input must be gapless, not one alone;
#   every source and dataset of the graph counts as a training ancestor; what the training run read is in the graph; and
#   a gap that the graph itself names is one.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [data-intake, validation, staging, operation]
#   evidence: [lineage-graph, training-run]
#   parameters: [min_lineage_coverage]
#   objectives:
#     inputs-reach-sources:
#       says: Every model input is traced without a gap to a source system.
#       at: [validation, staging, operation]
#       covers: [S0.M2.2, S4.M4.6]
#       reads: [lineage-graph]
#     run-inputs-traced:
#       says: Every dataset that the training run read is in the lineage.
#       at: [validation]
#       covers: [S0.M2.2]
#     ancestors-documented:
#       says: Every source and dataset in the ancestry has an origin, a licence and a purpose of collection.
#       at: [data-intake, validation]
#       covers: [S1.M2.1]
#       reads: [lineage-graph]
#     transformations-recorded:
#       says: Every step that derived data from other data names the run that did it.
#       at: [data-intake, validation]
#       covers: [S1.M2.1]
#       reads: [lineage-graph]
#     every-node-owned:
#       says: Everything in the lineage has an owner.
#       at: [data-intake, validation]
#       covers: [S1.M2.1]
#       reads: [lineage-graph]
#   frameworks:
#     eu-ai-act: ["10(2)(a)", "10(2)(b)", "10(2)(c)"]
#     nist-ai-rmf: ["MAP 4.1", "MEASURE 2.1"]
#     iso-42001: ["A.7.5", "A.7.6"]
#   remediation: "Add the missing source, owner, licence or transformation to the lineage."
package controls.lineage.LIN_01

import data.lib.findings as say
import data.lib.records

graphs := input.evidence["lineage-graph"]

runs := input.evidence["training-run"]

satisfied contains "inputs-reach-sources" if {
	count(graphs) > 0
	every graph in graphs {
		holds_subject(graph)
		graph.predicate.complete_path_share >= data.parameters.min_lineage_coverage
		count(graph.predicate.source_paths) > 0
		every model_input, paths in graph.predicate.source_paths {
			count(paths) > 0
			every path in paths {
				traced(graph, model_input, path)
			}
		}
	}
}

satisfied contains "run-inputs-traced" if {
	count(graphs) > 0
	count(runs) > 0
	every graph in graphs {
		every run in runs {
			records.covers(digests(graph), run.predicate.dataset_digests)
		}
	}
}

satisfied contains "ancestors-documented" if {
	count(graphs) > 0
	every graph in graphs {
		holds_subject(graph)
		count(graph.predicate.gaps) == 0
		count(data_nodes(graph)) > 0
		every node in data_nodes(graph) {
			documented(node)
			joined(graph, node)
		}
	}
}

satisfied contains "transformations-recorded" if {
	count(graphs) > 0
	every graph in graphs {
		count(graph.predicate.edges) > 0
		every edge in graph.predicate.edges {
			edge.from in node_ids(graph)
			edge.to in node_ids(graph)
			recorded(edge)
		}
	}
}

satisfied contains "every-node-owned" if {
	count(graphs) > 0
	every graph in graphs {
		count(graph.predicate.unowned_nodes) == 0
		count(graph.predicate.nodes) > 0
		every node in graph.predicate.nodes {
			owned(node)
		}
	}
}

owned(node) if records.named(node.owner.id)

holds_subject(graph) if input.subject.digest in digests(graph)

digests(graph) := {node.digest | some node in graph.predicate.nodes}

# Every step of the path is a node of the graph; the input is one of them and a source system another.
traced(graph, model_input, path) if {
	path.complete == true
	model_input in path.nodes
	records.covers(node_ids(graph), path.nodes)
	some node in graph.predicate.nodes
	node.kind == "source"
	node.id in path.nodes
}

node_ids(graph) := {node.id | some node in graph.predicate.nodes}

# What a model can be trained on: sources and datasets, and what does not say that it is something else. Features, runs
# and models have neither licence nor purpose.
data_nodes(graph) := [node | some node in graph.predicate.nodes; not made_of_data(node)]

made_of_data(node) if node.kind in {"feature", "run", "model", "deployment", "output", "decision"}

documented(node) if {
	records.filled(node.origin)
	records.filled(node.licence)
	records.filled(node.purpose)
}

# The node is an end of an edge, so that the graph says what became of it.
joined(graph, node) if {
	some edge in graph.predicate.edges
	node.id in {edge.from, edge.to}
}

recorded(edge) if edge.kind in {"trained", "read", "served", "produced"}

recorded(edge) if {
	edge.kind == "derived"
	records.named(edge.run)
}

findings contains say.gap(objective, graph, "nodes", "what is judged is not in the lineage") if {
	some graph in graphs
	not holds_subject(graph)
	some objective in ["inputs-reach-sources", "ancestors-documented"]
}

findings contains say.also(few, {"observed": graph.predicate.complete_path_share, "expected": data.parameters.min_lineage_coverage}) if {
	some graph in graphs
	graph.predicate.complete_path_share < data.parameters.min_lineage_coverage
	few := say.breach("inputs-reach-sources", graph, "complete_path_share", "too few model inputs have a gapless path to a source system")
}

findings contains say.gap("inputs-reach-sources", graph, "source_paths", "the lineage knows no input of the model") if {
	some graph in graphs
	count(graph.predicate.source_paths) == 0
}

findings contains say.also(broken, {"values": {"input": model_input}}) if {
	some graph in graphs
	some model_input, paths in graph.predicate.source_paths
	not all_traced(graph, model_input, paths)
	broken := say.breach("inputs-reach-sources", graph, "source_paths", "the model input {input} is not traced on every path to a source system")
}

all_traced(graph, model_input, paths) if {
	count(paths) > 0
	every path in paths {
		traced(graph, model_input, path)
	}
}

findings contains say.also(unknown, {"values": {"digest": digest}}) if {
	some graph in graphs
	some run in runs
	some digest in run.predicate.dataset_digests
	not digest in digests(graph)
	unknown := say.breach("run-inputs-traced", run, "dataset_digests", "the training run read {digest}, which is not in the lineage")
}

findings contains say.also(told, {"values": {"gap": gap}}) if {
	some graph in graphs
	some gap in graph.predicate.gaps
	told := say.breach("ancestors-documented", graph, "gaps", "the lineage has a gap: {gap}")
}

findings contains say.gap(objective, graph, path, "the lineage holds nothing of the kind") if {
	some graph in graphs
	some objective, path in {"every-node-owned": "nodes", "transformations-recorded": "edges", "ancestors-documented": "nodes"}
	count(held(graph, objective)) == 0
}

held(graph, "every-node-owned") := graph.predicate.nodes

held(graph, "transformations-recorded") := graph.predicate.edges

held(graph, "ancestors-documented") := data_nodes(graph)

findings contains say.also(bare, {"values": {"node": node.id}}) if {
	some graph in graphs
	some node in data_nodes(graph)
	not documented(node)
	bare := say.breach("ancestors-documented", graph, "nodes", "{node} lacks its origin, licence or purpose of collection")
}

findings contains say.also(alone, {"values": {"node": node.id}}) if {
	some graph in graphs
	some node in data_nodes(graph)
	not joined(graph, node)
	alone := say.breach("ancestors-documented", graph, "edges", "{node} stands in the lineage without an edge")
}

findings contains say.also(unrecorded, {"values": {"from": edge.from, "to": edge.to}}) if {
	some graph in graphs
	some edge in graph.predicate.edges
	not recorded(edge)
	unrecorded := say.breach("transformations-recorded", graph, "edges", "how {to} was made from {from} is not recorded")
}

findings contains say.also(adrift, {"values": {"node": end}}) if {
	some graph in graphs
	some edge in graph.predicate.edges
	some end in [edge.from, edge.to]
	not end in node_ids(graph)
	adrift := say.breach("transformations-recorded", graph, "edges", "an edge leads to {node}, which the lineage does not describe")
}

findings contains say.also(ownerless, {"values": {"node": node.id}}) if {
	some graph in graphs
	some node in graph.predicate.nodes
	not owned(node)
	ownerless := say.breach("every-node-owned", graph, "nodes", "{node} has no owner")
}
