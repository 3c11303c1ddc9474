# METADATA
# title: Metric choice justified by error cost
# description: >-
#   A signed statement says what each kind of error costs and which metric was chosen from that, and every run is judged by
#   that metric. Whether the costs are right is the signer's word.
# custom:
#   severity: minor
#   basis: policy
#   mode: attested
#   gates: [validation]
#   evidence: [statement:metric-choice, validation-run]
#   objectives:
#     costs-stated:
#       says: The cost of two kinds of error at least is stated.
#       covers: [S0.M3.1]
#       reads: [statement:metric-choice]
#     chosen-metric-used: {says: Every run is judged by the metric that was chosen., covers: [S0.M3.1]}
#   frameworks: {nist-ai-rmf: ["MEASURE 2.3", "MEASURE 2.5"], iso-42001: ["A.6.2.4"], eu-ai-act: ["15(1)"]}
#   remediation: State the cost of each kind of error and choose the metric from it.
package controls.performance.PERF_01

import data.lib.findings as say

choices := input.evidence["statement:metric-choice"]

runs := input.evidence["validation-run"]

satisfied contains "costs-stated" if {
	count(choices) > 0
	every choice in choices {
		count(priced(choice)) > 1
	}
}

# Kinds of error that cost something.
priced(choice) := [kind | some kind, cost in choice.predicate.facts.error_costs; cost > 0]

satisfied contains "chosen-metric-used" if {
	count(choices) > 0
	count(runs) > 0
	every choice in choices {
		every run in runs {
			run.predicate.primary_metric == choice.predicate.choice
		}
	}
}

findings contains say.gap("costs-stated", choice, "facts.error_costs", "fewer than two kinds of error have a cost") if {
	some choice in choices
	count(priced(choice)) < 2
}

findings contains say.also(other, {"observed": used, "expected": choice.predicate.choice}) if {
	some choice in choices
	some run in runs
	used := run.predicate.primary_metric
	used != choice.predicate.choice
	other := say.breach("chosen-metric-used", run, "primary_metric", "the run is judged by another metric than the one that was chosen")
}
