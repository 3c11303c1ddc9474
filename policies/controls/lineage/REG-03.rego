# METADATA
# title: Version history, dependencies and status kept
# description: >-
#   The registry entry has a metric of its own version and of each earlier one, knows its dependencies to the version, and
#   says by whose dated decision it is or is not at its end; what is decommissioned enters as archived alone. Versions
#   counted 1, 2, 3 leave none out, and a stage has one current version. That the entry names every earlier version is the
#   word of the registry: entries that were filed for other versions are not seen here, those filed for the system as a
#   whole are. An empty list of dependencies counts where the lineage knows of none. The organisation is asked what gate
#   registration said of this on each of its systems.
# custom:
#   severity: major
#   basis: policy
#   gates: [registration, retirement, portfolio]
#   evidence: [lineage-graph, portfolio-standing, registry-entry]
#   parameters: [portfolio_review_days]
#   about: {registry-entry: system}
#   objectives:
#     versions-listed:
#       says: "Each version lists its dependencies and metrics, and no version is missing from the sequence."
#       at: [registration]
#       covers: [S0.M9.5]
#       reads: [lineage-graph, registry-entry]
#     status-kept:
#       says: "Every version has a metric and a dated word on its end, and each stage one current version."
#       at: [registration, retirement]
#       covers: [S1.M7.8]
#       reads: [registry-entry]
#     every-system-holds:
#       says: "Of every system the last word of gate registration holds, and speaks against nothing here."
#       at: [portfolio]
#       covers: [S0.M9.5]
#       reads: [portfolio-standing]
#   may_be_empty:
#     lineage-graph.upstream_components: a system may hold no component of others
#   frameworks: {nist-ai-rmf: ["GOVERN 1.6"], iso-42001: ["A.4.2"]}
#   remediation: "Add the missing versions, metrics or status to the registry."
package controls.lineage.REG_03

import data.lib.findings as say
import data.lib.records
import data.lib.standings

entries := input.evidence["registry-entry"]

graphs := input.evidence["lineage-graph"]

reviews := input.evidence["portfolio-standing"]

asked := {"control": "REG-03", "gate": "registration", "days": data.parameters.portfolio_review_days}

satisfied contains "versions-listed" if {
	count(entries) > 0
	count(graphs) > 0
	every entry in entries {
		dependencies_listed(entry)
		measured(entry)
		whole_sequence(entry)
	}
}

satisfied contains "status-kept" if {
	count(entries) > 0
	every entry in entries {
		measured(entry)
		decided(entry)
		only_current(entry)
	}
}

# The version and those before it.
versions(entry) := array.concat(entry.predicate.former_versions, [entry.predicate.version])

# Each of them has a metric, and the metrics are of no others.
measured(entry) if {
	known := versions(entry)
	{point.version | some point in entry.predicate.metrics_history} == {version | some version in known}
}

# Each label stands once. Counted versions begin at 1 and leave no number out; how other labels follow nobody can tell.
whole_sequence(entry) if {
	labels := versions(entry)
	count(labels) == count({label | some label in labels})
	count([label | some place, label in labels; misplaced(label, place)]) == 0
}

misplaced(label, place) if {
	regex.match("^[0-9]+$", label)
	label != sprintf("%d", [place + 1])
}

dependencies_listed(entry) if {
	is_array(entry.predicate.dependencies)
	count(graphs) > 0
	count([graph | some graph in graphs; not named_by(entry, graph)]) == 0
}

# Every component of others that the lineage knows is a dependency of the entry.
named_by(entry, graph) if {
	is_array(graph.predicate.upstream_components)
	count([component | some component in graph.predicate.upstream_components; not depends_on(entry, component)]) == 0
}

depends_on(entry, component) if {
	some dependency in entry.predicate.dependencies
	dependency.name == component.name
	dependency.version == component.version
}

decided(entry) if {
	records.named(entry.predicate.deprecation_status.decided_by.id)
	allowed(entry)
}

# At the gate of retirement the word is that it ends. At registration what has ended is archived.
allowed(entry) if {
	input.gate == "retirement"
	entry.predicate.deprecation_status.status in {"deprecated", "decommissioned"}
}

allowed(entry) if {
	input.gate == "registration"
	entry.predicate.deprecation_status.status in {"none", "retrain", "deprecated"}
}

allowed(entry) if {
	input.gate == "registration"
	entry.predicate.stage == "archived"
}

only_current(entry) if {
	others := {other.predicate.version |
		some other in entries
		not elsewhere(other, entry)
	}
	count(others | {entry.predicate.version}) == 1
}

elsewhere(other, entry) if other.predicate.stage != entry.predicate.stage

elsewhere(other, _) if other.predicate.stage == "archived"

findings contains say.breach("versions-listed", entry, "dependencies", "the lineage knows a component of others that the entry does not list") if {
	some entry in entries
	count(graphs) > 0
	not dependencies_listed(entry)
}

findings contains say.gap(objective, entry, "former_versions", "the entry does not say which versions came before this one") if {
	some entry in entries
	not entry.predicate.former_versions
	some objective in judged
}

findings contains say.also(open, {"expected": known}) if {
	some entry in entries
	known := versions(entry)
	not measured(entry)
	some objective in judged
	open := say.breach(objective, entry, "metrics_history", "the metrics are not those of the versions {expected}")
}

judged := {"registration": ["versions-listed", "status-kept"], "retirement": ["status-kept"]}[input.gate]

findings contains say.also(gaps, {"observed": known}) if {
	some entry in entries
	known := versions(entry)
	not whole_sequence(entry)
	gaps := say.breach("versions-listed", entry, "former_versions", "a version is missing from the sequence {observed}, or stands there twice")
}

findings contains say.gap("status-kept", entry, "deprecation_status", "nobody has decided and dated whether the version is at its end") if {
	some entry in entries
	not entry.predicate.deprecation_status
}

findings contains say.also(not_ended, {"observed": status}) if {
	input.gate == "retirement"
	some entry in entries
	status := entry.predicate.deprecation_status.status
	not allowed(entry)
	not_ended := say.breach("status-kept", entry, "deprecation_status", "the version is to be retired, and the decision on it is {observed}")
}

findings contains say.also(ended, {"observed": entry.predicate.stage}) if {
	input.gate == "registration"
	some entry in entries
	entry.predicate.deprecation_status.status == "decommissioned"
	not allowed(entry)
	ended := say.breach("status-kept", entry, "deprecation_status", "the version is decommissioned, and still current at the stage {observed}")
}

findings contains say.also(two, {"observed": entry.predicate.stage}) if {
	some entry in entries
	not only_current(entry)
	two := say.breach("status-kept", entry, "stage", "two versions are current at the stage {observed}")
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
