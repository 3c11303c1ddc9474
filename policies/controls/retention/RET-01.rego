# METADATA
# title: Retention and decommissioning rules in place
# description: >-
#   The retention class of each dataset has a signed schedule with a period, what starts it, and an approved way to delete;
#   in operation and at the end each class that a dataset or a store has rests on a legal basis, and the inventory names what
#   is done when the system is switched off. Whether a legal basis is the right one is the word of who signed the schedule.
# custom:
#   severity: major
#   basis: policy
#   mode: hybrid
#   gates: [data-intake, operation, retirement]
#   evidence: [dataset-record, registry-entry, retention-schedule, retention-state]
#   parameters: [approved_deletion_methods]
#   objectives:
#     datasets-scheduled:
#       says: "The class of each dataset has a period, a trigger and an approved way to delete."
#       at: [data-intake, retirement]
#       covers: [S0.M2.6]
#       reads: [dataset-record, retention-schedule]
#     classes-grounded:
#       says: Each class of records of the system rests on a legal basis.
#       at: [operation, retirement]
#       covers: [S1.M4.8]
#       reads: [dataset-record, retention-schedule, retention-state]
#     switch-off-ruled:
#       says: The inventory names the procedure that ends the system.
#       at: [operation, retirement]
#       covers: [S1.M4.8]
#       reads: [registry-entry]
#   may_differ: {retention-schedule.period: that there is a period is asked; its length is the word of who signed it; RET-02 holds stores to it}
#   may_stand_beside: {retention-schedule.record_class: the schedule of another class says nothing of this one}
#   frameworks: {nist-ai-rmf: ["GOVERN 1.7"], gdpr: ["5(1)(e)"], iso-42001: ["A.4.3"]}
#   remediation: "Give each record class a period, a trigger, a deletion method and a legal basis."
package controls.retention.RET_01

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

datasets := input.evidence["dataset-record"]

entries := input.evidence["registry-entry"]

states := input.evidence["retention-state"]

schedules(class) := [schedule |
	some schedule in input.evidence["retention-schedule"]
	schedule.predicate.record_class == class
]

satisfied contains "datasets-scheduled" if {
	count(datasets) > 0
	every dataset in datasets {
		ruled(dataset.predicate.retention_class)
	}
}

ruled(class) if {
	count(schedules(class)) > 0
	every schedule in schedules(class) {
		whole(schedule)
	}
}

whole(schedule) if {
	calendar.parsed(schedule.predicate.period)
	not calendar.lasts("P0D", schedule.predicate.period)
	records.filled(schedule.predicate.trigger)
	schedule.predicate.deletion_method in data.parameters.approved_deletion_methods
}

satisfied contains "classes-grounded" if {
	count(datasets) > 0
	count(states) > 0
	every dataset in datasets {
		grounded(dataset.predicate.retention_class)
	}
	every state in states {
		grounded(state.predicate.record_class)
	}
}

classes := {class | some dataset in datasets; class := dataset.predicate.retention_class} | {class | some state in states; class := state.predicate.record_class}

grounded(class) if {
	count(schedules(class)) > 0
	every schedule in schedules(class) {
		records.filled(schedule.predicate.legal_basis)
	}
}

satisfied contains "switch-off-ruled" if {
	count(entries) > 0
	every entry in entries {
		ends(entry)
	}
}

ends(entry) if {
	count(entry.predicate.sunset_criteria) > 0
	every criterion in entry.predicate.sunset_criteria {
		records.filled(criterion.procedure)
	}
}

findings contains say.also(open, {"observed": class}) if {
	some dataset in datasets
	class := dataset.predicate.retention_class
	not ruled(class)
	open := say.gap("datasets-scheduled", dataset, "evidence/retention-schedule", "no schedule of the class {observed}, or one without period, trigger or an approved way to delete")
}

findings contains say.also(open, {"observed": class}) if {
	some class in classes
	not grounded(class)
	open := say.none("classes-grounded", "evidence/retention-schedule", "the class {observed} has no schedule that rests on a legal basis")
}

findings contains say.gap("switch-off-ruled", entry, "sunset_criteria", "the inventory does not name the procedure that ends the system") if {
	some entry in entries
	not ends(entry)
}
