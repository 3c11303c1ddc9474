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
