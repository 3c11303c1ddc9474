# METADATA
# title: Event logs kept at least six months
# description: >-
#   Event logging is on wherever this version runs, every store of event logs (record classes that begin with `event-log`)
#   can be read back and is set to keep them for the time of Art 19 and 26(6) at least, and logs as old as the system, or
#   as old as that time, are still there. Ages are told by the day. Read strictly: a retention in days must outlast six
#   months wherever in the calendar they begin; before the first deployment the setting alone is judged, if the deployment
#   feed says for all of that time that there was none.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider, deployer]
#   gates: [production, operation, retirement]
#   applies_from: D-HR
#   evidence: [deployment-record, feed-status, retention-state]
#   parameters: [event_log_keep]
#   objectives:
#     logging-on:
#       says: Event logging is on in every deployment, and what was deployed as this version is its file.
#       reads: [deployment-record, feed-status]
#     logs-kept:
#       says: Every store of event logs is set to keep them long enough, and a sample was read back.
#       reads: [retention-state]
#     logs-available: {says: 'Event logs reach back to the first deployment, or as far as they must.'}
#   may_stand_beside:
#     feed-status.feed: the status of another feed says nothing of deployments
#     retention-state.record_class: a store of other records says nothing of event logs
#   frameworks: {eu-ai-act: ["19(1)", "26(6)"], nist-ai-rmf: ["MANAGE 4.1"], iso-42001: ["A.6.2.8"]}
#   remediation: Switch event logging on, raise the log retention to at least six months and find out why older logs are gone.
package controls.eu_operators.EUAIA_19_1

import data.lib.feeds
import data.lib.findings as say
import data.lib.text
import data.lib.time as calendar

deployments := input.evidence["deployment-record"]

statuses := [status | some status in input.evidence["feed-status"]; status.predicate.feed == "deployment-record"]

logs := [state | some state in input.evidence["retention-state"]; startswith(text.lower(state.predicate.record_class), "event-log")]

satisfied contains "logging-on" if {
	whole
	count(silent) == 0
	count(others) == 0
}

satisfied contains "logs-kept" if {
	count(logs) > 0
	every state in logs {
		state.predicate.retrievable == true
		kept_long_enough(state)
	}
}

satisfied contains "logs-available" if {
	whole
	count(logs) > 0
	every state in logs {
		reaches_back(state)
	}
}

# The feed tells of all deployments of the time for which logs are kept.
whole if {
	feeds.all_seen(deployments, statuses, "deployment-record")
	count(statuses) > 0
	every status in statuses {
		calendar.add(status.predicate.window.start, data.parameters.event_log_keep) <= input.now
	}
}

silent := [deployment | some deployment in deployments; not deployment.predicate.logging_enabled]

# What runs neither this version nor is recorded as another one.
others := [deployment | some deployment in deployments; not as_recorded(deployment)]

as_recorded(deployment) if {
	count(deployment.subject) > 0
	not input.subject.digest in deployment.subject
}

as_recorded(deployment) if {
	count(deployment.subject) > 0
	deployment.predicate.artifact_digest == input.subject.digest
}

kept_long_enough(state) if calendar.lasts(state.predicate.configured, data.parameters.event_log_keep)

# To the day of the first deployment, if there was one.
reaches_back(_) if count(deployments) == 0

reaches_back(state) if {
	count(deployments) > 0
	every deployment in deployments {
		calendar.day_of(state.predicate.oldest_available_at) <= calendar.day_of(deployment.predicate.started_at)
	}
}

# As far as logs must be kept.
reaches_back(state) if calendar.add(state.predicate.oldest_available_at, data.parameters.event_log_keep) <= input.now

findings contains feeds.gap_back(objective, deployments, statuses, "deployment-record", data.parameters.event_log_keep) if {
	not whole
	some objective in ["logging-on", "logs-available"]
}

findings contains say.breach("logging-on", deployment, "logging_enabled", "event logging is off in this deployment") if {
	some deployment in silent
}

findings contains say.also(other, {"observed": deployment.predicate.artifact_digest, "expected": input.subject.digest}) if {
	some deployment in others
	other := say.breach("logging-on", deployment, "artifact_digest", "another file than this version was deployed as it")
}

findings contains say.none(objective, "evidence/retention-state", "no store says how event logs are kept") if {
	count(logs) == 0
	some objective in ["logs-kept", "logs-available"]
}

findings contains say.also(short, {"observed": state.predicate.configured, "expected": data.parameters.event_log_keep, "values": {"class": state.predicate.record_class}}) if {
	some state in logs
	not kept_long_enough(state)
	short := say.breach("logs-kept", state, "configured", "{class} is kept for {observed} only")
}

findings contains say.also(lost, {"values": {"class": state.predicate.record_class}}) if {
	some state in logs
	not state.predicate.retrievable
	lost := say.breach("logs-kept", state, "retrievable", "a sample of {class} could not be read back")
}

findings contains gone if {
	some state in logs
	not reaches_back(state)
	gone := say.also(say.breach("logs-available", state, "oldest_available_at", "older records of {class} are gone"), {
		"observed": state.predicate.oldest_available_at, "values": {"class": state.predicate.record_class},
	})
}

findings contains say.also(unknown, {"values": {"class": state.predicate.record_class}}) if {
	some state in logs
	not reaches_back(state)
	not state.predicate.oldest_available_at
	unknown := say.gap("logs-available", state, "oldest_available_at", "how far back {class} reaches is not known")
}
