# METADATA
# title: Model card complete
# description: >-
#   Every current card of the version says how the model performs, on which data it was trained and where it is weak, and at
#   staging what it is for, with a reviewer who neither signed nor wrote it. The figures lie where those metrics can lie;
#   PERF-02 holds them against the runs. Whether the words are right is the word of who signed and reviewed the card.
# custom:
#   severity: blocker
#   basis: policy
#   mode: hybrid
#   gates: [staging, production]
#   evidence: [model-card]
#   objectives:
#     card-filled: {says: "The model card says performance, training data and limits of this artifact.", covers: [S0.M6.2]}
#     card-reviewed:
#       says: The model card says what the model is for and was reviewed by somebody else than its signer.
#       at: [staging]
#       covers: [S2.M6.5]
#   frameworks: {nist-ai-rmf: ["MEASURE 2.8", "MAP 2.2"], iso-42001: ["A.8.2"], eu-ai-act: ["13"]}
#   remediation: Fill the missing section of the card for this artifact and have a person review it.
package controls.documentation.DOC_01

import data.lib.findings as say
import data.lib.metrics
import data.lib.records

cards := input.evidence["model-card"]

satisfied contains "card-filled" if {
	count(cards) > 0
	every card in cards {
		records.on_candidate(card)
		performs(card)
		records.filled(card.predicate.training_data)
		records.filled(card.predicate.limitations)
	}
}

satisfied contains "card-reviewed" if {
	count(cards) > 0
	every card in cards {
		performs(card)
		records.filled(card.predicate.limitations)
		records.filled(card.predicate.intended_use)
		reviewed(card)
	}
}

performs(card) if {
	count(card.predicate.performance) > 0
	every metric, value in card.predicate.performance {
		metrics.possible(metric, value)
	}
}

reviewed(card) if {
	some person in card.predicate.reviewed_by
	records.named(person.id)
	person.id != card.signature.signer
}

findings contains say.breach(objective, card, "performance", "the card states no metric, or one that cannot be: unknown to the table or out of its range") if {
	some objective in judged
	some card in cards
	not performs(card)
}

judged := {"staging": ["card-filled", "card-reviewed"], "production": ["card-filled"]}[input.gate]

findings contains say.breach("card-reviewed", card, "reviewed_by", "nobody but the signer of the card reviewed it") if {
	input.gate == "staging"
	some card in cards
	not reviewed(card)
}
