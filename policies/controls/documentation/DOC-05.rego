# METADATA
# title: Technical file complete
# description: >-
#   A person signed the technical file of the candidate, which has every section that the organisation asks for and
#   every item of Annex IV, present or left out with a reason. The simplified form counts only for small and medium-
#   sized enterprises and small mid-caps. Files of other kinds are not the technical file and are not judged here.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   mode: hybrid
#   tiers: [high]
#   gates: [staging, production]
#   evidence: [risk-questionnaire, technical-file]
#   parameters: [annex_iv_items, technical_file_sections]
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
#       says: Every item of Annex IV is present or left out with a signed reason.
#       only: law-scope
#       reads: [technical-file]
#     form-allowed:
#       says: The simplified form is used only by an organisation small enough for it.
#       only: law-scope
#   frameworks:
#     eu-ai-act: ["11(1)", "Annex IV 1-9"]
#     nist-ai-rmf: ["MAP 2.1", "MEASURE 2.9"]
#     iso-42001: ["A.6.2.7"]
#   remediation: "Write the missing item of the technical file, or sign why it does not apply."
package controls.documentation.DOC_05

import data.lib.records

# The technical file; a system card or a file for a general-purpose model stands beside it.
files := [file |
	some file in input.evidence["technical-file"]
	file.predicate.kind in {"annex-iv", "annex-iv-simplified"}
]

questionnaires := input.evidence["risk-questionnaire"]

# Who may use the simplified form (AI Act, Art 11(1)).
small_classes := {"micro", "small", "medium", "small-mid-cap"}

satisfied contains "sections-complete" if {
	count(files) > 0
	every file in files {
		of_candidate(file)
		records.covers(file.predicate.sections, data.parameters.technical_file_sections)
	}
}

satisfied contains "mitigation-described" if {
	count(files) > 0
	every file in files {
		of_candidate(file)
		records.all_filled(file.predicate.mitigation_steps)
	}
}

satisfied contains "annex-iv-complete" if {
	count(files) > 0
	count(data.parameters.annex_iv_items) > 0
	every file in files {
		of_candidate(file)
		every item in data.parameters.annex_iv_items {
			answered(file, item)
		}
	}
}

satisfied contains "form-allowed" if {
	count(files) > 0
	every file in files {
		of_candidate(file)
		form_allowed(file)
	}
}

# The file is about the candidate, and a person signed it with all the reasons in it.
of_candidate(file) if {
	records.on_candidate(file)
	signed(file)
}

signed(file) if {
	file.signature.state == "verified"
	file.signature.kind == "person"
}

answered(file, item) if file.predicate.items[item] == "present"

answered(file, item) if {
	file.predicate.items[item] == "not-applicable"
	records.filled(file.predicate.not_applicable_reasons[item])
}

form_allowed(file) if file.predicate.kind == "annex-iv"

form_allowed(file) if {
	file.predicate.kind == "annex-iv-simplified"
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.size_class in small_classes
	}
}

findings contains finding if {
	count(files) == 0
	some objective in ["sections-complete", "mitigation-described", "annex-iv-complete", "form-allowed"]
	finding := {
		"objective": objective,
		"message": "there is no current technical file after Annex IV",
		"gap": true,
		"expected": ["annex-iv", "annex-iv-simplified"],
		"path": "kind",
	}
}

findings contains finding if {
	some file in files
	not records.on_candidate(file)
	some objective in ["sections-complete", "mitigation-described", "annex-iv-complete", "form-allowed"]
	finding := records.other_artifact(objective, file)
}

findings contains finding if {
	some file in files
	not signed(file)
	some objective in ["sections-complete", "mitigation-described", "annex-iv-complete", "form-allowed"]
	finding := {
		"objective": objective,
		"message": "no person signed the technical file",
		"evidence": file.id,
		"observed": file.signature.kind,
		"expected": "person",
		"path": "signature",
	}
}

findings contains finding if {
	some file in files
	some section in data.parameters.technical_file_sections
	not section in file.predicate.sections
	finding := {
		"objective": "sections-complete",
		"message": sprintf("the section %s is not in the technical file", [section]),
		"evidence": file.id,
		"observed": file.predicate.sections,
		"expected": section,
		"path": "sections",
	}
}

findings contains finding if {
	some file in files
	not records.all_filled(file.predicate.mitigation_steps)
	finding := {
		"objective": "mitigation-described",
		"message": "the technical file lists no bias countermeasure, or an empty one",
		"evidence": file.id,
		"path": "mitigation_steps",
	}
}

findings contains finding if {
	some file in files
	some item in data.parameters.annex_iv_items
	not answered(file, item)
	finding := {
		"objective": "annex-iv-complete",
		"message": sprintf("item %s of Annex IV is neither present nor left out with a signed reason", [item]),
		"evidence": file.id,
		"observed": object.get(file.predicate.items, item, "absent"),
		"expected": "present",
		"path": sprintf("items.%s", [item]),
	}
}

findings contains finding if {
	some file in files
	not form_allowed(file)
	some questionnaire in questionnaires
	size_class := questionnaire.predicate.size_class
	not size_class in small_classes
	finding := {
		"objective": "form-allowed",
		"message": sprintf("the simplified form is not open to an organisation of size class %s", [size_class]),
		"evidence": file.id,
		"observed": file.predicate.kind,
		"expected": "annex-iv",
		"path": "kind",
	}
}

findings contains finding if {
	some file in files
	not form_allowed(file)
	count(questionnaires) == 0
	finding := {
		"objective": "form-allowed",
		"message": "the size of the organisation is not known, so the simplified form does not count",
		"gap": true,
		"evidence": file.id,
		"observed": file.predicate.kind,
		"path": "kind",
	}
}
