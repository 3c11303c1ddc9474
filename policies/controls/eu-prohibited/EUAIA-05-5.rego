# METADATA
# title: No untargeted facial scraping in provenance
# description: >-
#   Where the system recognises faces or identifies persons by their bodies, each dataset in its lineage, and the one that
#   is offered, has a datasheet on the same content that says how it was obtained, and none was scraped at random or from
#   where nobody knows. The tasks count that are a face database by their name, and every biometric identification.
# custom:
#   severity: blocker
#   basis: law
#   roles: [provider, deployer]
#   gates: [data-intake]
#   applies_from: D-PROH
#   evidence: [dataset-record, lineage-graph, risk-questionnaire]
#   about: {dataset-record: system}
#   applies: [risk-questionnaire]
#   objectives:
#     origin-known:
#       says: "Each dataset of the lineage, and the one that is offered, has a datasheet on its content."
#       reads: [dataset-record, lineage-graph]
#     not-scraped:
#       says: No dataset was scraped untargeted or obtained from where nobody knows.
#       reads: [dataset-record]
#   may_stand_beside:
#     dataset-record.content_digest: the datasheet of another dataset takes nothing away from those of these
#     risk-questionnaire.task: the control applies once one questionnaire says so, whatever another says
#   frameworks: {eu-ai-act: ["5(1)(e)"], nist-ai-rmf: ["MAP 4.1"]}
#   remediation: Remove the scraped or unexplained dataset and retrain.
package controls.eu_prohibited.EUAIA_05_5

import data.lib.findings as say
import data.risk.vocabulary

questionnaires := input.evidence["risk-questionnaire"]

datasets := input.evidence["dataset-record"]

graphs := input.evidence["lineage-graph"]

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		vocabulary.known(vocabulary.tasks, questionnaire.predicate.task)
		is_array(questionnaire.predicate.decisions)
		questionnaire.predicate.biometric_kind in {"categorisation", "emotion", "none"}
		not recognises(questionnaire)
	}
}

applies if {
	some questionnaire in questionnaires
	recognises(questionnaire)
}

# Whoever decides on who a person is identifies, whatever the task is called.
recognises(questionnaire) if "identification" in questionnaire.predicate.decisions

recognises(questionnaire) if questionnaire.predicate.task in {"face-recognition", "face-scraping", "untargeted-face-scraping"}

recognises(questionnaire) if {
	questionnaire.predicate.biometric_kind in {"post-remote", "real-time-remote", "remote-identification", "verification"}
}

contents := {dataset.predicate.content_digest | some dataset in datasets}

satisfied contains "origin-known" if {
	input.subject.digest in contents
	count(graphs) > 0
	every graph in graphs {
		count(ancestors(graph)) > 0
		every node in ancestors(graph) {
			described(node)
		}
	}
}

satisfied contains "not-scraped" if {
	count(datasets) > 0
	every dataset in datasets {
		dataset.predicate.collected_how in {"licensed", "own-collection", "public-record", "synthetic", "targeted-scrape"}
	}
}

ancestors(graph) := [node | some node in graph.predicate.nodes; node.kind == "dataset"]

described(node) if node.digest in contents

findings contains say.none("origin-known", "content_digest", "no datasheet is on the content of the dataset that is offered") if {
	count(datasets) > 0
	not input.subject.digest in contents
}

findings contains say.gap("origin-known", graph, "nodes", "the lineage names no dataset") if {
	some graph in graphs
	count(ancestors(graph)) == 0
}

findings contains say.also(unknown, {"values": {"name": node.id}}) if {
	some graph in graphs
	some node in ancestors(graph)
	not described(node)
	unknown := say.gap("origin-known", graph, "nodes", "no datasheet is on the content of {name}")
}

findings contains say.also(scraped, {"observed": how}) if {
	some dataset in datasets
	how := dataset.predicate.collected_how
	how in {"unknown", "untargeted-scrape"}
	scraped := say.breach("not-scraped", dataset, "collected_how", "the dataset was obtained by {observed}")
}
