# METADATA
# title: "Primary metric meets floor and declared level, steadily"
# description: >-
#   The primary metric clears its floor as a whole and in each test period, at the lower end of its interval, and
#   differs little between periods. Periods are counted by distinct starts. For high-risk systems the level that the
#   instructions for use declare is met as well, in the run and in operation. A metric whose direction is not known
#   meets nothing.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [validation, staging, canary, operation]
#   evidence:
#     validation-run: measured
#     telemetry-series: any
#     instructions-for-use: any
#   parameters: [max_period_spread, min_primary_metric, min_test_periods]
#   objectives:
#     primary-metric-above-floor:
#       says: The primary metric clears its floor at the worse end of its interval.
#       at: [validation, staging, canary]
#       covers: [S0.M3.4]
#       reads: [validation-run]
#     floor-in-every-period:
#       says: The primary metric clears its floor in each test period, and there are enough periods.
#       at: [validation, staging, canary]
#       covers: [S0.M3.4]
#       reads: [validation-run]
#     steady-between-periods:
#       says: The primary metric differs little from one test period to the next.
#       at: [validation, staging, canary]
#       covers: [S0.M3.4]
#       reads: [validation-run]
#     declared-level-met:
#       says: Every metric of the instructions for use is at its declared level at the worse end of its interval.
#       at: [validation, canary]
#       only: law-scope
#       reads: [instructions-for-use, validation-run]
#     live-accuracy-at-declared-level:
#       says: The accuracy measured in operation is at the declared level.
#       at: [operation]
#       only: law-scope
#       reads: [instructions-for-use, telemetry-series]
#   frameworks:
#     eu-ai-act: ["15(1)", "15(3)"]
#     nist-ai-rmf: ["MEASURE 2.3", "MEASURE 2.5"]
#     iso-42001: ["A.6.2.4"]
#     iso-ts-4213: ["Classification performance"]
#   remediation: Improve the model or its data until the lower confidence bound clears the floor in every period.
package controls.performance.PERF_02

import data.lib.metrics
import data.lib.numbers
import data.lib.records

runs := input.evidence["validation-run"]

instructions := input.evidence["instructions-for-use"]

live_accuracy := [series |
	some series in input.evidence["telemetry-series"]
	series.predicate.signal == "accuracy"
]

satisfied contains "primary-metric-above-floor" if {
	count(runs) > 0
	every run in runs {
		records.on_candidate(run)
		primary := run.predicate.primary_metric
		metrics.meets(primary, run.predicate.metrics[primary], data.parameters.min_primary_metric)
	}
}

satisfied contains "floor-in-every-period" if {
	count(runs) > 0
	every run in runs {
		records.on_candidate(run)
		count(run.predicate.periods) > 0
		count(period_starts(run)) == count(run.predicate.periods)
		count(run.predicate.periods) >= data.parameters.min_test_periods
		every period in run.predicate.periods {
			metrics.meets(run.predicate.primary_metric, period.metric, data.parameters.min_primary_metric)
		}
	}
}

satisfied contains "steady-between-periods" if {
	count(runs) > 0
	every run in runs {
		records.on_candidate(run)
		count(run.predicate.periods) > 0
		count(period_values(run)) == count(run.predicate.periods)
		spread(run) <= numbers.micro(data.parameters.max_period_spread)
	}
}

satisfied contains "declared-level-met" if {
	count(instructions) > 0
	count(runs) > 0
	every document in instructions {
		records.on_candidate(document)
		count(document.predicate.declared_level) > 0
		every metric, level in document.predicate.declared_level {
			every run in runs {
				records.on_candidate(run)
				metrics.meets(metric, run.predicate.metrics[metric], level)
			}
		}
	}
}

satisfied contains "live-accuracy-at-declared-level" if {
	count(instructions) > 0
	count(live_accuracy) > 0
	every document in instructions {
		records.on_candidate(document)
		every series in live_accuracy {
			series.predicate.value >= document.predicate.declared_level.accuracy
		}
	}
}

period_starts(run) := {period.period.start | some period in run.predicate.periods}

period_values(run) := [numbers.micro(period.metric.value) | some period in run.predicate.periods]

# The distance between the best and the worst period, in millionths.
spread(run) := max(values) - min(values) if {
	values := period_values(run)
	count(values) > 0
}

findings contains finding if {
	some run in runs
	not records.on_candidate(run)
	some objective in [
		"primary-metric-above-floor", "floor-in-every-period",
		"steady-between-periods", "declared-level-met",
	]
	finding := records.other_artifact(objective, run)
}

findings contains finding if {
	some document in instructions
	not records.on_candidate(document)
	some objective in ["declared-level-met", "live-accuracy-at-declared-level"]
	finding := records.other_artifact(objective, document)
}

