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
#   evidence:
#     robustness-report: measured
#   parameters: [max_false_rejection, min_fault_trials, min_invalid_rejection]
#   objectives:
#     invalid-input-rejected:
#       says: Malformed input and input outside the domain are rejected.
#       covers: [S2.M2.4, S4.M2.3]
#     valid-input-accepted:
#       says: Valid input is rejected no more often than is tolerated.
#       covers: [S2.M2.4, S4.M2.3]
#     faults-met-safely:
#       says: Enough faults were tried, and each met the safe response.
#   frameworks:
#     eu-ai-act: ["15(4)"]
#     nist-ai-rmf: ["MEASURE 2.6"]
#     iso-42001: ["A.6.2.4"]
#   remediation: Validate input at the interface and return the safe response on every fault.
package controls.robustness.ROB_02

import data.lib.records

reports := input.evidence["robustness-report"]

satisfied contains "invalid-input-rejected" if {
	count(reports) > 0
	every report in reports {
		records.on_candidate(report)
		report.predicate.invalid_input_rejection.ci_low >= data.parameters.min_invalid_rejection
		report.predicate.ood_rejection.ci_low >= data.parameters.min_invalid_rejection
	}
}

satisfied contains "valid-input-accepted" if {
	count(reports) > 0
	every report in reports {
		records.on_candidate(report)
		report.predicate.valid_input_rejection.ci_high <= data.parameters.max_false_rejection
	}
}

satisfied contains "faults-met-safely" if {
	count(reports) > 0
	every report in reports {
		records.on_candidate(report)
		report.predicate.fault_trials > 0
		report.predicate.fault_trials >= data.parameters.min_fault_trials
		report.predicate.fault_safe_responses == report.predicate.fault_trials
	}
}

findings contains finding if {
	some report in reports
	not records.on_candidate(report)
	some objective in ["invalid-input-rejected", "valid-input-accepted", "faults-met-safely"]
	finding := records.other_artifact(objective, report)
}

findings contains finding if {
	some report in reports
	report.predicate.invalid_input_rejection.ci_low < data.parameters.min_invalid_rejection
	finding := {
		"objective": "invalid-input-rejected",
		"message": "too little malformed input may be rejected",
		"evidence": report.id,
		"observed": report.predicate.invalid_input_rejection,
		"expected": data.parameters.min_invalid_rejection,
		"path": "invalid_input_rejection",
	}
}

findings contains finding if {
	some report in reports
	report.predicate.ood_rejection.ci_low < data.parameters.min_invalid_rejection
	finding := {
		"objective": "invalid-input-rejected",
		"message": "too little input outside the domain may be rejected",
		"evidence": report.id,
		"observed": report.predicate.ood_rejection,
		"expected": data.parameters.min_invalid_rejection,
		"path": "ood_rejection",
	}
}

findings contains finding if {
	some report in reports
	not report.predicate.ood_rejection
	finding := {
		"objective": "invalid-input-rejected",
		"message": "the answer to input outside the domain was not measured",
		"gap": true,
		"evidence": report.id,
		"path": "ood_rejection",
	}
}

findings contains finding if {
	some report in reports
	report.predicate.valid_input_rejection.ci_high > data.parameters.max_false_rejection
	finding := {
		"objective": "valid-input-accepted",
		"message": "too much valid input may be rejected",
		"evidence": report.id,
		"observed": report.predicate.valid_input_rejection,
		"expected": data.parameters.max_false_rejection,
		"path": "valid_input_rejection",
	}
}

findings contains finding if {
	some report in reports
	not report.predicate.valid_input_rejection
	finding := {
		"objective": "valid-input-accepted",
		"message": "the rejection of valid input was not measured",
		"gap": true,
		"evidence": report.id,
		"path": "valid_input_rejection",
	}
}

findings contains finding if {
	some report in reports
	report.predicate.fault_trials < max([1, data.parameters.min_fault_trials])
	finding := {
		"objective": "faults-met-safely",
		"message": sprintf("%d fault trials are too few to judge", [report.predicate.fault_trials]),
		"gap": true,
		"evidence": report.id,
		"observed": report.predicate.fault_trials,
		"expected": data.parameters.min_fault_trials,
		"path": "fault_trials",
	}
}

findings contains finding if {
	some report in reports
	report.predicate.fault_safe_responses != report.predicate.fault_trials
	finding := {
		"objective": "faults-met-safely",
		"message": sprintf(
			"%d of %d fault trials met the safe response",
			[report.predicate.fault_safe_responses, report.predicate.fault_trials],
		),
		"evidence": report.id,
		"observed": report.predicate.fault_safe_responses,
		"expected": report.predicate.fault_trials,
		"path": "fault_safe_responses",
	}
}
