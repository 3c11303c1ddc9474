# METADATA
# title: Rollback dependencies recorded and compatible
# description: >-
#   The version that the rehearsed rollback restores reads the present data: the feature schema for which its file was
#   scanned is that of every dataset, or the dataset says that older readers can read it, or every change ticket of the
#   version puts the schema back with the rollback (schema-reversal). Each ticket names what a rollback needs: that schema
#   (feature-schema), and all features and runs of the lineage graph that have a version, with it, and nothing else. Which
#   schema the version restored was scanned for is told by each rehearsal, or by its manifest where that is seen; a model
#   without any dataset-record cannot be judged.
# custom:
#   severity: major
#   basis: policy
#   gates: [production, incident]
#   evidence: [artifact-manifest, change-record, dataset-record, feed-status, lineage-graph, rollback-drill]
#   about: {artifact-manifest: system}
#   objectives:
#     target-reads-data:
#       says: "The version to roll back to reads the present data, or the schema goes back with it."
#       covers: [S3.M5.7]
#       reads: [artifact-manifest, change-record, dataset-record, feed-status, rollback-drill]
#     dependencies-listed:
#       says: Every change ticket of the version lists the pipeline and schema versions that a rollback needs.
#       at: [production]
#       covers: [S3.M8.4]
#       reads: [change-record, feed-status, lineage-graph]
#   may_stand_beside:
#     artifact-manifest.artifact_digest: the manifest of a version that is no target says nothing of the target
#     change-record.subject: the ticket of another version says nothing of this one
#     feed-status.feed: another feed says nothing of changes
#   frameworks: {nist-ai-rmf: ["MANAGE 2.4"], iso-42001: ["A.6.2.6"]}
#   remediation: "List the pipeline and schema versions that the rollback needs, and make them compatible."
package controls.rollout.RB_05

import data.lib.feeds
import data.lib.findings as say
import data.lib.records

changes := input.evidence["change-record"]

datasets := input.evidence["dataset-record"]

graphs := input.evidence["lineage-graph"]

# A ticket counts for ninety days.
whole if feeds.all_seen_for(changes, input.evidence["feed-status"], "change-record", 90)

tickets := [change | some change in changes; records.names_candidate(change)]

# A rehearsal that restores the version itself names no version to roll back to.
targets := {drill.predicate.target_digest |
	some drill in input.evidence["rollback-drill"]
	drill.predicate.target_digest != input.subject.digest
}

# The feature schemas for which the version to roll back to was scanned, by its manifests and the rehearsals.
telling(target) := array.concat(
	[manifest.predicate.feature_schema_version |
		some manifest in input.evidence["artifact-manifest"]
		manifest.predicate.artifact_digest == target
	],
	[drill.predicate.feature_schema_version |
		some drill in input.evidence["rollback-drill"]
		drill.predicate.target_digest == target
	],
)

satisfied contains "target-reads-data" if {
	whole
	count(targets) > 0
	count(datasets) > 0
	count(tickets) > 0
	every target in targets {
		count(telling(target)) > 0
		count(unreadable(target)) == 0
		count(otherwise_listed(target)) == 0
	}
}

satisfied contains "dependencies-listed" if {
	whole
	count(tickets) > 0
	count(graphs) > 0
	every ticket in tickets {
		count(graphs) > 0
		every graph in graphs {
			lists(ticket, graph)
		}
	}
}

lists(ticket, graph) if {
	count(needed(graph)) > 0
	object.remove(ticket.predicate.rollback_dependencies, ["feature-schema", "schema-reversal"]) == needed(graph)
}

# The steps before the model that have a version, each with its version.
needed(graph) := object.filter(graph.predicate.node_versions, {node.id |
	some node in graph.predicate.nodes
	node.kind in {"feature", "run"}
})

# Datasets that the target cannot read.
unreadable(target) := [dataset |
	some schema in telling(target)
	some dataset in datasets
	not readable(dataset, schema)
]

readable(dataset, schema) if dataset.predicate.schema_version == schema

# Forward compatible: what was made for the old schema reads the new one.
readable(dataset, schema) if {
	records.named(schema)
	dataset.predicate.schema_compatibility in {"forward", "full"}
}

readable(_, schema) if {
	count(tickets) > 0
	every ticket in tickets {
		ticket.predicate.rollback_dependencies["schema-reversal"] == schema
	}
}

# Tickets that do not name the schema that the target asks for.
otherwise_listed(target) := [ticket |
	some schema in telling(target)
	some ticket in tickets
	not names_schema(ticket, schema)
]

names_schema(ticket, schema) if {
	ticket.predicate.rollback_dependencies["feature-schema"] == schema
}

findings contains say.none("target-reads-data", "evidence/rollback-drill", "no rehearsal names another version to roll back to") if count(targets) == 0

findings contains feeds.gap_for(objective, changes, input.evidence["feed-status"], "change-record", 90) if {
	not whole
	some objective in asked_here
}

findings contains say.also(unknown, {"observed": target}) if {
	some target in targets
	count(telling(target)) == 0
	unknown := say.none("target-reads-data", "feature_schema_version", "no rehearsal and no manifest tells the feature schema of the version to roll back to, {observed}")
}

findings contains say.breach("target-reads-data", dataset, "schema_version", "the version to roll back to does not read the schema of the dataset, and the schema does not go back with it") if {
	some target in targets
	some dataset in unreadable(target)
}

findings contains say.none(objective, "evidence/change-record", "there is no change ticket of this version") if {
	count(tickets) == 0
	some objective in asked_here
}

asked_here := ["target-reads-data", "dependencies-listed"] if input.gate == "production"

asked_here := ["target-reads-data"] if input.gate != "production"

findings contains say.also(other, {"observed": ticket.predicate.rollback_dependencies, "expected": needed(graph)}) if {
	input.gate == "production"
	some ticket in tickets
	some graph in graphs
	not lists(ticket, graph)
	other := say.breach("dependencies-listed", ticket, "rollback_dependencies", "the ticket lists other versions than the lineage graph has, or the graph has none")
}

findings contains say.breach("target-reads-data", ticket, "rollback_dependencies", "the ticket does not name the feature schema for which the version to roll back to was scanned") if {
	some target in targets
	some ticket in otherwise_listed(target)
}