findings contains finding if {
	some run in runs
	primary := run.predicate.primary_metric
	estimate := run.predicate.metrics[primary]
	not metrics.meets(primary, estimate, data.parameters.min_primary_metric)
	finding := {
		"objective": "primary-metric-above-floor",
		"message": sprintf("%s does not clear its floor at the worse end of its interval", [primary]),
		"evidence": run.id,
		"observed": estimate,
		"expected": data.parameters.min_primary_metric,
		"path": sprintf("metrics.%s", [primary]),
	}
}

findings contains finding if {
	some run in runs
	primary := run.predicate.primary_metric
	not run.predicate.metrics[primary]
	finding := {
		"objective": "primary-metric-above-floor",
		"message": sprintf("the run did not measure its primary metric %s", [primary]),
		"gap": true,
		"evidence": run.id,
		"path": "metrics",
	}
}

findings contains finding if {
	some run in runs
	count(run.predicate.periods) < data.parameters.min_test_periods
	finding := {
		"objective": "floor-in-every-period",
		"message": sprintf("the run covers %d test periods, too few to judge", [count(run.predicate.periods)]),
		"gap": true,
		"evidence": run.id,
		"observed": count(run.predicate.periods),
		"expected": data.parameters.min_test_periods,
		"path": "periods",
	}
}

findings contains finding if {
	some run in runs
	count(period_starts(run)) < count(run.predicate.periods)
	finding := {
		"objective": "floor-in-every-period",
		"message": "two test periods of the run begin at the same instant",
		"evidence": run.id,
		"path": "periods",
	}
}

findings contains finding if {
	some run in runs
	some period in run.predicate.periods
	not metrics.meets(run.predicate.primary_metric, period.metric, data.parameters.min_primary_metric)
	finding := {
		"objective": "floor-in-every-period",
		"message": sprintf(
			"%s does not clear its floor in the period from %s",
			[run.predicate.primary_metric, period.period.start],
		),
		"evidence": run.id,
		"observed": period.metric,
		"expected": data.parameters.min_primary_metric,
		"path": "periods",
	}
}

findings contains finding if {
	some run in runs
	count(run.predicate.periods) == 0
	finding := {
		"objective": "steady-between-periods",
		"message": "the run has no test period",
		"gap": true,
		"evidence": run.id,
		"path": "periods",
	}
}

findings contains finding if {
	some run in runs
	spread(run) > numbers.micro(data.parameters.max_period_spread)
	finding := {
		"objective": "steady-between-periods",
		"message": "the primary metric differs too much between the test periods",
		"evidence": run.id,
		"observed": sort([period.metric.value | some period in run.predicate.periods]),
		"expected": data.parameters.max_period_spread,
		"path": "periods",
	}
}

findings contains finding if {
	some document in instructions
	count(document.predicate.declared_level) == 0
	finding := {
		"objective": "declared-level-met",
		"message": "the instructions for use declare no level of accuracy",
		"evidence": document.id,
		"path": "declared_level",
	}
}

findings contains finding if {
	some document in instructions
	some metric, level in document.predicate.declared_level
	some run in runs
	estimate := run.predicate.metrics[metric]
	not metrics.meets(metric, estimate, level)
	finding := {
		"objective": "declared-level-met",
		"message": sprintf("%s is not at the level that the instructions for use declare", [metric]),
		"evidence": run.id,
		"observed": estimate,
		"expected": level,
		"path": sprintf("metrics.%s", [metric]),
	}
}

findings contains finding if {
	some document in instructions
	some metric, _ in document.predicate.declared_level
	some run in runs
	not run.predicate.metrics[metric]
	finding := {
		"objective": "declared-level-met",
		"message": sprintf("the run did not measure %s, for which a level is declared", [metric]),
		"gap": true,
		"evidence": run.id,
		"path": "metrics",
	}
}

findings contains finding if {
	some document in instructions
	not document.predicate.declared_level.accuracy
	finding := {
		"objective": "live-accuracy-at-declared-level",
		"message": "the instructions for use declare no level of accuracy",
		"evidence": document.id,
		"path": "declared_level",
	}
}

findings contains finding if {
	count(live_accuracy) == 0
	finding := {
		"objective": "live-accuracy-at-declared-level",
		"message": "no current telemetry carries the signal accuracy",
		"gap": true,
		"path": "signal",
	}
}

findings contains finding if {
	some document in instructions
	some series in live_accuracy
	series.predicate.value < document.predicate.declared_level.accuracy
	finding := {
		"objective": "live-accuracy-at-declared-level",
		"message": "the live accuracy is below the declared level",
		"evidence": series.id,
		"observed": series.predicate.value,
		"expected": document.predicate.declared_level.accuracy,
		"path": "value",
	}
}
