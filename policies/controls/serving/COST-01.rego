# METADATA
# title: Unit and ownership cost compared
# description: >-
#   What a prediction costs is known, did not rise much above the version in service, and is worth it, or somebody works on
#   that; managed and self-run platforms were compared over a year; and no other candidate is both better by the primary
#   metric and cheaper: the incumbent that the run measured, and each other version of the system whose run and cost are
#   here. Which other candidates there were is what was recorded; values of predictions and prices of platforms are
#   somebody's word.
# custom:
#   severity: minor
#   basis: policy
#   mode: hybrid
#   gates: [validation, operation, portfolio]
#   evidence: {capacity-cost-report: any, kpi-report: any, statement:platform-tco: any, validation-run: measured}
#   about: {validation-run: system}
#   parameters: [max_cost_value_ratio, max_unit_cost_rise, tco_months]
#   objectives:
#     unit-cost-steady:
#       says: "A prediction costs little more than with the version in service."
#       at: [operation]
#       covers: [S0.M8.3]
#       reads: [capacity-cost-report]
#     worth-its-cost:
#       says: "A prediction is worth what it costs, or somebody works on that."
#       at: [portfolio]
#       covers: [S1.M7.6]
#       reads: [capacity-cost-report, kpi-report]
#     platforms-compared:
#       says: Managed and self-run platforms were compared over the whole horizon.
#       at: [portfolio]
#       covers: [S4.M7.4]
#       reads: [statement:platform-tco]
#     best-candidate:
#       says: No other candidate is both better and cheaper.
#       at: [validation]
#       covers: [S4.M7.6]
#       reads: [capacity-cost-report, validation-run]
#   may_stand_beside:
#     capacity-cost-report.artifact_digest: the cost of another version is compared with that of this one
#     validation-run.artifact_digest: the run of another version is compared with that of this one
#   frameworks: {iso-42001: ["A.4.5"], nist-ai-rmf: ["MEASURE 2.12"]}
#   remediation: "Compare the cost of candidate, incumbent and alternatives, and act on the dearer one."
package controls.serving.COST_01

import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers
import data.lib.records

reports := input.evidence["capacity-cost-report"]

# Reports that tell what a prediction costs.
costed := [report | some report in reports; report.predicate.cost_per_inference >= 0]

valued := [report | some report in input.evidence["kpi-report"]; is_number(report.predicate.value_per_inference)]

platforms := input.evidence["statement:platform-tco"]

satisfied contains "unit-cost-steady" if {
	count(reports) > 0
	every report in reports {
		report.predicate.incumbent_cost_per_inference > 0
		numbers.at_most_above(report.predicate.cost_per_inference, report.predicate.incumbent_cost_per_inference, data.parameters.max_unit_cost_rise)
	}
}

satisfied contains "worth-its-cost" if {
	count(costed) > 0
	count(valued) > 0
	every value in valued {
		worth(value)
	}
}

worth(value) if {
	count(costed) > 0
	every cost in costed {
		numbers.at_most_times(cost.predicate.cost_per_inference, value.predicate.value_per_inference, data.parameters.max_cost_value_ratio)
	}
}

# An action that is neither done nor overdue.
worth(value) if {
	some action in value.predicate.actions
	not done(action)
	input.now < action.due_at
}

done(action) if action.done_at

satisfied contains "platforms-compared" if {
	count(platforms) > 0
	every platform in platforms {
		compared(platform.predicate)
	}
}

compared(platform) if {
	records.covers(platform.options, ["managed", "self-hosted"])
	records.covers([option | some option, cost in platform.facts.costs; cost > 0], ["managed", "self-hosted"])
	platform.facts.months >= data.parameters.tco_months
}

own := [run | some run in input.evidence["validation-run"]; records.on_candidate(run)]

own_costs := [report | some report in costed; records.on_candidate(report)]

# What else could be chosen, each with its metric and its cost.
others := [{"metrics": run.predicate.baseline_metrics, "cost": report.predicate.incumbent_cost_per_inference} |
	some run in own
	some report in own_costs
	run.predicate.baseline_metrics
	report.predicate.incumbent_cost_per_inference >= 0
]

other_versions := [{"metrics": run.predicate.metrics, "cost": report.predicate.cost_per_inference} |
	some run in input.evidence["validation-run"]
	not records.on_candidate(run)
	some report in costed
	report.predicate.artifact_digest == run.predicate.artifact_digest
]

candidates := array.concat(others, other_versions)

satisfied contains "best-candidate" if {
	count(own) > 0
	count(own_costs) > 0
	count(candidates) > 0
	count([run | some run in own; not credible(run)]) == 0
	count([other | some other in candidates; not yields(other)]) == 0
}

credible(run) if metrics.credible(run.predicate.primary_metric, run.predicate.metrics[run.predicate.primary_metric])

# The other is no better or no cheaper than this version, run by run.
yields(other) if {
	count(own) > 0
	count(own_costs) > 0
	every run in own {
		metric := run.predicate.primary_metric
		metrics.credible(metric, other.metrics[metric])
		every report in own_costs {
			no_gain(metric, other, run, report)
		}
	}
}

no_gain(_, other, _, report) if other.cost >= report.predicate.cost_per_inference

no_gain(metric, other, run, _) if {
	metrics.more_is_better(metric)
	other.metrics[metric].value <= run.predicate.metrics[metric].value
}

no_gain(metric, other, run, _) if {
	metrics.less_is_better(metric)
	other.metrics[metric].value >= run.predicate.metrics[metric].value
}

findings contains say.none("worth-its-cost", "cost_per_inference", "what a prediction costs is not known") if count(costed) == 0

findings contains say.none("worth-its-cost", "value_per_inference", "what a prediction is worth is not known") if count(valued) == 0

findings contains say.gap("unit-cost-steady", report, "cost_per_inference", "what a prediction costs, or cost before, is not known") if {
	some report in reports
	not both_known(report.predicate)
}

both_known(report) if {
	report.cost_per_inference >= 0
	report.incumbent_cost_per_inference > 0
}

findings contains say.none("best-candidate", "cost_per_inference", "this version and another candidate are not known with their metric and their cost") if {
	count(candidates) == 0
}

findings contains say.none("best-candidate", "cost_per_inference", "what a prediction of this version costs is not known") if {
	count(candidates) > 0
	count(own_costs) == 0
}

findings contains say.also(dear, {"observed": platform.predicate.facts.months, "expected": data.parameters.tco_months}) if {
	some platform in platforms
	not compared(platform.predicate)
	dear := say.breach("platforms-compared", platform, "facts", "managed and self-hosted platforms were not compared with their cost over {expected} months; the statement has {observed}")
}
