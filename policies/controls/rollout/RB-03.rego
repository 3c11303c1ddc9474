# METADATA
# title: Verified rollback target available and used
# description: >-
#   Every rollback brought back a version that the registry had and had marked as safe before the rollback began, with the
#   configuration that the scan found in its package, also where the deployment was called something else; and wherever the version took traffic when an incident of severity
#   critical or high was detected, it was without traffic in time; a version of which no deployment is on file cannot be
#   judged after such an incident. Entry and manifest of another version than the judged one are seen where they were filed
#   for the system. The mark is a fact of the registry: who set it is not part of it. Where the feeds show that nothing was
#   rolled back, and nothing grave happened, there was nothing to do.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [incident]
#   evidence: {artifact-manifest: any, deployment-record: any, feed-status: any, incident-record: any, registry-entry: any}
#   about: {artifact-manifest: system, registry-entry: system}
#   parameters: [incident_window_days, takedown_minutes]
#   objectives:
#     stored-version-restored:
#       says: "Every rollback restored a version that was registered before, with its own configuration."
#       covers: [S2.M8.2]
#       reads: [artifact-manifest, deployment-record, feed-status, registry-entry]
#     safe-version-restored:
#       says: Every rollback restored a version that was marked as safe before.
#       covers: [S3.M7.5]
#       reads: [deployment-record, feed-status, registry-entry]
#     taken-down-in-time:
#       says: The version was without traffic in time after every grave incident.
#       covers: [S3.M7.5]
#       reads: [deployment-record, feed-status, incident-record]
#   may_stand_beside:
#     artifact-manifest.artifact_digest: the manifest of another version says nothing of the restored one
#     deployment-record.artifact_digest: another version may be deployed beside it
#     deployment-record.started_at: what began before was taken down with the rest of its place
#     deployment-record.traffic_share: what begins later is no traffic at the time of the incident
#     feed-status.feed: another feed says nothing of these events
#     registry-entry.artifact_digest: the entry of another version says nothing of the restored one
#   frameworks: {nist-ai-rmf: ["MANAGE 2.4"], iso-42001: ["A.6.2.6"]}
#   remediation: Take the harmful version down and restore a version marked safe with its own configuration.
package controls.rollout.RB_03

import data.lib.deployments
import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

deployed := input.evidence["deployment-record"]

incidents := input.evidence["incident-record"]

statuses := input.evidence["feed-status"]

deployments_whole if deployments.all_seen(deployed, statuses)

incidents_whole if feeds.all_seen_for(incidents, statuses, "incident-record", data.parameters.incident_window_days)

rollbacks := [deployment | some deployment in deployed; not rolls_nothing_back(deployment)]

rolls_nothing_back(deployment) if {
	deployment.predicate.strategy in {"canary", "shadow", "blue-green", "rolling", "direct"}
	not brings_back(deployment)
}

# Whatever it is called: a registered version that ran in the same place before this one runs there again, with as many requests.
brings_back(deployment) if {
	count(entries_of(deployment)) > 0
	takes_traffic(deployment)
	some former in deployed
	former.predicate.artifact_digest == deployment.predicate.artifact_digest
	not narrowed(former, deployment)
	some between in deployments.of_candidate(deployed)
	takes_traffic(between)
	in_order(former.predicate, between.predicate)
	in_order(between.predicate, deployment.predicate)
	not records.on_candidate(deployment)
}

narrowed(former, deployment) if former.predicate.traffic_share > deployment.predicate.traffic_share

in_order(one, other) if {
	one.environment == other.environment
	one.region == other.region
	one.started_at < other.started_at
}

satisfied contains "stored-version-restored" if {
	deployments_whole
	count([rollback | some rollback in rollbacks; not stored(rollback)]) == 0
}

satisfied contains "safe-version-restored" if {
	deployments_whole
	count([rollback | some rollback in rollbacks; not marked_safe(rollback)]) == 0
}

