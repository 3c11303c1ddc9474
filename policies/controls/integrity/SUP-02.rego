# METADATA
# title: Outdated dependencies and technical debt managed
# description: >-
#   Every outdated component is named, in the registry, in an item of debt that somebody owns and that is not overdue; a
#   component counts as outdated from its release on for as long as the organisation allows, and at once where that day is
#   not known. Every library is a supported release, those that are outdated have a version to go to, and no versions
#   clash. Sections that a card leaves out are asked for by the controls of documentation. The organisation is asked what
#   gate operation said of this on each of its systems.
# custom:
#   severity: minor
#   basis: policy
#   gates: [validation, operation, portfolio]
#   evidence: [portfolio-standing, registry-entry, sbom, vulnerability-report]
#   parameters: [max_dependency_age_days, portfolio_review_days]
#   objectives:
#     debt-owned:
#       says: "Every outdated component is named in an item of debt that has an owner and is not overdue."
#       at: [operation]
#       covers: [S0.M8.6]
#       reads: [registry-entry, vulnerability-report]
#     upgrades-planned:
#       says: "Every library is supported, outdated ones have a target, and no versions clash."
#       at: [validation, operation]
#       covers: [S0.M9.7]
#       reads: [sbom, vulnerability-report]
#     every-system-holds:
#       says: "Of every system the last word of gate operation holds, and speaks against nothing here."
#       at: [portfolio]
#       covers: [S0.M8.6]
#       reads: [portfolio-standing]
#   may_be_empty:
#     registry-entry.debt_items: where nothing is outdated there is no such debt
#     vulnerability-report.outdated_components: a package may be up to date
#     vulnerability-report.outdated_components.released_on: a component of unknown age counts as outdated
#     vulnerability-report.upgrade_paths: where nothing is outdated there is nowhere to go
#   frameworks: {nist-ai-rmf: ["GOVERN 6.1", "MAP 4.1"], iso-42001: ["A.4.4"]}
#   remediation: "Plan the upgrade with owner and date, and resolve the conflict."
package controls.integrity.SUP_02

import data.lib.findings as say
import data.lib.records
import data.lib.standings
import data.lib.text
import data.lib.time as calendar

entries := input.evidence["registry-entry"]

boms := input.evidence.sbom

scans := input.evidence["vulnerability-report"]

reviews := input.evidence["portfolio-standing"]

asked := {"control": "SUP-02", "gate": "operation", "days": data.parameters.portfolio_review_days}

satisfied contains "debt-owned" if {
	count(entries) > 0
	count(scans) > 0
	every scan in scans {
		is_array(scan.predicate.outdated_components)
		count(unowned(scan)) == 0
	}
}

satisfied contains "upgrades-planned" if {
	count(boms) > 0
	every bom in boms {
		count(libraries(bom)) > 0
		count(unsupported(bom)) == 0
	}
	count(scans) > 0
	every scan in scans {
		is_array(scan.predicate.outdated_components)
		count(stranded(scan)) == 0
		count(scan.predicate.conflicts) == 0
	}
}

libraries(bom) := [component | some component in bom.predicate.components; component.kind == "library"]

unsupported(bom) := [component | some component in bom.predicate.components; not is_supported(component)]

is_supported(component) if component.kind in {"model", "dataset", "service"}

is_supported(library) if library.supported == true

# Outdated components that an entry of the registry does not plan to renew.
unowned(scan) := [component |
	some component in scan.predicate.outdated_components
	not young(component)
	count([entry | some entry in entries; planned(component, entry)]) < count(entries)
]

young(component) if {
	records.named(component.name)
	calendar.within_days(calendar.start_of(component.released_on), data.parameters.max_dependency_age_days, input.now)
}

planned(component, entry) if {
	records.named(component.name)
	some item in entry.predicate.debt_items
	component.name in [text.bare(word) | some word in split(item.text, " ")]
	records.named(item.owner.id)
	input.now < item.due_at
}

stranded(scan) := [component |
	some component in scan.predicate.outdated_components
	not leads_on(scan, component)
]

leads_on(scan, component) if {
	records.named(scan.predicate.upgrade_paths[component.name])
	scan.predicate.upgrade_paths[component.name] != component.version
}

findings contains say.also(unplanned, {"values": {"component": component.name}}) if {
	count(entries) > 0
	some scan in scans
	some component in unowned(scan)
	unplanned := say.gap("debt-owned", scan, "outdated_components", "no item of debt that somebody owns and that is not overdue names the outdated {component}")
}

findings contains say.also(old, {"observed": library.version, "values": {"library": library.name}}) if {
	some bom in boms
	some library in unsupported(bom)
	old := say.breach("upgrades-planned", bom, "components", "the library {library} {observed} is not known to be supported")
}

findings contains say.breach("upgrades-planned", bom, "components", "the bill of materials names no library") if {
	some bom in boms
	count(libraries(bom)) == 0
}

findings contains say.also(lost, {"values": {"component": component.name}}) if {
	some scan in scans
	some component in stranded(scan)
	lost := say.gap("upgrades-planned", scan, "upgrade_paths", "the outdated {component} has no other version to go to")
}

findings contains say.also(clash, {"observed": conflict}) if {
	some scan in scans
	some conflict in scan.predicate.conflicts
	clash := say.breach("upgrades-planned", scan, "conflicts", "versions clash: {observed}")
}

satisfied contains "every-system-holds" if standings.hold(reviews, asked)

findings contains standings.empty("every-system-holds") if {
	some review in reviews
	count(review.predicate.versions) == 0
}

findings contains told if {
	some review in reviews
	some version in review.predicate.versions
	told := standings.finding("every-system-holds", review, version, asked)
}
