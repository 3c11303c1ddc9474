# METADATA
# title: General-purpose model documentation complete
# description: >-
#   A person signed a file after Annex XI and one after Annex XII for this model, in which each item is present, or left out
#   for a reason whose reviewer has filed the same file, signed, as well; few items may be left out. A model with systemic
#   risk, or of a compute that is not told, needs Section 2 of Annex XI too. Without it neither is asked for where every
#   questionnaire says that the model is released under a free and open-source licence. What the items say is the word of
#   who signed.
# custom:
#   pack: gpai
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [gpai]
#   roles: [gpai-provider]
#   gates: [staging, production]
#   applies_from: D-GPAI
#   evidence: [risk-questionnaire, technical-file]
#   applies: [risk-questionnaire]
#   parameters: [annex_xi_items, annex_xi_systemic_items, annex_xii_items, max_not_applicable_items, systemic_risk_exaflop]
#   objectives:
#     annex-xi-complete: {says: "The file after Annex XI is complete and signed, or the model is free and open-source without systemic risk."}
#     annex-xii-complete: {says: "The file after Annex XII is complete and signed, or the model is free and open-source without systemic risk."}
#   may_stand_beside:
#     technical-file.kind: a file of another kind says nothing of this one
#     technical-file.signature.signer: whoever else signs the same file takes nothing away from it
#   frameworks:
#     eu-ai-act: ["53(1)(a)", "53(1)(b)", "53(2)", "Annex XI", "Annex XII"]
#     nist-ai-rmf: ["MAP 4.1"]
#     iso-42001: ["A.6.2.3", "A.8.2"]
#   remediation: Complete the Annex XI and XII documents for this model version.
package controls.gpai.EUAIA_53_1

import data.lib.findings as say
import data.risk.gpai
import data.risk.grounds

questionnaires := input.evidence["risk-questionnaire"]

kinds := {"annex-xi-complete": "annex-xi", "annex-xii-complete": "annex-xii"}

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

satisfied contains "annex-xi-complete" if complete("annex-xi-complete")

satisfied contains "annex-xii-complete" if complete("annex-xii-complete")

satisfied contains "annex-xi-complete" if exempt

satisfied contains "annex-xii-complete" if exempt

complete(objective) if {
	count(questionnaires) > 0
	count(of(objective)) > 0
	count(items(objective)) > 0
	every file in of(objective) {
		file.class == "attested"
		count([item | some item in items(objective); file.predicate.items[item] == "not-applicable"]) <= data.parameters.max_not_applicable_items
		every item in items(objective) {
			answered(file, item)
		}
	}
}

of(objective) := [file | some file in input.evidence["technical-file"]; file.predicate.kind == kinds[objective]]

items("annex-xii-complete") := data.parameters.annex_xii_items

items("annex-xi-complete") := data.parameters.annex_xi_items if ordinary

items("annex-xi-complete") := array.concat(data.parameters.annex_xi_items, data.parameters.annex_xi_systemic_items) if {
	not ordinary
	count(data.parameters.annex_xi_items) > 0
	count(data.parameters.annex_xi_systemic_items) > 0
}

# Without systemic risk, by what is answered and by a compute that is told.
ordinary if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.gpai_systemic == false
		questionnaire.predicate.training_exaflop > 0
		gpai.compute(questionnaire.predicate) <= data.parameters.systemic_risk_exaflop
	}
}

# Art 53(2): free and open-source without systemic risk.
exempt if {
	ordinary
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.open_source_release == true
	}
}

answered(file, item) if file.predicate.items[item] == "present"

answered(file, item) if {
	file.predicate.items[item] == "not-applicable"
	some claim in file.predicate.not_applicable
	claim.claim == item
	signers := signers_of(file.digest)
	grounds.reviewed({"reviewers": signers, "signers": signers}, claim)
}

# Who signed that very content, in this record or in another.
signers_of(digest) := {file.signature.signer |
	some file in input.evidence["technical-file"]
	file.digest == digest
	file.predicate.kind in {"annex-xi", "annex-xii"}
	file.class == "attested"
}

findings contains say.also(absent, {"expected": kind}) if {
	not exempt
	some objective, kind in kinds
	count(of(objective)) == 0
	absent := say.none(objective, "kind", "there is no current file of the kind {expected} for this model")
}

findings contains say.breach(objective, file, "signature", "no person signed the file") if {
	not exempt
	some objective, _ in kinds
	some file in of(objective)
	file.class != "attested"
}

findings contains say.also(open, {"values": {"item": item}}) if {
	not exempt
	some objective, _ in kinds
	some file in of(objective)
	some item in items(objective)
	not answered(file, item)
	open := say.breach(objective, file, "items", "item {item} is neither present nor left out with a reason that two people signed")
}

findings contains say.also(many, {"expected": data.parameters.max_not_applicable_items}) if {
	not exempt
	some objective, _ in kinds
	some file in of(objective)
	count([item | some item in items(objective); file.predicate.items[item] == "not-applicable"]) > data.parameters.max_not_applicable_items
	many := say.breach(objective, file, "items", "more than {expected} items are left out")
}