satisfied contains "taken-down-in-time" if {
	deployments_whole
	incidents_whole
	count([incident | some incident in grave; not known_where(incident)]) == 0
	count([incident | some incident in grave; some place in live_at(incident); not down_in_time(place, incident)]) == 0
}

entries_of(rollback) := [entry |
	some entry in input.evidence["registry-entry"]
	entry.predicate.artifact_digest == rollback.predicate.artifact_digest
]

manifests_of(rollback) := [manifest |
	some manifest in input.evidence["artifact-manifest"]
	manifest.predicate.artifact_digest == rollback.predicate.artifact_digest
]

# The registry had the version before, and its package the configuration.
stored(rollback) if {
	count(entries_of(rollback)) > 0
	every entry in entries_of(rollback) {
		entry.filed_at < rollback.predicate.started_at
	}
	count(manifests_of(rollback)) > 0
	every manifest in manifests_of(rollback) {
		manifest.predicate.config_digest == rollback.predicate.config_digest
	}
}

marked_safe(rollback) if {
	count(entries_of(rollback)) > 0
	every entry in entries_of(rollback) {
		entry.predicate.verified_safe == true
		entry.filed_at < rollback.predicate.started_at
	}
}

grave := [incident | some incident in incidents; not mild(incident)]

mild(incident) if incident.predicate.severity in {"medium", "low"}

# Where requests reached the version when the incident was detected.
live_at(incident) := [deployment |
	some deployment in deployments.of_candidate(deployed)
	takes_traffic(deployment)
	not begins_later(deployment, incident)
]

begins_later(deployment, incident) if deployment.predicate.started_at > incident.predicate.detected_at

# Some deployment of the version is on file, so that it is known where requests reached it.
known_where(incident) if {
	records.named(incident.predicate.severity)
	count(deployments.of_candidate(deployed)) > 0
}

takes_traffic(deployment) if not deployment.predicate.traffic_share == 0

# In the same place the traffic was turned off, before the incident or soon after it.
down_in_time(place, incident) if {
	some deployment in deployments.of_candidate(deployed)
	deployment.predicate.traffic_share == 0
	deployment.predicate.environment == place.predicate.environment
	deployment.predicate.region == place.predicate.region
	place.predicate.started_at < deployment.predicate.started_at
	soon(incident.predicate.detected_at, deployment.predicate.started_at)
}

soon(detected, down) if down <= detected

soon(detected, down) if calendar.at_most_minutes_between(detected, down, data.parameters.takedown_minutes)

findings contains deployments.gap(objective, deployed, statuses) if {
	not deployments_whole
	some objective in ["stored-version-restored", "safe-version-restored", "taken-down-in-time"]
}

findings contains feeds.gap_for("taken-down-in-time", incidents, statuses, "incident-record", data.parameters.incident_window_days) if not incidents_whole

findings contains say.also(unknown, {"observed": rollback.predicate.artifact_digest}) if {
	some rollback in rollbacks
	not stored(rollback)
	unknown := say.breach("stored-version-restored", rollback, "artifact_digest", "the rollback restored {observed}, which was not registered before, or not with its own configuration")
}

findings contains say.also(unsafe, {"observed": rollback.predicate.artifact_digest}) if {
	some rollback in rollbacks
	not marked_safe(rollback)
	unsafe := say.breach("safe-version-restored", rollback, "artifact_digest", "the rollback restored {observed}, which was not marked as safe before")
}

findings contains say.gap("taken-down-in-time", incident, "severity", "no deployment of the version is on file, so that it is not known where requests reached it") if {
	some incident in grave
	not known_where(incident)
}

findings contains say.also(up, {"observed": place.predicate.environment, "expected": data.parameters.takedown_minutes}) if {
	some incident in grave
	some place in live_at(incident)
	not down_in_time(place, incident)
	up := say.breach("taken-down-in-time", incident, "detected_at", "the version still took traffic in {observed} {expected} minutes after the incident was detected")
}
