# METADATA
# title: Interface contract versioned and compatible
# description: >-
#   Every contract follows the interface standard that the organisation has named and lists its callers; the callers
#   accepted it, and every breaking change was announced to them. Beside a version in service the schema is the same, or
#   nothing breaks under another version, or the major version is higher; a rule on compatibility is published. That an organisation has named
#   no standard is a gap. Which changes break is what the tool that compares schemas found.
# custom:
#   severity: major
#   basis: policy
#   gates: [registration, staging, production, portfolio]
#   evidence: [interface-contract]
#   parameters: [api_standard]
#   objectives:
#     standard-followed:
#       says: "Every interface follows the organisation's standard, and its callers are known."
#       at: [production, portfolio]
#       covers: [S0.M9.3]
#     replaceable:
#       says: "Within a major version the schema is the same, or nothing breaks."
#       at: [staging]
#       covers: [S1.M5.8]
#     versioned:
#       says: "A rule on compatibility is published, and a breaking change raises the major version."
#       at: [staging]
#       covers: [S3.M5.2]
#     agreed:
#       says: "Every caller accepted the interface, and every breaking change was announced."
#       at: [registration, staging]
#       covers: [S4.M8.1]
#   may_be_empty:
#     interface-contract.breaking_changes: nothing need break
#     interface-contract.incumbent_api_version: before the first version nothing is in service
#     interface-contract.incumbent_schema_digest: before the first version nothing is in service
#   frameworks: {nist-ai-rmf: ["MAP 2.1"], iso-42001: ["A.4.5", "A.6.2.5"]}
#   remediation: "Raise the major version or undo the breaking change, and have the callers accept it."
package controls.serving.ARCH_04

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

contracts := input.evidence["interface-contract"]

satisfied contains "standard-followed" if {
	records.named(data.parameters.api_standard)
	count(contracts) > 0
	every contract in contracts {
		contract.predicate.standard == data.parameters.api_standard
		count(contract.predicate.consumers) > 0
	}
}

satisfied contains "replaceable" if {
	count(contracts) > 0
	every contract in contracts {
		replaceable(contract)
	}
}

satisfied contains "versioned" if {
	count(contracts) > 0
	every contract in contracts {
		records.filled(contract.predicate.compatibility)
		versioned(contract)
	}
}

satisfied contains "agreed" if {
	count(contracts) > 0
	every contract in contracts {
		agreed(contract)
	}
}

agreed(contract) if {
	records.covers(contract.predicate.accepted_by, contract.predicate.consumers)
	count([change | some change in contract.predicate.breaking_changes; change.announced == true]) == count(contract.predicate.breaking_changes)
}

# The number before the point.
major(version) := calendar.whole(split(version, ".")[0])

nothing_breaks(contract) if count(contract.predicate.breaking_changes) == 0

raised(contract) if major(contract.predicate.api_version) > major(contract.predicate.incumbent_api_version)

replaceable(contract) if {
	nothing_breaks(contract)
	contract.predicate.schema_digest == contract.predicate.incumbent_schema_digest
}

# Another schema has another version.
replaceable(contract) if {
	nothing_breaks(contract)
	major(contract.predicate.api_version) >= 0
	not same_version(contract)
}

replaceable(contract) if raised(contract)

same_version(contract) if contract.predicate.api_version == contract.predicate.incumbent_api_version

versioned(contract) if {
	nothing_breaks(contract)
	not lowered(contract)
	major(contract.predicate.api_version) >= 0
}

versioned(contract) if raised(contract)

lowered(contract) if major(contract.predicate.api_version) < major(contract.predicate.incumbent_api_version)

findings contains say.none("standard-followed", "standard", "the organisation has named no interface standard (api_standard)") if {
	not records.named(data.parameters.api_standard)
}

findings contains say.also(other, {"observed": contract.predicate.standard, "expected": data.parameters.api_standard}) if {
	some contract in contracts
	records.named(data.parameters.api_standard)
	contract.predicate.standard != data.parameters.api_standard
	other := say.breach("standard-followed", contract, "standard", "the interface follows {observed} and not {expected}")
}

findings contains say.gap("standard-followed", contract, "consumers", "no caller of the interface is recorded") if {
	some contract in contracts
	count(contract.predicate.consumers) == 0
}

findings contains say.also(broken, {"observed": contract.predicate.api_version}) if {
	some contract in contracts
	not replaceable(contract)
	broken := say.breach("replaceable", contract, "breaking_changes", "version {observed} breaks its callers within the major version in service")
}

findings contains say.also(flat, {"observed": contract.predicate.api_version}) if {
	some contract in contracts
	not versioned(contract)
	flat := say.breach("versioned", contract, "api_version", "version {observed} breaks its callers and does not raise the major version in service")
}

findings contains say.breach("agreed", contract, "accepted_by", "a caller has not accepted the interface, or a breaking change was not announced") if {
	some contract in contracts
	not agreed(contract)
}
