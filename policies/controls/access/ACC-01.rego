# METADATA
# title: Restricted and personal data access limited by role
# description: >-
#   Personal data, and data of a class from which the organisation restricts access, are open to the roles and actions alone
#   that it allows for that class; nobody was let in otherwise, and each right was reviewed lately. A right guards a
#   dataset where it names the digest of its content, as the resource or among the scopes of the store that holds it. Each
#   dataset that the training read is known by a record, and each right on data names some dataset. Read strictly: a class that the order does not know is restricted,
#   and so are personal data of any class. The roles that a log names, and that the feed holds each access, are the word
#   of the platform that brings them.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [any], roles: [controller], from: D-GDPR}
#   gates: [data-intake, production, operation]
#   evidence: [access-log, access-policy, dataset-record, feed-status, training-run]
#   parameters: [access_review_days, allowed_role_actions, restricted_class]
#   objectives:
#     rights-limited:
#       says: Each restricted dataset is guarded by rights within those that its class allows.
#       covers: [S0.M2.1]
#       reads: [access-policy, dataset-record]
#     accesses-within-rights:
#       says: Nobody was let into restricted data in another role or for another action.
#       covers: [S0.M2.1]
#       reads: [access-log, access-policy, dataset-record, feed-status]
#     rights-reviewed:
#       says: Every right on data was reviewed lately.
#       covers: [S0.M2.1]
#       reads: [access-policy]
#     datasets-known:
#       says: A record describes each dataset that the training read.
#       at: [production, operation]
#       covers: [S0.M2.1]
#       reads: [dataset-record, training-run]
#   may_stand_beside:
#     access-policy.resource_kind: a right on something else is no right on data
#     access-policy.resource: a right on other data says nothing of these
#     access-policy.scopes: a right on other data says nothing of these
#     feed-status.feed: another feed says nothing of accesses
#   frameworks: {gdpr: ["25", "32"], nist-ai-rmf: ["MEASURE 2.10"], iso-42001: ["A.4.3"]}
#   remediation: Take the excess right away and review the access list.
package controls.access.ACC_01

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.text
import data.lib.time as calendar

datasets := input.evidence["dataset-record"]

accesses := input.evidence["access-log"]

runs := input.evidence["training-run"]

rights := [policy |
	some policy in input.evidence["access-policy"]
	policy.predicate.resource_kind in {"dataset", "personal-store"}
]

# Events of a log last a week, so that the feed answers for a day at least.
whole if feeds.all_seen_for(accesses, input.evidence["feed-status"], "access-log", 1)

satisfied contains "rights-limited" if {
	count(datasets) > 0
	count(rights) > 0
	count([policy | some policy in rights; not names_data(policy)]) == 0
	count([dataset | some dataset in restricted; not guarded(dataset)]) == 0
}

satisfied contains "accesses-within-rights" if {
	whole
	count(datasets) > 0
	count([dataset | some dataset in restricted; count(guarding(dataset)) == 0]) == 0
	count([access | some access in accesses; some dataset in restricted; not harmless(access, dataset)]) == 0
}

satisfied contains "rights-reviewed" if {
	count(rights) > 0
	every policy in rights {
		given(policy)
		reviewed(policy)
	}
}

satisfied contains "datasets-known" if {
	count(runs) > 0
	every run in runs {
		records.covers(known, run.predicate.dataset_digests)
	}
}

known := {dataset.predicate.content_digest | some dataset in datasets}

restricted := [dataset | some dataset in datasets; not free(dataset)]

free(dataset) if {
	dataset.predicate.personal == false
	dataset.predicate.special_category == false
	dataset.predicate.phi == false
	not offences(dataset)
	dataset.predicate.classification in open_classes
}

offences(dataset) if dataset.predicate.offence_data == true

classes := ["public", "internal", "confidential", "restricted"]

open_classes := {class |
	some place, class in classes
	some limit, name in classes
	name == data.parameters.restricted_class
	place < limit
}

guards(policy, dataset) if {
	is_array(policy.predicate.scopes)
	dataset.predicate.content_digest == policy.predicate.resource
}

guards(policy, dataset) if dataset.predicate.content_digest in policy.predicate.scopes

# Every right that names the dataset, whatever kind of resource it says it is on.
guarding(dataset) := [policy | some policy in input.evidence["access-policy"]; guards(policy, dataset)]

