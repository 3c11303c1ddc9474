# METADATA
# title: Checksum verified at deployment
# description: >-
#   The digest that was computed anew from each deployed file is that of the file that was scanned, and one on which a
#   signature of a model or image verifies, with a trusted key; whatever else the system deploys is held to the second, and
#   INT-01 asks for the kind. A deployment that is refused, as the proven audit trail shows, takes no traffic and was never
#   taken up deploys nothing: it is the proof that an altered file is noticed. Who computed the digest is the deployment's
#   collector.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [production]
#   evidence: {artifact-manifest: measured, audit-log: any, deployment-record: any, feed-status: any, model-signature: measured}
#   parameters: [trusted_keys]
#   objectives:
#     deployed-as-scanned:
#       says: "Every deployed file of the version has the digest of the file that was scanned, and one is deployed."
#       covers: [S2.M3.5]
#       reads: [artifact-manifest, audit-log, deployment-record, feed-status]
#     altered-file-refused:
#       says: Every deployed file bears a verified signature, or appears as refused in the audit trail.
#       covers: [S3.M2.8]
#       reads: [audit-log, deployment-record, feed-status, model-signature]
#   may_be_empty: {deployment-record.subject: the door takes no record that is about nothing}
#   may_stand_beside:
#     audit-log.action: an act that takes no file up says nothing against a refusal
#     audit-log.object_ref: what became of another object says nothing of this one
#     deployment-record.subject: a signed file that was deployed for another version says nothing of this one
#     feed-status.feed: another feed says nothing of deployments
#     model-signature.artifact_digest: a good signature on another file says nothing of this one
#     model-signature.key_id: a signature with another key makes no file known, and takes nothing away from a good one
#     model-signature.signed_kind: a good signature on something else says nothing of this file
#     model-signature.verified: the file is known by the signature that verifies; INT-01 asks what became of the other
#   frameworks: {eu-ai-act: ["15(5)"], nist-ai-rmf: ["MEASURE 2.7"]}
#   remediation: Redeploy the registered file; treat the difference as tampering until explained.
package controls.integrity.INT_02

import data.lib.deployments
import data.lib.findings as say
import data.lib.records

manifests := input.evidence["artifact-manifest"]

trail := input.evidence["audit-log"]

signatures := input.evidence["model-signature"]

deployed := input.evidence["deployment-record"]

ours := [deployment | some deployment in deployed; records.names_candidate(deployment)]

whole if deployments.all_seen(deployed, input.evidence["feed-status"])

proven if {
	count(trail) > 0
	every entry in trail {
		entry.predicate.chain_verified == true
		entry.predicate.inclusion_verified == true
		entry.predicate.consistency_verified == true
		records.named(entry.predicate.action)
		records.named(entry.predicate.object_ref)
	}
}

satisfied contains "deployed-as-scanned" if {
	whole
	proven
	count(manifests) > 0
	count(ours) > 0
	count([deployment | some deployment in ours; as_scanned(deployment)]) > 0
	every deployment in ours {
		settled(deployment)
	}
}

satisfied contains "altered-file-refused" if {
	whole
	proven
	count(deployed) > 0
	every deployment in deployed {
		known(deployment)
	}
}

as_scanned(deployment) if {
	count(manifests) > 0
	every manifest in manifests {
		deployment.predicate.artifact_digest == manifest.predicate.artifact_digest
	}
}

settled(deployment) if as_scanned(deployment)

settled(deployment) if stopped(deployment)

known(deployment) if deployment.predicate.artifact_digest in signed

known(deployment) if stopped(deployment)

signed := {signature.predicate.artifact_digest |
	some signature in signatures
	signature.predicate.signed_kind in {"model", "image", "pretrained-component"}
	signature.predicate.verified == true
	signature.predicate.key_id in data.parameters.trusted_keys
}

# The trail shows the file as refused and never as taken up, and no request reaches it.
stopped(deployment) if {
	deployment.predicate.traffic_share == 0
	acts := [entry.predicate.action | some entry in trail; entry.predicate.object_ref == deployment.predicate.artifact_digest]
	"refused" in acts
	count([act | some act in acts; act in {"promoted", "deployed", "configured", "imported"}]) == 0
}

findings contains deployments.gap(objective, deployed, input.evidence["feed-status"]) if {
	not whole
	some objective in ["deployed-as-scanned", "altered-file-refused"]
}

findings contains say.none(objective, "chain_verified", "no audit trail is proven whole, so that a refusal may be missing") if {
	not proven
	some objective in ["deployed-as-scanned", "altered-file-refused"]
}

findings contains say.none("deployed-as-scanned", "artifact_digest", "no deployment holds the file that was scanned") if {
	count(manifests) > 0
	count([deployment | some deployment in ours; as_scanned(deployment)]) == 0
}

findings contains say.also(altered, {"observed": deployment.predicate.artifact_digest, "expected": input.subject.digest}) if {
	count(manifests) > 0
	some deployment in ours
	not settled(deployment)
	altered := say.breach("deployed-as-scanned", deployment, "artifact_digest", "the deployed file is not the file that was scanned")
}

findings contains say.also(unknown, {"observed": deployment.predicate.artifact_digest}) if {
	some deployment in deployed
	not known(deployment)
	unknown := say.breach("altered-file-refused", deployment, "artifact_digest", "no signature with a trusted key verifies on the deployed file {observed}, and the audit trail does not show it as refused")
}
