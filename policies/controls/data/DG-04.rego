# METADATA
# title: Legal basis, provenance and consent recorded
# description: >-
#   A dataset with personal data says where it comes from, on which legal basis it is used, by which article where it
#   holds special categories or data on offences, and holds no row whose consent was withdrawn; the record of processing
#   of the system names its use. Where every current dataset says throughout that it is not personal the control does not
#   apply; one that says so beside personal facts contradicts itself. Read strictly: an unknown or withdrawn consent is
#   not set, consent as the basis must have been given, and personal data must say whether they are on offences.
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
#       says: The personal data have a legal basis, and a ground where they are of special categories or on offences.
#       covers: [S1.M4.3]
#       reads: [dataset-record]
#     withdrawals-honoured:
#       says: No row is left whose consent was withdrawn.
#       covers: [S1.M4.3]
#       reads: [dataset-record]
#     use-recorded: {says: The record of processing names every purpose of the data., covers: [S1.M4.3]}
#   may_stand_beside:
#     processing-record.purposes: another activity of the system has purposes of its own
#     processing-record.systems: the entry of another system says nothing of this one
#   frameworks: {gdpr: ["6", "9", "10"], nist-ai-rmf: ["MEASURE 2.10"], iso-42001: ["A.7.3", "A.7.5"]}
#   remediation: Record the legal basis and remove rows whose consent was withdrawn, or take the dataset out.
package controls.data.DG_04

import data.lib.findings as say
import data.lib.records

all_datasets := input.evidence["dataset-record"]

# Entries of the record of processing that name the system.
processing := [entry | some entry in input.evidence["processing-record"]; input.system.id in entry.predicate.systems]

# Datasets that are personal, or do not say that they are not.
datasets := [dataset | some dataset in all_datasets; not dataset.predicate.personal == false]

# Datasets that say that they are not personal, and do not say so throughout.
contradicting := [dataset | some dataset in all_datasets; dataset.predicate.personal == false; not plain(dataset)]

applies if {
	some dataset in all_datasets
	is_boolean(dataset.predicate.personal)
	not plain(dataset)
}

applies := false if {
	count(all_datasets) > 0
	every dataset in all_datasets {
		plain(dataset)
	}
}

plain(dataset) if {
	dataset.predicate.personal == false
	dataset.predicate.special_category == false
	dataset.predicate.phi == false
	count(dataset.predicate.personal_attributes) == 0
	dataset.predicate.withdrawn_rows == 0
	dataset.predicate.consent_status in {"not-needed", "unknown"}
	not dataset.predicate.offence_data == true
}

satisfied contains "provenance-recorded" if {
	count(datasets) > 0
	every dataset in datasets {
		count(dataset.predicate.sources) > 0
		consent_settled(dataset.predicate)
	}
}

satisfied contains "legal-basis-recorded" if {
	count(contradicting) == 0
	count(datasets) > 0
	every dataset in datasets {
		dataset.predicate.personal == true
		has_basis(dataset.predicate)
		has_ground(dataset.predicate)
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
	every dataset in datasets {
		records.covers(recorded, dataset.predicate.purposes)
	}
}

recorded := {purpose | some entry in processing; some purpose in entry.predicate.purposes}

consent_settled(content) if content.consent_status == "given"

consent_settled(content) if {
	content.consent_status == "not-needed"
	content.lawful_basis != "consent"
}

has_basis(content) if content.lawful_basis != "none"

# Special categories need a ground of Art 9(2) by its letter, data on offences one of Art 10.
has_ground(content) if {
	article_9(content)
	article_10(content)
}

article_9(content) if content.special_category == false

article_9(content) if regex.match("(^|[^0-9])9[(]2[)][(][a-j][)]", replace(content.special_ground, " ", ""))

article_10(content) if content.offence_data == false

article_10(content) if regex.match("(^|[^0-9(])10($|[^0-9])", replace(content.special_ground, " ", ""))

findings contains say.breach("legal-basis-recorded", dataset, "personal", "the dataset says that it is not personal, beside facts of persons") if {
	some dataset in contradicting
}

findings contains say.breach("provenance-recorded", dataset, "sources", "the dataset does not name its sources") if {
	some dataset in datasets
	count(dataset.predicate.sources) == 0
}

findings contains unsettled if {
	some dataset in datasets
	not consent_settled(dataset.predicate)
	unsettled := say.also(
		say.breach("provenance-recorded", dataset, "consent_status", "the consent is {observed} and the legal basis is {basis}"),
		{"observed": dataset.predicate.consent_status, "values": {"basis": dataset.predicate.lawful_basis}},
	)
}

findings contains say.also(baseless, {"observed": dataset.predicate.lawful_basis}) if {
	some dataset in datasets
	not has_basis(dataset.predicate)
	baseless := say.breach("legal-basis-recorded", dataset, "lawful_basis", "the dataset has no legal basis")
}

findings contains say.breach("legal-basis-recorded", dataset, "special_ground", text) if {
	some dataset in datasets
	lacks_ground(dataset.predicate)
	text := "the dataset holds special categories or data on offences without the ground of Art 9(2) or 10 that its article names"
}

lacks_ground(content) if not article_9(content)

lacks_ground(content) if {
	content.offence_data == true
	not article_10(content)
}

findings contains say.gap("legal-basis-recorded", dataset, "offence_data", "the dataset does not say whether it holds data on offences") if {
	some dataset in datasets
	not tells_of_offences(dataset)
}

tells_of_offences(dataset) if is_boolean(dataset.predicate.offence_data)

findings contains say.also(left, {"observed": dataset.predicate.withdrawn_rows, "expected": 0}) if {
	some dataset in datasets
	dataset.predicate.withdrawn_rows != 0
	left := say.breach("withdrawals-honoured", dataset, "withdrawn_rows", "{observed} rows are left whose consent was withdrawn")
}

findings contains say.none("use-recorded", "systems", "no entry of the record of processing names this system") if count(processing) == 0

findings contains say.also(unnamed, {"expected": purpose}) if {
	count(processing) > 0
	some dataset in datasets
	some purpose in dataset.predicate.purposes
	not purpose in recorded
	unnamed := say.breach("use-recorded", dataset, "purposes", "the record of processing does not name the purpose {expected}")
}

findings contains say.gap("use-recorded", dataset, "purposes", "the dataset names no purpose") if {
	some dataset in datasets
	not has_purpose(dataset)
}

has_purpose(dataset) if count(dataset.predicate.purposes) > 0
