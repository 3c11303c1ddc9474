# METADATA
# title: Candidate notice given in time
# description: >-
#   Every notice to candidates in a feed that is whole reached all of them, so many business days ahead of the event that it
#   names. How many business days it was is the sender's word, held against the two instants: there are no more of them
#   than days from Monday to Friday. Holidays are the sender's word.
# custom:
#   pack: us
#   severity: major
#   basis: law
#   tiers: [us-aedt]
#   roles: [employer]
#   gates: [production]
#   applies_from: D-NYC
#   evidence: [feed-status, notice-record, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [notice_window_days, nyc_notice_business_days]
#   objectives:
#     noticed-in-time: {says: Candidates were told enough business days ahead., reads: [feed-status, notice-record]}
#   may_be_empty: {risk-questionnaire.us_flags: a system under none of these laws names none}
#   may_be_false: {notice-record.before_event_at: what the notice is of may lie ahead}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of notices
#     notice-record.kind: a notice of another kind says nothing of this one
#   frameworks: {nyc-ll144: ["20-871(b)", "6 RCNY 5-304"]}
#   remediation: Notify the candidates at least ten business days ahead.
package controls.us_law.NYC_02

import data.lib.feeds
import data.lib.findings as say
import data.lib.regimes
import data.lib.time as calendar

all_notices := input.evidence["notice-record"]

applies := regimes.binds(input.evidence["risk-questionnaire"], "nyc-aedt")

whole if feeds.all_seen_for(all_notices, input.evidence["feed-status"], "notice-record", data.parameters.notice_window_days)

notices := [notice | some notice in all_notices; notice.predicate.kind == "candidates"]

satisfied contains "noticed-in-time" if {
	whole
	count(notices) > 0
	every notice in notices {
		in_time(notice.predicate)
	}
}

in_time(notice) if {
	notice.business_days_ahead >= data.parameters.nyc_notice_business_days
	calendar.weekdays_between(notice.delivered_at, notice.before_event_at) >= notice.business_days_ahead
	calendar.at_least_days_between(notice.delivered_at, notice.before_event_at, notice.business_days_ahead)
	notice.coverage >= 1
}

findings contains feeds.gap_for("noticed-in-time", all_notices, input.evidence["feed-status"], "notice-record", data.parameters.notice_window_days) if not whole

findings contains say.none("noticed-in-time", "kind", "no notice to candidates is on file") if count(notices) == 0

findings contains say.also(late, {"expected": data.parameters.nyc_notice_business_days}) if {
	whole
	some notice in notices
	not in_time(notice.predicate)
	late := say.breach("noticed-in-time", notice, "business_days_ahead", "a candidate was told fewer than {expected} business days ahead, or not at all")
}
