# METADATA
# title: Every slice and group meets its floor
# description: >-
#   Results are given for every business slice and protected group, on enough rows, and none trails the overall metric
#   by too much unless the model card or the instructions for use of the candidate declare that limit as
#   "dimension=value". A slice is judged by the worse end of its interval against the overall value. Read strictly: a
#   dimension needs two slices, both lists of dimensions must be filled, and every slice of the run counts, also of
#   other dimensions.
# custom:
#   severity: major
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [validation, operation]
#   evidence:
#     validation-run: measured
#     model-card: any
#     instructions-for-use: any
#   parameters: [business_slices, max_slice_gap, min_slice_size, protected_attributes]
#   objectives:
#     slices-covered:
#       says: The run gives results by every business slice and every protected attribute.
#       covers: [S1.M3.3]
#       reads: [validation-run]
#     slices-large-enough:
#       says: Each slice has enough rows to judge.
#       covers: [S1.M3.3]
#       reads: [validation-run]
#     no-slice-trails:
#       says: No slice trails the overall metric by more than is tolerated, or the limit is declared.
#       covers: [S1.M3.3]
#   frameworks:
#     eu-ai-act: ["13(3)(b)(v)", "Annex IV 3"]
#     nist-ai-rmf: ["MEASURE 2.11"]
#     iso-42001: ["A.6.2.4"]
#   remediation: "Improve the weak slice, collect more of it, or declare the limitation."
package controls.performance.PERF_08

import data.lib.metrics
import data.lib.numbers
import data.lib.records

runs := input.evidence["validation-run"]

dimensions := array.concat(data.parameters.business_slices, data.parameters.protected_attributes)

# What the documents of the candidate declare: "dimension=value".
declared_limits := by_card | by_instructions

by_card := {limit |
	some card in input.evidence["model-card"]
	records.on_candidate(card)
	some limit in card.predicate.group_limitations
}

by_instructions := {limit |
	some document in input.evidence["instructions-for-use"]
	records.on_candidate(document)
	some limit in document.predicate.group_limitations
}

satisfied contains "slices-covered" if {
	count(runs) > 0
	count(data.parameters.business_slices) > 0
	count(data.parameters.protected_attributes) > 0
	count(dimensions) > 0
	every run in runs {
		records.on_candidate(run)
		every dimension in dimensions {
			divided(run, dimension)
		}
	}
}

satisfied contains "slices-large-enough" if {
	count(runs) > 0
	every run in runs {
		records.on_candidate(run)
		count(run.predicate.slices) > 0
		every slice in run.predicate.slices {
			large_enough(slice)
		}
	}
}

satisfied contains "no-slice-trails" if {
	count(runs) > 0
	every run in runs {
		records.on_candidate(run)
		count(run.predicate.slices) > 0
		every slice in run.predicate.slices {
			acceptable(run, slice)
		}
	}
}

# A dimension with one value alone divides nothing.
divided(run, dimension) if {
	values := {slice.value | some slice in run.predicate.slices; slice.dimension == dimension}
	count(values) > 1
}

large_enough(slice) if {
	slice.n >= data.parameters.min_slice_size
	slice.metric.n >= data.parameters.min_slice_size
}

acceptable(run, slice) if shortfall(run, slice) <= numbers.micro(data.parameters.max_slice_gap)

acceptable(_, slice) if label(slice) in declared_limits

label(slice) := sprintf("%s=%s", [slice.dimension, slice.value])

# How far the worse end of the slice lies behind the overall value, in millionths.
shortfall(run, slice) := numbers.micro(overall(run)) - numbers.micro(slice.metric.ci_low) if {
	run.predicate.primary_metric in metrics.more_is_better
}

shortfall(run, slice) := numbers.micro(slice.metric.ci_high) - numbers.micro(overall(run)) if {
	run.predicate.primary_metric in metrics.less_is_better
}

overall(run) := run.predicate.metrics[run.predicate.primary_metric].value

findings contains finding if {
	some run in runs
	not records.on_candidate(run)
	some objective in ["slices-covered", "slices-large-enough", "no-slice-trails"]
	finding := records.other_artifact(objective, run)
}

findings contains finding if {
	some run in runs
	some dimension in dimensions
	not divided(run, dimension)
	finding := {
		"objective": "slices-covered",
		"message": sprintf("the run has no two slices by %s", [dimension]),
		"gap": true,
		"evidence": run.id,
		"expected": dimension,
		"path": "slices",
	}
}

findings contains finding if {
	some run in runs
	count(run.predicate.slices) == 0
	some objective in ["slices-large-enough", "no-slice-trails"]
	finding := {
		"objective": objective,
		"message": "the run has no slice",
		"gap": true,
		"evidence": run.id,
		"path": "slices",
	}
}

findings contains finding if {
	some run in runs
	some slice in run.predicate.slices
	not large_enough(slice)
	finding := {
		"objective": "slices-large-enough",
		"message": sprintf("the slice %s is too small to judge", [label(slice)]),
		"gap": true,
		"evidence": run.id,
		"observed": min([slice.n, slice.metric.n]),
		"expected": data.parameters.min_slice_size,
		"path": "slices",
	}
}

findings contains finding if {
	some run in runs
	some slice in run.predicate.slices
	not acceptable(run, slice)
	finding := {
		"objective": "no-slice-trails",
		"message": sprintf("the slice %s may trail the overall %s by too much", [label(slice), run.predicate.primary_metric]),
		"gap": slice.n < data.parameters.min_slice_size,
		"evidence": run.id,
		"observed": {"overall": overall(run), "slice": slice.metric},
		"expected": data.parameters.max_slice_gap,
		"path": "slices",
	}
}

findings contains finding if {
	some run in runs
	not overall(run)
	finding := {
		"objective": "no-slice-trails",
		"message": sprintf("the run did not measure its primary metric %s", [run.predicate.primary_metric]),
		"gap": true,
		"evidence": run.id,
		"path": "metrics",
	}
}
