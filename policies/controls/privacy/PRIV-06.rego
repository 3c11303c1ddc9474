# METADATA
# title: Purpose limitation kept
# description: >-
#   Every purpose for which a training run read personal data is one for which each dataset was collected, or the record of
#   processing of the system names a signed memo, from such a purpose to the further one. Read strictly: every personal
#   dataset and every training run on record is held to it. Whether the purposes are compatible is the word of who signed
#   the memo. Where every dataset says that it is not personal the control does not apply.
# custom:
#   severity: major
#   basis: law
#   waivable: true
#   roles: [controller]
#   gates: [validation]
#   applies_from: D-GDPR
#   evidence: [dataset-record, processing-record, statement:compatibility-memo, training-run]
#   applies: [dataset-record]
#   objectives:
#     purposes-kept:
#       says: "Personal data are used for what they were collected for, or for what a signed memo calls compatible."
#   may_be_empty: {dataset-record.personal_attributes: a dataset is personal by its own word too; PRIV-02 asks which attributes}
#   may_stand_beside:
#     processing-record.compatibility_memo: another activity of the system has a memo of its own
#     processing-record.systems: the entry of another system says nothing of this one
#     statement:compatibility-memo.facts.further: a memo on another purpose says nothing of this one
#     statement:compatibility-memo.facts.original: a memo on other data says nothing of these
#     statement:compatibility-memo.digest: a memo that no entry names says nothing
#   frameworks: {gdpr: ["5(1)(b)"], nist-ai-rmf: ["MEASURE 2.10"], iso-42001: ["A.7.3"]}
#   remediation: Sign a compatibility memo or leave the dataset out of this purpose.
package controls.privacy.PRIV_06

import data.lib.findings as say

all_datasets := input.evidence["dataset-record"]

trainings := input.evidence["training-run"]

memos := input.evidence["statement:compatibility-memo"]

processing := [entry | some entry in input.evidence["processing-record"]; input.system.id in entry.predicate.systems]

# Datasets that are personal, or do not say throughout that they are not.
datasets := [dataset | some dataset in all_datasets; not plain(dataset)]

plain(dataset) if {
	dataset.predicate.personal == false
	count(dataset.predicate.personal_attributes) == 0
}

applies if count(datasets) > 0

applies := false if {
	count(all_datasets) > 0
	count(datasets) == 0
}

satisfied contains "purposes-kept" if {
	count(datasets) > 0
	count(trainings) > 0
	every training in trainings {
		count(training.predicate.purposes) > 0
	}
	count(strange) == 0
}

# Purposes of a training for which a dataset was not collected, and which no memo calls compatible.
strange := [{"dataset": dataset, "purpose": purpose} |
	some dataset in datasets
	some training in trainings
	some purpose in training.predicate.purposes
	not purpose in collected_for(dataset)
	not compatible(dataset, purpose)
]

collected_for(dataset) := {purpose | some purpose in dataset.predicate.purposes}

compatible(dataset, purpose) if {
	some entry in processing
	some memo in memos
	memo.digest == entry.predicate.compatibility_memo
	memo.predicate.facts.further == purpose
	memo.predicate.facts.original in collected_for(dataset)
}

findings contains say.gap("purposes-kept", training, "purposes", "the training run names no purpose") if {
	some training in trainings
	count(training.predicate.purposes) == 0
}

findings contains say.also(open, {"observed": item.purpose}) if {
	some item in strange
	open := say.breach("purposes-kept", item.dataset, "purposes", "the data were not collected for {observed}, and no signed memo of the record of processing calls it compatible")
}
