# METADATA
# title: Monitoring, logs and events joined with enterprise systems
# description: >-
#   Quality, drift and health stand on one screen; alerts go to a system for incidents, each rule was lately tried and
#   opened an incident that cites its signal within a day; every incident names a screen and who triages it; the health of
#   every endpoint is on a screen of the enterprise; logs of each service of others that the lineage knows were lately
#   taken in for this version; and deployments were exported in time. Read strictly: every incident counts as one from
#   monitoring, and a service of others has logs whose actor has its name. Where the organisation has named no screens or
#   systems, nothing is joined with them.
# custom:
#   severity: minor
#   basis: policy
#   mode: hybrid
#   gates: [production, operation, portfolio]
#   evidence: [alert-rule, audit-log, deployment-record, feed-status, incident-record, lineage-graph, telemetry-series, vendor-assessment]
#   parameters: [alert_test_days, enterprise_dashboards, event_export_minutes, external_log_max_age_hours, health_max_age_minutes, incident_systems, incident_window_days, telemetry_max_age_minutes]
#   objectives:
#     one-screen:
#       says: "Quality, drift and health stand on one screen, and are fresh."
#       at: [operation]
#       covers: [S0.M5.1]
#       reads: [telemetry-series]
#     alerts-routed:
#       says: "Every alert goes to a system for incidents, and a lately tried one opened an incident there."
#       at: [production, operation]
#       covers: [S1.M5.6]
#       reads: [alert-rule, incident-record]
#     incidents-joined:
#       says: Every incident names its screen and who triages it.
#       at: [operation]
#       covers: [S3.M4.5]
#       reads: [feed-status, incident-record]
#     health-shown:
#       says: The health of every endpoint is on a screen of the enterprise.
#       at: [operation]
#       covers: [S4.M8.2]
#       reads: [telemetry-series]
#     vendor-logs-taken-in:
#       says: The logs of every model of others that is called were lately taken in.
#       at: [operation]
#       covers: [S3.M1.5]
#       reads: [audit-log, lineage-graph, vendor-assessment]
#     deployments-exported:
#       says: Every deployment was exported in time.
#       at: [operation, portfolio]
#       covers: [S3.M8.6]
#       reads: [audit-log, deployment-record, feed-status]
#   may_be_empty:
#     lineage-graph.upstream_components: a system may call no model of others
#     audit-log: where nothing was deployed and nothing of others is called there is nothing to export or take in
#   may_stand_beside:
#     audit-log.action: another act on the object takes nothing away
#     audit-log.actor: the log of another service takes nothing away
#     audit-log.at: an older entry takes nothing away
#     audit-log.object_ref: an entry about another object takes nothing away
#     feed-status.feed: the status of another feed says nothing of these
#     incident-record.detected_at: an incident of another day takes nothing away
#     incident-record.evidence_refs: an incident of another signal takes nothing away
#     telemetry-series.signal: a series of another signal says nothing of these
#     telemetry-series.endpoint: each endpoint shows its own health
#   frameworks: {nist-ai-rmf: ["MEASURE 2.4", "MANAGE 4.1"], iso-42001: ["A.6.2.6"]}
#   remediation: "Route the alert, dashboard or event into the enterprise system that lacks it."
package controls.monitoring.MON_02

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

series := input.evidence["telemetry-series"]

rules := input.evidence["alert-rule"]

incidents := input.evidence["incident-record"]

deployments := input.evidence["deployment-record"]

graphs := input.evidence["lineage-graph"]

# The feed answers for a year, so that what is not here did not happen.
whole(events, feed) if feeds.all_seen_for(events, input.evidence["feed-status"], feed, data.parameters.incident_window_days)

shown := [one | some one in series; one.predicate.signal in {"accuracy", "input-distribution", "health"}]

satisfied contains "one-screen" if {
	count(shown) > 0
	every one in shown {
		calendar.within_minutes(one.predicate.last_sample_at, data.parameters.telemetry_max_age_minutes, input.now)
	}
	some screen in {one.predicate.dashboard_ref | some one in shown}
	signals := {one.predicate.signal | some one in shown; one.predicate.dashboard_ref == screen}
	count(signals) == 3
}

satisfied contains "alerts-routed" if {
	count(rules) > 0
	every rule in rules {
		rule.predicate.route in data.parameters.incident_systems
		calendar.within_days(rule.predicate.last_tested, data.parameters.alert_test_days, input.now)
		opened(rule)
	}
}

