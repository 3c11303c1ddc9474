# METADATA
# title: No biometric categorisation of protected traits
# description: >-
#   Where the system uses biometrics, no output of it is named or labelled as a trait that Art 5(1)(g) protects and no
#   answer says that it tells one, unless every questionnaire claims a lawful exception with a reason and two signatures and
#   compliance, legal or the data protection officer approved the candidate at this gate after these answers. What an output
#   of another name tells is the word of who wrote the manifest.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   gates: [registration, validation]
#   applies_from: D-PROH
#   evidence: [approval, artifact-manifest, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [protected_traits]
#   objectives:
#     traits-not-told: {says: "No output tells a protected trait, but under a lawful exception that was approved."}
#   may_be_empty: {risk-questionnaire.signature.roles: the roles of who signed count for the reviewer of a claim alone}
#   may_differ:
#     artifact-manifest.output_schema.name: any name but those of the protected traits is as good, as the cases show
#     artifact-manifest.output_schema.sensitive_label: any label but those of the protected traits is as good, as the cases show
#   may_stand_beside:
#     approval.role: an approval in another role neither helps nor takes away; a rejection in any role does
#     approval.gate: what is said at another gate is not said at this one
#     approval.decision: an abstention neither approves nor rejects; a later rejection takes the pass away, as the cases show
#   frameworks: {eu-ai-act: ["5(1)(g)"]}
#   remediation: Remove the protected label from the outputs or record the lawful exception.
package controls.eu_prohibited.EUAIA_05_7

import data.lib.findings as say
import data.lib.records
import data.lib.text
import data.risk.grounds
import data.risk.vocabulary

questionnaires := input.evidence["risk-questionnaire"]

manifests := input.evidence["artifact-manifest"]

approvals := input.evidence.approval

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.biometric_kind == "none"
		not tells_traits(questionnaire)
	}
}

# Who names traits that it tells of persons categorises them, whatever the kind is called.
tells_traits(questionnaire) if count(questionnaire.predicate.categorised_traits) > 0

applies if {
	some questionnaire in questionnaires
	tells_traits(questionnaire)
}

applies if {
	some questionnaire in questionnaires
	questionnaire.predicate.biometric_kind != "none"
}

satisfied contains "traits-not-told" if {
	count(data.parameters.protected_traits) > 0
	count(questionnaires) > 0
	count(manifests) > 0
	every manifest in manifests {
		count(manifest.predicate.output_schema) > 0
	}
	clean
}

clean if count(told) + count(answered) == 0

clean if excepted

# Every questionnaire claims the exception, and it was approved.
excepted if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		grounds.lifts(grounds.signed(questionnaire), "lawful_exception", "Art 5(1)(g)")
		records.approved_in_law_after(approvals, input.gate, questionnaire)
	}
}

# In the words of the law's list and of the risk policies, which differ a little.
protected := {text.lower(trait) | some trait in data.parameters.protected_traits} | {trait |
	some trait, article in vocabulary.traits
	article == "Art 5(1)(g)"
}

told := [field |
	some manifest in manifests
	some field in manifest.predicate.output_schema
	tells(field)
]

# By a word of its name or label: `predicted_race` tells as much as `race`.
tells(field) if {
	some trait in protected
	text.names(field.name, trait)
}

tells(field) if {
	some trait in protected
	text.names(field.sensitive_label, trait)
}

answered := [trait |
	some questionnaire in questionnaires
	some trait in questionnaire.predicate.categorised_traits
	protects(trait)
]

protects(trait) if {
	some one in protected
	text.names(trait, one)
}

findings contains say.also(found, {"values": {"name": field.name}}) if {
	not clean
	some manifest in manifests
	some field in manifest.predicate.output_schema
	tells(field)
	found := say.breach("traits-not-told", manifest, "output_schema", "the output {name} tells a protected trait, and no lawful exception was approved")
}

findings contains say.also(found, {"values": {"trait": trait}}) if {
	not clean
	some questionnaire in questionnaires
	some trait in questionnaire.predicate.categorised_traits
	protects(trait)
	found := say.breach("traits-not-told", questionnaire, "categorised_traits", "the system is said to tell {trait}, and no lawful exception was approved")
}
