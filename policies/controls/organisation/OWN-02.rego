# METADATA
# title: Operating model and centre of excellence recorded
# description: >-
#   Statements of the organisation say which operating model was chosen among several, who settles conflicts for every AI
#   team that the team composition names, and which standards the centre of excellence owns. All of it is the signers' word.
# custom:
#   severity: minor
#   basis: policy
#   mode: attested
#   gates: [portfolio]
#   evidence: [statement:centre-of-excellence-charter, statement:operating-model, statement:reporting-lines, statement:team-composition]
#   parameters: [min_options]
#   objectives:
#     model-chosen:
#       says: One of several operating models was chosen.
#       covers: [S0.M1.1]
#       reads: [statement:operating-model]
#     lines-drawn:
#       says: Every AI team has reporting lines and somebody who settles conflicts of priority.
#       covers: [S0.M1.3]
#       reads: [statement:reporting-lines, statement:team-composition]
#     standards-owned:
#       says: The centre of excellence owns standards.
#       covers: [S1.M9.3]
#       reads: [statement:centre-of-excellence-charter]
#   may_differ: {statement:team-composition.facts.headcount: "which teams there are counts here, PPL-04 judges how large they are"}
#   frameworks: {nist-ai-rmf: ["GOVERN 2.1"], iso-42001: ["A.3.2"]}
#   remediation: Sign the operating model, the reporting lines and the charter.
package controls.organisation.OWN_02

import data.lib.findings as say
import data.lib.records

models := input.evidence["statement:operating-model"]

lines := input.evidence["statement:reporting-lines"]

compositions := input.evidence["statement:team-composition"]

charters := input.evidence["statement:centre-of-excellence-charter"]

# Every team that any composition names.
teams := {team | some composition in compositions; some team in object.keys(composition.predicate.facts.headcount)}

satisfied contains "model-chosen" if {
	count(models) > 0
	every model in models {
		chosen(model)
	}
}

chosen(model) if {
	count({option | some option in model.predicate.options}) >= data.parameters.min_options
	model.predicate.choice in model.predicate.options
}

satisfied contains "lines-drawn" if {
	count(lines) > 0
	every line in lines {
		records.named(line.predicate.facts.conflict_resolver.role)
		records.covers(line.predicate.scope, teams)
	}
}

satisfied contains "standards-owned" if {
	count(charters) > 0
	every charter in charters {
		count(charter.predicate.facts.standards) > 0
	}
}

findings contains say.also(few, {"expected": data.parameters.min_options}) if {
	some model in models
	not chosen(model)
	few := say.gap("model-chosen", model, "options", "fewer than {expected} operating models are compared, or the choice is none of them")
}

findings contains say.also(open, {"values": {"team": team}}) if {
	some line in lines
	some team in teams
	not team in line.predicate.scope
	open := say.gap("lines-drawn", line, "scope", "the reporting lines leave out the team {team}")
}

findings contains say.gap("lines-drawn", line, "facts.conflict_resolver", "the role in which conflicts are settled is not named") if {
	some line in lines
	not line.predicate.facts.conflict_resolver.role
}

findings contains say.gap("standards-owned", charter, "facts.standards", "the charter names no standard") if {
	some charter in charters
	count(charter.predicate.facts.standards) == 0
}
