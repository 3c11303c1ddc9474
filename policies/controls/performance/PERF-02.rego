# METADATA
# title: "Primary metric meets floor and declared level, steadily"
# description: >-
#   The primary metric clears its level as a whole and in each test period, at the worse end of its interval and on
#   nearly all rows, and differs little between periods; every required test of the plan was passed. Periods lie
#   apart: no instant is in two of them. A slice or period in which the metric is not defined, such as one of a single
#   class, stops the model: silence about a group says nothing good of it. Few test rows are copies of others, and
#   enough are independent cases. What counts as positive, favourable and selected is as in the system's first run, at
#   the usual threshold, or the committed plan argues it and two persons sign an operating-point statement on that
#   plan who neither trained nor built: one of them is not who committed it. For high-risk systems the level that the
#   instructions for use declare is met as well, in the run and in operation, whatever its metric. Where rows count by
#   a weight, the level is cleared with the weights and without, so that nobody gains by choosing them. Each metric has its
#   own direction, range and unit (lib/metrics): a loss needs a ceiling of its own in metric_bounds, 71 is no share,
#   and a metric that the table does not know meets nothing. ISO/IEC TS 4213 is cited for classifiers alone: of a model
#   that answers with a number it says nothing.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [validation, staging, canary, operation]
#   evidence:
#     instructions-for-use: any
#     statement:operating-point: any
#     telemetry-series: any
#     validation-plan: any
#     validation-run: measured
#   parameters:
#     - max_duplicate_percent
#     - max_excluded_percent
#     - max_live_age_days
#     - max_period_spread
#     - metric_bounds
#     - min_confidence
#     - min_live_coverage
#     - min_live_window_days
#     - min_primary_metric
#     - min_test_cases
#     - min_test_periods
#     - usual_decision_threshold
#   objectives:
#     primary-metric-above-floor:
#       says: The primary metric clears its level at the worse end of its interval, on nearly all rows.
#       at: [validation, staging, canary]
#       covers: [S0.M3.4]
#       reads: [validation-run]
#     floor-in-every-period:
#       says: The primary metric clears its level in each test period, and there are enough periods.
#       at: [validation, staging, canary]
#       covers: [S0.M3.4]
#       reads: [validation-run]
#     steady-between-periods:
#       says: The primary metric differs little from one test period to the next.
#       at: [validation, staging, canary]
#       covers: [S0.M3.4]
#       reads: [validation-run]
#     every-slice-defined:
#       says: The metric is defined in every slice and test period, and few rows of each slice were left out.
#       at: [validation, staging, canary]
#       reads: [validation-run]
#     cases-independent:
#       says: Enough rows of the test are independent cases, and few repeat another.
#       at: [validation, staging, canary]
#       reads: [validation-run]
#     cleared-with-weights-too:
#       says: Where rows count by a weight, the metric clears its level with the weights too, and they leave few rows out.
#       at: [validation, staging, canary]
#       reads: [validation-run]
#     operating-point-argued:
#       says: Threshold, label, favourable class and protected columns are the usual ones, or two persons sign for others.
#       at: [validation, staging, canary]
#       reads: [statement:operating-point, validation-run]
#     required-tests-passed:
#       says: Every required test of the plan was run, and the run meets its threshold at the stated confidence.
#       at: [validation, staging]
#       reads: [validation-plan, validation-run]
#     declared-level-met:
#       says: Every metric of the instructions for use is at its declared level at the worse end of its interval.
#       at: [validation, canary]
#       only: law-scope
#       reads: [instructions-for-use, validation-run]
#     live-accuracy-at-declared-level:
#       says: Every declared metric is measured in operation, on enough recent samples, and is at its declared level.
#       at: [operation]
#       only: law-scope
#       reads: [instructions-for-use, telemetry-series]
#   may_be_empty:
#     validation-run.slices: which slices there must be is asked by PERF-08; each that is told must be defined and nearly whole
#     validation-run.operating_point.threshold: a model that gives classes has no threshold
#     validation-run.operating_changes: an empty list says that nothing changed, and what the plan argues may be as before
#   may_stand_beside:
#     validation-plan.digest: a plan that no run follows asks nothing of them; each run is held against the plan that it cites
#     validation-run.plan_digest: a run whose plan was replaced is not held against another plan's tests; EVD-06 asks for the reason of the change
#     statement:operating-point: a statement on another plan argues for no run of this one
#     telemetry-series.signal: a series of another signal says nothing of the declared metric
#   frameworks:
#     eu-ai-act: ["15(1)", "15(3)"]
#     nist-ai-rmf: ["MEASURE 2.3", "MEASURE 2.5"]
#     iso-42001: ["A.6.2.4"]
#     iso-ts-4213: ["Classification performance"]
#   remediation: Improve the model or its data until the worse end of the interval clears the level in every period.
package controls.performance.PERF_02

