# METADATA
# title: Adoption and realised business effect measured
# description: >-
#   In operation an accepted method showed, on enough cases and at its lower end, what the system changed; outputs go together
#   with outcomes; a dashboard shows a business outcome; uptake is reported, with actions where it falls short; and uptake and
#   task time are compared from before and after the day on which the inventory says that the system went live. Of the
#   organisation, the return of every system rests on what it cost and what it brought. Indicators are told so that more is
#   better. All figures are those of the tools that report them; how a return is computed from them is the word of the portfolio tool.
# custom:
#   severity: minor
#   basis: policy
#   gates: [operation, portfolio]
#   evidence: [capacity-cost-report, kpi-report, portfolio-report, registry-entry]
#   parameters:
#     - adoption_report_days
#     - business_kpis
#     - causal_methods
#     - kpi_refresh_days
#     - min_business_effect
#     - min_experiment_size
#     - min_outcome_correlation
#   objectives:
#     effect-shown: {says: An accepted method showed the effect., at: [operation], covers: [S0.M8.1], reads: [kpi-report]}
#     outcomes-related: {says: Outputs go together with outcomes., at: [operation], covers: [S1.M7.2], reads: [kpi-report]}
#     outcome-shown: {says: A dashboard shows a business outcome., at: [operation], covers: [S2.M5.6], reads: [kpi-report]}
#     uptake-reported: {says: "Uptake is reported, with actions where it falls short.", at: [operation], covers: [S0.M7.8], reads: [kpi-report]}
#     before-and-after:
#       says: Uptake and task time are compared from before and after the system went live.
#       at: [operation]
#       covers: [S1.M6.8]
#       reads: [kpi-report, registry-entry]
#     returns-added:
#       says: The return of every system rests on what it cost and what it brought.
#       at: [portfolio]
#       covers: [S1.M9.8]
#       reads: [capacity-cost-report, kpi-report, portfolio-report]
#   may_be_empty:
#     kpi-report.actions: uptake that reaches its target needs no action
#     kpi-report.method: an indicator without a method shows no effect
#   may_be_false: {kpi-report.target: a target may lie below 0}
#   may_differ:
#     capacity-cost-report.spend: that the cost is known is asked and no certain one
#     kpi-report.baseline_at: any day before the system went live is as good
#     kpi-report.actual: that what it brought is known is asked where no target is set
#     portfolio-report.cumulative_return: that the return is told is asked and no certain one
#   may_stand_beside:
#     kpi-report.kpi: another indicator takes nothing away
#     kpi-report.issued_at: an older report of another indicator takes nothing away
#     kpi-report.model_metric: an indicator that is tied to no metric takes nothing away
#     kpi-report.method: an indicator without an accepted method shows no effect and takes none away
#     kpi-report.system: the indicator of another system takes nothing away
#     capacity-cost-report.unit: the cost of another unit takes nothing away
#   frameworks: {nist-ai-rmf: ["MAP 1.1", "MAP 3.1"], iso-42001: ["A.6.1.2"]}
#   remediation: Measure adoption and effect with an accepted method and act on shortfalls.
package controls.organisation.BIZ_03

import data.lib.findings as say
import data.lib.numbers
import data.lib.records
import data.lib.time as calendar

indicators := input.evidence["kpi-report"]

entries := input.evidence["registry-entry"]

portfolios := input.evidence["portfolio-report"]

costs := input.evidence["capacity-cost-report"]

causal := [indicator | some indicator in indicators; indicator.predicate.method in data.parameters.causal_methods]

satisfied contains "effect-shown" if {
	count(causal) > 0
	every indicator in causal {
		shown(indicator)
	}
}

shown(indicator) if {
	indicator.predicate.sample_size >= data.parameters.min_experiment_size
	numbers.micro(indicator.predicate.effect_low) >= numbers.micro(data.parameters.min_business_effect)
}

linked := [indicator | some indicator in indicators; records.named(indicator.predicate.model_metric)]

satisfied contains "outcomes-related" if {
	count(linked) > 0
	every indicator in linked {
		related(indicator)
	}
}

