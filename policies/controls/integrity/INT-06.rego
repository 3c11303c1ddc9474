# METADATA
# title: Released graph numerically equal to its reference
# description: >-
#   The released graph gives the outputs of its reference on the golden set of the plan, the same again in a second
#   run and in any batch. The difference that a run records is its largest over the execution providers that it names.
#   Read strictly: the plan that the run cites must be here and pin the golden set.
# custom:
#   severity: major
#   basis: policy
#   gates: [validation, staging]
#   evidence:
#     validation-plan: any
#     validation-run: measured
#   parameters: [equivalence_tolerance]
#   objectives:
#     outputs-equal-reference:
#       says: The outputs on the golden set equal the reference within the tolerance, on every execution provider.
#     outputs-repeatable:
#       says: A second run gives the same outputs.
#       reads: [validation-run]
#     outputs-batch-invariant:
#       says: The outputs do not depend on the batch.
#       reads: [validation-run]
#   frameworks:
#     eu-ai-act: ["15(1)", "Annex IV 2(c)"]
#     nist-ai-rmf: ["MEASURE 2.5"]
#   remediation: Correct the export or pin the execution provider until the outputs agree.
package controls.integrity.INT_06

import data.lib.records

plans := input.evidence["validation-plan"]

runs := input.evidence["validation-run"]

satisfied contains "outputs-equal-reference" if {
	count(plans) > 0
	count(runs) > 0
	every run in runs {
		records.on_candidate(run)
		golden_set_planned(run)
		records.all_filled(run.predicate.execution_providers)
		run.predicate.max_output_difference <= data.parameters.equivalence_tolerance
	}
}

satisfied contains "outputs-repeatable" if {
	count(runs) > 0
	every run in runs {
		records.on_candidate(run)
		run.predicate.deterministic == true
	}
}

satisfied contains "outputs-batch-invariant" if {
	count(runs) > 0
	every run in runs {
		records.on_candidate(run)
		run.predicate.batch_invariant == true
	}
}

# The plan that the run followed pins the golden set.
golden_set_planned(run) if {
	some plan in plans
	plan.digest == run.predicate.plan_digest
	records.named(plan.predicate.golden_set_digest)
}

outputs_compared(run) if is_number(run.predicate.max_output_difference)

run_twice(run) if is_boolean(run.predicate.deterministic)

batches_tried(run) if is_boolean(run.predicate.batch_invariant)

findings contains finding if {
	some run in runs
	not records.on_candidate(run)
	some objective in ["outputs-equal-reference", "outputs-repeatable", "outputs-batch-invariant"]
	finding := records.other_artifact(objective, run)
}

findings contains finding if {
	some run in runs
	count(plans) > 0
	not golden_set_planned(run)
	finding := {
		"objective": "outputs-equal-reference",
		"message": "the plan that the run followed is not here, or pins no golden set",
		"gap": true,
		"evidence": run.id,
		"observed": run.predicate.plan_digest,
		"path": "plan_digest",
	}
}

findings contains finding if {
	some run in runs
	not records.all_filled(run.predicate.execution_providers)
	finding := {
		"objective": "outputs-equal-reference",
		"message": "the run names no execution provider",
		"gap": true,
		"evidence": run.id,
		"path": "execution_providers",
	}
}

findings contains finding if {
	some run in runs
	run.predicate.max_output_difference > data.parameters.equivalence_tolerance
	finding := {
		"objective": "outputs-equal-reference",
		"message": "the outputs differ from the reference by more than is tolerated",
		"evidence": run.id,
		"observed": run.predicate.max_output_difference,
		"expected": data.parameters.equivalence_tolerance,
		"path": "max_output_difference",
	}
}

findings contains finding if {
	some run in runs
	not outputs_compared(run)
	finding := {
		"objective": "outputs-equal-reference",
		"message": "the outputs were not compared with the reference",
		"gap": true,
		"evidence": run.id,
		"path": "max_output_difference",
	}
}

findings contains finding if {
	some run in runs
	run.predicate.deterministic == false
	finding := {
		"objective": "outputs-repeatable",
		"message": "a second run gave other outputs",
		"evidence": run.id,
		"observed": false,
		"expected": true,
		"path": "deterministic",
	}
}

findings contains finding if {
	some run in runs
	not run_twice(run)
	finding := {
		"objective": "outputs-repeatable",
		"message": "whether a second run gives the same outputs was not tried",
		"gap": true,
		"evidence": run.id,
		"path": "deterministic",
	}
}

findings contains finding if {
	some run in runs
	run.predicate.batch_invariant == false
	finding := {
		"objective": "outputs-batch-invariant",
		"message": "the outputs depend on the batch",
		"evidence": run.id,
		"observed": false,
		"expected": true,
		"path": "batch_invariant",
	}
}

findings contains finding if {
	some run in runs
	not batches_tried(run)
	finding := {
		"objective": "outputs-batch-invariant",
		"message": "whether the outputs depend on the batch was not tried",
		"gap": true,
		"evidence": run.id,
		"path": "batch_invariant",
	}
}
