# METADATA
# title: Handoff pack accepted by receiving team
# description: >-
#   The model card has what the organisation's form of handoff asks for and was reviewed by whoever accepted the pack for the
#   receiving team, in a signed statement; the pack has the interface of the model, pinned dependencies and tests of more
#   than one kind that all passed. Which team receives is the signer's word.
# custom:
#   severity: minor
#   basis: policy
#   mode: hybrid
#   gates: [staging]
#   evidence: [artifact-manifest, ci-run, model-card, statement:handoff-accepted]
#   parameters: [handoff_template]
#   objectives:
#     limits-passed-on:
#       says: The card states what the form asks for and was reviewed by the receiving team.
#       covers: [S0.M3.8]
#       reads: [model-card, statement:handoff-accepted]
#     pack-accepted:
#       says: "The receiving team accepted interface, packages and tests."
#       covers: [S2.M9.2]
#       reads: [artifact-manifest, ci-run, statement:handoff-accepted]
#   frameworks: {nist-ai-rmf: ["MEASURE 2.8"], iso-42001: ["A.6.2.7", "A.8.2"]}
#   remediation: Complete the handoff pack and have the receiving team accept it.
package controls.documentation.DOC_04

import data.lib.findings as say
import data.lib.records

cards := input.evidence["model-card"]

manifests := input.evidence["artifact-manifest"]

builds := input.evidence["ci-run"]

acceptances := input.evidence["statement:handoff-accepted"]

satisfied contains "limits-passed-on" if {
	count(cards) > 0
	count(acceptances) > 0
	every card in cards {
		complete(card)
		every acceptance in acceptances {
			reviewed_by_receiver(card, acceptance)
		}
	}
}

satisfied contains "pack-accepted" if {
	count(acceptances) > 0
	count(manifests) > 0
	every manifest in manifests {
		packed(manifest)
	}
	count(builds) > 0
	every build in builds {
		tested(build)
	}
	every acceptance in acceptances {
		records.filled(acceptance.predicate.facts.receiving_team)
	}
}

# A form that is not known asks for what nobody can fill.
complete(card) if {
	data.parameters.handoff_template == "handoff-v1"
	records.filled(card.predicate.assumptions)
	records.filled(card.predicate.limitations)
}

reviewed_by_receiver(card, acceptance) if acceptance.signature.signer in {person.id | some person in card.predicate.reviewed_by}

packed(manifest) if {
	count(manifest.predicate.input_schema) > 0
	manifest.predicate.pinned_dependencies == true
}

tested(build) if {
	count(build.predicate.test_kinds) > 1
	build.predicate.tests_failed == 0
}

findings contains say.gap("limits-passed-on", card, "assumptions", "the card does not fill the form of handoff, or the form is not known") if {
	some card in cards
	not complete(card)
}

findings contains say.breach("limits-passed-on", card, "reviewed_by", "whoever accepted the pack for the receiving team did not review the card") if {
	some card in cards
	some acceptance in acceptances
	not reviewed_by_receiver(card, acceptance)
}

findings contains say.breach("pack-accepted", manifest, "pinned_dependencies", "the pack lacks the interface of the model, or its dependencies are not pinned") if {
	some manifest in manifests
	not packed(manifest)
}

findings contains say.breach("pack-accepted", build, "test_kinds", "the pack has tests of fewer than two kinds, or some failed") if {
	some build in builds
	not tested(build)
}
