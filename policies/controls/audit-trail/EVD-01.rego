# METADATA
# title: Evidence bound to the exact subject
# description: >-
#   What was measured on a version, made with it, written of it or signed for it names that version, or a digest that the
#   lineage links to it; none of it was filed for the system as a whole, where it would count for every version. The index
#   of the snapshot is that of the candidate and names every record that is seen here of these types. Papers on the system
#   (questionnaire, policies, plans) speak of all versions by their nature and are not asked.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [validation, staging, production]
#   evidence: [evidence-index, lineage-graph]
#   objectives:
#     bound-to-version: {says: Every record of the version names the version or what the lineage links to it.}
#   frameworks: {eu-ai-act: ["11", "Annex IV"]}
#   remediation: Collect the evidence again for the release candidate itself.
package controls.audit_trail.EVD_01

import data.lib.findings as say

indexes := input.evidence["evidence-index"]

graphs := input.evidence["lineage-graph"]

satisfied contains "bound-to-version" if {
	count(graphs) > 0
	every graph in graphs {
		input.subject.digest in linked(graph)
	}
	count(indexes) > 0
	every index in indexes {
		index.predicate.subject_digest == input.subject.digest
		count(of_version(index)) > 0
		every entry in of_version(index) {
			bound(entry)
		}
	}
}

# Types that speak of one version.
version_types := {
	"approval", "artifact-manifest", "canary-metrics", "ci-run", "explainability-report", "fairness-audit",
	"interface-probe", "lineage-graph", "model-card", "model-signature", "robustness-report", "sbom",
	"shadow-comparison", "technical-file", "training-run", "validation-run",
}

of_version(index) := [entry | some entry in index.predicate.records; version_types[entry.type]]

bound(entry) if input.subject.digest in entry.subject_digests

bound(entry) if {
	count(graphs) > 0
	every graph in graphs {
		some digest in entry.subject_digests
		digest in linked(graph)
	}
}

linked(graph) := {digest | some digest in graph.predicate.node_digests}

findings contains say.gap("bound-to-version", graph, "node_digests", "the lineage does not hold the candidate, and so links nothing to it") if {
	some graph in graphs
	not input.subject.digest in linked(graph)
}

findings contains say.also(other, {"observed": index.predicate.subject_digest, "expected": input.subject.digest}) if {
	some index in indexes
	index.predicate.subject_digest != input.subject.digest
	other := say.breach("bound-to-version", index, "subject_digest", "the index is of {observed} and not of {expected}")
}

findings contains say.gap("bound-to-version", index, "records", "the snapshot holds no record of the version") if {
	some index in indexes
	count(of_version(index)) == 0
}

findings contains say.also(loose, {"observed": entry.subject_digests, "values": {"type": entry.type, "record": entry.record_id}}) if {
	some index in indexes
	some entry in of_version(index)
	not bound(entry)
	loose := say.breach("bound-to-version", index, "records", "the {type} {record} names neither the candidate nor what the lineage links to it: {observed}")
}
