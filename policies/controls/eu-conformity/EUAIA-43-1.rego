# METADATA
# title: Conformity route correct
# description: >-
#   Every conformity assessment took the route that the questionnaire's answers ask for: the procedure of the product law
#   where the system is high risk by Annex I Section A, also where Annex III applies as well; Annex VII for point 1 of Annex
#   III, or Annex VI where a standard cited in the Official Journal was fully applied; Annex VI for the other points. Each
#   says whether the AI Office supervises the system (Art 75(1e)). Which points hold and which standards were applied is the
#   word of who signed.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [staging]
#   applies_from: D-HR-OPEN
#   evidence: [conformity-record, risk-questionnaire]
#   parameters: [cited_standards]
#   objectives:
#     route-correct: {says: Every conformity assessment took the route that the answers ask for.}
#     supervision-answered:
#       says: Every conformity assessment says whether the AI Office supervises the system.
#       reads: [conformity-record]
#   may_be_empty: {risk-questionnaire.annex_iii_answers: "under Section A the route is that of the product law, whatever Annex III says"}
#   may_differ: {conformity-record.ai_office_supervised: "that it is answered is asked; the route is the same either way"}
#   may_stand_beside: {conformity-record.kind: a record of another kind says nothing of the assessment}
#   frameworks: {eu-ai-act: ["43(1)-(3)", "75(1e)"]}
#   remediation: Change to the conformity route that the facts require.
package controls.eu_conformity.EUAIA_43_1

import data.lib.findings as say
import data.risk.annex_i

questionnaires := input.evidence["risk-questionnaire"]

assessments := [record | some record in input.evidence["conformity-record"]; record.predicate.kind == "assessment"]

satisfied contains "route-correct" if {
	count(assessments) > 0
	count(questionnaires) > 0
	every assessment in assessments {
		every questionnaire in questionnaires {
			allowed(questionnaire.predicate, assessment.predicate)
		}
	}
}

satisfied contains "supervision-answered" if {
	count(assessments) > 0
	every assessment in assessments {
		is_boolean(assessment.predicate.ai_office_supervised)
	}
}

# Biometrics: point 1 of Annex III.
allowed(answers, assessment) if {
	outside_section_a(answers)
	biometric(answers)
	assessment.route == "annex-vii"
}

allowed(answers, assessment) if {
	outside_section_a(answers)
	biometric(answers)
	assessment.route == "annex-vi"
	some standard in assessment.standards_applied
	standard in data.parameters.cited_standards
}

allowed(answers, assessment) if {
	outside_section_a(answers)
	some point, answer in answers.annex_iii_answers
	answer == "yes"
	not startswith(point, "1")
	not biometric(answers)
	assessment.route == "annex-vi"
}

allowed(answers, assessment) if {
	annex_i.route(answers) == "a"
	assessment.route == "sectoral"
}

# High risk by Annex I Section A is not who names an act of it, but whose product a third party assesses under that act
# for health or safety. Product law that asks for no such assessment takes nothing out of Annex VI and VII.
outside_section_a(answers) if annex_i.route(answers) in {"b", "none"}

biometric(answers) if {
	some point, answer in answers.annex_iii_answers
	startswith(point, "1")
	answer != "no"
	answer != "not-applicable"
}

findings contains say.none(objective, "kind", "no conformity assessment is recorded") if {
	count(assessments) == 0
	some objective in ["route-correct", "supervision-answered"]
}

findings contains say.also(astray, {"observed": object.get(assessment.predicate, "route", "not told")}) if {
	some assessment in assessments
	some questionnaire in questionnaires
	not fits(questionnaire, assessment)
	astray := say.breach("route-correct", assessment, "route", "the route ({observed}) is not the one that the answers on Annex I and Annex III ask for")
}

fits(questionnaire, assessment) if allowed(questionnaire.predicate, assessment.predicate)

findings contains say.gap("supervision-answered", assessment, "ai_office_supervised", "whether the AI Office supervises the system is not answered") if {
	some assessment in assessments
	not answered(assessment)
}

answered(assessment) if is_boolean(assessment.predicate.ai_office_supervised)