import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers
import data.lib.records
import data.lib.time

runs := input.evidence["validation-run"]

instructions := input.evidence["instructions-for-use"]

satisfied contains "primary-metric-above-floor" if {
	count(runs) > 0
	every run in runs {
		clears(run, run.predicate.metrics[run.predicate.primary_metric])
		few_left_out(run)
	}
}

satisfied contains "floor-in-every-period" if {
	count(runs) > 0
	every run in runs {
		count(run.predicate.periods) > 0
		count(overlapping(run)) == 0
		count(run.predicate.periods) >= data.parameters.min_test_periods
		every period in run.predicate.periods {
			time.at_least_days_between(period.period.start, period.period.end, 1)
			clears(run, period.metric)
			few_of_period_left_out(period)
		}
	}
}

satisfied contains "steady-between-periods" if {
	count(runs) > 0
	every run in runs {
		count(run.predicate.periods) > 0
		count(period_values(run)) == count(run.predicate.periods)
		spread(run) <= numbers.micro(spread_bound(run))
	}
}

satisfied contains "every-slice-defined" if {
	count(runs) > 0
	every run in runs {
		count(run.predicate.slice_gaps) == 0
		is_array(run.predicate.slices)
		count([slice | some slice in run.predicate.slices; not few_of_slice_left_out(slice)]) == 0
	}
}

satisfied contains "cases-independent" if {
	count(runs) > 0
	every run in runs {
		run.predicate.effective_n >= data.parameters.min_test_cases
		count(run.predicate.metrics) > 0
		every _, estimate in run.predicate.metrics {
			estimate.n <= run.predicate.effective_n
		}
		few_copies(run)
	}
}

satisfied contains "cleared-with-weights-too" if {
	count(runs) > 0
	every run in runs {
		stands_weighted(run)
	}
}

satisfied contains "operating-point-argued" if {
	count(runs) > 0
	every run in runs {
		argued(run)
	}
}

satisfied contains "required-tests-passed" if {
	count(planned) > 0
	every pair in planned {
		count(pair.plan.predicate.required_tests) > 0
		every test in pair.plan.predicate.required_tests {
			passed(pair.run, pair.plan, test)
		}
	}
}

satisfied contains "declared-level-met" if {
	count(instructions) > 0
	count(runs) > 0
	every document in instructions {
		count(document.predicate.declared_level) > 0
		every metric, level in document.predicate.declared_level {
			every run in runs {
				metrics.meets(metric, run.predicate.metrics[metric], level)
				count([weighted | some weighted in with_weights(run, metric); not metrics.meets(metric, weighted, level)]) == 0
			}
		}
	}
}

satisfied contains "live-accuracy-at-declared-level" if {
	count(instructions) > 0
	every document in instructions {
		count(document.predicate.declared_level) > 0
		every metric, level in document.predicate.declared_level {
			count(live(metric)) > 0
			every series in live(metric) {
				well_sampled(series)
				live_at(metric, series, level)
			}
		}
	}
}

# The primary metric of a run, or of a period of it, is at its level, with enough confidence.
clears(run, estimate) if {
	estimate.confidence >= data.parameters.min_confidence
	metrics.meets(run.predicate.primary_metric, estimate, level(run.predicate.primary_metric))
}

