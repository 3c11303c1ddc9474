# METADATA
# title: Offensive security exercise done and findings closed
# description: >-
#   A red team lately tried to poison and to evade the model, and a penetration test lately tried to invert it and to
#   mislead it by its input; what the tests left open, by their own word and finding by finding, is no worse than is
#   tolerated. Read strictly: every current test of these kinds counts, also an older one whose findings stay open. How
#   hard the testers tried is their word.
# custom:
#   severity: major
#   basis: policy
#   mode: hybrid
#   gates: [production, operation]
#   evidence: [security-test]
#   parameters: [max_open_severity, pentest_days, red_team_days]
#   objectives:
#     red-team-clear:
#       says: "A red team lately tried poisoning and evasion, and left little open."
#       covers: [S1.M8.3]
#     penetration-clear:
#       says: "A penetration test lately tried inversion and adversarial input, and left little open."
#       covers: [S4.M6.3]
#   may_be_empty: {security-test.findings: a test may find nothing}
#   may_stand_beside:
#     security-test.kind: a test of another kind is judged by other controls
#     security-test.attack_scenarios: a test of other scenarios is judged by what it left open
#     security-test.performed_at: an older test is judged by what it left open
#   frameworks: {nist-ai-rmf: ["MEASURE 2.7"], eu-ai-act: ["15(5)"], iso-42001: ["A.6.2.4"]}
#   remediation: Run the overdue exercise and close its open findings.
package controls.robustness.ROB_03

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

severities := ["none", "low", "medium", "high", "critical"]

# What each exercise must have tried, and how old it may be.
exercises := {
	"red-team-clear": {"kind": "red-team", "scenarios": ["poisoning", "evasion"], "days": data.parameters.red_team_days},
	"penetration-clear": {"kind": "penetration", "scenarios": ["inversion", "adversarial-input"], "days": data.parameters.pentest_days},
}

tests(objective) := [test |
	some test in input.evidence["security-test"]
	test.predicate.kind == exercises[objective].kind
]

satisfied contains "red-team-clear" if passed("red-team-clear")

satisfied contains "penetration-clear" if passed("penetration-clear")

passed(objective) if {
	done(objective)
	count(tests(objective)) > 0
	every test in tests(objective) {
		clear(test)
	}
}

done(objective) if {
	some test in tests(objective)
	records.covers(test.predicate.attack_scenarios, exercises[objective].scenarios)
	calendar.within_days(test.predicate.performed_at, exercises[objective].days, input.now)
}

clear(test) if {
	tolerated(test.predicate.highest_open_severity)
	is_array(test.predicate.findings)
	count([finding | some finding in test.predicate.findings; not closed(finding)]) == 0
}

closed(finding) if finding.open == false

closed(finding) if tolerated(finding.severity)

tolerated(severity) if {
	some rank, name in severities
	name == severity
	some most, limit in severities
	limit == data.parameters.max_open_severity
	rank <= most
}

findings contains say.also(open, {"values": {"kind": exercise.kind, "days": exercise.days}}) if {
	some objective, exercise in exercises
	not done(objective)
	open := say.none(objective, "evidence/security-test", "no {kind} test of the last {days} days tried what must be tried")
}

findings contains say.also(bad, {"observed": test.predicate.highest_open_severity, "expected": data.parameters.max_open_severity}) if {
	some objective, _ in exercises
	some test in tests(objective)
	not clear(test)
	bad := say.breach(objective, test, "highest_open_severity", "a finding worse than {expected} is open; the test says {observed}")
}
