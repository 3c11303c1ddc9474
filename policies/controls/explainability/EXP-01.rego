# METADATA
# title: Explanations exist for high-stakes decisions
# description: >-
#   Validation measured what the candidate leans on, by an accepted method and on enough cases. For a system of high risk
#   the order of the inputs is the same on either half of the rows, judged at the lower end. A tier that is not known
#   counts as high. A report is about the digest of the model, so that it cannot be older than the model.
# custom:
#   severity: major
#   basis: policy
#   gates: [validation, production]
#   evidence: {explainability-report: measured}
#   parameters: [accepted_explainers, min_explained_samples, min_explanation_stability]
#   objectives:
#     explained: {says: The candidate was explained by an accepted method on enough cases., covers: [S0.M6.5]}
#     stable: {says: The explanation of a system of high risk is stable., covers: [S1.M4.2]}
#   frameworks: {nist-ai-rmf: ["MEASURE 2.9"], iso-42001: ["A.8.2"], eu-ai-act: ["13(3)(b)(iv)"]}
#   remediation: "Explain enough cases with an accepted, stable method: the section drivers of the plan."
package controls.explainability.EXP_01

import data.lib.findings as say
import data.lib.numbers
import data.lib.tiers

reports := input.evidence["explainability-report"]

satisfied contains "explained" if {
	count(reports) > 0
	every report in reports {
		accepted(report)
		report.predicate.sample_size >= data.parameters.min_explained_samples
	}
}

accepted(report) if report.predicate.method in data.parameters.accepted_explainers

satisfied contains "stable" if {
	count(reports) > 0
	every report in reports {
		stable(report)
	}
}

satisfied contains "stable" if {
	count(reports) > 0
	mild
}

mild if tiers.rank(input.system.tier) in {"limited", "minimal"}

stable(report) if {
	numbers.micro(report.predicate.stability.ci_low) >= numbers.micro(data.parameters.min_explanation_stability)
}

findings contains say.also(other, {"observed": report.predicate.method, "expected": data.parameters.accepted_explainers}) if {
	some report in reports
	not accepted(report)
	other := say.breach("explained", report, "method", "{observed} is no accepted method")
}

findings contains say.also(few, {"observed": size, "expected": data.parameters.min_explained_samples}) if {
	some report in reports
	size := report.predicate.sample_size
	size < data.parameters.min_explained_samples
	few := say.breach("explained", report, "sample_size", "{observed} cases were explained, fewer than {expected}")
}

findings contains say.also(loose, {"observed": report.predicate.stability, "expected": data.parameters.min_explanation_stability}) if {
	some report in reports
	not stable(report)
	not mild
	loose := say.breach("stable", report, "stability", "another half of the rows may give another order of the inputs")
}
