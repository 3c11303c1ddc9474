# METADATA
# title: Business continuity without AI rehearsed
# description: >-
#   Every rehearsal of the work without the AI went well, and the late ones together cover each process that the
#   organisation counts as critical. It has to name one at least: a list that is empty was not thought of. Whether the work
#   was really done without the AI is the word of who led the rehearsal.
# custom:
#   severity: minor
#   basis: policy
#   mode: hybrid
#   gates: [operation]
#   evidence: [resilience-test]
#   parameters: [continuity_test_days, critical_processes]
#   objectives:
#     rehearsed-without-ai: {says: Each critical process was rehearsed without the AI of late and went on., covers: [S1.M8.8]}
#   may_stand_beside:
#     resilience-test.performed_at: a former rehearsal takes nothing away from a late one
#     resilience-test.processes: a rehearsal of other work takes nothing away from that of critical processes
#     resilience-test.scenario: a test of another scenario says nothing of an outage of the AI
#   frameworks: {nist-ai-rmf: ["MANAGE 2.3"], eu-ai-act: ["15(4)"]}
#   remediation: Rehearse the critical processes with the AI switched off.
package controls.rollout.RES_03

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

tests := [test | some test in input.evidence["resilience-test"]; test.predicate.scenario == "ai-outage"]

late := [test |
	some test in tests
	calendar.within_days(test.predicate.performed_at, data.parameters.continuity_test_days, input.now)
]

rehearsed := {process | some test in late; some process in test.predicate.processes}

satisfied contains "rehearsed-without-ai" if {
	count(tests) > 0
	every test in tests {
		test.predicate.passed == true
	}
	records.covers(rehearsed, data.parameters.critical_processes)
}

findings contains say.breach("rehearsed-without-ai", test, "passed", "the rehearsal without the AI failed") if {
	some test in tests
	test.predicate.passed == false
}

findings contains say.none("rehearsed-without-ai", "parameters/critical_processes", "the organisation named no critical process") if {
	count(data.parameters.critical_processes) == 0
}

findings contains say.also(open, {"values": {"process": process}}) if {
	some process in data.parameters.critical_processes
	not process in rehearsed
	open := say.none("rehearsed-without-ai", "evidence/resilience-test", "the process {process} was not rehearsed without the AI of late")
}
