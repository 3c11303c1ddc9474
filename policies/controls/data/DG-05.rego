# METADATA
# title: Input schema available and compatible in production
# description: >-
#   The schema of each dataset can be read by what read the former one, or a validation run on that very dataset meets the
#   house's floor at the worse end of its interval. Each input that the opened model file names is traced in the lineage
#   without a gap to a source system, the node of the input has the type of the model's input, and the serving identity may
#   read every one of these sources. Read strictly: every dataset counts as one with a new schema. Types in the lineage are
#   the word of who told it.
# custom:
#   severity: major
#   basis: policy
#   gates: [data-intake, validation, staging]
#   evidence: [access-policy, artifact-manifest, dataset-record, lineage-graph, validation-run]
#   parameters: [min_primary_metric, metric_bounds]
#   objectives:
#     schema-compatible:
#       says: The schema of the data suits the models that read it, or the model was tested on it.
#       at: [data-intake, validation]
#       covers: [S1.M2.3]
#       reads: [dataset-record, validation-run]
#     inputs-in-production:
#       says: Each input of the model exists in production in its type, and serving may read it.
#       at: [staging]
#       covers: [S2.M1.5]
#       reads: [access-policy, artifact-manifest, lineage-graph]
#   may_stand_beside:
#     access-policy.actions: another right on the source takes this one not away
#     access-policy.resource: a right on something else says nothing of this source
#     access-policy.resource_kind: a right on something of another kind and the same name says nothing of this source
#     access-policy.role: the right of another role says nothing of serving
#     lineage-graph.source_paths.nodes: a path begins with its source, of which alone the right is asked
#     validation-run.dataset_digest: a run on other data says nothing of this dataset
#   frameworks: {nist-ai-rmf: ["MAP 2.3"], iso-42001: ["A.7.2", "A.7.3"], eu-ai-act: ["10(2)"]}
#   remediation: "Restore schema compatibility, or retest the model on the new schema, and grant the serving identity read access."
package controls.data.DG_05

import data.lib.findings as say
import data.lib.metrics
import data.lib.text

datasets := input.evidence["dataset-record"]

runs := input.evidence["validation-run"]

manifests := input.evidence["artifact-manifest"]

graphs := input.evidence["lineage-graph"]

satisfied contains "schema-compatible" if {
	count(datasets) > 0
	every dataset in datasets {
		suits(dataset)
	}
}

satisfied contains "inputs-in-production" if {
	count(manifests) > 0
	count(graphs) > 0
	every manifest in manifests {
		count(manifest.predicate.input_schema) > 0
		every graph in graphs {
			count(served(manifest, graph)) == count(manifest.predicate.input_schema)
		}
	}
}

# What read the former schema reads this one too.
suits(dataset) if dataset.predicate.schema_compatibility in {"backward", "full"}

suits(dataset) if {
	on_it := [run | some run in runs; run.predicate.dataset_digest == dataset.predicate.content_digest]
	count(on_it) > 0
	every run in on_it {
		good(run)
	}
}

good(run) if {
	metric := run.predicate.primary_metric
	estimate := run.predicate.metrics[metric]
	metrics.meets(metric, estimate, level(metric))
}

level(metric) := metrics.bound(data.parameters.metric_bounds, metric, "level", data.parameters.min_primary_metric) if {
	metrics.more_is_better(metric)
}

level(metric) := data.parameters.metric_bounds[metric].level if metrics.less_is_better(metric)

served(manifest, graph) := [field | some field in manifest.predicate.input_schema; in_production(field, graph)]

in_production(field, graph) if {
	named_so := [name | some name, _ in graph.predicate.source_paths; ends_with(name, field.name)]
	count(named_so) > 0
	every name in named_so {
		traced(name, field, graph)
	}
}

traced(name, field, graph) if {
	paths := graph.predicate.source_paths[name]
	some node in graph.predicate.nodes
	node.id == name
	node.dtype == field.dtype
	count(paths) > 0
	every path in paths {
		path.complete == true
		count(path.nodes) > 0
		readable(path.nodes[0])
	}
}

# A node of the lineage has the input's name, or ends with it: feature/income.
ends_with(name, field) if name == field

ends_with(name, field) if endswith(name, concat("", ["/", field]))

readable(source) if {
	some right in input.evidence["access-policy"]
	right.predicate.resource == source
	right.predicate.resource_kind in {"dataset", "stream", "personal-store"}
	text.lower(right.predicate.role) == "serving"
	count(right.predicate.principals) > 0
	"read" in right.predicate.actions
}

findings contains say.also(breaking, {"observed": dataset.predicate.schema_compatibility, "expected": "backward"}) if {
	some dataset in datasets
	not suits(dataset)
	breaking := say.breach("schema-compatible", dataset, "schema_compatibility", "the schema breaks what read the former one, and no run on these data is good enough")
}

findings contains say.also(open, {"values": {"input": field.name}}) if {
	some manifest in manifests
	some field in manifest.predicate.input_schema
	some graph in graphs
	not in_production(field, graph)
	open := say.gap("inputs-in-production", graph, "source_paths", "the input {input} is not traced, in its type, to sources that the serving identity may read")
}
