# METADATA
# title: Performance holds on new populations and locales
# description: >-
#   Each population that the organisation names as a target has runs of its own. In every one of them the primary metric, at
#   the worse end of its interval, meets its level and lies not far behind every run on the home population, which is any
#   that is no target; and the distance between the populations was measured from the data of a home run, once for each
#   target at least. The classification names the clauses that the organisation lists for the target. Where it names no
#   target (target_populations), the control does not apply. Which populations and clauses there are is its word. Of all systems
#   together it asks what gate validation said of this on each.
# custom:
#   severity: major
#   basis: policy
#   gates: [validation, portfolio]
#   evidence: {drift-report: any, portfolio-standing: any, risk-classification: any, validation-run: measured}
#   parameters: [max_transfer_drop, metric_bounds, min_primary_metric, portfolio_review_days, target_populations]
#   objectives:
#     transfer-holds:
#       says: On each target population the model lies not far behind the home population.
#       at: [validation]
#       covers: [S1.M9.4]
#       reads: [validation-run]
#     distance-measured:
#       says: The distance between home and target populations was measured.
#       at: [validation]
#       covers: [S1.M9.4]
#       reads: [drift-report, validation-run]
#     level-met-there:
#       says: On each target population the primary metric meets its level.
#       at: [validation]
#       covers: [S1.M9.5]
#       reads: [validation-run]
#     local-law-named:
#       says: The classification names the clauses of each target's region.
#       at: [validation]
#       covers: [S1.M9.5]
#       reads: [risk-classification]
#     every-system-holds:
#       says: "Of every system the last word of gate validation holds, and speaks against nothing here."
#       at: [portfolio]
#       covers: [S1.M9.4]
#       reads: [portfolio-standing]
#   may_be_empty:
#     parameters.target_populations: where the organisation names no target, none is judged
#   may_stand_beside:
#     validation-run.dataset_digest: the distance from the data of one run at home is enough
#     drift-report.baseline_ref: a distance from other data says nothing of the home population
#     drift-report.target: a distance of something else says nothing of populations
#   frameworks: {nist-ai-rmf: ["MEASURE 2.3"], iso-42001: ["A.6.2.4"]}
#   remediation: "Validate on the target population, and adapt the model where it falls short."
package controls.performance.PERF_07

import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers
import data.lib.records
import data.lib.standings

all_runs := input.evidence["validation-run"]

classifications := input.evidence["risk-classification"]

targets := {population | some population, _ in data.parameters.target_populations}

applies := count(targets) > 0

home := [run | some run in all_runs; not run.predicate.population in targets]

of(population) := [run | some run in all_runs; run.predicate.population == population]

distances := [report |
	some report in input.evidence["drift-report"]
	report.predicate.target == "population"
	report.predicate.baseline_ref in {run.predicate.dataset_digest | some run in home}
]

reviews := input.evidence["portfolio-standing"]

asked := {"control": "PERF-07", "gate": "validation", "days": data.parameters.portfolio_review_days}

satisfied contains "transfer-holds" if {
	count(home) > 0
	count(targets) > 0
	count(all_runs) > 0
	every run in all_runs {
		records.named(run.predicate.population)
	}
	every population in targets {
		count(of(population)) > 0
		every run in of(population) {
			count(home) > 0
			every base in home {
				near(run.predicate, base.predicate)
			}
		}
	}
}

satisfied contains "distance-measured" if {
	count(home) > 0
	count(distances) > 0
	count({report.id | some report in distances}) >= count(targets)
	every report in distances {
		report.predicate.value.value >= 0
	}
}

satisfied contains "level-met-there" if {
	count(targets) > 0
	every population in targets {
		count(of(population)) > 0
		every run in of(population) {
			meets_level(run.predicate)
		}
	}
}

satisfied contains "local-law-named" if {
	count(classifications) > 0
	count(data.parameters.target_populations) > 0
	every classification in classifications {
		every _, clauses in data.parameters.target_populations {
			count(clauses) > 0
			every clause in clauses {
				clause in classification.predicate.legal_clauses
			}
		}
	}
}

near(run, base) if {
	run.primary_metric == base.primary_metric
	metrics.credible(run.primary_metric, run.metrics[run.primary_metric])
	metrics.credible(run.primary_metric, base.metrics[run.primary_metric])
	shortfall(run.primary_metric, run.metrics[run.primary_metric], base.metrics[run.primary_metric].value) <= numbers.micro(data.parameters.max_transfer_drop)
}

# How far the worse end lies behind a value, in millionths.
shortfall(metric, estimate, value) := numbers.micro(value) - numbers.micro(estimate.ci_low) if metrics.more_is_better(metric)

shortfall(metric, estimate, value) := numbers.micro(estimate.ci_high) - numbers.micro(value) if metrics.less_is_better(metric)

meets_level(run) if {
	level := metrics.bound(data.parameters.metric_bounds, run.primary_metric, "level", data.parameters.min_primary_metric)
	metrics.meets(run.primary_metric, run.metrics[run.primary_metric], level)
}

findings contains say.also(unrun, {"values": {"population": population}}) if {
	some population in targets
	count(of(population)) == 0
	some objective in ["transfer-holds", "level-met-there"]
	unrun := say.none(objective, "population", "no run on the target population {population} is recorded")
}

findings contains say.none(objective, "population", "no run on the home population is recorded") if {
	count(home) == 0
	some objective in ["transfer-holds", "distance-measured"]
}

findings contains say.breach("transfer-holds", run, "population", "the population of the run is a placeholder") if {
	some run in all_runs
	not records.named(run.predicate.population)
}

findings contains say.also(behind, {"expected": data.parameters.max_transfer_drop, "values": {"population": population}}) if {
	some population in targets
	some run in of(population)
	some base in home
	not is_near(run, base)
	behind := say.breach("transfer-holds", run, "metrics", "on {population} the primary metric may lie more than {expected} behind the home population, or is another")
}

is_near(run, base) if near(run.predicate, base.predicate)

findings contains say.none("distance-measured", "target", "the distance between home and target populations was not measured for each target") if {
	count(home) > 0
	count({report.id | some report in distances}) < count(targets)
}

findings contains say.breach("distance-measured", report, "value", "a distance below nothing is none") if {
	some report in distances
	report.predicate.value.value < 0
}

findings contains say.also(low, {"values": {"population": population}}) if {
	some population in targets
	some run in of(population)
	not is_level(run)
	low := say.breach("level-met-there", run, "metrics", "on {population} the primary metric may be worse than its level")
}

is_level(run) if meets_level(run.predicate)

findings contains say.also(unnamed, {"values": {"population": population}}) if {
	some classification in classifications
	some population, clauses in data.parameters.target_populations
	not named(classification, clauses)
	unnamed := say.breach("local-law-named", classification, "legal_clauses", "the classification lacks a clause of the region of {population}, or none is listed for it")
}

named(classification, clauses) if {
	count(clauses) > 0
	every clause in clauses {
		clause in classification.predicate.legal_clauses
	}
}

satisfied contains "every-system-holds" if standings.hold(reviews, asked)

findings contains standings.empty("every-system-holds") if {
	some review in reviews
	count(review.predicate.versions) == 0
}

findings contains told if {
	some review in reviews
	some version in review.predicate.versions
	told := standings.finding("every-system-holds", review, version, asked)
}
