# METADATA
# title: Automated decision notice, opt-out and access
# description: >-
#   Every pre-use notice of a feed that is whole reached all to whom it was owed before the event that it must precede, and
#   offered an opt-out and access. Whether the law binds is the questionnaire's word.
# custom:
#   pack: us
#   severity: major
#   basis: law
#   mode: hybrid
#   tiers: [us-admt]
#   roles: [deployer]
#   gates: [production]
#   applies_from: D-CA27
#   evidence: [feed-status, notice-record, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [notice_window_days]
#   objectives:
#     noticed-before: {says: "A notice with opt-out and access reached everybody before use.", reads: [feed-status, notice-record]}
#   may_be_empty: {risk-questionnaire.us_flags: a system under none of these laws names none}
#   may_be_false: {notice-record.before_event_at: what the notice is of may lie ahead}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of notices
#     notice-record.kind: a notice of another kind says nothing of this one
#   frameworks: {ccpa-admt: ["7200", "7220", "7221", "7222"]}
#   remediation: Give the pre-use notice with opt-out and access before the decision.
package controls.us_law.CCPA_01

import data.lib.feeds
import data.lib.findings as say
import data.lib.regimes

all_notices := input.evidence["notice-record"]

applies := regimes.binds(input.evidence["risk-questionnaire"], "ccpa-admt")

whole if feeds.all_seen_for(all_notices, input.evidence["feed-status"], "notice-record", data.parameters.notice_window_days)

notices := [notice | some notice in all_notices; notice.predicate.kind == "pre-use"]

satisfied contains "noticed-before" if {
	whole
	count(notices) > 0
	every notice in notices {
		proper(notice.predicate)
	}
}

proper(notice) if {
	notice.delivered_at < notice.before_event_at
	notice.opt_out_offered
	notice.access_workflow
	notice.coverage >= 1
}

findings contains feeds.gap_for("noticed-before", all_notices, input.evidence["feed-status"], "notice-record", data.parameters.notice_window_days) if not whole

findings contains say.none("noticed-before", "kind", "no pre-use notice is on file") if count(notices) == 0

findings contains say.breach("noticed-before", notice, "delivered_at", "the notice came late, left somebody out, or offered no opt-out or no access") if {
	whole
	some notice in notices
	not proper(notice.predicate)
}
