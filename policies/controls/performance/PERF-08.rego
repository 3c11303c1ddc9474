# METADATA
# title: Every slice and group meets its floor
# description: >-
#   Results are given for every business slice and protected group, on enough rows, and none trails the overall metric
#   by too much unless every model card or all instructions for use of the candidate declare that limit as
#   "dimension=value"; how far behind a declared limit may lie is bounded as well. A slice is judged by the worse end of
#   its interval against the overall value. Read strictly: a dimension needs two named slices, both lists of dimensions
#   must be filled, every slice of the run counts, also of other dimensions, and a dimension's slices hold nearly all rows
#   of the run. A slice in which the metric is not defined, such as one of a single class, is a gap (PERF-02 stops such a
#   model). What is no share needs bounds of its own in metric_bounds.
# custom:
#   severity: major
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [validation, operation]
#   evidence: {validation-run: measured, model-card: any, instructions-for-use: any}
#   parameters:
#     - business_slices
#     - max_declared_slice_gap
#     - max_excluded_percent
#     - max_slice_gap
#     - max_unknown_group_percent
#     - metric_bounds
#     - min_slice_size
#     - protected_attributes
#   objectives:
#     slices-covered:
#       says: The run gives results by every business slice and protected attribute, for nearly all rows, with no slice undefined.
#       covers: [S1.M3.3]
#       reads: [validation-run]
#     slices-large-enough:
#       says: Each slice has enough rows to judge, and few of them were left out.
#       covers: [S1.M3.3]
#       reads: [validation-run]
#     no-slice-trails:
#       says: No slice trails the overall metric by more than is tolerated, or the limit is declared and bounded.
#       covers: [S1.M3.3]
#   frameworks: {eu-ai-act: ["13(3)(b)(v)", "Annex IV 3"], nist-ai-rmf: ["MEASURE 2.11"], iso-42001: ["A.6.2.4"]}
#   remediation: >-
#     Improve the model on the weak slice or collect more rows of it; or declare it as `dimension=value` under
#     group_limitations of every model card or of all instructions for use, which excuses a larger gap, up to its bound.
package controls.performance.PERF_08

import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers
import data.lib.text

runs := input.evidence["validation-run"]

dimensions := array.concat(data.parameters.business_slices, data.parameters.protected_attributes)

satisfied contains "slices-covered" if {
	count(runs) > 0
	count(data.parameters.business_slices) > 0
	count(data.parameters.protected_attributes) > 0
	count(dimensions) > 0
	every run in runs {
		count(run.predicate.slice_gaps) == 0
		every dimension in dimensions {
			divided(run, dimension)
			whole(run, dimension)
		}
	}
}

satisfied contains "slices-large-enough" if {
	count(runs) > 0
	every run in runs {
		count(run.predicate.slices) > 0
		every slice in run.predicate.slices {
			large_enough(slice)
			metrics.few_left_out(slice.metric.excluded, slice.n, data.parameters.max_excluded_percent)
		}
	}
}

satisfied contains "no-slice-trails" if {
	count(runs) > 0
	every run in runs {
		count(run.predicate.slices) > 0
		every slice in run.predicate.slices {
			acceptable(run, slice)
		}
	}
}

slices_of(run, dimension) := [slice | some slice in run.predicate.slices; slice.dimension == dimension]

# Words that name no group, in small letters and without blanks and marks around them.
no_group := {"", "n/a", "n.a", "na", "nan", "null", "unknown", "undefined", "notknown", "notavailable", "notapplicable"}

# A dimension with one value alone divides nothing, and a placeholder is the name of no slice.
divided(run, dimension) if count(named(run, dimension)) > 1

named(run, dimension) := {slice.value |
	some slice in slices_of(run, dimension)
	not replace(text.lower(text.bare(slice.value)), " ", "") in no_group
}

# Few rows are of unknown group, and of the rows that were not left out few are in no slice.
whole(run, dimension) if {
	counts := run.predicate.row_counts
	numbers.at_most_percent(counts.unknown[dimension], counts.rows, data.parameters.max_unknown_group_percent)
	unsliced := ((counts.rows - counts.excluded) - counts.abstained) - sum([slice.n | some slice in slices_of(run, dimension)])
	unsliced >= 0
	numbers.at_most_percent(unsliced, counts.rows, data.parameters.max_unknown_group_percent)
}

large_enough(slice) if {
	slice.n >= data.parameters.min_slice_size
	slice.metric.n >= data.parameters.min_slice_size
}

acceptable(run, slice) if shortfall(run, slice) <= numbers.micro(usual_bound(run))

acceptable(run, slice) if {
	declared(concat("=", [slice.dimension, slice.value]))
	shortfall(run, slice) <= numbers.micro(declared_bound(run))
}

