# METADATA
# title: Accuracy and latency limits met together
# description: >-
#   Every run on the target hardware meets the level of its primary metric and the limit of latency together, each at the
#   worse end of its interval. Which hardware is the target is the organisation's word (target_hardware); where it names
#   none, whatever a run names counts. A metric that is no share needs a level of its own in metric_bounds, as in PERF-02.
# custom:
#   severity: major
#   basis: policy
#   gates: [validation]
#   evidence: {validation-run: measured}
#   parameters: [max_latency_p95_ms, metric_bounds, min_primary_metric, target_hardware]
#   objectives:
#     limits-met-together: {says: "A run on the target hardware meets the limits of accuracy and latency together, and none fails them.", covers: [S2.M1.1]}
#   may_be_empty: {parameters.target_hardware: where the organisation names no target whatever a run names counts}
#   may_stand_beside: {validation-run.hardware: a run on other hardware says nothing of the target}
#   frameworks: {nist-ai-rmf: ["MEASURE 2.3", "MEASURE 2.5"], iso-42001: ["A.6.2.4"], eu-ai-act: ["15(1)"]}
#   remediation: Tune or compress the model until one run meets both limits on the target hardware.
package controls.performance.PERF_06

import data.lib.findings as say
import data.lib.metrics
import data.lib.records

runs := [run | some run in input.evidence["validation-run"]; on_target(run.predicate)]

on_target(run) if run.hardware in data.parameters.target_hardware

on_target(run) if {
	count(data.parameters.target_hardware) == 0
	records.named(run.hardware)
}

satisfied contains "limits-met-together" if {
	count(runs) > 0
	every run in runs {
		accurate(run.predicate)
		quick(run.predicate)
	}
}

accurate(run) if {
	level := metrics.bound(data.parameters.metric_bounds, run.primary_metric, "level", data.parameters.min_primary_metric)
	metrics.meets(run.primary_metric, run.metrics[run.primary_metric], level)
}

quick(run) if metrics.meets("latency_p95", run.latency_ms.p95, data.parameters.max_latency_p95_ms)

findings contains say.none("limits-met-together", "hardware", "no run on the target hardware is recorded") if count(runs) == 0

findings contains say.also(weak, {"observed": run.predicate.primary_metric}) if {
	some run in runs
	not is_accurate(run)
	weak := say.breach("limits-met-together", run, "metrics", "the metric {observed} may be worse than its level")
}

is_accurate(run) if accurate(run.predicate)

findings contains say.also(slow, {"expected": data.parameters.max_latency_p95_ms}) if {
	some run in runs
	not is_quick(run)
	slow := say.breach("limits-met-together", run, "latency_ms", "the latency at the 95th percentile may be above {expected} ms, or was not measured")
}

is_quick(run) if quick(run.predicate)
