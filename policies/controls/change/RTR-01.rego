# METADATA
# title: Retraining plan fits observed change and stability
# description: >-
#   A plan by the calendar follows the renewal of data and the rhythm of the business, reckons with at least the drift that
#   is measured now and no more than is borne, and was kept, as a training run on file bears out. Where the relation moved,
#   the candidate was trained on recent rows. Versions change no more often in a month than stability bears, and few
#   changes led to an incident. A plan by drift alone is judged by RTR-02. Which incident followed which deployment is the
#   word of the incident ticket.
# custom:
#   severity: minor
#   basis: policy
#   mode: hybrid
#   gates: [validation, operation]
#   evidence: [training-run, drift-report, deployment-record, incident-record, retraining-plan, feed-status]
#   parameters: [change_window_days, max_change_failure, max_concept_drift, max_updates_per_period, min_live_window_days, refresh_multiple]
#   objectives:
#     cadence-fits:
#       says: A plan by the calendar follows the renewal of data and reckons with the drift that is measured.
#       at: [operation]
#       covers: [S0.M8.2]
#       reads: [retraining-plan, drift-report]
#     rhythm-kept:
#       says: "A plan by the calendar tells volatility and business cycle, and its cadence was kept."
#       at: [operation]
#       covers: [S1.M7.5]
#       reads: [retraining-plan, training-run]
#     recent-favoured:
#       says: Where the relation moved the candidate was trained on recent rows.
#       at: [validation]
#       covers: [S2.M7.8]
#       reads: [drift-report, training-run]
#     few-updates:
#       says: Versions changed no more often than stability bears and few changes led to an incident.
#       at: [operation]
#       covers: [S4.M3.6]
#       reads: [deployment-record, incident-record, feed-status]
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of deployments and incidents
#     training-run.finished_at: an older run stands beside the one that kept the cadence
#     training-run.subject: a run of another version says nothing of the candidate
#     drift-report.target: drift of inputs says nothing of the relation
#   frameworks: {nist-ai-rmf: ["MANAGE 4.1"], iso-42001: ["A.6.2.6"]}
#   remediation: "Adjust cadence, data window or update rate to the change that was observed."
package controls.change.RTR_01

import data.lib.feeds
import data.lib.findings as say
import data.lib.numbers
import data.lib.records
import data.lib.time as calendar

plans := input.evidence["retraining-plan"]

runs := input.evidence["training-run"]

reports := input.evidence["drift-report"]

deployments := input.evidence["deployment-record"]

incidents := input.evidence["incident-record"]

statuses := input.evidence["feed-status"]

own := [run | some run in runs; records.names_candidate(run)]

of_relation := [report | some report in reports; report.predicate.target == "concept"]

satisfied contains "cadence-fits" if {
	count(plans) > 0
	count(reports) > 0
	every plan in plans {
		fits(plan.predicate)
	}
}

fits(plan) if by_drift(plan)

fits(plan) if {
	plan.trigger in {"calendar", "both"}
	plan.cadence_days > 0
	numbers.at_most_percent(plan.cadence_days, plan.data_refresh_days, data.parameters.refresh_multiple * 100)
	count(reports) > 0
	every report in reports {
		report.predicate.value.ci_high <= plan.planned_drift[report.predicate.statistic]
		plan.planned_drift[report.predicate.statistic] <= data.parameters.max_concept_drift
	}
}

satisfied contains "rhythm-kept" if {
	count(plans) > 0
	count(runs) > 0
	every plan in plans {
		kept(plan.predicate)
	}
}

kept(plan) if by_drift(plan)

kept(plan) if {
	plan.trigger in {"calendar", "both"}
	records.filled(plan.volatility)
	records.filled(plan.business_cycle)
	calendar.within_days(plan.last_run_at, plan.cadence_days, input.now)
	some run in runs
	calendar.within_days(run.predicate.finished_at, plan.cadence_days, input.now)
}

by_drift(plan) if {
	plan.trigger == "drift"
	plan.drift_trigger > 0
}

satisfied contains "recent-favoured" if {
	count(of_relation) > 0
	count(own) > 0
	every report in of_relation {
		every run in own {
			answers(run.predicate, report.predicate)
		}
	}
}

answers(_, report) if report.value.ci_high <= data.parameters.max_concept_drift

answers(run, report) if {
	run.started_at >= report.window.end
	long_enough(report.window)
	favours_recent(run, report)
}

favours_recent(run, _) if run.sample_weighting == "recent"

favours_recent(run, report) if {
	run.data_window.start >= report.window.start
	long_enough(run.data_window)
}

long_enough(window) if calendar.at_least_days_between(window.start, window.end, data.parameters.min_live_window_days)

all_deployments if feeds.all_seen_for(deployments, statuses, "deployment-record", data.parameters.change_window_days)

all_incidents if feeds.all_seen_for(incidents, statuses, "incident-record", data.parameters.change_window_days)

satisfied contains "few-updates" if {
	all_deployments
	all_incidents
	count([deployment | some deployment in deployments; not update(deployment)]) == 0
	count(updates) <= data.parameters.max_updates_per_period
	few_failed
}

# One release to many regions is one update.
updates := {update(deployment) | some deployment in deployments}

update(deployment) := [deployment.predicate.release_id, deployment.predicate.artifact_digest]

failed := {update(deployment) |
	some deployment in deployments
	some incident in incidents
	incident.predicate.deployment_id == deployment.predicate.deployment_id
}

few_failed if numbers.at_most_share(count(failed), count(updates), data.parameters.max_change_failure)

findings contains say.gap("cadence-fits", plan, "cadence_days", "the cadence is too long for the renewal of data, or the plan reckons with less drift than is measured or more than is borne") if {
	some plan in plans
	count(reports) > 0
	not fits(plan.predicate)
}

findings contains say.gap("rhythm-kept", plan, "last_run_at", "volatility or business cycle is not told, or no run on file kept the cadence") if {
	some plan in plans
	count(runs) > 0
	not kept(plan.predicate)
}

findings contains say.none("recent-favoured", "target", "no current report measures whether the relation moved") if count(of_relation) == 0

findings contains say.none("recent-favoured", "started_at", "no training run of the candidate is on file") if count(own) == 0

findings contains say.also(stale, {"observed": value}) if {
	some report in of_relation
	some run in own
	not answers(run.predicate, report.predicate)
	value := report.predicate.value
	stale := say.breach("recent-favoured", run, "sample_weighting", "the relation moved, and the candidate was not trained on recent rows after it")
}

findings contains feeds.gap_for("few-updates", deployments, statuses, "deployment-record", data.parameters.change_window_days) if not all_deployments

findings contains feeds.gap_for("few-updates", incidents, statuses, "incident-record", data.parameters.change_window_days) if not all_incidents

findings contains say.also(busy, {"observed": count(updates), "expected": data.parameters.max_updates_per_period}) if {
	count(updates) > data.parameters.max_updates_per_period
	busy := say.breach("few-updates", deployments[0], "started_at", "{observed} versions went live, and {expected} may in a month")
}

findings contains say.also(shaky, {"observed": count(failed), "expected": data.parameters.max_change_failure}) if {
	not few_failed
	shaky := say.breach("few-updates", deployments[0], "deployment_id", "{observed} updates were followed by an incident, more than a share of {expected}")
}
