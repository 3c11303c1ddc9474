# METADATA
# title: Version identity immutable across environments
# description: >-
#   A digest stands for one version and a version for one digest. Every model and dataset of the lineage has a digest of
#   its own, the lineage and every registry entry of this digest give it the same version label, and the
#   training code is named by a commit or a digest. In operation every deployment that was filed for the version carries
#   its digest, and deployments of one release the same one, in every environment, for all the time since the training. The
#   feature pipeline shares the release of the model (DEP-05); it is known by the lineage, which has its digest as a step
#   before the model and as nothing else. Read strictly: a branch or a path is no name of the code. Entries of other
#   versions are not seen here.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [registration, production]
#   evidence: [deployment-record, feed-status, lineage-graph, registry-entry, training-run]
#   objectives:
#     addressed-by-content:
#       says: Every model and dataset of the lineage is known by its digest, and the code by a commit.
#       at: [registration]
#       covers: [S2.M3.1]
#       reads: [lineage-graph, training-run]
#     never-rebound:
#       says: The digest has one version label, in the registry and in the lineage.
#       at: [registration]
#       covers: [S2.M3.1]
#       reads: [lineage-graph, registry-entry]
#     same-everywhere:
#       says: Every environment runs the same digest of one version.
#       at: [production]
#       covers: [S3.M5.1]
#       reads: [deployment-record, feed-status, lineage-graph, training-run]
#   may_be_empty: {deployment-record.subject: what was filed for nothing must carry the digest like the others}
#   may_stand_beside: {feed-status.feed: another feed says nothing of deployments}
#   frameworks: {nist-ai-rmf: ["GOVERN 1.6"], iso-42001: ["A.4.2"]}
#   remediation: Register the changed artifact as a new version instead of rebinding the old name.
package controls.lineage.REG_02

import data.lib.feeds
import data.lib.findings as say
import data.lib.records

graphs := input.evidence["lineage-graph"]

entries := input.evidence["registry-entry"]

runs := input.evidence["training-run"]

deployments := input.evidence["deployment-record"]

starts := [run.predicate.started_at | some run in runs]

whole if feeds.all_seen_since_each(deployments, input.evidence["feed-status"], "deployment-record", starts)

satisfied contains "addressed-by-content" if {
	count(graphs) > 0
	count(runs) > 0
	every graph in graphs {
		count(contents(graph)) > 0
		count(contents(graph)) == count({node.digest | some node in contents(graph)})
		every node in contents(graph) {
			records.named(node.digest)
		}
	}
	every run in runs {
		pinned(run)
	}
}

satisfied contains "never-rebound" if {
	count(graphs) > 0
	count(entries) > 0
	every graph in graphs {
		every entry in entries {
			bound(graph, entry)
		}
	}
}

satisfied contains "same-everywhere" if {
	whole
	count(graphs) > 0
	every graph in graphs {
		known(graph)
	}
	count([deployment | some deployment in deployments; not as_registered(deployment)]) == 0
	count(torn) == 0
}

models(graph) := [node | some node in contents(graph); node.kind == "model"]

# Models, datasets, and what does not say that it is something else.
contents(graph) := [node | some node in graph.predicate.nodes; not of_other_kind(node)]

of_other_kind(node) if node.kind in {"source", "feature", "run", "deployment", "output", "decision"}

# A commit of git, in full, or a digest. What moves on (a branch, a path) is neither.
pinned(run) if {
	hexadecimal(run.predicate.code_commit)
	substring(run.predicate.code_commit, 39, 1) != ""
	substring(run.predicate.code_commit, 40, 1) == ""
}

pinned(run) if {
	digest := trim_prefix(run.predicate.code_commit, "sha256:")
	hexadecimal(digest)
	substring(digest, 63, 1) != ""
	substring(digest, 64, 1) == ""
}

hexadecimal(written) if trim(written, "0123456789abcdef") == ""

# The lineage has the digest once, under the version of the entry.
bound(graph, entry) if {
	labels := {graph.predicate.node_versions[node.id] |
		some node in models(graph)
		node.digest == input.subject.digest
	}
	labels == {entry.predicate.version}
}

# What was filed for this version carries its digest.
as_registered(deployment) if {
	count(deployment.subject) > 0
	not records.names_candidate(deployment)
}

as_registered(deployment) if records.on_candidate(deployment)

# A lineage that does not have the version as a model cannot tell what comes before it.
known(graph) if input.subject.digest in {node.digest | some node in models(graph)}

# Whatever the lineage does not have as a step before the model.
released := [deployment | some deployment in deployments; not step(deployment)]

step(deployment) if {
	count(graphs) > 0
	every graph in graphs {
		kinds := {node.kind | some node in graph.predicate.nodes; node.digest == deployment.predicate.artifact_digest}
		count(kinds) > 0
		count(kinds - {"feature", "run"}) == 0
	}
}

# Deployments of one release with different digests.
torn := [deployment |
	some deployment in released
	some other in released
	other.predicate.release_id == deployment.predicate.release_id
	other.predicate.artifact_digest != deployment.predicate.artifact_digest
]

findings contains say.also(nameless, {"values": {"node": node.id}}) if {
	some graph in graphs
	some node in contents(graph)
	not has_digest(node)
	nameless := say.breach("addressed-by-content", graph, "nodes", "{node} has no digest")
}

has_digest(node) if records.named(node.digest)

findings contains say.also(loose, {"observed": run.predicate.code_commit}) if {
	some run in runs
	not pinned(run)
	loose := say.breach("addressed-by-content", run, "code_commit", "the training code is named by {observed}, which is no commit and no digest")
}

findings contains say.gap("addressed-by-content", graph, "nodes", "the lineage holds neither model nor dataset") if {
	some graph in graphs
	count(contents(graph)) == 0
}

findings contains say.also(other, {"expected": entry.predicate.version}) if {
	some graph in graphs
	some entry in entries
	not bound(graph, entry)
	other := say.breach("never-rebound", graph, "node_versions", "the lineage does not have the artifact as version {expected} alone")
}

findings contains say.breach("addressed-by-content", graph, "nodes", "two nodes of the lineage have one digest") if {
	some graph in graphs
	count(contents(graph)) != count({node.digest | some node in contents(graph)})
}

findings contains feeds.gap_since_each("same-everywhere", deployments, input.evidence["feed-status"], "deployment-record", starts) if not whole

findings contains say.gap("same-everywhere", graph, "nodes", "the lineage does not have the version as a model") if {
	some graph in graphs
	not known(graph)
}

findings contains records.other_artifact("same-everywhere", deployment) if {
	some deployment in deployments
	not as_registered(deployment)
}

findings contains say.also(moved, {"observed": deployment.predicate.artifact_digest, "values": {"release": deployment.predicate.release_id}}) if {
	some deployment in torn
	moved := say.breach("same-everywhere", deployment, "artifact_digest", "the release {release} has another digest elsewhere than {observed}")
}
