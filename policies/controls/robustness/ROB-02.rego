# METADATA
# title: Invalid input and runtime faults meet a safe response
# description: >-
#   Malformed input and input outside the domain are rejected, valid input is not, and every fault that was tried met
#   the safe response. Rates are judged at the worse end of their intervals; a rate that was not measured is a gap.
# custom:
#   severity: major
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [validation, staging, production]
#   evidence: {robustness-report: measured}
#   parameters: [max_false_rejection, min_fault_trials, min_invalid_rejection]
#   objectives:
#     invalid-input-rejected:
#       says: Malformed input and input outside the domain are rejected.
#       covers: [S2.M2.4, S4.M2.3]
#     valid-input-accepted:
#       says: Valid input is rejected no more often than is tolerated.
#       covers: [S2.M2.4, S4.M2.3]
#     faults-met-safely: {says: "Enough faults were tried, and each met the safe response."}
#   frameworks: {eu-ai-act: ["15(4)"], nist-ai-rmf: ["MEASURE 2.6"], iso-42001: ["A.6.2.4"]}
#   remediation: Validate input at the interface and return the safe response on every fault.
package controls.robustness.ROB_02

import data.lib.findings as say

reports := input.evidence["robustness-report"]

satisfied contains "invalid-input-rejected" if {
	count(reports) > 0
	every report in reports {
		report.predicate.invalid_input_rejection.ci_low >= data.parameters.min_invalid_rejection
		report.predicate.ood_rejection.ci_low >= data.parameters.min_invalid_rejection
	}
}

satisfied contains "valid-input-accepted" if {
	count(reports) > 0
	every report in reports {
		report.predicate.valid_input_rejection.ci_high <= data.parameters.max_false_rejection
	}
}

satisfied contains "faults-met-safely" if {
	count(reports) > 0
	every report in reports {
		report.predicate.fault_trials > 0
		report.predicate.fault_trials >= data.parameters.min_fault_trials
		report.predicate.fault_safe_responses == report.predicate.fault_trials
	}
}

findings contains say.also(through, {"observed": rate, "expected": data.parameters.min_invalid_rejection}) if {
	some report in reports
	some path, message in {
		"invalid_input_rejection": "too little malformed input may be rejected",
		"ood_rejection": "too little input outside the domain may be rejected",
	}
	rate := report.predicate[path]
	rate.ci_low < data.parameters.min_invalid_rejection
	through := say.breach("invalid-input-rejected", report, path, message)
}

findings contains say.gap(objective, report, path, message) if {
	some report in reports
	some objective, [path, message] in {
		"invalid-input-rejected": ["ood_rejection", "the answer to input outside the domain was not measured"],
		"valid-input-accepted": ["valid_input_rejection", "the rejection of valid input was not measured"],
	}
	not report.predicate[path]
}

findings contains say.also(rejected, {"observed": rate, "expected": data.parameters.max_false_rejection}) if {
	some report in reports
	rate := report.predicate.valid_input_rejection
	rate.ci_high > data.parameters.max_false_rejection
	rejected := say.breach("valid-input-accepted", report, "valid_input_rejection", "too much valid input may be rejected")
}

findings contains say.also(few, {"observed": trials, "expected": data.parameters.min_fault_trials}) if {
	some report in reports
	trials := report.predicate.fault_trials
	trials < max([1, data.parameters.min_fault_trials])
	few := say.gap("faults-met-safely", report, "fault_trials", "{observed} fault trials are too few to judge")
}

findings contains say.also(unsafe, {"observed": safe, "expected": report.predicate.fault_trials}) if {
	some report in reports
	safe := report.predicate.fault_safe_responses
	safe != report.predicate.fault_trials
	unsafe := say.breach("faults-met-safely", report, "fault_safe_responses", "{observed} of {expected} fault trials met the safe response")
}
