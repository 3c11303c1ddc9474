# METADATA
# title: Review queues
# description: Whether figures of a review queue are of a time that counts. A second, or a quiet week of last year, tells nothing.
package lib.queues

# The window of the figures is so many days long at least, and ended at most so many days ago.
recent(queue, days, now) if {
	data.lib.time.within_days(queue.predicate.window.end, days, now)
	data.lib.time.at_least_days_between(queue.predicate.window.start, queue.predicate.window.end, days)
}

# Finding: the figures are of no window that counts.
gap(objective, queue) := data.lib.findings.gap(objective, queue, "window", "the figures of the queue are of no window that is recent and long enough")
