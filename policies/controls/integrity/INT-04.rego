# METADATA
# title: Approved model format loads in every environment
# description: >-
#   The scanned file has a format that the organisation allows, and the model ran to its end, with its primary metric, in
#   each environment that the organisation names. In which environment a run took place is what its plan says.
# custom:
#   severity: major
#   basis: policy
#   gates: [registration, staging]
#   evidence: [artifact-manifest, validation-run]
#   parameters: [allowed_formats, environments]
#   objectives:
#     format-allowed: {says: The format of the model is allowed., covers: [S0.M3.6], reads: [artifact-manifest]}
#     runs-everywhere: {says: The model ran to its end in each environment., covers: [S0.M3.6], reads: [validation-run]}
#   may_differ: {validation-run.metrics.value: that the run has its metric is asked; PERF-02 judges it}
#   may_stand_beside:
#     validation-run.environment: a run elsewhere takes nothing away from the runs that are asked for
#     validation-run.primary_metric: a run that did not end takes nothing away from one that did
#   frameworks: {nist-ai-rmf: ["MEASURE 2.7"], iso-42001: ["A.4.5"], eu-ai-act: ["15(5)"]}
#   remediation: Export the model to an allowed format and run it in each environment.
package controls.integrity.INT_04

import data.lib.findings as say
import data.lib.records

manifests := input.evidence["artifact-manifest"]

satisfied contains "format-allowed" if {
	count(manifests) > 0
	every manifest in manifests {
		manifest.predicate.format in data.parameters.allowed_formats
	}
}

satisfied contains "runs-everywhere" if records.covers(ran_in, data.parameters.environments)

ran_in := [run.predicate.environment |
	some run in input.evidence["validation-run"]
	is_number(run.predicate.metrics[run.predicate.primary_metric].value)
]

findings contains say.also(other, {"observed": format, "expected": data.parameters.allowed_formats}) if {
	some manifest in manifests
	format := manifest.predicate.format
	not format in data.parameters.allowed_formats
	other := say.breach("format-allowed", manifest, "format", "the format {observed} is not allowed")
}

findings contains say.also(absent, {"values": {"environment": environment}}) if {
	some environment in data.parameters.environments
	not environment in ran_in
	absent := say.none("runs-everywhere", "environment", "no run in the environment {environment} came to its end")
}
