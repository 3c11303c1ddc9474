# METADATA
# title: Portfolio and platform reviewed periodically
# description: >-
#   The platform design was reviewed lately; a report on the portfolio that is recent and that an executive sponsor signed
#   covers all that runs, gives each weak model an action that is not overdue, and each old system a decision with what it
#   costs to keep and what would take its place. Systems, ages and signers are the word of the portfolio tool; an action is
#   known to be about a model by the name in its text. What the organisation has filed stands in no model's decision.
# custom:
#   severity: major
#   basis: policy
#   mode: hybrid
#   gates: [portfolio]
#   evidence: [portfolio-report, statement:architecture-review]
#   parameters: [architecture_review_days, legacy_age_days, portfolio_review_days]
#   objectives:
#     portfolio-reviewed:
#       says: A recent report that an executive signed covers all that runs.
#       covers: [S1.M1.4]
#       reads: [portfolio-report]
#     weak-models-owned:
#       says: Each weak model has an action with an owner and a day ahead.
#       covers: [S3.M9.6]
#       reads: [portfolio-report]
#     old-systems-decided:
#       says: "What becomes of each old system was decided, by its upkeep and what would replace it."
#       covers: [S0.M8.8]
#       reads: [portfolio-report]
#     platform-reviewed:
#       says: The platform design was reviewed lately.
#       covers: [S0.M9.8]
#       reads: [statement:architecture-review]
#   may_be_empty:
#     portfolio-report.underperforming: a portfolio may hold no weak model
#     portfolio-report.legacy_models: a portfolio may hold no old system
#     portfolio-report.live_since: a portfolio may hold nothing that is live
#   may_be_false: {portfolio-report.actions.due_at: an action may be due on any day ahead}
#   frameworks: {nist-ai-rmf: ["GOVERN 1.5", "MANAGE 1.2"], iso-42001: ["A.2.4"]}
#   remediation: Hold the overdue review and give each weak model an owner and a date.
package controls.organisation.PORT_01

import data.lib.findings as say
import data.lib.text
import data.lib.time as calendar

portfolios := input.evidence["portfolio-report"]

reviews := input.evidence["statement:architecture-review"]

satisfied contains "portfolio-reviewed" if {
	count(portfolios) > 0
	every portfolio in portfolios {
		recent(portfolio)
		count(portfolio.predicate.systems) > 0
		count(portfolio.predicate.unregistered) == 0
		sponsored(portfolio)
	}
}

recent(portfolio) if calendar.within_days(portfolio.predicate.synced_at, data.parameters.portfolio_review_days, input.now)

sponsored(portfolio) if {
	some signer in portfolio.predicate.signers
	signer.role == "accountable-executive"
}

satisfied contains "weak-models-owned" if {
	count(portfolios) > 0
	every portfolio in portfolios {
		recent(portfolio)
		is_array(portfolio.predicate.underperforming)
		count(unowned(portfolio)) == 0
	}
}

unowned(portfolio) := [model | some model in portfolio.predicate.underperforming; not owned(portfolio, model)]

owned(portfolio, model) if {
	some action in portfolio.predicate.actions
	text.mentions(action.text, model)
	in_time(action)
}

in_time(action) if input.now <= action.due_at

in_time(action) if action.done_at <= action.due_at

satisfied contains "old-systems-decided" if {
	count(portfolios) > 0
	every portfolio in portfolios {
		is_array(portfolio.predicate.legacy_models)
		count(undecided(portfolio)) == 0
	}
}

# What the tool calls old, and what has been live for too long.
old(portfolio) := {model | some model in portfolio.predicate.legacy_models} | {system |
	some system, day in portfolio.predicate.live_since
	not young(day)
}

young(day) if calendar.within_days(calendar.start_of(day), data.parameters.legacy_age_days, input.now)

undecided(portfolio) := [system | some system in old(portfolio); not decided(portfolio, system)]

# A decision holds the upkeep, its owner and its day, by its type.
decided(portfolio, system) if {
	portfolio.predicate.legacy_decisions[system].replacement
}

satisfied contains "platform-reviewed" if {
	count(reviews) > 0
	every review in reviews {
		calendar.within_days(review.filed_at, data.parameters.architecture_review_days, input.now)
	}
}

findings contains say.also(old_report, {"observed": portfolio.predicate.synced_at, "expected": data.parameters.portfolio_review_days}) if {
	some portfolio in portfolios
	not recent(portfolio)
	some objective in ["portfolio-reviewed", "weak-models-owned"]
	old_report := say.breach(objective, portfolio, "synced_at", "the report is of {observed}, more than {expected} days ago")
}

findings contains say.also(hidden, {"values": {"model": model}}) if {
	some portfolio in portfolios
	some model in portfolio.predicate.unregistered
	hidden := say.breach("portfolio-reviewed", portfolio, "unregistered", "the model {model} runs, and nobody registered it")
}

findings contains say.gap("portfolio-reviewed", portfolio, "signers", "no accountable executive signed the report") if {
	some portfolio in portfolios
	not sponsored(portfolio)
}

findings contains say.also(open, {"values": {"model": model}}) if {
	some portfolio in portfolios
	some model in unowned(portfolio)
	open := say.breach("weak-models-owned", portfolio, "actions", "the weak model {model} has no action by its name that is in time")
}

findings contains say.also(open, {"values": {"system": system}}) if {
	some portfolio in portfolios
	some system in undecided(portfolio)
	open := say.gap("old-systems-decided", portfolio, "legacy_decisions", "what becomes of the old system {system} is not decided")
}

findings contains say.also(late, {"expected": data.parameters.architecture_review_days}) if {
	some review in reviews
	not calendar.within_days(review.filed_at, data.parameters.architecture_review_days, input.now)
	late := say.breach("platform-reviewed", review, "filed_at", "the platform design was not reviewed within {expected} days")
}