related(indicator) if numbers.micro(indicator.predicate.link_strength) >= numbers.micro(data.parameters.min_outcome_correlation)

satisfied contains "outcome-shown" if {
	some indicator in indicators
	on_dashboard(indicator)
}

on_dashboard(indicator) if {
	indicator.predicate.kpi in data.parameters.business_kpis
	indicator.predicate.dashboard_ref
	calendar.within_days(indicator.issued_at, data.parameters.kpi_refresh_days, input.now)
}

of_kind(kpi) := [indicator | some indicator in indicators; indicator.predicate.kpi == kpi]

satisfied contains "uptake-reported" if {
	count(of_kind("adoption")) > 0
	every indicator in of_kind("adoption") {
		calendar.within_days(indicator.issued_at, data.parameters.adoption_report_days, input.now)
		acted(indicator)
	}
}

acted(indicator) if indicator.predicate.actual >= indicator.predicate.target

acted(indicator) if {
	indicator.predicate.actual < indicator.predicate.target
	count(indicator.predicate.actions) > 0
}

satisfied contains "before-and-after" if {
	count(entries) > 0
	every kpi in ["adoption", "task-time"] {
		count(of_kind(kpi)) > 0
		every indicator in of_kind(kpi) {
			every entry in entries {
				spans(indicator, entry)
			}
		}
	}
}

spans(indicator, entry) if {
	indicator.predicate.baseline_at < entry.predicate.first_placed_on
	entry.predicate.first_placed_on < indicator.predicate.actual_at
}

satisfied contains "returns-added" if {
	count(portfolios) > 0
	every portfolio in portfolios {
		count(portfolio.predicate.systems) > 0
		every system in portfolio.predicate.systems {
			is_number(portfolio.predicate.cumulative_return[system])
			accounted(system)
		}
	}
}

accounted(system) if {
	some cost in costs
	cost.predicate.unit == system
	is_number(cost.predicate.spend)
	some indicator in indicators
	indicator.predicate.system == system
	is_number(indicator.predicate.actual)
}

findings contains say.none("effect-shown", "method", "no indicator shows an effect by an accepted method") if count(causal) == 0

findings contains say.also(weak, {"expected": data.parameters.min_experiment_size}) if {
	some indicator in causal
	not shown(indicator)
	weak := say.breach("effect-shown", indicator, "effect_low", "the experiment has fewer than {expected} cases, or its effect may be too low")
}

findings contains say.none("outcomes-related", "model_metric", "no indicator is tied to a model metric") if count(linked) == 0

findings contains say.also(weak, {"expected": data.parameters.min_outcome_correlation}) if {
	some indicator in linked
	not related(indicator)
	weak := say.breach("outcomes-related", indicator, "link_strength", "outputs and outcomes go together less than {expected}, or nobody looked")
}

findings contains say.none("outcome-shown", "dashboard_ref", "no dashboard shows a business outcome that the organisation names") if {
	count([indicator | some indicator in indicators; on_dashboard(indicator)]) == 0
}

findings contains say.none("uptake-reported", "kpi", "nobody reports the indicator adoption") if count(of_kind("adoption")) == 0

findings contains say.breach("uptake-reported", indicator, "actions", "uptake falls short, or is not known, and no action follows") if {
	some indicator in of_kind("adoption")
	not acted(indicator)
}

findings contains say.also(open, {"values": {"kpi": kpi}}) if {
	some kpi in ["adoption", "task-time"]
	count(of_kind(kpi)) == 0
	open := say.none("before-and-after", "kpi", "nobody reports the indicator {kpi}")
}

findings contains say.gap("before-and-after", indicator, "baseline_at", "the indicator does not span the day on which the system went live, or that day is not known") if {
	some kpi in ["adoption", "task-time"]
	some indicator in of_kind(kpi)
	some entry in entries
	not spans(indicator, entry)
}

findings contains say.also(open, {"values": {"system": system}}) if {
	some portfolio in portfolios
	some system in portfolio.predicate.systems
	not accounted(system)
	open := say.gap("returns-added", portfolio, "cumulative_return", "what {system} cost, or what it brought, is not on file")
}
