# METADATA
# title: No social scoring
# description: >-
#   Somebody from compliance or legal signed that the system scores nobody on social behaviour (point (c) of the screen), no
#   answer of the questionnaire shows such a score with effect on persons, and the lineage names no score used outside the
#   context of its data. The pass rests on that signature: which uses leave their context the collector of a lineage graph
#   says, and the graph that Quaestor derives from imported nodes names none.
# custom:
#   severity: blocker
#   basis: law
#   mode: attested
#   gates: [registration, data-intake]
#   applies_from: D-PROH
#   evidence: [lineage-graph, risk-questionnaire, statement:prohibited-screen]
#   objectives:
#     screened: {says: A person signed that the system does not score persons socially., reads: [statement:prohibited-screen]}
#     not-shown: {says: No answer shows a score on social behaviour with effect on persons., reads: [risk-questionnaire]}
#     scores-in-context: {says: No score on a person is used outside the context of its data., reads: [lineage-graph]}
#   may_be_empty: {risk-questionnaire.decisions: a system may decide nothing about persons}
#   may_differ:
#     risk-questionnaire.decisions: only the words for social scoring take the pass away, as the cases show
#     risk-questionnaire.task: only the words for social scoring take the pass away, as the cases show
#   frameworks: {eu-ai-act: ["5(1)(c)"], nist-ai-rmf: ["MAP 1.1"]}
#   remediation: Cut the use of the score outside the context in which its data were collected.
package controls.eu_prohibited.EUAIA_05_3

import data.lib.findings as say
import data.risk.prohibited

screens := input.evidence["statement:prohibited-screen"]

questionnaires := input.evidence["risk-questionnaire"]

graphs := input.evidence["lineage-graph"]

satisfied contains "screened" if {
	count(screens) > 0
	every screen in screens {
		screen.predicate.facts.answers.c == "no"
	}
}

satisfied contains "not-shown" if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		unscored(questionnaire)
	}
}

satisfied contains "scores-in-context" if {
	count(graphs) > 0
	every graph in graphs {
		count(graph.predicate.cross_context_uses) == 0
	}
}

unscored(questionnaire) if {
	is_string(questionnaire.predicate.task)
	is_array(questionnaire.predicate.decisions)
	not prohibited.scores_behaviour(questionnaire.predicate)
}

unscored(questionnaire) if questionnaire.predicate.significant_effect == false

findings contains say.breach("screened", screen, "facts.answers", "the screen answers point (c) of Art 5(1) with yes") if {
	some screen in screens
	screen.predicate.facts.answers.c == "yes"
}

findings contains say.gap("screened", screen, "facts.answers", "point (c) of Art 5(1) is not answered") if {
	some screen in screens
	not screen.predicate.facts.answers.c
}

findings contains say.breach("not-shown", questionnaire, "task", "the answers show a score on social behaviour with effect on persons") if {
	some questionnaire in questionnaires
	not unscored(questionnaire)
}

findings contains say.also(used, {"observed": graph.predicate.cross_context_uses}) if {
	some graph in graphs
	count(graph.predicate.cross_context_uses) > 0
	used := say.breach("scores-in-context", graph, "cross_context_uses", "scores are used outside the context of their data: {observed}")
}
