# METADATA
# title: Event feeds
# description: >-
#   Whether a list of events may be taken for all of them. A feed-status counts the records of its window that are about
#   the subject or its system. Fewer seen than counted means that some are lost, expired or kept back, and is a gap. Seen
#   is what lies in the ledger since the window began and was there on the day on which the status was filed, each event
#   once: neither an older record, nor one of the next day, nor the same event told again stands for one that is kept back.
package lib.feeds

# The status answers for all that happened from one instant to another, with nothing known to be lost.
covers(status, from, to) if {
	status.predicate.complete == true
	status.predicate.window.start <= from
	status.predicate.window.start < status.predicate.window.end
	status.predicate.window.end >= to
}

# Every current status of the feed covers its window whole, up to the day on which it was filed, and no record that it
# counted is missing from `records`.
all_seen(records, statuses, feed) if {
	data.lib.records.feed_complete(statuses, feed)
	of_feed := [status | some status in statuses; status.predicate.feed == feed]
	count(of_feed) > 0
	every status in of_feed {
		status.predicate.window.end >= data.lib.time.day_of(status.filed_at)
		count(seen(records, status)) >= status.predicate.count
	}
}

# An event is filed after it happened, so none of the window was filed before that began.
seen(records, status) := {record.event |
	some record in records
	record.filed_at >= status.predicate.window.start
	data.lib.time.day_of(record.filed_at) <= data.lib.time.day_of(status.filed_at)
}

# As `all_seen`, and every window of the feed begins at an instant or before it.
all_seen_since(records, statuses, feed, since) if {
	all_seen(records, statuses, feed)
	count(statuses) > 0
	every status in statuses {
		begins(status, feed, since)
	}
}

# As `all_seen_since`, for each of some instants, of which there is one at least.
all_seen_since_each(records, statuses, feed, starts) if {
	count(starts) > 0
	every since in starts {
		all_seen_since(records, statuses, feed, since)
	}
}

begins(status, feed, _) if status.predicate.feed != feed

begins(status, _, since) if covers(status, since, data.lib.time.day_of(status.filed_at))

# As `all_seen`, and every window of the feed is at least so many days long.
all_seen_for(records, statuses, feed, days) if {
	all_seen(records, statuses, feed)
	of_feed := [status | some status in statuses; status.predicate.feed == feed]
	count(of_feed) > 0
	every status in of_feed {
		data.lib.time.at_least_days_between(status.predicate.window.start, status.predicate.window.end, days)
	}
}

# As `all_seen`, and every window of the feed begins so long before now, or earlier.
all_seen_back(records, statuses, feed, duration) if {
	all_seen(records, statuses, feed)
	count(statuses) > 0
	every status in statuses {
		reaches_back(status, feed, duration)
	}
}

reaches_back(status, feed, _) if status.predicate.feed != feed

reaches_back(status, _, duration) if {
	status.predicate.window.start < status.predicate.window.end
	data.lib.time.add(status.predicate.window.start, duration) <= input.now
}

# Finding: the list of events may not be whole.
gap(objective, feed) := data.lib.findings.also(none_whole(objective), {"values": {"feed": feed}})

none_whole(objective) := data.lib.findings.none(
	objective,
	"evidence/feed-status",
	"no current feed-status says that every {feed} record of the time that counts is here",
)
