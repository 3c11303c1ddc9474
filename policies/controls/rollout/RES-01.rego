# METADATA
# title: "Fallback documented, tested and used"
# description: >-
#   A signed procedure says in ordered steps what happens when the model does not answer, and another with which rules the
#   service goes on when it is weak; each step says what triggers it and which service is acceptable, which its signer stands
#   for. Every test of the failure of this version passed, lately and by an accepted mechanism, of rules or people at
#   production. Every outage engaged the fallback in time; an outage is an incident that does not say that it was none, one
#   whose category holds that word, and one in which a fallback was engaged.
# custom:
#   severity: major
#   basis: policy
#   mode: hybrid
#   gates: [registration, staging, production, operation, incident]
#   evidence: [feed-status, incident-record, resilience-test, runbook]
#   parameters: [fallback_max_minutes, fallback_mechanisms, incident_window_days, resilience_test_days]
#   objectives:
#     fallback-tested:
#       says: "Every late test of the failure of the model passed, by an accepted mechanism."
#       at: [production, operation]
#       covers: [S0.M4.7]
#       reads: [resilience-test]
#     other-path-ready:
#       says: A path by rules or people is described and was tested with this version.
#       at: [production]
#       covers: [S1.M8.2]
#       reads: [resilience-test, runbook]
#     degradation-agreed:
#       says: "It is agreed, in ordered steps, what happens when the model does not answer."
#       at: [registration, staging]
#       covers: [S2.M1.4]
#       reads: [runbook]
#     fallback-engaged:
#       says: Every outage engaged the fallback in time.
#       at: [incident]
#       covers: [S2.M8.5]
#       reads: [feed-status, incident-record]
#     substitute-rules-described:
#       says: "A procedure with an owner describes the substitute rules of a service that is weak, and what starts them."
#       at: [production]
#       covers: [S4.M8.5]
#       reads: [runbook]
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of incidents
#     resilience-test.scenario: a test of another scenario says nothing of the fallback
#     runbook.scenario: a procedure for something else says nothing of the fallback
#   frameworks: {nist-ai-rmf: ["MANAGE 2.3", "MANAGE 2.4"], eu-ai-act: ["15(4)"]}
#   remediation: Write the fallback procedure and test it with the current version.
package controls.rollout.RES_01

import data.lib.feeds
import data.lib.findings as say
import data.lib.outages
import data.lib.records
import data.lib.time as calendar

tests := [test | some test in input.evidence["resilience-test"]; test.predicate.scenario == "model-unavailable"]

books(scenario) := [book | some book in input.evidence.runbook; book.predicate.scenario == scenario]

incidents := input.evidence["incident-record"]

whole if feeds.all_seen_for(incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days)

satisfied contains "fallback-tested" if {
	count(tests) > 0
	every test in tests {
		works(test)
		test.predicate.mechanism in data.parameters.fallback_mechanisms
	}
}

satisfied contains "other-path-ready" if {
	described("model-unavailable")
	count(tests) > 0
	every test in tests {
		works(test)
	}
	count([test | some test in tests; test.predicate.mechanism in {"business-rules", "manual"}]) > 0
}

satisfied contains "degradation-agreed" if described("model-unavailable")

satisfied contains "substitute-rules-described" if described("service-degraded")

satisfied contains "fallback-engaged" if {
	whole
	count([incident | some incident in cut_off; not engaged(incident)]) == 0
}

works(test) if {
	test.predicate.passed == true
	calendar.within_days(test.predicate.performed_at, data.parameters.resilience_test_days, input.now)
}

# Two steps at least: what starts it, and where it leads; and somebody who holds a role in it.
described(scenario) if {
	count(books(scenario)) > 0
	every book in books(scenario) {
		complete(book)
	}
}

complete(book) if {
	count(book.predicate.steps) > 1
	records.all_filled(book.predicate.steps)
	count([duty | some duty in book.predicate.roles; records.named(duty.holder.id)]) > 0
}

cut_off := outages.among(incidents)

engaged(incident) if {
	calendar.at_most_minutes_between(incident.predicate.detected_at, incident.predicate.fallback_engaged_at, data.parameters.fallback_max_minutes)
}

findings contains feeds.gap_for("fallback-engaged", incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if {
	not whole
	input.gate == "incident"
}

findings contains say.also(late, {"observed": incident.predicate.detected_at, "expected": data.parameters.fallback_max_minutes}) if {
	input.gate == "incident"
	some incident in cut_off
	not engaged(incident)
	late := say.breach("fallback-engaged", incident, "fallback_engaged_at", "no fallback was engaged within {expected} minutes of {observed}")
}

findings contains say.none(objective, "evidence/resilience-test", "no current test of this version tried the failure of the model") if {
	count(tests) == 0
	some objective in by_tests
}

findings contains say.also(failed, {"observed": test.predicate.performed_at}) if {
	some test in tests
	not works(test)
	some objective in by_tests
	failed := say.breach(objective, test, "passed", "the test of {observed} failed, or is too long ago")
}

by_tests := ["fallback-tested", "other-path-ready"] if input.gate == "production"

by_tests := ["fallback-tested"] if input.gate == "operation"

findings contains say.also(unknown, {"observed": test.predicate.mechanism, "expected": data.parameters.fallback_mechanisms}) if {
	input.gate in {"production", "operation"}
	some test in tests
	not test.predicate.mechanism in data.parameters.fallback_mechanisms
	unknown := say.breach("fallback-tested", test, "mechanism", "the fallback by {observed} is not an accepted one")
}

scenarios := {
	"other-path-ready": "model-unavailable",
	"degradation-agreed": "model-unavailable",
	"substitute-rules-described": "service-degraded",
}

asked_here := {"other-path-ready", "substitute-rules-described"} if input.gate == "production"

asked_here := {"degradation-agreed"} if input.gate in {"registration", "staging"}

findings contains say.also(absent, {"values": {"scenario": scenario}}) if {
	some objective, scenario in scenarios
	objective in asked_here
	count(books(scenario)) == 0
	absent := say.none(objective, "evidence/runbook", "there is no current procedure for {scenario}")
}

findings contains say.gap(objective, book, "steps", "the procedure has no ordered steps, or nobody holds a role in it") if {
	some objective, scenario in scenarios
	objective in asked_here
	some book in books(scenario)
	not complete(book)
}
