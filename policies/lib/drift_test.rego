package lib.drift_test

import data.lib.drift

report := {"predicate": {"window": {"start": "2026-11-13T00:00:00Z", "end": "2026-11-14T00:00:00Z"}, "value": {"ci_low": 0.1, "ci_high": 0.2}}}

test_recent if {
	drift.recent(report.predicate.window, 7, "2026-11-21T00:00:00Z")
	not drift.recent(report.predicate.window, 7, "2026-11-21T00:00:01Z")
	not drift.recent(report.predicate.window, 7, "2026-11-13T00:00:00Z")
	not drift.recent({"start": "2026-11-13T00:00:01Z", "end": "2026-11-14T00:00:00Z"}, 7, "2026-11-21T00:00:00Z")
}

test_within_at_the_worse_end if {
	drift.within(report, 0.2)
	not drift.within(report, 0.199999)
	not drift.within({"predicate": {"value": {"ci_low": -0.1, "ci_high": 0.1}}}, 0.2)
}
