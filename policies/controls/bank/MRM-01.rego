# METADATA
# title: Model inventory and materiality tier
# description: >-
#   Each inventory entry of the model names its owner, its use, its materiality tier and what drives it, and the
#   questionnaire sets generative models apart from those of the guidance, as its own answers on what is generated say.
#   It is asked of whoever holds the role of a bank, who cannot
#   answer to be none. The tier itself is the word of who registers.
# custom:
#   pack: bank
#   severity: major
#   basis: guidance
#   mode: hybrid
#   tiers: [bank-model]
#   roles: [bank]
#   gates: [registration]
#   applies_from: D-MRM
#   evidence: [registry-entry, risk-questionnaire]
#   objectives:
#     entered: {says: "The inventory names owner, use, materiality tier and its drivers.", reads: [registry-entry]}
#     generative-apart: {says: Generative models are told apart from those of the guidance., reads: [risk-questionnaire]}
#   frameworks: {sr-26-2: ["Model inventory", "Materiality"], nist-ai-rmf: ["GOVERN 1.6"]}
#   may_differ:
#     registry-entry.materiality_tier: which tier it is decides the interval of MRM-02
#     registry-entry.role_assignments.id: that an owner is named is asked, and no certain one
#   remediation: Enter the model with its materiality tier and drivers.
package controls.bank.MRM_01

import data.lib.findings as say
import data.lib.records

entries := input.evidence["registry-entry"]

questionnaires := input.evidence["risk-questionnaire"]

satisfied contains "entered" if {
	count(entries) > 0
	every entry in entries {
		entered(entry)
	}
}

entered(entry) if {
	entry.predicate.role_assignments["product-owner"].id
	records.filled(entry.predicate.intended_use)
	entry.predicate.materiality_tier in {"high", "medium", "low"}
	records.all_filled(entry.predicate.materiality_drivers)
}

satisfied contains "generative-apart" if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		told_apart(questionnaire)
	}
}

told_apart(questionnaire) if {
	questionnaire.predicate.bank_scope == "generative-separate"
	generative(questionnaire)
}

told_apart(questionnaire) if {
	questionnaire.predicate.bank_scope in {"in-scope", "out-of-scope"}
	count(questionnaire.predicate.generates) == 0
	questionnaire.predicate.gpai == false
}

generative(questionnaire) if count(questionnaire.predicate.generates) > 0

generative(questionnaire) if questionnaire.predicate.gpai

findings contains say.gap("entered", entry, "materiality_tier", "the entry lacks its product owner, its use, its materiality tier or what drives it") if {
	some entry in entries
	not entered(entry)
}

findings contains say.also(mixed, {"observed": scope}) if {
	some questionnaire in questionnaires
	not told_apart(questionnaire)
	scope := questionnaire.predicate.bank_scope
	mixed := say.breach("generative-apart", questionnaire, "bank_scope", "the scope {observed} does not fit what the model generates, or that it is a bank's")
}