# Rows with a gap, and those on which the model abstained.
left_out(run) := run.predicate.row_counts.excluded + run.predicate.row_counts.abstained

few_left_out(run) if numbers.at_most_percent(left_out(run), metrics.rows(run), data.parameters.max_excluded_percent)

few_of_period_left_out(period) if metrics.few_left_out(period.metric.excluded, period.n, data.parameters.max_excluded_percent)

few_of_slice_left_out(slice) if metrics.few_left_out(slice.metric.excluded, slice.n, data.parameters.max_excluded_percent)

few_copies(run) if numbers.at_most_percent(run.predicate.duplicate_rows, metrics.rows(run), data.parameters.max_duplicate_percent)

# Each row counts once. What the plan says of weights is part of its operating point, which two persons sign a change of.
stands_weighted(run) if {
	is_object(run.predicate.operating_point)
	not run.predicate.operating_point.weight
	not run.predicate.weighting
}

# Whoever chooses the weights could let rows count that the model gets right: the metric clears its level without them,
# as asked above, and with them, as asked here. A row of no weight is left out of the weighted number.
stands_weighted(run) if {
	named_in_advance(run)
	weighting := run.predicate.weighting
	clears(run, weighting.metrics[run.predicate.primary_metric])
	weighting.effective_n >= data.parameters.min_test_cases
	count(weighting.metrics) > 0
	every _, estimate in weighting.metrics {
		estimate.n <= weighting.effective_n
	}
	few_weightless(run)
	little_abstained(run)
	count(unweighed(run)) == 0
	count(low_periods(run)) == 0
}

named_in_advance(run) if run.predicate.weighting.column == run.predicate.operating_point.weight

few_weightless(run) if {
	numbers.at_most_percent(run.predicate.weighting.weightless, metrics.rows(run), data.parameters.max_excluded_percent)
}

# The weight of what the model abstained on, in millionths of all weight: few rows may carry much of it.
little_abstained(run) if {
	numbers.at_most_percent(numbers.micro(run.predicate.weighting.abstained_share), 1000000, data.parameters.max_excluded_percent)
}

# Slices that the weighted run is silent about.
unweighed(run) := [slice | some slice in run.predicate.slices; not weighed(run, slice)]

weighed(run, slice) if {
	some group in run.predicate.weighting.groups
	group.dimension == slice.dimension
	group.value == slice.value
	metrics.credible(run.predicate.primary_metric, group.metric)
	group.metric.confidence >= data.parameters.min_confidence
}

# Periods in which the weighted metric does not clear its level, or is not told.
low_periods(run) := [group |
	some group in run.predicate.weighting.groups
	group.dimension == "(period)"
	not period_clears(run, group)
]

period_clears(run, group) if clears(run, group.metric)

with_weights(run, metric) := [estimate | estimate := run.predicate.weighting.metrics[metric]]

# As in the first run of the system, at a threshold that needs no argument, or with an argument that was committed and that
# two persons signed: its author alone could argue for any threshold.
argued(run) if {
	count(run.predicate.operating_changes) == 0
	usual(run.predicate.operating_point)
}

argued(run) if {
	is_array(run.predicate.operating_changes)
	is_object(run.predicate.operating_point)
	records.filled(run.predicate.operating_reason)
	some statement in input.evidence["statement:operating-point"]
	statement.predicate.facts.plan == run.predicate.plan_digest
	records.filled(statement.predicate.facts.reason)
}

usual(point) if point.threshold == data.parameters.usual_decision_threshold

# A model that gives classes has none, and one that gives labels has one for each.
usual(point) if {
	is_object(point)
	not point.threshold
	not point.thresholds
	not of_labels(point)
}

usual(point) if {
	of_labels(point)
	count(point.thresholds) > 0
	every threshold in point.thresholds {
		threshold == data.parameters.usual_decision_threshold
	}
}

of_labels(point) if point.kind == "labels"

