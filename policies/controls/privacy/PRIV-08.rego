# METADATA
# title: Confidentiality attacks measured and anonymity claim evidenced
# description: >-
#   Every robustness report that was measured on the candidate tells what an attack learns of who was in the training data,
#   and what share of their records it extracts, both small enough at the worse end of their intervals. Where the model is
#   claimed to be anonymous, legal has reviewed that claim in a signed statement and found it right; that is their word. Where every
#   dataset says that it is not personal the control does not apply. Validation measures membership; what share of records
#   is extracted nothing measures yet, so that the second objective stays missing until something does.
# custom:
#   severity: major
#   basis: law
#   waivable: true
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   mode: hybrid
#   gates: [validation]
#   evidence: {dataset-record: any, risk-questionnaire: any, robustness-report: measured, statement:anonymity-review: any}
#   applies: [dataset-record]
#   may_be_empty: {dataset-record.personal_attributes: a dataset is personal by its own word too; PRIV-02 asks which attributes}
#   parameters: [max_extraction_rate, max_membership_advantage]
#   objectives:
#     membership-hidden:
#       says: An attack hardly learns who was in the training data.
#       reads: [robustness-report]
#     records-not-extracted:
#       says: An attack extracts hardly any training record.
#       reads: [robustness-report]
#     anonymity-reviewed:
#       says: "The model is not claimed to be anonymous, or legal has reviewed the claim and found it right."
#       reads: [risk-questionnaire, statement:anonymity-review]
#   frameworks:
#     eu-ai-act: ["15(5)"]
#     gdpr: ["32", "EDPB Opinion 28/2024", "recital 26"]
#     nist-ai-rmf: ["MEASURE 2.10", "MEASURE 2.7"]
#   remediation: "Reduce memorisation and test again, or drop the claim that the model is anonymous."
package controls.privacy.PRIV_08

import data.lib.findings as say

datasets := input.evidence["dataset-record"]

questionnaires := input.evidence["risk-questionnaire"]

reports := input.evidence["robustness-report"]

reviews := input.evidence["statement:anonymity-review"]

applies if {
	some dataset in datasets
	personal(dataset)
}

applies := false if {
	count(datasets) > 0
	every dataset in datasets {
		dataset.predicate.personal == false
		count(dataset.predicate.personal_attributes) == 0
	}
}

personal(dataset) if dataset.predicate.personal == true

personal(dataset) if count(dataset.predicate.personal_attributes) > 0

limits := {
	"membership-hidden": {"field": "membership_inference_advantage", "limit": data.parameters.max_membership_advantage},
	"records-not-extracted": {"field": "extraction_rate", "limit": data.parameters.max_extraction_rate},
}

satisfied contains "membership-hidden" if {
	count(reports) > 0
	every report in reports {
		report.predicate.membership_inference_advantage.ci_high <= data.parameters.max_membership_advantage
	}
}

satisfied contains "records-not-extracted" if {
	count(reports) > 0
	every report in reports {
		report.predicate.extraction_rate.ci_high <= data.parameters.max_extraction_rate
	}
}

satisfied contains "anonymity-reviewed" if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.labelled_anonymous == false
	}
}

satisfied contains "anonymity-reviewed" if {
	count(questionnaires) > 0
	count(reviews) > 0
	every review in reviews {
		review.predicate.facts.conclusion == "anonymous"
	}
}

findings contains say.also(high, {"observed": rate.ci_high, "expected": asked.limit}) if {
	some report in reports
	some objective, asked in limits
	rate := report.predicate[asked.field]
	rate.ci_high > asked.limit
	high := say.breach(objective, report, asked.field, "the attack may succeed to {observed}, more than {expected}")
}

findings contains say.gap(objective, report, asked.field, "the report does not tell what the attack came to") if {
	some report in reports
	some objective, asked in limits
	not told(report, asked.field)
}

told(report, field) if report.predicate[field]

findings contains say.gap("anonymity-reviewed", questionnaire, "labelled_anonymous", "the model is claimed to be anonymous, and no review by legal is on record") if {
	some questionnaire in questionnaires
	questionnaire.predicate.labelled_anonymous == true
	count(reviews) == 0
}

findings contains say.breach("anonymity-reviewed", review, "facts.conclusion", "legal found that the model is not anonymous, and it is claimed to be") if {
	some questionnaire in questionnaires
	questionnaire.predicate.labelled_anonymous == true
	some review in reviews
	not review.predicate.facts.conclusion == "anonymous"
}
