# METADATA
# title: "Artifact, configuration and policy signed by a trusted key"
# description: >-
#   The model, the configuration and the policies in force, and a configuration that the manifest packages, are each
#   signed by someone who may release, with a trusted key that is kept centrally. A signature on any other file counts
#   for nothing. `trusted_keys` is empty until the organisation names its keys, and nothing passes before. Custody is
#   what the register of keys says of the signer's key. An unsigned update is a signature record that does not verify,
#   of whatever goes into a release; it must appear in the audit trail as refused, with its artifact digest as the
#   object, and never as taken up. Read strictly: the trail must be there and proven even where no update was refused,
#   and every verified signature on a part must be a good one.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [staging, production]
#   evidence: {audit-log: any, artifact-manifest: any, model-signature: measured}
#   parameters: [key_custodians, release_signers, trusted_keys]
#   objectives:
#     artifact-signed-by-trusted-key:
#       says: The model file is signed with a trusted key, and the signature verifies.
#       covers: [S0.M4.6]
#       reads: [artifact-manifest, model-signature]
#     release-signed-by-signers:
#       says: Model, configuration and policies in force are each signed with a trusted key by someone who may sign releases.
#       covers: [S2.M3.8]
#       reads: [artifact-manifest, model-signature]
#     unsigned-updates-refused:
#       says: The audit trail is proven and shows every unsigned update as refused.
#       covers: [S2.M3.8]
#       reads: [audit-log, model-signature]
#     keys-kept-centrally:
#       says: Model, configuration and policies are each signed with a key that an accepted custodian keeps.
#       covers: [S3.M2.2]
#       reads: [artifact-manifest, model-signature]
#   may_be_empty: {artifact-manifest.config_digest: a model may be packaged without a configuration of its own}
#   may_stand_beside:
#     audit-log.action: an act that takes no update up says nothing against a refusal
#     audit-log.object_ref: what became of another object says nothing of this one
#     model-signature.artifact_digest: a good signature on another file says nothing of this release
#     model-signature.content_digest: a good signature on another configuration or policy says nothing of this release
#     model-signature.signed_kind: a good signature on something else says nothing of model, configuration and policies
#   frameworks: {eu-ai-act: ["15(5)"], nist-ai-rmf: ["MEASURE 2.7"], openssf-model-signing: ["v1"]}
#   remediation: "Sign the artifact with a trusted, centrally kept key and verify it before loading."
package controls.integrity.INT_01

import data.lib.findings as say
import data.lib.records

manifests := input.evidence["artifact-manifest"]

trail := input.evidence["audit-log"]

signatures := input.evidence["model-signature"]

# Signatures on what goes into a release; one on a certificate updates nothing.
updates := [signature | some signature in signatures; not signature.predicate.signed_kind == "purge-certificate"]

# What is released: the candidate under the policies and the overlay in force, and what its manifest packages.
parts := array.concat(
	[
		{"kind": "model", "digest": input.subject.digest},
		{"kind": "config", "digest": input.policies.overlay_digest},
		{"kind": "policy", "digest": input.policies.bundle_digest},
	],
	[{"kind": "config", "digest": manifest.predicate.config_digest} | some manifest in manifests],
)

on_part(signature, part) if {
	signature.predicate.signed_kind == part.kind
	part.digest in digests(signature)
}

# What was signed: a file, and what it says.
digests(signature) := {digest | some name in ["artifact_digest", "content_digest"]; digest := signature.predicate[name]}

artifact_signatures := [signature |
	some signature in signatures
	signature.predicate.signed_kind == "model"
	signature.predicate.artifact_digest == input.subject.digest
]

verified := [signature |
	some signature in signatures
	signature.predicate.verified == true
	some part in parts
	on_part(signature, part)
]

satisfied contains "artifact-signed-by-trusted-key" if {
	count(manifests) > 0
	every manifest in manifests {
		manifest.predicate.artifact_digest == input.subject.digest
	}
	count(artifact_signatures) > 0
	every signature in artifact_signatures {
		signature.predicate.verified == true
		trusted(signature)
	}
}

