# METADATA
# title: Validation findings closed or accepted
# description: >-
#   The model was validated, and no finding of high or critical severity in any of its audit reports is open past the day on
#   which it was due, unless the auditor signed a report by which somebody else extended it to a day that lies ahead. A
#   finding without a day is due at once, and a report that somebody filed for the auditor extends nothing.
# custom:
#   pack: bank
#   severity: major
#   basis: guidance
#   tiers: [bank-model]
#   roles: [bank]
#   gates: [staging, operation]
#   applies_from: D-MRM
#   evidence: [audit-report, risk-questionnaire]
#   applies: [risk-questionnaire]
#   objectives:
#     findings-closed: {says: "No weighty finding of an audit is open past its day, unless it was extended.", reads: [audit-report]}
#   may_be_empty: {audit-report.findings: a validation may find nothing}
#   may_stand_beside: {audit-report.kind: an audit of another kind stands beside the validation}
#   frameworks: {sr-26-2: ["Validation"]}
#   remediation: Close the finding or have the auditor sign an extension.
package controls.bank.MRM_04

import data.lib.findings as say
import data.lib.regimes

reports := input.evidence["audit-report"]

applies := regimes.bank_model(input.evidence["risk-questionnaire"])

validations := [report | some report in reports; report.predicate.kind == "model-validation"]

satisfied contains "findings-closed" if {
	count(validations) > 0
	count(overdue) == 0
}

overdue := [{"report": report, "finding": finding} |
	some report in reports
	some finding in report.predicate.findings
	not settled(report, finding)
]

settled(_, finding) if finding.open == false

settled(_, finding) if finding.severity in {"low", "medium"}

settled(_, finding) if input.now < finding.due_at

settled(report, finding) if {
	input.now < finding.extended_until
	report.class == "attested"
	report.signature.signer == report.predicate.auditor.id
	finding.extension_by.id != report.predicate.auditor.id
}

findings contains say.none("findings-closed", "kind", "no validation of the model is on file") if count(validations) == 0

findings contains say.also(late, {"values": {"finding": item.finding.id}}) if {
	some item in overdue
	late := say.breach("findings-closed", item.report, "findings", "the finding {finding} is open past its day, and nobody extended it")
}
