package lib.deployments_test

import data.lib.deployments

of_file(digest) := {"predicate": {"artifact_digest": digest}}

test_the_file_is_the_candidate if {
	found := deployments.of_candidate([of_file("c"), of_file("e")]) with input.subject.digest as "c"
	found == [of_file("c")]
}

status(start, number) := {
	"filed_at": "2026-11-20T06:00:00Z",
	"predicate": {
		"feed": "deployment-record",
		"count": number,
		"complete": true,
		"window": {"start": start, "end": "2026-11-20T00:00:00Z"},
	},
}

test_thirty_days if {
	deployments.all_seen([], [status("2026-10-21T00:00:00Z", 0)])
	not deployments.all_seen([], [status("2026-10-21T00:00:01Z", 0)])
	not deployments.all_seen([], [status("2026-10-21T00:00:00Z", 1)])
	not deployments.all_seen([], [])
}
