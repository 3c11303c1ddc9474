# METADATA
# title: Minimum necessary health information
# description: >-
#   For each feature that lineage draws from a dataset with protected health information, the record of processing, one that
#   names the system among others, says why the role needs it. A dataset of which lineage knows no feature stands open, and so
#   does a feature whose way back breaks off. Whether the
#   ground is good is the word of who keeps the record of processing.
# custom:
#   pack: us
#   severity: major
#   basis: law
#   mode: hybrid
#   tiers: [us-phi]
#   roles: [controller]
#   gates: [data-intake]
#   applies_from: D-HIPAA
#   evidence: [dataset-record, lineage-graph, processing-record]
#   applies: [dataset-record]
#   objectives:
#     features-necessary: {says: Each feature drawn from health information is necessary for a role.}
#   may_stand_beside: {processing-record.systems: the entry of another system is held to the same}
#   frameworks: {hipaa: ["164.502(b)", "164.514(d)"]}
#   remediation: Drop the feature or record why the role needs it.
package controls.us_law.HIPAA_01

import data.lib.findings as say
import data.lib.records

datasets := input.evidence["dataset-record"]

graphs := input.evidence["lineage-graph"]

processings := input.evidence["processing-record"]

applies := false if {
	count(datasets) > 0
	every dataset in datasets {
		dataset.predicate.phi == false
	}
}

applies if {
	some dataset in datasets
	dataset.predicate.phi
}

# Entries of the record of processing that name the system.
own := [processing | some processing in processings; input.system.id in processing.predicate.systems]

health := [dataset | some dataset in datasets; not dataset.predicate.phi == false]

# Features on whose way from the source such a dataset stands, by its content.
drawn(graph, dataset) := {feature |
	some node, digest in graph.predicate.node_digests
	digest == dataset.predicate.content_digest
	some feature, paths in graph.predicate.source_paths
	some path in paths
	node in path.nodes
}

satisfied contains "features-necessary" if {
	count(graphs) > 0
	count(health) > 0
	count(own) > 0
	count(processings) > 0
	every graph in graphs {
		gapless(graph)
		every dataset in health {
			every processing in processings {
				records.covers(grounded(processing), drawn(graph, dataset))
			}
		}
	}
}

# Every feature has a way back, and none breaks off: where one does, it may come from anywhere.
gapless(graph) if count(astray(graph)) == 0

astray(graph) := {feature | some feature, _ in graph.predicate.source_paths} - {feature |
	some feature, paths in graph.predicate.source_paths
	count(paths) > 0
	every path in paths {
		path.complete
		count(path.nodes) > 0
	}
}

grounded(processing) := {feature | some feature, ground in processing.predicate.phi_necessity; records.filled(ground)}

findings contains say.gap("features-necessary", graph, "source_paths", "lineage draws no feature from the dataset with health information") if {
	some graph in graphs
	some dataset in health
	count(drawn(graph, dataset)) == 0
}

findings contains say.also(lost, {"values": {"feature": feature}}) if {
	some graph in graphs
	some feature in astray(graph)
	lost := say.gap("features-necessary", graph, "source_paths", "lineage does not know where {feature} comes from")
}

findings contains say.also(open, {"values": {"feature": feature}}) if {
	some graph in graphs
	some dataset in health
	some feature in drawn(graph, dataset)
	some processing in processings
	not feature in grounded(processing)
	open := say.gap("features-necessary", processing, "phi_necessity", "the record of processing does not say why a role needs {feature}")
}

findings contains say.none("features-necessary", "systems", "no record of processing names the system") if count(own) == 0
