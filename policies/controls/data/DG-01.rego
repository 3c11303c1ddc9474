# METADATA
# title: Data sharing agreement covers the use
# description: >-
#   Each dataset that another unit owns has a current sharing agreement between that unit and the one that answers for the
#   system, whose purposes name the intended use as the inventory has it; what feeds a model in the lineage has a dataset
#   record, and where another unit owns it, an agreement that names model training. Where the unit of the system owns all of
#   it the control does not apply. Which unit owns a dataset is the word of its record.
# custom:
#   severity: major
#   basis: policy
#   mode: attested
#   gates: [validation]
#   evidence: [data-agreement, dataset-record, lineage-graph, registry-entry]
#   applies: [dataset-record, lineage-graph, registry-entry]
#   objectives:
#     use-agreed:
#       says: Data of another unit are used under an agreement of both on that use.
#       covers: [S0.M2.3]
#       reads: [data-agreement, dataset-record, registry-entry]
#     training-agreed:
#       says: Whatever another unit owns and the lineage shows to feed a model is under an agreement on model training.
#       covers: [S1.M9.6]
#   may_stand_beside:
#     data-agreement.kind: an agreement of another kind says nothing of sharing
#     data-agreement.parties: other units may agree on more
#     data-agreement.purposes: an agreement on another use says nothing of this one
#     dataset-record.content_digest: a dataset that feeds nothing yet is held to the same agreements
#     lineage-graph.nodes.id: an id tells what was made of a node, and of a dataset that stands alone nothing was
#   frameworks: {nist-ai-rmf: ["MAP 2.3"], iso-42001: ["A.7.2", "A.7.3"], eu-ai-act: ["10(2)"]}
#   remediation: Sign a sharing agreement between the two units that covers this use.
package controls.data.DG_01

import data.lib.findings as say
import data.lib.records
import data.lib.text

datasets := input.evidence["dataset-record"]

entries := input.evidence["registry-entry"]

graphs := input.evidence["lineage-graph"]

agreements := [agreement | some agreement in input.evidence["data-agreement"]; agreement.predicate.kind == "sharing"]

units := {entry.predicate.business_unit | some entry in entries}

# Datasets of a unit other than the one that answers for the system, each with the units that must agree.
foreign := [{"dataset": dataset, "unit": unit} |
	some dataset in datasets
	some unit in units
	dataset.predicate.owning_unit != unit
]

known := {dataset.predicate.content_digest | some dataset in datasets}

# Nodes of which nobody tells who owns them. A source needs no dataset record where only datasets are made of it.
unknown := [{"graph": graph, "node": object.get(node, "id", "a node")} | some graph in graphs; some node in graph.predicate.nodes; not told(node, graph)]

told(node, _) if node.kind in {"feature", "run", "model", "deployment", "output", "decision"}

told(node, _) if {
	node.kind in {"dataset", "source"}
	node.digest in known
}

told(node, graph) if {
	node.kind == "source"
	made := [edge.to | some edge in graph.predicate.edges; edge.from == node.id]
	records.covers([other.id | some other in graph.predicate.nodes; other.kind == "dataset"], made)
}

seen if {
	count(entries) > 0
	every entry in entries {
		records.named(entry.predicate.business_unit)
	}
	count(graphs) > 0
	every graph in graphs {
		shows_data(graph)
	}
	count(datasets) > 0
	every dataset in datasets {
		records.named(dataset.predicate.owning_unit)
	}
}

# A lineage that shows none of the datasets says nothing of what feeds a model.
shows_data(graph) if {
	some node in graph.predicate.nodes
	node.kind == "dataset"
	node.digest in known
}

applies if count(foreign) + count(unknown) > 0

applies := false if {
	seen
	count(foreign) == 0
	count(unknown) == 0
}

satisfied contains "use-agreed" if {
	count(entries) > 0
	count(datasets) > 0
	every dataset in datasets {
		records.named(dataset.predicate.owning_unit)
	}
	count([item | some item in foreign; count(uses_agreed(item)) == count(entries)]) == count(foreign)
}

satisfied contains "training-agreed" if {
	seen
	count(unknown) == 0
	count(foreign) > 0
	count([item | some item in foreign; not agreed_on(item, "model training")]) == 0
}

uses_agreed(item) := [entry | some entry in entries; agreed_on(item, entry.predicate.intended_use)]

agreed_on(item, purpose) if {
	some agreement in agreements
	item.unit in agreement.predicate.parties
	item.dataset.predicate.owning_unit in agreement.predicate.parties
	text.lower(purpose) in {text.lower(named) | some named in agreement.predicate.purposes}
}

findings contains say.also(open, {"observed": item.dataset.predicate.owning_unit, "expected": item.unit}) if {
	some item in foreign
	some entry in entries
	not agreed_on(item, entry.predicate.intended_use)
	open := say.gap("use-agreed", item.dataset, "owning_unit", "no agreement between {observed} and {expected} names the intended use")
}

findings contains say.also(open, {"observed": item.dataset.predicate.owning_unit, "expected": item.unit}) if {
	some item in foreign
	not agreed_on(item, "model training")
	open := say.gap("training-agreed", item.dataset, "owning_unit", "no agreement between {observed} and {expected} names model training")
}

findings contains say.also(open, {"observed": item.node}) if {
	some item in unknown
	open := say.gap("training-agreed", item.graph, "nodes", "no dataset record tells who owns {observed}, which feeds a model")
}

findings contains say.gap("training-agreed", graph, "nodes", "the lineage shows none of the datasets on record") if {
	some graph in graphs
	count(known) > 0
	not shows_data(graph)
}
