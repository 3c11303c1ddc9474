# METADATA
# title: Authorised representative mandated
# description: >-
#   A provider established outside the Union has a representative in it, mandated in writing for each task of Art 22(3).
#   Where the provider is established is the questionnaire's word; every questionnaire that counts must name a country of
#   the Union for the control not to apply.
# custom:
#   severity: blocker
#   basis: law
#   mode: attested
#   tiers: [high]
#   roles: [provider]
#   gates: [production]
#   applies_from: D-HR
#   evidence: [risk-questionnaire, statement:representative-mandate]
#   applies: [risk-questionnaire]
#   parameters: [representative_tasks, union_countries]
#   objectives:
#     tasks-mandated:
#       says: "A representative is named, and mandated for each task of Art 22(3)."
#       reads: [statement:representative-mandate]
#   may_differ: {risk-questionnaire.provider_country: any other country outside the Union asks for a representative too}
#   frameworks: {eu-ai-act: ["22"], iso-42001: ["A.10.2"]}
#   remediation: "Mandate an authorised representative in the Union in writing, for each task of Art 22(3)."
package controls.eu_operators.EUAIA_22_1

import data.lib.findings as say
import data.lib.records

mandates := input.evidence["statement:representative-mandate"]

questionnaires := input.evidence["risk-questionnaire"]

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.provider_country in data.parameters.union_countries
	}
}

applies if {
	some questionnaire in questionnaires
	not questionnaire.predicate.provider_country in data.parameters.union_countries
}

satisfied contains "tasks-mandated" if {
	count(mandates) > 0
	every mandate in mandates {
		records.filled(mandate.predicate.facts.representative)
		records.covers(mandate.predicate.facts.tasks, data.parameters.representative_tasks)
	}
}

findings contains say.also(open, {"values": {"task": task}}) if {
	some mandate in mandates
	some task in data.parameters.representative_tasks
	not task in mandate.predicate.facts.tasks
	open := say.gap("tasks-mandated", mandate, "facts.tasks", "the mandate leaves out the task {task} of Art 22(3)")
}
