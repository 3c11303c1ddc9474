package lib.feeds_test

import data.lib.feeds

status(feed, number, complete) := {
	"filed_at": "2026-11-20T06:00:00Z",
	"predicate": {
		"feed": feed,
		"count": number,
		"complete": complete,
		"window": {"start": "2026-10-20T00:00:00Z", "end": "2026-11-20T05:00:00Z"},
	},
}

seen := {"filed_at": "2026-10-20T00:00:00Z", "event": "sha256:1"}

test_whole if {
	feeds.all_seen([], [status("waiver", 0, true)], "waiver")
	feeds.all_seen([seen], [status("waiver", 1, true), status("legal-hold", 7, false)], "waiver")
}

test_a_window_has_a_start if {
	whole := status("waiver", 0, true)
	feeds.covers(whole, "2026-10-20T00:00:00Z", "2026-11-20T05:00:00Z")
	not feeds.covers(whole, "2026-10-19T23:59:59Z", "2026-11-20T05:00:00Z")
	not feeds.covers(whole, "2026-10-20T00:00:00Z", "2026-11-20T05:00:01Z")
	not feeds.covers(status("waiver", 0, false), "2026-10-20T00:00:00Z", "2026-11-20T05:00:00Z")
}

test_a_second_is_no_month if {
	feeds.all_seen_for([], [status("waiver", 0, true)], "waiver", 31)
	not feeds.all_seen_for([], [status("waiver", 0, true)], "waiver", 32)
	feeds.all_seen_for([seen], [status("waiver", 1, true)], "waiver", 31)
	not feeds.all_seen_for([seen], [status("waiver", 2, true)], "waiver", 31)
}

test_seen_since if {
	feeds.all_seen_since([], [status("waiver", 0, true)], "waiver", "2026-10-20T00:00:00Z")
	not feeds.all_seen_since([], [status("waiver", 0, true)], "waiver", "2026-10-19T00:00:00Z")
}

test_seen_since_each if {
	feeds.all_seen_since_each([], [status("waiver", 0, true)], "waiver", ["2026-10-20T00:00:00Z", "2026-11-01T00:00:00Z"])
	not feeds.all_seen_since_each([], [status("waiver", 0, true)], "waiver", ["2026-11-01T00:00:00Z", "2026-10-19T00:00:00Z"])
	not feeds.all_seen_since_each([], [status("waiver", 0, true)], "waiver", [])
}

test_not_whole if {
	not feeds.all_seen([], [], "waiver")
	not feeds.all_seen([], [status("legal-hold", 0, true)], "waiver")
	not feeds.all_seen([], [status("waiver", 0, false)], "waiver")
	not feeds.all_seen([], [status("waiver", 0, true), status("waiver", 0, false)], "waiver")
}

test_lost_record if {
	not feeds.all_seen([seen], [status("waiver", 2, true)], "waiver")
}

test_nothing_stands_for_one_that_is_kept_back if {
	feeds.all_seen([seen, other], [status("waiver", 2, true)], "waiver")
	not feeds.all_seen([seen, seen], [status("waiver", 2, true)], "waiver")
	not feeds.all_seen([seen, object.union(seen, {"digest": "sha256:reworded"})], [status("waiver", 2, true)], "waiver")
	not feeds.all_seen([seen, filed("2026-10-19T23:59:59Z")], [status("waiver", 2, true)], "waiver")
	not feeds.all_seen([seen, filed("2026-11-21T00:00:00Z")], [status("waiver", 2, true)], "waiver")
	feeds.all_seen([seen, filed("2026-11-20T23:59:59Z")], [status("waiver", 2, true)], "waiver")
}

test_an_account_told_again_was_seen_when_it_was_first_told if {
	again := filed("2026-11-21T00:00:00Z")
	early := object.union(again, {"earlier_filed_at": ["2026-10-19T23:59:59Z", "2026-11-20T23:59:59Z"]})
	feeds.all_seen([seen, early], [status("waiver", 2, true)], "waiver")
	never := object.union(again, {"earlier_filed_at": ["2026-10-19T23:59:59Z"]})
	not feeds.all_seen([seen, never], [status("waiver", 2, true)], "waiver")
	not feeds.all_seen([object.union(seen, {"earlier_filed_at": [seen.filed_at]})], [status("waiver", 2, true)], "waiver")
}

other := filed("2026-11-01T00:00:00Z")

filed(at) := {"filed_at": at, "event": "sha256:2"}

test_window_that_ended_days_ago if {
	old := object.union(status("waiver", 0, true), {"filed_at": "2026-11-21T06:00:00Z"})
	not feeds.all_seen([], [old], "waiver")
}

test_seen_back_to_so_long_ago if {
	feeds.all_seen_back([], [status("waiver", 0, true)], "waiver", "P1M") with input.now as "2026-11-20T06:00:00Z"
	not feeds.all_seen_back([], [status("waiver", 0, true)], "waiver", "P2M") with input.now as "2026-11-20T06:00:00Z"
	not feeds.all_seen_back([], [], "waiver", "P1D") with input.now as "2026-11-20T06:00:00Z"
}