# A share of which more is better has a usual floor; what is a loss, or no share, has the level that it is given.
level(metric) := metrics.bound(data.parameters.metric_bounds, metric, "level", data.parameters.min_primary_metric) if {
	metrics.more_is_better(metric)
}

level(metric) := data.parameters.metric_bounds[metric].level if metrics.less_is_better(metric)

# Periods that share an instant with one before them in the list.
overlapping(run) := [period |
	some i, period in run.predicate.periods
	touching := [other | some j, other in run.predicate.periods; j < i; not apart(other, period)]
	count(touching) > 0
]

apart(one, other) if one.period.end <= other.period.start

apart(one, other) if other.period.end <= one.period.start

period_values(run) := [numbers.micro(period.metric.value) | some period in run.predicate.periods]

# The distance between the best and the worst period, in millionths.
spread(run) := max(values) - min(values) if {
	values := period_values(run)
	count(values) > 0
}

spread_bound(run) := metrics.bound(data.parameters.metric_bounds, run.predicate.primary_metric, "spread", data.parameters.max_period_spread)

# What a run of an earlier release does not say.
untold := {
	"row_counts": {"of": "primary-metric-above-floor", "message": "the run does not say how many rows it left out"},
	"slice_gaps": {"of": "every-slice-defined", "message": "the run does not say in which slices the primary metric is not defined"},
	"effective_n": {"of": "cases-independent", "message": "the run does not say how many of its rows are independent cases"},
	"duplicate_rows": {"of": "cases-independent", "message": "the run does not say how many of its rows are copies of others"},
	"operating_point": {"of": "operating-point-argued", "message": "the run does not say what it called positive, favourable and selected"},
	"operating_changes": {"of": "operating-point-argued", "message": "the run does not say whether its operating point is that of the first run"},
}

# Runs with the plan that they cite. A run whose plan was replaced is not held against the tests of another one.
planned := [{"run": run, "plan": plan} |
	some run in runs
	some plan in input.evidence["validation-plan"]
	plan.digest == run.predicate.plan_digest
]

# The run's own word is not enough: its number meets the threshold of the plan, which looks the way of its metric.
passed(run, plan, test) if {
	bounded(plan, test)
	result := run.predicate.test_results[test]
	result.passed == true
	threshold := plan.predicate.thresholds[test]
	result.observed.confidence >= threshold.confidence
	metrics.meets(metrics.measure(test), result.observed, threshold.value)
}

bounded(plan, test) if plan.predicate.thresholds[test].op == metrics.side(metrics.measure(test))

live(metric) := [series |
	some series in input.evidence["telemetry-series"]
	series.predicate.signal == metric
]

well_sampled(series) if {
	series.predicate.coverage >= data.parameters.min_live_coverage
	time.at_least_days_between(series.predicate.window.start, series.predicate.window.end, data.parameters.min_live_window_days)
	series.predicate.window.end <= input.now
	time.within_days(series.predicate.last_sample_at, data.parameters.max_live_age_days, input.now)
}

live_at(metric, series, level) if {
	value := series.predicate.value
	metrics.meets(metric, {"value": value, "ci_low": value, "ci_high": value}, level)
}

findings contains say.also(unset, {"values": {"metric": run.predicate.primary_metric}}) if {
	some run in runs
	not level(run.predicate.primary_metric)
	unset := say.breach("primary-metric-above-floor", run, "primary_metric", "no level is set for the primary metric {metric}, or its direction is not known")
}

findings contains say.also(below, {"observed": estimate, "expected": expected, "values": {"metric": primary}}) if {
	some run in runs
	primary := run.predicate.primary_metric
	estimate := run.predicate.metrics[primary]
	expected := level(primary)
	not clears(run, estimate)
	below := say.breach("primary-metric-above-floor", run, "metrics", "{metric} does not clear its level at the worse end of an interval of enough confidence")
}

findings contains say.also(partial, {"observed": rows}) if {
	some run in runs
	rows := left_out(run)
	not few_left_out(run)
	partial := say.gap("primary-metric-above-floor", run, "row_counts", "too many rows were left out of the run: {observed}")
}

