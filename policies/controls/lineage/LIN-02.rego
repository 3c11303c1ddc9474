# METADATA
# title: Training run fully described
# description: >-
#   The lineage names the run that trained the artifact, and the training run that was filed for this very version has its
#   settings, the digest of its environment and its metrics, and read data that the lineage holds. Read strictly: every
#   edge that trains the artifact names a run of the lineage, and every training run on record must be described, one
#   filed for the system as a whole as well. That the settings are those that were used is the word of the platform that
#   brought the record.
# custom:
#   severity: major
#   basis: policy
#   gates: [registration, validation]
#   evidence: [lineage-graph, training-run]
#   objectives:
#     run-linked: {says: The lineage names the run that trained the artifact on the data that it read., covers: [S2.M3.2]}
#     run-described:
#       says: "The training run of this version has settings, environment and metrics."
#       covers: [S2.M3.2]
#       reads: [training-run]
#   may_differ: {training-run.environment_digest: any digest names an environment; no other record knows it}
#   frameworks: {nist-ai-rmf: ["MEASURE 2.1"], iso-42001: ["A.6.2.3"], eu-ai-act: ["Annex IV 2(b)"]}
#   remediation: "Log settings, environment and metrics of the run that produced the artifact."
package controls.lineage.LIN_02

import data.lib.findings as say
import data.lib.records

graphs := input.evidence["lineage-graph"]

runs := input.evidence["training-run"]

satisfied contains "run-linked" if {
	count(graphs) > 0
	count(runs) > 0
	every graph in graphs {
		linked(graph)
		every run in runs {
			records.covers(digests(graph), run.predicate.dataset_digests)
		}
	}
}

satisfied contains "run-described" if {
	count(runs) > 0
	every run in runs {
		described(run)
	}
}

digests(graph) := {node.digest | some node in graph.predicate.nodes}

# Edges that train the candidate.
training_edges(graph) := [edge |
	some node in graph.predicate.nodes
	node.kind == "model"
	node.digest == input.subject.digest
	some edge in graph.predicate.edges
	edge.kind == "trained"
	edge.to == node.id
]

run_ids(graph) := {node.id | some node in graph.predicate.nodes; node.kind == "run"}

linked(graph) if {
	count(training_edges(graph)) > 0
	every edge in training_edges(graph) {
		edge.run in run_ids(graph)
	}
}

described(run) if {
	records.names_candidate(run)
	count(run.predicate.hyperparameters) > 0
	records.named(run.predicate.environment_digest)
	count(run.predicate.metrics) > 0
}

findings contains say.gap("run-linked", graph, "edges", "the lineage does not name the run that trained the artifact") if {
	some graph in graphs
	not linked(graph)
}

findings contains say.also(unknown, {"values": {"digest": digest}}) if {
	some graph in graphs
	some run in runs
	some digest in run.predicate.dataset_digests
	not digest in digests(graph)
	unknown := say.breach("run-linked", run, "dataset_digests", "the training run read {digest}, which is not in the lineage")
}

findings contains say.breach("run-described", run, path, "the training run does not say with what settings it ran, or to what end") if {
	some run in runs
	some path in ["hyperparameters", "metrics"]
	count(run.predicate[path]) == 0
}

findings contains say.gap("run-described", run, "subject", "the training run was not filed for this version") if {
	some run in runs
	not records.names_candidate(run)
}
