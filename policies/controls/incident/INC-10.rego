# METADATA
# title: Evidence preserved after a serious incident
# description: >-
#   From the earliest of detection, acknowledgement and awareness of a serious incident (Art 3(49)) until the authority was
#   informed, or until now, the affected version was not deployed anew but to take it out of traffic, and a legal hold for
#   the incident covers it. Affected is the version that is judged. Read strictly: the hold began before the authority was
#   informed and was not released before; an authority informed before the incident was not informed of it; who does not
#   know when they became aware cannot show it. Where the feed shows, for a year and more, that there is no serious
#   incident, the control does not apply.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [incident]
#   applies_from: D-HR-OPEN
#   evidence: [deployment-record, incident-record, legal-hold, feed-status]
#   applies: [feed-status, incident-record]
#   parameters: [incident_window_days]
#   objectives:
#     version-untouched:
#       says: The affected version was left as it was until the authority was informed.
#       reads: [deployment-record, incident-record, feed-status]
#     version-held:
#       says: A legal hold for the incident covers the affected version.
#       reads: [incident-record, legal-hold, feed-status]
#   may_be_empty:
#     incident-record.acknowledged_at: an incident may be known before anybody started its playbook
#     legal-hold.released_at: a hold lasts until it is released
#     legal-hold.scope: a hold without a scope holds everything
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of incidents and deployments
#     legal-hold: another hold takes nothing from the one that covers the version
#   frameworks: {eu-ai-act: ["73(6)"]}
#   remediation: Freeze the affected version and set a legal hold until the authority is informed.
package controls.incident.INC_10

import data.lib.feeds
import data.lib.findings as say

incidents := input.evidence["incident-record"]

deployments := input.evidence["deployment-record"]

holds := input.evidence["legal-hold"]

statuses := input.evidence["feed-status"]

# Incidents that are serious, or do not say that they are not.
serious := [incident | some incident in incidents; not incident.predicate.serious_kind == "none"]

whole if feeds.all_seen_for(incidents, statuses, "incident-record", data.parameters.incident_window_days)

applies if {
	some incident in incidents
	incident.predicate.serious_kind != "none"
}

applies := false if {
	whole
	count(serious) == 0
}

satisfied contains "version-untouched" if {
	whole
	count(serious) > 0
	every incident in serious {
		watched(incident.predicate)
		sound(incident.predicate)
		count([deployment | some deployment in deployments; not harmless(deployment, incident)]) == 0
	}
}

satisfied contains "version-held" if {
	whole
	count(serious) > 0
	every incident in serious {
		held(incident.predicate)
	}
}

begun(incident) := min(moments) if {
	incident.aware_at
	incident.detected_at
	moments := {moment | some name in ["aware_at", "detected_at", "acknowledged_at"]; moment := incident[name]}
	count(moments) > 0
}

# Until the authority was informed, or until now.
until(incident) := object.get(incident, "authority_informed_at", input.now)

sound(incident) if begun(incident) <= until(incident)

# The feed of deployments answers for the time since.
watched(incident) if feeds.all_seen_since(deployments, statuses, "deployment-record", begun(incident))

harmless(deployment, _) if deployment.predicate.artifact_digest != input.subject.digest

# A stop: it takes the version out of traffic.
harmless(deployment, _) if deployment.predicate.traffic_share == 0

harmless(deployment, incident) if deployment.predicate.started_at < begun(incident.predicate)

harmless(deployment, incident) if deployment.predicate.started_at > until(incident.predicate)

held(incident) if {
	some hold in holds
	hold.predicate.ground == "incident"
	covers(hold.predicate.scope)
	hold.predicate.held_from <= until(incident)
	count([other | some other in of_matter(hold); not not_released(other.predicate, until(incident))]) == 0
}

# A release may stand in a later record of the same matter.
of_matter(hold) := [other | some other in holds; other.predicate.matter_id == hold.predicate.matter_id]

covers(scope) if count(scope) == 0

covers(scope) if input.subject.digest in scope

not_released(hold, _) if not hold.released_at

not_released(hold, end) if hold.released_at >= end

findings contains feeds.gap_for(objective, incidents, statuses, "incident-record", data.parameters.incident_window_days) if {
	not whole
	some objective in ["version-untouched", "version-held"]
}

findings contains feeds.gap_since("version-untouched", deployments, statuses, "deployment-record", since) if {
	some incident in serious
	since := begun(incident.predicate)
	not watched(incident.predicate)
}

findings contains say.gap("version-untouched", incident, "aware_at", "when the organisation became aware is not recorded, or the authority was informed before") if {
	some incident in serious
	not sound(incident.predicate)
}

findings contains say.also(touched, {"observed": started}) if {
	some incident in serious
	sound(incident.predicate)
	some deployment in deployments
	not harmless(deployment, incident)
	started := deployment.predicate.started_at
	touched := say.breach("version-untouched", deployment, "started_at", "the affected version was deployed on {observed}, before the authority was informed")
}

findings contains say.breach("version-held", incident, "authority_informed_at", "no legal hold for the incident covers the version until the authority is informed") if {
	some incident in serious
	count(holds) > 0
	not held(incident.predicate)
}
