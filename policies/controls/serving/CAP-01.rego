# METADATA
# title: Capacity planned, shared by quota and scaled to traffic
# description: >-
#   Every unit keeps its quota and is provided with what its forecast asks for and some to spare. Every workload in
#   production scales by itself on a signal of its own, up to the forecast of the unit that has its name and some to
#   spare, ahead of demand and with little idle, while latency keeps its target. Read strictly: every unit counts as one
#   that shares accelerators. Forecasts are those of whoever plans.
# custom:
#   severity: minor
#   basis: policy
#   gates: [production, operation, portfolio]
#   evidence: [capacity-cost-report, infra-config, slo-report]
#   parameters: [capacity_headroom, custom_scaling_signals, max_idle_share]
#   objectives:
#     quotas-kept:
#       says: Every unit has a quota and keeps it.
#       at: [operation, portfolio]
#       covers: [S0.M9.6]
#       reads: [capacity-cost-report]
#     demand-provided:
#       says: "Every unit has a forecast, and is provided with more than that."
#       at: [portfolio]
#       covers: [S1.M2.8]
#       reads: [capacity-cost-report]
#     scales-to-peak:
#       says: Every workload scales by itself beyond its forecast peak.
#       at: [production, operation]
#       covers: [S0.M4.5]
#       reads: [capacity-cost-report, infra-config]
#     scales-on-signals:
#       says: "Every workload scales on a signal besides processor load, and latency keeps its target."
#       at: [production, operation]
#       covers: [S4.M2.5]
#       reads: [infra-config, slo-report]
#     scales-ahead:
#       says: "Every workload scales ahead of demand, and little capacity is idle."
#       at: [operation]
#       covers: [S4.M7.5]
#       reads: [capacity-cost-report, infra-config]
#   may_stand_beside:
#     infra-config.environment: a component of another environment serves nobody
#     capacity-cost-report.unit: another unit is judged by its own figures
#     slo-report.objective: a report on another objective says nothing of latency
#   frameworks: {iso-42001: ["A.4.5"]}
#   remediation: Plan capacity from the forecast and scale on the right signal.
package controls.serving.CAP_01

import data.lib.findings as say
import data.lib.numbers

units := input.evidence["capacity-cost-report"]

workloads := [component |
	some component in input.evidence["infra-config"]
	component.predicate.environment == "production"
	not passive(component)
]

passive(component) if component.predicate.kind in {"store", "stream", "router"}

latency := [report | some report in input.evidence["slo-report"]; report.predicate.objective == "latency"]

satisfied contains "quotas-kept" if {
	count(units) > 0
	every unit in units {
		unit.predicate.used >= 0
		unit.predicate.used <= unit.predicate.quota
	}
}

satisfied contains "demand-provided" if {
	count(units) > 0
	every unit in units {
		unit.predicate.forecast > 0
		numbers.at_least_above(unit.predicate.provisioned, unit.predicate.forecast, data.parameters.capacity_headroom)
	}
}

satisfied contains "scales-to-peak" if {
	count(workloads) > 0
	every workload in workloads {
		workload.predicate.scaling_policy.enabled == true
		enough(workload)
	}
}

satisfied contains "scales-on-signals" if {
	count(workloads) > 0
	count(latency) > 0
	every workload in workloads {
		on_signal(workload)
	}
	every report in latency {
		report.predicate.actual >= 0
		report.predicate.actual <= report.predicate.target
	}
}

satisfied contains "scales-ahead" if {
	count(workloads) > 0
	count(units) > 0
	every workload in workloads {
		workload.predicate.scaling_policy.uses_forecast == true
	}
	every unit in units {
		unit.predicate.idle_share <= data.parameters.max_idle_share
	}
}

of_workload(workload) := [unit | some unit in units; unit.predicate.unit == workload.predicate.component]

enough(workload) if {
	count(of_workload(workload)) > 0
	every unit in of_workload(workload) {
		unit.predicate.forecast > 0
		numbers.at_least_above(workload.predicate.scaling_policy.ceiling, unit.predicate.forecast, data.parameters.capacity_headroom)
	}
}

on_signal(workload) if {
	some signal in workload.predicate.scaling_policy.signals
	signal in data.parameters.custom_scaling_signals
}

findings contains say.none(objective, "environment", "no workload in production is known") if {
	count(workloads) == 0
	some objective in ["scales-to-peak", "scales-on-signals", "scales-ahead"]
}

findings contains say.also(over, {"observed": unit.predicate.used, "values": {"unit": unit.predicate.unit}}) if {
	some unit in units
	unit.predicate.used > unit.predicate.quota
	over := say.breach("quotas-kept", unit, "used", "{unit} used {observed}, more than its quota")
}

findings contains say.also(open, {"values": {"component": workload.predicate.component}}) if {
	some workload in workloads
	count(of_workload(workload)) == 0
	open := say.gap("scales-to-peak", workload, "component", "nobody forecast the load of {component}")
}

findings contains say.also(flat, {"values": {"component": workload.predicate.component}}) if {
	some workload in workloads
	not on_signal(workload)
	flat := say.breach("scales-on-signals", workload, "scaling_policy", "{component} does not scale on a signal besides processor load")
}

findings contains say.also(idle, {"observed": unit.predicate.idle_share, "expected": data.parameters.max_idle_share, "values": {"unit": unit.predicate.unit}}) if {
	some unit in units
	unit.predicate.idle_share > data.parameters.max_idle_share
	idle := say.breach("scales-ahead", unit, "idle_share", "a share of {observed} of the capacity of {unit} is idle, {expected} is tolerated")
}
