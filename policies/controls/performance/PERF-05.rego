# METADATA
# title: Candidate no worse than incumbent on untouched data
# description: >-
#   Every run on held-back data (the test split, or one held out) compared the candidate with another version that the
#   system tested before, on the same rows, and its primary metric is not worse by more than is tolerated, at the worse end
#   of the paired interval. The lineage knows the training data with which the run was compared, and nothing in it leads
#   from the held-back data on to a model. Which earlier version the incumbent is, is the plan's word; it must be one that
#   the ledger knows. The first version of a system, for which the ledger knows no run of another, has no incumbent, and
#   the control does not apply.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [validation]
#   evidence: {evidence-index: any, lineage-graph: any, validation-run: measured}
#   applies: [evidence-index, validation-run]
#   parameters: [max_regression]
#   objectives:
#     data-untouched:
#       says: Nothing leads from the held-back data to a model.
#       covers: [S2.M7.5]
#       reads: [lineage-graph, validation-run]
#     no-worse:
#       says: The candidate is no worse than a version that was tested before.
#       covers: [S2.M7.5]
#       reads: [evidence-index, validation-run]
#   may_be_empty:
#     lineage-graph.edges: no edge may lead on from the data
#   may_stand_beside:
#     evidence-index.test_runs.artifact_digest: "the snapshot makes one index, and no other stands beside it"
#     validation-run.split: a run on data that are not held back says nothing of those that are
#   frameworks: {nist-ai-rmf: ["MEASURE 2.3", "MEASURE 2.5"], iso-42001: ["A.6.2.4"], eu-ai-act: ["15(1)"]}
#   remediation: "Keep the incumbent, or improve the candidate and test it on data that training never saw."
package controls.performance.PERF_05

import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers

# Made with the snapshot: there is one.
indexes := input.evidence["evidence-index"]

graphs := input.evidence["lineage-graph"]

all_runs := input.evidence["validation-run"]

runs := [run | some run in all_runs; run.predicate.split in {"test", "holdout"}]

# Versions besides this one that the ledger knows a run of.
others := {tested.artifact_digest |
	some index in indexes
	some tested in index.predicate.test_runs
	tested.artifact_digest != input.subject.digest
}

# A run whose version the ledger does not know may be of another.
unknown_versions := [tested |
	some index in indexes
	some tested in index.predicate.test_runs
	not tested.artifact_digest
]

compared := [run | some run in all_runs; run.predicate.baseline_digest]

applies if count(others) > 0

applies if count(unknown_versions) > 0

applies if count(compared) > 0

applies := false if {
	count(indexes) > 0
	count(all_runs) > 0
	count(others) == 0
	count(unknown_versions) == 0
	count(compared) == 0
}

satisfied contains "data-untouched" if {
	count(runs) > 0
	count(graphs) > 0
	every run in runs {
		every graph in graphs {
			untouched(run, graph)
		}
	}
}

satisfied contains "no-worse" if {
	count(indexes) > 0
	count(runs) > 0
	every run in runs {
		no_worse(run.predicate)
	}
}

# The graph tells of the training: it knows the data with which the run was compared. From the held-back data, if it knows
# them at all, no edge leads on.
untouched(run, graph) if {
	run.predicate.training_digest in {node.digest | some node in graph.predicate.nodes}
	count([edge |
		some node in graph.predicate.nodes
		node.digest == run.predicate.dataset_digest
		some edge in graph.predicate.edges
		edge.from == node.id
	]) == 0
}

no_worse(run) if {
	run.baseline_digest in others
	gain := run.examined[concat(":", ["gain", "incumbent", run.primary_metric])]
	metrics.table[run.primary_metric]
	numbers.micro(gain.ci_low) + numbers.micro(data.parameters.max_regression) >= 0
}

findings contains say.none(objective, "split", "no run on held-back data is recorded") if {
	count(runs) == 0
	some objective in ["data-untouched", "no-worse"]
}

findings contains say.breach("data-untouched", run, "dataset_digest", "the lineage does not know the training data of the run, or something leads on from the held-back data") if {
	some run in runs
	some graph in graphs
	not untouched(run, graph)
}

findings contains say.gap("no-worse", run, "baseline_digest", "the run compared the candidate with no version that the system tested before") if {
	some run in runs
	not with_known(run)
}

with_known(run) if run.predicate.baseline_digest in others

findings contains say.also(worse, {"expected": data.parameters.max_regression, "values": {"metric": run.predicate.primary_metric}}) if {
	some run in runs
	with_known(run)
	not is_no_worse(run)
	worse := say.breach("no-worse", run, "examined", "{metric} may be worse than that of the incumbent by more than {expected}, or was not compared")
}

is_no_worse(run) if no_worse(run.predicate)
