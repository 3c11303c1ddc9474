# METADATA
# title: No choosing among test runs
# description: >-
#   Every run on the test split that the ledger knows is filed, so that the best of many cannot be chosen, and all
#   runs of the version follow one plan. Where the plan changed, one rerun-reason statement, by two persons who
#   neither trained nor built it (one of them did not commit the plan), lists the record ids of all these runs, with
#   the reason. Runs are counted by the data and for the whole system: neither another version, nor the same weights
#   in other bytes, nor a withdrawn record makes a test set new, and data that hold mostly the rows of an earlier
#   run's, in another order or slightly altered, are the same. The ledger's note of a run, made before the run
#   started, and the record of it say the same: version, plan and data.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [validation, staging]
#   evidence: [evidence-index, statement:rerun-reason, validation-run]
#   parameters: [max_test_runs]
#   objectives:
#     every-test-run-filed: {says: "Every run on the test split that the ledger counts is filed, and there is at least one.", reads: [evidence-index]}
#     test-set-not-worn: {says: "No test set of this version was run on more often than is allowed, by any version.", reads: [evidence-index, validation-run]}
#     one-plan-or-reason: {says: "All runs follow the same plan, or a signed reason explains its change."}
#   may_stand_beside:
#     statement:rerun-reason.facts.runs: a reason for other runs explains none of these; one statement must speak of all of them
#   frameworks: {eu-ai-act: ["9(8)"], nist-ai-rmf: ["MEASURE 2.1"]}
#   remediation: File every run on the test split and explain why it was repeated.
package controls.audit_trail.EVD_06

import data.lib.findings as say
import data.lib.records

# Made with the snapshot: there is one.
indexes := input.evidence["evidence-index"]

runs := input.evidence["validation-run"]

reasons := input.evidence["statement:rerun-reason"]

tested := [run | some index in indexes; some run in index.predicate.test_runs]

# Runs of this version on a test split; one that does not say of which version counts for each.
own := [run | some run in tested; of_candidate(run)]

of_candidate(run) if run.artifact_digest == input.subject.digest

of_candidate(run) if not run.artifact_digest

# How often the test set of a run was run on.
spent(run) := count([other | some other in tested; same_data(run, other)])

same_data(run, other) if rows_of(run) == rows_of(other)

rows_of(run) := run.same_rows_as

rows_of(run) := run.dataset_digest if not run.same_rows_as

same_data(run, _) if not run.dataset_digest

same_data(_, other) if not other.dataset_digest

# Every record of a run on a test split is that of a run of this version which the ledger counts.
all_counted if {
	count(runs) > 0
	count([run | some run in runs; not counted(run)]) == 0
}

counted(run) if {
	run.predicate.split == "test"
	some entry in own
	entry.record_id == run.id
	entry.artifact_digest == input.subject.digest
	entry.plan_digest == run.predicate.plan_digest
	entry.dataset_digest == run.predicate.dataset_digest
}

# A run on another split is none that the ledger noted as a test.
counted(run) if {
	run.predicate.split in {"validation", "holdout", "golden"}
	not run.id in {entry.record_id | some entry in tested}
}

plans := {run.predicate.plan_digest | some run in runs} | {run.plan_digest | some run in own}

satisfied contains "every-test-run-filed" if {
	count(indexes) == 1
	every index in indexes {
		index.predicate.subject_digest == input.subject.digest
		index.predicate.test_split_runs > 0
		index.predicate.test_split_runs == index.predicate.logged_test_split_runs
		count(index.predicate.test_runs) == index.predicate.logged_test_split_runs
	}
}

satisfied contains "test-set-not-worn" if {
	count(indexes) == 1
	count(own) > 0
	every run in own {
		spent(run) <= data.parameters.max_test_runs
	}
	all_counted
}

satisfied contains "one-plan-or-reason" if {
	count(indexes) == 1
	count(runs) > 0
	all_counted
	every run in runs {
		plans == {run.predicate.plan_digest}
	}
	count([run | some run in own; not under(run, plans)]) == 0
}

satisfied contains "one-plan-or-reason" if {
	count(indexes) == 1
	count(runs) > 0
	all_counted
	every run in runs {
		records.named(run.predicate.plan_digest)
	}
	some statement in reasons
	explains_all(statement)
}

under(run, them) if them == {run.plan_digest}

# One statement speaks of all the runs, by the ids of their records, the withdrawn ones too.
explains_all(statement) if {
	records.filled(statement.predicate.facts.reason)
	count([run | some run in runs; not filed_in(run, statement)]) == 0
	count([run | some run in own; not listed_in(run, statement)]) == 0
}

filed_in(run, statement) if run.id in statement.predicate.facts.runs

listed_in(run, statement) if run.record_id in statement.predicate.facts.runs

findings contains say.breach(objective, index, "records", "there is more than one index of evidence") if {
	count(indexes) > 1
	some index in indexes
	some objective in ["every-test-run-filed", "test-set-not-worn", "one-plan-or-reason"]
}

findings contains say.also(other, {"observed": subject, "expected": input.subject.digest}) if {
	some index in indexes
	subject := index.predicate.subject_digest
	subject != input.subject.digest
	other := say.breach("every-test-run-filed", index, "subject_digest", "the index of evidence is about another artifact than the one that is judged")
}

findings contains say.also(none, {"observed": filed}) if {
	some index in indexes
	filed := index.predicate.test_split_runs
	filed == 0
	none := say.gap("every-test-run-filed", index, "test_split_runs", "no run on the test split is filed")
}

findings contains say.also(kept_back, {"observed": filed, "expected": logged}) if {
	some index in indexes
	filed := index.predicate.test_split_runs
	logged := index.predicate.logged_test_split_runs
	filed != logged
	kept_back := say.breach("every-test-run-filed", index, "test_split_runs", "{observed} runs on the test split are filed, the ledger counts {expected}")
}

findings contains say.none("test-set-not-worn", "test_runs", "the ledger counts no run of this version on a test split") if {
	count(indexes) > 0
	count(own) == 0
}

findings contains say.also(worn, {"observed": times, "expected": data.parameters.max_test_runs}) if {
	some index in indexes
	some run in own
	times := spent(run)
	times > data.parameters.max_test_runs
	worn := say.breach("test-set-not-worn", index, "test_runs", "models of the system ran {observed} times on this test set, {expected} are allowed: test on new data")
}

findings contains say.also(unknown, {"observed": run.predicate.dataset_digest}) if {
	count(indexes) > 0
	some run in runs
	not counted(run)
	some objective in ["test-set-not-worn", "one-plan-or-reason"]
	unknown := say.breach(objective, run, "dataset_digest", "the ledger counts no such run of this version, under this plan, on this data and split")
}

findings contains say.also(changed, {"observed": run.predicate.plan_digest}) if {
	count(plans) > 1
	count([statement | some statement in reasons; explains_all(statement)]) == 0
	some run in runs
	changed := say.breach("one-plan-or-reason", run, "plan_digest", "the validation plan changed between runs, and no signed reason speaks of all of them")
}
