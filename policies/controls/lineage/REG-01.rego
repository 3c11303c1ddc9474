# METADATA
# title: Inventory and registration record complete
# description: >-
#   The registry entry names purpose, training data, owner, roles, dependencies and Member States, cites a fairness audit
#   of this model that is here, and its model file and training data stand in the lineage graph. Read strictly: every
#   current entry and every current graph must say so. The dependencies name every component of others that the
#   lineage knows. A list may be empty where another record says the same: no dependency where the lineage has no such
#   component, no Member State where the questionnaire has no link to the Union.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [registration]
#   evidence: [fairness-audit, lineage-graph, registry-entry, risk-questionnaire]
#   parameters: [registry_schema]
#   objectives:
#     purpose-and-data-set:
#       says: The registry entry names the intended use and the training data, which are in the lineage.
#       covers: [S3.M1.3]
#       reads: [lineage-graph, registry-entry]
#     bias-assessment-cited:
#       says: The registry entry cites a fairness audit of this model that is on record.
#       covers: [S3.M1.3]
#       reads: [fairness-audit, registry-entry]
#     form-filled:
#       says: Owner, name, version, roles, dependencies, Member States and status are filled in the registry's form.
#       covers: [S4.M3.4]
#       reads: [lineage-graph, registry-entry, risk-questionnaire]
#     artifact-in-lineage:
#       says: The registered model file is the candidate and stands in the lineage graph.
#       covers: [S4.M3.4]
#       reads: [lineage-graph, registry-entry]
#   may_be_empty:
#     lineage-graph.upstream_components: a system may hold no component of others
#     registry-entry.dependencies: there may be none; the lineage must then know of none
#   may_stand_beside: {fairness-audit.digest: the entry cites one audit of this model; FAIR-01 and FAIR-02 judge all of them}
#   frameworks: {nist-ai-rmf: ["GOVERN 1.6", "MAP 1.1"], iso-42001: ["A.4.2", "A.6.2.3"], eu-ai-act: ["3(1)", "11", "49"]}
#   remediation: Fill the missing registration fields and link the model file to its lineage.
package controls.lineage.REG_01

import data.lib.findings as say
import data.lib.records
import data.lib.text
import data.risk.vocabulary

entries := input.evidence["registry-entry"]

audits := input.evidence["fairness-audit"]

graphs := input.evidence["lineage-graph"]

questionnaires := input.evidence["risk-questionnaire"]

satisfied contains "purpose-and-data-set" if {
	count(entries) > 0
	count(graphs) > 0
	every entry in entries {
		records.filled(entry.predicate.intended_use)
		every graph in graphs {
			records.covers(digests(graph), entry.predicate.training_data_refs)
		}
	}
}

satisfied contains "bias-assessment-cited" if {
	count(entries) > 0
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
	every graph in graphs {
		input.subject.digest in digests(graph)
	}
}

digests(graph) := {digest | some digest in graph.predicate.node_digests}

# What the form that the organisation chose asks for; a form that is not known asks for what nobody can fill.
fields := forms[data.parameters.registry_schema]

forms := {"registry-v1": ["dependencies", "member_states", "name", "owner", "role_assignments", "status", "version"]}

filled(entry, "name") if records.named(entry.predicate.name)

# A label that moves on to the next version names none.
filled(entry, "version") if {
	records.named(entry.predicate.version)
	not text.lower(entry.predicate.version) in {"current", "head", "latest", "main", "master", "newest"}
}

filled(entry, "status") if entry.predicate.status in {"draft", "active", "suspended"}

filled(entry, "owner") if records.named(entry.owner.id)

filled(entry, "member_states") if {
	count(entry.predicate.member_states) > 0
	every code in entry.predicate.member_states {
		code in of_the_area
	}
}

filled(entry, "member_states") if {
	count(entry.predicate.member_states) == 0
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.scope_trigger == "none"
	}
}

filled(entry, "dependencies") if {
	count(entry.predicate.dependencies) > 0
	every component in entry.predicate.dependencies {
		records.named(component.name)
		records.named(component.version)
	}
	count([graph | some graph in graphs; not no_more_than_named(graph, entry)]) == 0
}

filled(entry, "dependencies") if {
	count(entry.predicate.dependencies) == 0
	count(graphs) > 0
	every graph in graphs {
		no_more_than_named(graph, entry)
	}
}

# Every component of others that the lineage knows is among the entry's dependencies.
no_more_than_named(graph, entry) if {
	is_array(graph.predicate.upstream_components)
	count([component | some component in graph.predicate.upstream_components; not names(entry, component)]) == 0
}

names(entry, component) if {
	some dependency in entry.predicate.dependencies
	dependency.name == component.name
	dependency.version == component.version
}

filled(entry, "role_assignments") if {
	count(entry.predicate.role_assignments) > 0
	every person in entry.predicate.role_assignments {
		records.named(person.id)
	}
}

# The Union, and the states of the European Economic Area beside it.
of_the_area := vocabulary.member_states | {"IS", "LI", "NO"}

audit_here(entry) if {
	some audit in audits
	audit.digest == entry.predicate.bias_assessment_ref
}

findings contains say.breach("purpose-and-data-set", entry, "intended_use", "the registry entry names no intended use") if {
	some entry in entries
	not records.filled(entry.predicate.intended_use)
}

findings contains say.breach("purpose-and-data-set", entry, "training_data_refs", "the registry entry names no training data") if {
	some entry in entries
	not has_data(entry)
}

has_data(entry) if count(entry.predicate.training_data_refs) > 0

findings contains say.also(unknown, {"values": {"digest": digest}}) if {
	some entry in entries
	some digest in entry.predicate.training_data_refs
	some graph in graphs
	not digest in digests(graph)
	unknown := say.breach("purpose-and-data-set", entry, "training_data_refs", "the registry entry names the training data {digest}, which are not in the lineage")
}

findings contains say.breach("bias-assessment-cited", entry, "bias_assessment_ref", "the registry entry cites no fairness audit") if {
	some entry in entries
	not entry.predicate.bias_assessment_ref
}

findings contains say.also(elsewhere, {"observed": cited, "expected": sort([audit.digest | some audit in audits])}) if {
	some entry in entries
	cited := entry.predicate.bias_assessment_ref
	not audit_here(entry)
	elsewhere := say.gap("bias-assessment-cited", entry, "bias_assessment_ref", "the fairness audit that the registry entry cites is not among the current ones of this model")
}

findings contains say.also(empty, {"values": {"field": name}}) if {
	some entry in entries
	some name in fields
	not filled(entry, name)
	empty := say.breach("form-filled", entry, name, "the registry entry does not fill {field}, or with what cannot be")
}

findings contains say.also(unknown, {"observed": data.parameters.registry_schema, "expected": ["registry-v1"]}) if {
	not fields
	unknown := say.none("form-filled", "parameters/registry_schema", "the form that `registry_schema` names is not known")
}

findings contains say.breach("artifact-in-lineage", graph, "node_digests", "the registered model file is not in the lineage graph") if {
	some graph in graphs
	not input.subject.digest in digests(graph)
}
