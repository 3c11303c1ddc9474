# METADATA
# title: Feature contribution reviewed
# description: >-
#   Every feature that the training run names was ranked, each whose importance may lie below the least one (the lower end
#   of its interval) is marked keep, replace or remove, and the ablation of each group that the organisation names was
#   measured; one that names none has not asked what its sources add. Why a feature is kept is the word of who wrote the plan.
# custom:
#   severity: minor
#   basis: policy
#   gates: [validation]
#   evidence: {explainability-report: measured, training-run: any}
#   parameters: [ablation_groups, min_importance]
#   objectives:
#     features-reviewed: {says: Every feature is ranked and each weak one is marked., covers: [S0.M8.7]}
#     groups-ablated:
#       says: What each group of features adds was measured.
#       covers: [S1.M3.6]
#       reads: [explainability-report]
#   may_differ:
#     explainability-report.feature_actions: whether a weak feature is kept, replaced or removed is for its owners to say
#     explainability-report.ablation_deltas: that a group was taken away is asked, and no least effect of it
#   frameworks: {nist-ai-rmf: ["MEASURE 2.9"], iso-42001: ["A.8.2"], eu-ai-act: ["13"]}
#   remediation: "Mark each weak feature keep, replace or remove, and run the missing ablation: the section drivers of the plan."
package controls.explainability.EXP_03

import data.lib.findings as say
import data.lib.numbers
import data.lib.records

reports := input.evidence["explainability-report"]

trainings := input.evidence["training-run"]

features := {feature | some training in trainings; some feature in training.predicate.features}

satisfied contains "features-reviewed" if {
	count(reports) > 0
	count(features) > 0
	every report in reports {
		records.covers(ranked(report), features)
		count(unmarked(report)) == 0
	}
}

ranked(report) := {item.feature | some item in report.predicate.top_features}

unmarked(report) := [item | some item in report.predicate.top_features; not reviewed(report, item)]

reviewed(_, item) if numbers.micro(at_least(item)) >= numbers.micro(data.parameters.min_importance)

reviewed(report, item) if report.predicate.feature_actions[item.feature] in {"keep", "replace", "remove"}

at_least(item) := item.interval.ci_low

satisfied contains "groups-ablated" if {
	count(reports) > 0
	every report in reports {
		records.covers(object.keys(report.predicate.ablation_deltas), data.parameters.ablation_groups)
	}
}

unknown_groups(report) := {group | some group in data.parameters.ablation_groups} - object.keys(report.predicate.ablation_deltas)

findings contains say.also(unranked, {"values": {"feature": feature}}) if {
	some report in reports
	some feature in features
	not feature in ranked(report)
	unranked := say.gap("features-reviewed", report, "top_features", "the feature {feature} is not ranked")
}

findings contains say.also(weak, {"observed": observed, "expected": data.parameters.min_importance, "values": {"feature": item.feature}}) if {
	some report in reports
	some item in unmarked(report)
	observed := item.importance
	weak := say.breach("features-reviewed", report, "feature_actions", "the feature {feature} may add nothing, and is not marked")
}

findings contains say.none("groups-ablated", "parameters/ablation_groups", "the organisation names no group of features to take away") if {
	count(data.parameters.ablation_groups) == 0
}

findings contains say.also(open, {"values": {"group": group}}) if {
	some report in reports
	some group in unknown_groups(report)
	open := say.gap("groups-ablated", report, "ablation_deltas", "the group {group} was not taken away")
}
