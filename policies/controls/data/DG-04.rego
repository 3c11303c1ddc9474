# METADATA
# title: Legal basis, provenance and consent recorded
# description: >-
#   A dataset with personal data says where it comes from, on which legal basis it is used, under which ground where it
#   holds special categories, and holds no row whose consent was withdrawn; the record of processing names its use. Where
#   no current dataset is personal the control does not apply. Read strictly: an unknown or withdrawn consent is not set,
#   consent as the basis must have been given, and every current processing record names every purpose of the dataset.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [any], roles: [controller], from: D-GDPR}
#   mode: attested
#   gates: [data-intake]
#   evidence: [dataset-record, processing-record]
#   applies: [dataset-record]
#   objectives:
#     provenance-recorded:
#       says: The sources of the personal data and the state of consent are recorded.
#       covers: [S1.M4.3]
#       reads: [dataset-record]
#     legal-basis-recorded:
#       says: The personal data have a legal basis, and a ground where they are of special categories.
#       covers: [S1.M4.3]
#       reads: [dataset-record]
#     withdrawals-honoured:
#       says: No row is left whose consent was withdrawn.
#       covers: [S1.M4.3]
#       reads: [dataset-record]
#     use-recorded:
#       says: The record of processing names every purpose of the data.
#       covers: [S1.M4.3]
#   frameworks:
#     gdpr: ["6", "9", "10"]
#     nist-ai-rmf: ["MEASURE 2.10"]
#     iso-42001: ["A.7.3", "A.7.5"]
#   remediation: Record the legal basis and remove rows whose consent was withdrawn, or take the dataset out.
package controls.data.DG_04

import data.lib.records

all_datasets := input.evidence["dataset-record"]

processing := input.evidence["processing-record"]

# Datasets that are personal, or do not say that they are not.
datasets := [dataset | some dataset in all_datasets; not dataset.predicate.personal == false]

applies if {
	some dataset in all_datasets
	dataset.predicate.personal == true
}

applies := false if {
	count(all_datasets) > 0
	every dataset in all_datasets {
		dataset.predicate.personal == false
	}
}

satisfied contains "provenance-recorded" if {
	count(datasets) > 0
	every dataset in datasets {
		sources_named(dataset)
		consent_settled(dataset)
	}
}

satisfied contains "legal-basis-recorded" if {
	count(datasets) > 0
	every dataset in datasets {
		has_basis(dataset)
		has_ground(dataset)
	}
}

satisfied contains "withdrawals-honoured" if {
	count(datasets) > 0
	every dataset in datasets {
		dataset.predicate.withdrawn_rows == 0
	}
}

satisfied contains "use-recorded" if {
	count(datasets) > 0
	count(processing) > 0
	every dataset in datasets {
		every entry in processing {
			records.covers(entry.predicate.purposes, dataset.predicate.purposes)
		}
	}
}

sources_named(dataset) if records.all_filled(dataset.predicate.sources)

consent_settled(dataset) if dataset.predicate.consent_status == "given"

consent_settled(dataset) if {
	dataset.predicate.consent_status == "not-needed"
	dataset.predicate.lawful_basis != "consent"
}

has_purpose(dataset) if count(dataset.predicate.purposes) > 0

names(entry, purpose) if purpose in entry.predicate.purposes

has_basis(dataset) if dataset.predicate.lawful_basis != "none"

has_ground(dataset) if dataset.predicate.special_category == false

has_ground(dataset) if {
	dataset.predicate.special_category == true
	records.filled(dataset.predicate.special_ground)
}

findings contains finding if {
	some dataset in datasets
	not sources_named(dataset)
	finding := {
		"objective": "provenance-recorded",
		"message": "the dataset does not name its sources",
		"evidence": dataset.id,
		"path": "sources",
	}
}

findings contains finding if {
	some dataset in datasets
	not consent_settled(dataset)
	finding := {
		"objective": "provenance-recorded",
		"message": sprintf("the consent is %s and the legal basis is %s", [
			dataset.predicate.consent_status,
			dataset.predicate.lawful_basis,
		]),
		"evidence": dataset.id,
		"observed": dataset.predicate.consent_status,
		"path": "consent_status",
	}
}

findings contains finding if {
	some dataset in datasets
	not has_basis(dataset)
	finding := {
		"objective": "legal-basis-recorded",
		"message": "the dataset has no legal basis",
		"evidence": dataset.id,
		"observed": dataset.predicate.lawful_basis,
		"path": "lawful_basis",
	}
}

findings contains finding if {
	some dataset in datasets
	not has_ground(dataset)
	finding := {
		"objective": "legal-basis-recorded",
		"message": "the dataset holds special categories without a ground of Art 9(2) or 10",
		"evidence": dataset.id,
		"path": "special_ground",
	}
}

findings contains finding if {
	some dataset in datasets
	dataset.predicate.withdrawn_rows != 0
	finding := {
		"objective": "withdrawals-honoured",
		"message": sprintf("%d rows are left whose consent was withdrawn", [dataset.predicate.withdrawn_rows]),
		"evidence": dataset.id,
		"observed": dataset.predicate.withdrawn_rows,
		"expected": 0,
		"path": "withdrawn_rows",
	}
}

findings contains finding if {
	some dataset in datasets
	some purpose in dataset.predicate.purposes
	some entry in processing
	not names(entry, purpose)
	finding := {
		"objective": "use-recorded",
		"message": sprintf("the record of processing does not name the purpose %s", [purpose]),
		"evidence": entry.id,
		"observed": entry.predicate.purposes,
		"expected": purpose,
		"path": "purposes",
	}
}

findings contains finding if {
	some dataset in datasets
	not has_purpose(dataset)
	finding := {
		"objective": "use-recorded",
		"message": "the dataset names no purpose",
		"gap": true,
		"evidence": dataset.id,
		"path": "purposes",
	}
}
