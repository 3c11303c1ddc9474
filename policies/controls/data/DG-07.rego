# METADATA
# title: Data taken in before it is used
# description: >-
#   Gate data-intake allowed every dataset that a training run read, that the judged model was made of by the lineage, and
#   that a validation run tested on, for this system; its last word on each counts. That word holds that is no older than
#   `data_intake_days`, was said under the policies and thresholds in force, rests on no waiver and no switched-off control
#   that has ended and on no record that was taken back, and was said of the dataset as its record describes it still. Read
#   strictly: of the lineage, all that leads to the judged model through features and runs alone is asked for, a source or
#   an output that the model learns from too; what another model was made of is not.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [validation, canary, production, operation]
#   evidence: {intake-standing: any, lineage-graph: any, training-run: any, validation-run: measured}
#   parameters: [data_intake_days]
#   objectives:
#     training-data-taken-in:
#       says: Gate data-intake allowed each dataset that the training run read, and its word holds.
#       reads: [intake-standing, training-run]
#     lineage-data-taken-in:
#       says: It allowed each dataset that the judged model was made of by the lineage, and its word holds.
#       reads: [intake-standing, lineage-graph]
#     test-data-taken-in:
#       says: It allowed each dataset that a validation run tested on, and its word holds.
#       reads: [intake-standing, validation-run]
#   may_be_empty:
#     intake-standing.datasets.until: a word that rests on nothing that ends has none; who takes the snapshot tells it
#   frameworks: {eu-ai-act: ["10(1)", "10(2)"], nist-ai-rmf: ["MAP 4.1"], iso-42001: ["A.7.2", "A.7.3"]}
#   remediation: "Have each dataset taken in: `quaestor gate decide data-intake SYSTEM@DATASET`. Then ask this gate again."
package controls.data.DG_07

import data.lib.findings as say
import data.lib.time as calendar

standings := input.evidence["intake-standing"]

trainings := input.evidence["training-run"]

graphs := input.evidence["lineage-graph"]

runs := input.evidence["validation-run"]

satisfied contains "training-data-taken-in" if {
	count(trainings) > 0
	every training in trainings {
		count(training.predicate.dataset_digests) > 0
		count([digest | some digest in training.predicate.dataset_digests; not taken_in(digest)]) == 0
	}
}

satisfied contains "lineage-data-taken-in" if {
	count(graphs) > 0
	every graph in graphs {
		count(made_of(graph)) > 0
		count([node | some node in made_of(graph); not node_taken_in(node)]) == 0
	}
}

satisfied contains "test-data-taken-in" if {
	count(runs) > 0
	every run in runs {
		taken_in(run.predicate.dataset_digest)
	}
}

node_taken_in(node) if taken_in(node.digest)

taken_in(digest) if {
	count(standings) > 0
	every standing in standings {
		some dataset in standing.predicate.datasets
		dataset.digest == digest
		holds(dataset)
	}
}

holds(dataset) if {
	dataset.outcome == "allow"
	current(dataset)
	as_it_was(dataset)
}

current(dataset) if {
	calendar.within_days(dataset.decided_at, data.parameters.data_intake_days, input.now)
	dataset.bundle_digest == input.policies.bundle_digest
	dataset.overlay_digest == input.policies.overlay_digest
	lasts(dataset)
}

lasts(dataset) if not dataset.until

lasts(dataset) if input.now < dataset.until

as_it_was(dataset) if {
	count(dataset.gone) == 0
	count(dataset.described_since) == 0
}

# The data that lead to the judged model with no other data or model between, whatever the lineage calls them.
made_of(graph) := [node | some node in graph.predicate.nodes; node.id in reached(graph); not between(node); not is_model(node)]

between(node) if node.kind in {"feature", "run"}

is_model(node) if node.kind == "model"

reached(lineage) := graph.reachable(sources(lineage), judged(lineage))

judged(lineage) := {node.id | some node in lineage.predicate.nodes; is_model(node); node.digest == input.subject.digest}

# What each node was made of; the way back ends where data or another model are reached.
sources(lineage) := {id: froms |
	some id in {node.id | some node in lineage.predicate.nodes}
	froms := {edge.from | some edge in lineage.predicate.edges; edge.to == id; passed(lineage, id)}
}

passed(lineage, id) if id in judged(lineage)

passed(lineage, id) if id in {node.id | some node in lineage.predicate.nodes; between(node)}

findings contains say.gap("training-data-taken-in", training, "dataset_digests", "the training run does not say what it read") if {
	some training in trainings
	not reads(training)
}

reads(training) if count(training.predicate.dataset_digests) > 0

findings contains say.gap("lineage-data-taken-in", graph, "nodes", "the lineage leads from no data to what is judged") if {
	some graph in graphs
	count(made_of(graph)) == 0
}

findings contains say.also(unknown, {"observed": node.id}) if {
	some graph in graphs
	some node in made_of(graph)
	not node.digest
	unknown := say.gap("lineage-data-taken-in", graph, "nodes", "the data {observed} of the lineage have no digest")
}

findings contains say.also(open, {"values": {"gate": "data-intake", "dataset": need.digest}}) if {
	some need in needs
	some standing in standings
	not decided(standing, need.digest)
	open := say.gap(need.objective, standing, "datasets", "gate {gate} has not decided on the dataset {dataset}")
}

findings contains say.also(refused, {"observed": dataset.outcome, "values": asked(dataset)}) if {
	some need in needs
	some standing in standings
	some dataset in standing.predicate.datasets
	dataset.digest == need.digest
	dataset.outcome != "allow"
	refused := say.breach(need.objective, standing, "datasets", "the last word of gate {gate} on the dataset {name} ({dataset}) is {observed}")
}

findings contains say.also(lapsed, {"values": asked(dataset)}) if {
	some need in needs
	some standing in standings
	some dataset in standing.predicate.datasets
	dataset.digest == need.digest
	not current(dataset)
	lapsed := say.gap(
		need.objective, standing, "datasets",
		"gate {gate} answers no more for the dataset {name} ({dataset}): too long ago, by other policies, or by a waiver that has ended",
	)
}

findings contains say.also(changed, {"values": asked(dataset)}) if {
	some need in needs
	some standing in standings
	some dataset in standing.predicate.datasets
	dataset.digest == need.digest
	not as_it_was(dataset)
	changed := say.gap(
		need.objective, standing, "datasets",
		"gate {gate} answers no more for the dataset {name} ({dataset}): it was described anew since, or what was counted was taken back",
	)
}

decided(standing, digest) if {
	some dataset in standing.predicate.datasets
	dataset.digest == digest
}

asked(dataset) := {"gate": "data-intake", "dataset": dataset.digest, "name": dataset.name}

needs contains {"objective": "training-data-taken-in", "digest": digest} if {
	some training in trainings
	some digest in training.predicate.dataset_digests
}

needs contains {"objective": "lineage-data-taken-in", "digest": digest} if {
	some graph in graphs
	some node in made_of(graph)
	digest := node.digest
}

needs contains {"objective": "test-data-taken-in", "digest": run.predicate.dataset_digest} if some run in runs
