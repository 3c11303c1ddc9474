# METADATA
# title: Promotion blocked where data do not match the target setting
# description: >-
#   The data on which the model was trained or validated are close to those of the setting in which it shall work, feature
#   by feature and in the score, at the upper end of the interval. The data of the setting span a time that tells
#   something and are not old, and the statistic is one that means the same for every unit. The baseline is data that the
#   training run names, and where a run compared its test data with it, few rows stand in both: data are close to
#   themselves. "*" in `key_features` stands for every input that the artifact-manifest names. Read strictly: every
#   comparison by such a statistic counts, also of features that are not key. Data are compared with the setting once a
#   model was made of them: before that nobody knows which of their columns it will read. Providers are bound by Art 10(4), deployers by Art 26(4) for the input data that they control.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider, deployer], from: D-HR}
#   gates: [staging, production, canary]
#   evidence: {artifact-manifest: any, drift-report: any, training-run: any, validation-run: measured}
#   parameters: [key_features, max_overlap_percent, max_promotion_drift, max_setting_age_days, min_setting_days, promotion_drift_tests]
#   objectives:
#     key-features-compared:
#       says: Every key feature was compared with lately collected data of the target setting.
#       covers: [S3.M1.4]
#       reads: [artifact-manifest, drift-report]
#     target-setting-matches:
#       says: No compared feature lies too far from the data of the target setting.
#       covers: [S3.M1.4]
#       reads: [drift-report]
#     score-matches:
#       says: The score of this version was compared in the same way and lies close enough.
#       reads: [drift-report]
#     baseline-is-training-data:
#       says: Each comparison starts from data that the training run names, and not from the data that it is compared with.
#       reads: [drift-report, training-run, validation-run]
#   may_be_empty:
#     validation-run.reference_digest: the comparison may be that of a monitoring tool, and the run itself compared nothing
#   may_stand_beside:
#     drift-report.target: a comparison of something else, such as live input, is judged by other controls
#     drift-report.statistic: a comparison by a statistic that depends on the unit or the sample size says nothing here
#     drift-report.subject: a comparison for another version says nothing of this one
#   frameworks:
#     eu-ai-act: ["10(4)", "26(4)", "42(1)"]
#     nist-ai-rmf: ["MAP 2.3", "MEASURE 2.3"]
#     iso-42001: ["A.7.4"]
#   remediation: Retrain or validate on data from the target setting before promoting.
package controls.monitoring.DRIFT_04

import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers
import data.lib.records
import data.lib.time as calendar

# Features, and the score, compared with the data of the target setting.
comparisons := about("environment")

scores := about("prediction")

about(target) := [report |
	some report in input.evidence["drift-report"]
	report.predicate.target == target
	report.predicate.statistic in data.parameters.promotion_drift_tests
	input.subject.digest in report.subject
]

trainings := input.evidence["training-run"]

runs := input.evidence["validation-run"]

manifests := input.evidence["artifact-manifest"]

key_features contains feature if {
	some feature in data.parameters.key_features
	feature != "*"
}

key_features contains field.name if {
	"*" in data.parameters.key_features
	some manifest in manifests
	some field in manifest.predicate.input_schema
}

satisfied contains "key-features-compared" if {
	count(comparisons) > 0
	every report in comparisons {
		names_feature(report)
		tells(report)
	}
	inputs_known
	count(key_features) > 0
	every feature in key_features {
		compared(feature)
	}
}

satisfied contains "target-setting-matches" if {
	count(comparisons) > 0
	every report in comparisons {
		close(report)
	}
}

satisfied contains "score-matches" if {
	count(scores) > 0
	every report in scores {
		tells(report)
		close(report)
	}
}

satisfied contains "baseline-is-training-data" if {
	count(comparisons) > 0
	count(scores) > 0
	count(trainings) > 0
	every training in trainings {
		every report in comparisons {
			learnt(training, report.predicate.baseline_ref)
		}
		every report in scores {
			learnt(training, report.predicate.baseline_ref)
		}
	}
	count(runs) > 0
	every run in runs {
		apart(run)
	}
}

# The training run names the data as what the model was fitted or tuned on.
learnt(training, digest) if {
	some split in ["train", "validation"]
	training.predicate.split_digests[split] == digest
}

