# METADATA
# title: Quality gate passed before training or retraining
# description: >-
#   A dataset that asks to be used was checked at intake, and no blocking check failed; each dataset that the version was
#   trained on was checked and screened for poisoned rows, and no check failed. Label errors, gaps and copies of every table
#   are within their limits at the worse end of their intervals. Read strictly: the first training is held to the screen
#   too, since `retraining` is a word of the training run; and every current report counts, not the latest alone. What one
#   report did not measure of a table another may tell, such as the label errors of a target that is a value. They are not
#   asked of a reference, which has no labels.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [data-intake, validation]
#   evidence: [data-quality-report, training-run]
#   parameters: [max_duplicate_rate, max_label_error, max_missing_rate]
#   objectives:
#     checked-at-intake:
#       says: The dataset was checked at intake, and no blocking check failed.
#       at: [data-intake]
#       covers: [S1.M2.5]
#       reads: [data-quality-report]
#     training-data-screened:
#       says: Each dataset that the version was trained on was checked and screened for poisoned rows, and no check failed.
#       at: [validation]
#       covers: [S2.M7.3]
#     rates-within-limits:
#       says: Label errors, missing values and copies of the data are within their limits.
#       reads: [data-quality-report]
#   may_be_empty:
#     data-quality-report.failed_checks: where no check failed there is none to name
#     data-quality-report.split: a report that does not say which table it is on is held to all limits
#   may_stand_beside:
#     data-quality-report.checks: what one report did not look for another may have
#     data-quality-report.stage: a check of another stage says nothing of this one
#     data-quality-report.dataset_digest: the report on another dataset says nothing of this one
#     data-quality-report.split: a reference whose labels were looked at too is held to the same limits
#   frameworks: {eu-ai-act: ["10(3)"], nist-ai-rmf: ["MAP 2.3"], iso-42001: ["A.7.4"], iso-5259: ["Data quality measures"]}
#   remediation: "Clean or replace the rows that fail the check. At intake file what the data tool then finds; before validation run the plan again, with quality, label noise and poisoning in it."
package controls.data.DQ_01

import data.lib.findings as say

reports := input.evidence["data-quality-report"]

trainings := input.evidence["training-run"]

# What validation measures of the training data has the stage `training`, what a pipeline that retrains says `retraining`.
training_reports := [report | some report in reports; report.predicate.stage in {"training", "retraining"}]

intake_reports := [report | some report in reports; report.predicate.stage == "ingestion"]

tables := [report | some report in reports; of_table(report)]

of_table(report) if report.predicate.stage in {"profile", "training", "retraining"}

# A check at intake that tells rates is held to the limits, and needs no profile beside it.
of_table(report) if {
	report.predicate.stage == "ingestion"
	some name, _ in limits
	tells(report, name)
}

staged := [report | some report in reports; report.predicate.stage]

satisfied contains "checked-at-intake" if {
	count(intake_reports) > 0
	every report in intake_reports {
		count(report.predicate.checks) > 0
		count(harmless(report)) == count(report.predicate.failed_checks)
	}
}

satisfied contains "training-data-screened" if {
	count(read_by_training) > 0
	every digest in read_by_training {
		screened(digest)
	}
	count(training_reports) > 0
	every report in training_reports {
		count(report.predicate.failed_checks) == 0
	}
}

satisfied contains "rates-within-limits" if {
	count(tables) > 0
	count(staged) == count(reports)
	every report in tables {
		count(report.predicate.checks) > 0
		report.predicate.missing_rate.ci_high <= data.parameters.max_missing_rate
		report.predicate.duplicate_rate.ci_high <= data.parameters.max_duplicate_rate
		few_label_errors(report)
	}
	count(profiled) > 0
	count([digest | some digest in profiled; not labels_told(digest)]) == 0
}

few_label_errors(report) if report.predicate.label_error_rate.ci_high <= data.parameters.max_label_error

few_label_errors(report) if not tells(report, "label_error_rate")

tells(report, name) if report.predicate[name]

# Data whose label errors must be known.
profiled := {report.predicate.dataset_digest | some report in tables; not reference(report)}

labels_told(digest) if {
	some report in tables
	report.predicate.dataset_digest == digest
	tells(report, "label_error_rate")
}

reference(report) if {
	report.predicate.stage == "profile"
	report.predicate.split == "reference"
}

harmless(report) := [failed | some failed in report.predicate.failed_checks; failed.blocking == false]

read_by_training := {digest | some training in trainings; some digest in training.predicate.dataset_digests}

screened(digest) if {
	some report in training_reports
	report.predicate.dataset_digest == digest
	"poisoning-screen" in report.predicate.checks
}

findings contains say.none("checked-at-intake", "evidence/data-quality-report", "no report of the stage ingestion says that the dataset was checked at intake") if count(intake_reports) == 0

findings contains say.gap("checked-at-intake", report, "checks", "the report names no check that ran") if {
	some report in intake_reports
	count(report.predicate.checks) == 0
}

findings contains say.gap("rates-within-limits", report, "checks", "the report names no check that ran") if {
	some report in tables
	count(report.predicate.checks) == 0
}

findings contains say.also(failed, {"values": {"check": item.check}}) if {
	some report in intake_reports
	some item in report.predicate.failed_checks
	item.blocking == true
	failed := say.breach("checked-at-intake", report, "failed_checks", "the blocking check {check} failed")
}

findings contains say.also(unscreened, {"observed": digest}) if {
	some digest in read_by_training
	not screened(digest)
	unscreened := say.none("training-data-screened", "checks", "no report on the training data {observed} has a poisoning screen")
}

findings contains say.also(failed, {"values": {"check": item.check}}) if {
	some report in training_reports
	some item in report.predicate.failed_checks
	failed := say.breach("training-data-screened", report, "failed_checks", "the check {check} of the training data failed")
}

findings contains say.none("rates-within-limits", "evidence/data-quality-report", "no report tells the rates of the data") if count(profiled) == 0

limits := {
	"missing_rate": data.parameters.max_missing_rate,
	"duplicate_rate": data.parameters.max_duplicate_rate,
	"label_error_rate": data.parameters.max_label_error,
}

findings contains say.also(high, {"observed": rate.ci_high, "expected": limit, "values": {"rate": name}}) if {
	some report in tables
	some name, limit in limits
	rate := report.predicate[name]
	rate.ci_high > limit
	high := say.breach("rates-within-limits", report, name, "the {rate} may be {observed}, more than {expected}")
}

findings contains say.also(open, {"values": {"rate": name}}) if {
	some report in tables
	some name in ["missing_rate", "duplicate_rate"]
	not tells(report, name)
	open := say.gap("rates-within-limits", report, name, "the report does not tell the {rate}")
}

findings contains say.also(open, {"observed": digest}) if {
	some digest in profiled
	not labels_told(digest)
	open := say.none("rates-within-limits", "evidence/data-quality-report", "no report tells the label errors of the data {observed}")
}
