# METADATA
# title: Independent validation for the tier
# description: >-
#   For the release that the inventory names, a model validation signed by its auditor covers every topic that is asked
#   for, within the interval of the model's materiality tier. Nobody signs it who trained or built the model; that the
#   auditor holds no other stake is their word. A report is kept a year, so that longer intervals ask for a copy filed anew.
# custom:
#   pack: bank
#   severity: major
#   basis: guidance
#   mode: hybrid
#   tiers: [bank-model]
#   roles: [bank]
#   gates: [validation]
#   applies_from: D-MRM
#   evidence: [audit-report, registry-entry, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [bank_validation_topics, validation_interval_by_materiality]
#   objectives:
#     validated:
#       says: The release was validated independently, on every topic and within the interval of its tier.
#       reads: [audit-report, registry-entry]
#   may_stand_beside:
#     audit-report.kind: an audit of another kind says nothing of the validation
#     audit-report.release_version: the validation of another release says nothing of this one
#   frameworks: {sr-26-2: ["Validation", "Effective challenge"], nist-ai-rmf: ["MEASURE 1.3"]}
#   remediation: Commission a validation by somebody who neither built nor owns the model.
package controls.bank.MRM_02

import data.lib.findings as say
import data.lib.records
import data.lib.regimes
import data.lib.time as calendar

entries := input.evidence["registry-entry"]

applies := regimes.bank_model(input.evidence["risk-questionnaire"])

reports := [report | some report in input.evidence["audit-report"]; report.predicate.kind == "model-validation"]

satisfied contains "validated" if {
	count(entries) > 0
	every entry in entries {
		owned(entry)
		count(of_release(entry)) > 0
		every report in of_release(entry) {
			independent(report)
			records.covers(report.predicate.scope, data.parameters.bank_validation_topics)
			in_time(report, entry)
		}
	}
}

of_release(entry) := [report | some report in reports; report.predicate.release_version == entry.predicate.version]

# Signed by the auditor, whom the inventory names in no role of the model.
independent(report) if {
	report.class == "attested"
	report.predicate.independent
	report.signature.signer == report.predicate.auditor.id
	not report.predicate.auditor.id in holders
}

holders := {person.id |
	some entry in entries
	some duty, person in entry.predicate.role_assignments
	duty != "validation"
}

in_time(report, entry) if {
	interval := data.parameters.validation_interval_by_materiality[entry.predicate.materiality_tier]
	input.now <= calendar.add(report.predicate.completed_at, interval)
}

findings contains say.also(absent, {"expected": entry.predicate.version}) if {
	some entry in entries
	count(of_release(entry)) == 0
	absent := say.none("validated", "evidence/audit-report", "no validation of the release {expected} is signed")
}

findings contains say.breach("validated", report, "auditor", "the validation is not that of an independent auditor who signed it and holds no role of the model") if {
	some entry in entries
	some report in of_release(entry)
	not independent(report)
}

findings contains say.also(open, {"values": {"topic": topic}}) if {
	some entry in entries
	some report in of_release(entry)
	some topic in data.parameters.bank_validation_topics
	not topic in report.predicate.scope
	open := say.gap("validated", report, "scope", "the validation leaves out {topic}")
}

findings contains say.breach("validated", report, "completed_at", "the validation is older than the interval of the model's materiality tier, or either is not known") if {
	some entry in entries
	some report in of_release(entry)
	not in_time(report, entry)
}

findings contains say.gap("validated", entry, "role_assignments", "the entry names no product owner") if {
	some entry in entries
	not owned(entry)
}

owned(entry) if entry.predicate.role_assignments["product-owner"].id
