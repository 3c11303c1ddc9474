# METADATA
# title: Use stays within the instructions
# description: >-
#   Every deployment of the version is for a purpose that its instructions for use allow, and so are the population and each
#   runtime parameter in effect; no parameter that the instructions limit is left untold, and they
#   limit one at least. Before production that is told of
#   the deployment in staging. What the deployment record says of the population
#   served is the word of its source.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [deployer]
#   gates: [production, operation]
#   applies_from: D-HR
#   evidence: [deployment-record, feed-status, instructions-for-use]
#   parameters: [deployment_window_days]
#   objectives:
#     deployments-known: {says: "The feed tells of all deployments, of one of this version at least.", reads: [deployment-record, feed-status]}
#     purpose-allowed: {says: Every deployment is for a purpose and a population that the instructions allow.}
#     parameters-within: {says: Every runtime parameter lies within the limits of the instructions.}
#   may_stand_beside: {feed-status.feed: another feed says nothing of deployments}
#   frameworks: {eu-ai-act: ["26(1)"], nist-ai-rmf: ["MAP 1.1"], iso-42001: ["A.9.4"]}
#   remediation: "Bring configuration, population or purpose back within the instructions for use."
package controls.eu_operators.EUAIA_26_1

import data.lib.feeds
import data.lib.findings as say

records := input.evidence["deployment-record"]

statuses := input.evidence["feed-status"]

instructions := input.evidence["instructions-for-use"]

whole if feeds.all_seen_for(records, statuses, "deployment-record", data.parameters.deployment_window_days)

# What is recorded for another version has instructions of its own.
deployments := [deployment | some deployment in records; not of_another(deployment)]

# Whatever the record is filed for, its file is this version or is not.
of_another(deployment) if {
	count(deployment.subject) > 0
	not input.subject.digest in deployment.subject
	deployment.predicate.artifact_digest != input.subject.digest
}

# The version's own record, of its own file.
own(deployment) if {
	input.subject.digest in deployment.subject
	deployment.predicate.artifact_digest == input.subject.digest
}

satisfied contains "deployments-known" if known

known if {
	whole
	count(deployments) > 0
	every deployment in deployments {
		own(deployment)
	}
}

satisfied contains "purpose-allowed" if {
	known
	count(deployments) > 0
	count(instructions) > 0
	every instruction in instructions {
		every deployment in deployments {
			suitable(deployment.predicate, instruction.predicate)
		}
	}
}

satisfied contains "parameters-within" if {
	known
	count(deployments) > 0
	count(instructions) > 0
	every instruction in instructions {
		every deployment in deployments {
			count(instruction.predicate.parameter_limits) > 0
			every name, _ in instruction.predicate.parameter_limits {
				within(deployment.predicate, instruction.predicate, name)
			}
			count(outside(deployment.predicate, instruction.predicate)) == 0
		}
	}
}

suitable(deployment, instruction) if {
	deployment.purpose in instruction.allowed_purposes
	population := deployment.runtime_limits.population
	among(population, instruction.allowed_populations)
	not other_purpose(deployment, instruction)
}

# The purpose in effect, where the configuration names one, is allowed too.
other_purpose(deployment, instruction) if {
	purpose := deployment.runtime_limits.purpose
	not among(purpose, instruction.allowed_purposes)
}

among(value, names) if value in names

among(value, names) if {
	is_array(value)
	count(value) > 0
	every one in value {
		one in names
	}
}

# Parameters in effect that the instructions do not allow.
outside(deployment, instruction) := {name |
	some name, _ in deployment.runtime_limits
	not name in {"population", "purpose"}
	not within(deployment, instruction, name)
}

within(deployment, instruction, name) if {
	value := deployment.runtime_limits[name]
	is_number(value)
	instruction.parameter_limits[name].low <= value
	value <= instruction.parameter_limits[name].high
}

findings contains feeds.gap_for(objective, records, statuses, "deployment-record", data.parameters.deployment_window_days) if {
	not whole
	some objective in ["deployments-known", "purpose-allowed", "parameters-within"]
}

findings contains say.none(objective, "evidence/deployment-record", "no deployment of this version is recorded") if {
	count(deployments) == 0
	some objective in ["deployments-known", "purpose-allowed", "parameters-within"]
}

findings contains say.breach(objective, deployment, "artifact_digest", "another file than this version was deployed as it") if {
	some deployment in deployments
	not own(deployment)
	some objective in ["deployments-known", "purpose-allowed", "parameters-within"]
}

findings contains say.also(astray, {"observed": deployment.predicate.purpose}) if {
	some deployment in deployments
	some instruction in instructions
	not suitable(deployment.predicate, instruction.predicate)
	astray := say.breach("purpose-allowed", deployment, "purpose", "the instructions for use do not allow purpose or population of this deployment ({observed})")
}

findings contains say.also(untold, {"values": {"parameter": name}}) if {
	some deployment in deployments
	some instruction in instructions
	some name, _ in instruction.predicate.parameter_limits
	not within(deployment.predicate, instruction.predicate, name)
	untold := say.breach("parameters-within", deployment, "runtime_limits", "the parameter {parameter} is not known to lie within the instructions for use")
}

findings contains say.also(beyond, {"values": {"parameter": name}}) if {
	some deployment in deployments
	some instruction in instructions
	some name in outside(deployment.predicate, instruction.predicate)
	beyond := say.breach("parameters-within", deployment, "runtime_limits", "the instructions for use give no limit that allows the parameter {parameter}")
}
