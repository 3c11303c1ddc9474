# METADATA
# title: Privacy risk assessment current
# description: >-
#   The assessment under the CCPA was first approved before processing began, is younger than its period, and was renewed in
#   time after the last material change, or there is time yet. A renewal says when the first one was approved. When it
#   was approved, what changed materially, and what it says, is the signer's word.
# custom:
#   pack: us
#   severity: major
#   basis: law
#   mode: hybrid
#   tiers: [us-admt]
#   roles: [deployer]
#   gates: [data-intake, staging]
#   applies_from: D-CCPA
#   evidence: [dpia, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [ccpa_assessment_period, ccpa_update_days]
#   objectives:
#     assessed-before: {says: The risk was assessed before processing began., reads: [dpia]}
#     assessment-current: {says: The assessment is young enough and follows the last material change., reads: [dpia]}
#   may_be_empty:
#     risk-questionnaire.us_flags: a system under none of these laws names none
#     dpia.material_change_at: processing may never have changed
#   may_be_false: {dpia.processing_starts_at: processing may begin after the assessment was filed}
#   may_stand_beside: {dpia.regime: an assessment under another law says nothing of this one}
#   frameworks: {ccpa-admt: ["7150-7157"]}
#   remediation: Renew the risk assessment.
package controls.us_law.CCPA_02

import data.lib.findings as say
import data.lib.regimes
import data.lib.time as calendar

applies := regimes.binds(input.evidence["risk-questionnaire"], "ccpa-admt")

assessments := [assessment | some assessment in input.evidence.dpia; assessment.predicate.regime == "ccpa"]

satisfied contains "assessed-before" if {
	count(assessments) > 0
	every assessment in assessments {
		before(assessment.predicate)
	}
}

before(assessment) if {
	not assessment.first_approved_at
	assessment.approved_at < assessment.processing_starts_at
}

before(assessment) if {
	assessment.first_approved_at < assessment.processing_starts_at
	assessment.first_approved_at <= assessment.approved_at
}

satisfied contains "assessment-current" if {
	count(assessments) > 0
	every assessment in assessments {
		input.now <= calendar.add(assessment.predicate.approved_at, data.parameters.ccpa_assessment_period)
		follows(assessment.predicate)
	}
}

follows(assessment) if {
	not assessment.material_change_at
	assessment.approved_at
}

follows(assessment) if {
	calendar.at_most_days_between(assessment.material_change_at, assessment.approved_at, data.parameters.ccpa_update_days)
}

follows(assessment) if {
	assessment.approved_at < assessment.material_change_at
	calendar.within_days(assessment.material_change_at, data.parameters.ccpa_update_days, input.now)
}

findings contains say.none(objective, "regime", "no risk assessment under the CCPA is on file") if {
	count(assessments) == 0
	some objective in ["assessed-before", "assessment-current"]
}

findings contains say.breach("assessed-before", assessment, "approved_at", "the assessment was approved after processing began") if {
	some assessment in assessments
	not before(assessment.predicate)
}

findings contains say.also(old, {"observed": assessment.predicate.approved_at, "expected": data.parameters.ccpa_assessment_period}) if {
	some assessment in assessments
	input.now > calendar.add(assessment.predicate.approved_at, data.parameters.ccpa_assessment_period)
	old := say.breach("assessment-current", assessment, "approved_at", "the assessment of {observed} is older than {expected}")
}

findings contains say.also(late, {"observed": changed, "expected": data.parameters.ccpa_update_days}) if {
	some assessment in assessments
	changed := assessment.predicate.material_change_at
	not follows(assessment.predicate)
	late := say.breach("assessment-current", assessment, "material_change_at", "the assessment was not renewed within {expected} days of the change at {observed}")
}
