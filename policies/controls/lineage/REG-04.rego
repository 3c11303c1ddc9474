# METADATA
# title: Every dataset and running model catalogued
# description: >-
#   Every model of the lineage is a registry entry or a dependency of one, by digest, every dataset has a dataset record of
#   its content, and every feature is derived from what is catalogued. What was deployed is registered, for all the time
#   since the training, and the organisation's review of its portfolio knows no running model that nobody registered.
#   Read strictly: a node that no edge joins is an orphan whether the lineage says so or not. The review is the word of
#   who brought it; models that run beside every feed are seen by nothing else.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [registration, portfolio]
#   evidence: [dataset-record, deployment-record, feed-status, lineage-graph, portfolio-report, registry-entry, training-run]
#   objectives:
#     lineage-catalogued:
#       says: "Every dataset, feature and model of the lineage is catalogued and joined to the rest."
#       at: [registration]
#       covers: [S1.M2.6]
#       reads: [dataset-record, lineage-graph, registry-entry]
#     running-registered:
#       says: Every model that runs is registered.
#       at: [registration]
#       covers: [S3.M9.2]
#       reads: [deployment-record, feed-status, portfolio-report, registry-entry, training-run]
#     portfolio-registered:
#       says: "A late review of the portfolio names the systems that run, and none that nobody registered."
#       at: [portfolio]
#       covers: [S3.M9.2]
#       reads: [portfolio-report]
#   parameters: [portfolio_review_days]
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of deployments
#     dataset-record.content_digest: a record of further data takes nothing out of the catalogue
#   frameworks: {nist-ai-rmf: ["GOVERN 1.6"], iso-42001: ["A.4.2", "A.4.3"]}
#   remediation: "Register the running model or dataset that nobody catalogued, or switch it off."
package controls.lineage.REG_04

import data.lib.feeds
import data.lib.findings as say
import data.lib.time as calendar

graphs := input.evidence["lineage-graph"]

entries := input.evidence["registry-entry"]

deployments := input.evidence["deployment-record"]

reviews := input.evidence["portfolio-report"]

datasets := {dataset.predicate.content_digest | some dataset in input.evidence["dataset-record"]}

registered := {entry.predicate.artifact_digest | some entry in entries}

# The model of the entry, and those of others that it is made of.
named_in(entry) := array.concat(
	[entry.predicate.artifact_digest],
	[component.digest | some component in entry.predicate.dependencies; component.kind == "model"],
)

starts := [run.predicate.started_at | some run in input.evidence["training-run"]]

whole if feeds.all_seen_since_each(deployments, input.evidence["feed-status"], "deployment-record", starts)

satisfied contains "lineage-catalogued" if {
	count(graphs) > 0
	count(entries) > 0
	every graph in graphs {
		count(graph.predicate.orphan_nodes) == 0
		count(to_catalogue(graph)) > 0
		every node in to_catalogue(graph) {
			catalogued(graph, node)
			joined(graph, node)
		}
	}
}

satisfied contains "running-registered" if {
	whole
	count(entries) > 0
	count([deployment | some deployment in deployments; not known(deployment)]) == 0
	count(reviews) > 0
	every review in reviews {
		is_array(review.predicate.unregistered)
		count(review.predicate.unregistered) == 0
	}
}

satisfied contains "portfolio-registered" if {
	count(reviews) > 0
	every review in reviews {
		calendar.within_days(review.predicate.synced_at, data.parameters.portfolio_review_days, input.now)
		count(review.predicate.systems) > 0
		is_array(review.predicate.unregistered)
		count(review.predicate.unregistered) == 0
	}
}

known(deployment) if deployment.predicate.artifact_digest in registered

# Datasets, features and models, and what does not say that it is something else.
to_catalogue(graph) := [node | some node in graph.predicate.nodes; not of_other_kind(node)]

of_other_kind(node) if node.kind in {"source", "run", "deployment", "output", "decision"}

catalogued(_, node) if {
	node.kind == "model"
	count(entries) > 0
	every entry in entries {
		node.digest in named_in(entry)
	}
}

catalogued(_, node) if in_catalogue(node)

# A feature is derived from catalogued data.
catalogued(graph, node) if {
	node.kind == "feature"
	parents := [edge.from | some edge in graph.predicate.edges; edge.to == node.id; edge.kind == "derived"]
	count(parents) > 0
	every parent in parents {
		parent in {other.id | some other in graph.predicate.nodes; in_catalogue(other)}
	}
}

in_catalogue(node) if {
	node.kind == "dataset"
	node.digest in datasets
}

joined(graph, node) if {
	some edge in graph.predicate.edges
	node.id in {edge.from, edge.to}
	edge.from != edge.to
}

findings contains say.also(orphan, {"values": {"node": name}}) if {
	some graph in graphs
	some name in graph.predicate.orphan_nodes
	orphan := say.breach("lineage-catalogued", graph, "orphan_nodes", "{node} stands in the lineage without an edge")
}

findings contains say.also(alone, {"values": {"node": node.id}}) if {
	some graph in graphs
	some node in to_catalogue(graph)
	not joined(graph, node)
	alone := say.breach("lineage-catalogued", graph, "edges", "{node} stands in the lineage without an edge")
}

findings contains say.also(unknown, {"values": {"node": node.id}}) if {
	count(entries) > 0
	some graph in graphs
	some node in to_catalogue(graph)
	not catalogued(graph, node)
	unknown := say.gap("lineage-catalogued", graph, "nodes", "no registry entry and no dataset record resolves {node}")
}

findings contains feeds.gap_since_each("running-registered", deployments, input.evidence["feed-status"], "deployment-record", starts) if not whole

findings contains say.also(running, {"observed": deployment.predicate.artifact_digest}) if {
	count(entries) > 0
	some deployment in deployments
	not known(deployment)
	running := say.breach("running-registered", deployment, "artifact_digest", "{observed} was deployed and no entry of the registry has it")
}

findings contains say.also(wild, {"values": {"model": name}}) if {
	some review in reviews
	some name in review.predicate.unregistered
	some objective in ["running-registered", "portfolio-registered"]
	wild := say.breach(objective, review, "unregistered", "{model} runs and nobody registered it")
}
