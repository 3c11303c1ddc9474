# METADATA
# title: Remote biometric logs hold the minimum fields
# description: >-
#   Where point 1(a) of Annex III is answered yes, every check of this version found the four fields of Art 12(3) filled in
#   the log: period of use, reference database, matched input, verifying persons. Whether the point applies is the
#   questionnaire's word, which RISK-07 holds against its other answers.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high-annex-iii]
#   roles: [provider]
#   gates: [staging, production]
#   applies_from: D-HR
#   evidence: [logging-check, risk-questionnaire]
#   applies: [risk-questionnaire]
#   objectives:
#     fields-filled: {says: The log of each identification holds the four fields of Art 12(3)., reads: [logging-check]}
#   may_stand_beside: {logging-check.subject: a check of another version says nothing of this one}
#   frameworks: {eu-ai-act: ["12(3)"]}
#   remediation: Add the missing field to the log schema.
package controls.eu_high_risk.EUAIA_12_3

import data.lib.findings as say
import data.lib.records

questionnaires := input.evidence["risk-questionnaire"]

checks := [check | some check in input.evidence["logging-check"]; records.names_candidate(check)]

# Art 12(3)(a) to (d).
fields := ["period-of-use", "reference-database", "matched-input", "verifying-persons"]

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.annex_iii_answers["1a"] in {"no", "not-applicable"}
	}
}

applies if {
	some questionnaire in questionnaires
	questionnaire.predicate.annex_iii_answers["1a"] == "yes"
}

satisfied contains "fields-filled" if {
	count(checks) > 0
	every check in checks {
		count(empty(check)) == 0
	}
}

empty(check) := [field | some field in fields; not filled(check, field)]

filled(check, field) if check.predicate.biometric_fields_nonnull[field] == true

findings contains say.none("fields-filled", "biometric_fields_nonnull", "no check of the log is about this version") if count(checks) == 0

findings contains say.also(open, {"values": {"field": field}}) if {
	some check in checks
	some field in empty(check)
	open := say.breach("fields-filled", check, "biometric_fields_nonnull", "the log does not hold {field}")
}
