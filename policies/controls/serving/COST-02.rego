# METADATA
# title: Spending tagged and budgeted
# description: >-
#   Nearly all spending of every unit carries the tag of a team, and every unit has a budget with an alarm that is on.
# custom:
#   severity: minor
#   basis: policy
#   gates: [portfolio]
#   evidence: [capacity-cost-report]
#   parameters: [min_tag_coverage]
#   objectives:
#     spending-tagged: {says: Nearly all spending carries the tag of a team., covers: [S4.M7.3]}
#     budgets-watched: {says: Every unit has a budget with an alarm that is on., covers: [S4.M7.3]}
#   frameworks: {iso-42001: ["A.4.5"], nist-ai-rmf: ["MEASURE 2.12"]}
#   remediation: Tag the spending and set budget and alarm.
package controls.serving.COST_02

import data.lib.findings as say

reports := input.evidence["capacity-cost-report"]

satisfied contains "spending-tagged" if {
	count(reports) > 0
	every report in reports {
		report.predicate.tag_coverage >= data.parameters.min_tag_coverage
	}
}

satisfied contains "budgets-watched" if {
	count(reports) > 0
	every report in reports {
		watched(report)
	}
}

watched(report) if {
	report.predicate.budget > 0
	report.predicate.budget_alert == true
}

findings contains say.also(loose, {"observed": report.predicate.tag_coverage, "expected": data.parameters.min_tag_coverage, "values": {"unit": report.predicate.unit}}) if {
	some report in reports
	report.predicate.tag_coverage < data.parameters.min_tag_coverage
	loose := say.breach("spending-tagged", report, "tag_coverage", "a share of {observed} of the spending of {unit} is tagged, {expected} is asked for")
}

findings contains say.also(unwatched, {"values": {"unit": report.predicate.unit}}) if {
	some report in reports
	not watched(report)
	unwatched := say.breach("budgets-watched", report, "budget_alert", "{unit} has no budget, or no alarm on it")
}
