# METADATA
# title: Released graph numerically equal to its reference
# description: >-
#   The released graph gives the outputs of its reference on the golden set of the plan, the same again in a second
#   run and in any batch. The difference that a run records is its largest over the execution providers that it names.
#   Read strictly: the plan that the run cites must be here and pin the golden set, and the run must have compared on
#   just that set. A graph that is not its reference was never validated, so this stops a release.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [validation, staging]
#   evidence: {validation-plan: any, validation-run: measured}
#   parameters: [equivalence_tolerance]
#   objectives:
#     outputs-equal-reference: {says: "The outputs on the golden set equal the reference within the tolerance, on every execution provider."}
#     outputs-repeatable: {says: A second run gives the same outputs., reads: [validation-run]}
#     outputs-batch-invariant: {says: The outputs do not depend on the batch., reads: [validation-run]}
#   may_stand_beside:
#     validation-plan.digest: a plan that no run follows pins nothing for it; each run is held against the plan that it cites
#   frameworks: {eu-ai-act: ["15(1)", "Annex IV 2(c)"], nist-ai-rmf: ["MEASURE 2.5"]}
#   remediation: Correct the export or pin the execution provider until the outputs agree.
package controls.integrity.INT_06

import data.lib.findings as say

plans := input.evidence["validation-plan"]

runs := input.evidence["validation-run"]

satisfied contains "outputs-equal-reference" if {
	count(plans) > 0
	count(runs) > 0
	every run in runs {
		pinned(run) == {run.predicate.golden_set_digest}
		count(run.predicate.execution_providers) > 0
		0 <= run.predicate.max_output_difference
		run.predicate.max_output_difference <= data.parameters.equivalence_tolerance
	}
}

satisfied contains "outputs-repeatable" if all_true("deterministic")

satisfied contains "outputs-batch-invariant" if all_true("batch_invariant")

all_true(field) if {
	count(runs) > 0
	every run in runs {
		run.predicate[field] == true
	}
}

# Golden sets that the plan which the run followed pins.
pinned(run) := {plan.predicate.golden_set_digest |
	some plan in plans
	plan.digest == run.predicate.plan_digest
}

compared(run) if is_number(run.predicate.max_output_difference)

tried(run, field) if is_boolean(run.predicate[field])

findings contains say.gap("outputs-equal-reference", run, "plan_digest", "the plan that the run followed is not here, or pins no golden set") if {
	some run in runs
	count(plans) > 0
	count(pinned(run)) == 0
}

findings contains say.also(other, {"observed": golden, "expected": sort(pinned(run))}) if {
	some run in runs
	golden := run.predicate.golden_set_digest
	count(pinned(run)) > 0
	pinned(run) != {golden}
	other := say.breach("outputs-equal-reference", run, "golden_set_digest", "the outputs were compared on another golden set than the plan pins")
}

findings contains say.gap("outputs-equal-reference", run, "execution_providers", "the run names no execution provider") if {
	some run in runs
	count(run.predicate.execution_providers) == 0
}

findings contains say.also(apart, {"observed": difference, "expected": data.parameters.equivalence_tolerance}) if {
	some run in runs
	difference := run.predicate.max_output_difference
	difference > data.parameters.equivalence_tolerance
	apart := say.breach("outputs-equal-reference", run, "max_output_difference", "the outputs differ from the reference by {observed}, {expected} is tolerated")
}

findings contains say.gap("outputs-equal-reference", run, "max_output_difference", "the outputs were not compared with the reference") if {
	some run in runs
	not compared(run)
}

findings contains say.also(unlike, {"observed": false, "expected": true}) if {
	some run in runs
	run.predicate.deterministic == false
	unlike := say.breach("outputs-repeatable", run, "deterministic", "a second run gave other outputs")
}

findings contains say.gap("outputs-repeatable", run, "deterministic", "whether a second run gives the same outputs was not tried") if {
	some run in runs
	not tried(run, "deterministic")
}

findings contains say.also(batched, {"observed": false, "expected": true}) if {
	some run in runs
	run.predicate.batch_invariant == false
	batched := say.breach("outputs-batch-invariant", run, "batch_invariant", "the outputs depend on the batch")
}

findings contains say.gap("outputs-batch-invariant", run, "batch_invariant", "whether the outputs depend on the batch was not tried") if {
	some run in runs
	not tried(run, "batch_invariant")
}
