# METADATA
# title: Past versions and archives kept retrievable
# description: >-
#   Of the version that is judged the model file was read back from a store that keeps it under its digest, and the class of
#   that store has a schedule; its training settings are on record; each dataset that it was trained on is archived, by its
#   digest, in a class that is kept for the regulators' time; and when it is withdrawn an auditor may read it. The same is
#   asked of the files of the latest versions before it, which its entry names (`former_versions`) and whose digests the
#   inventory knows (`former_artifacts`); older ones go as the schedule of their class says. Read strictly: a store of a
#   digest that does not give it back counts, whatever another does.
# custom:
#   severity: major
#   basis: policy
#   gates: [registration, operation, retirement]
#   evidence: [access-policy, dataset-record, registry-entry, retention-schedule, retention-state, training-run]
#   parameters: [min_retained_versions, regulatory_archive_period]
#   objectives:
#     version-retrievable:
#       says: The model file was read back from a store whose class has a schedule.
#       at: [operation, retirement]
#       covers: [S3.M5.3]
#       reads: [retention-schedule, retention-state]
#     former-retrievable:
#       says: The model files of the latest versions before it were read back alike.
#       at: [operation, retirement]
#       covers: [S2.M3.7]
#       reads: [registry-entry, retention-schedule, retention-state]
#     training-data-archived:
#       says: Each training dataset is archived for the time that regulators may ask.
#       at: [operation, retirement]
#       covers: [S2.M6.8]
#       reads: [dataset-record, registry-entry, retention-schedule]
#     settings-kept:
#       says: The settings with which the version was trained are on record.
#       at: [registration, operation]
#       covers: [S3.M5.3]
#       reads: [training-run]
#     readable-by-audit:
#       says: An auditor may read the version that is withdrawn.
#       at: [retirement]
#       covers: [S3.M5.6]
#       reads: [access-policy, registry-entry]
#   may_be_empty: {registry-entry.former_versions: the first version has none before it}
#   may_stand_beside:
#     access-policy.actions: another right on the version takes this one not away
#     access-policy.resource: a right on something else says nothing of this version
#     access-policy.resource_kind: a right on something of another kind says nothing of this version
#     access-policy.role: the right of another role says nothing of audit
#     dataset-record.content_digest: the record of other data says nothing of these
#     registry-entry.former_versions: the latest ones are kept; those before them go as the schedule of their class says
#     retention-schedule.record_class: the schedule of another class says nothing of this one
#     retention-state.documents: a store of other files says nothing of this version
#   frameworks: {nist-ai-rmf: ["GOVERN 1.7"], iso-42001: ["A.7.2"]}
#   remediation: Restore the missing version or archive and lengthen its keeping period.
package controls.retention.RET_04

import data.lib.findings as say
import data.lib.text
import data.lib.time as calendar

entries := input.evidence["registry-entry"]

datasets := input.evidence["dataset-record"]

trainings := input.evidence["training-run"]

# Stores that were looked through for the version.
stores := stores_of(input.subject.digest)

stores_of(digest) := [state | some state in input.evidence["retention-state"]; digest in state.predicate.documents]

schedules(class) := [schedule |
	some schedule in input.evidence["retention-schedule"]
	schedule.predicate.record_class == class
]

satisfied contains "version-retrievable" if kept_file(input.subject.digest)

kept_file(digest) if {
	count(stores_of(digest)) > 0
	every state in stores_of(digest) {
		state.predicate.retrievable == true
		count(schedules(state.predicate.record_class)) > 0
	}
}

satisfied contains "former-retrievable" if {
	data.parameters.min_retained_versions > 0
	count(entries) > 0
	every entry in entries {
		is_array(entry.predicate.former_versions)
		count([label | some label in latest(entry); not former_kept(entry, label)]) == 0
	}
}

# The labels of the latest versions before it; the entry lists the oldest first.
latest(entry) := [label |
	some place, label in entry.predicate.former_versions
	place + data.parameters.min_retained_versions >= count(entry.predicate.former_versions)
]

former_kept(entry, label) if kept_file(entry.predicate.former_artifacts[label])

satisfied contains "training-data-archived" if {
	count(entries) > 0
	every entry in entries {
		count(entry.predicate.training_data_refs) > 0
		every digest in entry.predicate.training_data_refs {
			archived(digest)
		}
	}
}

archived(digest) if {
	copies := [dataset | some dataset in datasets; dataset.predicate.content_digest == digest]
	count(copies) > 0
	every dataset in copies {
		kept(dataset)
	}
}

kept(dataset) if {
	not dataset.predicate.deleted_at
	kept_by := schedules(dataset.predicate.retention_class)
	count(kept_by) > 0
	every schedule in kept_by {
		calendar.lasts(schedule.predicate.period, data.parameters.regulatory_archive_period)
	}
}

satisfied contains "settings-kept" if {
	count(trainings) > 0
	every training in trainings {
		count(training.predicate.hyperparameters) > 0
	}
}

satisfied contains "readable-by-audit" if {
	count(entries) > 0
	every entry in entries {
		readable(entry)
	}
}

readable(entry) if {
	some right in input.evidence["access-policy"]
	names(right.predicate.resource, entry)
	right.predicate.resource_kind in {"model-store", "environment"}
	text.lower(right.predicate.role) == "auditor"
	count(right.predicate.principals) > 0
	"read" in right.predicate.actions
}

# How a right may name the version: the whole system, the version, its file.
names(resource, _) if resource == input.system.id

names(resource, entry) if resource == concat("@", [input.system.id, entry.predicate.version])

names(resource, entry) if resource == entry.predicate.artifact_digest

findings contains say.none("version-retrievable", "evidence/retention-state", "no store was looked through for the model file of this version") if count(stores) == 0

findings contains say.also(open, {"values": {"version": label}}) if {
	some entry in entries
	some label in latest(entry)
	not former_kept(entry, label)
	open := say.gap("former-retrievable", entry, "former_artifacts", "the model file of version {version} is not known, or no store gave it back, or no schedule keeps it")
}

findings contains say.gap("former-retrievable", entry, "former_versions", "the entry does not say which versions came before") if {
	some entry in entries
	not tells_former(entry)
}

tells_former(entry) if is_array(entry.predicate.former_versions)

findings contains say.also(lost, {"observed": class}) if {
	some state in stores
	class := state.predicate.record_class
	state.predicate.retrievable == false
	lost := say.breach("version-retrievable", state, "retrievable", "the store of class {observed} did not give the model file back")
}

findings contains say.also(open, {"observed": class}) if {
	some state in stores
	class := state.predicate.record_class
	count(schedules(class)) == 0
	open := say.gap("version-retrievable", state, "record_class", "no schedule of the class {observed} of the store")
}

findings contains say.also(open, {"observed": digest}) if {
	some entry in entries
	some digest in entry.predicate.training_data_refs
	not archived(digest)
	open := say.gap("training-data-archived", entry, "training_data_refs", "the dataset {observed} is not archived for the time that regulators may ask")
}

findings contains say.gap("training-data-archived", entry, "training_data_refs", "the inventory does not name what the version was trained on") if {
	some entry in entries
	count(entry.predicate.training_data_refs) == 0
}

findings contains say.gap("settings-kept", training, "hyperparameters", "the training run tells none of its settings") if {
	some training in trainings
	count(training.predicate.hyperparameters) == 0
}

findings contains say.gap("readable-by-audit", entry, "artifact_digest", "no auditor may read the version that is withdrawn") if {
	some entry in entries
	not readable(entry)
}
