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
#   frameworks:
#     eu-ai-act: ["3(29)-(32)", "10(1)"]
#     nist-ai-rmf: ["MEASURE 2.1"]
#     iso-42001: ["A.7.2"]
#   remediation: "Rebuild the splits so that no record, period or group lies in two of them."
package controls.performance.PERF_04

import data.lib.records

datasets := input.evidence["dataset-record"]

trainings := input.evidence["training-run"]

satisfied contains "splits-addressed-by-content" if {
	count(datasets) > 0
	content_digests := {dataset.predicate.content_digest | some dataset in datasets}
	count(content_digests) == count(datasets)
	input.subject.digest in content_digests
	every dataset in datasets {
		dataset.predicate.content_digest in dataset.subject
	}
}

satisfied contains "splits-pinned" if {
	count(trainings) > 0
	every training in trainings {
		records.filled(training.predicate.split_digests.train)
		records.filled(training.predicate.split_digests.test)
		count(split_contents(training)) == count(training.predicate.split_digests)
	}
}

satisfied contains "splits-disjoint" if {
	count(trainings) > 0
	every training in trainings {
		training.predicate.split_overlap <= data.parameters.max_split_overlap
	}
}

satisfied contains "split-suits-structure" if {
	count(trainings) > 0
	every training in trainings {
		suits(training.predicate.split_strategy, training.predicate.data_structure)
	}
}

split_contents(training) := {digest | some digest in training.predicate.split_digests}

suits("temporal", structure) if "time-ordered" in structure

suits("grouped", structure) if "grouped" in structure

suits(strategy, structure) if {
	strategy in {"random", "stratified", "temporal", "grouped"}
	count(structure) > 0
	every kind in structure {
		kind == "independent"
	}
}

findings contains finding if {
	some dataset in datasets
	not dataset.predicate.content_digest in dataset.subject
	finding := {
		"objective": "splits-addressed-by-content",
		"message": "the stored content of the dataset is not what its record is about",
		"evidence": dataset.id,
		"observed": dataset.predicate.content_digest,
		"expected": dataset.subject,
		"path": "content_digest",
	}
}

findings contains finding if {
	some dataset in datasets
	some other in datasets
	dataset.id != other.id
	dataset.predicate.content_digest == other.predicate.content_digest
	finding := {
		"objective": "splits-addressed-by-content",
		"message": "two datasets have the same content",
		"evidence": dataset.id,
		"observed": other.predicate.content_digest,
		"path": "content_digest",
	}
}

findings contains finding if {
	count(datasets) > 0
	not input.subject.digest in {dataset.predicate.content_digest | some dataset in datasets}
	finding := {
		"objective": "splits-addressed-by-content",
		"message": "no dataset record has the content of the dataset that is offered",
		"gap": true,
		"expected": input.subject.digest,
		"path": "content_digest",
	}
}

findings contains finding if {
	some training in trainings
	some split in ["train", "test"]
	not training.predicate.split_digests[split]
	finding := {
		"objective": "splits-pinned",
		"message": sprintf("the %s split is not pinned by a digest", [split]),
		"evidence": training.id,
		"path": "split_digests",
	}
}

findings contains finding if {
	some training in trainings
	count(split_contents(training)) < count(training.predicate.split_digests)
	finding := {
		"objective": "splits-pinned",
		"message": "two splits have the same content",
		"evidence": training.id,
		"observed": training.predicate.split_digests,
		"path": "split_digests",
	}
}

findings contains finding if {
	some training in trainings
	training.predicate.split_overlap > data.parameters.max_split_overlap
	finding := {
		"objective": "splits-disjoint",
		"message": sprintf("%d records lie in more than one split", [training.predicate.split_overlap]),
		"evidence": training.id,
		"observed": training.predicate.split_overlap,
		"expected": data.parameters.max_split_overlap,
		"path": "split_overlap",
	}
}

findings contains finding if {
	some training in trainings
	not suits(training.predicate.split_strategy, training.predicate.data_structure)
	finding := {
		"objective": "split-suits-structure",
		"message": sprintf("the %s split lets related rows fall into two splits", [training.predicate.split_strategy]),
		"evidence": training.id,
		"observed": training.predicate.data_structure,
		"path": "split_strategy",
	}
}
