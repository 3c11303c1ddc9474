# METADATA
# title: Conformity assessment finished and newer than the last substantial change
# description: >-
#   A conformity assessment of this release is finished, under Annex VI with its three statements signed. It was finished
#   before the version was placed on the market, where the registry says when, and after every substantial change of the
#   lineage; a change that nobody classified counts as substantial. What was assessed is the word of who signed. Where the
#   registry knows only the first placing of the type, that day counts.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [high]
#   roles: [provider]
#   gates: [production, canary]
#   applies_from: D-HR-OPEN
#   evidence: [conformity-record, lineage-graph, registry-entry]
#   objectives:
#     assessment-finished:
#       says: An assessment of this release was finished before it was placed on the market.
#       reads: [conformity-record, registry-entry]
#     assessment-newer: {says: Every assessment of this release is newer than the last substantial change.}
#   may_be_empty:
#     lineage-graph.changes: nothing need have changed since the last release
#     registry-entry.first_placed_on: a version that is not on the market yet has no such day
#   may_be_false:
#     registry-entry.first_placed_on: the placing of a version may lie ahead
#     registry-entry.last_placed_on: the placing of a version may lie ahead
#   may_stand_beside:
#     conformity-record.kind: a record of another kind says nothing of the assessment
#     conformity-record.release_version: the assessment of another release says nothing of this one
#   frameworks:
#     eu-ai-act: ["3(23)", "16(f)", "43(4)", "Annex VI", "Annex VII"]
#     nist-ai-rmf: ["MANAGE 1.1"]
#     iso-42001: ["A.6.2.5"]
#   remediation: "Finish, or after a substantial change repeat, the conformity assessment before placing the version on the market."
package controls.eu_conformity.EUAIA_43_2

import data.lib.findings as say
import data.lib.time as calendar

entries := input.evidence["registry-entry"]

graphs := input.evidence["lineage-graph"]

assessments := [record |
	some record in input.evidence["conformity-record"]
	record.predicate.kind == "assessment"
	some entry in entries
	record.predicate.release_version == entry.predicate.version
]

satisfied contains "assessment-finished" if {
	count(assessments) > 0
	count(entries) > 0
	every entry in entries {
		covered(entry)
	}
	every assessment in assessments {
		finished(assessment)
		every entry in entries {
			in_time(assessment.predicate, entry.predicate)
		}
	}
}

satisfied contains "assessment-newer" if {
	count(assessments) > 0
	count(entries) > 0
	every entry in entries {
		covered(entry)
	}
	count(graphs) > 0
	every assessment in assessments {
		every graph in graphs {
			count(graph.predicate.changes) >= 0
			not overtaken(assessment.predicate, graph.predicate)
		}
	}
}

covered(entry) if {
	some assessment in assessments
	assessment.predicate.release_version == entry.predicate.version
}

# The three statements of internal control are a person's, who signs the record.
finished(assessment) if {
	assessment.class == "attested"
	assessment.predicate.route == "annex-vi"
	every statement in ["qms-verified", "documentation-examined", "process-consistent"] {
		statement in assessment.predicate.statements_signed
	}
}

finished(assessment) if assessment.predicate.route in {"annex-vii", "sectoral"}

# Not placed yet: the assessment happened before.
in_time(assessment, entry) if {
	not entry.first_placed_on
	not entry.last_placed_on
	assessment.completed_at <= input.now
}

in_time(assessment, entry) if assessment.completed_at < calendar.start_of(placed(entry))

# The first version of a type was placed when the type was, whatever day a later unit of it has.
placed(entry) := entry.first_placed_on if entry.former_versions == []

placed(entry) := entry.last_placed_on if not entry.former_versions == []

placed(entry) := entry.first_placed_on if {
	not entry.former_versions == []
	not entry.last_placed_on
}

overtaken(assessment, graph) if {
	some change in graph.changes
	not harmless(change)
	not older(change, assessment)
}

harmless(change) if change.change_class in {"minor", "pre-determined"}

older(change, assessment) if change.at < assessment.completed_at

findings contains say.none(objective, "evidence/conformity-record", "no conformity assessment of this release is recorded") if {
	some entry in entries
	not covered(entry)
	some objective in ["assessment-finished", "assessment-newer"]
}

findings contains say.breach("assessment-finished", assessment, "statements_signed", "the assessment names no route, or lacks one of the three statements of Annex VI, signed by a person") if {
	some assessment in assessments
	not finished(assessment)
}

findings contains say.breach("assessment-finished", assessment, "completed_at", "the assessment was not finished before the version was placed on the market") if {
	some assessment in assessments
	some entry in entries
	not before(assessment, entry)
}

before(assessment, entry) if in_time(assessment.predicate, entry.predicate)

findings contains say.breach("assessment-newer", assessment, "completed_at", "a substantial change, or one that nobody classified, is not older than the assessment") if {
	some assessment in assessments
	some graph in graphs
	overtaken(assessment.predicate, graph.predicate)
}
