# METADATA
# title: No manipulation or exploitation of vulnerability
# description: >-
#   Where the system persuades or targets, a review of every such feature was signed by somebody who did not build it and
#   found no significant harm, and no input in the lineage is, or holds, a feature by which persons are vulnerable. That no
#   harm is caused is the word of who signed the review, and so is what an input of another name stands for.
# custom:
#   severity: blocker
#   basis: law
#   mode: attested
#   roles: [provider, deployer]
#   gates: [registration, validation]
#   applies_from: D-PROH
#   evidence: [lineage-graph, risk-questionnaire, statement:manipulation-review]
#   applies: [risk-questionnaire]
#   parameters: [vulnerability_features]
#   objectives:
#     reviewed-harmless:
#       says: "Every persuasion or targeting feature was reviewed, and no significant harm was found."
#       reads: [risk-questionnaire, statement:manipulation-review]
#     no-vulnerable-input:
#       says: No input of the system is a feature by which persons are vulnerable.
#       reads: [lineage-graph]
#   may_be_empty:
#     lineage-graph.nodes.personal_data: a node may hold no personal attribute
#     risk-questionnaire.targeting_features: an empty list says that it persuades nobody, under a signature
#   may_differ:
#     lineage-graph.nodes.id: any name but those of the features asked for is as good, as the cases show
#     lineage-graph.nodes.personal_data: any attribute but the features asked for is as good, as the cases show
#   frameworks: {eu-ai-act: ["5(1)(a)", "5(1)(b)"], nist-ai-rmf: ["MAP 5.1"]}
#   remediation: Remove the targeting feature or have its harm review done and signed.
package controls.eu_prohibited.EUAIA_05_2

import data.lib.findings as say
import data.lib.records
import data.lib.text

questionnaires := input.evidence["risk-questionnaire"]

reviews := input.evidence["statement:manipulation-review"]

graphs := input.evidence["lineage-graph"]

features contains feature if {
	some questionnaire in questionnaires
	some feature in questionnaire.predicate.targeting_features
}

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.targeting_features == []
	}
}

applies if count(features) > 0

satisfied contains "reviewed-harmless" if {
	count(reviews) > 0
	count([questionnaire | some questionnaire in questionnaires; not told(questionnaire)]) == 0
	every review in reviews {
		harmless(review)
		records.covers(review.predicate.facts.features, features)
	}
}

satisfied contains "no-vulnerable-input" if {
	count(data.parameters.vulnerability_features) > 0
	count(graphs) > 0
	every graph in graphs {
		count(graph.predicate.source_paths) > 0
		every paths in graph.predicate.source_paths {
			count(paths) > 0
		}
		count(graph.predicate.nodes) > 0
		count(vulnerable(graph)) == 0
	}
}

told(questionnaire) if is_array(questionnaire.predicate.targeting_features)

harmless(review) if review.predicate.facts.significant_harm == false

# Nodes of the lineage, above the model and below it, and inputs of it, that are such a feature or hold one.
vulnerable(graph) := sort([name |
	some name in names(graph)
	some feature in data.parameters.vulnerability_features
	tells(graph, name, feature)
])

names(graph) := {node.id | some node in graph.predicate.nodes} | {input_name | some input_name, _ in graph.predicate.source_paths}

# By a word of its name, or of a personal attribute that it holds.
tells(_, name, feature) if text.names(name, feature)

tells(graph, name, feature) if {
	some node in graph.predicate.nodes
	node.id == name
	some attribute in node.personal_data
	text.names(attribute, feature)
}

findings contains say.breach("reviewed-harmless", review, "facts.significant_harm", "the review found significant harm") if {
	some review in reviews
	not harmless(review)
}

findings contains say.also(open, {"values": {"feature": feature}}) if {
	some review in reviews
	some feature in features
	not feature in review.predicate.facts.features
	open := say.gap("reviewed-harmless", review, "facts.features", "the feature {feature} was not reviewed")
}

findings contains say.also(found, {"observed": nodes}) if {
	some graph in graphs
	nodes := vulnerable(graph)
	count(nodes) > 0
	found := say.breach("no-vulnerable-input", graph, "nodes", "by these inputs persons are vulnerable: {observed}")
}

findings contains say.gap("no-vulnerable-input", graph, "source_paths", "the lineage names no input of the model") if {
	some graph in graphs
	count(graph.predicate.source_paths) == 0
}
