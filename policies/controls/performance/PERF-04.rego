# METADATA
# title: "Data splits pinned, disjoint and free of leakage"
# description: >-
#   Training and test data are pinned by digest, share no record, and were divided in the way that their structure
#   asks for. A dataset record is held against the digests that it is about, since the digest of a record covers the
#   record and not the data. A validation split may be part of the training data (AI Act, Art 3(30)), so that the
#   train and test splits alone must be there; data that is both time-ordered and grouped needs one of the two
#   strategies.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [data-intake, validation]
#   evidence: [training-run, dataset-record]
#   parameters: [max_split_overlap]
#   objectives:
#     splits-addressed-by-content:
#       says: Each dataset that is offered as a split is known by the digest of its own stored content.
#       at: [data-intake]
#       reads: [dataset-record]
#     splits-pinned:
#       says: The train and test splits are pinned by digests, and no two splits are the same data.
#       at: [validation]
#       covers: [S1.M3.7]
#       reads: [training-run]
#     splits-disjoint:
#       says: No more records lie in two splits than are allowed.
#       at: [validation]
#       covers: [S1.M3.7]
#       reads: [training-run]
#     split-suits-structure:
#       says: Time-ordered data was divided by time and grouped data by group.
#       at: [validation]
#       covers: [S1.M3.7]
#       reads: [training-run]
#   frameworks: {eu-ai-act: ["3(29)-(32)", "10(1)"], nist-ai-rmf: ["MEASURE 2.1"], iso-42001: ["A.7.2"]}
#   remediation: "Rebuild the splits so that no record, period or group lies in two of them."
package controls.performance.PERF_04

import data.lib.findings as say
import data.lib.records

datasets := input.evidence["dataset-record"]

trainings := input.evidence["training-run"]

contents := {dataset.predicate.content_digest | some dataset in datasets}

satisfied contains "splits-addressed-by-content" if {
	count(datasets) > 0
	count(contents) == count(datasets)
	input.subject.digest in contents
	every dataset in datasets {
		dataset.predicate.content_digest in dataset.subject
	}
}

satisfied contains "splits-pinned" if {
	count(trainings) > 0
	every training in trainings {
		every split in ["train", "test"] {
			pinned(training, split)
		}
		distinct(training)
	}
}

satisfied contains "splits-disjoint" if {
	count(trainings) > 0
	every training in trainings {
		0 <= training.predicate.split_overlap
		training.predicate.split_overlap <= data.parameters.max_split_overlap
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

suits("temporal", structure) if "time-ordered" in structure

suits("grouped", structure) if "grouped" in structure

suits(strategy, structure) if {
	strategy in {"random", "stratified", "temporal", "grouped"}
	count(structure) > 0
	every kind in structure {
		kind == "independent"
	}
}

findings contains say.also(moved, {"observed": dataset.predicate.content_digest, "expected": dataset.subject}) if {
	some dataset in datasets
	not dataset.predicate.content_digest in dataset.subject
	moved := say.breach("splits-addressed-by-content", dataset, "content_digest", "the stored content of the dataset is not what its record is about")
}

findings contains say.breach("splits-addressed-by-content", dataset, "content_digest", "two datasets have the same content") if {
	some dataset in datasets
	some other in datasets
	dataset.id != other.id
	dataset.predicate.content_digest == other.predicate.content_digest
}

findings contains say.none("splits-addressed-by-content", "content_digest", "no dataset record has the content of the dataset that is offered") if {
	count(datasets) > 0
	not input.subject.digest in contents
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

findings contains say.also(leaky, {"observed": training.predicate.data_structure, "values": {"strategy": strategy}}) if {
	some training in trainings
	strategy := training.predicate.split_strategy
	not suits(strategy, training.predicate.data_structure)
	leaky := say.breach("split-suits-structure", training, "split_strategy", "the {strategy} split lets related rows fall into two splits")
}
