# METADATA
# title: Shadow or hidden launch comparison passed
# description: >-
#   Before any request of a user reached the version, it ran beside the one before on mirrored requests, long enough, over
#   a peak and unseen, agreed with it, was not worse and not slow, and a validation on data of late met the floor. Which
#   came first is told by when the comparison was filed, and by when the validation began, against the first deployment of
#   the version that takes traffic, of those that are on file: a record of one counts for thirty days. Every comparison is
#   asked, of every version, retrained or not.
# custom:
#   severity: major
#   basis: policy
#   gates: [staging, canary]
#   evidence: {approval: any, deployment-record: any, feed-status: any, shadow-comparison: any, validation-run: measured}
#   parameters:
#     - max_latency_p95_ms
#     - max_shadow_regression
#     - metric_bounds
#     - min_primary_metric
#     - min_shadow_agreement
#     - prod_sample_days
#     - shadow_min_hours
#     - shadow_min_requests
#   objectives:
#     agrees-unseen:
#       says: "On enough mirrored requests, before any traffic, the version agreed with the one before and no user saw it."
#       at: [canary]
#       covers: [S0.M5.6, S4.M5.6]
#       reads: [deployment-record, feed-status, shadow-comparison]
#     no-worse-in-shadow:
#       says: "The shadow ran long enough before any traffic, and no metric fell behind."
#       at: [canary]
#       covers: [S1.M3.8, S2.M4.3]
#       reads: [deployment-record, feed-status, shadow-comparison]
#     proven-on-late-data:
#       says: "On data of late the primary metric met its floor, before any traffic."
#       covers: [S2.M4.6]
#       reads: [deployment-record, feed-status, validation-run]
#     shadowed-before-approval:
#       says: The shadow had enough requests before anybody decided on production.
#       at: [canary]
#       covers: [S2.M7.7]
#       reads: [approval, shadow-comparison]
#     peak-carried:
#       says: "The shadow covered a peak, answered in time and reached no user."
#       at: [canary]
#       covers: [S3.M3.4]
#       reads: [shadow-comparison]
#   may_be_empty: {approval: nobody may have decided on production yet}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of deployments
#     validation-run.population_as_of: a run on older data takes nothing away from one on data of late
#   frameworks: {nist-ai-rmf: ["MANAGE 1.1"], iso-42001: ["A.6.2.5"]}
#   remediation: "Run the shadow long enough, over a peak, and close the regression before promoting."
package controls.rollout.DEP_02

import data.lib.deployments
import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers
import data.lib.time as calendar

shadows := input.evidence["shadow-comparison"]

deployed := input.evidence["deployment-record"]

whole if deployments.all_seen(deployed, input.evidence["feed-status"])

# When requests of users first could reach the version.
live := [deployment | some deployment in deployments.of_candidate(deployed); not deployments.idle(deployment)]

before_traffic(at) if count([deployment | some deployment in live; not began_after(deployment, at)]) == 0

began_after(deployment, at) if at < deployment.predicate.started_at

satisfied contains "agrees-unseen" if {
	whole
	count(shadows) > 0
	every shadow in shadows {
		enough(shadow)
		shadow.predicate.agreement.ci_low >= data.parameters.min_shadow_agreement
		shadow.predicate.user_impact == false
		before_traffic(shadow.filed_at)
	}
}

satisfied contains "no-worse-in-shadow" if {
	whole
	count(shadows) > 0
	every shadow in shadows {
		shadow.predicate.duration_hours >= data.parameters.shadow_min_hours
		compares_answers(shadow)
		count(behind(shadow)) == 0
		before_traffic(shadow.filed_at)
	}
}

satisfied contains "proven-on-late-data" if {
	whole
	count(late_runs) > 0
	every run in late_runs {
		clears(run)
		before_traffic(run.predicate.started_at)
	}
}

satisfied contains "shadowed-before-approval" if {
	count(shadows) > 0
	every shadow in shadows {
		enough(shadow)
		count([approval | some approval in for_production; not decided_after(approval, shadow)]) == 0
	}
}

satisfied contains "peak-carried" if {
	count(shadows) > 0
	every shadow in shadows {
		shadow.predicate.peak_window_covered == true
		shadow.predicate.user_impact == false
		metrics.meets("latency_p95", shadow.predicate.candidate_metrics.latency_p95, data.parameters.max_latency_p95_ms)
	}
}

enough(shadow) if shadow.predicate.request_count >= data.parameters.shadow_min_requests

# By something else than how fast it answers.
compares_answers(shadow) if {
	some metric, _ in shadow.predicate.baseline_metrics
	metrics.table[metric].unit != "ms"
}

behind(shadow) := [metric |
	some metric, estimate in shadow.predicate.baseline_metrics
	not keeps_up(metric, shadow.predicate, estimate)
]

