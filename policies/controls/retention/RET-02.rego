# METADATA
# title: Expired records purged in time
# description: >-
#   No store holds an item past its keeping period, which is set as the schedule and the law say, and each purge was done
#   in time, not before it was due where a minimum keeps the class, by an approved method, and of objects that nothing
#   used any more, or names why an item stays: a legal hold that covered it then and still does, by its matter, or the
#   statutory basis of its retention schedule. A feed that says that nothing was to be purged stands for the certificates. Read strictly:
#   a certificate without its end is not done, every object that it deleted must be known to the lineage graph, every
#   store has a schedule for its class, which policies/retention knows, and whatever reads or is served from a deleted
#   object counts as using it until the graph says that it has finished.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [any], roles: [controller], from: D-GDPR}
#   gates: [data-intake, operation, retirement]
#   evidence: [feed-status, legal-hold, lineage-graph, purge-certificate, retention-schedule, retention-state]
#   parameters: [approved_deletion_methods, eu_documentation_keep, event_log_keep, purge_grace_days, retention_window_days]
#   objectives:
#     nothing-overdue:
#       says: No store holds an item past its keeping period, which is set as the schedule and the law say.
#       covers: [S2.M6.2]
#       reads: [retention-schedule, retention-state]
#     purged-in-time:
#       says: Every purge was done within the grace after it fell due, and none before where a minimum keeps the class.
#       covers: [S2.M6.2]
#       reads: [feed-status, purge-certificate, retention-schedule]
#     method-approved:
#       says: Every purge used an approved method.
#       covers: [S2.M6.2]
#       reads: [feed-status, purge-certificate]
#     nothing-uses-purged:
#       says: Nothing in the lineage still uses a deleted object.
#       covers: [S2.M6.2]
#       reads: [feed-status, lineage-graph, purge-certificate]
#     exceptions-justified:
#       says: Every item that stays is under an active legal hold or a statutory duty to keep.
#       covers: [S2.M6.2]
#       reads: [feed-status, legal-hold, purge-certificate, retention-schedule]
#   may_be_empty:
#     purge-certificate.exceptions: a purge may leave nothing behind
#     purge-certificate.object_digests: a purge may keep all items, each with its reason
#     retention-schedule.minimum_keep: where the schedule names no minimum, that of the law still counts
#     retention-schedule.regimes: where the schedule names no regimes, the laws of all of them count
#   may_stand_beside:
#     feed-status.feed: the status of another feed says nothing of purges and holds
#     legal-hold.matter_id: a hold of another matter neither backs an exception nor shakes it
#     legal-hold.scope: a hold of the matter on something else neither backs an exception nor shakes it
#     retention-schedule.record_class: the schedule of another class says nothing of this one
#     retention-schedule.legal_basis: several statutes may keep a class, each with its schedule; an exception names one
#   frameworks: {gdpr: ["5(1)(e)"], nist-ai-rmf: ["MEASURE 2.10"], iso-42001: ["A.7.2"]}
#   remediation: Purge the overdue items or record the hold or statutory reason that keeps them.
package controls.retention.RET_02

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar
import data.retention.schedule as retention
import data.retention.table

states := input.evidence["retention-state"]

certificates := input.evidence["purge-certificate"]

graphs := input.evidence["lineage-graph"]

statuses := input.evidence["feed-status"]

satisfied contains "nothing-overdue" if {
	count(states) > 0
	every state in states {
		state.predicate.overdue_items == 0
		table.known(state.predicate.record_class)
		count(schedules(state)) > 0
		every schedule in schedules(state) {
			fits(state, schedule)
		}
	}
}

satisfied contains "purged-in-time" if {
	whole
	count([certificate | some certificate in deletions; not in_time(certificate)]) == 0
}

satisfied contains "method-approved" if {
	whole
	count([certificate | some certificate in deletions; not by_approved_method(certificate)]) == 0
}

satisfied contains "nothing-uses-purged" if {
	whole
	count(graphs) > 0
	every graph in graphs {
		drawn(graph)
		count([certificate | some certificate in deletions; not unused(certificate, graph)]) == 0
	}
}

satisfied contains "exceptions-justified" if {
	whole
	count([certificate | some certificate in certificates; not says_something(certificate)]) == 0
	count(unjustified) == 0
}

