# METADATA
# title: Override and stop exercised
# description: >-
#   Override and stop were each exercised, worked, and reached the safe state within the declared time, not too long ago.
#   Read strictly: every current test of the two counts, and a test that lies ahead counts for nothing.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider, deployer]
#   gates: [staging, production]
#   applies_from: D-HR
#   evidence: [resilience-test]
#   parameters: [resilience_test_days]
#   objectives:
#     override-works:
#       says: Overriding the system was exercised lately and reached the safe state in the declared time.
#     stop-works:
#       says: Stopping the system was exercised lately and reached the safe state in the declared time.
#   frameworks:
#     eu-ai-act: ["14(4)(d)", "14(4)(e)"]
#     nist-ai-rmf: ["MANAGE 2.4"]
#     iso-42001: ["A.9.2"]
#   remediation: Exercise stop and override in staging until they reach the safe state in the declared time.
package controls.eu_high_risk.EUAIA_14_3

import data.lib.time as calendar

overrides := [test | some test in input.evidence["resilience-test"]; test.predicate.scenario == "override"]

stops := [test | some test in input.evidence["resilience-test"]; test.predicate.scenario == "stop"]

satisfied contains "override-works" if {
	count(overrides) > 0
	every test in overrides {
		works(test)
	}
}

satisfied contains "stop-works" if {
	count(stops) > 0
	every test in stops {
		works(test)
	}
}

works(test) if {
	test.predicate.passed == true
	in_declared_time(test)
	recent(test)
}

in_declared_time(test) if test.predicate.safe_state_seconds <= test.predicate.declared_seconds

recent(test) if calendar.within_days(test.predicate.performed_at, data.parameters.resilience_test_days, input.now)

findings contains finding if {
	count(overrides) == 0
	finding := {
		"objective": "override-works",
		"message": "no current test exercised the override",
		"gap": true,
		"expected": "override",
		"path": "scenario",
	}
}

findings contains finding if {
	count(stops) == 0
	finding := {
		"objective": "stop-works",
		"message": "no current test exercised the stop",
		"gap": true,
		"expected": "stop",
		"path": "scenario",
	}
}

findings contains object.union(breach, {"objective": "override-works"}) if {
	some test in overrides
	some breach in breaches(test)
}

findings contains object.union(breach, {"objective": "stop-works"}) if {
	some test in stops
	some breach in breaches(test)
}

# What is wrong with a test, without the objective.
breaches(test) := [breach | some topic in ["passed", "time", "untimed", "age"]; breach := breach_of(test, topic)]

breach_of(test, "passed") := {
	"message": sprintf("the test of %s failed", [test.predicate.scenario]),
	"evidence": test.id,
	"observed": false,
	"expected": true,
	"path": "passed",
} if {
	test.predicate.passed == false
}

breach_of(test, "time") := {
	"message": sprintf("%s took longer to the safe state than declared", [test.predicate.scenario]),
	"evidence": test.id,
	"observed": test.predicate.safe_state_seconds,
	"expected": test.predicate.declared_seconds,
	"path": "safe_state_seconds",
} if {
	test.predicate.safe_state_seconds > test.predicate.declared_seconds
}

breach_of(test, "untimed") := {
	"message": sprintf("the time of %s to the safe state was not measured, or none was declared", [test.predicate.scenario]),
	"gap": true,
	"evidence": test.id,
	"path": "safe_state_seconds",
} if {
	not timed(test)
}

breach_of(test, "age") := {
	"message": sprintf("the test of %s is too long ago, or lies ahead", [test.predicate.scenario]),
	"gap": true,
	"evidence": test.id,
	"observed": test.predicate.performed_at,
	"expected": data.parameters.resilience_test_days,
	"path": "performed_at",
} if {
	not recent(test)
}

timed(test) if {
	is_number(test.predicate.safe_state_seconds)
	is_number(test.predicate.declared_seconds)
}
