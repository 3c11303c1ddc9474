# METADATA
# title: Event logs kept at least six months
# description: >-
#   Every store of event logs (record classes that begin with `event-log`) is set to keep them for the time of Art 19 and
#   26(6) at least, and logs as old as the system, or as old as that time, are still there. Ages are told by the day.
#   Read strictly: a retention in days must outlast six months wherever in the calendar they begin, and before the first
#   deployment the setting alone is judged, if the deployment feed says that there was none.
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
#     logs-kept:
#       says: Every store of event logs is set to keep them long enough.
#       reads: [retention-state]
#     logs-available:
#       says: Event logs reach back to the first deployment, or as far as they must.
#   frameworks:
#     eu-ai-act: ["19(1)", "26(6)"]
#     nist-ai-rmf: ["MANAGE 4.1"]
#     iso-42001: ["A.6.2.8"]
#   remediation: Raise the log retention to at least six months and find out why older logs are gone.
package controls.eu_operators.EUAIA_19_1

import data.lib.feeds
import data.lib.time as calendar

deployments := input.evidence["deployment-record"]

statuses := input.evidence["feed-status"]

logs := [state |
	some state in input.evidence["retention-state"]
	startswith(state.predicate.record_class, "event-log")
]

satisfied contains "logs-kept" if {
	count(logs) > 0
	every state in logs {
		kept_long_enough(state)
	}
}

satisfied contains "logs-available" if {
	count(logs) > 0
	whole
	count(short) == 0
}

whole if feeds.all_seen(deployments, statuses, "deployment-record")

kept_long_enough(state) if calendar.lasts(state.predicate.configured, data.parameters.event_log_keep)

reach_known(state) if is_string(state.predicate.oldest_available_at)

# Stores whose logs do not reach back, each with a deployment that they should reach.
short := [{"state": state, "deployment": deployment} |
	some state in logs
	some deployment in deployments
	not reaches_back(state, deployment)
]

# To the day of the deployment.
reaches_back(state, deployment) if {
	calendar.day_of(state.predicate.oldest_available_at) <= calendar.day_of(deployment.predicate.started_at)
}

# As far as logs must be kept, for a deployment at any time.
reaches_back(state, deployment) if {
	deployment.predicate.started_at <= input.now
	calendar.add(state.predicate.oldest_available_at, data.parameters.event_log_keep) <= input.now
}

findings contains finding if {
	count(logs) == 0
	some objective in ["logs-kept", "logs-available"]
	finding := {
		"objective": objective,
		"message": "no store says how event logs are kept",
		"gap": true,
		"expected": "event-log",
		"path": "record_class",
	}
}

findings contains finding if {
	some state in logs
	not kept_long_enough(state)
	finding := {
		"objective": "logs-kept",
		"message": sprintf("%s is kept for %s only", [state.predicate.record_class, state.predicate.configured]),
		"evidence": state.id,
		"observed": state.predicate.configured,
		"expected": data.parameters.event_log_keep,
		"path": "configured",
	}
}

findings contains feeds.gap("logs-available", "deployment-record") if {
	not whole
}

findings contains finding if {
	some item in short
	reach_known(item.state)
	finding := {
		"objective": "logs-available",
		"message": sprintf("older records of %s are gone", [item.state.predicate.record_class]),
		"evidence": item.state.id,
		"observed": item.state.predicate.oldest_available_at,
		"expected": item.deployment.predicate.started_at,
		"path": "oldest_available_at",
	}
}

findings contains finding if {
	some item in short
	not reach_known(item.state)
	finding := {
		"objective": "logs-available",
		"message": sprintf("how far back %s reaches is not known", [item.state.predicate.record_class]),
		"gap": true,
		"evidence": item.state.id,
		"path": "oldest_available_at",
	}
}
