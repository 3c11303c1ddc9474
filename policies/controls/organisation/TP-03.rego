# METADATA
# title: Independent audit of high-impact models
# description: >-
#   Where any classification calls the impact high, every independent audit is signed by its auditor, covers the topics that
#   are asked for, ended within the time and has no weighty finding open. The auditor holds no role in building, running or owning systems; that they have no other tie is their word, and
#   nobody signs who trained or built a version. Which impact the system has is the word of who classified it.
# custom:
#   severity: major
#   basis: policy
#   mode: attested
#   gates: [production, operation]
#   evidence: [audit-report, risk-classification]
#   applies: [risk-classification]
#   parameters: [audit_topics, independent_audit_days]
#   objectives:
#     audited-by-outsider:
#       says: "An independent audit covers every topic, is recent, and left no weighty finding open."
#       covers: [S0.M6.7]
#       reads: [audit-report]
#   may_be_empty: {audit-report.findings: an audit may find nothing}
#   may_stand_beside: {audit-report.kind: an audit of another kind stands beside the independent one}
#   frameworks: {nist-ai-rmf: ["MEASURE 1.3"], iso-42001: ["A.6.2.4"], sr-26-2: ["Effective challenge"]}
#   remediation: Commission the independent audit and close its major findings.
package controls.organisation.TP_03

import data.lib.audits as outside
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

classifications := input.evidence["risk-classification"]

audits := [report | some report in input.evidence["audit-report"]; report.predicate.kind == "independent"]

applies := false if {
	count(classifications) > 0
	every classification in classifications {
		classification.predicate.impact_level in {"low", "medium"}
	}
}

applies if {
	some classification in classifications
	classification.predicate.impact_level == "high"
}

satisfied contains "audited-by-outsider" if {
	count(audits) > 0
	every audit in audits {
		outside.independent(audit)
		records.covers(audit.predicate.scope, data.parameters.audit_topics)
		calendar.within_days(audit.predicate.completed_at, data.parameters.independent_audit_days, input.now)
		is_array(audit.predicate.findings)
		count(weighty(audit)) == 0
	}
}

weighty(audit) := [finding | some finding in audit.predicate.findings; not harmless(finding)]

harmless(finding) if finding.open == false

harmless(finding) if finding.severity in {"low", "medium"}

findings contains say.none("audited-by-outsider", "evidence/audit-report", "no independent audit is on file") if count(audits) == 0

findings contains say.breach("audited-by-outsider", audit, "auditor", "the audit is not signed by an independent auditor") if {
	some audit in audits
	not outside.independent(audit)
}

findings contains say.also(open, {"values": {"topic": topic}}) if {
	some audit in audits
	some topic in data.parameters.audit_topics
	not topic in audit.predicate.scope
	open := say.gap("audited-by-outsider", audit, "scope", "the audit leaves out {topic}")
}

findings contains say.also(old, {"expected": data.parameters.independent_audit_days}) if {
	some audit in audits
	not recent(audit)
	old := say.breach("audited-by-outsider", audit, "completed_at", "the audit did not end within {expected} days")
}

recent(audit) if calendar.within_days(audit.predicate.completed_at, data.parameters.independent_audit_days, input.now)

findings contains say.also(bad, {"values": {"finding": finding.id}}) if {
	some audit in audits
	some finding in weighty(audit)
	bad := say.breach("audited-by-outsider", audit, "findings", "the finding {finding} is open")
}
