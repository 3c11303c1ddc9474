# METADATA
# title: "Assumptions, suitability and data gaps recorded"
# description: >-
#   The datasheet of the dataset that is offered states its assumptions and why it is suitable, and lists its gaps, each with
#   a treatment that is done or not overdue. An empty list says that no gap is known. All of it is the word of who wrote the
#   datasheet; only the digest and the dates are checked.
# custom:
#   severity: major
#   basis: law
#   mode: attested
#   tiers: [high]
#   roles: [provider]
#   gates: [data-intake]
#   applies_from: D-HR
#   evidence: [dataset-record]
#   objectives:
#     assumptions-recorded: {says: The datasheet of the dataset states assumptions and suitability.}
#     gaps-treated: {says: "The datasheet lists the gaps of the data, each with a treatment that is done or not overdue."}
#   may_be_empty: {dataset-record.gaps: the data may have no known gap}
#   may_differ: {dataset-record.gaps.done_at: that the treatment is done is asked; a time to come is set aside}
#   frameworks: {eu-ai-act: ["10(2)(d)", "10(2)(e)", "10(2)(h)"], nist-ai-rmf: ["MAP 2.3"], iso-42001: ["A.7.2"]}
#   remediation: "Fill the datasheet's assumptions, suitability and gaps, and give each gap a treatment."
package controls.eu_high_risk.EUAIA_10_1

import data.lib.findings as say
import data.lib.records

datasets := [dataset | some dataset in input.evidence["dataset-record"]; dataset.predicate.content_digest == input.subject.digest]

satisfied contains "assumptions-recorded" if {
	count(datasets) > 0
	every dataset in datasets {
		stated(dataset)
	}
}

satisfied contains "gaps-treated" if {
	count(datasets) > 0
	every dataset in datasets {
		is_array(dataset.predicate.gaps)
		count(untreated(dataset)) == 0
	}
}

stated(dataset) if {
	records.filled(dataset.predicate.assumptions)
	records.filled(dataset.predicate.suitability)
}

untreated(dataset) := [gap | some gap in dataset.predicate.gaps; not treated(gap)]

treated(gap) if {
	records.filled(gap.text)
	gap.done_at
}

treated(gap) if {
	records.filled(gap.text)
	gap.due_at > input.now
}

findings contains say.none(objective, "content_digest", "no datasheet is on the content of the dataset that is offered") if {
	count(datasets) == 0
	some objective in ["assumptions-recorded", "gaps-treated"]
}

findings contains say.gap("assumptions-recorded", dataset, "assumptions", "assumptions or suitability are not stated") if {
	some dataset in datasets
	not stated(dataset)
}

findings contains say.gap("gaps-treated", dataset, "gaps", "whether the data have gaps is not stated") if {
	some dataset in datasets
	not dataset.predicate.gaps
}

findings contains say.also(overdue, {"observed": count(untreated(dataset))}) if {
	some dataset in datasets
	count(untreated(dataset)) > 0
	overdue := say.breach("gaps-treated", dataset, "gaps", "the treatment of {observed} gaps is overdue")
}
