# METADATA
# title: Retirement criteria defined and acted on
# description: >-
#   The registry entry ends the version by numbers: at a use, an accuracy and an upkeep, and in operation at a decay and a
#   drift. A limit stands on the side on which things get worse and where values can come to lie. In operation each limit
#   is watched by a current series or drift report of its signal, and one that is reached, at the worse end of a drift's
#   interval, is answered by a decision to retrain or decommission, dated after the breach began. Whoever retires a version
#   has decided so. What upkeep costs is counted in the unit of its series.
# custom:
#   severity: major
#   basis: policy
#   gates: [registration, operation, retirement]
#   evidence: [drift-report, registry-entry, telemetry-series]
#   objectives:
#     limits-set:
#       says: "The entry sets limits of use, accuracy and upkeep at which the version ends."
#       at: [registration, retirement]
#       covers: [S0.M9.2]
#       reads: [registry-entry]
#     end-decided:
#       says: The end of the version is a dated decision.
#       at: [retirement]
#       covers: [S0.M9.2]
#       reads: [registry-entry]
#     decay-limits-set:
#       says: The entry sets limits of decay and drift.
#       at: [operation, retirement]
#       covers: [S4.M3.1]
#       reads: [registry-entry]
#     limits-acted-on:
#       says: "Each limit is watched, and one that was reached has a decision to retrain or decommission."
#       at: [operation]
#       covers: [S4.M3.1]
#   may_stand_beside:
#     drift-report.statistic: another statistic says nothing of this limit
#     telemetry-series.signal: another signal says nothing of this limit
#   frameworks: {nist-ai-rmf: ["GOVERN 1.7", "MANAGE 2.4"], iso-42001: ["A.6.2.6"]}
#   remediation: Set numeric end-of-life limits and decide on the version that has passed one.
package controls.lineage.REG_05

import data.lib.findings as say
import data.lib.metrics
import data.lib.records

entries := input.evidence["registry-entry"]

series := input.evidence["telemetry-series"]

drifts := input.evidence["drift-report"]

satisfied contains "limits-set" if {
	count(entries) > 0
	every entry in entries {
		every kind in ["usage", "accuracy", "upkeep"] {
			limited(entry, kind)
		}
	}
}

satisfied contains "decay-limits-set" if {
	count(entries) > 0
	every entry in entries {
		limited(entry, "accuracy")
		limited(entry, "drift")
	}
}

satisfied contains "end-decided" if {
	count(entries) > 0
	every entry in entries {
		ended(entry)
	}
}

satisfied contains "limits-acted-on" if {
	count(entries) > 0
	every entry in entries {
		count(entry.predicate.sunset_criteria) > 0
		every rule in entry.predicate.sunset_criteria {
			watched(rule)
			answered(entry, rule)
		}
	}
}

limited(entry, kind) if {
	some rule in entry.predicate.sunset_criteria
	ends_by(rule, kind)
}

# Too little use ends a version, and so does too much upkeep or drift.
ends_by(rule, "usage") if {
	rule.signal == "usage"
	rule.op == "<="
	rule.value > 0
}

ends_by(rule, "upkeep") if {
	rule.signal == "upkeep"
	rule.op == ">="
	rule.value > 0
}

ends_by(rule, "drift") if {
	rule.signal in statistics
	rule.op == ">="
	rule.value > 0
}

# A metric of the table, at a value that it can pass.
ends_by(rule, "accuracy") if {
	metrics.more_is_better(rule.signal)
	rule.op == "<="
	rule.value > metrics.table[rule.signal].lowest
	metrics.possible(rule.signal, rule.value)
}

ends_by(rule, "accuracy") if {
	metrics.less_is_better(rule.signal)
	rule.op == ">="
	rule.value < metrics.table[rule.signal].highest
	metrics.possible(rule.signal, rule.value)
}

statistics := {"psi", "kl", "ks", "chi2", "wasserstein", "js"}

ended(entry) if {
	entry.predicate.deprecation_status.status in {"deprecated", "decommissioned"}
	records.named(entry.predicate.deprecation_status.decided_by.id)
}

watched(rule) if rule.signal in {one.predicate.signal | some one in series}

watched(rule) if rule.signal in {one.predicate.statistic | some one in drifts}

answered(entry, rule) if {
	rule.value >= 0
	count([record | some record in series; at_limit(record, rule); not decided(entry, record)]) == 0
	count([record | some record in drifts; drifted(record, rule); not decided(entry, record)]) == 0
}

# The series of the signal that is not known to be short of the limit.
at_limit(record, rule) if {
	record.predicate.signal == rule.signal
	not short_of(record, rule)
}

short_of(record, rule) if {
	record.predicate.value >= 0
	before(record.predicate.value, rule)
}

drifted(record, rule) if {
	record.predicate.statistic == rule.signal
	not drift_short_of(record, rule)
}

# At the worse end of the interval: a drift ends a version from above.
drift_short_of(record, rule) if {
	record.predicate.value.ci_low >= 0
	before(record.predicate.value.ci_high, rule)
}

before(value, rule) if {
	rule.op == ">="
	value < rule.value
}

before(value, rule) if {
	rule.op == "<="
	value > rule.value
}

# Decided once the breach was under way, and not before.
decided(entry, record) if {
	entry.predicate.deprecation_status.status in {"retrain", "decommissioned"}
	entry.predicate.deprecation_status.decided_at >= record.predicate.window.start
}

findings contains say.also(open, {"expected": kind}) if {
	some objective, kinds in asked[input.gate]
	some kind in kinds
	some entry in entries
	not limited(entry, kind)
	open := say.gap(objective, entry, "sunset_criteria", "no limit of {expected} ends the version, or none that can be reached")
}

asked := {
	"registration": {"limits-set": ["usage", "accuracy", "upkeep"]},
	"operation": {"decay-limits-set": ["accuracy", "drift"]},
	"retirement": {"limits-set": ["usage", "accuracy", "upkeep"], "decay-limits-set": ["accuracy", "drift"]},
}

findings contains say.gap("end-decided", entry, "deprecation_status", "nobody has decided and dated that the version ends") if {
	input.gate == "retirement"
	some entry in entries
	not ended(entry)
}

findings contains say.also(blind, {"values": {"signal": rule.signal}}) if {
	input.gate == "operation"
	some entry in entries
	some rule in entry.predicate.sunset_criteria
	not watched(rule)
	blind := say.gap("limits-acted-on", entry, "sunset_criteria", "nothing current measures {signal}, at which the version would end")
}

findings contains ignored(record, rule) if {
	input.gate == "operation"
	some entry in entries
	some rule in entry.predicate.sunset_criteria
	some record in series
	at_limit(record, rule)
	not decided(entry, record)
}

findings contains ignored(record, rule) if {
	input.gate == "operation"
	some entry in entries
	some rule in entry.predicate.sunset_criteria
	some record in drifts
	drifted(record, rule)
	not decided(entry, record)
}

ignored(record, rule) := say.also(
	say.breach("limits-acted-on", record, "value", "{signal} has reached the limit {expected}, and there is no dated decision since"),
	{"expected": rule.value, "values": {"signal": rule.signal}},
)
