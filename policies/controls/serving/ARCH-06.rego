# METADATA
# title: Hosting region satisfies data residency
# description: >-
#   Every component lies in a region in which every dataset may lie, and a record tells that of each that the training
#   read. Data that are not personal may be free to lie anywhere; of personal data a list that names no region says
#   nothing. Regions are compared by name.
# custom:
#   severity: major
#   basis: policy
#   gates: [staging]
#   evidence: [dataset-record, infra-config, training-run]
#   objectives:
#     region-allowed: {says: "Every component lies where every dataset may lie.", covers: [S0.M9.4]}
#   may_stand_beside: {dataset-record.content_digest: a record of further data takes nothing from those of the training}
#   frameworks: {gdpr: ["44"]}
#   remediation: Move the service or the data to an allowed region.
package controls.serving.ARCH_06

import data.lib.findings as say
import data.lib.records

components := input.evidence["infra-config"]

datasets := input.evidence["dataset-record"]

runs := input.evidence["training-run"]

known := {dataset.predicate.content_digest | some dataset in datasets}

satisfied contains "region-allowed" if {
	count(components) > 0
	count(datasets) > 0
	count(runs) > 0
	every run in runs {
		records.covers(known, run.predicate.dataset_digests)
	}
	every component in components {
		every dataset in datasets {
			allowed(component.predicate.region, dataset.predicate)
		}
	}
}

allowed(region, dataset) if region in dataset.residency

# An empty list of data that are not personal says that they are free.
allowed(_, dataset) if {
	dataset.personal == false
	count(dataset.residency) == 0
}

unsaid(dataset) if {
	dataset.predicate.personal != false
	count(dataset.predicate.residency) == 0
}

findings contains say.gap("region-allowed", dataset, "residency", "where the personal data may lie is not said") if {
	some dataset in datasets
	unsaid(dataset)
}

findings contains say.also(unknown, {"observed": digest}) if {
	some run in runs
	some digest in run.predicate.dataset_digests
	not digest in known
	unknown := say.gap("region-allowed", run, "dataset_digests", "no dataset record says where {observed} may lie, which the training read")
}

findings contains say.also(astray, {"observed": component.predicate.region, "expected": dataset.predicate.residency}) if {
	some component in components
	some dataset in datasets
	not unsaid(dataset)
	not allowed(component.predicate.region, dataset.predicate)
	astray := say.breach("region-allowed", component, "region", "the component lies in {observed}, where the data may not lie")
}
