# METADATA
# title: Compute and storage used efficiently
# description: >-
#   Every dataset that was trained on, and the one that is taken in, has a storage tier in some component, and spending on
#   storage keeps its budget; tuning is bounded and every tuned setting has a range; peak use fits what is provided; and a
#   compressed model loses little against the one that it was made from. A model need not be tuned or compressed.
# custom:
#   severity: minor
#   basis: policy
#   gates: [data-intake, validation, operation]
#   evidence: {capacity-cost-report: any, infra-config: any, training-run: any, validation-run: measured}
#   parameters: [max_compression_loss, max_tuning_trials, max_utilisation, min_utilisation]
#   objectives:
#     storage-tiered:
#       says: "Every dataset has a storage tier, and storage keeps its budget."
#       at: [data-intake, operation]
#       covers: [S1.M2.4]
#       reads: [capacity-cost-report, infra-config, training-run]
#     tuning-bounded:
#       says: Every tuned setting has a range and few trials were run.
#       at: [validation]
#       covers: [S1.M3.2]
#       reads: [training-run]
#     sized-to-peak:
#       says: Peak use fits what is provided.
#       at: [operation]
#       covers: [S4.M7.1]
#       reads: [capacity-cost-report]
#     compression-harmless:
#       says: A compressed model loses little.
#       at: [validation]
#       covers: [S4.M7.2]
#       reads: [validation-run]
#   may_be_empty:
#     validation-run.compressed_from: a model need not be compressed
#   frameworks: {iso-42001: ["A.4.5"], nist-ai-rmf: ["MEASURE 2.12"]}
#   remediation: "Fit storage tier, instance size or tuning budget to the use that was measured."
package controls.serving.COST_03

import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers
import data.lib.records

units := input.evidence["capacity-cost-report"]

trainings := input.evidence["training-run"]

runs := input.evidence["validation-run"]

datasets := {digest | some training in trainings; some digest in training.predicate.dataset_digests} | taken_in

taken_in := {input.subject.digest | input.subject.kind == "dataset"}

tiered := {digest |
	some component in input.evidence["infra-config"]
	some digest, _ in component.predicate.storage_tiers
}

vague := [rule |
	some component in input.evidence["infra-config"]
	some rule in component.predicate.storage_tiers
	not records.named(rule)
]

satisfied contains "storage-tiered" if {
	count(datasets) > 0
	count(datasets - tiered) == 0
	count(vague) == 0
	count(units) > 0
	every unit in units {
		unit.predicate.storage_spend <= unit.predicate.storage_budget
	}
}

satisfied contains "tuning-bounded" if {
	count(trainings) > 0
	every training in trainings {
		training.predicate.trial_count <= data.parameters.max_tuning_trials
		ranged(training.predicate)
	}
}

ranged(training) if count(training.search_space) > 0

ranged(training) if training.trial_count <= 1

satisfied contains "sized-to-peak" if {
	count(units) > 0
	every unit in units {
		fits(unit.predicate)
	}
}

fits(unit) if {
	unit.provisioned > 0
	numbers.at_least_times(unit.peak_used, unit.provisioned, data.parameters.min_utilisation)
	numbers.at_most_times(unit.peak_used, unit.provisioned, data.parameters.max_utilisation)
}

satisfied contains "compression-harmless" if {
	count(runs) > 0
	every run in runs {
		harmless(run.predicate)
	}
}

harmless(run) if {
	not compressed(run)
	count(run.metrics) > 0
}

compressed(run) if run.compressed_from

# The baseline of a compressed model is the one that it was made from, by the metric that counts, at its worse end.
harmless(run) if {
	run.baseline_digest == run.compressed_from
	metric := run.primary_metric
	lost(metric, run.metrics[metric], run.baseline_metrics[metric]) <= numbers.micro(data.parameters.max_compression_loss)
}

lost(metric, now, before) := numbers.micro(before.value) - numbers.micro(now.ci_low) if metrics.more_is_better(metric)

lost(metric, now, before) := numbers.micro(now.ci_high) - numbers.micro(before.value) if metrics.less_is_better(metric)

findings contains say.also(open, {"observed": digest}) if {
	some digest in (datasets - tiered)
	open := say.none("storage-tiered", "storage_tiers", "the dataset {observed} has no storage tier")
}

findings contains say.also(dear, {"observed": unit.predicate.storage_spend, "expected": unit.predicate.storage_budget}) if {
	some unit in units
	unit.predicate.storage_spend > unit.predicate.storage_budget
	dear := say.breach("storage-tiered", unit, "storage_spend", "{observed} was spent on storage, {expected} is the budget")
}

findings contains say.also(many, {"observed": training.predicate.trial_count, "expected": data.parameters.max_tuning_trials}) if {
	some training in trainings
	training.predicate.trial_count > data.parameters.max_tuning_trials
	many := say.breach("tuning-bounded", training, "trial_count", "{observed} trials were run, {expected} are allowed")
}

findings contains say.gap("tuning-bounded", training, "search_space", "settings were tuned, and no range is told") if {
	some training in trainings
	not ranged(training.predicate)
}

findings contains say.also(unfit, {"values": {"unit": unit.predicate.unit}}) if {
	some unit in units
	not fits(unit.predicate)
	unfit := say.breach("sized-to-peak", unit, "peak_used", "the peak of {unit} does not fit what is provided")
}

findings contains say.breach("compression-harmless", run, "compressed_from", "the compressed model loses too much, or was not compared with the one that it was made from") if {
	some run in runs
	not harmless(run.predicate)
}
