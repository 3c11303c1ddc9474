# METADATA
# title: Silent failures and outliers raise alerts
# description: >-
#   Rules on odd predictions, on a fall of confidence and on default answers are on, each of them wherever it stands. A
#   count beyond the threshold of its rule fired an alert of that signal in the window of the count or within a day of its
#   end, so that no later alert stands for it. No log of this version has more default answers than are tolerated; its rule
#   fires no later than that. Which counts are too many is for whoever sets the thresholds of the first two rules to say.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: [alert-event, alert-rule, prediction-log, telemetry-series]
#   parameters: [max_default_share]
#   objectives:
#     outliers-alerted:
#       says: "Odd predictions and falls of confidence are counted, and each count beyond its threshold fired an alert."
#       covers: [S1.M7.3]
#       reads: [alert-event, alert-rule, telemetry-series]
#     defaults-watched:
#       says: "Default answers are few and a rule watches their share."
#       covers: [S4.M5.4]
#       reads: [alert-rule, prediction-log]
#   may_stand_beside:
#     alert-event.fired_at: an older or a later alert says nothing of this count
#     alert-event.signal: an alert of another signal says nothing of this one
#     alert-rule.signal: a rule on another signal says nothing of these
#     prediction-log.artifact_digest: what another version answered says nothing of this one
#     telemetry-series.signal: a series of another signal is judged by other controls
#   frameworks: {nist-ai-rmf: ["MEASURE 2.4", "MANAGE 4.1"], iso-42001: ["A.6.2.6"]}
#   remediation: Arm the missing alert and find why the model answers with defaults.
package controls.monitoring.MON_04

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

# The series that each rule watches.
counts := {"prediction-outlier": "outlier-count", "confidence-drop": "low-confidence-count"}

rules(signal) := [rule | some rule in input.evidence["alert-rule"]; rule.predicate.signal == signal]

series(signal) := [one | some one in input.evidence["telemetry-series"]; one.predicate.signal == counts[signal]]

logs := [log | some log in input.evidence["prediction-log"]; records.on_candidate(log)]

satisfied contains "outliers-alerted" if {
	told("prediction-outlier")
	told("confidence-drop")
}

satisfied contains "defaults-watched" if {
	armed("default-value-share")
	count(rules("default-value-share")) > 0
	every rule in rules("default-value-share") {
		0 <= rule.predicate.threshold
		rule.predicate.threshold <= data.parameters.max_default_share
	}
	count(logs) > 0
	every log in logs {
		log.predicate.default_share <= data.parameters.max_default_share
	}
}

armed(signal) if {
	count(rules(signal)) > 0
	every rule in rules(signal) {
		rule.predicate.enabled == true
	}
}

told(signal) if {
	armed(signal)
	count(series(signal)) > 0
	every one in series(signal) {
		answered(signal, one)
	}
}

answered(signal, one) if {
	one.predicate.value >= 0
	count(rules(signal)) > 0
	every rule in rules(signal) {
		0 <= rule.predicate.threshold
		one.predicate.value <= rule.predicate.threshold
	}
}

answered(signal, one) if {
	some event in input.evidence["alert-event"]
	event.predicate.signal == signal
	event.predicate.fired_at >= one.predicate.window.start
	event.predicate.fired_at <= calendar.add(one.predicate.window.end, "P1D")
}

findings contains say.also(open, {"values": {"signal": signal}}) if {
	some signal, objective in watched
	count(rules(signal)) == 0
	open := say.none(objective, "evidence/alert-rule", "no rule watches {signal}")
}

findings contains say.none("defaults-watched", "evidence/prediction-log", "no log of this version counts its default answers") if count(logs) == 0

findings contains say.also(off, {"values": {"signal": signal}}) if {
	some signal, objective in watched
	some rule in rules(signal)
	rule.predicate.enabled == false
	off := say.breach(objective, rule, "enabled", "the rule on {signal} is off")
}

watched := {
	"prediction-outlier": "outliers-alerted",
	"confidence-drop": "outliers-alerted",
	"default-value-share": "defaults-watched",
}

findings contains say.also(open, {"values": {"series": name}}) if {
	some signal, name in counts
	count(series(signal)) == 0
	open := say.none("outliers-alerted", "evidence/telemetry-series", "no series counts {series}")
}

findings contains say.also(silent, {"observed": one.predicate.value, "values": {"series": name}}) if {
	some signal, name in counts
	armed(signal)
	some one in series(signal)
	not answered(signal, one)
	silent := say.breach("outliers-alerted", one, "value", "{series} is {observed}, beyond its threshold, and no alert fired")
}

findings contains say.also(late, {"observed": rule.predicate.threshold, "expected": data.parameters.max_default_share}) if {
	some rule in rules("default-value-share")
	rule.predicate.threshold > data.parameters.max_default_share
	late := say.breach("defaults-watched", rule, "threshold", "the rule fires at a share of {observed} default answers, {expected} is tolerated")
}

findings contains say.also(many, {"observed": log.predicate.default_share, "expected": data.parameters.max_default_share}) if {
	some log in logs
	log.predicate.default_share > data.parameters.max_default_share
	many := say.breach("defaults-watched", log, "default_share", "a share of {observed} of the answers are defaults, {expected} is tolerated")
}

findings contains say.gap("defaults-watched", log, "default_share", "how many of the answers are defaults was not counted") if {
	some log in logs
	not counted(log)
}

counted(log) if is_number(log.predicate.default_share)