whole if feeds.all_seen_for(certificates, statuses, "purge-certificate", data.parameters.retention_window_days)

# Certificates that deleted something, or do not say that they did not.
deletions := [certificate | some certificate in certificates; not deletes_nothing(certificate)]

deletes_nothing(certificate) if count(certificate.predicate.object_digests) == 0

# The schedules of the class of a store or a purge.
schedules(record) := [schedule |
	some schedule in input.evidence["retention-schedule"]
	schedule.predicate.record_class == record.predicate.record_class
]

# How long the law keeps the class of a schedule, and how long the schedule itself does at least.
minimums(schedule) := retention.keeping(schedule.predicate)

vague(schedule) if retention.vague(schedule.predicate)

keeps(schedule) if vague(schedule)

# A minimum of no time keeps nothing.
keeps(schedule) if {
	some keep in minimums(schedule)
	not calendar.lasts("P0D", keep)
}

# The store keeps no shorter than any minimum, and no longer than the schedule's period or a minimum.
fits(state, schedule) if {
	not vague(schedule)
	configured := state.predicate.configured
	count([keep | some keep in minimums(schedule); not calendar.lasts(configured, keep)]) == 0
	some limit in array.concat([schedule.predicate.period], minimums(schedule))
	calendar.lasts(limit, configured)
}

in_time(certificate) if {
	certificate.predicate.completed_at <= calendar.add_days(certificate.predicate.due_at, data.parameters.purge_grace_days)
	not_early(certificate)
}

not_early(certificate) if certificate.predicate.due_at <= certificate.predicate.completed_at

# Nothing keeps the class, so that an item may go as soon as a person asks.
not_early(certificate) if {
	table.known(certificate.predicate.record_class)
	count(schedules(certificate)) > 0
	count([schedule | some schedule in schedules(certificate); keeps(schedule)]) == 0
}

by_approved_method(certificate) if certificate.predicate.method in data.parameters.approved_deletion_methods

# A graph without nodes, digests and edges shows nothing, not that nothing is used.
drawn(graph) if {
	count(graph.predicate.nodes) > 0
	count(graph.predicate.node_digests) > 0
	count(graph.predicate.edges) > 0
}

# Every deleted object is in the graph, and every use of it there has ended.
unused(certificate, graph) if {
	known := {digest | some digest in graph.predicate.node_digests}
	records.covers(known, certificate.predicate.object_digests)
	count(graph.predicate.edges) > 0
	every edge in graph.predicate.edges {
		ended(edge.from, edge.to, edge.kind, certificate, graph)
	}
}

# What the graph does not know may be the object under another name.
ended(from, _, _, certificate, graph) if {
	some node in graph.predicate.nodes
	node.id == from
	not deleted(from, certificate, graph)
}

# What was made from the object is history, and so is a run that was done when it was deleted.
ended(_, _, kind, _, _) if kind in {"derived", "produced", "trained"}

ended(_, to, _, certificate, graph) if {
	some node in graph.predicate.nodes
	node.id == to
	node.finished_at <= deleted_at(certificate)
}

deleted_at(certificate) := at if {
	at := certificate.predicate.completed_at
} else := input.now

deleted(name, certificate, graph) if graph.predicate.node_digests[name] in certificate.predicate.object_digests

says_something(certificate) if {
	count(certificate.predicate.scope) > 0
	count(certificate.predicate.object_digests) + count(certificate.predicate.exceptions) > 0
}

# Exceptions that neither a hold nor a law stands behind, each with its certificate.
unjustified := [{"certificate": certificate, "exception": exception} |
	some certificate in certificates
	some exception in certificate.predicate.exceptions
	not justified(exception, certificate)
]

justified(exception, certificate) if {
	records.filled(exception.reason)
	feeds.all_seen_for(holds, statuses, "legal-hold", data.parameters.retention_window_days)
	backing := [hold | some hold in holds; hold.predicate.matter_id == exception.claim; reaches(hold, certificate)]
	count(backing) > 0
	every hold in backing {
		hold.predicate.held_from <= certificate.filed_at
		not released(hold)
	}
}