opened(rule) if {
	some incident in incidents
	rule.predicate.signal in incident.predicate.evidence_refs
	calendar.at_most_days_between(rule.predicate.last_tested, incident.predicate.detected_at, 1)
}

satisfied contains "incidents-joined" if {
	whole(incidents, "incident-record")
	count([incident | some incident in incidents; not joined(incident)]) == 0
}

joined(incident) if {
	records.filled(incident.predicate.dashboard_ref)
	records.named(incident.predicate.triage_owner.id)
}

satisfied contains "health-shown" if {
	count(series) > 0
	every one in series {
		watched(one.predicate.endpoint)
	}
}

watched(endpoint) if {
	health := [one | some one in series; one.predicate.endpoint == endpoint; one.predicate.signal == "health"]
	count(health) > 0
	every one in health {
		one.predicate.dashboard_ref in data.parameters.enterprise_dashboards
		calendar.within_minutes(one.predicate.last_sample_at, data.parameters.health_max_age_minutes, input.now)
	}
}

# Models and services of others: those that the lineage knows, and what a vendor was assessed for.
called := {component.name |
	some graph in graphs
	some component in graph.predicate.upstream_components
	component.kind in {"model", "service"}
}

assessed := {name |
	some assessment in input.evidence["vendor-assessment"]
	some name in assessment.predicate.services
}

services := called | assessed

satisfied contains "vendor-logs-taken-in" if {
	count(graphs) > 0
	count([graph | some graph in graphs; not named(graph)]) == 0
	count(called - assessed) == 0
	taken_in == services
}

named(graph) if {
	components := graph.predicate.upstream_components
	count([component | some component in components; records.named(component.name); component.kind]) == count(components)
}

taken_in := {service |
	some service in services
	some entry in input.evidence["audit-log"]
	entry.predicate.action == "imported"
	entry.predicate.actor == service
	entry.predicate.object_ref == input.subject.digest
	calendar.within_minutes(entry.predicate.at, data.parameters.external_log_max_age_hours * 60, input.now)
}

satisfied contains "deployments-exported" if {
	whole(deployments, "deployment-record")
	exported == {deployment.id | some deployment in deployments}
}

exported := {deployment.id |
	some deployment in deployments
	some entry in input.evidence["audit-log"]
	entry.predicate.action == "exported"
	entry.predicate.object_ref == deployment.predicate.deployment_id
	calendar.at_most_minutes_between(deployment.predicate.started_at, entry.predicate.at, data.parameters.event_export_minutes)
}

findings contains say.none("one-screen", "dashboard_ref", "no screen shows accuracy, input-distribution and health, all of them fresh") if {
	count(shown) == 0
}

findings contains say.also(astray, {"observed": rule.predicate.route, "expected": data.parameters.incident_systems}) if {
	some rule in rules
	not rule.predicate.route in data.parameters.incident_systems
	astray := say.breach("alerts-routed", rule, "route", "the alert goes to {observed}, which is no system for incidents")
}

findings contains say.gap("alerts-routed", rule, "last_tested", "no incident within a day shows that the alert was tried") if {
	some rule in rules
	not opened(rule)
}

findings contains feeds.gap_for("incidents-joined", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if {
	not whole(incidents, "incident-record")
}

findings contains say.breach("incidents-joined", incident, "dashboard_ref", "the incident names no screen, or nobody who triages it") if {
	some incident in incidents
	not joined(incident)
}

findings contains say.also(dark, {"values": {"endpoint": endpoint}}) if {
	some endpoint in {one.predicate.endpoint | some one in series}
	not watched(endpoint)
	dark := say.none("health-shown", "dashboard_ref", "the health of {endpoint} is not on a screen of the enterprise, or is old")
}

findings contains say.also(lost, {"values": {"service": service}}) if {
	some service in (services - taken_in)
	lost := say.none("vendor-logs-taken-in", "object_ref", "no log of {service} was lately taken in for this version")
}

findings contains say.also(unknown, {"values": {"service": service}}) if {
	some service in (called - assessed)
	unknown := say.none("vendor-logs-taken-in", "services", "no vendor was assessed for {service}")
}

findings contains feeds.gap_for("deployments-exported", deployments, input.evidence["feed-status"], "deployment-record", data.parameters.incident_window_days) if {
	not whole(deployments, "deployment-record")
}

findings contains say.breach("deployments-exported", deployment, "deployment_id", "the deployment was not exported in time") if {
	some deployment in deployments
	not deployment.id in exported
}