# A run that compared with a reference took training data, and few rows of the test data stand in it.
apart(run) if {
	metrics.rows(run) > 0
	not referenced(run)
}

apart(run) if {
	count(trainings) > 0
	every training in trainings {
		learnt(training, run.predicate.reference_digest)
	}
	run.predicate.reference_overlap_rows >= 0
	few_in_both(run)
}

referenced(run) if run.predicate.reference_digest

few_in_both(run) if numbers.at_most_percent(run.predicate.reference_overlap_rows, metrics.rows(run), data.parameters.max_overlap_percent)

inputs_known if not "*" in data.parameters.key_features

inputs_known if {
	count(manifests) > 0
	every manifest in manifests {
		count(manifest.predicate.input_schema) > 0
		every field in manifest.predicate.input_schema {
			records.named(field.name)
		}
	}
}

names_feature(report) if records.named(report.predicate.feature)

compared(feature) if {
	some report in comparisons
	report.predicate.feature == feature
}

# On data that span long enough and are not old.
tells(report) if windows_that_tell[report.predicate.window]

# Gone through once a window: the features of a model are compared over the same one.
windows_that_tell := {window |
	some window in {report.predicate.window | some report in input.evidence["drift-report"]}
	calendar.at_least_days_between(window.start, window.end, data.parameters.min_setting_days)
	calendar.within_days(window.end, data.parameters.max_setting_age_days, input.now)
}

close(report) if report.predicate.value.ci_high <= data.parameters.max_promotion_drift

findings contains say.none(objective, "target", "nothing was compared with the data of the target setting") if {
	count(comparisons) == 0
	some objective in ["key-features-compared", "target-setting-matches", "baseline-is-training-data"]
}

findings contains say.none(objective, "target", "the score of this version was compared with nothing") if {
	count(scores) == 0
	some objective in ["score-matches", "baseline-is-training-data"]
}

findings contains say.gap("key-features-compared", report, "feature", "the comparison does not name its feature") if {
	some report in comparisons
	not names_feature(report)
}

findings contains say.none("key-features-compared", "input_schema", "no artifact-manifest names the inputs, and * stands for all") if {
	not inputs_known
}

findings contains say.also(open, {"values": {"feature": feature}}) if {
	some feature in key_features
	not compared(feature)
	open := say.none("key-features-compared", "feature", "{feature} was not compared with data of the target setting that tell enough")
}

findings contains say.gap(objective, report, "window", "the data of the target setting span too short a time, or one long ago") if {
	some objective, reports in {"key-features-compared": comparisons, "score-matches": scores}
	some report in reports
	not tells(report)
}

findings contains say.also(other, {"observed": baseline}) if {
	some training in trainings
	some reports in [comparisons, scores]
	some report in reports
	baseline := report.predicate.baseline_ref
	not learnt(training, baseline)
	other := say.breach("baseline-is-training-data", report, "baseline_ref", "the comparison starts from data that the training run of the model does not name")
}

findings contains say.also(other, {"observed": reference}) if {
	some training in trainings
	some run in runs
	reference := run.predicate.reference_digest
	not learnt(training, reference)
	other := say.breach("baseline-is-training-data", run, "reference_digest", "the run compared its test data with data that the training run of the model does not name")
}

findings contains say.also(same, {"observed": rows, "expected": data.parameters.max_overlap_percent}) if {
	some run in runs
	rows := run.predicate.reference_overlap_rows
	not few_in_both(run)
	same := say.breach("baseline-is-training-data", run, "reference_overlap_rows", "{observed} rows of the test data stand in the reference too, more than {expected} in a hundred")
}

findings contains say.gap("baseline-is-training-data", run, "reference_overlap_rows", "how many rows of the test data stand in the reference too was not counted") if {
	some run in runs
	referenced(run)
	not counted(run)
}

counted(run) if is_number(run.predicate.reference_overlap_rows)

findings contains say.also(far, {"observed": report.predicate.value, "expected": data.parameters.max_promotion_drift, "values": {"what": what}}) if {
	some objective, compared_reports in {"target-setting-matches": comparisons, "score-matches": scores}
	some report in compared_reports
	not close(report)
	what := object.get(report.predicate, "feature", report.predicate.target)
	far := say.breach(objective, report, "value", "{what} may lie too far from the target setting")
}
