# METADATA
# title: Retraining dependencies coordinated
# description: >-
#   The training of the candidate began after every job of its ancestry was finished, as the job or what it made tells,
#   and the plan for the next run, which lies ahead, has the consent of the owner of every pipeline in the lineage and its
#   labels in time. Lineage does not say for which data window a job ran, so that every job of the ancestry must be
#   finished. The consents are the word of who signs the plan.
# custom:
#   severity: major
#   basis: policy
#   mode: hybrid
#   gates: [validation, operation]
#   evidence: [lineage-graph, training-run, retraining-plan]
#   objectives:
#     inputs-finished:
#       says: Training began after every job that feeds it was finished.
#       at: [validation]
#       covers: [S2.M7.6]
#       reads: [lineage-graph, training-run]
#     owners-agree:
#       says: "Every pipeline owner consents to the next run, and its labels are ready before."
#       at: [operation]
#       covers: [S4.M3.5]
#       reads: [lineage-graph, retraining-plan]
#   may_stand_beside: {training-run.subject: a run of another version says nothing of the candidate}
#   frameworks: {nist-ai-rmf: ["MANAGE 4.1"], iso-42001: ["A.6.2.6"]}
#   remediation: Order the jobs and obtain the pipeline owners' consent.
package controls.change.RTR_03

import data.lib.findings as say
import data.lib.records

graphs := input.evidence["lineage-graph"]

runs := input.evidence["training-run"]

plans := input.evidence["retraining-plan"]

own := [run | some run in runs; records.names_candidate(run)]

# The jobs that derived something.
pipelines(graph) := {edge.run | some edge in graph.predicate.edges; edge.kind == "derived"}

# What a job made: the data and features to which an edge leads.
made(graph) := {node.id |
	some node in graph.predicate.nodes
	node.kind in {"dataset", "feature"}
	some edge in graph.predicate.edges
	edge.to == node.id
}

satisfied contains "inputs-finished" if {
	count(graphs) > 0
	count(own) > 0
	every graph in graphs {
		count(made(graph)) > 0
		count(graph.predicate.edges) > 0
		every edge in graph.predicate.edges {
			every run in own {
				settled(graph, edge, run)
			}
		}
	}
}

# The edge leads to something else than data and features, or to what was finished when the run began.
settled(graph, edge, run) if {
	ends := [node | some node in graph.predicate.nodes; node.id == edge.to]
	count(ends) == 1
	ready(graph, edge, ends[0], run)
}

ready(_, _, node, _) if node.kind in {"source", "run", "model", "deployment", "output", "decision"}

ready(graph, edge, node, run) if {
	node.kind in {"dataset", "feature"}
	count(finished(graph, edge, node)) > 0
	every moment in finished(graph, edge, node) {
		moment <= run.predicate.started_at
	}
}

# When it was finished, by itself and by the job that made it.
finished(graph, edge, node) := {other.finished_at |
	some other in graph.predicate.nodes
	other.id in [node.id, object.get(edge, "run", node.id)]
}

satisfied contains "owners-agree" if {
	count(graphs) > 0
	count(plans) > 0
	every plan in plans {
		every graph in graphs {
			all_agree(plan, graph)
		}
		in_order(plan.predicate)
	}
}

all_agree(plan, graph) if {
	count(graph.predicate.edges) > 0
	every edge in graph.predicate.edges {
		named(edge)
	}
	records.covers([dependency.pipeline | some dependency in plan.predicate.dependencies], pipelines(graph))
	count(plan.predicate.dependencies) > 0
	every dependency in plan.predicate.dependencies {
		dependency.consented == true
		records.named(dependency.owner.id)
	}
}

# A step of derivation without its job hides a pipeline.
named(edge) if edge.kind in {"trained", "read", "served", "produced"}

named(edge) if {
	edge.kind == "derived"
	records.named(edge.run)
}

in_order(plan) if {
	plan.labels_ready_at < plan.next_run_at
	input.now <= plan.next_run_at
}

findings contains say.none("inputs-finished", "started_at", "no training run of the candidate is on file") if count(own) == 0

findings contains say.gap("inputs-finished", graph, "edges", "the lineage shows no job that feeds the training") if {
	some graph in graphs
	count(made(graph)) == 0
}

findings contains say.also(early, {"values": {"name": name}}) if {
	some graph in graphs
	some edge in graph.predicate.edges
	some run in own
	not settled(graph, edge, run)
	name := edge.to
	early := say.breach("inputs-finished", run, "started_at", "training is not shown to have begun after {name} was finished")
}

findings contains say.gap("owners-agree", plan, "dependencies", "a pipeline of the lineage has no consent of its owner, or a step names no pipeline") if {
	some plan in plans
	some graph in graphs
	not all_agree(plan, graph)
}

findings contains say.gap("owners-agree", plan, "labels_ready_at", "the next run does not lie ahead, or its labels are not ready before it") if {
	some plan in plans
	not in_order(plan.predicate)
}
