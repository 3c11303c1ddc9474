# METADATA
# title: Least privilege for gate actions
# description: >-
#   Every right on a gate is given to named holders for a named tier and environment, as `tier=high` and
#   `environment=production` among its conditions. An emergency right has its reason, a second person who does not hold
#   the right, and an end that is still to come. That the conditions are enforced is the word of the platform that brought
#   the record.
# custom:
#   severity: major
#   basis: policy
#   gates: [production]
#   evidence: [access-policy]
#   objectives:
#     rights-conditioned: {says: Every right on a gate names its holders and its tier and environment.}
#     overrides-bounded: {says: "Every emergency right has a reason, a second person and an end that is still to come."}
#   may_be_empty: {access-policy.emergency_override: a right may have no way round}
#   may_stand_beside: {access-policy.resource_kind: a right on something else is no right on a gate}
#   frameworks: {iso-42001: ["A.3.2"], gdpr: ["32"]}
#   remediation: "Replace the wildcard or unconditioned right by one for a named role, tier and environment."
package controls.access.APP_06

import data.lib.findings as say
import data.lib.records
import data.lib.tiers

rights := [policy | some policy in input.evidence["access-policy"]; policy.predicate.resource_kind == "gate"]

satisfied contains "rights-conditioned" if {
	count(rights) > 0
	every policy in rights {
		held_by_named(policy)
		conditioned(policy)
	}
}

satisfied contains "overrides-bounded" if {
	count(rights) > 0
	every policy in rights {
		bounded(policy)
	}
}

held_by_named(policy) if {
	policy.predicate.wildcard_principal == false
	count(policy.predicate.principals) > 0
	count([principal | some principal in policy.predicate.principals; not records.single(principal)]) == 0
}

conditioned(policy) if {
	some condition in policy.predicate.conditions
	condition in tier_conditions
	places := [trim_prefix(other, "environment=") | some other in policy.predicate.conditions; startswith(other, "environment=")]
	count(places) > 0
	every place in places {
		records.single(place)
	}
}

tier_conditions := {concat("", ["tier=", tier]) | some tier in array.concat(["high"], tiers.strictest_first)}

bounded(policy) if not policy.predicate.emergency_override

bounded(policy) if {
	override := policy.predicate.emergency_override
	records.filled(override.reason)
	not override.second_person.id in policy.predicate.principals
	records.named(override.second_person.id)
	input.now < override.expires_at
}

findings contains say.none(objective, "evidence/access-policy", "no current access policy speaks of gates") if {
	count(rights) == 0
	some objective in ["rights-conditioned", "overrides-bounded"]
}

findings contains say.breach("rights-conditioned", policy, "principals", "whoever it is may act at the gate: the holders of the right are not named one by one") if {
	some policy in rights
	not held_by_named(policy)
}

findings contains say.also(open, {"observed": policy.predicate.conditions}) if {
	some policy in rights
	not conditioned(policy)
	open := say.breach("rights-conditioned", policy, "conditions", "the right on the gate holds for every tier or environment, or does not say for which")
}

findings contains say.breach("overrides-bounded", policy, "emergency_override", "the emergency right has run out, or its second person holds the right already") if {
	some policy in rights
	not bounded(policy)
}
