# METADATA
# title: Retention conflicts resolved
# description: >-
#   No signed schedule lets the law, or its own minimum, keep a class longer than its storage limit allows, unless the class is
#   personal and split, so that the payload goes, or the schedule names a signed decision on that very class. Read strictly:
#   the minimums of all regimes count, or of those that the schedule names; a class or regime that policies/retention does
#   not know is a gap. What the decision says is the word of who signed it.
# custom:
#   severity: major
#   basis: policy
#   gates: [registration, retirement]
#   evidence: [retention-schedule, statement:retention-conflict]
#   parameters: [eu_documentation_keep, event_log_keep]
#   objectives:
#     conflicts-resolved:
#       says: "No class must be kept longer than it may be, or it is split, or the conflict was decided and signed."
#   may_be_empty:
#     retention-schedule.regimes: where the schedule names no regimes, the laws of all of them count
#     retention-schedule.storage_limit: a class without a limit of storage has none to be in conflict with
#   may_stand_beside:
#     statement:retention-conflict.digest: a decision that no schedule names says nothing
#     statement:retention-conflict.facts.record_class: a decision on another class says nothing of this one
#   frameworks: {eu-ai-act: ["18", "19", "26(6)", "4a"], gdpr: ["5(1)(e)"]}
#   remediation: "Split the record class, or have the conflict decided and signed."
package controls.retention.RET_06

import data.lib.findings as say
import data.lib.time as calendar
import data.retention.schedule as retention
import data.retention.table

schedules := input.evidence["retention-schedule"]

decisions := input.evidence["statement:retention-conflict"]

satisfied contains "conflicts-resolved" if {
	count(schedules) > 0
	every schedule in schedules {
		table.known(schedule.predicate.record_class)
		not retention.vague(schedule.predicate)
		resolved(schedule)
	}
}

# No minimum is longer than the limit.
resolved(schedule) if count(too_long(schedule)) == 0

resolved(schedule) if {
	schedule.predicate.personal == true
	schedule.predicate.split_rule in {"hash-and-metrics-kept", "pseudonymised"}
}

resolved(schedule) if {
	some decision in decisions
	decision.digest == schedule.predicate.conflict_decision
	decision.predicate.facts.record_class == schedule.predicate.record_class
}

too_long(schedule) := [keep |
	limit := schedule.predicate.storage_limit
	some keep in retention.keeping(schedule.predicate)
	not calendar.lasts(limit, keep)
]

findings contains say.also(unknown, {"observed": class}) if {
	some schedule in schedules
	class := schedule.predicate.record_class
	not table.known(class)
	unknown := say.gap("conflicts-resolved", schedule, "record_class", "policies/retention does not know the class {observed}, nor whether a law keeps it")
}

findings contains say.also(open, {"observed": schedule.predicate.record_class}) if {
	some schedule in schedules
	retention.vague(schedule.predicate)
	open := say.gap("conflicts-resolved", schedule, "regimes", "the regimes that the schedule names do not tell how long {observed} is kept")
}

findings contains say.also(open, {"observed": limit, "expected": longer}) if {
	some schedule in schedules
	not resolved(schedule)
	limit := schedule.predicate.storage_limit
	longer := sort(too_long(schedule))
	open := say.breach("conflicts-resolved", schedule, "storage_limit", "a minimum is longer than the limit of storage, {observed}, and neither a split nor a signed decision settles it")
}
