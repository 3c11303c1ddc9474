# METADATA
# title: Interaction disclosed
# description: >-
#   Where persons interact with the system, every probe of this version found the notice that it is AI, in the first turn
#   and accessible; or every questionnaire claims an exception of Art 50(1) that the law knows, for a reason that two
#   persons signed. What was probed is what the collector was pointed at; that persons interact is the questionnaire's word.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [transparency]
#   roles: [provider]
#   gates: [staging, production]
#   applies_from: D-GEN
#   evidence: {interface-probe: measured, risk-questionnaire: any}
#   applies: [risk-questionnaire]
#   objectives:
#     interaction-disclosed: {says: "Persons are told in the first turn, accessibly, that they deal with AI, or the law excepts the system."}
#   may_be_empty: {risk-questionnaire.signature.roles: the roles of who signed count for the reviewer of a claim alone}
#   may_stand_beside:
#     interface-probe.subject: a probe of another version says nothing of this one
#     interface-probe.target: a probe of something else says nothing of the notice
#     risk-questionnaire.signature.signer: one more person who signed the same answers takes nothing away from the others
#   frameworks: {eu-ai-act: ["50(1)", "50(5)"], nist-ai-rmf: ["MEASURE 2.8"], iso-42001: ["A.8.5"]}
#   remediation: Tell users in the first turn that they deal with an AI system.
package controls.eu_transparency.EUAIA_50_1

import data.lib.findings as say
import data.lib.records
import data.risk.grounds

questionnaires := input.evidence["risk-questionnaire"]

# Of this version: the notice of another says nothing of it.
probes := [probe |
	some probe in input.evidence["interface-probe"]
	probe.predicate.target == "ai-notice"
	records.names_candidate(probe)
]

applies if {
	some questionnaire in questionnaires
	questionnaire.predicate.interacts_with_persons == true
}

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.interacts_with_persons == false
	}
}

satisfied contains "interaction-disclosed" if {
	count(questionnaires) > 0
	count(probes) > 0
	every probe in probes {
		disclosed(probe.predicate)
	}
}

satisfied contains "interaction-disclosed" if excepted

# A notice that was tried and failed is not needed where the law asks for none.
excepted if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		grounds.lifts(grounds.signed(questionnaire), "notice_exception", "Art 50(1)")
	}
}

disclosed(probe) if {
	probe.present == true
	probe.first_turn == true
	probe.accessible == true
}

findings contains say.none("interaction-disclosed", "target", "no probe of the notice of this version is recorded, and no exception holds that two persons signed") if {
	not excepted
	count(probes) == 0
}

findings contains say.breach("interaction-disclosed", probe, "present", "the notice that it is AI was not found in the first turn, or is not accessible") if {
	not excepted
	some probe in probes
	not shown(probe)
}

shown(probe) if disclosed(probe.predicate)
