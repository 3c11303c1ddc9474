# METADATA
# title: Classification renewed after a change
# description: >-
#   The classification was filed after the answers that it rests on, and after every change of purpose, base model, training
#   population or decision context that the lineage holds. Changes in a lineage graph are what its collector brings; the
#   graph that Quaestor derives from imported nodes knows of none, and then the answers alone tell of a change.
# custom:
#   severity: major
#   basis: policy
#   roles: [provider, deployer]
#   gates: [staging, canary]
#   evidence: [lineage-graph, risk-classification, risk-questionnaire]
#   objectives:
#     newer-than-answers:
#       says: The classification was filed after every questionnaire that counts.
#       reads: [risk-classification, risk-questionnaire]
#     newer-than-changes:
#       says: "The classification was filed after every change of purpose, base model, training population or decision context."
#       reads: [lineage-graph, risk-classification]
#   may_be_empty: {lineage-graph.changes: a release may have changed nothing since the last}
#   frameworks: {eu-ai-act: ["6", "43(4)"], nist-ai-rmf: ["GOVERN 1.5"], iso-42001: ["A.5.2"]}
#   remediation: Classify the system again after the change.
package controls.risk.RISK_09

import data.lib.findings as say

classifications := input.evidence["risk-classification"]

questionnaires := input.evidence["risk-questionnaire"]

graphs := input.evidence["lineage-graph"]

# By the ledger's order: what is filed in one second has an order too.
satisfied contains "newer-than-answers" if {
	count(classifications) > 0
	count(questionnaires) > 0
	every classification in classifications {
		every questionnaire in questionnaires {
			questionnaire.log_index < classification.log_index
		}
	}
}

satisfied contains "newer-than-changes" if {
	count(classifications) > 0
	count(graphs) > 0
	every graph in graphs {
		is_array(graph.predicate.changes)
	}
	every classification in classifications {
		count([change | some change in decisive; not before(change, classification)]) == 0
	}
}

# Changes that may lead to another tier.
decisive := [change | some graph in graphs; some change in graph.predicate.changes; not harmless(change)]

harmless(change) if change.kind in {"data", "code", "configuration"}

before(change, classification) if change.at < classification.filed_at

findings contains say.also(old, {"observed": classification.filed_at, "expected": questionnaire.filed_at}) if {
	some classification in classifications
	some questionnaire in questionnaires
	questionnaire.log_index > classification.log_index
	old := say.breach("newer-than-answers", classification, "tier", "the classification of {observed} is older than the answers of {expected}")
}

findings contains say.also(old, {"observed": classification.filed_at, "values": {"kind": change.kind}}) if {
	some classification in classifications
	some change in decisive
	not before(change, classification)
	old := say.breach("newer-than-changes", classification, "tier", "the classification of {observed} is no newer than a change of {kind}")
}
