# METADATA
# title: Root cause traced through lineage and classified with evidence
# description: >-
#   Every incident of a year has one class of cause and cites its evidence, and its affected nodes stand in the lineage.
#   For a loss of quality, logged requests from before its end are cited; every failed data check upstream is cited, one
#   at least where the cause lies in data or pipelines; and all that changed upstream in the hours before the detection is
#   among the affected nodes, with a cited request whose trace resolves. Every incident is a loss of quality but those of five
#   categories of attack, leak and harm. Data checks are cited by the id of their report, requests by theirs.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation, incident]
#   evidence: [lineage-graph, prediction-log, data-quality-report, incident-record, feed-status]
#   parameters: [correlation_window_hours, incident_window_days, root_cause_classes]
#   objectives:
#     cause-classified:
#       says: Every incident has one class of cause and cites evidence.
#       at: [incident]
#       covers: [S0.M8.4, S3.M7.3]
#       reads: [incident-record, feed-status]
#     nodes-in-lineage:
#       says: The affected nodes of every incident are known and stand in the lineage.
#       at: [incident]
#       covers: [S1.M7.4]
#       reads: [incident-record, lineage-graph, feed-status]
#     requests-cited:
#       says: Every loss of quality cites logged requests of its time.
#       at: [incident]
#       covers: [S2.M8.3]
#       reads: [incident-record, prediction-log, feed-status]
#     faults-joined:
#       says: Every loss of quality is joined to the failed data checks upstream.
#       covers: [S2.M5.4]
#       reads: [incident-record, lineage-graph, data-quality-report, feed-status]
#     changes-listed:
#       says: Every loss of quality lists what changed upstream in the hours before it.
#       covers: [S3.M4.3]
#       reads: [incident-record, lineage-graph, prediction-log, feed-status]
#   may_be_empty:
#     incident-record.resolved_at: an incident may be open
#     data-quality-report.failed_checks: sound data fail no check
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of incidents
#     prediction-log: a request that an incident does not cite says nothing of it
#     data-quality-report.dataset_digest: data that do not lead to an affected node say nothing of the incident
#   frameworks: {nist-ai-rmf: ["GOVERN 4.3", "MANAGE 4.3"], iso-42001: ["A.8.4"]}
#   remediation: "Trace the drop through the lineage, name one primary cause and cite the evidence."
package controls.incident.INC_04

import data.lib.feeds
import data.lib.findings as say
import data.lib.time as calendar

incidents := input.evidence["incident-record"]

graphs := input.evidence["lineage-graph"]

requests := input.evidence["prediction-log"]

reports := input.evidence["data-quality-report"]

whole if feeds.all_seen_for(incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days)

# Incidents that are no loss of quality say so by their category.
apart := {"prompt-injection", "data-poisoning", "harmful-output", "data-leak", "model-compromise"}

losses := [incident | some incident in incidents; not of_other_kind(incident)]

of_other_kind(incident) if incident.predicate.category in apart

lineage_known if {
	count(graphs) > 0
	every lineage in graphs {
		count(lineage.predicate.nodes) > 0
		count(lineage.predicate.edges) > 0
	}
}

satisfied contains "cause-classified" if {
	whole
	count([incident | some incident in incidents; not classified(incident)]) == 0
}

satisfied contains "nodes-in-lineage" if {
	whole
	lineage_known
	count([incident | some incident in incidents; not placed(incident)]) == 0
}

satisfied contains "requests-cited" if {
	whole
	count(requests) > 0
	count([loss | some loss in losses; not cites_request(loss)]) == 0
}

satisfied contains "faults-joined" if {
	whole
	lineage_known
	count(reports) > 0
	count([loss | some loss in losses; not joined(loss)]) == 0
}

satisfied contains "changes-listed" if {
	whole
	lineage_known
	count(requests) > 0
	count([loss | some loss in losses; not lists_changes(loss)]) == 0
}

classified(incident) if {
	incident.predicate.root_cause_class in data.parameters.root_cause_classes
	count(incident.predicate.evidence_refs) > 0
}

placed(incident) if {
	count(incident.predicate.affected_nodes) > 0
	count(graphs) > 0
	every lineage in graphs {
		every name in incident.predicate.affected_nodes {
			name in {node.id | some node in lineage.predicate.nodes}
		}
	}
}

