# METADATA
# title: Upstream supplier terms and cooperation
# description: >-
#   Every third-party component that registry or lineage list names its supplier, and every assessment of that supplier that
#   lists the component has a written agreement with the cooperation terms of Art 25, or exempts it as free and open-source
#   software, which a general-purpose model never is (Art 25(4)). A base model whose supplier is not named is a gap. That an
#   agreement holds the terms is the word of who signed the assessment, which may not be older than its next review; that
#   both lists leave nothing out is the word of who wrote them. Where both are empty the control does not apply, unless the
#   answers say that a model of others was taken or modified: then one list names a model.
# custom:
#   severity: major
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [staging]
#   applies_from: D-HR
#   evidence: [lineage-graph, registry-entry, risk-questionnaire, vendor-assessment]
#   applies: [lineage-graph, registry-entry, risk-questionnaire]
#   objectives:
#     suppliers-agreed: {says: Every upstream component has a supplier who agreed to cooperate or is exempt.}
#   may_be_empty:
#     lineage-graph.upstream_components: the list of the registry stands beside it
#     registry-entry.dependencies: the list of the lineage stands beside it
#     risk-questionnaire.model_origin: whose model it is need be answered for general-purpose models alone
#   may_differ:
#     lineage-graph.upstream_components: "each component is judged by its parts, as the cases show"
#     registry-entry.dependencies: "each component is judged by its parts, as the cases show"
#     registry-entry.dependencies.kind: one list that names the base model is enough
#     risk-questionnaire.model_origin: "a model of others asks for a list that names it, as the cases show"
#   may_stand_beside:
#     lineage-graph.upstream_components.kind: one list that names the base model is enough
#     vendor-assessment.services: an assessment of other components says nothing of this one
#     vendor-assessment.vendor: the assessment of another supplier says nothing of this one
#   frameworks:
#     eu-ai-act: ["25(2)", "25(4)", "99(4)(da)"]
#     nist-ai-rmf: ["GOVERN 6.1", "MAP 4.1"]
#     iso-42001: ["A.10.3"]
#   remediation: Sign the supplier agreement or record the free-software exemption.
package controls.eu_operators.EUAIA_25_1

import data.lib.findings as say
import data.lib.records

graphs := input.evidence["lineage-graph"]

assessments := input.evidence["vendor-assessment"]

entries := input.evidence["registry-entry"]

questionnaires := input.evidence["risk-questionnaire"]

# The answers say that the model is one of others, or was made of one.
of_others if {
	some questionnaire in questionnaires
	questionnaire.predicate.model_origin in {"modified", "third-party"}
}

applies if of_others

applies := false if {
	count(graphs) > 0
	count(entries) > 0
	count(questionnaires) > 0
	not of_others
	every graph in graphs {
		count(graph.predicate.upstream_components) == 0
	}
	every entry in entries {
		count(entry.predicate.dependencies) == 0
	}
}

applies if {
	some graph in graphs
	count(graph.predicate.upstream_components) > 0
}

applies if {
	some entry in entries
	count(entry.predicate.dependencies) > 0
}

satisfied contains "suppliers-agreed" if {
	applies
	count(graphs) > 0
	count(entries) > 0
	count(questionnaires) > 0
	count(unlisted) == 0
	every graph in graphs {
		count(graph.predicate.upstream_components) >= 0
		count([component | some component in graph.predicate.upstream_components; not settled(component)]) == 0
	}
	every entry in entries {
		count(entry.predicate.dependencies) >= 0
		count([component | some component in entry.predicate.dependencies; not settled(component)]) == 0
	}
}

# The base model that no list names.
unlisted := [questionnaire |
	some questionnaire in questionnaires
	questionnaire.predicate.model_origin in {"modified", "third-party"}
	count([component | some component in components; component.kind == "model"]) == 0
]

settled(component) if {
	count(of(component)) > 0
	every assessment in of(component) {
		input.now < assessment.predicate.next_review
		agreed(assessment.predicate, component)
	}
}

components := array.concat(
	[component | some graph in graphs; some component in graph.predicate.upstream_components],
	[component | some entry in entries; some component in entry.predicate.dependencies],
)

# The supplier's assessments that list the component.
of(component) := [assessment |
	some assessment in assessments
	assessment.predicate.vendor == component.supplier
	component.name in assessment.predicate.services
]

agreed(assessment, _) if {
	records.named(assessment.agreement_ref)
	assessment.cooperation_terms == true
}

agreed(assessment, component) if {
	assessment.foss_exempt == true
	assessment.gpai_component == false
	of_no_general_purpose_model(component)
	records.named(component.licence)
}

# Whatever its assessment says, the base of a general-purpose model is one.
of_no_general_purpose_model(component) if component.kind != "model"

of_no_general_purpose_model(_) if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.gpai == false
		questionnaire.predicate.gpai_systemic == false
	}
}

findings contains say.gap("suppliers-agreed", questionnaire, "model_origin", "the model is one of others, and no list names it and its supplier") if {
	some questionnaire in unlisted
}

findings contains say.also(unknown, {"values": {"component": component.name}}) if {
	some component in components
	count(of(component)) == 0
	unknown := say.none("suppliers-agreed", "vendor", "no assessment of its supplier lists {component}")
}

findings contains say.also(open, {"values": {"component": component.name}}) if {
	some component in components
	some assessment in of(component)
	not agreed(assessment.predicate, component)
	open := say.breach("suppliers-agreed", assessment, "agreement_ref", "{component} has neither an agreement with cooperation terms nor an exemption that holds")
}

findings contains say.also(due, {"observed": assessment.predicate.next_review, "values": {"component": component.name}}) if {
	some component in components
	some assessment in of(component)
	not input.now < assessment.predicate.next_review
	due := say.gap("suppliers-agreed", assessment, "next_review", "the assessment of the supplier of {component} is due for review")
}
