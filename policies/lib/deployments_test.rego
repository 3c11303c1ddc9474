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

begun(environment, started) := {"predicate": {"environment": environment, "started_at": started}}

test_what_runs_in_production_had_begun if {
	runs := begun("production", "2026-11-20T00:00:00Z")
	deployments.begun_by([runs], "2026-11-20T00:00:00Z") == [runs]
	deployments.begun_by([runs], "2026-11-19T23:59:59Z") == []
	deployments.begun_by([begun("staging", "2026-11-20T00:00:00Z")], "2026-11-21T00:00:00Z") == []
	deployments.begun_by([begun("Test-eu", "2026-11-20T00:00:00Z")], "2026-11-21T00:00:00Z") == []
}

test_no_name_of_production_hides_what_runs if {
	every name in ["Production", "production-eu", "prod", "canary", "live"] {
		count(deployments.begun_by([begun(name, "2026-11-20T00:00:00Z")], "2026-11-21T00:00:00Z")) == 1
	}
}

test_what_began_nobody_knows_when_had_begun if {
	unknown := {"predicate": {"environment": "production"}}
	deployments.begun_by([unknown], "2026-11-20T00:00:00Z") == [unknown]
}

test_a_deployment_without_its_file_is_told_before_the_feed if {
	deployment := {"id": "d", "predicate": {"artifact_digest": "n/a"}}
	deployments.gap("o", [deployment], []).evidence == "d"
	startswith(deployments.gap("o", [], []).message, "no current feed-status of {feed}")
}
