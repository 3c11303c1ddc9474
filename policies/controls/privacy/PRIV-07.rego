# METADATA
# title: Erasure propagated through lineage
# description: >-
#   Every request for erasure whose time has run out was closed, names the sources or datasets of the lineage that held data of the person,
#   and has an outcome for everything that the lineage shows to be made of them, down to models and decisions; an exemption
#   gives its reason. Time runs out after the period of Art 12(3), or with an extension of two months at most. A feed that
#   shows no request for erasure passes. Read strictly: what is not in the lineage is not an answer, runs are looked
#   through, and a request under another law is held to the same. Which nodes held the data, and that an outcome took place, is the word of the tool that filed the request.
# custom:
#   severity: blocker
#   basis: law
#   roles: [controller]
#   gates: [data-intake, operation]
#   applies_from: D-GDPR
#   evidence: [feed-status, lineage-graph, subject-request]
#   parameters: [request_window_days, subject_request_period]
#   objectives:
#     erasure-propagated: {says: Every overdue request for erasure has an outcome for all that was made of the data.}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of requests
#     lineage-graph.nodes.id: another graph of the system knows other nodes
#     lineage-graph.nodes.kind: what one graph tells of a node another need not
#   frameworks: {gdpr: ["12(3)", "17", "19"], nist-ai-rmf: ["MEASURE 2.10"]}
#   remediation: "Decide for each descendant: delete, retrain, verified unlearning, reasoned exemption or retirement."
package controls.privacy.PRIV_07

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

all_requests := input.evidence["subject-request"]

graphs := input.evidence["lineage-graph"]

# Requests for erasure of which the time has run out, or cannot be told.
overdue := [request | some request in all_requests; not other_kind(request); not time_left(request)]

other_kind(request) if request.predicate.kind in {"opt-out", "appeal", "access", "correction", "human-review"}

satisfied contains "erasure-propagated" if {
	whole
	count(graphs) > 0
	every lineage in graphs {
		count(lineage.predicate.nodes) > 0
		count(lineage.predicate.edges) > 0
	}
	count([request | some request in overdue; not settled(request)]) == 0
}

whole if feeds.all_seen_for(all_requests, input.evidence["feed-status"], "subject-request", data.parameters.request_window_days)

time_left(request) if input.now <= due(request.predicate)

due(request) := request.extended_until if {
	request.extended_until <= calendar.add(usual(request), "P2M")
} else := usual(request)

usual(request) := calendar.add(request.opened_at, data.parameters.subject_request_period)

settled(request) if propagated(request.predicate)

propagated(request) if {
	request.opened_at <= request.closed_at
	records.covers(data_nodes, request.nodes)
	made := made_of(request)
	count([id | some id in made; not listed(request, id)]) == 0
	count([id | some id in made; not request.descendant_outcomes[id]]) == 0
	count([id | some id in request.descendants; not request.descendant_outcomes[id]]) == 0
	exemptions_reasoned(request)
}

listed(request, id) if id in request.descendants

named(request, id) if id in request.nodes

# Where data of a person can lie first: features and models are made of it.
data_nodes := {node.id | some lineage in graphs; some node in lineage.predicate.nodes; node.kind in {"source", "dataset"}}

ids := {node.id | some lineage in graphs; some node in lineage.predicate.nodes}

runs := {node.id | some lineage in graphs; some node in lineage.predicate.nodes; node.kind == "run"}

# What was made of the data, over all graphs; a run is no thing that could be kept.
made_of(request) := {id |
	some id in graph.reachable(steps, {node | some node in request.nodes})
	not named(request, id)
	not id in runs
}

steps := {id: targets |
	some id in ids
	targets := {edge.to | some lineage in graphs; some edge in lineage.predicate.edges; edge.from == id}
}

exemptions_reasoned(request) if {
	count([id | some id, outcome in request.descendant_outcomes; outcome == "exempt"]) == 0
}

exemptions_reasoned(request) if records.filled(request.outcome)

findings contains feeds.gap_for("erasure-propagated", all_requests, input.evidence["feed-status"], "subject-request", data.parameters.request_window_days) if not whole

findings contains say.also(open, {"observed": request.predicate.opened_at}) if {
	some request in overdue
	not settled(request)
	open := say.breach("erasure-propagated", request, "descendant_outcomes", "the erasure asked for at {observed} is overdue, and not closed with an outcome for all that the lineage shows to be made of the data")
}
