# METADATA
# title: Event feeds
# description: >-
#   Whether a list of events may be taken for all of them. A feed-status counts the records of its window that are about
#   the subject or its system. Fewer seen than counted means that some are lost, expired or kept back, and is a gap.
package lib.feeds

# Every current status of the feed covers its window whole, up to the day on which it was issued, and no record that it
# counted is missing from `records`.
all_seen(records, statuses, feed) if {
	data.lib.records.feed_complete(statuses, feed)
	of_feed := [status | some status in statuses; status.predicate.feed == feed]
	count(of_feed) > 0
	every status in of_feed {
		status.predicate.window.end >= data.lib.time.day_of(status.issued_at)
		count(records) >= status.predicate.count
	}
}

# Finding: the list of events may not be whole.
gap(objective, feed) := {
	"objective": objective,
	"message": sprintf("no current feed-status says that every %s record is here", [feed]),
	"path": "evidence/feed-status",
	"gap": true,
}
