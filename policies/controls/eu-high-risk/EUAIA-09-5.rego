# METADATA
# title: Metrics and thresholds fixed before testing
# description: >-
#   Each run of the candidate, whatever came out of it, follows a signed plan that lay in the ledger before the run
#   started and was filed. The plan sets a threshold for its primary metric and every test that it requires, on the side
#   on which the metric is worse, and the run meets each at the worse end of its interval. What the run notes of a
#   threshold is the same wherever the threshold is, and another wherever it is another: else a run was held against
#   something that its plan does not say. A plan that no run follows decides nothing.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [validation]
#   applies_from: D-HR
#   evidence: {validation-plan: any, validation-run: measured}
#   objectives:
#     run-follows-plan: {says: Each validation run of the candidate cites the digest of a signed plan.}
#     plan-before-run: {says: The plan of each run was committed and filed before the run started and was filed.}
#     plan-sets-thresholds: {says: The plan of each run sets a threshold for its primary metric and for each required test.}
#     results-meet-thresholds: {says: Each run measured all that its plan sets a threshold for and meets each threshold.}
#   may_differ:
#     validation-plan.committed_at: a commitment after the plan's filing is set aside, and the filing lies before the run; any earlier instant is as good
#   may_stand_beside:
#     validation-plan.digest: a plan that no run follows promises nothing of them; each run is held against the plan that it cites
#   frameworks: {eu-ai-act: ["9(8)"], nist-ai-rmf: ["MEASURE 1.1"]}
#   remediation: >-
#     Give the plan a threshold for its primary metric and for each required test, have it signed before the run (`quaestor
#     validate PLAN --commit --as PERSON`), then run it (`quaestor validate PLAN`). Where a run misses a threshold mend the
#     model or its data, not the plan; that run goes on counting against its version, so register what you mended as the
#     next version and validate that.
package controls.eu_high_risk.EUAIA_09_5

import data.lib.findings as say
import data.lib.metrics

runs := input.evidence["validation-run"]

plans := input.evidence["validation-plan"]

# The plan of a run by its digest; one that was filed twice stands twice.
plans_of(run) := [plan | some plan in plans; plan.digest == run.predicate.plan_digest]

satisfied contains "run-follows-plan" if {
	count(runs) > 0
	every run in runs {
		count(plans_of(run)) > 0
	}
}

satisfied contains "plan-before-run" if {
	count(runs) > 0
	every run in runs {
		planned_before(run)
	}
}

satisfied contains "plan-sets-thresholds" if {
	count(runs) > 0
	every run in runs {
		count(plans_of(run)) > 0
		every plan in plans_of(run) {
			count(asked(plan)) > 1
			every test in asked(plan) {
				limited(plan, test)
			}
		}
	}
}

satisfied contains "results-meet-thresholds" if {
	count(runs) > 0
	every run in runs {
		count(plans_of(run)) > 0
		every plan in plans_of(run) {
			count(plan.predicate.thresholds) > 0
			every test, threshold in plan.predicate.thresholds {
				meets(test, run.predicate.test_results[test], threshold)
			}
		}
	}
	count(held_against) == count({pair.digest | some pair in held_against})
	count(held_against) == count({pair.threshold | some pair in held_against})
}

# By the ledger's order and clock, and by what both claim.
planned_before(run) if {
	some plan in plans_of(run)
	plan.log_index < run.log_index
	plan.filed_at <= run.predicate.started_at
	plan.predicate.committed_at < run.predicate.started_at
}

asked(plan) := array.concat(plan.predicate.required_tests, [plan.predicate.primary_metric])

limited(plan, test) if {
	plan.predicate.thresholds[test].confidence > 0
	plan.predicate.thresholds[test].op == metrics.side(metrics.measure(test))
}

meets(test, result, threshold) if {
	result.passed == true
	startswith(result.threshold_digest, "sha256:")
	result.observed.confidence >= threshold.confidence
	threshold.op == metrics.side(metrics.measure(test))
	metrics.meets(metrics.measure(test), result.observed, threshold.value)
}

# Each threshold of a plan with the digest that a run under the plan noted of it.
held_against contains {"threshold": threshold, "digest": digest} if {
	some run in runs
	some test, threshold in plans_of(run)[_].predicate.thresholds
	digest := run.predicate.test_results[test].threshold_digest
}

findings contains say.also(other, {"observed": run.predicate.plan_digest}) if {
	count(plans) > 0
	some run in runs
	count(plans_of(run)) == 0
	other := say.breach("run-follows-plan", run, "plan_digest", "the run follows a plan that nobody signed and filed")
}

findings contains say.also(late, {"observed": run.predicate.started_at}) if {
	some run in runs
	count(plans_of(run)) > 0
	not planned_before(run)
	late := say.breach("plan-before-run", run, "started_at", "the run started at {observed}, and its plan was not committed and filed before that")
}

findings contains say.also(open, {"values": {"test": test}}) if {
	some run in runs
	some plan in plans_of(run)
	some test in asked(plan)
	not limited(plan, test)
	open := say.breach("plan-sets-thresholds", plan, "thresholds", "the plan sets no threshold for {test}, or one that limits nothing")
}

findings contains say.also(unmeasured, {"values": {"test": test}}) if {
	some run in runs
	some test, _ in plans_of(run)[_].predicate.thresholds
	not run.predicate.test_results[test]
	unmeasured := say.gap("results-meet-thresholds", run, "test_results", "the run has no result for {test}")
}

findings contains say.also(missed, {"observed": result.observed, "expected": threshold.value, "values": {"test": test}}) if {
	some run in runs
	some test, threshold in plans_of(run)[_].predicate.thresholds
	result := run.predicate.test_results[test]
	not meets(test, result, threshold)
	missed := say.breach("results-meet-thresholds", run, "test_results", "{test} does not meet its threshold with the confidence that the plan asks for")
}

findings contains say.also(other, {"values": {"test": test}}) if {
	some run in runs
	some test, threshold in plans_of(run)[_].predicate.thresholds
	noted := run.predicate.test_results[test].threshold_digest
	some pair in held_against
	other_digest(pair, threshold, noted)
	other := say.breach("results-meet-thresholds", run, "test_results", "{test} was held against another threshold than the plan says")
}

other_digest(pair, threshold, noted) if {
	pair.threshold == threshold
	pair.digest != noted
}

other_digest(pair, threshold, noted) if {
	pair.threshold != threshold
	pair.digest == noted
}
