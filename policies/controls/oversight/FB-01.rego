# METADATA
# title: Feedback channels alive and answered
# description: >-
#   Users of the outputs report on a channel that is in use and read, frontline staff are answered in time, and what
#   operations reported led to a change in every period in which anything was reported. A channel of users on which
#   nothing ever came cannot be told from a dead one. What operations report of all systems together is asked of the
#   organisation.
# custom:
#   severity: minor
#   basis: policy
#   gates: [operation, portfolio]
#   evidence: [feedback-stats]
#   parameters: [feedback_response_days, min_feedback_triage, ops_feedback_days]
#   objectives:
#     users-heard: {says: Enough of the reports of end users were triaged., at: [operation], covers: [S0.M7.3]}
#     frontline-answered: {says: Reports of frontline staff were answered in time., at: [operation], covers: [S1.M6.4]}
#     operations-heeded: {says: What operations reported led to a change in each period., covers: [S3.M8.8]}
#   may_stand_beside: {feedback-stats.channel: another channel says nothing of this one}
#   frameworks: {nist-ai-rmf: ["GOVERN 5.1", "MEASURE 3.3"], iso-42001: ["A.3.3"]}
#   remediation: Answer the waiting reports and reopen the silent channel.
package controls.oversight.FB_01

import data.lib.findings as say
import data.lib.numbers
import data.lib.time as calendar

channels := {"users-heard": "end-user", "frontline-answered": "frontline", "operations-heeded": "operations"}

figures(objective) := [stats | some stats in input.evidence["feedback-stats"]; stats.predicate.channel == channels[objective]]

satisfied contains "users-heard" if {
	count(figures("users-heard")) > 0
	every stats in figures("users-heard") {
		users_heard(stats.predicate)
	}
}

satisfied contains "frontline-answered" if {
	count(figures("frontline-answered")) > 0
	every stats in figures("frontline-answered") {
		frontline_answered(stats.predicate)
	}
}

satisfied contains "operations-heeded" if {
	count(figures("operations-heeded")) > 0
	every stats in figures("operations-heeded") {
		operations_heeded(stats.predicate)
	}
}

users_heard(stats) if {
	stats.active == true
	stats.received > 0
	stats.triaged <= stats.received
	numbers.at_least_share(stats.triaged, stats.received, data.parameters.min_feedback_triage)
}

frontline_answered(stats) if {
	stats.active == true
	stats.response_days_p95 <= data.parameters.feedback_response_days
}

# The window holds one whole period, and not two, and ended at most one ago.
operations_heeded(stats) if {
	stats.active == true
	calendar.at_least_days_between(stats.window.start, stats.window.end, data.parameters.ops_feedback_days)
	not calendar.at_least_days_between(stats.window.start, stats.window.end, data.parameters.ops_feedback_days * 2)
	calendar.within_days(stats.window.end, data.parameters.ops_feedback_days, input.now)
	led_to_change(stats)
}

led_to_change(stats) if stats.received == 0

led_to_change(stats) if {
	stats.closed_with_change > 0
	stats.closed_with_change <= stats.received
}

findings contains say.also(none, {"values": {"channel": channel}}) if {
	some objective, channel in channels
	count(figures(objective)) == 0
	none := say.none(objective, "evidence/feedback-stats", "no figures tell of the channel {channel}")
}

findings contains say.breach("users-heard", stats, "triaged", "the channel of users is closed or silent, or too few of its reports were triaged") if {
	some stats in figures("users-heard")
	not users_heard(stats.predicate)
}

findings contains say.breach("frontline-answered", stats, "response_days_p95", "the channel of frontline staff is closed, or answers too late") if {
	some stats in figures("frontline-answered")
	not frontline_answered(stats.predicate)
}

findings contains say.breach("operations-heeded", stats, "closed_with_change", "the channel of operations is closed, or not shown to lead to a change in one whole period") if {
	some stats in figures("operations-heeded")
	not operations_heeded(stats.predicate)
}
