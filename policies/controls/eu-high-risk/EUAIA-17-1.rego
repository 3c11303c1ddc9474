# METADATA
# title: Quality management covers the thirteen aspects
# description: >-
#   A signed statement resolves each aspect of Art 17(1) to a document that was approved and has not run out. Where sector
#   law stands in for the quality management system (Art 17(3), (4)), the questionnaire says which, and the aspects that
#   stay with the provider resolve. What the documents say is the signer's word.
# custom:
#   severity: blocker
#   basis: law
#   mode: attested
#   tiers: [high]
#   roles: [provider]
#   gates: [registration, staging]
#   applies_from: D-HR
#   evidence: [risk-questionnaire, statement:quality-system]
#   parameters: [qms_aspects, qms_aspects_beside_sector_law]
#   objectives:
#     aspects-documented: {says: "Each aspect of the quality management system has a document that is approved and in force."}
#   frameworks:
#     eu-ai-act: ["17(1)(a)-(m)", "17(2)-(4)"]
#     nist-ai-rmf: ["GOVERN 1.2", "GOVERN 1.4"]
#     iso-42001: ["A.2.2", "A.2.4"]
#   remediation: Approve or renew the quality document that is missing, and sign the statement anew.
package controls.eu_high_risk.EUAIA_17_1

import data.lib.findings as say
import data.lib.records
import data.risk.annex_i

systems := input.evidence["statement:quality-system"]

questionnaires := input.evidence["risk-questionnaire"]

# Where two questionnaires differ, the longer list counts.
asked := data.parameters.qms_aspects if not sector_law

asked := data.parameters.qms_aspects_beside_sector_law if sector_law

sector_law if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		records.filled(questionnaire.predicate.sector_equivalence)
		regulated(questionnaire.predicate)
	}
}

# Sector law is that of banks and of other finance (Art 17(4)), or of a product of Annex I Section A (Art 17(3)): who is under
# neither by the other answers has none that asks for a quality management system.
regulated(answers) if answers.bank_scope in {"generative-separate", "in-scope", "out-of-scope"}

regulated(answers) if answers.context == "finance"

regulated(answers) if annex_i.listed(answers)

satisfied contains "aspects-documented" if {
	count(questionnaires) > 0
	count(systems) > 0
	every system in systems {
		records.covers([aspect | some aspect, document in system.predicate.facts.documents; in_force(document)], asked)
	}
}

# When it was approved lies before the filing, by its type.
in_force(document) if input.now < document.expires_at

findings contains say.also(open, {"values": {"aspect": aspect}}) if {
	some system in systems
	some aspect in asked
	not aspect in object.keys(system.predicate.facts.documents)
	open := say.gap("aspects-documented", system, "facts.documents", "aspect ({aspect}) of Art 17(1) has no document")
}

findings contains say.also(out, {"values": {"aspect": aspect}}) if {
	some system in systems
	some aspect in asked
	document := system.predicate.facts.documents[aspect]
	not in_force(document)
	out := say.breach("aspects-documented", system, "facts.documents", "the document of aspect ({aspect}) has run out")
}
