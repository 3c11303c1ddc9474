# METADATA
# title: Operator role set and role flip tested
# description: >-
#   The organisation names a role of the Act, and names itself provider wherever a training run of it is recorded (Art
#   3(3)), or its answers or a substantial change made in house make it one (Art 25). The lineage must be there; which
#   changes it holds is what its collector brings, since the graph that Quaestor derives from imported nodes knows of none.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   gates: [registration, production]
#   applies_from: D-HR
#   evidence: [lineage-graph, risk-questionnaire, training-run]
#   objectives:
#     role-named: {says: The organisation names a role that the Act knows., reads: [risk-questionnaire]}
#     flip-taken-on: {says: "Where training, branding, modification, purpose or product make it a provider, it names itself one."}
#   may_be_empty:
#     lineage-graph.changes: a first release has no change
#     training-run: whose model is not trained here has no such record
#   frameworks: {eu-ai-act: ["3(3)-(8)", "25(1)", "25(3)"], iso-42001: ["A.10.2"]}
#   remediation: "State the organisation's role and take on the provider role where branding, modification or a new purpose makes it one."
package controls.risk.RISK_06

import data.lib.findings as say
import data.risk.annex_i
import data.risk.roles

questionnaires := input.evidence["risk-questionnaire"]

graphs := input.evidence["lineage-graph"]

trainings := input.evidence["training-run"]

satisfied contains "role-named" if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		of_the_act(questionnaire)
	}
}

satisfied contains "flip-taken-on" if {
	count(questionnaires) > 0
	count(graphs) > 0
	every graph in graphs {
		is_array(graph.predicate.changes)
	}
	every questionnaire in questionnaires {
		taken_on(questionnaire)
	}
}

of_the_act(questionnaire) if {
	some role in questionnaire.predicate.roles
	role in roles.of_the_act
}

taken_on(questionnaire) if "provider" in questionnaire.predicate.roles

taken_on(questionnaire) if {
	trained_for_others(questionnaire.predicate)
	not_flipped(questionnaire.predicate)
	count(changed_in_house) == 0
}

# Nothing was trained here, or a general-purpose model for others to build systems on.
trained_for_others(_) if count(trainings) == 0

trained_for_others(answers) if {
	answers.gpai == true
	"gpai-provider" in answers.roles
}

# Each answer of Art 25(1) is a no, and no product of Annex I is made.
not_flipped(answers) if {
	answers.rebranded == false
	answers.substantially_modified == false
	answers.purpose_changed == false
	is_string(answers.scope_trigger)
	makes_no_product_of_section_a(answers)
}

makes_no_product_of_section_a(answers) if not roles.makes_product(answers)

makes_no_product_of_section_a(answers) if annex_i.route(answers) in {"b", "none"}

# What nobody classified may be substantial.
changed_in_house := [change |
	some graph in graphs
	some change in graph.predicate.changes
	not of_supplier(change)
	not small(change)
]

of_supplier(change) if change.in_house == false

small(change) if change.change_class in {"minor", "pre-determined"}

findings contains say.gap("role-named", questionnaire, "roles", "no role of the Act is named") if {
	some questionnaire in questionnaires
	not of_the_act(questionnaire)
}

findings contains say.breach("flip-taken-on", questionnaire, "roles", "training, the answers or a substantial change make the organisation a provider, and it does not say so") if {
	some questionnaire in questionnaires
	not taken_on(questionnaire)
}
