# METADATA
# title: Retirement criteria defined and acted on
# description: >-
#   The registry entry ends the version by numbers: at a use, an accuracy and an upkeep, and in operation at a decay and a
#   drift. A limit stands on the side on which things get worse and where values can come to lie. In operation each limit
#   is watched by a current series or drift report of its signal, and one that is reached, at the worse end of a drift's
#   interval, is answered by a decision to retrain or decommission, dated after the breach began. Whoever retires a version
#   has decided so, and who decided has approved it at that gate under their own key; no request reaches it any more, wherever
#   it took any. A version of which no deployment is on file cannot be judged there. What upkeep costs is counted in the
#   unit of its series.
# custom:
#   severity: major
#   basis: policy
#   gates: [registration, operation, retirement]
#   evidence: [approval, deployment-record, drift-report, feed-status, registry-entry, telemetry-series]
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
#     end-signed:
#       says: Who decided on the end approved it at this gate.
#       at: [retirement]
#       covers: [S0.M9.2]
#       reads: [approval, registry-entry]
#     out-of-use:
#       says: "Wherever the version took requests, it takes none any more."
#       at: [retirement]
#       covers: [S0.M9.2]
#       reads: [deployment-record, feed-status]
#     decay-limits-set:
#       says: The entry sets limits of decay and drift.
#       at: [operation, retirement]
#       covers: [S4.M3.1]
#       reads: [registry-entry]
#     limits-acted-on:
#       says: "Each limit is watched, and one that was reached has a decision to retrain or decommission."
#       at: [operation]
#       covers: [S4.M3.1]
#       reads: [drift-report, registry-entry, telemetry-series]
#   may_differ: {approval.log_index: which word of a person is the last counts; of one word any place will do}
#   may_stand_beside:
#     approval: what others said at the gate takes nothing away from who decided
#     deployment-record.artifact_digest: the deployment of another version says nothing of this one
#     feed-status.feed: another feed says nothing of deployments
#     drift-report.statistic: another statistic says nothing of this limit
#     telemetry-series.signal: another signal says nothing of this limit
#   frameworks: {nist-ai-rmf: ["GOVERN 1.7", "MANAGE 2.4"], iso-42001: ["A.6.2.6"]}
#   remediation: Set numeric end-of-life limits and decide on the version that has passed one.
package controls.lineage.REG_05

import data.lib.approvals
import data.lib.deployments
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

satisfied contains "end-signed" if {
	count(entries) > 0
	every entry in entries {
		signed(entry)
	}
}

# Who decided said so under their own key, and has not taken it back since.
signed(entry) if {
	words := [word | some word in approvals.last_words; word.signature.signer == entry.predicate.deprecation_status.decided_by.id]
	count(words) > 0
	every word in words {
		approvals.good(word)
	}
}

deployed := input.evidence["deployment-record"]

ours := deployments.of_candidate(deployed)

whole if deployments.all_seen(deployed, input.evidence["feed-status"])

satisfied contains "out-of-use" if {
	whole
	count(ours) > 0
	count(in_use) == 0
}

# Where requests reach the version: its last deployment there takes some, or does not say that it takes none.
in_use := [deployment | some deployment in ours; not deployments.idle(deployment); not taken_down(deployment)]

taken_down(deployment) if {
	some later in ours
	deployments.idle(later)
	later.predicate.environment == deployment.predicate.environment
	later.predicate.region == deployment.predicate.region
	deployment.predicate.started_at < later.predicate.started_at
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

findings contains say.gap("end-signed", entry, "deprecation_status", "who decided on the end has not approved it at this gate") if {
	input.gate == "retirement"
	some entry in entries
	not signed(entry)
}

findings contains deployments.gap("out-of-use", deployed, input.evidence["feed-status"]) if {
	input.gate == "retirement"
	not whole
}

findings contains say.none("out-of-use", "evidence/deployment-record", "no deployment of the version is on file, so that it is not known whether requests reach it") if {
	input.gate == "retirement"
	count(ours) == 0
}

findings contains say.also(up, {"observed": deployment.predicate.traffic_share, "values": {"environment": deployment.predicate.environment}}) if {
	input.gate == "retirement"
	some deployment in in_use
	up := say.breach("out-of-use", deployment, "traffic_share", "the version takes a share {observed} of the requests in {environment}")
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
