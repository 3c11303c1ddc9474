# METADATA
# title: Inventory and registration record complete
# description: >-
#   The registry entry names purpose, training data, owner, roles, dependencies and Member States, cites a fairness audit
#   that is here, and its model file is the candidate and stands in the lineage graph. Read strictly: every current
#   entry and every current graph must say so, and no list of the form may be empty.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [registration]
#   evidence: [fairness-audit, lineage-graph, registry-entry]
#   parameters: [registry_schema]
#   objectives:
#     purpose-and-data-set:
#       says: The registry entry names the intended use and the training data.
#       covers: [S3.M1.3]
#       reads: [registry-entry]
#     bias-assessment-cited:
#       says: The registry entry cites a fairness audit that is on record.
#       covers: [S3.M1.3]
#       reads: [fairness-audit, registry-entry]
#     form-filled:
#       says: Owner, name, version, roles, dependencies, Member States and status are filled in the registry's form.
#       covers: [S4.M3.4]
#       reads: [registry-entry]
#     artifact-in-lineage:
#       says: The registered model file is the candidate and stands in the lineage graph.
#       covers: [S4.M3.4]
#       reads: [lineage-graph, registry-entry]
#   frameworks:
#     nist-ai-rmf: ["GOVERN 1.6", "MAP 1.1"]
#     iso-42001: ["A.4.2", "A.6.2.3"]
#     eu-ai-act: ["3(1)", "11", "49"]
#   remediation: Fill the missing registration fields and link the model file to its lineage.
package controls.lineage.REG_01

import data.lib.records

entries := input.evidence["registry-entry"]

audits := input.evidence["fairness-audit"]

graphs := input.evidence["lineage-graph"]

satisfied contains "purpose-and-data-set" if {
	count(entries) > 0
	every entry in entries {
		use_named(entry)
		data_named(entry)
	}
}

satisfied contains "bias-assessment-cited" if {
	count(entries) > 0
	count(audits) > 0
	every entry in entries {
		audit_here(entry)
	}
}

satisfied contains "form-filled" if {
	count(entries) > 0
	count(fields) > 0
	every entry in entries {
		every name in fields {
			filled(entry, name)
		}
	}
}

satisfied contains "artifact-in-lineage" if {
	count(entries) > 0
	count(graphs) > 0
	every entry in entries {
		records.on_candidate(entry)
		every graph in graphs {
			in_graph(entry, graph)
		}
	}
}

use_named(entry) if records.filled(entry.predicate.intended_use)

data_named(entry) if count(entry.predicate.training_data_refs) > 0

# What the form that the organisation chose asks for; a form that is not known asks for what nobody can fill.
fields := forms[data.parameters.registry_schema]

forms := {"registry-v1": ["dependencies", "member_states", "name", "owner", "role_assignments", "status", "version"]}

filled(entry, "name") if records.named(entry.predicate.name)

filled(entry, "version") if records.named(entry.predicate.version)

filled(entry, "status") if records.named(entry.predicate.status)

filled(entry, "owner") if records.named(entry.owner.id)

filled(entry, "member_states") if {
	count(entry.predicate.member_states) > 0
	every code in entry.predicate.member_states {
		regex.match("^[A-Z][A-Z]$", code)
	}
}

filled(entry, "dependencies") if {
	count(entry.predicate.dependencies) > 0
	every component in entry.predicate.dependencies {
		records.named(component.name)
		records.named(component.version)
	}
}

filled(entry, "role_assignments") if {
	count(entry.predicate.role_assignments) > 0
	every person in entry.predicate.role_assignments {
		records.named(person.id)
	}
}

audit_here(entry) if {
	some audit in audits
	audit.digest == entry.predicate.bias_assessment_ref
}

in_graph(entry, graph) if {
	some digest in graph.predicate.node_digests
	digest == entry.predicate.artifact_digest
}

findings contains finding if {
	some entry in entries
	not use_named(entry)
	finding := {
		"objective": "purpose-and-data-set",
		"message": "the registry entry names no intended use",
		"evidence": entry.id,
		"path": "intended_use",
	}
}

findings contains finding if {
	some entry in entries
	not data_named(entry)
	finding := {
		"objective": "purpose-and-data-set",
		"message": "the registry entry names no training data",
		"evidence": entry.id,
		"path": "training_data_refs",
	}
}

findings contains finding if {
	some entry in entries
	not entry.predicate.bias_assessment_ref
	finding := {
		"objective": "bias-assessment-cited",
		"message": "the registry entry cites no fairness audit",
		"evidence": entry.id,
		"path": "bias_assessment_ref",
	}
}

findings contains finding if {
	some entry in entries
	not audit_here(entry)
	finding := {
		"objective": "bias-assessment-cited",
		"message": "the fairness audit that the registry entry cites is not among the current records",
		"gap": true,
		"evidence": entry.id,
		"observed": entry.predicate.bias_assessment_ref,
		"expected": sort([audit.digest | some audit in audits]),
		"path": "bias_assessment_ref",
	}
}

findings contains finding if {
	some entry in entries
	some name in fields
	not filled(entry, name)
	finding := {
		"objective": "form-filled",
		"message": sprintf("the registry entry does not fill %s", [name]),
		"evidence": entry.id,
		"path": name,
	}
}

findings contains finding if {
	not fields
	finding := {
		"objective": "form-filled",
		"message": "the form that `registry_schema` names is not known",
		"gap": true,
		"observed": data.parameters.registry_schema,
		"expected": ["registry-v1"],
	}
}

findings contains finding if {
	some entry in entries
	not records.on_candidate(entry)
	finding := records.other_artifact("artifact-in-lineage", entry)
}

findings contains finding if {
	some entry in entries
	some graph in graphs
	not in_graph(entry, graph)
	finding := {
		"objective": "artifact-in-lineage",
		"message": "the registered model file is not in the lineage graph",
		"evidence": graph.id,
		"expected": entry.predicate.artifact_digest,
		"path": "node_digests",
	}
}
