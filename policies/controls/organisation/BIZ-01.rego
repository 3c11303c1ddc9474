# METADATA
# title: Business indicator linked to model metric
# description: >-
#   Every business indicator that is tied to a model metric has a baseline and a target, and there is one before the system
#   is registered. In production an alert rule that is on watches an indicator that the organisation counts as a business
#   outcome; one that names none has not said what it wants.
# custom:
#   severity: minor
#   basis: policy
#   gates: [registration, production]
#   evidence: [alert-rule, kpi-report]
#   parameters: [business_kpis]
#   objectives:
#     metric-linked:
#       says: A model metric is tied to a business indicator with baseline and target.
#       at: [registration]
#       covers: [S1.M1.1, S4.M1.2]
#       reads: [kpi-report]
#     outcome-watched: {says: An alert rule watches a business outcome., at: [production], covers: [S2.M1.6]}
#   may_differ:
#     kpi-report.baseline: that there is a baseline is asked and no certain one
#     kpi-report.target: that there is a target is asked and no certain one
#   may_stand_beside:
#     kpi-report.kpi: another indicator takes nothing away
#     kpi-report.model_metric: an indicator that is tied to no metric takes nothing away
#     alert-rule.signal: a rule on another signal takes nothing away
#   frameworks: {nist-ai-rmf: ["MAP 1.1", "MAP 3.1"], iso-42001: ["A.6.1.2"]}
#   remediation: Tie the model metric to a business indicator with baseline and target.
package controls.organisation.BIZ_01

import data.lib.findings as say
import data.lib.records

indicators := input.evidence["kpi-report"]

rules := input.evidence["alert-rule"]

linked := [indicator | some indicator in indicators; records.named(indicator.predicate.model_metric)]

satisfied contains "metric-linked" if {
	count(linked) > 0
	every indicator in linked {
		measurable(indicator)
	}
}

measurable(indicator) if {
	is_number(indicator.predicate.baseline)
	is_number(indicator.predicate.target)
}

satisfied contains "outcome-watched" if {
	some indicator in indicators
	indicator.predicate.kpi in data.parameters.business_kpis
	watched(indicator.predicate.kpi)
}

watched(kpi) if {
	on := [rule.predicate.enabled | some rule in rules; rule.predicate.signal == kpi]
	count(on) > 0
	every state in on {
		state
	}
}

findings contains say.none("metric-linked", "model_metric", "no business indicator is tied to a model metric") if count(linked) == 0

findings contains say.gap("metric-linked", indicator, "target", "the indicator has no baseline or no target") if {
	some indicator in linked
	not measurable(indicator)
}

findings contains say.none("outcome-watched", "evidence/alert-rule", "no alert rule that is on watches a business outcome that the organisation names") if {
	not any_watched
}

any_watched if {
	some indicator in indicators
	indicator.predicate.kpi in data.parameters.business_kpis
	watched(indicator.predicate.kpi)
}
