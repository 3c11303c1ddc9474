# METADATA
# title: Drift of a live system
# description: >-
#   What several controls ask of drift reports: which are of the last window, and which lie within a limit at the worse
#   end of their interval.
package lib.drift

# A window that ended at most so many days ago, and spans a day at least: a second of live data tells nothing.
recent(window, days, now) if {
	data.lib.time.within_days(window.end, days, now)
	data.lib.time.at_least_days_between(window.start, window.end, 1)
}

# No distance is below 0, and the whole interval lies within the limit.
within(report, limit) if {
	report.predicate.value.ci_low >= 0
	report.predicate.value.ci_high <= limit
}
