# METADATA
# title: "Model endpoints authenticated, scoped and encrypted"
# description: >-
#   Every right on an endpoint asks for authentication and nobody unknown was let in; every component of the configuration
#   speaks TLS of at least the asked-for version, both ends authenticated; callers come by an identity provider of the
#   enterprise and by no local account, in a kind of authentication that the organisation accepts, limited to named models
#   and operations (`mortgage:score`). Where no provider is named, nothing passes. Read strictly: every component counts,
#   be it a link to a model or not, and every anonymous access, be it to an endpoint or not. Configuration and log are the
#   word of the platform that brings them.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [staging, production, operation]
#   evidence: [access-log, access-policy, feed-status, infra-config]
#   parameters: [endpoint_auth, enterprise_idps, min_tls_version]
#   objectives:
#     callers-known:
#       says: "Every endpoint authenticates its callers, and nobody unknown was let in."
#       at: [production, operation]
#       covers: [S1.M8.4]
#       reads: [access-log, access-policy, feed-status]
#     links-encrypted:
#       says: Every component asks for current TLS and authenticates both ends.
#       at: [staging, production]
#       covers: [S2.M2.7]
#       reads: [infra-config]
#     enterprise-identity:
#       says: "Callers come by the identity provider of the enterprise, and by no local account."
#       at: [production]
#       covers: [S2.M6.7]
#       reads: [access-policy]
#     scoped:
#       says: Each client is limited to named models and operations.
#       at: [production]
#       covers: [S4.M6.1]
#       reads: [access-policy]
#   may_stand_beside:
#     access-policy.resource_kind: a right on something else is no right on an endpoint
#     feed-status.feed: another feed says nothing of accesses
#   frameworks: {eu-ai-act: ["15(5)"], nist-ai-rmf: ["MEASURE 2.7"], gdpr: ["32"]}
#   remediation: "Require authentication through the enterprise identity provider, with scopes and mutual TLS."
package controls.access.ACC_02

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.text

endpoints := [policy | some policy in input.evidence["access-policy"]; policy.predicate.resource_kind == "endpoint"]

components := input.evidence["infra-config"]

accesses := input.evidence["access-log"]

# Events of a log last a week, so that the feed answers for a day at least.
whole if feeds.all_seen_for(accesses, input.evidence["feed-status"], "access-log", 1)

satisfied contains "callers-known" if {
	whole
	count(endpoints) > 0
	every policy in endpoints {
		authenticates(policy)
	}
	count([access | some access in accesses; not known(access)]) == 0
}

satisfied contains "links-encrypted" if {
	count(components) > 0
	every component in components {
		encrypted(component)
	}
}

satisfied contains "enterprise-identity" if {
	count(endpoints) > 0
	every policy in endpoints {
		of_enterprise(policy)
	}
}

satisfied contains "scoped" if {
	count(endpoints) > 0
	every policy in endpoints {
		limited(policy)
	}
}

authenticates(policy) if policy.predicate.authentication in {"oauth2", "api-key", "mutual-tls", "oidc", "saml"}

# Turned away, or somebody.
known(access) if access.predicate.allowed == false

known(access) if records.single(access.predicate.actor)

versions := ["1.2", "1.3"]

# Of the versions that are not withdrawn, this one or a later one.
encrypted(component) if {
	component.predicate.mutual_tls == true
	some place, version in versions
	version == component.predicate.tls_version
	some least, asked in versions
	asked == data.parameters.min_tls_version
	place >= least
}

of_enterprise(policy) if {
	policy.predicate.idp in data.parameters.enterprise_idps
	is_array(policy.predicate.local_accounts)
	count(policy.predicate.local_accounts) == 0
}

limited(policy) if {
	policy.predicate.authentication in data.parameters.endpoint_auth
	count(policy.predicate.scopes) > 0
	every scope in policy.predicate.scopes {
		names_both(scope)
	}
}

# A model and an operation, neither of them all.
names_both(scope) if {
	not contains(scope, "*")
	parts := split(scope, ":")
	count(parts) == 2
	every part in parts {
		records.named(part)
		not text.lower(part) in {"all", "any"}
	}
}

at_gate := {"staging": [], "production": ["callers-known", "enterprise-identity", "scoped"], "operation": ["callers-known"]}

findings contains say.none(objective, "evidence/access-policy", "no current access policy speaks of an endpoint") if {
	count(endpoints) == 0
	some objective in at_gate[input.gate]
}

findings contains feeds.gap_for("callers-known", accesses, input.evidence["feed-status"], "access-log", 1) if {
	"callers-known" in at_gate[input.gate]
	not whole
}

findings contains say.breach("callers-known", policy, "authentication", "the endpoint asks nobody who they are") if {
	"callers-known" in at_gate[input.gate]
	some policy in endpoints
	not authenticates(policy)
}

findings contains say.also(unknown, {"observed": access.predicate.actor}) if {
	"callers-known" in at_gate[input.gate]
	some access in accesses
	not known(access)
	unknown := say.breach("callers-known", access, "actor", "{observed} was let in, and nobody knows who that is")
}

findings contains say.also(weak, {"observed": component.predicate.tls_version, "expected": data.parameters.min_tls_version, "values": {"component": component.predicate.component}}) if {
	input.gate in {"staging", "production"}
	some component in components
	not encrypted(component)
	weak := say.breach("links-encrypted", component, "tls_version", "{component} accepts TLS {observed}, below {expected}, or does not authenticate both ends")
}

findings contains say.also(local, {"expected": data.parameters.enterprise_idps}) if {
	input.gate == "production"
	some policy in endpoints
	not of_enterprise(policy)
	local := say.breach("enterprise-identity", policy, "idp", "callers come by another identity provider than those of the enterprise, {expected}, or by a local account")
}

findings contains say.also(wide, {"observed": policy.predicate.scopes}) if {
	input.gate == "production"
	some policy in endpoints
	not limited(policy)
	wide := say.breach("scoped", policy, "scopes", "clients are not limited to named models and operations, or authenticate otherwise than is accepted: {observed}")
}
