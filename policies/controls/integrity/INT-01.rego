# METADATA
# title: "Artifact, configuration and policy signed by a trusted key"
# description: >-
#   Model, configuration and policy are signed by someone who may release, the model with a trusted key, all with keys
#   that are kept centrally. `trusted_keys` is empty until the organisation names its keys, and nothing passes before.
#   An unsigned update is a signature record that does not verify; it must appear in the audit trail as refused, with
#   its artifact digest as the object. Read strictly: the trail must be there and unbroken even where no update was
#   refused, and every verified signature must be by a release signer and a kept key.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [staging, production]
#   evidence:
#     audit-log: any
#     artifact-manifest: any
#     model-signature: measured
#   parameters: [key_custodians, release_signers, trusted_keys]
#   objectives:
#     artifact-signed-by-trusted-key:
#       says: The model file is signed with a trusted key, and the signature verifies.
#       covers: [S0.M4.6]
#       reads: [artifact-manifest, model-signature]
#     release-signed-by-signers:
#       says: Model, configuration and policy are each signed by someone who may sign releases.
#       covers: [S2.M3.8]
#       reads: [model-signature]
#     unsigned-updates-refused:
#       says: The audit trail is unbroken and shows every unsigned update as refused.
#       covers: [S2.M3.8]
#       reads: [audit-log, model-signature]
#     keys-kept-centrally:
#       says: Every signing key is kept by an accepted custodian.
#       covers: [S3.M2.2]
#       reads: [model-signature]
#   frameworks:
#     eu-ai-act: ["15(5)"]
#     nist-ai-rmf: ["MEASURE 2.7"]
#     openssf-model-signing: ["v1"]
#   remediation: "Sign the artifact with a trusted, centrally kept key and verify it before loading."
package controls.integrity.INT_01

import data.lib.records

manifests := input.evidence["artifact-manifest"]

signatures := input.evidence["model-signature"]

trail := input.evidence["audit-log"]

released_kinds := ["model", "config", "policy"]

release_signatures := [signature |
	some signature in signatures
	signature.predicate.signed_kind in released_kinds
]

# Signatures of the model file itself.
artifact_signatures := [signature |
	some signature in release_signatures
	signature.predicate.signed_kind == "model"
	records.on_candidate(signature)
]

verified_signatures := [signature |
	some signature in release_signatures
	signature.predicate.verified == true
]

verified_kinds := {signature.predicate.signed_kind | some signature in verified_signatures}

satisfied contains "artifact-signed-by-trusted-key" if {
	count(manifests) > 0
	every manifest in manifests {
		records.on_candidate(manifest)
	}
	count(artifact_signatures) > 0
	every signature in artifact_signatures {
		signature.predicate.verified == true
		signature.predicate.verified_at <= input.now
		signature.predicate.key_id in data.parameters.trusted_keys
	}
}

satisfied contains "release-signed-by-signers" if {
	count(verified_signatures) > 0
	records.covers(verified_kinds, released_kinds)
	every signature in verified_signatures {
		signature.predicate.signer in data.parameters.release_signers
	}
}

satisfied contains "unsigned-updates-refused" if {
	count(release_signatures) > 0
	count(trail) > 0
	every entry in trail {
		entry.predicate.chain_verified == true
		records.named(entry.predicate.action)
		records.named(entry.predicate.object_ref)
	}
	every signature in release_signatures {
		settled(signature)
	}
}

satisfied contains "keys-kept-centrally" if {
	count(verified_signatures) > 0
	every signature in verified_signatures {
		signature.predicate.key_custody in data.parameters.key_custodians
	}
}

settled(signature) if signature.predicate.verified == true

# The update is unsigned, and the trail shows that it was refused.
settled(signature) if {
	some entry in trail
	entry.predicate.action == "refused"
	entry.predicate.object_ref == signature.predicate.artifact_digest
}

findings contains finding if {
	some manifest in manifests
	not records.on_candidate(manifest)
	finding := records.other_artifact("artifact-signed-by-trusted-key", manifest)
}

findings contains finding if {
	count(artifact_signatures) == 0
	finding := {
		"objective": "artifact-signed-by-trusted-key",
		"message": "no signature of the model file was verified",
		"gap": true,
		"expected": input.subject.digest,
		"path": "artifact_digest",
	}
}

findings contains finding if {
	some signature in artifact_signatures
	not signature.predicate.verified
	finding := {
		"objective": "artifact-signed-by-trusted-key",
		"message": "a signature of the model file does not verify",
		"evidence": signature.id,
		"observed": false,
		"expected": true,
		"path": "verified",
	}
}

findings contains finding if {
	some signature in artifact_signatures
	signature.predicate.verified_at > input.now
	finding := {
		"objective": "artifact-signed-by-trusted-key",
		"message": "the signature was verified after the instant of the decision",
		"evidence": signature.id,
		"observed": signature.predicate.verified_at,
		"expected": input.now,
		"path": "verified_at",
	}
}

findings contains finding if {
	some signature in artifact_signatures
	not signature.predicate.key_id in data.parameters.trusted_keys
	finding := {
		"objective": "artifact-signed-by-trusted-key",
		"message": sprintf("the key %s is not among the trusted keys", [signature.predicate.key_id]),
		"evidence": signature.id,
		"observed": signature.predicate.key_id,
		"expected": data.parameters.trusted_keys,
		"path": "key_id",
	}
}

findings contains finding if {
	some kind in released_kinds
	not kind in verified_kinds
	finding := {
		"objective": "release-signed-by-signers",
		"message": sprintf("no verified signature of the %s", [kind]),
		"gap": true,
		"expected": kind,
		"path": "signed_kind",
	}
}

findings contains finding if {
	some signature in verified_signatures
	not signature.predicate.signer in data.parameters.release_signers
	finding := {
		"objective": "release-signed-by-signers",
		"message": sprintf("%s may not sign releases", [signature.predicate.signer]),
		"evidence": signature.id,
		"observed": signature.predicate.signer,
		"expected": data.parameters.release_signers,
		"path": "signer",
	}
}

findings contains finding if {
	some entry in trail
	not entry.predicate.chain_verified
	finding := {
		"objective": "unsigned-updates-refused",
		"message": "the audit trail has a gap or a break, so that a refusal may be missing",
		"evidence": entry.id,
		"path": "chain_verified",
	}
}

findings contains finding if {
	some signature in release_signatures
	not settled(signature)
	finding := {
		"objective": "unsigned-updates-refused",
		"message": sprintf(
			"the unsigned %s does not appear as refused in the audit trail",
			[signature.predicate.signed_kind],
		),
		"evidence": signature.id,
		"observed": signature.predicate.artifact_digest,
		"path": "artifact_digest",
	}
}

findings contains finding if {
	some signature in verified_signatures
	not signature.predicate.key_custody in data.parameters.key_custodians
	finding := {
		"objective": "keys-kept-centrally",
		"message": sprintf("the signing key is kept in %s", [signature.predicate.key_custody]),
		"evidence": signature.id,
		"observed": signature.predicate.key_custody,
		"expected": data.parameters.key_custodians,
		"path": "key_custody",
	}
}

findings contains finding if {
	count(verified_signatures) == 0
	finding := {
		"objective": "keys-kept-centrally",
		"message": "there is no verified signature whose key could be judged",
		"gap": true,
		"path": "verified",
	}
}
