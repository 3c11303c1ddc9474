# METADATA
# title: "Artifacts, inference data and personal stores encrypted"
# description: >-
#   Every copy of the artifact is encrypted, stored and moving, and so is every store and link of the platform; weights
#   that are sensitive lie under keys that the organisation holds. The latest configuration of each component counts. Which
#   stores hold personal data is said by whoever runs them: at the release gates every store is asked all the same, and
#   where a dataset of the system is personal some store holds personal data.
# custom:
#   severity: major
#   basis: law
#   law_scope: {tiers: [any], roles: [controller], from: D-GDPR}
#   gates: [registration, data-intake, staging, production]
#   evidence: [artifact-manifest, dataset-record, infra-config]
#   parameters: [min_tls_version]
#   objectives:
#     stored-and-served-encrypted:
#       says: "The artifact and every store are encrypted, and every store and endpoint asks for transport security."
#       at: [staging, production]
#       covers: [S1.M8.5]
#       reads: [artifact-manifest, infra-config]
#     weights-under-own-keys:
#       says: "The stored artifact is encrypted, under keys of the organisation where its weights are sensitive."
#       at: [registration, staging]
#       covers: [S3.M2.5]
#       reads: [artifact-manifest]
#     copies-encrypted:
#       says: Every copy of the artifact is encrypted where it is stored and while it is moved.
#       at: [staging, production]
#       covers: [S4.M6.2]
#       reads: [artifact-manifest]
#     personal-stores-encrypted:
#       says: Every store of personal data is encrypted and asks for transport security.
#       at: [data-intake, production]
#       reads: [dataset-record, infra-config]
#   may_stand_beside: {infra-config.personal_data: a store without personal data may stand beside one that holds them}
#   frameworks: {gdpr: ["32"], nist-ai-rmf: ["MEASURE 2.7"], eu-ai-act: ["15(5)"]}
#   remediation: "Encrypt the store or link that is open, under keys the organisation controls."
package controls.integrity.INT_03

import data.lib.findings as say

manifests := input.evidence["artifact-manifest"]

components := input.evidence["infra-config"]

datasets := input.evidence["dataset-record"]

# Versions of transport security from the oldest; SSL is none of them.
versions := ["1.0", "1.1", "1.2", "1.3"]

satisfied contains "stored-and-served-encrypted" if {
	all_stored_encrypted
	count(components) > 0
	every component in components {
		sheltered(component)
	}
}

satisfied contains "weights-under-own-keys" if {
	all_stored_encrypted
	count(manifests) > 0
	every manifest in manifests {
		own_keys(manifest)
	}
}

satisfied contains "copies-encrypted" if {
	all_stored_encrypted
	count(manifests) > 0
	every manifest in manifests {
		manifest.predicate.encrypted_in_transit == true
	}
}

satisfied contains "personal-stores-encrypted" if {
	count(components) > 0
	every component in components {
		harmless(component)
	}
	placed
}

# Personal data lie somewhere: no organisation has such a dataset and no store for it.
placed if {
	count(datasets) > 0
	every dataset in datasets {
		dataset.predicate.personal == false
	}
}

placed if {
	count(datasets) > 0
	some component in components
	component.predicate.personal_data == true
}

all_stored_encrypted if {
	count(manifests) > 0
	every manifest in manifests {
		manifest.predicate.encrypted_at_rest == true
	}
}

own_keys(manifest) if manifest.predicate.weights_sensitive == false

own_keys(manifest) if manifest.predicate.key_management == "customer-managed"

sheltered(component) if {
	component.predicate.storage_encrypted == true
	some asked, lowest in versions
	lowest == data.parameters.min_tls_version
	some given, version in versions
	version == component.predicate.tls_version
	given >= asked
}

harmless(component) if component.predicate.personal_data == false

harmless(component) if sheltered(component)

findings contains say.none("personal-stores-encrypted", "personal_data", "a dataset is personal, or none is known, and no store is said to hold personal data") if not placed

findings contains say.breach(objective, manifest, "encrypted_at_rest", "stored copies of the artifact are not encrypted") if {
	some manifest in manifests
	manifest.predicate.encrypted_at_rest == false
	some objective in ["stored-and-served-encrypted", "weights-under-own-keys", "copies-encrypted"]
}

findings contains say.breach("weights-under-own-keys", manifest, "key_management", "the weights are sensitive, and the organisation does not hold the keys") if {
	some manifest in manifests
	not own_keys(manifest)
}

findings contains say.breach("copies-encrypted", manifest, "encrypted_in_transit", "the artifact is moved without encryption") if {
	some manifest in manifests
	manifest.predicate.encrypted_in_transit == false
}

findings contains say.also(open, {"observed": version, "expected": data.parameters.min_tls_version, "values": {"component": name}}) if {
	some component in components
	name := component.predicate.component
	version := component.predicate.tls_version
	not sheltered(component)
	open := say.breach("stored-and-served-encrypted", component, "storage_encrypted", "the component {component} is not encrypted, or accepts transport security {observed}")
}

findings contains say.also(open, {"observed": version, "expected": data.parameters.min_tls_version, "values": {"component": name}}) if {
	some component in components
	name := component.predicate.component
	version := component.predicate.tls_version
	not harmless(component)
	open := say.breach("personal-stores-encrypted", component, "storage_encrypted", "the component {component} holds personal data and is not encrypted, or accepts transport security {observed}")
}