findings contains say.also(unmeasured, {"values": {"metric": run.predicate.primary_metric}}) if {
	some run in runs
	not run.predicate.metrics[run.predicate.primary_metric]
	unmeasured := say.gap("primary-metric-above-floor", run, "metrics", "the run did not measure its primary metric {metric}")
}

findings contains say.also(few, {"observed": count(run.predicate.periods), "expected": data.parameters.min_test_periods}) if {
	some run in runs
	count(run.predicate.periods) < max([1, data.parameters.min_test_periods])
	few := say.gap("floor-in-every-period", run, "periods", "the run covers {observed} test periods, too few to judge")
}

findings contains say.also(twice, {"observed": start}) if {
	some run in runs
	some period in overlapping(run)
	start := period.period.start
	twice := say.breach("floor-in-every-period", run, "periods", "the test period from {observed} overlaps another")
}

findings contains say.also(brief, {"observed": period.period.start}) if {
	some run in runs
	some period in run.predicate.periods
	period.period.end < time.add_days(period.period.start, 1)
	brief := say.breach("floor-in-every-period", run, "periods", "the test period from {observed} is shorter than a day")
}

findings contains say.also(below, {"observed": period.metric, "expected": expected, "values": {"metric": primary, "start": period.period.start}}) if {
	some run in runs
	some period in run.predicate.periods
	primary := run.predicate.primary_metric
	expected := level(primary)
	not clears(run, period.metric)
	below := say.breach("floor-in-every-period", run, "periods", "{metric} does not clear its level in the period from {start}")
}

findings contains say.also(partial, {"observed": period.metric.excluded, "values": {"start": period.period.start}}) if {
	some run in runs
	some period in run.predicate.periods
	not few_of_period_left_out(period)
	partial := say.gap("floor-in-every-period", run, "periods", "too many rows of the period from {start} were left out: {observed}")
}

findings contains say.gap("steady-between-periods", run, "periods", "the run has no test period") if {
	some run in runs
	count(run.predicate.periods) == 0
}

findings contains say.also(unsteady, {"observed": values, "expected": spread_bound(run)}) if {
	some run in runs
	spread(run) > numbers.micro(spread_bound(run))
	values := sort([period.metric.value | some period in run.predicate.periods])
	unsteady := say.breach("steady-between-periods", run, "periods", "the primary metric differs too much between the test periods")
}

findings contains say.also(undefined, {"observed": gap.n, "values": {"dimension": gap.dimension, "slice": gap.value}}) if {
	some run in runs
	some gap in run.predicate.slice_gaps
	undefined := say.gap("every-slice-defined", run, "slice_gaps", "the primary metric is not defined in {dimension}={slice}, of {observed} rows")
}

findings contains say.also(partial, {"observed": slice.metric.excluded, "values": {"dimension": slice.dimension, "slice": slice.value}}) if {
	some run in runs
	some slice in run.predicate.slices
	not few_of_slice_left_out(slice)
	partial := say.gap("every-slice-defined", run, "slices", "too many rows of the slice {dimension}={slice} were left out: {observed}")
}

findings contains say.also(few, {"observed": cases, "expected": data.parameters.min_test_cases}) if {
	some run in runs
	cases := run.predicate.effective_n
	cases < data.parameters.min_test_cases
	few := say.gap("cases-independent", run, "effective_n", "the run rests on {observed} independent cases, {expected} are asked for")
}

findings contains say.also(copied, {"observed": rows, "expected": data.parameters.max_duplicate_percent}) if {
	some run in runs
	rows := run.predicate.duplicate_rows
	not few_copies(run)
	copied := say.breach("cases-independent", run, "duplicate_rows", "{observed} rows of the test data are copies of others, more than {expected} in a hundred")
}

findings contains say.also(short, {"observed": cases, "values": {"metric": metric}}) if {
	some run in runs
	cases := run.predicate.effective_n
	some metric, estimate in run.predicate.metrics
	estimate.n > cases
	short := say.breach("cases-independent", run, "metrics", "the interval of {metric} is that of more cases than the {observed} independent ones")
}

