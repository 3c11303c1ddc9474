# METADATA
# title: Groups represented as in the reference population
# description: >-
#   Each report that measured group shares of the dataset measured those of two groups at least of every protected
#   attribute, named `attribute=group`, and none lies further from its share in the reference population than allowed. A
#   group without a reference, and a reference without a group, are not told. Which population is the right one is the word
#   of who named it.
# custom:
#   severity: major
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [data-intake]
#   applies_from: D-HR
#   evidence: {data-quality-report: measured}
#   parameters: [max_group_share_gap, protected_attributes]
#   objectives:
#     groups-told: {says: "Two groups at least of every protected attribute have a share, each with its reference."}
#     shares-close: {says: Each share is close to that of the reference population.}
#   may_differ:
#     data-quality-report.group_shares: which groups are told is asked; shares-close judges how large they are
#     data-quality-report.reference_shares: which groups are told is asked; shares-close judges how large they are
#   frameworks: {eu-ai-act: ["10(3)"], nist-ai-rmf: ["MAP 2.3", "MEASURE 2.11"], iso-42001: ["A.7.4"]}
#   remediation: "Rebalance or extend the data for the group that is off, or correct the reference population."
package controls.eu_high_risk.EUAIA_10_2

import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers

# Reports on the dataset that is offered that say something of its groups.
reports := [report |
	some report in input.evidence["data-quality-report"]
	report.predicate.dataset_digest == input.subject.digest
	of_groups(report)
	not of_reference(report)
]

# The reference is as close to itself as can be, which tells nothing.
of_reference(report) if report.predicate.split == "reference"

of_groups(report) if report.predicate.group_shares

of_groups(report) if report.predicate.reference_shares

satisfied contains "groups-told" if {
	count(reports) > 0
	count(data.parameters.protected_attributes) > 0
	every report in reports {
		object.keys(report.predicate.group_shares) == object.keys(report.predicate.reference_shares)
		every attribute in data.parameters.protected_attributes {
			told(report, attribute)
		}
	}
}

satisfied contains "shares-close" if {
	count(reports) > 0
	every report in reports {
		count(report.predicate.group_shares) > 0
		every group, _ in report.predicate.group_shares {
			close_by(report, group)
		}
	}
}

told(report, attribute) if count(metrics.groups_of(report.predicate.group_shares, attribute)) > 1

close_by(report, group) if {
	share := numbers.micro(report.predicate.group_shares[group])
	reference := numbers.micro(report.predicate.reference_shares[group])
	abs(share - reference) <= numbers.micro(data.parameters.max_group_share_gap)
}

findings contains say.none(objective, "group_shares", "no report measured the groups of the dataset") if {
	count(reports) == 0
	some objective in ["groups-told", "shares-close"]
}

findings contains say.also(open, {"values": {"attribute": attribute}}) if {
	some report in reports
	some attribute in data.parameters.protected_attributes
	not told(report, attribute)
	open := say.gap("groups-told", report, "group_shares", "fewer than two groups by {attribute} were measured")
}

findings contains say.gap("groups-told", report, "reference_shares", "the groups of the dataset are not those of the reference population") if {
	some report in reports
	groups := {group | some group, _ in report.predicate.group_shares}
	groups != {group | some group, _ in report.predicate.reference_shares}
}

findings contains say.also(off, {"observed": share, "expected": data.parameters.max_group_share_gap, "values": {"group": group}}) if {
	some report in reports
	some group, share in report.predicate.group_shares
	not close_by(report, group)
	off := say.breach("shares-close", report, "group_shares", "the share of {group} is {observed}, further from its reference than {expected}, or it has none")
}

findings contains say.gap("shares-close", report, "group_shares", "no share of a group was measured") if {
	some report in reports
	count({group | some group, _ in report.predicate.group_shares}) == 0
}