cited(loss) := [request |
	some request in requests
	request.predicate.request_id in loss.predicate.evidence_refs
]

cites_request(loss) if {
	some request in cited(loss)
	of_its_time(request.predicate.at, loss.predicate)
}

# From some hours before the detection to the end, or to now.
of_its_time(instant, loss) if {
	before_or_after(instant, loss.detected_at)
	instant <= object.get(loss, "resolved_at", input.now)
}

before_or_after(instant, detected) if calendar.at_most_hours_between(instant, detected, data.parameters.correlation_window_hours)

before_or_after(instant, detected) if instant >= detected

joined(loss) if {
	placed(loss)
	count(graphs) > 0
	every lineage in graphs {
		checked(lineage, loss)
		count([report | some report in failed(lineage, loss); not cites(loss, report)]) == 0
		explained(lineage, loss)
	}
}

cites(loss, report) if report.id in loss.predicate.evidence_refs

# The affected nodes and all that leads to them.
upstream(lineage, loss) := {node.digest |
	parents := {name: [edge.from | some edge in lineage.predicate.edges; edge.to == name] | some name in {node.id | some node in lineage.predicate.nodes}}
	reached := graph.reachable(parents, loss.predicate.affected_nodes)
	some node in lineage.predicate.nodes
	node.id in reached
}

failed(lineage, loss) := [report |
	some report in reports
	count(report.predicate.failed_checks) > 0
	report.predicate.dataset_digest in upstream(lineage, loss)
]

# Some data upstream were checked.
checked(lineage, loss) if {
	some report in reports
	is_array(report.predicate.failed_checks)
	report.predicate.dataset_digest in upstream(lineage, loss)
}

explained(_, loss) if loss.predicate.root_cause_class in {"code", "model", "infrastructure"}

explained(lineage, loss) if count(failed(lineage, loss)) > 0

lists_changes(loss) if {
	some request in cited(loss)
	request.predicate.trace_resolves == true
	of_its_time(request.predicate.at, loss.predicate)
	count(graphs) > 0
	every lineage in graphs {
		count(lineage.predicate.nodes) > 0
		every node in lineage.predicate.nodes {
			listed(node, loss.predicate)
		}
	}
}

# It did not change in these hours, or is among the affected nodes.
listed(node, loss) if node.id in loss.affected_nodes

listed(node, loss) if {
	is_string(node.id)
	every name in ["started_at", "finished_at"] {
		unchanged(node, name, loss.detected_at)
	}
}

unchanged(node, name, _) if not node[name]

unchanged(node, name, detected) if node[name] > detected

unchanged(node, name, detected) if {
	hours := data.parameters.correlation_window_hours
	node[name] <= detected
	not calendar.at_most_hours_between(node[name], detected, hours)
}

findings contains feeds.gap_for("cause-classified", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if not whole

findings contains feeds.gap_for("nodes-in-lineage", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if not whole

findings contains feeds.gap_for("requests-cited", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if not whole

findings contains feeds.gap_for("faults-joined", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if not whole

findings contains feeds.gap_for("changes-listed", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if not whole

findings contains say.breach("cause-classified", incident, "root_cause_class", "the incident has no class of cause of the list, or cites no evidence") if {
	some incident in incidents
	not classified(incident)
}

findings contains say.breach("nodes-in-lineage", incident, "affected_nodes", "the incident names no affected node, or one that is not in the lineage") if {
	count(graphs) > 0
	some incident in incidents
	not placed(incident)
}

findings contains say.breach("requests-cited", loss, "evidence_refs", "the loss of quality cites no logged request of its time") if {
	count(requests) > 0
	some loss in losses
	not cites_request(loss)
}

findings contains say.breach("faults-joined", loss, "evidence_refs", "the loss of quality is not joined to the data checks upstream") if {
	count(graphs) > 0
	count(reports) > 0
	some loss in losses
	not joined(loss)
}

findings contains say.breach("changes-listed", loss, "affected_nodes", "something changed in the hours before and is not listed, or no cited request can be traced") if {
	count(graphs) > 0
	count(requests) > 0
	some loss in losses
	not lists_changes(loss)
}
