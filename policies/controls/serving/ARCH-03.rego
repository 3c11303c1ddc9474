# METADATA
# title: Staging and production equivalent
# description: >-
#   Every deployment of the version, in whatever environment, runs the image of its artifact-manifest. Before production
#   it was deployed in staging (`staging`, `staging-green`, …), and every deployment of it runs the packaged configuration, apart from the settings that
#   may differ. The feed of deployments answers for all since the manifest was made. Where the digests of two
#   configurations differ, both must tell the digest of each setting.
# custom:
#   severity: major
#   basis: policy
#   gates: [staging, production]
#   evidence: [artifact-manifest, deployment-record, feed-status]
#   parameters: [parity_exceptions]
#   objectives:
#     same-settings:
#       says: "The version ran in staging, with the settings that are packaged for production."
#       at: [production]
#       covers: [S0.M4.8]
#       reads: [artifact-manifest, deployment-record, feed-status]
#     same-image: {says: Every deployment of the version runs the packaged image., covers: [S1.M5.1]}
#   may_stand_beside:
#     deployment-record.artifact_digest: the deployment of another version says nothing of this one
#     deployment-record.environment: a deployment elsewhere is judged as well, and one in staging must be there
#     feed-status.feed: the status of another feed says nothing of deployments
#   frameworks: {nist-ai-rmf: ["MAP 2.1"], iso-42001: ["A.4.5", "A.6.2.5"]}
#   remediation: Deploy the same image and settings in both environments.
package controls.serving.ARCH_03

import data.lib.feeds
import data.lib.findings as say
import data.lib.records

manifests := input.evidence["artifact-manifest"]

all_deployments := input.evidence["deployment-record"]

deployments := [deployment | some deployment in all_deployments; not of_another(deployment)]

of_another(deployment) if deployment.predicate.artifact_digest != input.subject.digest

staged := [deployment |
	some deployment in deployments
	records.on_candidate(deployment)
	split(deployment.predicate.environment, "-")[0] == "staging"
]

# The feed answers for all deployments since the version was packaged.
whole if {
	count(manifests) > 0
	every manifest in manifests {
		feeds.all_seen_since(all_deployments, input.evidence["feed-status"], "deployment-record", manifest.issued_at)
	}
}

satisfied contains "same-image" if {
	whole
	count(manifests) > 0
	every manifest in manifests {
		pinned(manifest)
	}
	count([deployment | some deployment in deployments; not as_packaged(deployment)]) == 0
}

satisfied contains "same-settings" if {
	whole
	count(staged) > 0
	count(deployments) > 0
	every deployment in deployments {
		alike(deployment)
	}
}

pinned(manifest) if manifest.predicate.image_digest

as_packaged(deployment) if {
	count(manifests) > 0
	every manifest in manifests {
		deployment.predicate.image_digest == manifest.predicate.image_digest
	}
}

alike(deployment) if {
	count(manifests) > 0
	every manifest in manifests {
		same_configuration(deployment.predicate, manifest.predicate)
	}
}

same_configuration(deployed, packaged) if deployed.config_digest == packaged.config_digest

same_configuration(deployed, packaged) if {
	count(deployed.config_parts) > 0
	object.remove(deployed.config_parts, data.parameters.parity_exceptions) == object.remove(packaged.config_parts, data.parameters.parity_exceptions)
}

findings contains feeds.gap_since_each(objective, all_deployments, input.evidence["feed-status"], "deployment-record", starts) if {
	not whole
	starts := [manifest.issued_at | some manifest in manifests]
	some objective in ["same-image", "same-settings"]
}

findings contains say.gap("same-image", manifest, "image_digest", "the manifest names no image") if {
	some manifest in manifests
	not pinned(manifest)
}

findings contains say.also(other, {"observed": deployment.predicate.image_digest, "values": {"environment": deployment.predicate.environment}}) if {
	some deployment in deployments
	count(manifests) > 0
	not as_packaged(deployment)
	other := say.breach("same-image", deployment, "image_digest", "{environment} runs the image {observed}, which is not the packaged one")
}

findings contains say.none("same-settings", "environment", "the version was not deployed in staging") if count(staged) == 0

findings contains say.also(other, {"values": {"environment": deployment.predicate.environment}}) if {
	some deployment in deployments
	count(manifests) > 0
	not alike(deployment)
	other := say.breach("same-settings", deployment, "config_digest", "the configuration of {environment} is not the packaged one, apart from what may differ")
}
