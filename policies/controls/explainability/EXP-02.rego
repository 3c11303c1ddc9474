# METADATA
# title: Interpretability need stated and honoured
# description: >-
#   In a regulated domain the need for a readable model was stated before any version was trained, and the measured family
#   of the model is readable or somebody apart from those who made it signed the exception for that family. For the
#   control not to apply every classification names a domain that is not regulated, and every questionnaire answers no to the
#   points of Annex III on those that are. When the statement was made is the ledger's word, when training began that of the
#   collector.
# custom:
#   severity: major
#   basis: policy
#   mode: hybrid
#   gates: [registration, validation]
#   evidence:
#     explainability-report: measured
#     risk-classification: any
#     risk-questionnaire: any
#     statement:interpretability-exception: any
#     statement:interpretability-requirement: any
#     training-run: any
#   applies: [risk-classification, risk-questionnaire]
#   may_be_empty: {risk-questionnaire.annex_iii_answers: a point that nobody answered is not answered no}
#   may_differ: {risk-questionnaire.annex_iii_answers: another answer than no makes the control apply}
#   parameters: [interpretable_families, regulated_domains]
#   objectives:
#     readable:
#       says: "The family of the model is readable, or an exception for it is signed."
#       at: [validation]
#       covers: [S1.M3.1]
#       reads: [explainability-report, statement:interpretability-exception]
#     need-stated:
#       says: The need was stated before the first training began.
#       at: [registration]
#       covers: [S2.M1.3]
#       reads: [statement:interpretability-requirement, training-run]
#   frameworks: {nist-ai-rmf: ["MEASURE 2.9"]}
#   remediation: Use a readable model family or have the exception signed.
package controls.explainability.EXP_02

import data.lib.findings as say

classifications := input.evidence["risk-classification"]

questionnaires := input.evidence["risk-questionnaire"]

reports := input.evidence["explainability-report"]

exceptions := input.evidence["statement:interpretability-exception"]

needs := input.evidence["statement:interpretability-requirement"]

trainings := input.evidence["training-run"]

# Both must be known, and what the house regulates.
applies := delicate if {
	count(classifications) > 0
	count(questionnaires) > 0
	count(data.parameters.regulated_domains) > 0
}

default delicate := false

delicate if {
	some classification in classifications
	regulated(classification)
}

delicate if {
	some questionnaire in questionnaires
	not answered_no(questionnaire)
}

# Nothing but no, to each point that is about a regulated domain.
answered_no(questionnaire) if {
	is_object(questionnaire.predicate.annex_iii_answers)
	count([point | some point in points; not questionnaire.predicate.annex_iii_answers[point] == "no"]) == 0
}

points := {point | some domain in data.parameters.regulated_domains; some point in by_domain[domain]}

by_domain := {
	"credit": ["5b"],
	"education": ["3a", "3b", "3c", "3d"],
	"employment": ["4a", "4b"],
	"health": ["5a", "5d"],
	"hiring": ["4a"],
	"insurance": ["5c"],
	"justice": ["8a"],
	"law-enforcement": ["6a", "6b", "6c", "6d", "6e"],
	"lending": ["5b"],
	"migration": ["7a", "7b", "7c", "7d"],
}

# A domain that is not said is regulated.
regulated(classification) if not classification.predicate.sensitive_domain

regulated(classification) if domains[classification.predicate.sensitive_domain] in data.parameters.regulated_domains

regulated(classification) if classification.predicate.sensitive_domain in data.parameters.regulated_domains

# Words of a classification that stand for a domain of another name.
domains := {"hiring": "employment", "lending": "credit"}

satisfied contains "readable" if {
	count(reports) > 0
	every report in reports {
		readable(report)
	}
}

readable(report) if report.predicate.model_family in data.parameters.interpretable_families

readable(report) if {
	count(exceptions) > 0
	every exception in exceptions {
		exception.predicate.facts.model_family == report.predicate.model_family
	}
}

satisfied contains "need-stated" if {
	count(needs) > 0
	count(denied) == 0
	count(trainings) > 0
	every training in trainings {
		stated_before(training)
	}
}

# Who sees no need has stated none, whoever else did.
denied := [need | some need in needs; not required(need)]

required(need) if need.predicate.facts.required == true

stated_before(training) if {
	some need in needs
	required(need)
	need.filed_at <= training.predicate.started_at
}

findings contains say.also(opaque, {"observed": report.predicate.model_family, "expected": data.parameters.interpretable_families}) if {
	some report in reports
	not readable(report)
	opaque := say.breach("readable", report, "model_family", "the family {observed} is not readable, and no exception for it is signed")
}

findings contains say.also(late, {"observed": training.predicate.started_at}) if {
	count(needs) > 0
	count(denied) == 0
	some training in trainings
	not stated_before(training)
	late := say.breach("need-stated", training, "started_at", "the need for a readable model was stated after training began, at {observed}")
}

findings contains say.gap("need-stated", need, "facts.required", "the statement says that no readable model is needed") if {
	some need in denied
}
