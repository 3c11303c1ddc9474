# METADATA
# title: Model bound to feature schema version
# description: >-
#   Every deployment of the artifact runs with the feature schema that it was built for, as the manifest of the packaged
#   model has it. The deployment feed answers for all the time since the version was trained, so that a version that was
#   not deployed yet passes on the feed's word. Read strictly: a deployment counts where it was filed for this version or
#   deployed its digest, whatever it says of the other, and whether it still runs or not.
# custom:
#   severity: major
#   basis: policy
#   gates: [staging, production]
#   evidence: [artifact-manifest, deployment-record, feed-status, training-run]
#   objectives:
#     schema-kept:
#       says: Every deployment of the artifact has the feature schema that the artifact was built for.
#       covers: [S2.M3.6]
#   may_be_empty: {deployment-record.subject: a deployment that was filed for nothing is held to the schema like the others}
#   may_stand_beside: {feed-status.feed: another feed says nothing of deployments}
#   frameworks: {nist-ai-rmf: ["MAP 4.1"], iso-42001: ["A.7.5"], eu-ai-act: ["10(2)(b)"]}
#   remediation: Deploy the model with the feature schema it was built for.
package controls.lineage.LIN_03

import data.lib.feeds
import data.lib.findings as say
import data.lib.records

manifests := input.evidence["artifact-manifest"]

deployments := input.evidence["deployment-record"]

# All but those that are known to be of another version.
own := [deployment | some deployment in deployments; not of_another(deployment)]

of_another(deployment) if {
	not records.on_candidate(deployment)
	count(deployment.subject) > 0
	not records.names_candidate(deployment)
}

starts := [run.predicate.started_at | some run in input.evidence["training-run"]]

whole if feeds.all_seen_since_each(deployments, input.evidence["feed-status"], "deployment-record", starts)

satisfied contains "schema-kept" if {
	whole
	count(manifests) > 0
	count([deployment | some deployment in own; not kept(deployment)]) == 0
}

kept(deployment) if {
	count(manifests) > 0
	every manifest in manifests {
		deployment.predicate.feature_schema_version == manifest.predicate.feature_schema_version
	}
}

findings contains feeds.gap_since_each("schema-kept", deployments, input.evidence["feed-status"], "deployment-record", starts) if not whole

findings contains say.also(other, {"observed": deployment.predicate.feature_schema_version, "expected": built_for}) if {
	count(manifests) > 0
	some deployment in own
	not kept(deployment)
	built_for := sort([manifest.predicate.feature_schema_version | some manifest in manifests])
	other := say.breach("schema-kept", deployment, "feature_schema_version", "the deployment has the feature schema {observed}, and the artifact was built for {expected}")
}
