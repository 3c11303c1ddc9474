# METADATA
# title: Artifact store access and downloads limited
# description: >-
#   Nobody but the named identities may write to the store of model files, and nobody else did; in operation models are
#   downloaded in the named roles alone, and nobody else did. An action that is not known to read counts as writing, and
#   whoever is not named may not. The log of accesses is whole for a day and more, by its feed; that the store logs every
#   read and write is the word of the platform that brings them.
# custom:
#   severity: major
#   basis: policy
#   gates: [registration, operation]
#   evidence: [access-log, access-policy, feed-status]
#   parameters: [artifact_writers, download_roles]
#   objectives:
#     writers-limited: {says: "The named identities alone may write model files, and nobody else did.", covers: [S2.M2.2]}
#     downloads-limited:
#       says: "Models are downloaded in the named roles alone, and nobody else did."
#       at: [operation]
#       covers: [S4.M6.6]
#   may_stand_beside:
#     access-policy.resource_kind: a right on something else is no right on the store
#     access-policy.resource: a right on another store is held to the same
#     feed-status.feed: another feed says nothing of accesses
#   frameworks: {iso-42001: ["A.4.5"], nist-ai-rmf: ["MEASURE 2.7"], eu-ai-act: ["15(5)"]}
#   remediation: Remove the write or download right from the roles that do not need it.
package controls.access.ACC_03

import data.lib.feeds
import data.lib.findings as say
import data.lib.text

rights := [policy | some policy in input.evidence["access-policy"]; policy.predicate.resource_kind == "model-store"]

accesses := input.evidence["access-log"]

whole if feeds.all_seen_for(accesses, input.evidence["feed-status"], "access-log", 1)

satisfied contains "writers-limited" if {
	whole
	count(rights) > 0
	every policy in rights {
		may_write_rightly(policy)
	}
	count([access | some access in accesses; not wrote_rightly(access)]) == 0
}

satisfied contains "downloads-limited" if {
	whole
	count(rights) > 0
	every policy in rights {
		may_download_rightly(policy)
	}
	count([access | some access in accesses; not downloaded_rightly(access)]) == 0
}

reading := {"read", "list", "get", "head", "verify", "pull", "download"}

stores := {text.lower(policy.predicate.resource) | some policy in rights}

may_write_rightly(policy) if {
	count(policy.predicate.actions) > 0
	every action in policy.predicate.actions {
		action in reading
	}
}

may_write_rightly(policy) if {
	policy.predicate.wildcard_principal == false
	count(policy.predicate.actions) > 0
	data.lib.records.covers(data.parameters.artifact_writers, policy.predicate.principals)
}

may_download_rightly(policy) if {
	policy.predicate.download_allowed == false
	count([action | some action in policy.predicate.actions; text.lower(action) in downloading]) == 0
}

may_download_rightly(policy) if {
	policy.predicate.wildcard_principal == false
	count(policy.predicate.principals) > 0
	count([principal | some principal in policy.predicate.principals; not data.lib.records.single(principal)]) == 0
	policy.predicate.role in data.parameters.download_roles
}

downloading := {"download", "pull"}

wrote_rightly(access) if access.predicate.actor in data.parameters.artifact_writers

wrote_rightly(access) if access.predicate.action in reading

wrote_rightly(access) if harmless(access)

downloaded_rightly(access) if {
	some policy in rights
	policy.predicate.resource == access.predicate.resource
	policy.predicate.role == access.predicate.role
	access.predicate.actor in policy.predicate.principals
	policy.predicate.role in data.parameters.download_roles
}

# Not a download, whatever else it is.
downloaded_rightly(access) if {
	data.lib.records.named(access.predicate.action)
	not text.lower(access.predicate.action) in downloading
}

downloaded_rightly(access) if harmless(access)

# Turned away, or somewhere else than at a store.
harmless(access) if access.predicate.allowed == false

harmless(access) if {
	data.lib.records.named(access.predicate.resource)
	not text.lower(access.predicate.resource) in stores
}

at_gate := {"registration": ["writers-limited"], "operation": ["writers-limited", "downloads-limited"]}[input.gate]

findings contains feeds.gap_for(objective, accesses, input.evidence["feed-status"], "access-log", 1) if {
	not whole
	some objective in at_gate
}

findings contains say.none(objective, "evidence/access-policy", "no current access policy speaks of a store of models") if {
	count(rights) == 0
	some objective in at_gate
}

findings contains say.also(wide, {"observed": policy.predicate.principals, "expected": data.parameters.artifact_writers}) if {
	some policy in rights
	not may_write_rightly(policy)
	wide := say.breach("writers-limited", policy, "principals", "others than {expected} may write model files: {observed}, or anybody")
}

findings contains say.also(wrote, {"observed": access.predicate.actor, "values": {"action": access.predicate.action}}) if {
	count(rights) > 0
	some access in accesses
	not wrote_rightly(access)
	wrote := say.breach("writers-limited", access, "actor", "{observed} did {action} in the store of models, and may not write there")
}

findings contains say.also(loose, {"observed": policy.predicate.role, "expected": data.parameters.download_roles}) if {
	"downloads-limited" in at_gate
	some policy in rights
	not may_download_rightly(policy)
	loose := say.breach("downloads-limited", policy, "download_allowed", "the role {observed} may download models, and only {expected} should")
}

findings contains say.also(took, {"observed": access.predicate.actor, "values": {"role": access.predicate.role}}) if {
	"downloads-limited" in at_gate
	count(rights) > 0
	some access in accesses
	not downloaded_rightly(access)
	took := say.breach("downloads-limited", access, "actor", "{observed} downloaded a model as {role}, without such a right")
}
