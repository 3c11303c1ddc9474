# METADATA
# title: Drift breach reaches an accountable role
# description: >-
#   Each kind of drift that is watched has one alert rule a source, named after it (`input-drift`, `prediction-drift`, …),
#   which is on, fires no later than the tolerated drift, starts a retraining or a review by people and names who answers.
#   Each drift beyond the limit raised an alert, and an incident that cites the report was open by then, or opened within
#   the time allowed after its period.
# custom:
#   severity: major
#   basis: policy
#   gates: [production, operation]
#   evidence: [alert-rule, drift-report, incident-record]
#   parameters: [drift_triage_minutes, max_concept_drift, max_feature_drift, max_prediction_drift]
#   objectives:
#     signals-guarded:
#       says: "Every drift that is watched has an alert rule with a threshold, a consequence and somebody who answers."
#       covers: [S0.M1.6]
#       reads: [alert-rule, drift-report]
#     breaches-investigated:
#       says: Every drift beyond the limit raised an alert and opened an incident in time.
#       at: [operation]
#       covers: [S0.M5.2]
#       reads: [drift-report, incident-record]
#   may_be_empty: {incident-record.resolved_at: an investigation may be open still}
#   may_be_false:
#     drift-report.window.end: an alarm may look at a moment; how long a comparison spans DRIFT-01 and DRIFT-02 ask
#   may_stand_beside:
#     alert-rule.signal: a rule on another signal says nothing of drift
#     drift-report.target: a kind of drift that is watched asks for a rule of its own
#     incident-record.evidence_refs: an incident that cites other evidence says nothing of this drift
#   frameworks: {eu-ai-act: ["72(2)"], nist-ai-rmf: ["MEASURE 2.4", "MANAGE 4.1"], iso-42001: ["A.6.2.6"]}
#   remediation: "Give the drift signal a threshold, an action and an accountable role, and open the investigation."
package controls.monitoring.DRIFT_03

import data.lib.drift
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

# The drift that each rule may tolerate, by the signal that it watches.
limits := {
	"input-drift": data.parameters.max_feature_drift,
	"population-drift": data.parameters.max_feature_drift,
	"prediction-drift": data.parameters.max_prediction_drift,
	"confidence-drift": data.parameters.max_concept_drift,
	"concept-drift": data.parameters.max_concept_drift,
}

reports := [report |
	some report in input.evidence["drift-report"]
	not at_promotion(report)
]

at_promotion(report) if report.predicate.target == "environment"

signal_of(report) := concat("", [report.predicate.target, "-drift"])

signals := {signal_of(report) | some report in reports}

rules(signal) := [rule | some rule in input.evidence["alert-rule"]; rule.predicate.signal == signal]

satisfied contains "signals-guarded" if {
	count(reports) > 0
	every report in reports {
		guarded(signal_of(report))
	}
}

satisfied contains "breaches-investigated" if {
	count(reports) > 0
	every report in reports {
		investigated(report)
	}
}

guarded(signal) if {
	count(rules(signal)) > 0
	every rule in rules(signal) {
		armed(rule)
	}
}

armed(rule) if {
	rule.predicate.enabled == true
	0 <= rule.predicate.threshold
	rule.predicate.threshold <= limits[rule.predicate.signal]
	rule.predicate.action in {"retrain", "human-review"}
	records.named(rule.predicate.accountable_role)
}

investigated(report) if drift.within(report, data.parameters.max_feature_drift)

investigated(report) if {
	report.predicate.alert_raised == true
	count(opened(report)) > 0
	every incident in opened(report) {
		not over_before(incident, report)
		incident.predicate.detected_at <= calendar.add_minutes(report.predicate.window.end, data.parameters.drift_triage_minutes)
	}
}

# An investigation that runs already will do, one that was closed will not.
over_before(incident, report) if incident.predicate.resolved_at < report.predicate.window.end

# Incidents that cite the report, by the digest of its content.
opened(report) := [incident |
	some incident in input.evidence["incident-record"]
	report.digest in incident.predicate.evidence_refs
]

findings contains say.none(objective, "evidence/drift-report", "no drift of the live system is reported") if {
	count(reports) == 0
	some objective in ["signals-guarded", "breaches-investigated"]
}

findings contains say.also(open, {"values": {"signal": signal}}) if {
	some signal in signals
	count(rules(signal)) == 0
	open := say.none("signals-guarded", "evidence/alert-rule", "no alert rule watches {signal}")
}

findings contains say.also(lame, {"values": {"signal": signal}, "expected": limit}) if {
	some signal in signals
	limit := limits[signal]
	some rule in rules(signal)
	not armed(rule)
	lame := say.breach("signals-guarded", rule, "enabled", "the rule on {signal} is off, fires later than at {expected}, or leads to neither retraining nor review by somebody named")
}

findings contains say.also(open, {"observed": report.predicate.value, "expected": data.parameters.drift_triage_minutes}) if {
	some report in reports
	not investigated(report)
	open := say.breach("breaches-investigated", report, "value", "the drift raised no alert, or no incident that cites it was opened within {expected} minutes")
}
