# METADATA
# title: Developer documentation and update notices
# description: >-
#   The instructions for use of the version hold every item owed to deployers in Colorado, each change that lineage tells of
#   was followed by a notice that reached all of them, and the records are kept as long as the law asks in every store.
#   What the items say is the signer's word.
# custom:
#   pack: us
#   severity: major
#   basis: law
#   mode: hybrid
#   tiers: [us-admt]
#   roles: [provider]
#   gates: [staging, production]
#   applies_from: D-CO27
#   evidence: [feed-status, instructions-for-use, lineage-graph, notice-record, retention-state, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [colorado_items, colorado_keep, notice_window_days]
#   objectives:
#     items-present: {says: The instructions hold every item owed to deployers., reads: [instructions-for-use]}
#     changes-told: {says: Deployers were told of each change., reads: [feed-status, lineage-graph, notice-record]}
#     records-kept: {says: The records are kept as long as the law asks., reads: [retention-state]}
#   may_be_empty:
#     lineage-graph.changes: a first version changes nothing
#     risk-questionnaire.us_flags: a system under none of these laws names none
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of notices
#     notice-record.kind: a notice of another kind says nothing of updates
#     notice-record.coverage: a notice that left somebody out stands beside the one that reached them
#     notice-record.delivered_at: an earlier notice was of an earlier change
#     retention-state.regime: what is kept for another law says nothing of this one
#   frameworks: {co-sb26-189: ["6-1-1702"]}
#   remediation: Deliver the missing item to the deployers and keep the record three years.
package controls.us_law.COAI_01

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.regimes
import data.lib.time as calendar

instructions := input.evidence["instructions-for-use"]

graphs := input.evidence["lineage-graph"]

notices := input.evidence["notice-record"]

applies := regimes.binds(input.evidence["risk-questionnaire"], "co-admt")

stores := [store | some store in input.evidence["retention-state"]; store.predicate.regime == "colorado"]

satisfied contains "items-present" if {
	count(instructions) > 0
	every paper in instructions {
		records.covers(present(paper), data.parameters.colorado_items)
	}
}

present(paper) := {item | some item, state in paper.predicate.colorado_items; state == "present"}

whole if feeds.all_seen_for(notices, input.evidence["feed-status"], "notice-record", data.parameters.notice_window_days)

satisfied contains "changes-told" if {
	count(graphs) > 0
	every graph in graphs {
		is_array(graph.predicate.changes)
	}
	whole
	count(untold) == 0
}

untold := [{"graph": graph, "change": change} |
	some graph in graphs
	some change in graph.predicate.changes
	not told(change)
]

told(change) if {
	some notice in notices
	notice.predicate.kind == "developer-update"
	notice.predicate.coverage >= 1
	change.at <= notice.predicate.delivered_at
}

satisfied contains "records-kept" if {
	count(stores) > 0
	every store in stores {
		kept(store)
	}
}

kept(store) if {
	calendar.lasts(store.predicate.configured, data.parameters.colorado_keep)
	store.predicate.retrievable
}

findings contains say.also(open, {"values": {"item": item}}) if {
	some paper in instructions
	some item in data.parameters.colorado_items
	not item in present(paper)
	open := say.gap("items-present", paper, "colorado_items", "the instructions lack the item {item}")
}

findings contains feeds.gap_for("changes-told", notices, input.evidence["feed-status"], "notice-record", data.parameters.notice_window_days) if not whole

findings contains say.also(silent, {"observed": item.change.at}) if {
	whole
	some item in untold
	silent := say.breach("changes-told", item.graph, "changes", "no notice told every deployer of the change at {observed}")
}

findings contains say.none("records-kept", "regime", "no store tells how long records are kept for Colorado") if count(stores) == 0

findings contains say.also(short, {"observed": store.predicate.configured, "expected": data.parameters.colorado_keep}) if {
	some store in stores
	not kept(store)
	short := say.breach("records-kept", store, "configured", "records are kept for {observed} or cannot be read back, and {expected} are asked for")
}
