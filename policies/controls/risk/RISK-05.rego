# METADATA
# title: AI-system and scope test recorded
# description: >-
#   A person answered whether the system infers and how the Act reaches it, and signed. What leads out of the Act stands
#   as an exclusion that Art 2 has, with a reason, a second person who signed the same answers, and no other answer against
#   it. That the answers are true is the word of who signed.
# custom:
#   severity: major
#   basis: law
#   mode: attested
#   gates: [registration]
#   applies_from: D-PROH
#   evidence: [risk-questionnaire]
#   objectives:
#     scope-answered: {says: A named person signed whether the system infers and how the Act reaches it.}
#     exclusions-reasoned: {says: Whatever leads out of the Act is claimed as an exclusion with a reason and a second signature.}
#   may_be_empty: {risk-questionnaire.signature.roles: the roles of who signed count for the reviewer of a claim alone}
#   may_stand_beside:
#     risk-questionnaire.signature.signer: one more person who signed the same answers takes nothing away from the others
#   frameworks: {eu-ai-act: ["2", "3(1)"], nist-ai-rmf: ["GOVERN 1.1"]}
#   remediation: Answer the scope questions of the questionnaire and have a named person sign it.
package controls.risk.RISK_05

import data.lib.findings as say
import data.risk.grounds
import data.risk.scope

questionnaires := input.evidence["risk-questionnaire"]

satisfied contains "scope-answered" if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.signature.state == "verified"
		questionnaire.signature.kind == "person"
	}
}

satisfied contains "exclusions-reasoned" if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		is_boolean(questionnaire.predicate.inference_based)
		is_string(questionnaire.predicate.scope_trigger)
		is_array(questionnaire.predicate.exclusions)
		count(questionnaire.predicate.annex_iii_answers) > 0
		count(scope.doubts(grounds.signed(questionnaire))) == 0
	}
}

findings contains say.also(open, {"values": {"doubt": doubt}}) if {
	some questionnaire in questionnaires
	some doubt in scope.doubts(grounds.signed(questionnaire))
	open := say.gap("exclusions-reasoned", questionnaire, "exclusions", "the scope is open: {doubt}")
}