satisfied contains "release-signed-by-signers" if {
	all_signed
	count(verified) > 0
	every signature in verified {
		by_release_signer(signature)
		trusted(signature)
	}
}

satisfied contains "unsigned-updates-refused" if {
	count(updates) > 0
	count(trail) > 0
	every entry in trail {
		proven(entry)
		records.named(entry.predicate.action)
		records.named(entry.predicate.object_ref)
	}
	every signature in updates {
		settled(signature)
	}
}

satisfied contains "keys-kept-centrally" if {
	all_signed
	count(verified) > 0
	every signature in verified {
		signature.predicate.key_custody in data.parameters.key_custodians
	}
}

all_signed if {
	count(manifests) > 0
	count(parts) > 0
	every part in parts {
		signed(part)
	}
}

trusted(signature) if signature.predicate.key_id in data.parameters.trusted_keys

signed(part) if {
	some signature in verified
	on_part(signature, part)
}

by_release_signer(signature) if {
	some role in signature.predicate.signer_roles
	role in data.parameters.release_signers
}

proven(entry) if {
	every field in ["chain_verified", "inclusion_verified", "consistency_verified"] {
		entry.predicate[field] == true
	}
}

settled(signature) if verifies(signature)

# The update is unsigned, and the trail shows that it was refused and never taken up.
settled(signature) if {
	acts := [entry.predicate.action | some entry in trail; entry.predicate.object_ref == signature.predicate.artifact_digest]
	"refused" in acts
	count([act | some act in acts; act in {"promoted", "deployed", "configured", "imported"}]) == 0
}

findings contains say.also(none, {"expected": input.subject.digest}) if {
	count(artifact_signatures) == 0
	none := say.none("artifact-signed-by-trusted-key", "artifact_digest", "no signature of the model file was verified")
}

findings contains say.also(bad, {"observed": false, "expected": true}) if {
	some signature in artifact_signatures
	not verifies(signature)
	bad := say.breach("artifact-signed-by-trusted-key", signature, "verified", "a signature of the model file does not verify")
}

verifies(signature) if signature.predicate.verified == true

findings contains say.also(unknown, {"observed": signature.predicate.key_id, "expected": data.parameters.trusted_keys}) if {
	some objective, among in {"artifact-signed-by-trusted-key": artifact_signatures, "release-signed-by-signers": verified}
	some signature in among
	not trusted(signature)
	unknown := say.breach(objective, signature, "key_id", "the key {observed} is not among the trusted keys")
}

findings contains say.also(unsigned, {"expected": part.digest, "values": {"kind": part.kind}}) if {
	count(manifests) > 0
	some part in parts
	not signed(part)
	some objective in ["release-signed-by-signers", "keys-kept-centrally"]
	unsigned := say.none(objective, "content_digest", "no verified signature of the {kind} that is released, {expected}")
}

findings contains barred if {
	some signature in verified
	not by_release_signer(signature)
	barred := say.also(
		say.breach("release-signed-by-signers", signature, "signer_roles", "{signer} may not sign releases"),
		{
			"observed": signature.predicate.signer_roles,
			"expected": data.parameters.release_signers,
			"values": {"signer": signature.predicate.signer},
		},
	)
}

findings contains say.breach("unsigned-updates-refused", entry, "chain_verified", "the audit trail is not proven whole, so that a refusal may be missing") if {
	some entry in trail
	not proven(entry)
}

findings contains say.also(open, {"observed": digest, "values": {"kind": kind}}) if {
	some signature in updates
	digest := signature.predicate.artifact_digest
	kind := signature.predicate.signed_kind
	not settled(signature)
	open := say.breach("unsigned-updates-refused", signature, "artifact_digest", "the unsigned {kind} does not appear as refused in the audit trail, or was taken up all the same")
}

findings contains say.also(kept, {"observed": custody, "expected": data.parameters.key_custodians}) if {
	some signature in verified
	custody := signature.predicate.key_custody
	not custody in data.parameters.key_custodians
	kept := say.breach("keys-kept-centrally", signature, "key_custody", "the signing key is kept in {observed}")
}
