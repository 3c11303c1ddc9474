# METADATA
# title: Risk tier revised from live behaviour
# description: >-
#   The classification was filed after every incident that weighs (serious, of critical or high severity, or of high
#   business impact) was detected and known, and after every drift report that broke its limit, with or without an alert, was filed, and is monitored
#   as often as its tier asks. A breach that somebody dismissed counts all the same. When an incident was detected and known
#   is its ticket's word.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: [drift-report, feed-status, incident-record, risk-classification]
#   parameters: [max_concept_drift, max_feature_drift, max_prediction_drift, monitoring_by_tier]
#   objectives:
#     revised-after-incidents:
#       says: The classification is newer than every incident that weighs.
#       covers: [S3.M7.8]
#       reads: [feed-status, incident-record, risk-classification]
#     revised-after-drift:
#       says: The classification is newer than every drift report that raised an alert.
#       covers: [S3.M7.8]
#       reads: [drift-report, risk-classification]
#     monitored-by-tier:
#       says: The monitoring interval of the classification is no longer than its tier allows.
#       covers: [S3.M7.8]
#       reads: [risk-classification]
#   may_stand_beside: {feed-status.feed: another feed says nothing of incidents}
#   frameworks: {nist-ai-rmf: ["GOVERN 1.5", "MANAGE 4.1"], iso-42001: ["A.6.2.6"]}
#   remediation: Repeat the classification after the incident or drift and set the monitoring interval of the tier.
package controls.risk.RISK_03

import data.lib.feeds
import data.lib.findings as say
import data.lib.tiers

classifications := input.evidence["risk-classification"]

incidents := input.evidence["incident-record"]

reports := input.evidence["drift-report"]

# Incidents that weigh, or do not say that they are light.
weighing := [incident | some incident in incidents; not light(incident)]

light(incident) if {
	incident.predicate.severity in {"medium", "low"}
	incident.predicate.serious_kind == "none"
	incident.predicate.business_impact in {"medium", "low"}
}

# The feed tells of every incident since the classification was filed.
whole(classification) if {
	feeds.all_seen_since(incidents, input.evidence["feed-status"], "incident-record", classification.filed_at)
}

unweighed(classification) := [incident | some incident in weighing; not before(incident, classification)]

# Whoever became aware later classified without it, whenever it is said to have been detected.
before(incident, classification) if {
	incident.predicate.detected_at < classification.filed_at
	later := [moment |
		some name in ["acknowledged_at", "aware_at"]
		moment := incident.predicate[name]
		moment >= classification.filed_at
	]
	count(later) == 0
}

satisfied contains "revised-after-incidents" if {
	count(classifications) > 0
	every classification in classifications {
		whole(classification)
		count(unweighed(classification)) == 0
	}
}

satisfied contains "revised-after-drift" if {
	count(classifications) > 0
	count(reports) > 0
	every classification in classifications {
		every report in reports {
			reckoned_with(report, classification)
		}
	}
}

satisfied contains "monitored-by-tier" if {
	count(classifications) > 0
	every classification in classifications {
		often_enough(classification.predicate)
	}
}

reckoned_with(report, _) if {
	report.predicate.alert_raised == false
	not beyond(report)
}

reckoned_with(report, classification) if report.filed_at < classification.filed_at

# What broke its limit did so whether or not it raised an alert.
beyond(report) if report.predicate.value.ci_high > limits[report.predicate.target]

limits := {
	"input": data.parameters.max_feature_drift,
	"prediction": data.parameters.max_prediction_drift,
	"concept": data.parameters.max_concept_drift,
}

longest(tier) := data.parameters.monitoring_by_tier[tiers.rank(tier)]

often_enough(classification) if {
	0 < classification.monitoring_interval_days
	classification.monitoring_interval_days <= longest(classification.tier)
}

findings contains feeds.gap_since("revised-after-incidents", incidents, input.evidence["feed-status"], "incident-record", classification.filed_at) if {
	some classification in classifications
	not whole(classification)
}

findings contains say.also(old, {"observed": classification.filed_at, "expected": detected}) if {
	some classification in classifications
	some incident in unweighed(classification)
	detected := incident.predicate.detected_at
	old := say.breach("revised-after-incidents", incident, "detected_at", "the classification of {observed} is no newer than the incident of {expected}, or than when it was known")
}

findings contains say.also(old, {"observed": classification.filed_at, "expected": report.filed_at}) if {
	some classification in classifications
	some report in reports
	not reckoned_with(report, classification)
	old := say.breach("revised-after-drift", report, "alert_raised", "the classification of {observed} is no newer than the drift that was reported at {expected}")
}

findings contains say.also(seldom, {"observed": interval, "values": {"tier": tier}}) if {
	some classification in classifications
	tier := classification.predicate.tier
	interval := classification.predicate.monitoring_interval_days
	not often_enough(classification.predicate)
	seldom := say.breach("monitored-by-tier", classification, "monitoring_interval_days", "monitored every {observed} days, more seldom than the tier {tier} allows")
}
