# METADATA
# title: Changes run through modification control
# description: >-
#   Every change that the lineage holds since the last release names its ticket, and the ticket gives it the same class;
#   and every ticket of the last year was classified and approved by somebody other than who asked. A change that nobody
#   classified is none that was controlled. Where another version was released, this one is a change: a ticket must be
#   filed for it. The graph that Quaestor derives from imported nodes knows of no change: then the tickets alone tell what
#   changed.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [high]
#   roles: [provider]
#   gates: [staging, canary]
#   applies_from: D-HR
#   evidence: [change-record, feed-status, lineage-graph, registry-entry]
#   about: {registry-entry: system}
#   parameters: [incident_window_days]
#   objectives:
#     changes-ticketed:
#       says: Every change in the lineage has a ticket that gives it the same class.
#       reads: [change-record, feed-status, lineage-graph]
#     release-ticketed:
#       says: "This is the first version to be released, or a ticket is about it."
#       reads: [change-record, registry-entry]
#     tickets-approved:
#       says: Every ticket was approved by somebody other than its author.
#       reads: [change-record, feed-status]
#   may_be_empty: {lineage-graph.changes: a release may have changed nothing that the lineage holds}
#   may_stand_beside:
#     change-record.change_id: the ticket of another change says nothing of this one, and must be approved all the same
#     change-record.subject: the ticket of another version says nothing of this one, and must be approved all the same
#     registry-entry.artifact_digest: other versions stand beside the candidate
#     feed-status.feed: another feed says nothing of tickets
#   frameworks: {eu-ai-act: ["3(23)", "17(1)(a)", "43(4)"], iso-42001: ["A.6.2.5"]}
#   remediation: Have somebody other than the author classify and approve the change.
package controls.eu_high_risk.EUAIA_17_2

import data.lib.feeds
import data.lib.findings as say
import data.lib.records

tickets := input.evidence["change-record"]

graphs := input.evidence["lineage-graph"]

entries := input.evidence["registry-entry"]

whole if feeds.all_seen_for(tickets, input.evidence["feed-status"], "change-record", data.parameters.incident_window_days)

satisfied contains "changes-ticketed" if {
	whole
	count(graphs) > 0
	every graph in graphs {
		is_array(graph.predicate.changes)
		count(loose(graph)) == 0
	}
}

satisfied contains "tickets-approved" if {
	whole
	count([ticket | some ticket in tickets; not approved(ticket)]) == 0
}

satisfied contains "release-ticketed" if {
	registered
	count(released_before) == 0
}

satisfied contains "release-ticketed" if {
	registered
	some ticket in tickets
	input.subject.digest in ticket.subject
	approved(ticket)
}

registered if {
	some entry in entries
	records.on_candidate(entry)
}

# Other versions of the system that have left development.
released_before := [entry |
	some entry in entries
	entry.predicate.artifact_digest != input.subject.digest
	entry.predicate.stage != "development"
]

loose(graph) := [change | some change in graph.predicate.changes; not ticketed(change)]

ticketed(change) if {
	count(tickets_of(change)) > 0
	every ticket in tickets_of(change) {
		ticket.predicate.change_class == change.change_class
	}
}

tickets_of(change) := [ticket | some ticket in tickets; ticket.predicate.change_id == change.change_id]

approved(ticket) if {
	ticket.predicate.board_decision == "approved"
	records.another(ticket.predicate.approver, ticket.predicate.author)
}

findings contains feeds.gap_for(objective, tickets, input.evidence["feed-status"], "change-record", data.parameters.incident_window_days) if {
	not whole
	some objective in ["changes-ticketed", "tickets-approved"]
}

findings contains say.also(unseen, {"observed": change.at, "values": {"kind": change.kind}}) if {
	some graph in graphs
	some change in loose(graph)
	unseen := say.breach("changes-ticketed", graph, "changes", "the change of {kind} of {observed} has no ticket that gives it the same class")
}

findings contains say.also(alone, {"values": {"ticket": ticket.predicate.change_id}}) if {
	some ticket in tickets
	not approved(ticket)
	alone := say.breach("tickets-approved", ticket, "approver", "the ticket {ticket} is not approved, or by its author alone")
}

findings contains say.also(unticketed, {"values": {"version": entry.predicate.version}}) if {
	registered
	some entry in released_before
	count([ticket | some ticket in tickets; input.subject.digest in ticket.subject; approved(ticket)]) == 0
	unticketed := say.gap("release-ticketed", entry, "stage", "version {version} was released before, and no approved ticket is about this one")
}

findings contains say.none("release-ticketed", "artifact_digest", "the candidate is not in the inventory") if {
	count(entries) > 0
	not registered
}
