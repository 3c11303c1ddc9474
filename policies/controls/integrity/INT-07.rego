# METADATA
# title: No unsafe model serialisation
# description: >-
#   The file holds nothing that runs when it is loaded, reads no data outside its folder and uses no custom operator
#   that is not allowed. Read strictly: every current manifest must be about the file that is judged.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [data-intake, validation]
#   evidence:
#     artifact-manifest: measured
#   parameters: [allowed_custom_operators]
#   objectives:
#     no-executable-content:
#       says: The file holds no executable content.
#     no-outside-data:
#       says: The file refers to no data outside its folder.
#     operators-allowed:
#       says: Every custom operator in the file is allowed.
#   frameworks:
#     eu-ai-act: ["15(5)"]
#     nist-ai-rmf: ["MEASURE 2.7"]
#   remediation: "Export the model without executable content, unknown operators or outside data files."
package controls.integrity.INT_07

import data.lib.records

manifests := input.evidence["artifact-manifest"]

satisfied contains "no-executable-content" if {
	count(manifests) > 0
	every manifest in manifests {
		records.on_candidate(manifest)
		count(manifest.predicate.executable_content) == 0
	}
}

satisfied contains "no-outside-data" if {
	count(manifests) > 0
	every manifest in manifests {
		records.on_candidate(manifest)
		count(manifest.predicate.external_data_paths) == 0
	}
}

satisfied contains "operators-allowed" if {
	count(manifests) > 0
	every manifest in manifests {
		records.on_candidate(manifest)
		count(unknown_operators(manifest)) == 0
	}
}

# Custom operators of the file that are not allowed; undefined where the file was not searched for any.
unknown_operators(manifest) := unknown if {
	is_array(data.parameters.allowed_custom_operators)
	is_array(manifest.predicate.custom_operators)
	unknown := [operator |
		some operator in manifest.predicate.custom_operators
		not operator in data.parameters.allowed_custom_operators
	]
}

findings contains finding if {
	some manifest in manifests
	not records.on_candidate(manifest)
	some objective in ["no-executable-content", "no-outside-data", "operators-allowed"]
	finding := records.other_artifact(objective, manifest)
}

findings contains finding if {
	some manifest in manifests
	some content in manifest.predicate.executable_content
	finding := {
		"objective": "no-executable-content",
		"message": sprintf("the file can run code when it is loaded: %s", [content]),
		"evidence": manifest.id,
		"observed": content,
		"path": "executable_content",
	}
}

findings contains finding if {
	some manifest in manifests
	some place in manifest.predicate.external_data_paths
	finding := {
		"objective": "no-outside-data",
		"message": sprintf("the model reads data outside its folder: %s", [place]),
		"evidence": manifest.id,
		"observed": place,
		"path": "external_data_paths",
	}
}

findings contains finding if {
	some manifest in manifests
	some operator in unknown_operators(manifest)
	finding := {
		"objective": "operators-allowed",
		"message": sprintf("the custom operator %s is not allowed", [operator]),
		"evidence": manifest.id,
		"observed": operator,
		"expected": data.parameters.allowed_custom_operators,
		"path": "custom_operators",
	}
}
