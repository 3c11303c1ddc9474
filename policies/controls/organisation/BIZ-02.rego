# METADATA
# title: Use case chosen on fit, feasibility and data
# description: >-
#   Before a system is registered its use case was scored, and somebody signed that past data suffice, on a measured report of
#   their completeness that the statement names, before the day that was agreed. Of the organisation, every system of the
#   portfolio serves a strategic goal. The scores and goals are the signers' word.
# custom:
#   severity: minor
#   basis: policy
#   mode: attested
#   gates: [registration, portfolio]
#   evidence:
#     - data-quality-report
#     - portfolio-report
#     - statement:data-feasibility
#     - statement:roadmap-mapping
#     - statement:use-case-selection
#   parameters: [min_use_case_score]
#   objectives:
#     use-case-scored:
#       says: "Impact, feasibility, return and data of the use case were scored and suffice."
#       at: [registration]
#       covers: [S1.M1.2]
#       reads: [statement:use-case-selection]
#     goals-mapped:
#       says: Every system of the portfolio serves a strategic goal.
#       at: [portfolio]
#       covers: [S1.M1.5]
#       reads: [portfolio-report, statement:roadmap-mapping]
#     data-suffice:
#       says: Past data were found to suffice before delivery was promised.
#       at: [registration]
#       covers: [S4.M1.6]
#       reads: [data-quality-report, statement:data-feasibility]
#   may_be_false: {statement:data-feasibility.facts.delivery_date: the delivery may lie ahead}
#   may_differ: {data-quality-report.completeness: whether it suffices is what the statement says}
#   may_stand_beside: {data-quality-report.digest: another report says nothing of the one that is named}
#   frameworks: {nist-ai-rmf: ["MAP 1.1", "MAP 3.1"], iso-42001: ["A.6.1.2"]}
#   remediation: Score the use case and map it to a strategic goal.
package controls.organisation.BIZ_02

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

selections := input.evidence["statement:use-case-selection"]

mappings := input.evidence["statement:roadmap-mapping"]

feasibilities := input.evidence["statement:data-feasibility"]

portfolios := input.evidence["portfolio-report"]

satisfied contains "use-case-scored" if {
	count(selections) > 0
	every selection in selections {
		every criterion in ["impact", "feasibility", "return", "data"] {
			enough(selection, criterion)
		}
	}
}

# Points of five.
enough(selection, criterion) if {
	selection.predicate.facts[criterion] >= data.parameters.min_use_case_score
	selection.predicate.facts[criterion] <= 5
}

satisfied contains "goals-mapped" if {
	count(mappings) > 0
	count(portfolios) > 0
	every mapping in mappings {
		every portfolio in portfolios {
			records.covers(served(mapping), portfolio.predicate.systems)
		}
	}
}

served(mapping) := {system | some system, goals in mapping.predicate.facts.goals; records.all_filled(goals)}

satisfied contains "data-suffice" if {
	count(feasibilities) > 0
	every feasibility in feasibilities {
		calendar.day_of(feasibility.filed_at) < feasibility.predicate.facts.delivery_date
		feasibility.predicate.facts.report in measured
	}
}

measured := {report.digest | some report in input.evidence["data-quality-report"]; is_number(report.predicate.completeness)}

findings contains say.also(low, {"expected": data.parameters.min_use_case_score, "values": {"criterion": criterion}}) if {
	some selection in selections
	some criterion in ["impact", "feasibility", "return", "data"]
	not enough(selection, criterion)
	low := say.breach("use-case-scored", selection, "facts", "the use case scores fewer than {expected} points of five for {criterion}, or more than five")
}

findings contains say.also(open, {"values": {"system": system}}) if {
	some mapping in mappings
	some portfolio in portfolios
	some system in portfolio.predicate.systems
	not system in served(mapping)
	open := say.gap("goals-mapped", mapping, "facts.goals", "the system {system} serves no strategic goal")
}

findings contains say.also(late, {"observed": feasibility.predicate.facts.delivery_date}) if {
	some feasibility in feasibilities
	calendar.day_of(feasibility.filed_at) >= feasibility.predicate.facts.delivery_date
	late := say.breach("data-suffice", feasibility, "facts.delivery_date", "the data were found to suffice no sooner than delivery was due, on {observed}")
}

findings contains say.gap("data-suffice", feasibility, "facts.report", "no measured report on the completeness of the data is the one that the statement names") if {
	some feasibility in feasibilities
	not feasibility.predicate.facts.report in measured
}
