# METADATA
# title: Risk management file current
# description: >-
#   The risk register refers to the version that the registry has, and was reviewed within the interval that it plans, which
#   is no longer than the house allows. When it was reviewed is the word of who signed the register.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [high]
#   roles: [provider]
#   gates: [validation, staging, operation]
#   applies_from: D-HR
#   evidence: [registry-entry, risk-register]
#   parameters: [risk_review_days]
#   objectives:
#     about-this-release: {says: The risk register refers to the registered version.}
#     reviewed-lately: {says: "The risk register was reviewed within its interval, which is short enough.", reads: [risk-register]}
#   frameworks: {eu-ai-act: ["9(1)", "9(2)"], nist-ai-rmf: ["GOVERN 1.4", "MAP 1.5"], iso-42001: ["A.6.1.2"]}
#   remediation: Review the risk register for this release and sign it.
package controls.eu_high_risk.EUAIA_09_1

import data.lib.findings as say
import data.lib.time as calendar

registers := input.evidence["risk-register"]

entries := input.evidence["registry-entry"]

satisfied contains "about-this-release" if {
	count(registers) > 0
	count(entries) > 0
	every register in registers {
		every entry in entries {
			register.predicate.release_version == entry.predicate.version
		}
	}
}

satisfied contains "reviewed-lately" if {
	count(registers) > 0
	every register in registers {
		reviewed(register)
	}
}

reviewed(register) if {
	register.predicate.review_interval_days <= data.parameters.risk_review_days
	calendar.within_days(register.predicate.reviewed_at, register.predicate.review_interval_days, input.now)
}

findings contains say.also(other, {"observed": named, "expected": entry.predicate.version}) if {
	some register in registers
	some entry in entries
	named := register.predicate.release_version
	named != entry.predicate.version
	other := say.breach("about-this-release", register, "release_version", "the risk register refers to {observed}, the registered version is {expected}")
}

findings contains say.also(old, {"observed": register.predicate.reviewed_at, "expected": data.parameters.risk_review_days}) if {
	some register in registers
	not reviewed(register)
	old := say.breach("reviewed-lately", register, "reviewed_at", "reviewed at {observed}, longer ago than its interval, or that is longer than {expected} days")
}
