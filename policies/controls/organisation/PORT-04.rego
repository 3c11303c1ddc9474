# METADATA
# title: Governance figures reported to executives
# description: >-
#   Every system of the portfolio has a milestone in a report that was synchronised lately, every system stands in one tier,
#   and the time from idea to live and the production defects are told for the same teams. The organisation's records hold
#   neither the lineage nor the incidents nor the tiers of its systems, so that the figures are the portfolio tool's word: what
#   is judged is that they are whole and agree with each other.
# custom:
#   severity: minor
#   basis: policy
#   mode: hybrid
#   gates: [portfolio]
#   evidence: [portfolio-report]
#   parameters: [portfolio_sync_days]
#   objectives:
#     delivery-told: {says: Time from idea to live and production defects are told for the same teams., covers: [S0.M8.5]}
#     milestones-told: {says: Every system has a milestone in a report that is current., covers: [S1.M1.7]}
#     tiers-counted: {says: Every system is counted in one tier., covers: [S3.M9.7]}
#   may_differ:
#     portfolio-report.cycle_time_days: any time that is told will do
#     portfolio-report.milestones: any milestone that is told will do
#   frameworks: {nist-ai-rmf: ["GOVERN 2.3", "MEASURE 3.1"], iso-42001: ["A.2.4"]}
#   remediation: Recompute the figures from the evidence and publish them.
package controls.organisation.PORT_04

import data.lib.findings as say
import data.lib.records
import data.lib.tiers
import data.lib.time as calendar

portfolios := input.evidence["portfolio-report"]

satisfied contains "delivery-told" if {
	count(portfolios) > 0
	every portfolio in portfolios {
		timed := {team | some team, days in portfolio.predicate.cycle_time_days; days >= 0}
		count(timed) > 0
		timed == {team | some team, rate in portfolio.predicate.defect_rate; rate >= 0}
	}
}

satisfied contains "milestones-told" if {
	count(portfolios) > 0
	every portfolio in portfolios {
		records.covers(object.keys(portfolio.predicate.milestones), portfolio.predicate.systems)
		calendar.within_days(portfolio.predicate.synced_at, data.parameters.portfolio_sync_days, input.now)
	}
}

satisfied contains "tiers-counted" if {
	count(portfolios) > 0
	every portfolio in portfolios {
		counted(portfolio)
	}
}

counted(portfolio) if {
	systems := {system | some system in portfolio.predicate.systems}
	count(systems) > 0
	numbers := [number | some tier, number in portfolio.predicate.tier_counts; tier in tiers.strictest_first]
	count(numbers) == count(portfolio.predicate.tier_counts)
	sum(numbers) == count(systems)
}

findings contains say.also(open, {"values": {"system": system}}) if {
	some portfolio in portfolios
	some system in portfolio.predicate.systems
	not system in object.keys(portfolio.predicate.milestones)
	open := say.gap("milestones-told", portfolio, "milestones", "the system {system} has no milestone")
}

findings contains say.also(old, {"observed": portfolio.predicate.synced_at, "expected": data.parameters.portfolio_sync_days}) if {
	some portfolio in portfolios
	not calendar.within_days(portfolio.predicate.synced_at, data.parameters.portfolio_sync_days, input.now)
	old := say.breach("milestones-told", portfolio, "synced_at", "the figures are of {observed}, more than {expected} days ago")
}

findings contains say.also(odd, {"observed": portfolio.predicate.tier_counts, "expected": count(portfolio.predicate.systems)}) if {
	some portfolio in portfolios
	not counted(portfolio)
	odd := say.breach("tiers-counted", portfolio, "tier_counts", "the systems by tier, {observed}, are not the {expected} that are listed")
}
