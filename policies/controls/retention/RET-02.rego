# METADATA
# title: Expired records purged in time
# description: >-
#   No store holds an item past its keeping period, and each purge was done in time, by an approved method, and of objects
#   that nothing uses any more, or names why an item stays: an active legal hold by its matter, or the statutory basis of
#   its retention schedule. A feed that says that nothing was to be purged stands for the certificates. Read strictly: a
#   certificate without its end is not done, every object that it deleted must be known to the lineage graph, every store
#   has a schedule for its class, and whatever reads or is served from a deleted object counts as using it until the graph
#   says that it has finished.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [any], roles: [controller], from: D-GDPR}
#   gates: [data-intake, operation, retirement]
#   evidence: [feed-status, legal-hold, lineage-graph, purge-certificate, retention-schedule, retention-state]
#   parameters: [approved_deletion_methods, purge_grace_days]
#   objectives:
#     nothing-overdue:
#       says: No store holds an item past its keeping period.
#       covers: [S2.M6.2]
#       reads: [retention-schedule, retention-state]
#     purged-in-time:
#       says: Every purge was done within the grace after it fell due.
#       covers: [S2.M6.2]
#       reads: [feed-status, purge-certificate]
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
#   frameworks:
#     gdpr: ["5(1)(e)"]
#     nist-ai-rmf: ["MEASURE 2.10"]
#     iso-42001: ["A.7.2"]
#   remediation: Purge the overdue items or record the hold or statutory reason that keeps them.
package controls.retention.RET_02

import data.lib.feeds
import data.lib.records
import data.lib.time as calendar

states := input.evidence["retention-state"]

schedules := input.evidence["retention-schedule"]

certificates := input.evidence["purge-certificate"]

holds := input.evidence["legal-hold"]

graphs := input.evidence["lineage-graph"]

statuses := input.evidence["feed-status"]

satisfied contains "nothing-overdue" if {
	count(states) > 0
	every state in states {
		state.predicate.overdue_items == 0
		scheduled(state)
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

whole if feeds.all_seen(certificates, statuses, "purge-certificate")

# Certificates that deleted something, or do not say that they did not.
deletions := [certificate | some certificate in certificates; not deletes_nothing(certificate)]

deletes_nothing(certificate) if count(certificate.predicate.object_digests) == 0

scheduled(state) if {
	some schedule in schedules
	schedule.predicate.record_class == state.predicate.record_class
	records.filled(schedule.predicate.period)
}

in_time(certificate) if {
	certificate.predicate.completed_at <= input.now
	certificate.predicate.completed_at <= calendar.add_days(certificate.predicate.due_at, data.parameters.purge_grace_days)
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
	count(certificate.predicate.object_digests) > 0
	count([digest | some digest in certificate.predicate.object_digests; not known(digest, graph)]) == 0
	count(graph.predicate.edges) > 0
	every edge in graph.predicate.edges {
		ended(edge.from, edge.to, edge.kind, certificate, graph)
	}
}

known(digest, graph) if {
	some name
	graph.predicate.node_digests[name] == digest
}

deleted(name, certificate, graph) if graph.predicate.node_digests[name] in certificate.predicate.object_digests

ended(from, _, _, certificate, graph) if {
	records.filled(from)
	not deleted(from, certificate, graph)
}

# What was made from the object is history.
ended(_, _, kind, _, _) if kind in {"derived", "produced", "trained"}

ended(_, to, _, _, graph) if {
	some node in graph.predicate.nodes
	node.id == to
	node.finished_at <= input.now
}

says_something(certificate) if {
	count(certificate.predicate.object_digests) > 0
	is_array(certificate.predicate.exceptions)
}

says_something(certificate) if count(certificate.predicate.exceptions) > 0

# Exceptions that neither a hold nor a law stands behind, each with its certificate.
unjustified := [{"certificate": certificate, "exception": exception} |
	some certificate in certificates
	some exception in certificate.predicate.exceptions
	not justified(exception, certificate)
]

justified(exception, _) if {
	records.filled(exception.reason)
	feeds.all_seen(holds, statuses, "legal-hold")
	some hold in holds
	hold.predicate.matter_id == exception.claim
	active(hold)
}

justified(exception, certificate) if {
	records.filled(exception.reason)
	some schedule in schedules
	schedule.predicate.record_class == certificate.predicate.record_class
	records.filled(schedule.predicate.minimum_keep)
	schedule.predicate.legal_basis == exception.claim
}

active(hold) if {
	hold.predicate.held_from <= input.now
	not released(hold)
}

released(hold) if hold.predicate.released_at <= input.now

findings contains finding if {
	some state in states
	state.predicate.overdue_items != 0
	finding := {
		"objective": "nothing-overdue",
		"message": sprintf("%d items of class %s are past their keeping period", [
			state.predicate.overdue_items,
			state.predicate.record_class,
		]),
		"evidence": state.id,
		"observed": state.predicate.overdue_items,
		"expected": 0,
		"path": "overdue_items",
	}
}

findings contains finding if {
	some state in states
	not scheduled(state)
	finding := {
		"objective": "nothing-overdue",
		"message": sprintf("no retention schedule for the class %s", [state.predicate.record_class]),
		"gap": true,
		"evidence": state.id,
		"observed": state.predicate.record_class,
		"path": "record_class",
	}
}

findings contains feeds.gap(objective, "purge-certificate") if {
	not whole
	some objective in ["purged-in-time", "method-approved", "nothing-uses-purged", "exceptions-justified"]
}

findings contains finding if {
	some certificate in deletions
	not in_time(certificate)
	finding := {
		"objective": "purged-in-time",
		"message": sprintf("a purge of %s is not done, or was done too late", [certificate.predicate.record_class]),
		"evidence": certificate.id,
		"observed": object.get(certificate.predicate, "completed_at", "not done"),
		"expected": certificate.predicate.due_at,
		"path": "completed_at",
	}
}

findings contains finding if {
	some certificate in deletions
	not by_approved_method(certificate)
	finding := {
		"objective": "method-approved",
		"message": sprintf("%s was deleted by a method that is not approved", [certificate.predicate.record_class]),
		"evidence": certificate.id,
		"observed": certificate.predicate.method,
		"expected": sort(data.parameters.approved_deletion_methods),
		"path": "method",
	}
}

findings contains finding if {
	some certificate in deletions
	some graph in graphs
	not unused(certificate, graph)
	finding := {
		"objective": "nothing-uses-purged",
		"message": "the lineage graph does not show that all uses of the deleted objects have ended",
		"evidence": certificate.id,
		"observed": sort(certificate.predicate.object_digests),
		"path": "object_digests",
	}
}

findings contains finding if {
	some graph in graphs
	not drawn(graph)
	finding := {
		"objective": "nothing-uses-purged",
		"message": "the lineage graph is empty, so it cannot show that nothing uses a deleted object",
		"gap": true,
		"evidence": graph.id,
		"path": "edges",
	}
}

findings contains finding if {
	some item in unjustified
	finding := {
		"objective": "exceptions-justified",
		"message": sprintf("no active hold and no statutory duty to keep stands behind the exception %s", [
			item.exception.claim,
		]),
		"evidence": item.certificate.id,
		"observed": item.exception.claim,
		"path": "exceptions",
	}
}

findings contains finding if {
	some certificate in certificates
	not says_something(certificate)
	finding := {
		"objective": "exceptions-justified",
		"message": "the certificate names neither a deleted object nor an exception",
		"gap": true,
		"evidence": certificate.id,
		"path": "object_digests",
	}
}
