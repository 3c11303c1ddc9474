# METADATA
# title: "Data splits pinned, disjoint and free of leakage"
# description: >-
#   Training and test data are pinned by digest, share no record, and were divided in the way that their structure
#   asks for; the runs tested on the pinned split, and measured how few of its rows stand in the pinned training split, by
#   inputs and label. At intake a dataset record is about the very file: a digest that somebody typed into a record on the
#   whole system is not held against the data. A validation split may be part of the training data (AI Act, Art 3(30)),
#   so that the train and test splits alone must be there; data that is both time-ordered and grouped needs one of the two
#   strategies.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [data-intake, validation]
#   evidence: {training-run: any, dataset-record: any, validation-run: measured}
#   parameters: [max_overlap_percent, max_split_overlap]
#   objectives:
#     splits-addressed-by-content:
#       says: Each dataset that is offered as a split is known by the digest of its own stored content.
#       at: [data-intake]
#       reads: [dataset-record]
#     splits-pinned:
#       says: The train and test splits are pinned by digests, no two are the same data, and the runs were made on them.
#       at: [validation]
#       covers: [S1.M3.7]
#       reads: [training-run, validation-run]
#     splits-disjoint:
#       says: No more records lie in two splits than are allowed, as was said of the training and as each run measured.
#       at: [validation]
#       covers: [S1.M3.7]
#       reads: [training-run, validation-run]
#     split-suits-structure:
#       says: Time-ordered data was divided by time and grouped data by group.
#       at: [validation]
#       covers: [S1.M3.7]
#       reads: [training-run]
#   may_be_empty: {dataset-record.subject: one record that was filed with the file is enough}
#   may_stand_beside: {dataset-record.subject: a record on the whole system tells the same digest and takes nothing away}
#   frameworks: {eu-ai-act: ["3(29)-(32)", "10(1)"], nist-ai-rmf: ["MEASURE 2.1"], iso-42001: ["A.7.2"]}
#   remediation: "Rebuild the splits so that no record, period or group lies in two of them."
package controls.performance.PERF_04

import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers
import data.lib.records

datasets := input.evidence["dataset-record"]

trainings := input.evidence["training-run"]

runs := input.evidence["validation-run"]

satisfied contains "splits-addressed-by-content" if count(addressed) > 0

# Records on the dataset that is offered that were filed with its file. One on the whole system may stand beside them.
addressed := [dataset |
	some dataset in datasets
	dataset.predicate.content_digest == input.subject.digest
	input.subject.digest in dataset.subject
]

satisfied contains "splits-pinned" if {
	count(trainings) > 0
	every training in trainings {
		every split in ["train", "test"] {
			pinned(training, split)
		}
		distinct(training)
	}
	count(runs) > 0
	tested_on == splits("test")
	compared_with == splits("train")
	every run in runs {
		on_pinned(run)
		run.predicate.training_digest in compared_with
	}
}

satisfied contains "splits-disjoint" if {
	count(trainings) > 0
	every training in trainings {
		0 <= training.predicate.split_overlap
		training.predicate.split_overlap <= data.parameters.max_split_overlap
	}
	count(runs) > 0
	every run in runs {
		few_shared(run)
	}
}

satisfied contains "split-suits-structure" if {
	count(trainings) > 0
	every training in trainings {
		suits(training.predicate.split_strategy, training.predicate.data_structure)
	}
}

pinned(training, split) if records.named(training.predicate.split_digests[split])

distinct(training) if {
	digests := {digest | some digest in training.predicate.split_digests}
	count(digests) == count(training.predicate.split_digests)
}

# Data that the training runs pin as a split.
splits(name) := {training.predicate.split_digests[name] | some training in trainings}

# Every test split is tested on, by some run.
tested_on := {run.predicate.dataset_digest | some run in runs; run.predicate.split == "test"}

# The data with which the runs were compared: every training split by some run.
compared_with := {run.predicate.training_digest | some run in runs}

