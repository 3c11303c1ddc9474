# METADATA
# title: Competent oversight assigned
# description: >-
#   The registry names overseers, one for each shift that the organisation runs, and each of them holds a course that makes
#   competent and has not run out, and the right to override at a console of oversight whose access was reviewed lately.
#   A right that is open to anybody is given to nobody. Overseers are the entries of role_assignments whose name begins
#   with `overseer`: `overseer`, or one a shift such as `overseer-night`. Which shifts there are is the organisation's word.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [deployer]
#   gates: [production]
#   applies_from: D-HR
#   evidence: [access-policy, registry-entry, training-record]
#   parameters: [access_review_days, oversight_courses, oversight_shifts]
#   objectives:
#     overseers-assigned:
#       says: An overseer is named for every shift.
#       covers: [S3.M6.4]
#       reads: [registry-entry]
#     overseers-trained:
#       says: Every overseer holds a course that makes competent and is still valid.
#       covers: [S3.M6.4]
#       reads: [registry-entry, training-record]
#     overseers-may-override:
#       says: Every overseer has the right to override.
#       covers: [S3.M6.4]
#       reads: [access-policy, registry-entry]
#   may_stand_beside:
#     registry-entry.role_assignments.id: who is assigned to something else needs neither the course nor the right
#     training-record.course: another course says nothing of oversight
#     training-record.person.id: the training of somebody else says nothing of the overseer
#     training-record.valid_until: a course that ran out takes nothing away from one that was taken again
#     access-policy: another right takes nothing away from that of the overseer
#   frameworks: {eu-ai-act: ["26(2)"], nist-ai-rmf: ["GOVERN 2.2", "MAP 3.4"], iso-42001: ["A.4.6"]}
#   remediation: Assign a trained overseer with the right to override.
package controls.eu_operators.EUAIA_26_2

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

entries := input.evidence["registry-entry"]

trainings := input.evidence["training-record"]

policies := input.evidence["access-policy"]

shifts := data.parameters.oversight_shifts

satisfied contains "overseers-assigned" if {
	count(entries) > 0
	count(shifts) > 0
	every entry in entries {
		every shift in shifts {
			records.named(entry.predicate.role_assignments[shift].id)
		}
	}
}

satisfied contains "overseers-trained" if {
	count(entries) > 0
	count(overseers) > 0
	count(overseer_roles) > 0
	every entry in entries {
		every shift in overseer_roles {
			trained(entry.predicate.role_assignments[shift].id)
		}
	}
}

satisfied contains "overseers-may-override" if {
	count(entries) > 0
	count(overseers) > 0
	count(overseer_roles) > 0
	every entry in entries {
		every shift in overseer_roles {
			may_override(entry.predicate.role_assignments[shift].id)
		}
	}
}

# The shifts that are asked for, and whatever else is named after an overseer.
overseer_roles := {shift | some shift in data.parameters.oversight_shifts} | {role |
	some entry in entries
	some role, _ in entry.predicate.role_assignments
	startswith(role, "overseer")
}

overseers := {person.id |
	some entry in entries
	some role in overseer_roles
	person := entry.predicate.role_assignments[role]
}

trained(person) if {
	some training in trainings
	training.predicate.person.id == person
	training.predicate.course in data.parameters.oversight_courses
	input.now < training.predicate.valid_until
}

may_override(person) if {
	some policy in policies
	policy.predicate.resource_kind == "override-console"
	policy.predicate.wildcard_principal == false
	person in policy.predicate.principals
	"override" in policy.predicate.actions
	policy.predicate.authentication != "none"
	calendar.within_days(policy.predicate.reviewed_at, data.parameters.access_review_days, input.now)
}

findings contains say.also(nobody, {"values": {"shift": shift}}) if {
	some entry in entries
	some shift in shifts
	not named(entry, shift)
	some objective in ["overseers-assigned", "overseers-trained", "overseers-may-override"]
	nobody := say.gap(objective, entry, "role_assignments", "nobody is named as {shift}")
}

named(entry, shift) if records.named(entry.predicate.role_assignments[shift].id)

findings contains say.none(objective, "role_assignments", "the registry names no overseer") if {
	count(overseers) == 0
	some objective in ["overseers-trained", "overseers-may-override"]
}

findings contains say.also(untrained, {"values": {"person": person}}) if {
	some person in overseers
	not trained(person)
	untrained := say.none("overseers-trained", "course", "no course that makes competent, and is still valid, is recorded for {person}")
}

findings contains say.also(powerless, {"values": {"person": person}}) if {
	some person in overseers
	not may_override(person)
	powerless := say.none("overseers-may-override", "actions", "no right to override that was reviewed lately is recorded for {person}")
}
