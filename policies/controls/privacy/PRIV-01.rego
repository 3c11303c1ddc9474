# METADATA
# title: De-identification chosen, applied and measured
# description: >-
#   Every dataset with personal data was treated: each treatment of it tells what accuracy it cost and a risk of
#   re-identification that is small enough at the worse end of its interval, and is named among the measures of every
#   current assessment. Data of a class that the house lists, and special categories where it lists those, were treated with
#   differential privacy within the budget; so were data of a class that it does not know, and all where it lists one that it
#   does not know: a misspelt class takes nothing away. Where every dataset says that it is not personal and names no personal
#   attribute the control does not apply; DG-04 judges whether such a record contradicts itself. The figures are those of
#   the tool or person that filed the treatment; no rule can repeat them.
# custom:
#   severity: blocker
#   basis: policy
#   mode: hybrid
#   gates: [data-intake, validation]
#   evidence: [dataset-record, dpia, privacy-treatment]
#   applies: [dataset-record]
#   parameters: [data_classes, dp_required_classes, max_epsilon, max_reidentification_risk]
#   objectives:
#     treated-and-measured:
#       says: "Each personal dataset was treated, at a known cost, and the risk of re-identification is small."
#       covers: [S0.M2.5]
#       reads: [dataset-record, privacy-treatment]
#     cited-in-assessment: {says: The assessment names each treatment among its measures., covers: [S0.M2.5]}
#     differential-privacy:
#       says: Data of a class that calls for it were treated with differential privacy within the budget.
#       covers: [S4.M4.2]
#       reads: [dataset-record, privacy-treatment]
#   may_be_empty:
#     dataset-record.personal_attributes: a dataset is personal by its own word too; PRIV-02 asks which attributes
#     parameters.dp_required_classes: a house may ask no class for it
#   may_differ: {privacy-treatment.accuracy_cost: that the cost is known is asked; no bound is set}
#   may_stand_beside: {privacy-treatment.dataset_digest: the treatment of other data says nothing of these}
#   frameworks: {gdpr: ["25", "32"], nist-ai-rmf: ["MEASURE 2.10"], iso-42001: ["A.7.6"]}
#   remediation: "Apply the treatment, measure the re-identification risk and cite it in the impact assessment."
package controls.privacy.PRIV_01

import data.lib.findings as say
import data.lib.records
import data.lib.text

all_datasets := input.evidence["dataset-record"]

assessments := input.evidence.dpia

# Datasets that are personal, or do not say throughout that they are not.
datasets := [dataset | some dataset in all_datasets; not plain(dataset)]

plain(dataset) if {
	dataset.predicate.personal == false
	count(dataset.predicate.personal_attributes) == 0
	dataset.predicate.special_category == false
}

applies if count(datasets) > 0

applies := false if {
	count(all_datasets) > 0
	count(datasets) == 0
}

treatments(dataset) := [treatment |
	some treatment in input.evidence["privacy-treatment"]
	treatment.predicate.dataset_digest == dataset.predicate.content_digest
]

satisfied contains "treated-and-measured" if {
	count(datasets) > 0
	every dataset in datasets {
		count(treatments(dataset)) > 0
		every treatment in treatments(dataset) {
			measured(treatment)
		}
	}
}

satisfied contains "cited-in-assessment" if {
	count(datasets) > 0
	count(assessments) > 0
	every dataset in datasets {
		count(treatments(dataset)) > 0
		every treatment in treatments(dataset) {
			count(citing(treatment)) == count(assessments)
		}
	}
}

satisfied contains "differential-privacy" if {
	count(datasets) > 0
	every dataset in datasets {
		private_enough(dataset)
	}
}

measured(treatment) if {
	records.named(treatment.predicate.technique)
	is_number(treatment.predicate.accuracy_cost)
	treatment.predicate.reidentification_risk.ci_high <= data.parameters.max_reidentification_risk
}

# Assessments of which one measure is the technique, or begins with it and a colon.
citing(treatment) := [assessment | some assessment in assessments; names(assessment, treatment.predicate.technique)]

names(assessment, technique) if {
	records.named(technique)
	some measure in assessment.predicate.measures
	text.lower(split(measure, ":")[0]) == text.lower(technique)
}

private_enough(dataset) if {
	count(strange) == 0
	dataset.predicate.classification in data.parameters.data_classes
	not dataset.predicate.classification in data.parameters.dp_required_classes
	not special(dataset)
	is_boolean(dataset.predicate.special_category)
}

strange := [class | some class in data.parameters.dp_required_classes; not class in data.parameters.data_classes]

private_enough(dataset) if {
	some treatment in treatments(dataset)
	differential(treatment)
	count([other | some other in treatments(dataset); overspent(other)]) == 0
}

# Whatever class it is given, a dataset of special categories is one of the class `special-category`.
special(dataset) if {
	dataset.predicate.special_category == true
	"special-category" in data.parameters.dp_required_classes
}

# A house that lists classes of its own, and no word for special categories, has not left them out.
special(dataset) if {
	dataset.predicate.special_category == true
	count(data.parameters.dp_required_classes) > 0
	not "special-category" in data.parameters.data_classes
}

differential(treatment) if treatment.predicate.technique == "differential-privacy"

overspent(treatment) if {
	differential(treatment)
	not within_budget(treatment)
}

within_budget(treatment) if {
	treatment.predicate.epsilon > 0
	treatment.predicate.epsilon <= data.parameters.max_epsilon
}

findings contains say.gap(objective, dataset, "evidence/privacy-treatment", "no treatment of the personal dataset is on record") if {
	some dataset in datasets
	count(treatments(dataset)) == 0
	some objective in ["treated-and-measured", "cited-in-assessment"]
}

findings contains say.also(high, {"observed": risk, "expected": data.parameters.max_reidentification_risk}) if {
	some dataset in datasets
	some treatment in treatments(dataset)
	risk := treatment.predicate.reidentification_risk.ci_high
	risk > data.parameters.max_reidentification_risk
	high := say.breach("treated-and-measured", treatment, "reidentification_risk", "a person may be recognised with a probability of {observed}, more than {expected}")
}

findings contains say.gap("treated-and-measured", treatment, "accuracy_cost", "the treatment does not tell its cost and the risk that is left") if {
	some dataset in datasets
	some treatment in treatments(dataset)
	not told(treatment)
}

told(treatment) if {
	is_number(treatment.predicate.accuracy_cost)
	treatment.predicate.reidentification_risk
}

findings contains say.also(open, {"observed": treatment.predicate.technique}) if {
	some dataset in datasets
	some treatment in treatments(dataset)
	some assessment in assessments
	not names(assessment, treatment.predicate.technique)
	open := say.gap("cited-in-assessment", assessment, "measures", "the assessment does not name the treatment {observed} among its measures")
}

findings contains say.also(open, {"observed": dataset.predicate.classification}) if {
	some dataset in datasets
	not private_enough(dataset)
	open := say.breach("differential-privacy", dataset, "classification", "the data call for differential privacy and were not treated so, or the budget is passed")
}