# Golden and held-out data are no split of the training run: they are none of its splits, then.
on_pinned(run) if run.predicate.dataset_digest in splits(run.predicate.split)

on_pinned(run) if {
	count(splits(run.predicate.split)) == 0
	not run.predicate.dataset_digest in {digest | some training in trainings; some digest in training.predicate.split_digests}
}

few_shared(run) if {
	shared := run.predicate.split_overlap_rows
	shared >= 0
	numbers.at_most_percent(shared, metrics.rows(run), data.parameters.max_overlap_percent)
}

suits("temporal", structure) if "time-ordered" in structure

suits("grouped", structure) if "grouped" in structure

compared(run) if is_number(run.predicate.split_overlap_rows)

suits(strategy, structure) if {
	strategy in {"random", "stratified", "temporal", "grouped"}
	count(structure) > 0
	every kind in structure {
		kind == "independent"
	}
}

findings contains say.none("splits-addressed-by-content", "evidence/dataset-record", "no dataset record was filed with the file of the dataset that is offered") if {
	count(datasets) > 0
	count(addressed) == 0
}

findings contains say.also(loose, {"values": {"split": split}}) if {
	some training in trainings
	some split in ["train", "test"]
	not pinned(training, split)
	loose := say.breach("splits-pinned", training, "split_digests", "the {split} split is not pinned by a digest")
}

findings contains say.breach("splits-pinned", training, "split_digests", "two splits have the same content") if {
	some training in trainings
	not distinct(training)
}

findings contains say.also(shared, {"observed": overlap, "expected": data.parameters.max_split_overlap}) if {
	some training in trainings
	overlap := training.predicate.split_overlap
	overlap > data.parameters.max_split_overlap
	shared := say.breach("splits-disjoint", training, "split_overlap", "{observed} records lie in more than one split")
}

findings contains say.also(elsewhere, {"observed": run.predicate.dataset_digest}) if {
	count(trainings) > 0
	some run in runs
	not on_pinned(run)
	elsewhere := say.breach("splits-pinned", run, "dataset_digest", "the run tested on other data than the training run pins, or on data that the model learnt from")
}

findings contains say.also(untested, {"observed": digest}) if {
	count(runs) > 0
	some training in trainings
	digest := training.predicate.split_digests.test
	not digest in tested_on
	untested := say.gap("splits-pinned", training, "split_digests", "no run tested on the test split {observed}")
}

findings contains say.also(elsewhere, {"observed": digest, "expected": sort(splits("train"))}) if {
	count(trainings) > 0
	some run in runs
	digest := run.predicate.training_digest
	not digest in splits("train")
	elsewhere := say.breach("splits-pinned", run, "training_digest", "the run was compared with other data than the training run pins as its training split")
}

findings contains say.also(uncompared, {"observed": digest}) if {
	count(runs) > 0
	some training in trainings
	digest := training.predicate.split_digests.train
	not digest in compared_with
	uncompared := say.gap("splits-pinned", training, "split_digests", "no run was compared with the training split {observed}")
}

findings contains say.gap("splits-disjoint", run, "split_overlap_rows", "the run was not compared with the training data") if {
	some run in runs
	not compared(run)
}

findings contains say.also(shared, {"observed": overlap, "expected": data.parameters.max_overlap_percent}) if {
	some run in runs
	compared(run)
	overlap := run.predicate.split_overlap_rows
	not few_shared(run)
	shared := say.breach("splits-disjoint", run, "split_overlap_rows", "{observed} rows of the test data stand in the training data too, more than {expected} in a hundred")
}

findings contains say.also(leaky, {"observed": training.predicate.data_structure, "values": {"strategy": strategy}}) if {
	some training in trainings
	strategy := training.predicate.split_strategy
	not suits(strategy, training.predicate.data_structure)
	leaky := say.breach("split-suits-structure", training, "split_strategy", "the {strategy} split lets related rows fall into two splits")
}
