# METADATA
# title: Poisoning controls on data and weights
# description: >-
#   At intake every dataset was screened for poisoned rows, and no screen of it failed. At validation the training data of
#   the version were screened with nothing left, and every pre-trained model that the lineage knows is pinned by its
#   digest; a signature cannot stand in for the digest, since without one nothing ties it to the component. What the screen
#   can see is in docs/validation.md.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [data-intake, validation]
#   evidence: {data-quality-report: any, lineage-graph: any, robustness-report: measured}
#   objectives:
#     data-screened:
#       says: "Every dataset was screened for poisoned rows, and passed."
#       at: [data-intake]
#       covers: [S2.M7.3]
#       reads: [data-quality-report]
#     training-screened:
#       says: "The training data were screened for poisoned rows, and none is left."
#       at: [validation]
#       covers: [S0.M3.7]
#       reads: [robustness-report]
#     components-pinned:
#       says: Every pre-trained model is pinned by its digest.
#       at: [validation]
#       covers: [S0.M3.7]
#       reads: [lineage-graph]
#   may_be_empty:
#     lineage-graph.upstream_components: a model may be trained from nothing but data
#     data-quality-report.failed_checks: nothing need fail
#   may_stand_beside:
#     data-quality-report.checks: a report of other checks says nothing of the screen, which is there all the same
#   may_differ: {lineage-graph.upstream_components.digest: whichever digest it is pins the component}
#   frameworks: {eu-ai-act: ["15(5)"], nist-ai-rmf: ["MEASURE 2.7", "MANAGE 3.2"], iso-42001: ["A.7.4"]}
#   remediation: Remove the suspect rows and pin or verify the pre-trained component.
package controls.robustness.ROB_05

import data.lib.findings as say

screen := "poisoning-screen"

quality := input.evidence["data-quality-report"]

graphs := input.evidence["lineage-graph"]

reports := input.evidence["robustness-report"]

satisfied contains "data-screened" if {
	count(quality) > 0
	count(datasets - screened) == 0
	every report in quality {
		passed(report)
	}
}

datasets := {report.predicate.dataset_digest | some report in quality}

screened := {report.predicate.dataset_digest | some report in quality; screen in report.predicate.checks}

passed(report) if {
	is_string(report.predicate.dataset_digest)
	is_array(report.predicate.failed_checks)
	count([failed | some failed in report.predicate.failed_checks; failed.check == screen]) == 0
}

satisfied contains "training-screened" if {
	count(reports) > 0
	every report in reports {
		report.predicate.poisoning_checked == true
		report.predicate.poisoning_hits == 0
	}
}

satisfied contains "components-pinned" if {
	count(graphs) > 0
	every graph in graphs {
		is_array(graph.predicate.upstream_components)
		count(unpinned(graph)) == 0
	}
}

# Whatever is not said to be something else counts as a pre-trained model.
unpinned(graph) := [component |
	some component in graph.predicate.upstream_components
	not something_else(component)
	not pinned(component)
]

something_else(component) if component.kind in {"dataset", "library", "service"}

pinned(component) if startswith(component.digest, "sha256:")

findings contains say.also(open, {"observed": dataset}) if {
	some dataset in (datasets - screened)
	open := say.none("data-screened", "evidence/data-quality-report", "the dataset {observed} was not screened for poisoned rows")
}

findings contains say.breach("data-screened", report, "failed_checks", "the screen for poisoned rows failed") if {
	some report in quality
	some failed in report.predicate.failed_checks
	failed.check == screen
}

findings contains say.gap("training-screened", report, "poisoning_checked", "the training data were not screened for poisoned rows") if {
	some report in reports
	report.predicate.poisoning_checked == false
}

findings contains say.also(hit, {"observed": report.predicate.poisoning_hits}) if {
	some report in reports
	report.predicate.poisoning_hits > 0
	hit := say.breach("training-screened", report, "poisoning_hits", "{observed} suspect rows are left in the training data")
}

findings contains say.also(loose, {"values": {"component": component.name}}) if {
	some graph in graphs
	some component in unpinned(graph)
	loose := say.breach("components-pinned", graph, "upstream_components", "the pre-trained model {component} is not pinned by a digest")
}
