# METADATA
# title: Special-category data deleted after bias correction
# description: >-
#   A dataset of special-category data for bias work stays no longer than its retention allows, counted from the first day of
#   collection, and no longer than the bias work: after that a purge certificate lists its content, with no exception for it,
#   and the datasheet says when it was deleted. While the work goes on, that it does is the datasheet's word.
# custom:
#   severity: blocker
#   basis: law
#   roles: [provider, deployer]
#   gates: [data-intake, retirement]
#   applies_from: D-OMNI
#   evidence: [dataset-record, purge-certificate, retention-schedule]
#   about: {dataset-record: system}
#   applies: [dataset-record]
#   objectives:
#     kept-no-longer: {says: Each such dataset is still within its time or was deleted with proof.}
#   may_be_empty: {dataset-record.bias_closed_at: bias work may still go on}
#   may_differ:
#     dataset-record.bias_closed_at: that the work has ended is asked; a time to come is set aside
#     dataset-record.deleted_at: that it was deleted is asked, and the certificate proves it
#     purge-certificate.completed_at: that the purge ended is asked
#   may_stand_beside:
#     purge-certificate.object_digests: the purge of something else neither proves nor denies this one
#     retention-schedule.record_class: the schedule of another class says nothing of this dataset
#   frameworks: {eu-ai-act: ["4a(1)(e)"], gdpr: ["5(1)(e)"]}
#   remediation: Delete the special-category data now and file the deletion certificate.
package controls.eu_high_risk.EUAIA_04_2

import data.lib.findings as say
import data.lib.time as calendar

schedules := input.evidence["retention-schedule"]

certificates := input.evidence["purge-certificate"]

applies := false if {
	count(input.evidence["dataset-record"]) > 0
	every dataset in input.evidence["dataset-record"] {
		not_special(dataset.predicate)
	}
}

applies if count(datasets) > 0

not_special(dataset) if dataset.special_category == false

not_special(dataset) if {
	dataset.special_category == true
	dataset.used_for_bias_work == false
}

datasets := [dataset |
	some dataset in input.evidence["dataset-record"]
	dataset.predicate.special_category == true
	dataset.predicate.used_for_bias_work == true
]

satisfied contains "kept-no-longer" if {
	count(datasets) > 0
	every dataset in datasets {
		settled(dataset)
	}
}

settled(dataset) if within_time(dataset)

settled(dataset) if deleted(dataset)

within_time(dataset) if {
	not closed(dataset)
	count(schedules_of(dataset)) > 0
	every schedule in schedules_of(dataset) {
		input.now < calendar.add(calendar.start_of(dataset.predicate.collected_on), schedule.predicate.period)
	}
}

closed(dataset) if dataset.predicate.bias_closed_at

# Said to be deleted while nothing proves it, it may be here still, and it is past its time.
closed(dataset) if dataset.predicate.deleted_at

schedules_of(dataset) := [schedule | some schedule in schedules; schedule.predicate.record_class == dataset.predicate.retention_class]

deleted(dataset) if {
	count(schedules_of(dataset)) > 0
	dataset.predicate.deleted_at
	some certificate in certificates
	certificate.predicate.completed_at
	dataset.predicate.content_digest in certificate.predicate.object_digests
	is_array(certificate.predicate.exceptions)
	count([kept | some kept in certificate.predicate.exceptions; kept.claim == dataset.predicate.content_digest]) == 0
}

findings contains say.also(open, {"observed": dataset.predicate.retention_class}) if {
	some dataset in datasets
	not settled(dataset)
	not closed(dataset)
	count(schedules_of(dataset)) == 0
	open := say.gap("kept-no-longer", dataset, "evidence/retention-schedule", "no retention schedule says how long data of the class {observed} may be kept")
}

findings contains say.breach("kept-no-longer", dataset, "deleted_at", "the bias work or the retention has ended, and no certificate proves that the dataset was deleted") if {
	some dataset in datasets
	not settled(dataset)
	past_its_time(dataset)
}

past_its_time(dataset) if closed(dataset)

past_its_time(dataset) if count(schedules_of(dataset)) > 0
