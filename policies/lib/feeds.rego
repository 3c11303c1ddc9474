# METADATA
# title: Event feeds
# description: >-
#   Whether a list of events may be taken for all of them. A feed-status counts the records of its window that are about
#   the subject or its system. Fewer seen than counted means that some are lost, expired or kept back, and is a gap. Seen
#   is what lies in the ledger since the window began and was there on the day on which the status was filed, each event
#   once: neither an older record, nor one of the next day, nor the same event told again stands for one that is kept back.
package lib.feeds

import data.lib.findings as say

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

# An event is filed after it happened, so none of the window was filed before that began. One that is told as it goes on
# was seen when any account of it was filed.
seen(records, status) := at_last | earlier if {
	at_last := {record.event |
		some record in records
		in_window(record.filed_at, status)
	}
	earlier := {record.event |
		some record in records
		some filed in record.earlier_filed_at
		in_window(filed, status)
	}
}

in_window(filed, status) if {
	filed >= status.predicate.window.start
	data.lib.time.day_of(filed) <= data.lib.time.day_of(status.filed_at)
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

# Findings: the list of events may not be whole. `gap_for` belongs to `all_seen_for`, and takes what that takes after the
# objective; so do the others. Each tells what the newest status of the feed lacks, and asks for another status. Whether its
# window is long enough comes first: one of which anything else is told began early enough, and where there is none,
# `expected` says what is asked of its window.

gap(objective, records, statuses, feed) := doubt(objective, current, feed, no_status(objective, feed), lacks) if {
	current := of_feed(statuses, feed)
	lacks := [{"status": status, "finding": finding} |
		some status in current
		finding := lack(objective, records, status, feed)
	]
}

gap_since(objective, records, statuses, feed, since) := doubt(objective, current, feed, no_status_since(objective, feed, since), lacks) if {
	current := of_feed(statuses, feed)
	lacks := [{"status": status, "finding": finding} |
		some status in current
		finding := lack_since(objective, records, status, feed, since)
	]
}

gap_since_each(objective, records, statuses, feed, starts) := finding if {
	count(starts) > 0
	finding := gap_since(objective, records, statuses, feed, min(starts))
} else := finding if {
	message := "nothing on record tells since when the list of {feed} has to be whole"
	finding := say.also(say.none(objective, "window.start", message), {"values": {"feed": feed}})
}

gap_for(objective, records, statuses, feed, days) := doubt(objective, current, feed, no_status_for(objective, feed, days), lacks) if {
	current := of_feed(statuses, feed)
	lacks := [{"status": status, "finding": finding} |
		some status in current
		finding := lack_for(objective, records, status, feed, days)
	]
}

gap_back(objective, records, statuses, feed, duration) := doubt(objective, current, feed, no_status_back(objective, feed, duration), lacks) if {
	current := of_feed(statuses, feed)
	lacks := [{"status": status, "finding": finding} |
		some status in current
		finding := lack_back(objective, records, status, feed, duration)
	]
}

of_feed(statuses, feed) := [status | some status in statuses; status.predicate.feed == feed]

# The finding of the newest status, else of the last one that counts beside it. Where none lacks anything, the control
# asks for more than that its feed is whole.
doubt(objective, current, feed, none, lacks) := none if {
	count(current) == 0
} else := last.finding if {
	last := newest(lacks)
	count([status | some status in current; status.log_index > last.status.log_index]) == 0
} else := finding if {
	last := newest(lacks)
	message := "a newer feed-status of {feed} holds, but the one filed at {filed}, which counts until {until}, does not"
	values := {"feed": feed, "filed": last.status.filed_at, "until": last.status.expires_at}
	finding := wanting(objective, last.status, message, {"values": values})
} else := say.also(none_whole(objective), {"values": {"feed": feed}})

no_status(objective, feed) := say.also(found, {"values": {"feed": feed}}) if {
	message := "no current feed-status of {feed}: nothing says that its list of events is whole"
	found := say.none(objective, "evidence/feed-status", message)
}

no_status_since(objective, feed, since) := say.also(found, {"expected": since, "values": {"feed": feed}}) if {
	message := "no current feed-status of {feed} since {expected}: nothing says that its list of events is whole"
	found := say.none(objective, "evidence/feed-status", message)
}

no_status_for(objective, feed, days) := say.also(found, {"expected": days, "values": {"feed": feed}}) if {
	message := "no current feed-status of {feed} over {expected} days: nothing says that its list of events is whole"
	found := say.none(objective, "evidence/feed-status", message)
}

no_status_back(objective, feed, duration) := say.also(found, {"expected": duration, "values": {"feed": feed}}) if {
	message := "no current feed-status of {feed} that goes {expected} back: nothing says that its list of events is whole"
	found := say.none(objective, "evidence/feed-status", message)
}

newest(lacks) := found[0] if {
	places := [one.status.log_index | some one in lacks]
	count(places) > 0
	found := [one | some one in lacks; one.status.log_index == max(places)]
}

lack(objective, records, status, feed) := finding if {
	finding := unanswered(objective, status, feed)
} else := finding if {
	finding := kept_back(objective, records, status, feed)
}

lack_since(objective, records, status, feed, since) := finding if {
	start := status.predicate.window.start
	start > since
	message := "the window of the newest feed-status of {feed} begins at {observed}, and is wanted since {expected}"
	found := {"observed": start, "expected": since, "values": {"feed": feed}}
	finding := wanting(objective, status, message, found)
} else := finding if {
	finding := lack(objective, records, status, feed)
}

lack_for(objective, records, status, feed, days) := finding if {
	window := status.predicate.window
	not data.lib.time.at_least_days_between(window.start, window.end, days)
	message := "the window of the newest feed-status of {feed}, {observed} to {end}, is shorter than {expected} days"
	found := {"observed": window.start, "expected": days, "values": {"feed": feed, "end": window.end}}
	finding := wanting(objective, status, message, found)
} else := finding if {
	finding := lack(objective, records, status, feed)
}

lack_back(objective, records, status, feed, duration) := finding if {
	start := status.predicate.window.start
	not long_ago(start, duration)
	message := "the window of the newest feed-status of {feed} begins at {observed}, less than {expected} ago"
	found := {"observed": start, "expected": duration, "values": {"feed": feed}}
	finding := wanting(objective, status, message, found)
} else := finding if {
	finding := lack(objective, records, status, feed)
}

long_ago(instant, duration) if data.lib.time.add(instant, duration) <= input.now

unanswered(objective, status, feed) := finding if {
	not status.predicate.complete == true
	message := "the newest feed-status of {feed} says that its source did not answer for the whole window"
	finding := wanting(objective, status, message, {"values": {"feed": feed}})
} else := finding if {
	end := status.predicate.window.end
	filed := data.lib.time.day_of(status.filed_at)
	end < filed
	message := "the window of the newest feed-status of {feed} ends at {observed}, before {expected}, on which it was filed"
	found := {"observed": end, "expected": filed, "values": {"feed": feed}}
	finding := wanting(objective, status, message, found)
}

kept_back(objective, records, status, feed) := finding if {
	number := count(seen(records, status))
	number < status.predicate.count
	message := "the newest feed-status of {feed} counts {expected} events, of which {observed} are here, filed since {start}"
	values := {"feed": feed, "start": status.predicate.window.start}
	found := {"observed": number, "expected": status.predicate.count, "values": values}
	finding := wanting(objective, status, message, found)
}

# What mends it is another status, whichever field is at fault.
wanting(objective, status, message, found) := say.also(say.gap(objective, status, "evidence/feed-status", message), found)

none_whole(objective) := say.none(
	objective,
	"evidence/feed-status",
	"no current feed-status says that every {feed} record of the time that counts is here",
)
