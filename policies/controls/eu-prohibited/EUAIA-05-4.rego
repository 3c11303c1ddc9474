# METADATA
# title: No crime prediction from profiling alone
# description: >-
#   Where the system tells of the risk of offences, somebody signed who assesses each case before a decision, and which
#   inputs are objective, verifiable facts; each of these is an input in the lineage that leads back to a source. That the
#   facts are objective, and that the assessment happens, is the word of who signed.
# custom:
#   severity: blocker
#   basis: law
#   mode: attested
#   gates: [registration]
#   applies_from: D-PROH
#   evidence: [lineage-graph, risk-questionnaire, statement:human-assessment]
#   applies: [risk-questionnaire]
#   objectives:
#     assessed-by-a-person:
#       says: "A statement names who assesses each case, and no answer says that decisions are taken without persons."
#       reads: [risk-questionnaire, statement:human-assessment]
#     rests-on-facts:
#       says: Inputs that are objective and verifiable are named and lead back to a source.
#       reads: [lineage-graph, statement:human-assessment]
#   may_be_empty: {risk-questionnaire.decisions: the task alone may tell that offences are predicted}
#   may_differ:
#     risk-questionnaire.decisions: the task alone may tell that offences are predicted
#     risk-questionnaire.task: the decisions alone may tell that offences are predicted
#   frameworks: {eu-ai-act: ["5(1)(d)"]}
#   remediation: "Add verifiable facts and a human assessment, or stop the use."
package controls.eu_prohibited.EUAIA_05_4

import data.lib.findings as say
import data.lib.records
import data.risk.prohibited
import data.risk.vocabulary

questionnaires := input.evidence["risk-questionnaire"]

graphs := input.evidence["lineage-graph"]

assessments := input.evidence["statement:human-assessment"]

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		known(questionnaire.predicate)
		not prohibited.predicts_offences(questionnaire.predicate)
	}
}

# In words that the risk policies know: a misspelt task is no other task.
known(answers) if {
	vocabulary.known(vocabulary.tasks, answers.task)
	is_array(answers.decisions)
	count([word | some word in answers.decisions; not vocabulary.known(vocabulary.decisions, word)]) == 0
}

applies if {
	some questionnaire in questionnaires
	prohibited.predicts_offences(questionnaire.predicate)
}

satisfied contains "assessed-by-a-person" if {
	count(assessments) > 0
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.solely_automated == false
	}
	every assessment in assessments {
		records.filled(assessment.predicate.facts.assessor_role)
	}
}

satisfied contains "rests-on-facts" if {
	count(assessments) > 0
	count(graphs) > 0
	every assessment in assessments {
		every graph in graphs {
			records.covers(traced(graph), assessment.predicate.facts.verifiable_inputs)
		}
	}
}

# Inputs all of whose paths lead back to a source.
traced(graph) := [name |
	some name, paths in graph.predicate.source_paths
	count(paths) > 0
	count([path | some path in paths; not whole(path)]) == 0
]

whole(path) if path.complete == true

findings contains say.breach("assessed-by-a-person", questionnaire, "solely_automated", "the answers do not say that persons take part in the decisions, so who assesses each case is contradicted") if {
	some questionnaire in questionnaires
	not questionnaire.predicate.solely_automated == false
}

findings contains say.gap("rests-on-facts", assessment, "facts.verifiable_inputs", "no input is named that is an objective, verifiable fact") if {
	some assessment in assessments
	count(assessment.predicate.facts.verifiable_inputs) == 0
}

findings contains say.also(loose, {"values": {"name": name}}) if {
	some assessment in assessments
	some graph in graphs
	some name in assessment.predicate.facts.verifiable_inputs
	not name in traced(graph)
	loose := say.breach("rests-on-facts", assessment, "facts.verifiable_inputs", "{name} is no input in the lineage that leads back to a source")
}
