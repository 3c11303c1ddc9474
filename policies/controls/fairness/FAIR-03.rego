# METADATA
# title: Fairness holds during rollout
# description: >-
#   Every canary step of this version measured two groups at least of each protected attribute, named `attribute=group`, and
#   all that the audit of its outputs at validation knows, each group and combination of groups with cases enough, and none
#   has an impact ratio below the floor at the lower end of its interval. A step of another version says nothing of this one.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [canary]
#   evidence: {canary-metrics: any, fairness-audit: measured}
#   parameters: [min_confidence, min_group_size, min_impact_ratio, protected_attributes]
#   objectives:
#     attributes-measured: {says: "Every group of every protected attribute that validation knows was measured, two at least.", covers: [S3.M3.6]}
#     groups-large-enough: {says: Each group has enough cases to judge., covers: [S3.M3.6], reads: [canary-metrics]}
#     ratio-above-floor: {says: No group has an impact ratio below the floor., covers: [S3.M3.6], reads: [canary-metrics]}
#   may_differ: {fairness-audit.group_sizes: which groups validation met is asked; FAIR-01 judges whether they were large enough}
#   may_stand_beside:
#     canary-metrics.subject: a step of another version says nothing of this one
#     fairness-audit.audited: an audit of the labels says nothing of the outputs
#   frameworks: {nist-ai-rmf: ["MEASURE 2.11"], eu-ai-act: ["10(2)(g)"]}
#   remediation: Hold the rollout until every group has enough cases and an impact ratio above the floor.
package controls.fairness.FAIR_03

import data.lib.findings as say
import data.lib.metrics
import data.lib.records

steps := [step | some step in input.evidence["canary-metrics"]; records.names_candidate(step)]

audits := [audit | some audit in input.evidence["fairness-audit"]; audit.predicate.audited == "model-outputs"]

met_in_validation(attribute) if {
	count(audits) > 0
	every audit in audits {
		count(metrics.groups_of(audit.predicate.group_sizes, attribute)) > 1
	}
}

# Groups that validation met and the step did not.
left_out(step, attribute) := {group |
	some audit in audits
	some group, _ in metrics.groups_of(audit.predicate.group_sizes, attribute)
	not step.predicate.group_metrics[group]
}

objectives := ["attributes-measured", "groups-large-enough", "ratio-above-floor"]

satisfied contains "attributes-measured" if {
	count(steps) > 0
	count(audits) > 0
	count(data.parameters.protected_attributes) > 0
	every step in steps {
		every attribute in data.parameters.protected_attributes {
			measured(step, attribute)
			met_in_validation(attribute)
			count(left_out(step, attribute)) == 0
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

findings contains say.none(objective, "evidence/canary-metrics", "no canary step of this version was measured") if {
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
	unfair := say.breach("ratio-above-floor", step, "group_metrics", "the impact ratio of {group} may lie below {expected}, is told with too little confidence, or lies outside 0 to 1")
}

findings contains say.none("attributes-measured", "evidence/fairness-audit", "no audit of the outputs tells which groups there are") if {
	count(audits) == 0
}

findings contains say.also(open, {"values": {"group": group}}) if {
	some step in steps
	some attribute in data.parameters.protected_attributes
	some group in left_out(step, attribute)
	open := say.gap("attributes-measured", step, "group_metrics", "the group {group}, which validation met, was not measured")
}

findings contains say.also(open, {"values": {"attribute": attribute}}) if {
	count(audits) > 0
	some attribute in data.parameters.protected_attributes
	not met_in_validation(attribute)
	open := say.none("attributes-measured", "evidence/fairness-audit", "the audit at validation met fewer than two groups by {attribute}")
}
