# METADATA
# title: Post-incident review done and monitoring improved
# description: >-
#   Every outage of a year was reviewed soon after its end and turned into changed monitoring: each rule that the review
#   names is on, and was changed after the end. The review of every incident looked at model, data and infrastructure, and
#   its report has a timeline and actions with owner and date. An incident that does not say that it was no outage is one;
#   an outage that lasts is reviewed within the same time from its detection. In operation time may be left, an incident
#   is not closed without its review. What the review found is the word of the ticket.
# custom:
#   severity: major
#   basis: policy
#   mode: hybrid
#   gates: [operation, incident]
#   evidence: [alert-rule, incident-record, feed-status]
#   parameters: [incident_window_days, review_due_days]
#   objectives:
#     outages-reviewed: {says: Every outage was reviewed in time and changed a rule that is on., covers: [S0.M5.5]}
#     all-factors-seen:
#       says: "Every review looked at model, data and infrastructure."
#       at: [incident]
#       covers: [S2.M8.6]
#       reads: [incident-record, feed-status]
#     rules-changed-after: {says: Every rule that a review names was changed after the end of the incident., covers: [S2.M8.7]}
#     report-whole:
#       says: "Every report has a timeline, factors, and actions with owner and date."
#       at: [incident]
#       covers: [S3.M7.6]
#       reads: [incident-record, feed-status]
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of incidents
#     alert-rule.signal: a rule that no review names stands beside those that changed
#   frameworks: {nist-ai-rmf: ["MANAGE 4.2", "MANAGE 4.3"], iso-42001: ["A.6.2.6"]}
#   remediation: Finish the review and change the alert rule that missed the failure.
package controls.incident.INC_05

import data.lib.feeds
import data.lib.findings as say
import data.lib.outages
import data.lib.records
import data.lib.time as calendar

incidents := input.evidence["incident-record"]

rules := input.evidence["alert-rule"]

whole if feeds.all_seen_for(incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days)

cut_off := outages.among(incidents)

satisfied contains "outages-reviewed" if {
	whole
	count(rules) > 0
	count([outage | some outage in cut_off; not settled(outage)]) == 0
}

satisfied contains "all-factors-seen" if {
	whole
	count([incident | some incident in incidents; not all_factors(incident)]) == 0
}

satisfied contains "rules-changed-after" if {
	whole
	count(rules) > 0
	count([incident | some incident in incidents; not rules_changed(incident)]) == 0
}

satisfied contains "report-whole" if {
	whole
	count([incident | some incident in incidents; not reported(incident)]) == 0
}

settled(outage) if {
	in_time(outage.predicate)
	count(outage.predicate.rules_updated) > 0
	every name in outage.predicate.rules_updated {
		is_on(name)
	}
}

# There is time left for the review, but no incident is closed without it.
settled(outage) if {
	input.gate == "operation"
	not outage.predicate.review_completed_at
	calendar.within_days(outage.predicate.detected_at, data.parameters.review_due_days, input.now)
}

in_time(outage) if calendar.at_most_days_between(outage.resolved_at, outage.review_completed_at, data.parameters.review_due_days)

in_time(outage) if {
	not outage.resolved_at
	calendar.at_most_days_between(outage.detected_at, outage.review_completed_at, data.parameters.review_due_days)
}

is_on(name) if {
	named := [rule | some rule in rules; rule.predicate.signal == name]
	count(named) > 0
	every rule in named {
		rule.predicate.enabled == true
	}
}

all_factors(incident) if records.covers(incident.predicate.factors, ["model", "data", "infrastructure"])

# Later than the end, or than the detection of what lasts. A review that is not done has named no rule.
rules_changed(incident) if {
	ended := object.get(incident.predicate, "resolved_at", incident.predicate.detected_at)
	is_array(incident.predicate.rules_updated)
	count([name | some name in incident.predicate.rules_updated; not changed_after(name, ended)]) == 0
}

changed_after(name, ended) if {
	named := [rule | some rule in rules; rule.predicate.signal == name]
	count(named) > 0
	every rule in named {
		rule.predicate.last_changed > ended
	}
}

reported(incident) if {
	count(incident.predicate.timeline) > 0
	count(incident.predicate.factors) > 0
	count(incident.predicate.corrective_actions) > 0
	every action in incident.predicate.corrective_actions {
		records.named(action.owner.id)
	}
}

findings contains feeds.gap_for("outages-reviewed", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if not whole

findings contains feeds.gap_for("all-factors-seen", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if not whole

findings contains feeds.gap_for("rules-changed-after", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if not whole

findings contains feeds.gap_for("report-whole", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if not whole

findings contains say.also(unreviewed, {"expected": data.parameters.review_due_days}) if {
	count(rules) > 0
	some outage in cut_off
	not settled(outage)
	unreviewed := say.breach("outages-reviewed", outage, "review_completed_at", "the outage was not reviewed within {expected} days, or changed no rule that is on")
}

findings contains say.breach("all-factors-seen", incident, "factors", "the review leaves out model, data or infrastructure") if {
	some incident in incidents
	not all_factors(incident)
}

findings contains say.breach("rules-changed-after", incident, "rules_updated", "a rule that the review names was not changed after the end") if {
	count(rules) > 0
	some incident in incidents
	not rules_changed(incident)
}

findings contains say.breach("report-whole", incident, "timeline", "the report lacks timeline, factors or actions") if {
	some incident in incidents
	not reported(incident)
}