# Shares are compared in points, latency is judged by its own limit.
keeps_up(metric, shadow, baseline) if {
	metrics.table[metric].unit == "share"
	metrics.credible(metric, baseline)
	metrics.credible(metric, shadow.candidate_metrics[metric])
	loss(metric, shadow.candidate_metrics[metric], baseline) <= numbers.micro(data.parameters.max_shadow_regression)
}

keeps_up(metric, shadow, baseline) if {
	metrics.table[metric].unit == "ms"
	metrics.credible(metric, baseline)
	metrics.credible(metric, shadow.candidate_metrics[metric])
}

loss(metric, estimate, baseline) := numbers.micro(baseline.value) - numbers.micro(estimate.ci_low) if metrics.more_is_better(metric)

loss(metric, estimate, baseline) := numbers.micro(estimate.ci_high) - numbers.micro(baseline.value) if metrics.less_is_better(metric)

late_runs := [run |
	some run in input.evidence["validation-run"]
	calendar.within_days(calendar.start_of(run.predicate.population_as_of), data.parameters.prod_sample_days, input.now)
]

clears(run) if {
	metric := run.predicate.primary_metric
	level := metrics.bound(data.parameters.metric_bounds, metric, "level", data.parameters.min_primary_metric)
	metrics.meets(metric, run.predicate.metrics[metric], level)
}

for_production := [approval | some approval in input.evidence.approval; not elsewhere(approval)]

elsewhere(approval) if approval.predicate.gate != "production"

decided_after(approval, shadow) if shadow.filed_at < approval.predicate.decided_at

findings contains deployments.gap(objective, deployed, input.evidence["feed-status"]) if {
	not whole
	some objective in ["agrees-unseen", "no-worse-in-shadow", "proven-on-late-data"]
}

findings contains say.none("proven-on-late-data", "evidence/validation-run", "no validation ran on data of late") if count(late_runs) == 0

findings contains say.breach("proven-on-late-data", run, "metrics", "on data of late the primary metric does not meet its floor") if {
	some run in late_runs
	not clears(run)
}

findings contains say.breach("proven-on-late-data", run, "started_at", "users reached the version before the validation ran on data of late") if {
	some run in late_runs
	not before_traffic(run.predicate.started_at)
}

findings contains say.breach(objective, shadow, "filed_at", "users reached the version before the shadow was over") if {
	some shadow in shadows
	not before_traffic(shadow.filed_at)
	some objective in ["agrees-unseen", "no-worse-in-shadow"]
}

findings contains say.also(few, {"observed": shadow.predicate.request_count, "expected": data.parameters.shadow_min_requests}) if {
	some shadow in shadows
	not enough(shadow)
	some objective in ["agrees-unseen", "shadowed-before-approval"]
	few := say.breach(objective, shadow, "request_count", "the shadow saw {observed} requests, {expected} are asked for")
}

findings contains say.also(apart, {"observed": lowest, "expected": data.parameters.min_shadow_agreement}) if {
	some shadow in shadows
	lowest := shadow.predicate.agreement.ci_low
	lowest < data.parameters.min_shadow_agreement
	apart := say.breach("agrees-unseen", shadow, "agreement", "the version may agree with the one before in no more than {observed}")
}

findings contains say.breach(objective, shadow, "user_impact", "answers of the shadow reached a user") if {
	some shadow in shadows
	shadow.predicate.user_impact == true
	some objective in ["agrees-unseen", "peak-carried"]
}

findings contains say.also(worse, {"values": {"metric": metric}}) if {
	some shadow in shadows
	some metric in behind(shadow)
	worse := say.breach("no-worse-in-shadow", shadow, "candidate_metrics", "{metric} falls behind that of the version before, or was not measured")
}

findings contains say.also(short, {"observed": hours, "expected": data.parameters.shadow_min_hours}) if {
	some shadow in shadows
	hours := shadow.predicate.duration_hours
	hours < data.parameters.shadow_min_hours
	short := say.breach("no-worse-in-shadow", shadow, "duration_hours", "the shadow ran {observed} hours, {expected} are asked for")
}

findings contains say.breach("shadowed-before-approval", approval, "decided_at", "production was decided on before the shadow was over") if {
	some approval in for_production
	some shadow in shadows
	not decided_after(approval, shadow)
}

findings contains say.breach("peak-carried", shadow, "peak_window_covered", "the shadow covered no peak") if {
	some shadow in shadows
	shadow.predicate.peak_window_covered == false
}

findings contains say.also(slow, {"expected": data.parameters.max_latency_p95_ms}) if {
	some shadow in shadows
	not answers_in_time(shadow)
	slow := say.breach("peak-carried", shadow, "candidate_metrics", "the latency was not measured, or may lie above {expected} ms")
}

answers_in_time(shadow) if {
	metrics.meets("latency_p95", shadow.predicate.candidate_metrics.latency_p95, data.parameters.max_latency_p95_ms)
}
