# METADATA
# title: No unsafe model serialisation
# description: >-
#   The file is of a format that holds no code, and holds nothing that runs when it is loaded; it reads no data outside
#   its folder and uses no custom operator that is not allowed. Read strictly: a format that is not known is none of the
#   safe ones, however clean the rest.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [validation]
#   evidence: {artifact-manifest: measured}
#   parameters: [allowed_custom_operators, safe_model_formats]
#   objectives:
#     format-safe: {says: The file is of a format that holds no code.}
#     no-executable-content: {says: The file holds no executable content.}
#     no-outside-data: {says: The file refers to no data outside its folder.}
#     operators-allowed: {says: Every custom operator in the file is allowed.}
#   frameworks: {eu-ai-act: ["15(5)"], nist-ai-rmf: ["MEASURE 2.7"]}
#   remediation: "Export the model without executable content, unknown operators or outside data files."
package controls.integrity.INT_07

import data.lib.findings as say

manifests := input.evidence["artifact-manifest"]

satisfied contains "format-safe" if {
	count(manifests) > 0
	every manifest in manifests {
		manifest.predicate.format in data.parameters.safe_model_formats
	}
}

satisfied contains "no-executable-content" if none_of("executable_content")

satisfied contains "no-outside-data" if none_of("external_data_paths")

satisfied contains "operators-allowed" if {
	count(manifests) > 0
	every manifest in manifests {
		count(unknown_operators(manifest)) == 0
	}
}

none_of(field) if {
	count(manifests) > 0
	every manifest in manifests {
		count(manifest.predicate[field]) == 0
	}
}

# Custom operators of the file that are not allowed; undefined where the file was not searched for any.
unknown_operators(manifest) := [operator |
	some operator in manifest.predicate.custom_operators
	not operator in data.parameters.allowed_custom_operators
] if {
	is_array(data.parameters.allowed_custom_operators)
	is_array(manifest.predicate.custom_operators)
}

findings contains say.also(unsafe, {"observed": format, "expected": data.parameters.safe_model_formats}) if {
	some manifest in manifests
	format := manifest.predicate.format
	not format in data.parameters.safe_model_formats
	unsafe := say.breach("format-safe", manifest, "format", "the format {observed} is not one that is known to hold no code")
}

findings contains say.also(runs, {"observed": content}) if {
	some manifest in manifests
	some content in manifest.predicate.executable_content
	runs := say.breach("no-executable-content", manifest, "executable_content", "the file can run code when it is loaded: {observed}")
}

findings contains say.also(outside, {"observed": place}) if {
	some manifest in manifests
	some place in manifest.predicate.external_data_paths
	outside := say.breach("no-outside-data", manifest, "external_data_paths", "the model reads data outside its folder: {observed}")
}

findings contains say.also(custom, {"observed": operator, "expected": data.parameters.allowed_custom_operators}) if {
	some manifest in manifests
	some operator in unknown_operators(manifest)
	custom := say.breach("operators-allowed", manifest, "custom_operators", "the custom operator {observed} is not allowed")
}
