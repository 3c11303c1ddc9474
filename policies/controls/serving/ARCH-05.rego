# METADATA
# title: Training and serving features consistent
# description: >-
#   Every feature that the lineage leads into the candidate is served to a deployment as the same node, which has a version;
#   the run that made it and the run that gives it to the deployment have one digest; and its stored and live values differ
#   by no more than the tolerance. Whether a deployment is one of this version the lineage need not say.
# custom:
#   severity: major
#   basis: policy
#   gates: [staging, operation]
#   evidence: [data-quality-report, lineage-graph]
#   parameters: [feature_parity_tolerance]
#   objectives:
#     same-view:
#       says: Training and serving read the same version of every feature.
#       at: [staging]
#       covers: [S2.M2.6]
#       reads: [lineage-graph]
#     values-agree:
#       says: Stored and live values of every feature agree.
#       covers: [S4.M2.4]
#     same-transformation:
#       says: Training and serving make every feature by the same transformation.
#       at: [staging]
#       covers: [S4.M4.4]
#       reads: [lineage-graph]
#   may_stand_beside:
#     data-quality-report.columns.constant: a column of one value shows nothing, and takes nothing away from another report
#     data-quality-report.stage: a report on another stage says nothing of live values
#   frameworks: {nist-ai-rmf: ["MAP 2.1"], iso-42001: ["A.4.5", "A.6.2.5"]}
#   remediation: Serve features from the definitions that training used.
package controls.serving.ARCH_05

import data.lib.findings as say
import data.lib.records

graphs := input.evidence["lineage-graph"]

parity := [report | some report in input.evidence["data-quality-report"]; report.predicate.stage == "feature-parity"]

# The candidate, by its digest.
models(graph) := {name | some name, digest in graph.predicate.node_digests; digest == input.subject.digest}

ids(graph, kind) := {node.id | some node in graph.predicate.nodes; node.kind == kind}

# Features that lead into the candidate, and those that are served to a deployment.
trained(graph) := {edge.from |
	some edge in graph.predicate.edges
	edge.kind == "trained"
	edge.to in models(graph)
	edge.from in ids(graph, "feature")
}

served(graph) := {edge.from |
	some edge in graph.predicate.edges
	edge.kind == "served"
	edge.to in ids(graph, "deployment")
	edge.from in ids(graph, "feature")
}

versioned(graph) := {name | some name, version in graph.predicate.node_versions; records.named(version)}

satisfied contains "same-view" if {
	count(graphs) > 0
	every graph in graphs {
		count(trained(graph)) > 0
		count(other_view(graph)) == 0
	}
}

other_view(graph) := trained(graph) - (served(graph) & versioned(graph))

satisfied contains "same-transformation" if {
	count(graphs) > 0
	every graph in graphs {
		count(trained(graph)) > 0
		count(otherwise_made(graph)) == 0
	}
}

# Digests of the runs that made a feature, and of those that give it to a deployment.
made_by(graph, feature) := [digest |
	some edge in graph.predicate.edges
	edge.kind == "derived"
	edge.to == feature
	digest := object.get(graph.predicate.node_digests, object.get(edge, "run", ""), "unknown")
]

given_by(graph, feature) := [digest |
	some edge in graph.predicate.edges
	edge.kind == "served"
	edge.from == feature
	digest := object.get(graph.predicate.node_digests, object.get(edge, "run", ""), "unknown")
]

otherwise_made(graph) := {feature |
	some feature in trained(graph)
	not alike(made_by(graph, feature), given_by(graph, feature))
}

alike(made, given) if {
	count(made) > 0
	count(given) > 0
	count({digest | some digest in array.concat(made, given)}) == 1
	not "unknown" in made
}

satisfied contains "values-agree" if {
	count(graphs) > 0
	every graph in graphs {
		count(trained(graph)) > 0
		count(trained(graph) - compared) == 0
	}
	count(parity) > 0
	every report in parity {
		agrees(report)
	}
}

# A column of one value agrees with anything.
compared := {feature |
	some report in parity
	some feature, quality in report.predicate.columns
	quality.constant == false
}

agrees(report) if {
	0 <= report.predicate.max_difference
	report.predicate.max_difference <= data.parameters.feature_parity_tolerance
}

findings contains say.gap(objective, graph, "edges", "no feature leads into this version") if {
	some graph in graphs
	count(trained(graph)) == 0
	some objective in ["same-view", "same-transformation", "values-agree"]
}

findings contains say.also(other, {"values": {"feature": feature}}) if {
	some graph in graphs
	some feature in other_view(graph)
	other := say.breach("same-view", graph, "edges", "{feature} is not served as it was trained, or has no version")
}

findings contains say.also(other, {"values": {"feature": feature}}) if {
	some graph in graphs
	some feature in otherwise_made(graph)
	other := say.breach("same-transformation", graph, "node_digests", "{feature} is made by other code in serving than in training, or nobody knows by which")
}

findings contains say.also(open, {"values": {"feature": feature}}) if {
	some graph in graphs
	some feature in (trained(graph) - compared)
	open := say.none("values-agree", "evidence/data-quality-report", "stored and live values of {feature} were not compared")
}

findings contains say.also(apart, {"observed": difference, "expected": data.parameters.feature_parity_tolerance}) if {
	some report in parity
	difference := report.predicate.max_difference
	not agrees(report)
	apart := say.breach("values-agree", report, "max_difference", "stored and live values differ by {observed}, {expected} is tolerated")
}