findings contains say.gap("cleared-with-weights-too", run, "operating_point", "the run does not say whether rows count by a weight") if {
	some run in runs
	not run.predicate.operating_point
}

findings contains say.gap("cleared-with-weights-too", run, "weighting", "the plan names a column of weights, and the run tells no number by it") if {
	some run in runs
	is_string(run.predicate.operating_point.weight)
	not run.predicate.weighting
}

findings contains say.also(other, {"observed": column}) if {
	some run in runs
	column := run.predicate.weighting.column
	not named_in_advance(run)
	other := say.breach("cleared-with-weights-too", run, "weighting", "the weights are those of the column {observed}, which the operating point does not name")
}

findings contains say.also(below, {"observed": estimate, "expected": expected, "values": {"metric": primary}}) if {
	some run in runs
	primary := run.predicate.primary_metric
	estimate := run.predicate.weighting.metrics[primary]
	expected := level(primary)
	not clears(run, estimate)
	below := say.breach("cleared-with-weights-too", run, "weighting", "weighted, {metric} does not clear its level")
}

findings contains say.also(unmeasured, {"values": {"metric": primary}}) if {
	some run in runs
	primary := run.predicate.primary_metric
	is_object(run.predicate.weighting)
	not run.predicate.weighting.metrics[primary]
	unmeasured := say.gap("cleared-with-weights-too", run, "weighting", "the run did not measure {metric} with its weights: too few rows carry them")
}

findings contains say.also(few, {"observed": cases, "expected": data.parameters.min_test_cases}) if {
	some run in runs
	cases := run.predicate.weighting.effective_n
	cases < data.parameters.min_test_cases
	few := say.gap("cleared-with-weights-too", run, "weighting", "weighted, the run rests on {observed} independent cases, {expected} are asked for")
}

findings contains say.also(short, {"observed": cases, "values": {"metric": metric}}) if {
	some run in runs
	cases := run.predicate.weighting.effective_n
	some metric, estimate in run.predicate.weighting.metrics
	estimate.n > cases
	short := say.breach("cleared-with-weights-too", run, "weighting", "the weighted interval of {metric} is that of more cases than the {observed} independent ones")
}

findings contains say.also(hidden, {"observed": rows, "expected": data.parameters.max_excluded_percent}) if {
	some run in runs
	rows := run.predicate.weighting.weightless
	not few_weightless(run)
	hidden := say.breach("cleared-with-weights-too", run, "weighting", "{observed} rows have no weight, more than {expected} in a hundred")
}

findings contains say.also(heavy, {"observed": share, "expected": data.parameters.max_excluded_percent}) if {
	some run in runs
	share := run.predicate.weighting.abstained_share
	not little_abstained(run)
	heavy := say.breach("cleared-with-weights-too", run, "weighting", "the model abstained on rows with {observed} of the weight, more than {expected} in a hundred")
}

findings contains say.also(silent, {"values": {"dimension": slice.dimension, "slice": slice.value}}) if {
	some run in runs
	is_object(run.predicate.weighting)
	some slice in unweighed(run)
	silent := say.gap("cleared-with-weights-too", run, "weighting", "weighted, the metric is not told of {dimension}={slice}")
}

findings contains say.also(below, {"values": {"start": group.value}}) if {
	some run in runs
	some group in low_periods(run)
	below := say.breach("cleared-with-weights-too", run, "weighting", "weighted, the metric does not clear its level in the period from {start}")
}

findings contains say.also(below, {"observed": weighted, "expected": declared, "values": {"metric": metric}}) if {
	some document in instructions
	some metric, declared in document.predicate.declared_level
	some run in runs
	some weighted in with_weights(run, metric)
	not metrics.meets(metric, weighted, declared)
	below := say.breach("declared-level-met", run, "weighting", "weighted, {metric} is not at the level that the instructions for use declare")
}

