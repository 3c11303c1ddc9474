# METADATA
# title: Deployer notice and adverse-outcome information
# description: >-
#   Every notice of AI use in a feed that is whole reached all to whom it was owed, and after each adverse decision
#   information was sent in time, or there is time yet. The feed of decisions reaches back twice the time, so that none
#   leaves it on the day on which it falls due. A person is informed after the decision and not before it.
# custom:
#   pack: us
#   severity: major
#   basis: law
#   tiers: [us-admt]
#   roles: [deployer]
#   gates: [production, operation]
#   applies_from: D-CO27
#   evidence: [decision-log, feed-status, notice-record, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [colorado_adverse_days, notice_window_days]
#   objectives:
#     use-told: {says: Persons are told of the AI where they meet it., reads: [feed-status, notice-record]}
#     outcome-told:
#       says: After each adverse decision information was sent in time.
#       at: [operation]
#       reads: [decision-log, feed-status]
#   may_be_empty: {risk-questionnaire.us_flags: a system under none of these laws names none}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of these events
#     notice-record.kind: a notice of another kind says nothing of AI use
#   frameworks: {co-sb26-189: ["6-1-1704"]}
#   remediation: Send the overdue information and repair the notice.
package controls.us_law.COAI_02

import data.lib.feeds
import data.lib.findings as say
import data.lib.regimes
import data.lib.time as calendar

decisions := input.evidence["decision-log"]

statuses := input.evidence["feed-status"]

applies := regimes.binds(input.evidence["risk-questionnaire"], "co-admt")

notices_whole if {
	feeds.all_seen_for(input.evidence["notice-record"], statuses, "notice-record", data.parameters.notice_window_days)
}

notices := [notice | some notice in input.evidence["notice-record"]; notice.predicate.kind == "ai-use"]

satisfied contains "use-told" if {
	notices_whole
	count(notices) > 0
	every notice in notices {
		notice.predicate.coverage >= 1
	}
}

# Who allows themselves less than the law's thirty days tells of no fewer decisions for that.
window := max([60, data.parameters.colorado_adverse_days * 2])

decisions_whole if {
	days := window
	feeds.all_seen_for(decisions, statuses, "decision-log", days)
}

satisfied contains "outcome-told" if {
	decisions_whole
	count(untold) == 0
}

untold := [decision | some decision in decisions; not in_time(decision)]

in_time(decision) if decision.predicate.adverse == false

in_time(decision) if {
	calendar.at_most_days_between(decision.predicate.decided_at, decision.predicate.adverse_info_sent_at, data.parameters.colorado_adverse_days)
}

in_time(decision) if {
	not decision.predicate.adverse_info_sent_at
	calendar.within_days(decision.predicate.decided_at, data.parameters.colorado_adverse_days, input.now)
}

findings contains feeds.gap_for("use-told", input.evidence["notice-record"], statuses, "notice-record", data.parameters.notice_window_days) if not notices_whole

findings contains say.none("use-told", "evidence/notice-record", "no notice of AI use is on file") if count(notices) == 0

findings contains say.breach("use-told", notice, "coverage", "the notice of AI use did not reach everybody to whom it was owed") if {
	notices_whole
	some notice in notices
	notice.predicate.coverage < 1
}

findings contains feeds.gap_for("outcome-told", decisions, statuses, "decision-log", days) if {
	not decisions_whole
	days := window
}

findings contains say.also(late, {"observed": decision.predicate.decided_at, "expected": data.parameters.colorado_adverse_days}) if {
	decisions_whole
	some decision in untold
	late := say.breach("outcome-told", decision, "adverse_info_sent_at", "no information was sent within {expected} days of the adverse decision at {observed}")
}
