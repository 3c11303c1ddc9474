# METADATA
# title: "Hazards cover intended use, misuse, health, safety and rights"
# description: >-
#   Each hazard of the risk register says its cause and weighs likelihood and severity (its class of harm and whether it
#   is misuse the register's form asks for), at least one comes of misuse, and health, safety and rights each have a
#   hazard or a reason for having none, which a person signed. Whether all hazards were thought of, and how likely they
#   are, is that person's word.
# custom:
#   severity: major
#   basis: law
#   mode: hybrid
#   tiers: [high]
#   roles: [provider]
#   gates: [validation]
#   applies_from: D-HR
#   evidence: [risk-register]
#   objectives:
#     hazards-described: {says: "Each hazard has a cause and is weighed by likelihood and severity."}
#     misuse-foreseen: {says: At least one hazard comes of foreseeable misuse.}
#     harms-covered: {says: "Health, safety and rights each have a hazard, or a signed reason for having none."}
#   frameworks: {eu-ai-act: ["9(2)(a)", "9(2)(b)"], nist-ai-rmf: ["MAP 5.1", "MEASURE 1.1"], iso-42001: ["A.5.4"]}
#   remediation: Add the missing hazards or a signed reason for each harm class left out.
package controls.eu_high_risk.EUAIA_09_2

import data.lib.findings as say
import data.lib.records

registers := input.evidence["risk-register"]

classes := ["health", "safety", "rights"]

satisfied contains "hazards-described" if {
	count(registers) > 0
	every register in registers {
		count(register.predicate.hazards) > 0
		every hazard in register.predicate.hazards {
			described(hazard)
		}
	}
}

satisfied contains "misuse-foreseen" if {
	count(registers) > 0
	every register in registers {
		some hazard in register.predicate.hazards
		hazard.misuse == true
		records.filled(hazard.cause)
	}
}

satisfied contains "harms-covered" if {
	count(registers) > 0
	every register in registers {
		count([harm | some harm in classes; not covered(register, harm)]) == 0
	}
}

# A hazard of no likelihood or severity is none.
described(hazard) if {
	records.filled(hazard.cause)
	hazard.likelihood > 0
	hazard.severity > 0
}

covered(register, harm) if {
	some hazard in register.predicate.hazards
	hazard.harm_class == harm
}

covered(register, harm) if {
	register.signature.kind == "person"
	register.signature.state == "verified"
	records.filled(register.predicate.justified_absences[harm])
}

findings contains say.gap("hazards-described", register, "hazards", "the risk register holds no hazard") if {
	some register in registers
	count(register.predicate.hazards) == 0
}

findings contains say.also(vague, {"values": {"hazard": hazard.id}}) if {
	some register in registers
	some hazard in register.predicate.hazards
	not described(hazard)
	vague := say.breach("hazards-described", register, "hazards", "the hazard {hazard} is not described, or weighed as none")
}

findings contains say.gap("misuse-foreseen", register, "hazards", "no hazard comes of misuse") if {
	some register in registers
	count([hazard | some hazard in register.predicate.hazards; hazard.misuse == true]) == 0
}

findings contains say.also(open, {"values": {"harm": harm}}) if {
	some register in registers
	some harm in classes
	not covered(register, harm)
	open := say.gap("harms-covered", register, "justified_absences", "{harm}: no hazard, and no signed reason for having none")
}
