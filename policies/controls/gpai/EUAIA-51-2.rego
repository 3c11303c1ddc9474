# METADATA
# title: Downstream modification threshold assessed
# description: >-
#   The lineage tells the compute of the organisation's own modification and that of the base model, or of the threshold
#   that stands in for it where it is not known, in 10^18 FLOP; the questionnaire answers no more of a modification than
#   that, and no less of the base model. Where the modification took more than a third, every questionnaire names the
#   organisation a provider of a general-purpose model. Both figures are the word of the lineage's source.
# custom:
#   pack: gpai
#   severity: major
#   basis: guidance
#   tiers: [gpai]
#   roles: [provider]
#   gates: [validation]
#   applies_from: D-GPAI
#   evidence: [lineage-graph, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [modification_percent]
#   objectives:
#     compute-recorded: {says: The compute of modification and base model is recorded and no less than was answered.}
#     role-taken: {says: Above the threshold the organisation takes on the role of a provider of the model.}
#   may_be_empty:
#     risk-questionnaire.modification_exaflop: the lineage tells the compute as well
#     risk-questionnaire.training_exaflop: the compute of the base model may be known from the lineage alone
#     risk-questionnaire.roles: below the threshold no role is asked for
#   frameworks: {eu-ai-act: ["3(63)", "53", "C(2025) 7719 points 57-63"]}
#   remediation: Record the modification compute and take on the provider role where the ratio is passed.
package controls.gpai.EUAIA_51_2

import data.lib.findings as say
import data.lib.numbers
import data.risk.gpai

graphs := input.evidence["lineage-graph"]

questionnaires := input.evidence["risk-questionnaire"]

applies if {
	some questionnaire in questionnaires
	gpai.general(questionnaire.predicate)
}

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.gpai == false
		questionnaire.predicate.gpai_systemic == false
	}
}

satisfied contains "compute-recorded" if recorded

recorded if {
	count(graphs) > 0
	count(questionnaires) > 0
	every graph in graphs {
		graph.predicate.base_model_exaflop > 0
		every questionnaire in questionnaires {
			graph.predicate.modification_exaflop >= object.get(questionnaire.predicate, "modification_exaflop", 0)
			not overstated(graph.predicate, questionnaire.predicate)
		}
	}
}

# A base model that is said to be larger than the answers have it makes its modification look small.
overstated(graph, answers) if graph.base_model_exaflop > answers.training_exaflop

satisfied contains "role-taken" if {
	recorded
	count(graphs) > 0
	count(questionnaires) > 0
	every graph in graphs {
		every questionnaire in questionnaires {
			settled(graph.predicate, questionnaire.predicate)
		}
	}
}

settled(graph, _) if numbers.at_most_percent(graph.modification_exaflop, graph.base_model_exaflop, data.parameters.modification_percent)

settled(_, answers) if "gpai-provider" in answers.roles

findings contains say.gap(objective, graph, "modification_exaflop", "the compute of modification or base model is not recorded, or is not what was answered") if {
	not recorded
	some graph in graphs
	some objective in ["compute-recorded", "role-taken"]
}

findings contains say.also(open, {"observed": modification, "expected": base}) if {
	recorded
	some graph in graphs
	some questionnaire in questionnaires
	modification := graph.predicate.modification_exaflop
	base := graph.predicate.base_model_exaflop
	not is_settled(graph, questionnaire)
	open := say.breach("role-taken", questionnaire, "roles", "the modification took {observed} of {expected} (10^18 FLOP), so the organisation is a provider of the model, and the questionnaire does not say so")
}

is_settled(graph, questionnaire) if settled(graph.predicate, questionnaire.predicate)
