# METADATA
# title: Drift of a live system
# description: >-
#   What several controls ask of drift reports: which are about live data, which are of the last window, and which lie
#   beyond a limit at the worse end of their interval. A comparison with a target setting is judged at promotion
#   (DRIFT-04), and is none of a live system.
package lib.drift

# What a live system is watched for.
live_targets := {"input", "prediction", "confidence", "concept", "population"}

# Its period ended at most so many days ago, and spans a day at least: a second of live data tells nothing.
recent(report, days, now) if {
	data.lib.time.within_days(report.predicate.window.end, days, now)
	data.lib.time.at_least_days_between(report.predicate.window.start, report.predicate.window.end, 1)
}

# No distance is below 0, and the whole interval lies within the limit.
within(report, limit) if {
	report.predicate.value.ci_low >= 0
	report.predicate.value.ci_high <= limit
}
