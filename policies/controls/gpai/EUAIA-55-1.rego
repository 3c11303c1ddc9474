# METADATA
# title: Systemic-risk duties evidenced
# description: >-
#   A model with systemic risk was evaluated adversarially in this very version and tested for penetration, with no finding
#   open that is worse than is tolerated, by its own list too; its systemic risks were assessed, and every procedure for a
#   serious incident names the AI Office as a contact. Whether assessment and procedure are good is the word of who filed or
#   signed them. Systemic risk is presumed from the compute, whatever is answered.
# custom:
#   pack: gpai
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [gpai-systemic]
#   roles: [gpai-provider]
#   gates: [validation, operation, incident]
#   applies_from: D-GPAI
#   evidence: [risk-questionnaire, risk-register, runbook, security-test]
#   applies: [risk-questionnaire]
#   parameters: [gpai_exaflop, max_open_severity, systemic_risk_exaflop]
#   objectives:
#     evaluated-adversarially:
#       says: "This version was evaluated adversarially, with tolerable findings open."
#       reads: [security-test]
#     penetration-tested:
#       says: "It was tested for penetration, with tolerable findings open."
#       reads: [security-test]
#     risks-assessed:
#       says: Systemic risks were assessed and mitigated.
#       reads: [risk-register]
#     incident-procedure:
#       says: Every procedure for a serious incident names the AI Office.
#       reads: [runbook]
#   may_be_empty:
#     security-test.findings: a test may find nothing
#   may_differ: {risk-questionnaire.model_origin: whose model it is counts only where its compute is not told}
#   may_stand_beside:
#     runbook.scenario: a procedure for something else says nothing of serious incidents
#     security-test.kind: a test of another kind says nothing of this one
#     security-test.subject: the evaluation of another version says nothing of this one
#   frameworks: {eu-ai-act: ["55(1)"], nist-ai-rmf: ["MEASURE 2.6", "MEASURE 2.7"]}
#   remediation: "Run the adversarial evaluation and complete risk assessment, incident procedure and security record."
package controls.gpai.EUAIA_55_1

import data.lib.findings as say
import data.lib.records
import data.lib.text
import data.risk.gpai

questionnaires := input.evidence["risk-questionnaire"]

registers := input.evidence["risk-register"]

# Of this version; a penetration test is of the interface that all versions share.
evaluations := [test | some test in of_kind("adversarial-evaluation"); records.names_candidate(test)]

penetrations := of_kind("penetration")

of_kind(kind) := [test | some test in input.evidence["security-test"]; test.predicate.kind == kind]

procedures := [runbook | some runbook in input.evidence.runbook; runbook.predicate.scenario == "serious-incident"]

applies if {
	some questionnaire in questionnaires
	gpai.systemic(questionnaire.predicate)
}

# Where the compute of an own model is not told, whether it has systemic risk is not known.
applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.gpai in {true, false}
		questionnaire.predicate.gpai_systemic == false
		not gpai.presumed(questionnaire.predicate)
		count(gpai.doubts(questionnaire.predicate)) == 0
	}
}

satisfied contains "evaluated-adversarially" if clean(evaluations)

satisfied contains "penetration-tested" if clean(penetrations)

satisfied contains "risks-assessed" if {
	count(registers) > 0
	every register in registers {
		register.predicate.systemic_risks_assessed == true
	}
}

satisfied contains "incident-procedure" if {
	count(procedures) > 0
	every procedure in procedures {
		names_office(procedure)
	}
}

severities := ["none", "low", "medium", "high", "critical"]

tolerated contains severity if {
	some i, severity in severities
	some j, worst in severities
	worst == data.parameters.max_open_severity
	i <= j
}

clean(tests) if {
	count(tests) > 0
	every test in tests {
		tolerable(test)
	}
}

tolerable(test) if {
	test.predicate.highest_open_severity in tolerated
	count([finding | some finding in test.predicate.findings; not mild(finding)]) == 0
}

mild(finding) if finding.open == false

mild(finding) if finding.severity in tolerated

names_office(procedure) if {
	some contact in procedure.predicate.contacts
	some name in [contact.name, contact.department]
	text.lower(name) in {"ai office", "european ai office"}
}

findings contains say.none("evaluated-adversarially", "evidence/security-test", "no adversarial evaluation of this version is recorded") if count(evaluations) == 0

findings contains say.none("penetration-tested", "evidence/security-test", "no penetration test is recorded") if count(penetrations) == 0

findings contains say.also(bad, {"expected": data.parameters.max_open_severity}) if {
	some objective, tests in {"evaluated-adversarially": evaluations, "penetration-tested": penetrations}
	some test in tests
	not tolerable(test)
	bad := say.breach(objective, test, "highest_open_severity", "a finding worse than {expected} is open")
}

findings contains say.breach("risks-assessed", register, "systemic_risks_assessed", "the systemic risks were not assessed") if {
	some register in registers
	not assessed(register)
}

assessed(register) if register.predicate.systemic_risks_assessed == true

findings contains say.none("incident-procedure", "evidence/runbook", "no procedure for a serious incident is recorded") if count(procedures) == 0

findings contains say.breach("incident-procedure", procedure, "contacts", "the procedure for a serious incident does not name the AI Office") if {
	some procedure in procedures
	not names_office(procedure)
}
