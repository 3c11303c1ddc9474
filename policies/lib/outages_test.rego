package lib.outages_test

import data.lib.outages

incident(more) := {"predicate": object.union({"outage": false, "category": "complaint"}, more)}

test_an_incident_that_is_no_outage if count(outages.among([incident({})])) == 0

test_every_other_incident_is_an_outage if {
	every more in [{"outage": true}, {"category": "Partial Outage"}, {"category": "n/a"}, {"fallback_engaged_at": "2026-11-18T10:00:00Z"}] {
		count(outages.among([incident(more)])) == 1
	}
	count(outages.among([{"predicate": {"category": "complaint"}}])) == 1
	count(outages.among([{"predicate": {"outage": false}}])) == 1
}
