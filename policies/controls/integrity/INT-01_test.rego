package controls.integrity.INT_01_test

import data.controls.integrity.INT_01 as control

evidence(more_signatures, trail) := {
	"artifact-manifest": [{"id": "m", "predicate": {"artifact_digest": "sha256:c"}}],
	"model-signature": array.concat(
		[signature("model", "sha256:c", true), signature("config", "sha256:a", true), signature("policy", "sha256:b", true)],
		more_signatures,
	),
	"audit-log": trail,
}

signature(kind, digest, verified) := {"id": digest, "predicate": {
	"signed_kind": kind,
	"artifact_digest": digest,
	"verified": verified,
	"verified_at": "2026-11-20T00:00:00Z",
	"key_id": "release",
	"key_custody": "hsm",
	"signer": "release-manager",
}}

entry(action, object_ref) := {"id": action, "predicate": {
	"action": action,
	"object_ref": object_ref,
	"chain_verified": true,
}}

bounds(keys) := {"trusted_keys": keys, "release_signers": ["release-manager"], "key_custodians": ["hsm"]}

found(more_signatures, trail, parameters) := satisfied if {
	satisfied := control.satisfied with input.subject.digest as "sha256:c"
		with input.now as "2026-11-21T00:00:00Z"
		with data.parameters as parameters
		with input.evidence as evidence(more_signatures, trail)
}

test_signed_release_satisfies if {
	found([], [entry("deployed", "sha256:c")], bounds(["release"])) == {
		"artifact-signed-by-trusted-key", "release-signed-by-signers",
		"unsigned-updates-refused", "keys-kept-centrally",
	}
}

test_nothing_is_trusted_until_keys_are_named if {
	not "artifact-signed-by-trusted-key" in found([], [entry("deployed", "sha256:c")], bounds([]))
}

test_refused_update_is_settled if {
	unsigned := signature("config", "sha256:e", false)
	count(found([unsigned], [entry("refused", "sha256:e")], bounds(["release"]))) == 4
}

test_update_that_another_refusal_is_about_is_not_settled if {
	unsigned := signature("config", "sha256:e", false)
	not "unsigned-updates-refused" in found([unsigned], [entry("refused", "sha256:f")], bounds(["release"]))
	not "unsigned-updates-refused" in found([unsigned], [entry("deployed", "sha256:e")], bounds(["release"]))
}

test_unverified_signature_of_the_model_is_not_hidden_by_a_good_one if {
	unsigned := signature("model", "sha256:c", false)
	not "artifact-signed-by-trusted-key" in found([unsigned], [entry("refused", "sha256:c")], bounds(["release"]))
}

test_without_parameters_only_refusals_are_known if {
	found([], [entry("deployed", "sha256:c")], {}) == {"unsigned-updates-refused"}
}
