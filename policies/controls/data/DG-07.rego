# METADATA
# title: Data taken in before it is used
# description: >-
#   Gate data-intake allowed every dataset that a training run read, that the judged model was made of by the lineage, and
#   that a validation run tested on, for this system; its last word on each counts. That word holds that is no older than
#   `data_intake_days`, was said under the policies and thresholds in force and for the tier and roles that the system has,
#   rests on no waiver and no switched-off control that has ended and on no record that was taken back, and looked at all
#   that is on file about the dataset. Read strictly: of the lineage, all that leads to the judged model through features
#   and runs alone is asked for, a source or an output that the model learns from too. What another model was made of is
#   asked for where the gate has decided on it; a model without a digest, or with one on which the gate has decided as on a
#   dataset, is no other model but data. A validation run's training data and reference are asked for as its test data.
#   In operation the word that let the training data in stands until the gate says otherwise, however old it is: what it
#   counted is renewed all the time, and the data of a model in use are not taken in again for that.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [validation, canary, production, operation]
#   evidence: {intake-standing: any, lineage-graph: any, training-run: any, validation-run: measured}
#   parameters: [data_intake_days]
#   objectives:
#     training-data-taken-in:
#       says: Gate data-intake allowed each dataset that the training run read, and its word holds.
#       at: [validation, canary, production]
#       reads: [intake-standing, training-run]
#     lineage-data-taken-in:
#       says: It allowed each dataset that the judged model was made of by the lineage, and its word holds.
#       at: [validation, canary, production]
#       reads: [intake-standing, lineage-graph]
#     test-data-taken-in:
#       says: It allowed each dataset that a validation run read, and its word holds.
#       at: [validation, canary, production]
#       reads: [intake-standing, validation-run]
#     data-not-refused:
#       says: Its last word on each dataset that the training run read is an allowance.
#       at: [operation]
#       reads: [intake-standing, training-run]
#   may_be_empty:
#     intake-standing.datasets.until: a word that rests on nothing that ends has none; who takes the snapshot tells it
#     training-run.split_digests: splits are parts of the datasets; one on which the gate has decided is asked for besides
#     validation-run.training_digest: a plan that compares with no training data names none; the run measures it
#     validation-run.reference_digest: a plan that compares with no reference names none; the run measures it
#   may_differ:
#     training-run.split_digests: what the gate has not decided on by itself is taken in with the dataset that it is part of
#   frameworks: {eu-ai-act: ["10(1)", "10(2)"], nist-ai-rmf: ["MAP 4.1"], iso-42001: ["A.7.2", "A.7.3"]}
#   remediation: "Have each dataset taken in: `quaestor gate decide data-intake SYSTEM@DATASET`. Then ask this gate again."
package controls.data.DG_07

import data.lib.findings as say
import data.lib.standings

intakes := input.evidence["intake-standing"]

trainings := input.evidence["training-run"]

graphs := input.evidence["lineage-graph"]

runs := input.evidence["validation-run"]

satisfied contains "training-data-taken-in" if {
	count(trainings) > 0
	every training in trainings {
		count(training.predicate.dataset_digests) > 0
		count([digest | some digest in training.predicate.dataset_digests; not taken_in(digest)]) == 0
		count([digest | some digest in known_splits(training); not taken_in(digest)]) == 0
	}
}

satisfied contains "lineage-data-taken-in" if {
	count(graphs) > 0
	count(traced) == count(graphs)
	every trace in traced {
		count(trace.made_of) > 0
		count([node | some node in trace.made_of; not node_taken_in(node)]) == 0
		count(trace.adrift) == 0
	}
}

satisfied contains "test-data-taken-in" if {
	count(runs) > 0
	every run in runs {
		taken_in(run.predicate.dataset_digest)
		count([digest | some digest in read_besides(run); not taken_in(digest)]) == 0
	}
}

satisfied contains "data-not-refused" if {
	count(trainings) > 0
	every training in trainings {
		count(training.predicate.dataset_digests) > 0
		count([digest | some digest in training.predicate.dataset_digests; not allowed(digest)]) == 0
	}
}

allowed(digest) if {
	count(intakes) > 0
	every standing in intakes {
		some dataset in standing.predicate.datasets
		dataset.digest == digest
		dataset.outcome == "allow"
	}
}

# Splits are parts of the datasets, and taken in with them, unless the gate has decided on one by itself.
known_splits(training) := [digest | some digest in training.predicate.split_digests; digest in decided_on]

# What a plan names besides the data that it tests on.
read_besides(run) := [run.predicate[field] | some field in ["training_digest", "reference_digest"]]

node_taken_in(node) if taken_in(node.digest)

