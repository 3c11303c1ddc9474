# METADATA
# title: Residual risk accepted
# description: >-
#   No hazard is left with more than the register accepts, and who answers for the system signed for this version, after the
#   register was filed, that a residual at least as high as the highest is acceptable. How high each residual is, and the
#   level itself, is the word of who signed the register; that they are acceptable is the executive's.
# custom:
#   severity: blocker
#   basis: law
#   mode: attested
#   tiers: [high]
#   roles: [provider]
#   gates: [staging]
#   applies_from: D-HR
#   evidence: [risk-register, statement:residual-risk-acceptance]
#   parameters: [accountable_roles]
#   objectives:
#     residual-within-level: {says: No hazard is left with more than the register accepts., reads: [risk-register]}
#     residual-accepted: {says: An accountable person accepted what remains of every hazard.}
#   frameworks: {eu-ai-act: ["9(5)"], nist-ai-rmf: ["MANAGE 1.4"]}
#   remediation: "Reduce the hazard further, then have the accountable executive accept what remains."
package controls.eu_high_risk.EUAIA_09_4

import data.lib.findings as say

registers := input.evidence["risk-register"]

acceptances := input.evidence["statement:residual-risk-acceptance"]

satisfied contains "residual-within-level" if {
	count(registers) > 0
	every register in registers {
		count(register.predicate.hazards) > 0
		every hazard in register.predicate.hazards {
			hazard.residual <= register.predicate.acceptance_level
		}
	}
}

satisfied contains "residual-accepted" if {
	count(registers) > 0
	count(acceptances) > 0
	every acceptance in acceptances {
		accountable(acceptance)
		every register in registers {
			covers(acceptance, register)
		}
	}
}

# In a role that the signature bears out.
accountable(acceptance) if {
	acceptance.predicate.role in data.parameters.accountable_roles
	acceptance.predicate.role in acceptance.signature.roles
}

covers(acceptance, register) if {
	register.log_index < acceptance.log_index
	count(register.predicate.hazards) > 0
	every hazard in register.predicate.hazards {
		hazard.residual <= acceptance.predicate.facts.residual
	}
}

findings contains say.gap("residual-within-level", register, "hazards", "the risk register holds no hazard") if {
	some register in registers
	count(register.predicate.hazards) == 0
}

findings contains say.also(high, {"observed": hazard.residual, "expected": register.predicate.acceptance_level, "values": {"hazard": hazard.id}}) if {
	some register in registers
	some hazard in register.predicate.hazards
	hazard.residual > register.predicate.acceptance_level
	high := say.breach("residual-within-level", register, "hazards", "of the hazard {hazard} a residual of {observed} is left, and {expected} is accepted")
}

findings contains say.also(other, {"observed": acceptance.predicate.role}) if {
	some acceptance in acceptances
	not accountable(acceptance)
	other := say.breach("residual-accepted", acceptance, "role", "{observed} does not answer for the system")
}

findings contains say.breach("residual-accepted", acceptance, "facts.residual", "the acceptance is older than the register, or covers less than what remains") if {
	some acceptance in acceptances
	some register in registers
	not covers(acceptance, register)
}
