# METADATA
# title: Affected people and processes prepared
# description: >-
#   Who answers for the process signed, at each gate for which it matters, that process owners and users took part, that
#   those who are affected are known, that procedures were rehearsed, and that tasks, roles and the staff are prepared.
#   Each statement has what it is to hold for every role and group that it names; what it says is its signers' word. Which
#   roles use the outputs the organisation names (`user_roles`); their duties and what the staff were told are asked of the
#   organisation as a whole, too.
# custom:
#   severity: minor
#   basis: policy
#   mode: attested
#   gates: [registration, validation, staging, canary, production, portfolio]
#   evidence:
#     - statement:process-change-plan
#     - statement:process-owner-involvement
#     - statement:stakeholder-impact
#     - statement:user-co-design
#     - statement:workflow-simulation
#     - statement:role-redesign
#     - statement:workforce-communication
#     - deployment-record
#     - feed-status
#   parameters: [change_window_days, user_roles]
#   objectives:
#     tasks-planned:
#       says: "A plan names the tasks that are replaced, and the redefined roles with their owners."
#       at: [production]
#       covers: [S0.M7.4]
#       reads: ["statement:process-change-plan"]
#     process-owner-involved:
#       says: Two who answer for the process signed that they took part in design and validation.
#       at: [registration, validation]
#       covers: [S0.M7.7]
#       reads: ["statement:process-owner-involvement"]
#     affected-known:
#       says: "Who is affected, and what each group needs to hear, was known before the first deployment."
#       at: [staging, canary]
#       covers: [S1.M1.6]
#       reads: ["statement:stakeholder-impact", deployment-record, feed-status]
#     users-designed:
#       says: People who use the outputs accepted interface and workflow.
#       at: [validation]
#       covers: [S1.M6.1]
#       reads: ["statement:user-co-design"]
#     workflow-rehearsed:
#       says: Procedures were rehearsed and each deviation resolved.
#       at: [staging]
#       covers: [S1.M6.3]
#       reads: ["statement:workflow-simulation"]
#     roles-redesigned:
#       says: Each role that uses the outputs has duties of oversight and measures for them.
#       at: [production, portfolio]
#       covers: [S1.M6.5]
#       reads: ["statement:role-redesign"]
#     staff-told:
#       says: "Staff were told what the AI is for, and lately."
#       at: [production, portfolio]
#       covers: [S1.M6.7]
#       reads: ["statement:workforce-communication"]
#   may_be_empty: {"statement:workflow-simulation.facts.deviations": a rehearsal may go without any deviation}
#   may_stand_beside: {feed-status.feed: another feed says nothing of deployments}
#   frameworks: {nist-ai-rmf: ["GOVERN 5.1", "MAP 3.5"], iso-42001: ["A.4.6"]}
#   remediation: Sign the missing statement on the people and processes concerned.
package controls.change.CHG_05

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

plans := input.evidence["statement:process-change-plan"]

involvements := input.evidence["statement:process-owner-involvement"]

impacts := input.evidence["statement:stakeholder-impact"]

designs := input.evidence["statement:user-co-design"]

rehearsals := input.evidence["statement:workflow-simulation"]

redesigns := input.evidence["statement:role-redesign"]

messages := input.evidence["statement:workforce-communication"]

deployments := input.evidence["deployment-record"]

whole if feeds.all_seen_for(deployments, input.evidence["feed-status"], "deployment-record", data.parameters.change_window_days)

satisfied contains "tasks-planned" if {
	count(plans) > 0
	every plan in plans {
		planned(plan)
	}
}

# The statement asks for two signatures of those who answer for process or system.
satisfied contains "process-owner-involved" if {
	count(involvements) > 0
	every involvement in involvements {
		count(involvement.predicate.facts.topics) > 0
	}
}

satisfied contains "affected-known" if {
	whole
	count(impacts) > 0
	every impact in impacts {
		groups_told(impact)
	}
	known_before
}

satisfied contains "users-designed" if {
	count(designs) > 0
	every design in designs {
		count(design.predicate.facts.accepted) > 0
		users_took_part(design)
	}
}

satisfied contains "workflow-rehearsed" if {
	count(rehearsals) > 0
	every rehearsal in rehearsals {
		rehearsed(rehearsal.predicate.facts)
	}
}

satisfied contains "roles-redesigned" if {
	count(redesigns) > 0
	every redesign in redesigns {
		whole_redesign(redesign)
	}
}

satisfied contains "staff-told" if {
	count(messages) > 0
	every message in messages {
		records.filled(message.predicate.facts.message)
		records.filled(message.predicate.facts.audience)
		told_lately(message)
	}
}

# Within a year, for which the statement holds.
told_lately(message) if calendar.within_days(calendar.start_of(message.predicate.facts.date), 366, input.now)

planned(plan) if {
	count(plan.predicate.facts.replaced_tasks) > 0
	owned := [role | some role, owner in plan.predicate.facts.owners; records.named(owner.id)]
	records.covers(owned, object.keys(plan.predicate.facts.redefined_roles))
}

groups_told(impact) if {
	records.covers(object.keys(impact.predicate.facts.communication_needs), impact.predicate.facts.affected_groups)
}

# A statement is signed anew each year: one was there before the first deployment that is seen.
known_before if {
	some impact in impacts
	count([deployment | some deployment in deployments; not before(impact, deployment)]) == 0
}

before(impact, deployment) if impact.filed_at < deployment.predicate.started_at

users_took_part(design) if {
	some person in design.predicate.co_signers
	person.role in data.parameters.user_roles
}

rehearsed(facts) if {
	count(facts.procedures) > 0
	count(facts.resolutions) >= count(facts.deviations)
}

prepared(redesign) := [role |
	some role, duties in redesign.predicate.facts.duties
	count(duties) > 0
	count(redesign.predicate.facts.measures[role]) > 0
]

whole_redesign(redesign) if records.covers(prepared(redesign), data.parameters.user_roles)

findings contains feeds.gap_for("affected-known", deployments, input.evidence["feed-status"], "deployment-record", data.parameters.change_window_days) if not whole

findings contains say.gap("tasks-planned", plan, "facts.owners", "the plan names no replaced task, or a redefined role without its owner") if {
	some plan in plans
	not planned(plan)
}

findings contains say.gap("affected-known", impact, "facts.communication_needs", "no group is named, or a group without what it needs to hear") if {
	some impact in impacts
	not groups_told(impact)
}

findings contains say.breach("affected-known", impacts[0], "filed_at", "who is affected was put on record after the first deployment began") if {
	count(impacts) > 0
	not known_before
}

findings contains say.gap("users-designed", design, "co_signers", "nobody in a role that uses the outputs took part") if {
	some design in designs
	not users_took_part(design)
}

findings contains say.gap("workflow-rehearsed", rehearsal, "facts.resolutions", "no procedure was rehearsed, or a deviation is not resolved") if {
	some rehearsal in rehearsals
	not rehearsed(rehearsal.predicate.facts)
}

findings contains say.gap("roles-redesigned", redesign, "facts.duties", "a role that uses the outputs has no duties of oversight or no measures, or no such role is named") if {
	some redesign in redesigns
	not whole_redesign(redesign)
}

findings contains say.gap("staff-told", message, "facts.date", "the staff were told more than a year ago") if {
	some message in messages
	not told_lately(message)
}
