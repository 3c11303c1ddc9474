# METADATA
# title: Minors and vulnerable groups considered
# description: >-
#   Somebody signed whether the system is likely to affect minors or vulnerable groups; where it is, each measure that the
#   statement names stands against a hazard of the risk register. Whether they are affected is that person's word, but for
#   groups that the questionnaire names as those whom the output is about.
# custom:
#   severity: major
#   basis: law
#   mode: attested
#   tiers: [high]
#   roles: [provider]
#   gates: [validation]
#   applies_from: D-HR
#   evidence: [risk-questionnaire, risk-register, statement:vulnerable-groups]
#   objectives:
#     groups-considered: {says: "A statement says whether minors or vulnerable groups are affected, and then names measures of the risk register."}
#   may_be_empty: {risk-register.hazards.measure_ids: where no effect is likely no measure is asked for}
#   may_differ: {risk-questionnaire.targets: "only the words for vulnerable groups take the pass away, as the cases show"}
#   frameworks: {eu-ai-act: ["9(9)"], nist-ai-rmf: ["MAP 5.1"]}
#   remediation: Assess the effect on minors and vulnerable groups and link a measure where an effect is likely.
package controls.eu_high_risk.EUAIA_09_7

import data.lib.findings as say
import data.lib.records
import data.risk.vocabulary

statements := input.evidence["statement:vulnerable-groups"]

registers := input.evidence["risk-register"]

questionnaires := input.evidence["risk-questionnaire"]

satisfied contains "groups-considered" if {
	count(statements) > 0
	count(registers) > 0
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		count(questionnaire.predicate.targets) > 0
	}
	every statement in statements {
		every register in registers {
			considered(statement, register)
		}
	}
}

considered(statement, register) if {
	statement.predicate.facts.impact_likely == false
	count(register.predicate.hazards) > 0
	count(aimed_at) == 0
}

considered(statement, register) if {
	statement.predicate.facts.impact_likely == true
	records.covers(measures(register), statement.predicate.facts.measure_ids)
}

# Groups whose vulnerability the Act protects, and that the answers name as those whom the output is about.
aimed_at := [target |
	some questionnaire in questionnaires
	some target in questionnaire.predicate.targets
	target in vocabulary.vulnerable
]

measures(register) := [measure | some hazard in register.predicate.hazards; some measure in hazard.measure_ids]

findings contains say.breach("groups-considered", statement, "facts.measure_ids", "an effect is likely, and no measure is named, or one that the risk register does not hold") if {
	some statement in statements
	statement.predicate.facts.impact_likely == true
	some register in registers
	not considered(statement, register)
}

findings contains say.breach("groups-considered", statement, "facts.impact_likely", "no effect is held to be likely, and the answers name a vulnerable group as those whom the output is about") if {
	some statement in statements
	statement.predicate.facts.impact_likely == false
	count(aimed_at) > 0
}

findings contains say.gap("groups-considered", register, "hazards", "the risk register holds no hazard") if {
	some register in registers
	count(register.predicate.hazards) == 0
}
