# METADATA
# title: Datasets versioned and reproducible
# description: >-
#   Every dataset that a training run read has a record of the same content whose version is the one in the lineage, from
#   which the judged model was made; every model of the lineage was made of such a dataset; and none of them was deleted.
#   So has every dataset that a validation run tested on: what is judged of data by its record would else be judged of
#   other data than the model. Read strictly: the first training is held to it as well as each retraining, and one deleted
#   copy of a record counts whatever another says. That the stored content still has its digest is the word of the
#   catalogue that filed the record; what validation read it measured itself (PERF-04).
# custom:
#   severity: blocker
#   basis: policy
#   gates: [validation, operation]
#   evidence: {dataset-record: any, lineage-graph: any, training-run: any, validation-run: measured}
#   objectives:
#     training-data-in-lineage:
#       says: Each dataset that the training run read is recorded in that version, and the model was made of it.
#       at: [validation]
#       covers: [S0.M2.7]
#     models-made-of-recorded-data:
#       says: Every model of the lineage was made of a dataset whose recorded content has the same digest.
#       at: [validation]
#       covers: [S1.M2.2]
#       reads: [dataset-record, lineage-graph]
#     training-data-kept:
#       says: No dataset that the training run read was deleted.
#       covers: [S2.M7.4]
#       reads: [dataset-record, training-run]
#     test-data-recorded:
#       says: Each dataset that a validation run tested on is recorded, and was not deleted.
#       at: [validation]
#       reads: [dataset-record, validation-run]
#   may_stand_beside:
#     dataset-record.content_digest: the record of other data says nothing of these
#     dataset-record.version: an earlier version of other content may have been filed for the same data
#   frameworks: {eu-ai-act: ["10(1)"], nist-ai-rmf: ["MEASURE 2.1"], iso-42001: ["A.7.5"]}
#   remediation: Store the exact dataset version that the run read, file its record, and pin its digest.
package controls.data.DG_03

import data.lib.findings as say

datasets := input.evidence["dataset-record"]

graphs := input.evidence["lineage-graph"]

trainings := input.evidence["training-run"]

runs := input.evidence["validation-run"]

read_digests := {digest | some training in trainings; some digest in training.predicate.dataset_digests}

# Runs of which nobody knows what they read.
silent := [training | some training in trainings; not reads(training)]

reads(training) if count(training.predicate.dataset_digests) > 0

satisfied contains "training-data-in-lineage" if {
	count(trainings) > 0
	count(silent) == 0
	count(graphs) > 0
	every graph in graphs {
		count([digest | some digest in read_digests; not in_lineage(graph, digest)]) == 0
	}
}

satisfied contains "models-made-of-recorded-data" if {
	count(graphs) > 0
	every graph in graphs {
		input.subject.digest in {node.digest | some node in models(graph)}
		count([node | some node in models(graph); not made_of_record(graph, node.id)]) == 0
	}
}

satisfied contains "training-data-kept" if {
	count(trainings) > 0
	count(silent) == 0
	count([digest | some digest in read_digests; not kept(digest)]) == 0
}

satisfied contains "test-data-recorded" if {
	count(runs) > 0
	every run in runs {
		kept(run.predicate.dataset_digest)
	}
}

models(graph) := [node | some node in graph.predicate.nodes; node.kind == "model"]

# The digest is that of a dataset of the lineage, in the version that its record has, of which the judged model was made.
in_lineage(graph, digest) if {
	some node in recorded_nodes(graph)
	node.digest == digest
	some model in models(graph)
	model.digest == input.subject.digest
	model.id in made_of(graph, node.id)
}

made_of_record(graph, model) if {
	some node in recorded_nodes(graph)
	model in made_of(graph, node.id)
}

recorded_nodes(graph) := [node |
	some node in graph.predicate.nodes
	node.kind == "dataset"
	some dataset in datasets
	dataset.predicate.content_digest == node.digest
	dataset.predicate.version == graph.predicate.node_versions[node.id]
]

# All that was made of a node, itself among it.
made_of(lineage, id) := graph.reachable(steps(lineage), {id})

steps(graph) := {id: targets |
	some id in {node.id | some node in graph.predicate.nodes}
	targets := {edge.to | some edge in graph.predicate.edges; edge.from == id}
}

kept(digest) if {
	copies := [dataset | some dataset in datasets; dataset.predicate.content_digest == digest]
	count(copies) > 0
	count([dataset | some dataset in copies; dataset.predicate.deleted_at]) == 0
}

findings contains say.gap(objective, training, "dataset_digests", "the training run does not say what it read") if {
	some training in silent
	some objective in ["training-data-in-lineage", "training-data-kept"]
}

findings contains say.also(open, {"observed": digest}) if {
	some graph in graphs
	some digest in read_digests
	not in_lineage(graph, digest)
	open := say.gap("training-data-in-lineage", graph, "nodes", "no dataset {observed} of the lineage, recorded in that version, leads to the judged model")
}

findings contains say.gap("models-made-of-recorded-data", graph, "nodes", "what is judged is not in the lineage") if {
	some graph in graphs
	not input.subject.digest in {node.digest | some node in models(graph)}
}

findings contains say.also(open, {"observed": node.id}) if {
	some graph in graphs
	some node in models(graph)
	not made_of_record(graph, node.id)
	open := say.gap("models-made-of-recorded-data", graph, "edges", "the model {observed} was made of no dataset that is recorded")
}

findings contains say.also(open, {"observed": digest}) if {
	some digest in read_digests
	count([dataset | some dataset in datasets; dataset.predicate.content_digest == digest]) == 0
	open := say.none("training-data-kept", "evidence/dataset-record", "no record of the dataset {observed} that the training run read")
}

findings contains say.also(unknown, {"observed": run.predicate.dataset_digest}) if {
	some run in runs
	count([dataset | some dataset in datasets; dataset.predicate.content_digest == run.predicate.dataset_digest]) == 0
	unknown := say.gap("test-data-recorded", run, "dataset_digest", "no record of the dataset {observed} that the run tested on")
}

findings contains say.also(gone, {"observed": dataset.predicate.deleted_at}) if {
	some dataset in datasets
	dataset.predicate.content_digest in {run.predicate.dataset_digest | some run in runs}
	dataset.predicate.deleted_at
	gone := say.breach("test-data-recorded", dataset, "deleted_at", "the dataset that the run tested on was deleted")
}

findings contains say.also(gone, {"observed": dataset.predicate.deleted_at}) if {
	some dataset in datasets
	dataset.predicate.content_digest in read_digests
	dataset.predicate.deleted_at
	gone := say.breach("training-data-kept", dataset, "deleted_at", "the dataset that the training run read was deleted")
}
