# METADATA
# title: Only necessary personal attributes reach the model
# description: >-
#   For each personal attribute that a dataset names, or that the lineage knows of its sources, data and features, an entry
#   of the record of processing that names the system says why the purpose needs it. Read strictly: what stands in the
#   data that a model is made of counts as reaching it, under whatever name its inputs go; so an attribute that is kept to
#   test for bias alone says so in its entry. A dataset that says that it is not personal where the lineage knows otherwise
#   contradicts it, and so does a questionnaire that denies personal data. Whether a reason is good is the word of who filed
#   the entry. Where neither the datasets nor the lineage hold personal data the control does not apply.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [any], roles: [controller], from: D-GDPR}
#   gates: [data-intake, validation]
#   evidence: [dataset-record, lineage-graph, processing-record, risk-questionnaire]
#   applies: [dataset-record, lineage-graph]
#   objectives:
#     answers-agree:
#       says: "No questionnaire denies the personal data: the duties of a controller follow from it."
#       reads: [risk-questionnaire]
#     attributes-necessary:
#       says: "For each personal attribute of the data, the record of processing says why it is needed."
#       covers: [S0.M6.6]
#       reads: [dataset-record, lineage-graph, processing-record]
#     lineage-necessary:
#       says: "For each personal attribute that the lineage of the model knows, the record of processing says why it is needed."
#       at: [validation]
#       covers: [S0.M6.6]
#       reads: [lineage-graph, processing-record]
#   may_be_empty: {lineage-graph.nodes.personal_data: the record may name attributes that the lineage does not know}
#   may_stand_beside: {processing-record.systems: the entry of another system says nothing of this one}
#   frameworks: {gdpr: ["5(1)(c)", "25"], nist-ai-rmf: ["MEASURE 2.10"], iso-42001: ["A.7.2"]}
#   remediation: Drop the attribute or record why the purpose needs it.
package controls.privacy.PRIV_02

import data.lib.findings as say
import data.lib.records
import data.lib.text

datasets := input.evidence["dataset-record"]

graphs := input.evidence["lineage-graph"]

# Entries of the record of processing that name the system.
processing := [entry | some entry in input.evidence["processing-record"]; input.system.id in entry.predicate.systems]

justified := {text.lower(name) |
	some entry in processing
	some name, reason in entry.predicate.feature_necessity
	records.filled(reason)
}

of_datasets := {name | some dataset in datasets; some name in dataset.predicate.personal_attributes}

# What lies above a model; outputs and decisions lie below it.
of_lineage := {name |
	some graph in graphs
	some node in graph.predicate.nodes
	not below(node)
	some name in node.personal_data
}

below(node) if node.kind in {"output", "decision", "deployment"}

# Datasets that say that they are personal, or do not say that they are not, and name no attribute.
vague := [dataset | some dataset in datasets; not tells(dataset)]

tells(dataset) if dataset.predicate.personal == false

tells(dataset) if count(dataset.predicate.personal_attributes) > 0

applies if (count(of_datasets) + count(of_lineage)) + count(vague) > 0

applies := false if {
	count(datasets) > 0
	every dataset in datasets {
		dataset.predicate.personal == false
		count(dataset.predicate.personal_attributes) == 0
	}
	seen
	count(of_lineage) == 0
}

# At intake nothing need have been made of the dataset yet.
seen if input.gate == "data-intake"

seen if {
	count(graphs) > 0
	every graph in graphs {
		input.subject.digest in {node.digest | some node in graph.predicate.nodes}
	}
}

questionnaires := input.evidence["risk-questionnaire"]

satisfied contains "answers-agree" if {
	count(questionnaires) > 0
	count(denying) == 0
}

# Whoever processes no personal data is no controller, and none of the laws on it would be judged.
denying := [questionnaire | some questionnaire in questionnaires; not admits(questionnaire)]

admits(questionnaire) if questionnaire.predicate.personal_data == true

satisfied contains "attributes-necessary" if {
	count(datasets) > 0
	count(vague) == 0
	count(contradicting) == 0
	count(processing) > 0
	every dataset in datasets {
		count(unjustified(dataset.predicate.personal_attributes)) == 0
		count(unjustified(known_of(dataset))) == 0
	}
}

# What the lineage knows of the very dataset, at intake too.
known_of(dataset) := {name |
	some graph in graphs
	some node in graph.predicate.nodes
	node.digest == dataset.predicate.content_digest
	some name in node.personal_data
}

# Datasets that do not say that they are personal, where the lineage knows better.
contradicting := [dataset | some dataset in datasets; not personal(dataset); count(known_of(dataset)) > 0]

personal(dataset) if dataset.predicate.personal == true

satisfied contains "lineage-necessary" if {
	seen
	count(processing) > 0
	count(unjustified(of_lineage)) == 0
}

unjustified(names) := [name | some name in names; not text.lower(name) in justified]

findings contains say.gap("attributes-necessary", dataset, "personal_attributes", "the dataset is personal and names no attribute") if {
	some dataset in vague
}

findings contains say.none(objective, "systems", "no entry of the record of processing names this system") if {
	count(processing) == 0
	some objective in ["attributes-necessary", "lineage-necessary"]
}

findings contains say.also(open, {"observed": name}) if {
	some dataset in datasets
	some name in unjustified(dataset.predicate.personal_attributes)
	open := say.gap("attributes-necessary", dataset, "personal_attributes", "the record of processing does not say why {observed} is needed")
}

findings contains say.also(open, {"observed": name}) if {
	some dataset in datasets
	some name in unjustified(known_of(dataset))
	open := say.gap("attributes-necessary", dataset, "personal_attributes", "the record of processing does not say why {observed}, which the lineage knows of the dataset, is needed")
}

findings contains say.also(open, {"observed": name}) if {
	some name in unjustified(of_lineage)
	open := say.none("lineage-necessary", "feature_necessity", "the record of processing does not say why {observed}, which the lineage knows, is needed")
}

findings contains say.breach("attributes-necessary", dataset, "personal", "the dataset says that it is not personal, and the lineage knows personal data in it") if {
	some dataset in contradicting
}

findings contains say.gap("lineage-necessary", graph, "nodes", "what is judged is not in the lineage") if {
	not seen
	some graph in graphs
}

findings contains say.breach("answers-agree", questionnaire, "personal_data", "the questionnaire denies the personal data that datasets or lineage hold") if {
	some questionnaire in denying
}