guarded(dataset) if {
	count(guarding(dataset)) > 0
	every policy in guarding(dataset) {
		within(policy, dataset)
	}
}

within(policy, dataset) if {
	policy.predicate.wildcard_principal == false
	count([principal | some principal in policy.predicate.principals; not records.single(principal)]) == 0
	count(policy.predicate.actions) > 0
	every action in policy.predicate.actions {
		allowed(policy.predicate.role, action, dataset)
	}
}

allowed(role, action, dataset) if action in data.parameters.allowed_role_actions[role][dataset.predicate.classification]

# Turned away, or somewhere else, or in a role and for an action that both a right and the class allow.
harmless(access, _) if access.predicate.allowed == false

harmless(access, dataset) if {
	records.named(access.predicate.resource)
	not text.lower(access.predicate.resource) in resources(dataset)
}

harmless(access, dataset) if rightful(access, dataset)

# The names by which the log may know the dataset: its digest, its version, and what a right on it calls it.
resources(dataset) := {text.lower(name) |
	some name in array.concat(
		[dataset.predicate.content_digest, object.get(dataset.predicate, "version", dataset.predicate.content_digest)],
		[policy.predicate.resource | some policy in guarding(dataset)],
	)
}

rightful(access, dataset) if {
	some policy in guarding(dataset)
	policy.predicate.role == access.predicate.role
	access.predicate.actor in policy.predicate.principals
	access.predicate.action in policy.predicate.actions
	allowed(access.predicate.role, access.predicate.action, dataset)
}

# Held by named persons or services, for some action.
given(policy) if {
	count(policy.predicate.principals) > 0
	count(policy.predicate.actions) > 0
}

# Some dataset by its digest: a right on data that names none would guard all of them unseen.
names_data(policy) if {
	some name in array.concat([policy.predicate.resource], policy.predicate.scopes)
	startswith(name, "sha256:")
}

# Since it was given: a review before tells nothing of it.
reviewed(policy) if {
	policy.predicate.granted_at <= policy.predicate.reviewed_at
	calendar.within_days(policy.predicate.reviewed_at, data.parameters.access_review_days, input.now)
}

findings contains say.also(open, {"observed": dataset.predicate.classification}) if {
	some dataset in restricted
	count(guarding(dataset)) == 0
	some objective in ["rights-limited", "accesses-within-rights"]
	open := say.gap(objective, dataset, "evidence/access-policy", "no right names this dataset by its digest, and it holds personal data or is {observed}")
}

findings contains say.also(excess, {"observed": policy.predicate.actions, "values": {"role": policy.predicate.role, "class": dataset.predicate.classification}}) if {
	some dataset in restricted
	some policy in guarding(dataset)
	not within(policy, dataset)
	excess := say.breach("rights-limited", policy, "actions", "the role {role} may do {observed} with data of class {class}, more than is allowed, or anybody may")
}

findings contains say.gap("rights-limited", policy, "scopes", "the right on data names no dataset by its digest") if {
	some policy in rights
	not names_data(policy)
}

findings contains feeds.gap_for("accesses-within-rights", accesses, input.evidence["feed-status"], "access-log", 1) if not whole

findings contains say.also(astray, {"observed": access.predicate.actor, "values": {"role": access.predicate.role, "action": access.predicate.action}}) if {
	some access in accesses
	some dataset in restricted
	not harmless(access, dataset)
	astray := say.breach("accesses-within-rights", access, "allowed", "{observed} was let in as {role} to {action}, without a right that the class allows")
}

findings contains say.none("rights-reviewed", "evidence/access-policy", "no current access policy speaks of data") if count(rights) == 0

findings contains say.breach("rights-reviewed", policy, "principals", "the right names no holder or no action") if {
	some policy in rights
	not given(policy)
}

findings contains say.also(old, {"observed": policy.predicate.reviewed_at, "expected": data.parameters.access_review_days}) if {
	some policy in rights
	not reviewed(policy)
	old := say.breach("rights-reviewed", policy, "reviewed_at", "the right was last reviewed at {observed}, more than {expected} days ago or before it was given")
}

findings contains say.also(unknown, {"observed": digest}) if {
	input.gate in {"production", "operation"}
	some run in runs
	some digest in run.predicate.dataset_digests
	not digest in known
	unknown := say.gap("datasets-known", run, "dataset_digests", "no dataset record describes {observed}, which the training read")
}
