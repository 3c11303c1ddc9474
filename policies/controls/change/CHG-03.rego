# METADATA
# title: Release outside freeze and peak periods
# description: >-
#   The planned window of the release lies in a maintenance window that the organisation named and outside its freezes,
#   and outside its busy periods unless the owner of the business consents; and what was deployed in a month began inside
#   its planned window and outside its blackouts. An emergency may pass over freeze and maintenance windows, a rollback
#   over all. Days count whole. An organisation that named no maintenance window has not said when it releases; where it
#   named no busy period, the owner of the business consents to each release.
# custom:
#   severity: major
#   basis: policy
#   gates: [production]
#   evidence: [deployment-record, change-record, feed-status]
#   parameters: [change_window_days, freeze_periods, maintenance_windows, peak_periods]
#   objectives:
#     outside-peaks:
#       says: "The release lies outside busy periods, or the owner of the business consents."
#       covers: [S2.M9.4]
#       reads: [change-record, feed-status]
#     outside-blackouts: {says: Every deployment began in its planned window and outside its blackouts., covers: [S3.M3.7]}
#     in-maintenance-window:
#       says: The release lies in a maintenance window and outside freezes.
#       covers: [S3.M8.3]
#       reads: [change-record, feed-status]
#   may_be_empty:
#     change-record.blackout_periods: the list is empty where no blackout applies
#     parameters.freeze_periods: an organisation without freezes still names its maintenance windows
#   may_be_false:
#     change-record.window.start: a planned window may lie ahead
#     change-record.blackout_periods.start: a blackout may be short, and may lie ahead
#     change-record.blackout_periods.end: a blackout may be short
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of changes and deployments
#     change-record.change_id: another change says nothing of the one to which a deployment belongs
#   frameworks: {nist-ai-rmf: ["MANAGE 4.1"], iso-42001: ["A.6.2.5", "A.8.5"]}
#   remediation: Move the release out of the freeze or obtain the business owner's consent.
package controls.change.CHG_03

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

changes := input.evidence["change-record"]

deployments := input.evidence["deployment-record"]

statuses := input.evidence["feed-status"]

all_changes if feeds.all_seen_for(changes, statuses, "change-record", data.parameters.change_window_days)

all_deployments if feeds.all_seen_for(deployments, statuses, "deployment-record", data.parameters.change_window_days)

own := [change | some change in changes; records.names_candidate(change)]

satisfied contains "outside-peaks" if {
	all_changes
	count(own) > 0
	every change in own {
		quiet(change)
	}
}

satisfied contains "outside-blackouts" if {
	all_changes
	all_deployments
	count([deployment | some deployment in deployments; not timely(deployment)]) == 0
}

satisfied contains "in-maintenance-window" if {
	all_changes
	count(own) > 0
	every change in own {
		in_maintenance(change)
	}
}

quiet(change) if {
	count(data.parameters.peak_periods) > 0
	every peak in data.parameters.peak_periods {
		apart(change.predicate.window, peak)
	}
}

quiet(change) if records.another(change.predicate.business_override, change.predicate.author)

timely(deployment) if deployment.predicate.strategy == "rollback"

timely(deployment) if {
	of_it := [change | some change in changes; change.predicate.change_id == deployment.predicate.change_id]
	count(of_it) > 0
	every change in of_it {
		of_version(change, deployment)
		within(deployment.predicate.started_at, change.predicate.window)
		is_array(change.predicate.blackout_periods)
		count([blackout |
			some blackout in change.predicate.blackout_periods
			not clear(deployment.predicate.started_at, blackout)
		]) == 0
	}
}

within(instant, period) if {
	period.start <= instant
	instant < period.end
}

clear(instant, period) if instant < period.start

clear(instant, period) if instant >= period.end

in_maintenance(change) if change.predicate.kind == "emergency"

in_maintenance(change) if {
	lasts(change.predicate.window)
	some maintenance in data.parameters.maintenance_windows
	calendar.start_of(maintenance.start) <= change.predicate.window.start
	calendar.day_of(change.predicate.window.end) <= maintenance.end
	count([freeze | some freeze in data.parameters.freeze_periods; not apart(change.predicate.window, freeze)]) == 0
}

# The window ends before the first of the days or begins after the last.
apart(window, days) if {
	lasts(window)
	window.end <= calendar.start_of(days.start)
}

apart(window, days) if {
	lasts(window)
	calendar.day_of(window.start) > days.end
}

# A ticket of another version clears no deployment of the candidate.
of_version(_, deployment) if not records.on_candidate(deployment)

of_version(change, _) if records.names_candidate(change)

# A window in which something can be released.
lasts(window) if not calendar.at_most_minutes_between(window.start, window.end, 1)

findings contains feeds.gap_for(objective, changes, statuses, "change-record", data.parameters.change_window_days) if {
	not all_changes
	some objective in ["outside-peaks", "outside-blackouts", "in-maintenance-window"]
}

findings contains feeds.gap_for("outside-blackouts", deployments, statuses, "deployment-record", data.parameters.change_window_days) if not all_deployments

findings contains say.none(objective, "change_id", "no change was filed for the candidate itself") if {
	count(own) == 0
	some objective in ["outside-peaks", "in-maintenance-window"]
}

findings contains say.also(busy, {"expected": data.parameters.peak_periods}) if {
	some change in own
	not quiet(change)
	busy := say.breach("outside-peaks", change, "window", "the window is not shown to lie outside busy periods, and no owner of the business consented")
}

findings contains say.also(untimely, {"observed": started}) if {
	some deployment in deployments
	not timely(deployment)
	started := deployment.predicate.started_at
	untimely := say.breach("outside-blackouts", deployment, "started_at", "the deployment of {observed} began in a blackout, or outside of the window of its change")
}

findings contains say.also(frozen, {"expected": data.parameters.maintenance_windows}) if {
	some change in own
	not in_maintenance(change)
	frozen := say.breach("in-maintenance-window", change, "window", "the window lies in a freeze, or in no maintenance window that was named")
}
