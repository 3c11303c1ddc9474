# METADATA
# title: Change board decision on file
# description: >-
#   The change board approved a change that was filed for the candidate itself, before its planned window, and every
#   deployment belongs to a change that the board approved before it began; of an emergency change the board may decide
#   afterwards, but no release is let through before it did. Read strictly: asked of every tier, a rejection is no decision
#   that allows a release, and who asked for the change does not sign that it was approved. A ticket whose window passed
#   without a release of the version allows none.
# custom:
#   severity: major
#   basis: policy
#   gates: [production]
#   evidence: [deployment-record, change-record, feed-status]
#   parameters: [change_window_days]
#   objectives:
#     release-approved: {says: The change board approved the release that is asked for., covers: [S2.M9.7]}
#     deployments-approved: {says: Every deployment belongs to a change that the board approved in time., covers: [S2.M9.7, S3.M8.1]}
#   may_be_false:
#     change-record.window.start: a planned window may lie ahead
#     change-record.window.end: a planned window lasts on
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of changes and deployments
#     deployment-record.artifact_digest: the deployment of another version is held to a ticket too, and releases nothing of this one
#     change-record.change_id: another change says nothing of the one to which a deployment belongs
#   frameworks: {eu-ai-act: ["17(1)(a)"], nist-ai-rmf: ["MANAGE 1.1"], iso-42001: ["A.6.2.5"]}
#   remediation: Bring the release before the change board.
package controls.change.CHG_01

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

satisfied contains "release-approved" if {
	all_changes
	count(own) > 0
	count([change | some change in own; in_force(change)]) > 0
	every change in own {
		approved(change)
		in_time(change, change.predicate.window)
		lasts(change.predicate.window)
	}
}

# A ticket of another version clears no deployment of the candidate.
of_version(_, deployment) if not records.on_candidate(deployment)

of_version(change, _) if records.names_candidate(change)

# A window in which something can be released.
lasts(window) if not calendar.at_most_minutes_between(window.start, window.end, 1)

satisfied contains "deployments-approved" if {
	all_changes
	all_deployments
	count([deployment | some deployment in deployments; not cleared(deployment)]) == 0
}

# The window lasts on, or the version was released under the ticket.
in_force(change) if input.now < change.predicate.window.end

in_force(change) if {
	some deployment in deployments
	records.on_candidate(deployment)
	deployment.predicate.change_id == change.predicate.change_id
}

# Who asked for the change does not sign that the board approved it.
approved(change) if {
	change.predicate.board_decision == "approved"
	change.signature.signer != change.predicate.author.id
	is_string(change.predicate.decided_at)
}

cleared(deployment) if {
	of_it := [change | some change in changes; change.predicate.change_id == deployment.predicate.change_id]
	count(of_it) > 0
	every change in of_it {
		of_version(change, deployment)
		approved(change)
		in_time(change, {"start": deployment.predicate.started_at})
	}
}

in_time(change, period) if change.predicate.decided_at <= period.start

in_time(change, _) if change.predicate.kind == "emergency"

findings contains feeds.gap_for(objective, changes, statuses, "change-record", data.parameters.change_window_days) if {
	not all_changes
	some objective in ["release-approved", "deployments-approved"]
}

findings contains feeds.gap_for("deployments-approved", deployments, statuses, "deployment-record", data.parameters.change_window_days) if not all_deployments

findings contains say.none("release-approved", "change_id", "no change was filed for the candidate itself") if count(own) == 0

findings contains say.also(open, {"observed": decision}) if {
	some change in own
	not approved(change)
	decision := change.predicate.board_decision
	decision != "rejected"
	open := say.gap("release-approved", change, "board_decision", "the board has not decided on the change, nobody knows when, or who asked for it signed that")
}

findings contains say.breach("release-approved", change, "board_decision", "the board rejected the change") if {
	some change in own
	change.predicate.board_decision == "rejected"
}

findings contains say.breach("release-approved", change, "decided_at", "the board decided after the window of the change began") if {
	some change in own
	approved(change)
	not in_time(change, change.predicate.window)
}

findings contains say.gap("release-approved", change, "window", "the planned window is over, and nothing was released in it") if {
	some change in own
	not in_force(change)
}

findings contains say.gap("release-approved", change, "window", "the planned window is too short for a release") if {
	some change in own
	not lasts(change.predicate.window)
}

findings contains say.also(loose, {"observed": change_id}) if {
	some deployment in deployments
	not cleared(deployment)
	change_id := deployment.predicate.change_id
	loose := say.breach("deployments-approved", deployment, "change_id", "the board did not approve the change {observed} before the deployment began")
}
