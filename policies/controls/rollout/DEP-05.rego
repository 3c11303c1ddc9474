# METADATA
# title: Dependent releases coordinated and ordered
# description: >-
#   Every deployment of the version has the feature schema for which the file was scanned; its release also brings the
#   feature pipeline, in the version of the lineage graph and with the same schema, and not after it. The pipeline is a
#   deployment whose digest is that of a node of the graph, of kind feature or run. In a release of several regions each
#   has its own place, began after the one before and was told that this one had succeeded; a region is known by the
#   deployments of it that are here.
# custom:
#   severity: major
#   basis: policy
#   gates: [production]
#   evidence: {artifact-manifest: measured, deployment-record: any, feed-status: any, lineage-graph: any}
#   objectives:
#     released-together:
#       says: Model and feature pipeline were released together and fit each other.
#       covers: [S2.M4.5]
#     regions-in-order:
#       says: "Regions were updated in their order, each after the success of the one before."
#       covers: [S2.M4.8]
#       reads: [deployment-record, feed-status]
#   may_stand_beside:
#     deployment-record.artifact_digest: what else is released is judged for itself
#     feed-status.feed: another feed says nothing of deployments
#   frameworks: {nist-ai-rmf: ["MANAGE 1.1"], iso-42001: ["A.6.2.5"]}
#   remediation: "Release model and feature pipeline together, region by region."
package controls.rollout.DEP_05

import data.lib.deployments
import data.lib.findings as say
import data.lib.records

manifests := input.evidence["artifact-manifest"]

graphs := input.evidence["lineage-graph"]

deployed := input.evidence["deployment-record"]

ours := deployments.of_candidate(deployed)

whole if deployments.all_seen(deployed, input.evidence["feed-status"])

satisfied contains "released-together" if {
	whole
	count(ours) > 0
	count(manifests) > 0
	count(graphs) > 0
	every deployment in ours {
		fits(deployment)
		accompanied(deployment)
	}
}

satisfied contains "regions-in-order" if {
	whole
	count(ours) > 0
	every deployment in ours {
		in_order(deployment)
	}
}

fits(deployment) if {
	count(manifests) > 0
	every manifest in manifests {
		deployment.predicate.feature_schema_version == manifest.predicate.feature_schema_version
	}
}

accompanied(deployment) if {
	some pipeline in deployed
	is_pipeline(pipeline)
	pipeline.predicate.release_id == deployment.predicate.release_id
	pipeline.predicate.feature_schema_version == deployment.predicate.feature_schema_version
	pipeline.predicate.started_at <= deployment.predicate.started_at
}

# In every graph its digest is that of a step before the model, of a version that is told.
is_pipeline(pipeline) if {
	count(graphs) > 0
	every graph in graphs {
		some node in graph.predicate.nodes
		node.kind in {"feature", "run"}
		node.digest == pipeline.predicate.artifact_digest
		records.named(graph.predicate.node_versions[node.id])
	}
}

in_order(deployment) if {
	records.named(deployment.predicate.region)
	count(elsewhere(deployment)) == 0
}

in_order(deployment) if {
	records.named(deployment.predicate.region)
	count(elsewhere(deployment)) > 0
	every other in elsewhere(deployment) {
		ordered(deployment.predicate, other.predicate)
	}
	leads_or_follows(deployment)
}

# Deployments of the same release in other regions of the same environment.
elsewhere(deployment) := [other |
	some other in ours
	other.predicate.release_id == deployment.predicate.release_id
	other.predicate.environment == deployment.predicate.environment
	other.predicate.region != deployment.predicate.region
]

ordered(one, other) if {
	0 <= one.sequence
	one.sequence < other.sequence
	one.started_at < other.started_at
}

ordered(one, other) if {
	one.sequence > other.sequence
	other.sequence >= 0
	one.started_at > other.started_at
}

# The first region has none before it.
leads_or_follows(deployment) if deployment.predicate.predecessor_succeeded == true

leads_or_follows(deployment) if {
	count([other | some other in elsewhere(deployment); deployment.predicate.sequence < other.predicate.sequence]) == count(elsewhere(deployment))
}

findings contains deployments.gap(objective, deployed, input.evidence["feed-status"]) if {
	not whole
	some objective in ["released-together", "regions-in-order"]
}

findings contains say.none(objective, "artifact_digest", "the version was not deployed yet, so that no release can be judged") if {
	count(ours) == 0
	some objective in ["released-together", "regions-in-order"]
}

findings contains say.breach("released-together", deployment, "feature_schema_version", "the deployment has another feature schema than the file was scanned for") if {
	count(manifests) > 0
	some deployment in ours
	not fits(deployment)
}

findings contains say.also(alone, {"observed": deployment.predicate.release_id}) if {
	count(graphs) > 0
	some deployment in ours
	not accompanied(deployment)
	alone := say.breach("released-together", deployment, "release_id", "the release {observed} brings no feature pipeline of the lineage graph that fits the model")
}

findings contains say.also(astray, {"observed": deployment.predicate.region}) if {
	some deployment in ours
	not in_order(deployment)
	astray := say.breach("regions-in-order", deployment, "sequence", "the region {observed} was updated out of its order, or without the success of the one before")
}
