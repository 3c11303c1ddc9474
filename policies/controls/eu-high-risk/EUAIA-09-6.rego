# METADATA
# title: All planned tests pass before release
# description: >-
#   Every run of the candidate, whatever came out of it, follows a signed plan and has a result for each test that the plan
#   requires; each result meets the plan's threshold, at the worse end of its interval and with the confidence that the plan
#   asks for. A test without a threshold, or a plan without a test, is not passed. A plan that no run follows asks nothing.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [validation, staging]
#   applies_from: D-HR
#   evidence: {validation-plan: any, validation-run: measured}
#   objectives:
#     planned-tests-ran: {says: Each run of the candidate has a result for every test that its plan requires.}
#     planned-tests-passed: {says: Each of these results meets the threshold of the plan.}
#   may_differ: {validation-run.test_results: that each test has a result is asked; planned-tests-passed judges it}
#   may_stand_beside:
#     validation-plan.digest: a plan that no run follows asks nothing of them; each run is held against the plan that it cites
#   frameworks: {eu-ai-act: ["9(6)", "9(8)"], nist-ai-rmf: ["MEASURE 2.5"], iso-42001: ["A.6.2.4"]}
#   remediation: Run the missing tests or mend the model until each meets its threshold.
package controls.eu_high_risk.EUAIA_09_6

import data.lib.findings as say
import data.lib.metrics
import data.lib.records

runs := input.evidence["validation-run"]

plans := input.evidence["validation-plan"]

# The plan of a run by its digest; one that was filed twice stands twice.
plans_of(run) := [plan | some plan in plans; plan.digest == run.predicate.plan_digest]

satisfied contains "planned-tests-ran" if {
	count(runs) > 0
	every run in runs {
		records.on_candidate(run)
		count(plans_of(run)) > 0
		every plan in plans_of(run) {
			records.covers(object.keys(run.predicate.test_results), plan.predicate.required_tests)
		}
	}
}

satisfied contains "planned-tests-passed" if {
	count(runs) > 0
	every run in runs {
		count(plans_of(run)) > 0
		every plan in plans_of(run) {
			count(plan.predicate.required_tests) > 0
			every test in plan.predicate.required_tests {
				passed(run, plan, test)
			}
		}
	}
}

passed(run, plan, test) if {
	result := run.predicate.test_results[test]
	threshold := plan.predicate.thresholds[test]
	result.passed == true
	threshold.confidence > 0
	result.observed.confidence >= threshold.confidence
	threshold.op == metrics.side(metrics.measure(test))
	metrics.meets(metrics.measure(test), result.observed, threshold.value)
}

findings contains say.also(other, {"observed": run.predicate.plan_digest}) if {
	count(plans) > 0
	some run in runs
	count(plans_of(run)) == 0
	some objective in ["planned-tests-passed", "planned-tests-ran"]
	other := say.breach(objective, run, "plan_digest", "the run follows a plan that nobody signed and filed")
}

findings contains say.gap(objective, plan, "required_tests", "the plan requires no test") if {
	some run in runs
	some plan in plans_of(run)
	count(plan.predicate.required_tests) == 0
	some objective in ["planned-tests-passed", "planned-tests-ran"]
}

findings contains say.also(unmeasured, {"values": {"test": test}}) if {
	some run in runs
	some plan in plans_of(run)
	some test in plan.predicate.required_tests
	not run.predicate.test_results[test]
	unmeasured := say.gap("planned-tests-ran", run, "test_results", "the run has no result for {test}")
}

findings contains say.also(missed, {"values": {"test": test}}) if {
	some run in runs
	some plan in plans_of(run)
	some test in plan.predicate.required_tests
	not passed(run, plan, test)
	missed := say.breach("planned-tests-passed", run, "test_results", "{test} has no result that meets a threshold of the plan with the confidence that it asks for")
}
