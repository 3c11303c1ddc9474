# METADATA
# title: Affected persons informed of decisions
# description: >-
#   Before production the notice to affected persons is ready: it holds what Art 26(11) asks for. In operation the person was
#   told of every logged decision, and the notices reached all of them. Read strictly: a decision counts whether or not its
#   row names the point of Annex III, since the system is one of Annex III. That a notice was delivered is the word of the
#   case system.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high-annex-iii]
#   roles: [deployer]
#   gates: [production, operation]
#   applies_from: D-HR
#   evidence: [decision-log, feed-status, notice-record]
#   parameters: [ai_use_notice_items, decision_window_days, notice_window_days]
#   objectives:
#     notice-ready:
#       says: The notice of the use of AI has every item that is asked for.
#       at: [production]
#       reads: [feed-status, notice-record]
#     persons-informed:
#       says: Every person was informed of the decision about them.
#       at: [operation]
#       reads: [decision-log, feed-status]
#     notice-reached-all:
#       says: The notices of the use of AI reached everybody.
#       at: [operation]
#       reads: [feed-status, notice-record]
#   may_differ: {decision-log.notice_delivered_at: "the law sets no time; that the person was informed is asked"}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of decisions and notices
#     notice-record.kind: another kind of notice says nothing of this one
#   frameworks: {eu-ai-act: ["26(11)"], iso-42001: ["A.8.5"]}
#   remediation: Inform the persons who were left out and mend the delivery of the notice.
package controls.eu_operators.EUAIA_26_7

import data.lib.feeds
import data.lib.findings as say

decisions := input.evidence["decision-log"]

records := input.evidence["notice-record"]

statuses := input.evidence["feed-status"]

notices := [notice | some notice in records; notice.predicate.kind == "ai-use"]

notices_whole if feeds.all_seen_for(records, statuses, "notice-record", data.parameters.notice_window_days)

decisions_whole if feeds.all_seen_for(decisions, statuses, "decision-log", data.parameters.decision_window_days)

satisfied contains "notice-ready" if {
	notices_whole
	count(notices) > 0
	count(data.parameters.ai_use_notice_items) > 0
	every notice in notices {
		count(lacking(notice)) == 0
	}
}

satisfied contains "persons-informed" if {
	decisions_whole
	count([decision | some decision in decisions; not informed(decision)]) == 0
}

satisfied contains "notice-reached-all" if {
	notices_whole
	count(notices) > 0
	every notice in notices {
		notice.predicate.coverage == 1
	}
}

# Items that are asked for and not there, and those that are said to be absent.
lacking(notice) := {item | some item in data.parameters.ai_use_notice_items; not present(notice, item)} | {item |
	some item, state in notice.predicate.items
	state != "present"
}

present(notice, item) if notice.predicate.items[item] == "present"

informed(decision) if decision.predicate.notice_delivered_at

findings contains feeds.gap_for(objective, records, statuses, "notice-record", data.parameters.notice_window_days) if {
	not notices_whole
	some objective in ["notice-ready", "notice-reached-all"]
}

findings contains feeds.gap_for("persons-informed", decisions, statuses, "decision-log", data.parameters.decision_window_days) if not decisions_whole

findings contains say.none(objective, "evidence/notice-record", "no notice of the use of AI is recorded") if {
	count(notices) == 0
	some objective in ["notice-ready", "notice-reached-all"]
}

findings contains say.also(open, {"values": {"item": item}}) if {
	some notice in notices
	some item in lacking(notice)
	open := say.breach("notice-ready", notice, "items", "the notice lacks {item}")
}

findings contains say.also(uninformed, {"values": {"decision": decision.predicate.decision_id}}) if {
	some decision in decisions
	not informed(decision)
	uninformed := say.breach("persons-informed", decision, "notice_delivered_at", "the person was not informed of decision {decision}")
}

findings contains say.also(partly, {"observed": notice.predicate.coverage, "expected": 1}) if {
	some notice in notices
	notice.predicate.coverage < 1
	partly := say.breach("notice-reached-all", notice, "coverage", "the notice did not reach everybody whom a decision is about")
}
