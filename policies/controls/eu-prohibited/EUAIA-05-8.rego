# METADATA
# title: Real-time remote biometric identification gated
# description: >-
#   Where persons are identified in real time in public space, or the exception for it is claimed whatever the place is
#   said to be (the claim lifts the prohibition), the deployer is a public authority, an authorisation for an
#   objective of the law was granted and signed for by somebody who did not build the system, the impact assessment was
#   approved and does not find the use unacceptable, and the registration is filed. That the authority granted it, and for
#   which search, is the word of who signed.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   roles: [deployer]
#   gates: [production]
#   applies_from: D-PROH
#   evidence: [conformity-record, fria, risk-questionnaire, statement:biometric-authorisation]
#   applies: [risk-questionnaire]
#   objectives:
#     public-authority: {says: The deployer is a public authority., reads: [risk-questionnaire]}
#     authorised: {says: The use is authorised for an objective of the law., reads: [statement:biometric-authorisation]}
#     impact-assessed: {says: An approved assessment of the impact on fundamental rights finds the use acceptable., reads: [fria]}
#     registered: {says: The system is registered., reads: [conformity-record]}
#   may_differ:
#     fria.approved_at: any day in the past is as good
#     risk-questionnaire.lawful_exception.claim: a claim calls for the conditions and fulfils none; without one the tier is prohibited
#   may_stand_beside:
#     conformity-record.kind: a declaration or certificate says nothing of the registration
#   frameworks: {eu-ai-act: ["5(1)(h)", "5(2)-(7)"]}
#   remediation: "Stop the use until objective, authorisation, impact assessment and registration are all on file."
package controls.eu_prohibited.EUAIA_05_8

import data.lib.findings as say
import data.lib.records
import data.risk.grounds

questionnaires := input.evidence["risk-questionnaire"]

authorisations := input.evidence["statement:biometric-authorisation"]

assessments := input.evidence.fria

registrations := [record | some record in input.evidence["conformity-record"]; record.predicate.kind == "registration"]

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		elsewhere(questionnaire)
	}
}

applies if {
	some questionnaire in questionnaires
	questionnaire.predicate.biometric_kind == "real-time-remote"
	questionnaire.predicate.context == "public-space"
}

applies if {
	some questionnaire in questionnaires
	excepted(questionnaire)
}

elsewhere(questionnaire) if {
	questionnaire.predicate.biometric_kind != "real-time-remote"
	is_string(questionnaire.predicate.context)
	not excepted(questionnaire)
}

elsewhere(questionnaire) if {
	is_string(questionnaire.predicate.biometric_kind)
	questionnaire.predicate.context != "public-space"
	not excepted(questionnaire)
}

# Who claims the exception of the point has to meet its conditions.
excepted(questionnaire) if questionnaire.predicate.lawful_exception.claim in grounds.exceptions["Art 5(1)(h)"]

satisfied contains "public-authority" if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.deployer_kind == "public-authority"
	}
}

satisfied contains "authorised" if {
	count(authorisations) > 0
	every authorisation in authorisations {
		granted(authorisation)
	}
}

satisfied contains "impact-assessed" if {
	count(assessments) > 0
	every assessment in assessments {
		acceptable(assessment)
	}
}

satisfied contains "registered" if {
	count(registrations) > 0
	every registration in registrations {
		records.named(registration.predicate.registration_id)
	}
}

granted(authorisation) if {
	authorisation.predicate.facts.objective in grounds.exceptions["Art 5(1)(h)"]
	records.filled(authorisation.predicate.facts.authorisation_ref)
	authorisation.predicate.facts.refused == false
}

acceptable(assessment) if {
	assessment.predicate.approved_at <= input.now
	assessment.predicate.conclusion in {"acceptable", "acceptable-with-conditions"}
	is_array(assessment.predicate.conditions)
	count([condition | some condition in assessment.predicate.conditions; not condition.met == true]) == 0
}

findings contains say.breach("public-authority", questionnaire, "deployer_kind", "the deployer is no public authority") if {
	some questionnaire in questionnaires
	questionnaire.predicate.deployer_kind != "public-authority"
}

findings contains say.breach("authorised", authorisation, "facts.objective", "the authorisation was refused, or names no objective of Art 5(1)(h)") if {
	some authorisation in authorisations
	not granted(authorisation)
}

findings contains say.breach("impact-assessed", assessment, "conclusion", "the impact assessment is not approved, finds the use unacceptable, or has an open condition") if {
	some assessment in assessments
	not acceptable(assessment)
}

findings contains say.none("registered", "registration_id", "no registration is on file") if count(registrations) == 0
