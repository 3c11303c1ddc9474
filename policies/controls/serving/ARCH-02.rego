# METADATA
# title: Workloads and environments isolated
# description: >-
#   Every component but stores, streams and routers runs in a container behind a network that denies by default.
#   Development, staging and production lie in different network zones, and no role and no one person or service may
#   change all three. Read strictly: whatever is not reading is a change, and who may do anything in each of the three
#   must be known.
# custom:
#   severity: major
#   basis: policy
#   gates: [staging, production]
#   evidence: [access-policy, infra-config]
#   objectives:
#     workloads-isolated:
#       says: Every workload runs in a container behind a network that denies by default.
#       covers: [S2.M2.3]
#       reads: [infra-config]
#     environments-apart:
#       says: "The three environments lie apart in the network, and nobody may change all of them."
#       covers: [S4.M2.6]
#   may_stand_beside:
#     access-policy.resource_kind: a right on another kind of resource says nothing of the three environments
#   frameworks: {eu-ai-act: ["15(5)"], nist-ai-rmf: ["MEASURE 2.7"]}
#   remediation: Isolate the workload and take the cross-environment write right away.
package controls.serving.ARCH_02

import data.lib.findings as say
import data.lib.records

environments := ["development", "staging", "production"]

components := input.evidence["infra-config"]

workloads := [component | some component in components; not passive(component)]

# Runs no model.
passive(component) if component.predicate.kind in {"store", "stream", "router"}

satisfied contains "workloads-isolated" if {
	count(workloads) > 0
	every workload in workloads {
		isolated(workload)
	}
}

isolated(workload) if {
	workload.predicate.isolation == "container"
	workload.predicate.network_policy == "default-deny"
	records.named(workload.predicate.kind)
}

satisfied contains "environments-apart" if {
	count(unknown("zones")) == 0
	count(unknown("rights")) == 0
	count([policy | some policy in policies; not closed(policy)]) == 0
	count(shared_zones) == 0
	count(everywhere("roles")) == 0
	count(everywhere("principals")) == 0
}

zones(environment) := {component.predicate.network_zone |
	some component in components
	component.predicate.environment == environment
}

# Zones in which components of two environments lie.
shared_zones := {zone |
	some one in components
	some other in components
	zone := one.predicate.network_zone
	zone == other.predicate.network_zone
	one.predicate.environment != other.predicate.environment
}

policies := [policy | some policy in input.evidence["access-policy"]; policy.predicate.resource_kind == "environment"]

# To one environment, for named persons and services: who holds it must be known in all three.
closed(policy) if {
	policy.predicate.wildcard_principal == false
	records.single(policy.predicate.resource)
	count([principal | some principal in policy.predicate.principals; not records.single(principal)]) == 0
}

rights(environment) := [policy |
	some policy in policies
	policy.predicate.resource == environment
	count(policy.predicate.principals) > 0
	count(policy.predicate.actions) > 0
]

unknown("zones") := [environment | some environment in environments; count(zones(environment)) == 0]

unknown("rights") := [environment | some environment in environments; count(rights(environment)) == 0]

# Who may change an environment: the roles, or the persons and services that hold them.
changers(environment, "roles") := {policy.predicate.role |
	some policy in rights(environment)
	changes(policy)
}

changers(environment, "principals") := {principal |
	some policy in rights(environment)
	changes(policy)
	some principal in policy.predicate.principals
}

changes(policy) if {
	some action in policy.predicate.actions
	not action in {"read", "list", "view"}
}

everywhere(of) := (changers("development", of) & changers("staging", of)) & changers("production", of)

findings contains say.none("workloads-isolated", "kind", "no component that runs a model is known") if count(workloads) == 0

findings contains say.also(open, {"values": {"component": workload.predicate.component}}) if {
	some workload in workloads
	not isolated(workload)
	open := say.breach("workloads-isolated", workload, "isolation", "{component} does not run in a container behind a network that denies by default")
}

findings contains say.also(open, {"values": {"environment": environment}}) if {
	some environment in unknown("zones")
	open := say.none("environments-apart", "network_zone", "in which network {environment} lies is not known")
}

findings contains say.also(open, {"values": {"environment": environment}}) if {
	some environment in unknown("rights")
	open := say.none("environments-apart", "resource", "who may change {environment} is not known")
}

findings contains say.breach("environments-apart", policy, "wildcard_principal", "anybody may act in the environment") if {
	some policy in policies
	not closed(policy)
}

findings contains say.also(shared, {"observed": component.predicate.network_zone}) if {
	some component in components
	component.predicate.network_zone in shared_zones
	shared := say.breach("environments-apart", component, "network_zone", "two environments share the zone {observed}")
}

findings contains say.also(wide, {"values": {"who": who}}) if {
	some who in (everywhere("roles") | everywhere("principals"))
	some environment in environments
	some policy in rights(environment)
	who in array.concat([policy.predicate.role], policy.predicate.principals)
	wide := say.breach("environments-apart", policy, "role", "{who} may change development, staging and production")
}
