# METADATA
# title: Endpoints and streams protected from overload and outage
# description: >-
#   Every endpoint has a rate limit and a circuit breaker, every stream a rate limit and named consumers who authenticate,
#   and overload and outage were tried lately and withstood. A system that does not learn online and has no stream needs no
#   test of its outage; that it does not learn is the questionnaire's word, and a component of a kind that is not known
#   counts as an endpoint. Endpoint is whatever is neither store nor stream.
# custom:
#   severity: major
#   basis: policy
#   gates: [production, operation]
#   evidence: [access-policy, infra-config, resilience-test, risk-questionnaire]
#   parameters: [resilience_test_days]
#   objectives:
#     streams-withstand: {says: "Every stream is limited, and its outage was withstood.", covers: [S0.M2.8]}
#     endpoints-withstand:
#       says: "Every endpoint has a rate limit and a circuit breaker, and overload was withstood."
#       covers: [S2.M2.8]
#       reads: [infra-config, resilience-test]
#   may_stand_beside:
#     access-policy.resource: a right to another resource says nothing of the stream
#     access-policy.resource_kind: a right to something else says nothing of the stream
#     resilience-test.scenario: a test of another scenario says nothing of overload or outage
#   frameworks: {nist-ai-rmf: ["MANAGE 2.3"], eu-ai-act: ["15(4)"]}
#   remediation: Set rate limit and circuit breaker and repeat the outage test.
package controls.rollout.RES_02

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

components := input.evidence["infra-config"]

questionnaires := input.evidence["risk-questionnaire"]

streams := [component | some component in components; component.predicate.kind == "stream"]

endpoints := [component | some component in components; not keeps_or_carries(component)]

keeps_or_carries(component) if component.predicate.kind in {"store", "stream"}

tests(scenario) := [test | some test in input.evidence["resilience-test"]; test.predicate.scenario == scenario]

satisfied contains "endpoints-withstand" if {
	count(endpoints) > 0
	every endpoint in endpoints {
		guarded(endpoint)
	}
	withstood("overload")
}

satisfied contains "streams-withstand" if {
	count(questionnaires) > 0
	count(streams) > 0
	every stream in streams {
		metered(stream)
	}
	withstood("stream-outage")
}

satisfied contains "streams-withstand" if {
	count(components) > 0
	count(streams) == 0
	does_not_learn
}

does_not_learn if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.learns_online == false
	}
}

guarded(endpoint) if {
	endpoint.predicate.rate_limit > 0
	endpoint.predicate.circuit_breaker == true
}

metered(stream) if {
	stream.predicate.rate_limit > 0
	count(rights_on(stream)) > 0
	every right in rights_on(stream) {
		closed(right)
	}
}

rights_on(stream) := [right |
	some right in input.evidence["access-policy"]
	right.predicate.resource_kind == "stream"
	right.predicate.resource == stream.predicate.component
]

# Its consumers are named and show who they are.
closed(right) if {
	right.predicate.wildcard_principal == false
	count(right.predicate.principals) > 0
	every principal in right.predicate.principals {
		records.single(principal)
	}
	right.predicate.authentication in {"oauth2", "api-key", "mutual-tls", "oidc", "saml"}
}

withstood(scenario) if {
	count(tests(scenario)) > 0
	every test in tests(scenario) {
		test.predicate.passed == true
		calendar.within_days(test.predicate.performed_at, data.parameters.resilience_test_days, input.now)
	}
}

findings contains say.none("endpoints-withstand", "evidence/infra-config", "the configuration has no endpoint") if {
	count(components) > 0
	count(endpoints) == 0
}

findings contains say.also(open, {"observed": endpoint.predicate.component}) if {
	some endpoint in endpoints
	not guarded(endpoint)
	open := say.breach("endpoints-withstand", endpoint, "circuit_breaker", "the endpoint {observed} has no rate limit or no circuit breaker")
}

findings contains say.also(open, {"observed": stream.predicate.component}) if {
	count(questionnaires) > 0
	some stream in streams
	not metered(stream)
	open := say.breach("streams-withstand", stream, "rate_limit", "the stream {observed} has no rate limit, or its consumers are not limited to named ones who authenticate")
}

findings contains say.none("streams-withstand", "evidence/infra-config", "the system may learn online, and no stream that feeds it is configured") if {
	count(components) > 0
	count(streams) == 0
	not does_not_learn
}

asked := array.concat(["overload"], [scenario | count(streams) > 0; scenario := "stream-outage"])

objectives := {"overload": "endpoints-withstand", "stream-outage": "streams-withstand"}

findings contains say.also(untried, {"values": {"scenario": scenario}}) if {
	some scenario in asked
	count(tests(scenario)) == 0
	untried := say.none(objectives[scenario], "evidence/resilience-test", "no current test of this version tried {scenario}")
}

findings contains say.breach(objectives[scenario], test, "passed", "the test failed, or is too long ago") if {
	some scenario in asked
	not withstood(scenario)
	some test in tests(scenario)
}