# What keeps the list from being whole, and the values that tell it.

filed_status(place, at, more) := object.union(
	object.union(status("waiver", 1, true), {"id": at, "log_index": place, "filed_at": at, "expires_at": "2026-11-21T06:00:00Z"}),
	{"predicate": more},
)

now_filed(more) := filed_status(7, "2026-11-20T06:00:00Z", more)

test_no_status_for_the_feed if {
	found := feeds.gap("o", [seen], [status("legal-hold", 0, true)], "waiver")
	startswith(found.message, "no current feed-status of {feed}")
	found.gap
	found.values.feed == "waiver"
	not found.evidence
}

test_no_status_tells_what_is_asked_of_its_window if {
	feeds.gap_for("o", [], [], "waiver", 90).expected == 90
	feeds.gap_since("o", [], [], "waiver", "2026-10-19T00:00:00Z").expected == "2026-10-19T00:00:00Z"
	feeds.gap_back("o", [], [], "waiver", "P2M").expected == "P2M"
	not feeds.gap("o", [], [], "waiver").expected
}

test_a_window_that_is_too_short_is_told_first if {
	found := feeds.gap_for("o", [], [now_filed({"complete": false})], "waiver", 90)
	contains(found.message, "is shorter than {expected} days")
}

test_source_did_not_answer if {
	found := feeds.gap_for("o", [], [now_filed({"complete": false})], "waiver", 31)
	contains(found.message, "did not answer for the whole window")
	[found.evidence, found.path, found.gap] == ["2026-11-20T06:00:00Z", "evidence/feed-status", true]
}

test_window_ended_before_the_day_of_filing if {
	found := feeds.gap_for("o", [], [now_filed({"window": {"end": "2026-11-19T23:59:59Z"}})], "waiver", 1)
	contains(found.message, "ends at {observed}, before {expected}")
	[found.observed, found.expected] == ["2026-11-19T23:59:59Z", "2026-11-20"]
}

test_window_begins_too_late if {
	since := feeds.gap_since("o", [seen], [now_filed({})], "waiver", "2026-10-19T00:00:00Z")
	[since.observed, since.expected] == ["2026-10-20T00:00:00Z", "2026-10-19T00:00:00Z"]
	since == feeds.gap_since_each("o", [seen], [now_filed({})], "waiver", ["2026-11-01T00:00:00Z", "2026-10-19T00:00:00Z"])
	short := feeds.gap_for("o", [seen], [now_filed({})], "waiver", 32)
	[short.observed, short.values.end, short.expected] == ["2026-10-20T00:00:00Z", "2026-11-20T05:00:00Z", 32]
	back := feeds.gap_back("o", [seen], [now_filed({})], "waiver", "P2M") with input.now as "2026-11-20T06:00:00Z"
	[back.observed, back.expected] == ["2026-10-20T00:00:00Z", "P2M"]
}

test_fewer_are_here_than_it_counts if {
	asked := [
		feeds.gap("o", [seen], [now_filed({"count": 3})], "waiver"),
		feeds.gap_for("o", [seen], [now_filed({"count": 3})], "waiver", 31),
		feeds.gap_since("o", [seen], [now_filed({"count": 3})], "waiver", "2026-10-20T00:00:00Z"),
	]
	every found in asked {
		[found.observed, found.expected, found.values.start] == [1, 3, "2026-10-20T00:00:00Z"]
	}
	asked[0] == feeds.gap_back("o", [seen], [now_filed({"count": 3})], "waiver", "P1M") with input.now as "2026-11-20T06:00:00Z"
}

test_an_older_status_that_still_counts if {
	old := filed_status(3, "2026-11-20T05:30:00Z", {"complete": false})
	older := filed_status(2, "2026-11-20T05:20:00Z", {"complete": false})
	found := feeds.gap("o", [seen], [old, older, now_filed({})], "waiver")
	startswith(found.message, "a newer feed-status of {feed} holds")
	found.values == {"feed": "waiver", "filed": "2026-11-20T05:30:00Z", "until": "2026-11-21T06:00:00Z"}
	[found.evidence, found.gap] == ["2026-11-20T05:30:00Z", true]
	newest := feeds.gap("o", [seen], [old, older, now_filed({"count": 2})], "waiver")
	contains(newest.message, "counts {expected} events")
}

test_nothing_tells_since_when if {
	found := feeds.gap_since_each("o", [], [now_filed({"count": 0})], "waiver", [])
	startswith(found.message, "nothing on record tells since when")
	found.gap
}

test_a_whole_list_of_which_more_is_asked if {
	found := feeds.gap("o", [seen], [now_filed({})], "waiver")
	found.gap
	startswith(found.message, "no current feed-status says")
}