taken_in(digest) if {
	count(intakes) > 0
	every standing in intakes {
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
	standings.in_force(dataset, data.parameters.data_intake_days)
	dataset.tier == input.system.tier
	dataset.roles == input.system.roles
	lasts(dataset)
}

lasts(dataset) if not dataset.until

lasts(dataset) if input.now < dataset.until

as_it_was(dataset) if {
	count(dataset.gone) == 0
	count(dataset.unseen) == 0
}

# What the judged model was made of: the data that lead to it with no other data or model between, whatever they are
# called, and of what other models were made of that on which the gate has decided.
traced := [{"lineage": lineage, "made_of": made_of, "adrift": adrift(lineage, near)} |
	some lineage in graphs
	near := reached(lineage, {"feature", "run"})
	far := reached(lineage, {"feature", "run", "model"})
	made_of := [node | some node in lineage.predicate.nodes; is_asked(node, near, far)]
]

is_asked(node, near, _) if {
	node.id in near
	is_data(node)
}

is_asked(node, _, far) if {
	node.id in far
	node.digest in decided_on
}

is_data(node) if not node.kind in {"feature", "run", "model"}

is_data(node) if node.digest in decided_on

is_data(node) if {
	node.kind == "model"
	not node.digest
}

# What the gate has decided on as on a dataset, but for the judged file.
decided_on contains dataset.digest if {
	some standing in intakes
	some dataset in standing.predicate.datasets
	dataset.digest != input.subject.digest
}

# What leads to the judged model through nothing but these kinds.
reached(lineage, kinds) := graph.reachable(back(lineage, kinds), judged(lineage))

judged(lineage) := {node.id |
	some node in lineage.predicate.nodes
	node.kind == "model"
	node.digest == input.subject.digest
}

# What each thing was made of; the way back ends at what is none of the kinds.
back(lineage, kinds) := {id: froms |
	passed := judged(lineage) | {node.id | some node in lineage.predicate.nodes; node.kind in kinds}
	some id in ends(lineage)
	froms := [edge.from | id in passed; some edge in lineage.predicate.edges; edge.to == id]
}

ends(lineage) := {id | some edge in lineage.predicate.edges; some id in [edge.from, edge.to]}

# What leads to the model and is no node of the lineage.
adrift(lineage, near) := [edge.from | some edge in lineage.predicate.edges; edge.from in near; not edge.from in ids] if {
	ids := {node.id | some node in lineage.predicate.nodes}
}

findings contains say.gap(objective, training, "dataset_digests", "the training run does not say what it read") if {
	some training in trainings
	not reads(training)
	some objective in ["training-data-taken-in", "data-not-refused"]
}

reads(training) if count(training.predicate.dataset_digests) > 0

findings contains say.gap("lineage-data-taken-in", trace.lineage, "nodes", "the lineage leads from no data to what is judged") if {
	some trace in traced
	count(trace.made_of) == 0
}

findings contains say.also(unknown, {"observed": node.id}) if {
	some trace in traced
	some node in trace.made_of
	not node.digest
	unknown := say.gap("lineage-data-taken-in", trace.lineage, "nodes", "the data {observed} of the lineage have no digest")
}

findings contains say.also(unnamed, {"observed": id}) if {
	some trace in traced
	some id in trace.adrift
	unnamed := say.gap("lineage-data-taken-in", trace.lineage, "nodes", "the lineage does not describe {observed}, of which the model was made")
}

findings contains say.also(open, {"values": {"gate": "data-intake", "dataset": need.digest}}) if {
	some need in needs
	some standing in intakes
	not decided(standing, need.digest)
	open := say.gap(need.objective, standing, "datasets", "gate {gate} has not decided on the dataset {dataset}")
}

findings contains say.also(refused, {"observed": dataset.outcome, "values": asked(dataset)}) if {
	some need in needs
	some standing in intakes
	some dataset in standing.predicate.datasets
	dataset.digest == need.digest
	dataset.outcome != "allow"
	refused := say.breach(need.objective, standing, "datasets", "the last word of gate {gate} on the dataset {name} ({dataset}) is {observed}")
}

findings contains say.also(lapsed, {"values": asked(dataset)}) if {
	some need in fresh
	some standing in intakes
	some dataset in standing.predicate.datasets
	dataset.digest == need.digest
	not current(dataset)
	lapsed := say.gap(
		need.objective, standing, "datasets",
		"gate {gate} answers no more for the dataset {name} ({dataset}): too long ago, by other policies, for another tier, or by a waiver that has ended",
	)
}

findings contains say.also(changed, {"values": asked(dataset)}) if {
	some need in fresh
	some standing in intakes
	some dataset in standing.predicate.datasets
	dataset.digest == need.digest
	not as_it_was(dataset)
	changed := say.gap(
		need.objective, standing, "datasets",
		"gate {gate} answers no more for the dataset {name} ({dataset}): more was filed about it since, or what was counted was taken back",
	)
}

decided(standing, digest) if {
	some dataset in standing.predicate.datasets
	dataset.digest == digest
}

asked(dataset) := {"gate": "data-intake", "dataset": dataset.digest, "name": dataset.name}

needs contains {"objective": "data-not-refused", "digest": digest} if {
	some training in trainings
	some digest in training.predicate.dataset_digests
}

# Of these the word has to hold still.
fresh := {need | some need in needs; need.objective != "data-not-refused"}

needs contains {"objective": "training-data-taken-in", "digest": digest} if {
	some training in trainings
	some digest in array.concat(training.predicate.dataset_digests, known_splits(training))
}

needs contains {"objective": "lineage-data-taken-in", "digest": digest} if {
	some trace in traced
	some node in trace.made_of
	digest := node.digest
}

needs contains {"objective": "test-data-taken-in", "digest": digest} if {
	some run in runs
	some field in ["dataset_digest", "training_digest", "reference_digest"]
	digest := run.predicate[field]
}
