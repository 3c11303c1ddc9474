# METADATA
# title: Model interface obeys data classification
# description: >-
#   Every input and output of the model file, as found by opening it, carries a class that is allowed in each environment that
#   the house names, for the model is on its way to all of them. Which class a field has is the word of who wrote the plan.
# custom:
#   severity: major
#   basis: policy
#   gates: [validation, staging]
#   evidence: [artifact-manifest]
#   parameters: [allowed_classes]
#   objectives:
#     fields-classified:
#       says: Each field of the model's interface has a class that its environments allow.
#       covers: [S3.M2.6]
#   frameworks: {nist-ai-rmf: ["MAP 2.3"], iso-42001: ["A.7.2", "A.7.3"], eu-ai-act: ["10(2)"]}
#   remediation: Classify the field or remove it from the interface.
package controls.data.DG_06

import data.lib.findings as say

manifests := input.evidence["artifact-manifest"]

satisfied contains "fields-classified" if {
	count(manifests) > 0
	every manifest in manifests {
		count(manifest.predicate.input_schema) > 0
		count(manifest.predicate.output_schema) > 0
		every field in manifest.predicate.input_schema {
			in_every_environment(field.classification)
		}
		every field in manifest.predicate.output_schema {
			in_every_environment(field.classification)
		}
	}
}

in_every_environment(class) if {
	count(data.parameters.allowed_classes) > 0
	every classes in data.parameters.allowed_classes {
		class in classes
	}
}

findings contains say.gap("fields-classified", manifest, "input_schema", "the inputs or outputs of the model are not known") if {
	some manifest in manifests
	count(manifest.predicate.input_schema) * count(manifest.predicate.output_schema) == 0
}

findings contains say.also(barred, {"observed": field.classification, "values": {"field": field.name}}) if {
	some manifest in manifests
	some name in ["input_schema", "output_schema"]
	some field in manifest.predicate[name]
	not in_every_environment(field.classification)
	barred := say.breach("fields-classified", manifest, name, "the field {field} is of class {observed}, which an environment does not allow")
}