findings contains say.gap(missing.of, run, path, missing.message) if {
	some run in runs
	some path, missing in untold
	not run.predicate[path]
}

findings contains say.also(moved, {"observed": point, "expected": data.parameters.usual_decision_threshold}) if {
	some run in runs
	is_array(run.predicate.operating_changes)
	point := run.predicate.operating_point
	not argued(run)
	moved := say.breach("operating-point-argued", run, "operating_point", "the operating point is not that of the first run at the usual threshold {expected}, and no plan that argues it has an operating-point statement")
}

findings contains say.none("required-tests-passed", "plan_digest", "no run follows a current validation plan") if {
	count(planned) == 0
}

findings contains say.breach("required-tests-passed", plan, "required_tests", "the validation plan asks for no test") if {
	some {"run": _, "plan": plan} in planned
	count(plan.predicate.required_tests) == 0
}

findings contains say.also(failed, {"observed": result.observed, "expected": value, "values": {"test": test}}) if {
	some {"run": run, "plan": plan} in planned
	some test in plan.predicate.required_tests
	result := run.predicate.test_results[test]
	bounded(plan, test)
	value := plan.predicate.thresholds[test].value
	not passed(run, plan, test)
	failed := say.breach("required-tests-passed", run, "test_results", "the required test {test} does not meet its threshold with the confidence that the plan asks for")
}

findings contains say.also(unbounded, {"values": {"test": test}}) if {
	some {"run": run, "plan": plan} in planned
	some test in plan.predicate.required_tests
	run.predicate.test_results[test]
	not bounded(plan, test)
	unbounded := say.breach("required-tests-passed", plan, "thresholds", "the plan sets the required test {test} no threshold on the side on which it is worse")
}

findings contains say.also(untested, {"values": {"test": test}}) if {
	some {"run": run, "plan": plan} in planned
	some test in plan.predicate.required_tests
	not run.predicate.test_results[test]
	untested := say.gap("required-tests-passed", run, "test_results", "the required test {test} has no result")
}

findings contains say.breach(objective, document, "declared_level", "the instructions for use declare no level of accuracy") if {
	some document in instructions
	count(document.predicate.declared_level) == 0
	some objective in ["declared-level-met", "live-accuracy-at-declared-level"]
}

findings contains say.also(below, {"observed": estimate, "expected": declared, "values": {"metric": metric}}) if {
	some document in instructions
	some metric, declared in document.predicate.declared_level
	some run in runs
	estimate := run.predicate.metrics[metric]
	not metrics.meets(metric, estimate, declared)
	below := say.breach("declared-level-met", run, "metrics", "{metric} is not at the level that the instructions for use declare")
}

findings contains say.also(unmeasured, {"values": {"metric": metric}}) if {
	some document in instructions
	some metric, _ in document.predicate.declared_level
	some run in runs
	not run.predicate.metrics[metric]
	unmeasured := say.gap("declared-level-met", run, "metrics", "the run did not measure {metric}, for which a level is declared")
}

findings contains say.also(unseen, {"values": {"metric": metric}}) if {
	some document in instructions
	some metric, _ in document.predicate.declared_level
	count(live(metric)) == 0
	unseen := say.none("live-accuracy-at-declared-level", "evidence/telemetry-series", "no current telemetry carries the signal {metric}, for which a level is declared")
}

findings contains say.also(thin, {"values": {"metric": metric}}) if {
	some document in instructions
	some metric, _ in document.predicate.declared_level
	some series in live(metric)
	not well_sampled(series)
	thin := say.gap("live-accuracy-at-declared-level", series, "window", "the live {metric} rests on too few samples, too short a window or samples too old")
}

findings contains say.also(below, {"observed": series.predicate.value, "expected": declared, "values": {"metric": metric}}) if {
	some document in instructions
	some metric, declared in document.predicate.declared_level
	some series in live(metric)
	not live_at(metric, series, declared)
	below := say.breach("live-accuracy-at-declared-level", series, "value", "the live {metric} is not at the declared level, or is no value of it")
}
