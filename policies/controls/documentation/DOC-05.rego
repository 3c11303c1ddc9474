# METADATA
# title: Technical file complete
# description: >-
#   A person signed the technical file of the candidate, which has every section that the organisation asks for and
#   every item of Annex IV, present or left out. Few items may be left out, each with a reason and a reviewer who has
#   filed the same file, signed, as well. The simplified form counts only for small and medium-sized enterprises and
#   small mid-caps. Files of other kinds are not the technical file and are not judged here.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   mode: hybrid
#   tiers: [high]
#   gates: [staging, production]
#   evidence: [risk-questionnaire, technical-file]
#   parameters: [annex_iv_items, max_not_applicable_items, technical_file_sections]
#   objectives:
#     sections-complete:
#       says: The technical file has every section that is asked for.
#       covers: [S4.M6.4]
#       reads: [technical-file]
#     mitigation-described:
#       says: The technical file lists the bias countermeasures.
#       covers: [S4.M6.4]
#       reads: [technical-file]
#     annex-iv-complete:
#       says: Every item of Annex IV is present, or one of few that are left out with a reason that two people signed.
#       only: law-scope
#       reads: [technical-file]
#     form-allowed: {says: The simplified form is used only by an organisation small enough for it., only: law-scope}
#   may_stand_beside:
#     technical-file.kind: a system card or a file for a general-purpose model says nothing of the technical file
#     technical-file.signature.signer: whoever else signs the same file takes nothing away from it
#   frameworks: {eu-ai-act: ["11(1)", "Annex IV 1-9"], nist-ai-rmf: ["MAP 2.1", "MEASURE 2.9"], iso-42001: ["A.6.2.7"]}
#   remediation: "Write the missing item of the technical file, or say why it does not apply and let a second person sign that."
package controls.documentation.DOC_05

import data.lib.findings as say
import data.lib.records
import data.risk.grounds

objectives := ["sections-complete", "mitigation-described", "annex-iv-complete", "form-allowed"]

# The technical file; a system card or a file for a general-purpose model stands beside it.
files := [file |
	some file in input.evidence["technical-file"]
	file.predicate.kind in {"annex-iv", "annex-iv-simplified"}
]

questionnaires := input.evidence["risk-questionnaire"]

# Who may use the simplified form (AI Act, Art 11(1)).
small_classes := {"micro", "small", "medium", "small-mid-cap"}

# Only a file that somebody signed who may is seen as attested.
signed(file) if file.class == "attested"

satisfied contains "sections-complete" if {
	count(files) > 0
	every file in files {
		signed(file)
		records.covers(file.predicate.sections, data.parameters.technical_file_sections)
	}
}

satisfied contains "mitigation-described" if {
	count(files) > 0
	every file in files {
		signed(file)
		count(file.predicate.mitigation_steps) > 0
	}
}

satisfied contains "annex-iv-complete" if {
	count(files) > 0
	count(data.parameters.annex_iv_items) > 0
	every file in files {
		signed(file)
		count(left_out(file)) <= data.parameters.max_not_applicable_items
		every item in data.parameters.annex_iv_items {
			answered(file, item)
		}
	}
}

satisfied contains "form-allowed" if {
	count(files) > 0
	every file in files {
		signed(file)
		form_allowed(file)
	}
}

left_out(file) := [item | some item in data.parameters.annex_iv_items; file.predicate.items[item] == "not-applicable"]

answered(file, item) if file.predicate.items[item] == "present"

answered(file, item) if {
	file.predicate.items[item] == "not-applicable"
	some claim in file.predicate.not_applicable
	claim.claim == item
	signers := signers_of(file.digest)
	grounds.reviewed({"reviewers": signers, "signers": signers}, claim)
}

# Who signed that very content, in this record or in another.
signers_of(digest) := {file.signature.signer | some file in files; file.digest == digest; signed(file)}

form_allowed(file) if file.predicate.kind == "annex-iv"

form_allowed(file) if {
	file.predicate.kind == "annex-iv-simplified"
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.size_class in small_classes
	}
}

findings contains say.also(absent, {"expected": ["annex-iv", "annex-iv-simplified"]}) if {
	count(files) == 0
	some objective in objectives
	absent := say.none(objective, "kind", "there is no current technical file after Annex IV")
}

findings contains say.breach(objective, file, "signature", "no person signed the technical file") if {
	some file in files
	not signed(file)
	some objective in objectives
}

findings contains say.also(short, {"observed": file.predicate.sections, "expected": section}) if {
	some file in files
	some section in data.parameters.technical_file_sections
	not section in file.predicate.sections
	short := say.breach("sections-complete", file, "sections", "the section {expected} is not in the technical file")
}

findings contains say.breach("mitigation-described", file, "mitigation_steps", "the technical file lists no bias countermeasure") if {
	some file in files
	count(file.predicate.mitigation_steps) == 0
}

findings contains say.also(open, {"observed": state, "expected": "present", "values": {"item": item}}) if {
	some file in files
	some item in data.parameters.annex_iv_items
	not answered(file, item)
	state := object.get(file.predicate.items, item, "absent")
	open := say.breach("annex-iv-complete", file, "items", "item {item} of Annex IV is neither present nor left out with a reason that two people signed")
}

findings contains say.also(many, {"observed": count(left_out(file)), "expected": data.parameters.max_not_applicable_items}) if {
	some file in files
	count(left_out(file)) > data.parameters.max_not_applicable_items
	many := say.breach("annex-iv-complete", file, "items", "{observed} items of Annex IV are left out, and {expected} may be")
}

findings contains say.also(large, {"observed": file.predicate.kind, "expected": "annex-iv", "values": {"class": size_class}}) if {
	some file in files
	not form_allowed(file)
	some questionnaire in questionnaires
	size_class := questionnaire.predicate.size_class
	not size_class in small_classes
	large := say.breach("form-allowed", file, "kind", "the simplified form is not open to an organisation of size class {class}")
}

findings contains say.also(unknown, {"observed": file.predicate.kind}) if {
	some file in files
	not form_allowed(file)
	count(questionnaires) == 0
	unknown := say.gap("form-allowed", file, "kind", "the size of the organisation is not known, so the simplified form does not count")
}
