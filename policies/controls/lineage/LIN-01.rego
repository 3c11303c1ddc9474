# METADATA
# title: Training ancestry traced to owned sources
# description: >-
#   The ancestry of the model is known back to its source systems, and each piece of data in it has an owner, an
#   origin, a licence and a purpose. Read strictly: every path of every model input must be gapless, not one alone;
#   and every source and dataset of the graph counts as a training ancestor.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [data-intake, validation, staging, operation]
#   evidence: [lineage-graph]
#   parameters: [min_lineage_coverage]
#   objectives:
#     inputs-reach-sources:
#       says: Every model input is traced without a gap to a source system.
#       at: [validation, staging, operation]
#       covers: [S0.M2.2, S4.M4.6]
#     ancestors-documented:
#       says: Every source and dataset in the ancestry has an origin, a licence and a purpose of collection.
#       at: [data-intake, validation]
#       covers: [S1.M2.1]
#     transformations-recorded:
#       says: Every step that derived data from other data names the run that did it.
#       at: [data-intake, validation]
#       covers: [S1.M2.1]
#     every-node-owned:
#       says: Everything in the lineage has an owner.
#       at: [data-intake, validation]
#       covers: [S1.M2.1]
#   frameworks:
#     eu-ai-act: ["10(2)(a)", "10(2)(b)", "10(2)(c)"]
#     nist-ai-rmf: ["MAP 4.1", "MEASURE 2.1"]
#     iso-42001: ["A.7.5", "A.7.6"]
#   remediation: "Add the missing source, owner, licence or transformation to the lineage."
package controls.lineage.LIN_01

import data.lib.records

graphs := input.evidence["lineage-graph"]

satisfied contains "inputs-reach-sources" if {
	count(graphs) > 0
	every graph in graphs {
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

satisfied contains "ancestors-documented" if {
	count(graphs) > 0
	every graph in graphs {
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
		count(graph.predicate.nodes) > 0
		count(graph.predicate.unowned_nodes) == 0
	}
}

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

# What a model can be trained on: sources and datasets. Features, runs and models have neither licence nor purpose.
data_nodes(graph) := [node |
	some node in graph.predicate.nodes
	node.kind in {"source", "dataset"}
]

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
	records.filled(edge.run)
}

findings contains finding if {
	some graph in graphs
	graph.predicate.complete_path_share < data.parameters.min_lineage_coverage
	finding := {
		"objective": "inputs-reach-sources",
		"message": "too few model inputs have a gapless path to a source system",
		"evidence": graph.id,
		"observed": graph.predicate.complete_path_share,
		"expected": data.parameters.min_lineage_coverage,
		"path": "complete_path_share",
	}
}

findings contains finding if {
	some graph in graphs
	count(graph.predicate.source_paths) == 0
	finding := {
		"objective": "inputs-reach-sources",
		"message": "the lineage knows no input of the model",
		"gap": true,
		"evidence": graph.id,
		"path": "source_paths",
	}
}

findings contains finding if {
	some graph in graphs
	some model_input, paths in graph.predicate.source_paths
	count(paths) == 0
	finding := {
		"objective": "inputs-reach-sources",
		"message": sprintf("the model input %s has no path to a source", [model_input]),
		"evidence": graph.id,
		"path": sprintf("source_paths.%s", [model_input]),
	}
}

findings contains finding if {
	some graph in graphs
	some model_input, paths in graph.predicate.source_paths
	some path in paths
	not traced(graph, model_input, path)
	finding := {
		"objective": "inputs-reach-sources",
		"message": sprintf("a path of the model input %s breaks off before a source system", [model_input]),
		"evidence": graph.id,
		"observed": path.nodes,
		"path": sprintf("source_paths.%s", [model_input]),
	}
}

findings contains finding if {
	some graph in graphs
	count(graph.predicate.nodes) == 0
	finding := {
		"objective": "every-node-owned",
		"message": "the lineage is empty",
		"gap": true,
		"evidence": graph.id,
		"path": "nodes",
	}
}

findings contains finding if {
	some graph in graphs
	count(data_nodes(graph)) == 0
	finding := {
		"objective": "ancestors-documented",
		"message": "the lineage holds no source and no dataset",
		"gap": true,
		"evidence": graph.id,
		"path": "nodes",
	}
}

findings contains finding if {
	some graph in graphs
	some node in data_nodes(graph)
	not documented(node)
	finding := {
		"objective": "ancestors-documented",
		"message": sprintf("%s lacks its origin, licence or purpose of collection", [node.id]),
		"evidence": graph.id,
		"expected": ["origin", "licence", "purpose"],
		"path": "nodes",
	}
}

findings contains finding if {
	some graph in graphs
	some node in data_nodes(graph)
	not joined(graph, node)
	finding := {
		"objective": "ancestors-documented",
		"message": sprintf("%s stands in the lineage without an edge", [node.id]),
		"evidence": graph.id,
		"path": "edges",
	}
}

findings contains finding if {
	some graph in graphs
	count(graph.predicate.edges) == 0
	finding := {
		"objective": "transformations-recorded",
		"message": "the lineage holds no edge",
		"gap": true,
		"evidence": graph.id,
		"path": "edges",
	}
}

findings contains finding if {
	some graph in graphs
	some edge in graph.predicate.edges
	not recorded(edge)
	finding := {
		"objective": "transformations-recorded",
		"message": sprintf("how %s was made from %s is not recorded", [edge.to, edge.from]),
		"evidence": graph.id,
		"path": "edges",
	}
}

findings contains finding if {
	some graph in graphs
	some edge in graph.predicate.edges
	some end in [edge.from, edge.to]
	not end in node_ids(graph)
	finding := {
		"objective": "transformations-recorded",
		"message": sprintf("an edge leads to %s, which the lineage does not describe", [end]),
		"evidence": graph.id,
		"path": "edges",
	}
}

findings contains finding if {
	some graph in graphs
	count(graph.predicate.unowned_nodes) > 0
	finding := {
		"objective": "every-node-owned",
		"message": sprintf("%d nodes of the lineage have no owner", [count(graph.predicate.unowned_nodes)]),
		"evidence": graph.id,
		"observed": graph.predicate.unowned_nodes,
		"path": "unowned_nodes",
	}
}
