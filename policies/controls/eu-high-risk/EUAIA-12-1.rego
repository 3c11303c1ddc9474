# METADATA
# title: Automatic event logging on
# description: >-
#   Every check of this version found event logging on and an event not long ago, and every deployment of the last months
#   has it on. Where the feed shows that nothing was deployed yet, the checks alone tell. Providers are bound by Art 12,
#   deployers by Art 26(6) for the logs that they keep.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider, deployer]
#   gates: [staging, production]
#   applies_from: D-HR
#   evidence: [deployment-record, feed-status, logging-check]
#   parameters: [event_log_keep, log_heartbeat_hours]
#   objectives:
#     logging-checked: {says: Event logging was found on and events arrive., reads: [logging-check]}
#     logging-deployed: {says: Event logging is on in every deployment., reads: [deployment-record, feed-status]}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of deployments
#     logging-check.subject: a check of another version says nothing of this one
#   frameworks: {eu-ai-act: ["12(1)"], nist-ai-rmf: ["MEASURE 2.4", "MEASURE 2.8"], iso-42001: ["A.6.2.8"]}
#   remediation: Switch event logging on and check that events arrive.
package controls.eu_high_risk.EUAIA_12_1

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

checks := [check | some check in input.evidence["logging-check"]; records.names_candidate(check)]

deployments := input.evidence["deployment-record"]

whole if feeds.all_seen_back(deployments, input.evidence["feed-status"], "deployment-record", data.parameters.event_log_keep)

satisfied contains "logging-checked" if {
	count(checks) > 0
	every check in checks {
		alive(check)
	}
}

satisfied contains "logging-deployed" if {
	whole
	count([deployment | some deployment in deployments; not logs(deployment)]) == 0
}

alive(check) if {
	check.predicate.enabled == true
	input.now <= calendar.add_hours(check.predicate.heartbeat_at, data.parameters.log_heartbeat_hours)
}

logs(deployment) if deployment.predicate.logging_enabled == true

findings contains say.none("logging-checked", "enabled", "no check of event logging is about this version") if count(checks) == 0

findings contains say.also(silent, {"observed": check.predicate.heartbeat_at, "expected": data.parameters.log_heartbeat_hours}) if {
	some check in checks
	not alive(check)
	silent := say.breach("logging-checked", check, "heartbeat_at", "event logging is off, or the last event came at {observed}, more than {expected} hours ago")
}

findings contains feeds.gap_back("logging-deployed", deployments, input.evidence["feed-status"], "deployment-record", data.parameters.event_log_keep) if not whole

findings contains say.breach("logging-deployed", deployment, "logging_enabled", "event logging is off in this deployment") if {
	some deployment in deployments
	not logs(deployment)
}
