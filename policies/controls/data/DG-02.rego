# METADATA
# title: Data ownership and stewardship declared
# description: >-
#   Every dataset names the unit that owns it, an owner of its record, and a steward each for labelling, access and
#   updates. That these people know of it is the word of who signed the record.
# custom:
#   severity: major
#   basis: policy
#   mode: attested
#   gates: [data-intake]
#   evidence: [dataset-record]
#   objectives:
#     owner-named: {says: "Each dataset names the unit that owns it, and a person as its owner.", covers: [S4.M1.5]}
#     stewards-named: {says: "Each dataset has stewards for labelling, access and updates.", covers: [S4.M1.5]}
#   frameworks: {nist-ai-rmf: ["MAP 2.3"], iso-42001: ["A.7.2", "A.7.3"], eu-ai-act: ["10(2)"]}
#   remediation: "Name an owner and stewards for labelling, access and updates."
package controls.data.DG_02

import data.lib.findings as say
import data.lib.records

datasets := input.evidence["dataset-record"]

duties := ["labelling", "access", "updates"]

satisfied contains "owner-named" if {
	count(datasets) > 0
	every dataset in datasets {
		records.named(dataset.predicate.owning_unit)
		owned(dataset)
	}
}

satisfied contains "stewards-named" if {
	count(datasets) > 0
	every dataset in datasets {
		records.covers([duty | some duty in duties; held(dataset, duty)], duties)
	}
}

owned(dataset) if records.named(dataset.owner.id)

held(dataset, duty) if records.named(dataset.predicate.stewards[duty].id)

findings contains say.gap("owner-named", dataset, "owner", "the dataset names nobody as its owner") if {
	some dataset in datasets
	not owned(dataset)
}

findings contains say.also(open, {"values": {"duty": duty}}) if {
	some dataset in datasets
	some duty in duties
	not held(dataset, duty)
	open := say.gap("stewards-named", dataset, "stewards", "the dataset has no steward for {duty}")
}
