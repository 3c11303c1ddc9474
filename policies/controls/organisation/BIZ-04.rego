# METADATA
# title: Priorities, relevance and lack of value reviewed
# description: >-
#   AI work was ranked lately by people of the business and of AI, who signed it together; a system whose value stays below its
#   target for too long stands by the name of its indicator among the actions of the portfolio; and every system of the
#   portfolio was reviewed lately, and is continued, changed or retired. Ranking and reviews are the signers' word; who sat
#   at the table is told by the co-signers whom the statement names, two of whom must have signed.
# custom:
#   severity: minor
#   basis: policy
#   mode: attested
#   gates: [portfolio]
#   evidence: [kpi-report, portfolio-report, statement:prioritisation-session, statement:relevance-review]
#   parameters: [business_roles, engineering_roles, prioritisation_days, stakeholder_review_days, value_grace_days]
#   objectives:
#     work-ranked: {says: Business and AI ranked the work together lately., covers: [S0.M7.1], reads: [statement:prioritisation-session]}
#     lack-escalated: {says: Lack of value beyond the grace is escalated., covers: [S1.M1.8], reads: [kpi-report, portfolio-report]}
#     relevance-reviewed:
#       says: Every system was reviewed lately and its future decided.
#       covers: [S4.M8.6]
#       reads: [portfolio-report, statement:relevance-review]
#   may_be_false: {kpi-report.target: a target may lie below 0}
#   frameworks: {nist-ai-rmf: ["MAP 1.1", "MAP 3.1"], iso-42001: ["A.6.1.2"]}
#   remediation: "Hold the review and decide to continue, change or retire."
package controls.organisation.BIZ_04

import data.lib.findings as say
import data.lib.text
import data.lib.time as calendar

sessions := input.evidence["statement:prioritisation-session"]

reviews := input.evidence["statement:relevance-review"]

indicators := input.evidence["kpi-report"]

portfolios := input.evidence["portfolio-report"]

satisfied contains "work-ranked" if {
	count(sessions) > 0
	every session in sessions {
		calendar.within_days(session.filed_at, data.parameters.prioritisation_days, input.now)
		ranked(session.predicate)
		together(session.predicate)
	}
}

ranked(session) if {
	count(session.options) > 1
	{option | some option in session.options} == {option | some option in session.facts.ranking}
}

together(session) if {
	some one in roles(session)
	one in data.parameters.business_roles
	some other in roles(session)
	other in data.parameters.engineering_roles
}

roles(session) := {session.role} | {person.role | some person in session.co_signers}

satisfied contains "lack-escalated" if {
	count(portfolios) > 0
	count(indicators) > 0
	every indicator in indicators {
		every portfolio in portfolios {
			tolerable(indicator.predicate, portfolio)
		}
	}
}

tolerable(indicator, _) if indicator.actual >= indicator.target

tolerable(indicator, _) if {
	calendar.within_days(calendar.start_of(indicator.below_target_since), data.parameters.value_grace_days, input.now)
}

tolerable(indicator, portfolio) if {
	some action in portfolio.predicate.actions
	text.mentions(action.text, indicator.kpi)
}

satisfied contains "relevance-reviewed" if {
	count(portfolios) > 0
	every portfolio in portfolios {
		count(portfolio.predicate.systems) > 0
		every system in portfolio.predicate.systems {
			reviewed(system)
		}
	}
}

reviewed(system) if {
	recent := [review |
		some review in reviews
		system in review.predicate.scope
		calendar.within_days(review.filed_at, data.parameters.stakeholder_review_days, input.now)
	]
	count(recent) > 0
	every review in recent {
		review.predicate.choice in {"continue", "change", "retire"}
	}
}

findings contains say.also(old, {"expected": data.parameters.prioritisation_days}) if {
	some session in sessions
	not calendar.within_days(session.filed_at, data.parameters.prioritisation_days, input.now)
	old := say.breach("work-ranked", session, "filed_at", "the work was not ranked within {expected} days")
}

findings contains say.gap("work-ranked", session, "facts.ranking", "the ranking is not of the work that was compared") if {
	some session in sessions
	not ranked(session.predicate)
}

findings contains say.gap("work-ranked", session, "co_signers", "business and AI did not rank it together") if {
	some session in sessions
	not together(session.predicate)
}

findings contains say.also(low, {"observed": indicator.predicate.kpi, "expected": data.parameters.value_grace_days}) if {
	some indicator in indicators
	some portfolio in portfolios
	not tolerable(indicator.predicate, portfolio)
	low := say.breach("lack-escalated", indicator, "below_target_since", "the indicator {observed} is below its target for more than {expected} days, or nobody knows, and it is not escalated")
}

findings contains say.also(open, {"values": {"system": system}}) if {
	some portfolio in portfolios
	some system in portfolio.predicate.systems
	not reviewed(system)
	open := say.gap("relevance-reviewed", portfolio, "systems", "nobody reviewed lately whether {system} is worth keeping")
}
