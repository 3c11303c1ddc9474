# METADATA
# title: Serving features complete
# description: >-
#   Every current report on the features in serving finds enough of them filled, over all and for each input of the model
#   that the opened model file names, judged at the worse end of the interval.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: [artifact-manifest, data-quality-report]
#   parameters: [min_feature_completeness]
#   objectives:
#     features-complete: {says: Every input of the model is filled in enough of the rows served., covers: [S4.M5.5]}
#   may_stand_beside: {data-quality-report.stage: a check of another stage says nothing of serving}
#   frameworks: {eu-ai-act: ["26(4)"], nist-ai-rmf: ["MEASURE 2.4"]}
#   remediation: Repair the upstream fault that leaves the feature empty.
package controls.data.DQ_04

import data.lib.findings as say
import data.lib.numbers
import data.lib.records

manifests := input.evidence["artifact-manifest"]

reports := [report | some report in input.evidence["data-quality-report"]; report.predicate.stage == "serving"]

# An input that is not named is not looked at: the manifest names all of them.
model_inputs := {field.name | some manifest in manifests; some field in manifest.predicate.input_schema}

satisfied contains "features-complete" if {
	count(manifests) > 0
	count(model_inputs) > 0
	count(reports) > 0
	every report in reports {
		report.predicate.completeness >= data.parameters.min_feature_completeness
		records.covers(complete(report), model_inputs)
	}
}

complete(report) := [name | some name, column in report.predicate.columns; filled(column)]

filled(column) if {
	gaps := numbers.micro(column.missing.ci_high)
	gaps + numbers.micro(data.parameters.min_feature_completeness) <= 1000000
}

findings contains say.none("features-complete", "evidence/data-quality-report", "no report looks at the features in serving") if count(reports) == 0

findings contains say.none("features-complete", "input_schema", "the inputs of the model are not known") if count(model_inputs) == 0

findings contains say.also(low, {"observed": share, "expected": data.parameters.min_feature_completeness}) if {
	some report in reports
	share := report.predicate.completeness
	share < data.parameters.min_feature_completeness
	low := say.breach("features-complete", report, "completeness", "too few features are filled in serving")
}

findings contains say.also(empty, {"observed": column.missing.ci_high, "values": {"input": name}}) if {
	some report in reports
	some name, column in report.predicate.columns
	name in model_inputs
	not filled(column)
	empty := say.breach("features-complete", report, "columns", "the input {input} may lack in {observed} of the rows")
}

findings contains say.also(unseen, {"values": {"input": name}}) if {
	some report in reports
	some name in model_inputs
	not looked_at(report, name)
	unseen := say.gap("features-complete", report, "columns", "the report does not tell the input {input}")
}

looked_at(report, name) if report.predicate.columns[name]

findings contains say.gap("features-complete", report, "completeness", "the report does not tell how complete the features are") if {
	some report in reports
	not told(report)
}

told(report) if is_number(report.predicate.completeness)
