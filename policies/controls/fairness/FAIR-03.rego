# METADATA
# title: Fairness holds during rollout
# description: >-
#   Every canary step of this version measured two groups at least of each protected attribute, named `attribute=group`,
#   each group and combination of groups with cases enough, and none has an impact ratio below the floor at the lower end of
#   its interval. A step of another version says nothing of this one.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [canary]
#   evidence: [canary-metrics]
#   parameters: [min_confidence, min_group_size, min_impact_ratio, protected_attributes]
#   objectives:
#     attributes-measured: {says: Two groups at least of every protected attribute were measured., covers: [S3.M3.6]}
#     groups-large-enough: {says: Each group has enough cases to judge., covers: [S3.M3.6]}
#     ratio-above-floor: {says: No group has an impact ratio below the floor., covers: [S3.M3.6]}
#   may_stand_beside: {canary-metrics.subject: a step of another version says nothing of this one}
#   frameworks: {nist-ai-rmf: ["MEASURE 2.11"], eu-ai-act: ["10(2)(g)"]}
#   remediation: Hold the rollout until every group has enough cases and an impact ratio above the floor.
package controls.fairness.FAIR_03

import data.lib.findings as say
import data.lib.metrics
import data.lib.records

steps := [step | some step in input.evidence["canary-metrics"]; records.names_candidate(step)]

objectives := ["attributes-measured", "groups-large-enough", "ratio-above-floor"]

satisfied contains "attributes-measured" if {
	count(steps) > 0
	count(data.parameters.protected_attributes) > 0
	every step in steps {
		every attribute in data.parameters.protected_attributes {
			measured(step, attribute)
		}
	}
}

satisfied contains "groups-large-enough" if {
	count(steps) > 0
	every step in steps {
		count(step.predicate.group_metrics) > 0
		every outcome in step.predicate.group_metrics {
			large(outcome)
		}
	}
}

satisfied contains "ratio-above-floor" if {
	count(steps) > 0
	every step in steps {
		count(step.predicate.group_metrics) > 0
		every outcome in step.predicate.group_metrics {
			fair(outcome)
		}
	}
}

measured(step, attribute) if count(metrics.groups_of(step.predicate.group_metrics, attribute)) > 1

# By the cases that were counted, and by those of the estimate.
large(outcome) if {
	outcome.n >= data.parameters.min_group_size
	outcome.impact_ratio.n >= data.parameters.min_group_size
}

fair(outcome) if {
	outcome.impact_ratio.confidence >= data.parameters.min_confidence
	metrics.meets("impact_ratio", outcome.impact_ratio, data.parameters.min_impact_ratio)
}

findings contains say.none(objective, "group_metrics", "no canary step of this version was measured") if {
	count(steps) == 0
	some objective in objectives
}

findings contains say.also(open, {"values": {"attribute": attribute}}) if {
	some step in steps
	some attribute in data.parameters.protected_attributes
	not measured(step, attribute)
	open := say.gap("attributes-measured", step, "group_metrics", "fewer than two groups by {attribute} were measured")
}

findings contains say.gap(objective, step, "group_metrics", "no group was measured") if {
	some step in steps
	count(step.predicate.group_metrics) == 0
	some objective in ["groups-large-enough", "ratio-above-floor"]
}

findings contains say.also(small, {"observed": outcome.n, "expected": data.parameters.min_group_size, "values": {"group": group}}) if {
	some step in steps
	some group, outcome in step.predicate.group_metrics
	not large(outcome)
	small := say.gap("groups-large-enough", step, "group_metrics", "the group {group} has {observed} cases, too few to judge, or its ratio rests on fewer")
}

findings contains say.also(unfair, {"observed": outcome.impact_ratio, "expected": data.parameters.min_impact_ratio, "values": {"group": group}}) if {
	some step in steps
	some group, outcome in step.predicate.group_metrics
	not fair(outcome)
	unfair := say.breach("ratio-above-floor", step, "group_metrics", "the impact ratio of {group} may lie below {expected}, or is told with too little confidence")
}
