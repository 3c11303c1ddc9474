# METADATA
# title: Robust to errors and corruptions
# description: >-
#   The model was tried under every kind of corruption that is asked for, on nearly all rows, and none costs more than is
#   tolerated at the worse end of its interval. A row on which the model abstains then counts as lost: an organisation whose
#   model hands such rows to a person takes that kind out of the list, which every decision shows.
# custom:
#   severity: major
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [validation]
#   evidence: {robustness-report: measured}
#   parameters: [max_corruption_drop, max_excluded_percent, required_corruptions]
#   objectives:
#     corruptions-withstood: {says: No corruption that is asked for costs more than is tolerated., covers: [S0.M3.7]}
#   frameworks: {eu-ai-act: ["15(4)"], nist-ai-rmf: ["MEASURE 2.5", "MEASURE 2.6"], iso-24029: ["Robustness"]}
#   remediation: "Train with the corruption that hurts most, or narrow the allowed input."
package controls.robustness.ROB_04

import data.lib.findings as say
import data.lib.metrics

reports := input.evidence["robustness-report"]

satisfied contains "corruptions-withstood" if {
	count(reports) > 0
	count(data.parameters.required_corruptions) > 0
	every report in reports {
		every kind in data.parameters.required_corruptions {
			withstood(report.predicate.corruption_drop[kind])
		}
	}
}

# A drop is a difference of shares; a gain of everything is none.
withstood(drop) if {
	drop.ci_low > -1
	metrics.meets("accuracy_drop", drop, data.parameters.max_corruption_drop)
	metrics.few_left_out(drop.excluded, drop.n, data.parameters.max_excluded_percent)
}

findings contains say.also(open, {"values": {"kind": kind}}) if {
	some report in reports
	some kind in data.parameters.required_corruptions
	not kind in object.keys(report.predicate.corruption_drop)
	open := say.gap("corruptions-withstood", report, "corruption_drop", "the model was not tried under {kind}")
}

findings contains say.also(weak, {"observed": drop, "expected": data.parameters.max_corruption_drop, "values": {"kind": kind}}) if {
	some report in reports
	some kind in data.parameters.required_corruptions
	drop := report.predicate.corruption_drop[kind]
	not withstood(drop)
	weak := say.breach("corruptions-withstood", report, "corruption_drop", "{kind} may cost more than {expected}, or too many rows were left out")
}
