# METADATA
# title: Override and stop exercised
# description: >-
#   Every current drill of the two on this version worked, lately, and reached the safe state in the declared time, which
#   is itself no longer than the longest that counts as stopping. A drill that lies ahead counts for nothing. Providers are
#   bound by Art 14, deployers by Art 26(2).
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider, deployer]
#   gates: [staging, production]
#   applies_from: D-HR
#   evidence: [resilience-test]
#   parameters: [max_safe_state_seconds, resilience_test_days]
#   objectives:
#     override-works: {says: Overriding the system was exercised lately and reached the safe state in the declared time.}
#     stop-works: {says: Stopping the system was exercised lately and reached the safe state in the declared time.}
#   may_stand_beside: {resilience-test.scenario: a drill of another scenario says nothing of this one}
#   frameworks: {eu-ai-act: ["14(4)(d)", "14(4)(e)", "26(2)"], nist-ai-rmf: ["MANAGE 2.4"], iso-42001: ["A.9.2"]}
#   remediation: Exercise stop and override in staging until they reach the safe state in the declared time.
package controls.eu_high_risk.EUAIA_14_3

import data.lib.findings as say
import data.lib.time as calendar

scenarios := {"override-works": "override", "stop-works": "stop"}

drills(objective) := [test | some test in input.evidence["resilience-test"]; test.predicate.scenario == scenarios[objective]]

satisfied contains "override-works" if all_work(drills("override-works"))

satisfied contains "stop-works" if all_work(drills("stop-works"))

all_work(tests) if {
	count(tests) > 0
	every test in tests {
		test.predicate.passed == true
		in_time(test.predicate)
		recent(test.predicate)
	}
}

in_time(drill) if {
	0 <= drill.safe_state_seconds
	drill.safe_state_seconds <= drill.declared_seconds
	drill.declared_seconds <= data.parameters.max_safe_state_seconds
}

recent(drill) if calendar.within_days(drill.performed_at, data.parameters.resilience_test_days, input.now)

findings contains say.none(objective, "scenario", "no current drill of this version exercised it") if {
	some objective, _ in scenarios
	count(drills(objective)) == 0
}

findings contains say.breach(objective, test, "passed", "the drill failed") if {
	some objective, _ in scenarios
	some test in drills(objective)
	test.predicate.passed == false
}

findings contains slow if {
	some objective, _ in scenarios
	some test in drills(objective)
	not in_time(test.predicate)
	slow := say.also(
		say.breach(objective, test, "safe_state_seconds", "not in the safe state in the declared time, or declared longer than counts as stopping"),
		{"observed": test.predicate.safe_state_seconds, "expected": test.predicate.declared_seconds},
	)
}

findings contains say.gap(objective, test, "safe_state_seconds", "the time to the safe state was not measured, or none was declared") if {
	some objective, _ in scenarios
	some test in drills(objective)
	not timed(test.predicate)
}

findings contains say.also(old, {"observed": test.predicate.performed_at}) if {
	some objective, _ in scenarios
	some test in drills(objective)
	not recent(test.predicate)
	old := say.gap(objective, test, "performed_at", "the drill is too long ago, or lies ahead")
}

timed(drill) if {
	is_number(drill.safe_state_seconds)
	is_number(drill.declared_seconds)
}
