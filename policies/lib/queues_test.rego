package lib.queues_test

import data.lib.queues

of_window(start, end) := {"id": "sha256:aa", "predicate": {"window": {"start": start, "end": end}}}

test_recent if {
	queues.recent(of_window("2026-11-07T00:00:00Z", "2026-11-14T00:00:00Z"), 7, "2026-11-21T00:00:00Z")
	not queues.recent(of_window("2026-11-07T00:00:00Z", "2026-11-14T00:00:00Z"), 7, "2026-11-21T00:00:01Z")
	not queues.recent(of_window("2026-11-07T00:00:01Z", "2026-11-14T00:00:00Z"), 7, "2026-11-21T00:00:00Z")
	not queues.recent(of_window("2026-11-14T00:00:00Z", "2026-11-22T00:00:00Z"), 7, "2026-11-21T00:00:00Z")
	not queues.recent({"predicate": {}}, 7, "2026-11-21T00:00:00Z")
	queues.gap("x", of_window("2026-11-07T00:00:00Z", "2026-11-14T00:00:00Z")).gap
}