# How far a slice may trail, in the unit of the metric.
bound(run, slice) := declared_bound(run) if declared(concat("=", [slice.dimension, slice.value]))

bound(run, slice) := usual_bound(run) if not declared(concat("=", [slice.dimension, slice.value]))

usual_bound(run) := metrics.bound(data.parameters.metric_bounds, run.predicate.primary_metric, "slice_gap", data.parameters.max_slice_gap)

declared_bound(run) := metrics.bound(data.parameters.metric_bounds, run.predicate.primary_metric, "declared_slice_gap", data.parameters.max_declared_slice_gap)

# All documents of the kind declare it: one that is silent stands against those that do.
declared(limit) if {
	some type in ["model-card", "instructions-for-use"]
	count(input.evidence[type]) > 0
	every document in input.evidence[type] {
		limit in document.predicate.group_limitations
	}
}

# How far the worse end of the slice lies behind the overall value, in millionths.
shortfall(run, slice) := numbers.micro(overall(run)) - numbers.micro(slice.metric.ci_low) if {
	metrics.credible(run.predicate.primary_metric, slice.metric)
	metrics.more_is_better(run.predicate.primary_metric)
}

shortfall(run, slice) := numbers.micro(slice.metric.ci_high) - numbers.micro(overall(run)) if {
	metrics.credible(run.predicate.primary_metric, slice.metric)
	metrics.less_is_better(run.predicate.primary_metric)
}

gaps_told(run) if is_array(run.predicate.slice_gaps)

label(slice) := {"dimension": slice.dimension, "slice": slice.value}

overall(run) := run.predicate.metrics[run.predicate.primary_metric].value

findings contains say.also(undivided, {"values": {"dimension": dimension}}) if {
	some run in runs
	some dimension in dimensions
	not divided(run, dimension)
	undivided := say.gap("slices-covered", run, "slices", "the run has no two slices by {dimension}")
}

findings contains say.also(partial, {"values": {"dimension": dimension}}) if {
	some run in runs
	some dimension in dimensions
	not whole(run, dimension)
	partial := say.gap("slices-covered", run, "slices", "the slices by {dimension} do not hold the rows of the run: one is absent, or too many rows are of none")
}

findings contains say.also(undefined, {"observed": gap.n, "values": label(gap)}) if {
	some run in runs
	some gap in run.predicate.slice_gaps
	undefined := say.gap("slices-covered", run, "slice_gaps", "the primary metric is not defined in {dimension}={slice}, of {observed} rows")
}

findings contains say.gap("slices-covered", run, "slice_gaps", "the run does not say in which slices the primary metric is not defined") if {
	some run in runs
	not gaps_told(run)
}

findings contains say.gap(objective, run, "slices", "the run has no slice") if {
	some run in runs
	count(run.predicate.slices) == 0
	some objective in ["slices-large-enough", "no-slice-trails"]
}

findings contains say.also(small, {"observed": rows, "expected": data.parameters.min_slice_size, "values": label(slice)}) if {
	some run in runs
	some slice in run.predicate.slices
	not large_enough(slice)
	rows := min([slice.n, slice.metric.n])
	small := say.gap("slices-large-enough", run, "slices", "the slice {dimension}={slice} has {observed} rows, and it takes {expected} to judge it")
}

findings contains say.also(partial, {"observed": slice.metric.excluded, "values": label(slice)}) if {
	some run in runs
	some slice in run.predicate.slices
	not metrics.few_left_out(slice.metric.excluded, slice.n, data.parameters.max_excluded_percent)
	partial := say.gap("slices-large-enough", run, "slices", "too many rows of the slice {dimension}={slice} were left out: {observed}")
}

findings contains say.also(weak, {"gap": slice.n < data.parameters.min_slice_size, "observed": seen, "expected": limit, "values": label(slice)}) if {
	some run in runs
	some slice in run.predicate.slices
	not acceptable(run, slice)
	seen := {"all rows": overall(run), "slice": slice.metric}
	limit := bound(run, slice)
	weak := say.breach("no-slice-trails", run, "slices", "the slice {dimension}={slice} may trail the value over all rows by more than {expected}: {observed}")
}

findings contains say.also(unbounded, {"values": {"metric": run.predicate.primary_metric}}) if {
	some run in runs
	some slice in run.predicate.slices
	not bound(run, slice)
	unbounded := say.breach("no-slice-trails", run, "primary_metric", "metric_bounds does not say how far a slice may trail by {metric}")
}

findings contains say.also(unmeasured, {"values": {"metric": run.predicate.primary_metric}}) if {
	some run in runs
	not overall(run)
	unmeasured := say.gap("no-slice-trails", run, "metrics", "the run did not measure its primary metric {metric}")
}