justified(exception, certificate) if {
	records.filled(exception.reason)
	some schedule in schedules(certificate)
	calendar.lasts(schedule.predicate.minimum_keep, "P1D")
	schedule.predicate.legal_basis == exception.claim
}

holds := input.evidence["legal-hold"]

released(hold) if hold.predicate.released_at <= input.now

# The hold covers what a purge was of: what it deleted was not kept.
reaches(hold, certificate) if {
	purge := certificate.predicate
	retention.scoped(hold.predicate)
	retention.covers(hold.predicate, {"id": purge.record_class, "record_class": purge.record_class, "names": purge.scope})
}

findings contains say.also(overdue, {"observed": items, "expected": 0, "values": {"class": state.predicate.record_class}}) if {
	some state in states
	items := state.predicate.overdue_items
	items != 0
	overdue := say.breach("nothing-overdue", state, "overdue_items", "{observed} items of class {class} are past their keeping period")
}

findings contains say.also(unscheduled, {"observed": state.predicate.record_class}) if {
	some state in states
	count(schedules(state)) == 0
	unscheduled := say.gap("nothing-overdue", state, "evidence/retention-schedule", "no retention schedule for the class {observed}")
}

findings contains say.also(unknown, {"observed": class}) if {
	some state in states
	class := state.predicate.record_class
	not table.known(class)
	unknown := say.gap("nothing-overdue", state, "record_class", "policies/retention does not know the class {observed}, nor whether a law keeps it")
}

findings contains say.also(unfit, {"observed": configured, "expected": asked, "values": {"class": state.predicate.record_class}}) if {
	some state in states
	some schedule in schedules(state)
	not fits(state, schedule)
	not vague(schedule)
	configured := state.predicate.configured
	asked := sort(array.concat([schedule.predicate.period], minimums(schedule)))
	unfit := say.breach("nothing-overdue", state, "configured", "{class} is kept for {observed}, shorter than a minimum or longer than its schedule and the law say")
}

findings contains say.also(open, {"observed": named, "values": {"class": state.predicate.record_class}}) if {
	some state in states
	some schedule in schedules(state)
	vague(schedule)
	named := sort(schedule.predicate.regimes)
	open := say.gap("nothing-overdue", schedule, "regimes", "the regimes that the schedule names do not tell how long {class} is kept: a law keeps it, or one of them is not known")
}

findings contains feeds.gap_for(objective, certificates, statuses, "purge-certificate", data.parameters.retention_window_days) if {
	not whole
	some objective in ["purged-in-time", "method-approved", "nothing-uses-purged", "exceptions-justified"]
}

findings contains say.also(untimely, {"observed": done, "expected": purge.due_at, "values": {"class": purge.record_class}}) if {
	some certificate in deletions
	purge := certificate.predicate
	not in_time(certificate)
	done := object.get(purge, "completed_at", "not done")
	untimely := say.breach("purged-in-time", certificate, "completed_at", "a purge of {class} is not done, or was done too late, or before it was due though a minimum keeps it")
}

findings contains say.also(crude, {"observed": purge.method, "expected": approved, "values": {"class": purge.record_class}}) if {
	some certificate in deletions
	purge := certificate.predicate
	not by_approved_method(certificate)
	approved := sort(data.parameters.approved_deletion_methods)
	crude := say.breach("method-approved", certificate, "method", "{class} was deleted by a method that is not approved")
}

findings contains say.also(used, {"observed": sort(certificate.predicate.object_digests)}) if {
	some certificate in deletions
	some graph in graphs
	not unused(certificate, graph)
	used := say.breach("nothing-uses-purged", certificate, "object_digests", "the lineage graph does not show that all uses of the deleted objects have ended")
}

findings contains say.gap("nothing-uses-purged", graph, "edges", "the lineage graph is empty, so it cannot show that nothing uses a deleted object") if {
	some graph in graphs
	not drawn(graph)
}

findings contains say.also(unbacked, {"observed": item.exception.claim}) if {
	some item in unjustified
	unbacked := say.breach("exceptions-justified", item.certificate, "exceptions", "no active hold that covers it and no statutory duty to keep stands behind the exception {observed}")
}

findings contains say.gap("exceptions-justified", certificate, "object_digests", "the certificate does not say what it covers, or names neither a deleted object nor an exception") if {
	some certificate in certificates
	not says_something(certificate)
}
