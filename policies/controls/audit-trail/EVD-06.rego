# METADATA
# title: No choosing among test runs
# description: >-
#   Every run on the test split that the ledger knows is filed, so that the best of many cannot be chosen, and all
#   runs follow one plan. Where the plan changed, one rerun-reason attestation whose scope names the system or the
#   digest lists the record ids of all current runs, with the reason.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [validation, staging]
#   evidence: [evidence-index, statement:rerun-reason, validation-run]
#   objectives:
#     every-test-run-filed:
#       says: Every run on the test split that the ledger counts is filed, and there is at least one.
#       reads: [evidence-index]
#     one-plan-or-reason:
#       says: All runs follow the same plan, or a signed reason explains its change.
#       reads: [statement:rerun-reason, validation-run]
#   frameworks:
#     eu-ai-act: ["9(8)"]
#     nist-ai-rmf: ["MEASURE 2.1"]
#   remediation: File every run on the test split and explain why it was repeated.
package controls.audit_trail.EVD_06

import data.lib.records

indexes := input.evidence["evidence-index"]

runs := input.evidence["validation-run"]

# Reasons that are signed for this system or this version.
reasons := [statement |
	some statement in input.evidence["statement:rerun-reason"]
	statement.predicate.statement_type == "rerun-reason"
	in_scope(statement)
	records.filled(statement.predicate.facts.reason)
]

in_scope(statement) if input.system.id in statement.predicate.scope

in_scope(statement) if input.subject.digest in statement.predicate.scope

plan_digests := {run.predicate.plan_digest | some run in runs}

satisfied contains "every-test-run-filed" if {
	count(indexes) > 0
	every index in indexes {
		index.predicate.subject_digest == input.subject.digest
		index.predicate.test_split_runs > 0
		index.predicate.test_split_runs == index.predicate.logged_test_split_runs
	}
}

satisfied contains "one-plan-or-reason" if {
	count(runs) > 0
	every run in runs {
		plan_digests == {run.predicate.plan_digest}
	}
}

satisfied contains "one-plan-or-reason" if {
	count(runs) > 0
	every run in runs {
		records.named(run.predicate.plan_digest)
	}
	some statement in reasons
	explains_all(statement)
}

# One statement speaks of all the runs, by the ids of their records.
explains_all(statement) if {
	count(runs) > 0
	every run in runs {
		run.id in statement.predicate.facts.runs
	}
}

findings contains finding if {
	some index in indexes
	index.predicate.subject_digest != input.subject.digest
	finding := {
		"objective": "every-test-run-filed",
		"message": "the index of evidence is about another artifact than the one that is judged",
		"evidence": index.id,
		"observed": index.predicate.subject_digest,
		"expected": input.subject.digest,
		"path": "subject_digest",
	}
}

findings contains finding if {
	some index in indexes
	index.predicate.test_split_runs <= 0
	finding := {
		"objective": "every-test-run-filed",
		"message": "no run on the test split is filed",
		"gap": true,
		"evidence": index.id,
		"observed": index.predicate.test_split_runs,
		"path": "test_split_runs",
	}
}

findings contains finding if {
	some index in indexes
	index.predicate.test_split_runs != index.predicate.logged_test_split_runs
	finding := {
		"objective": "every-test-run-filed",
		"message": sprintf(
			"%d runs on the test split are filed, the ledger counts %d",
			[index.predicate.test_split_runs, index.predicate.logged_test_split_runs],
		),
		"evidence": index.id,
		"observed": index.predicate.test_split_runs,
		"expected": index.predicate.logged_test_split_runs,
		"path": "test_split_runs",
	}
}

findings contains finding if {
	count(plan_digests) > 1
	count([statement | some statement in reasons; explains_all(statement)]) == 0
	some run in runs
	finding := {
		"objective": "one-plan-or-reason",
		"message": "the validation plan changed between runs, and no signed reason speaks of all of them",
		"evidence": run.id,
		"observed": run.predicate.plan_digest,
		"path": "plan_digest",
	}
}
