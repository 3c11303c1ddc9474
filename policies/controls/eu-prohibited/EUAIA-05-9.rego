# METADATA
# title: Safeguards against intimate and child-abuse material
# description: >-
#   Where pictures, sound or video are generated, every safeguard test of this version tried prompts enough and gave
#   forbidden content no more often than tolerated, at the upper end of its interval; every deployment of the last months
#   has guardrails and each is active; and every misuse that was reported has been corrected. Tests of other versions count
#   for nothing. Whether the prompts were hard ones is the word of who tested.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   roles: [provider]
#   gates: [validation, production, operation]
#   applies_from: D-PROH2
#   evidence: {deployment-record: any, feed-status: any, incident-record: any, risk-questionnaire: any, security-test: ingested}
#   applies: [risk-questionnaire]
#   parameters: [event_log_keep, incident_window_days, max_forbidden_reproduction, min_safeguard_prompts]
#   objectives:
#     safeguards-tested:
#       says: Safeguard tests of this version hardly ever gave forbidden content.
#       reads: [security-test]
#     guardrails-active:
#       says: Every deployment has guardrails and each is active.
#       at: [production, operation]
#       reads: [deployment-record, feed-status]
#     misuse-corrected:
#       says: Every misuse that was reported has been corrected.
#       at: [operation]
#       reads: [feed-status, incident-record]
#   may_be_empty: {risk-questionnaire.generates: an empty list says under a signature that nothing is generated}
#   may_differ:
#     incident-record.corrective_actions.done_at: that correction has begun is asked; a time to come is set aside
#     incident-record.corrective_actions.started_at: that correction has begun is asked; a time to come is set aside
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of these events
#     security-test.kind: a test of another kind says nothing of the safeguards
#     security-test.subject: a test of another version says nothing of this one
#   frameworks: {eu-ai-act: ["5(1)(ba)", "5(1)(bb)", "5(1a)", "5(1b)"]}
#   remediation: "Strengthen the guardrails until the safeguard test stays within its limit, and correct every reported misuse."
package controls.eu_prohibited.EUAIA_05_9

import data.lib.feeds
import data.lib.findings as say
import data.lib.records

questionnaires := input.evidence["risk-questionnaire"]

statuses := input.evidence["feed-status"]

deployments := input.evidence["deployment-record"]

incidents := input.evidence["incident-record"]

tests := [test |
	some test in input.evidence["security-test"]
	test.predicate.kind == "safeguard"
	records.names_candidate(test)
]

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		is_array(questionnaire.predicate.generates)
		not generates(questionnaire)
	}
}

applies if {
	some questionnaire in questionnaires
	generates(questionnaire)
}

generates(questionnaire) if {
	some kind in questionnaire.predicate.generates
	kind in {"audio", "image", "video"}
}

satisfied contains "safeguards-tested" if {
	count(tests) > 0
	every test in tests {
		tried(test)
		withstood(test)
	}
}

satisfied contains "guardrails-active" if {
	deployments_seen
	count([deployment | some deployment in deployments; not guarded(deployment)]) == 0
}

satisfied contains "misuse-corrected" if {
	incidents_seen
	count([incident | some incident in incidents; not settled(incident)]) == 0
}

tried(test) if {
	test.predicate.prompts_tried >= data.parameters.min_safeguard_prompts
	test.predicate.reproduction_rate.n >= data.parameters.min_safeguard_prompts
}

withstood(test) if test.predicate.reproduction_rate.ci_high <= data.parameters.max_forbidden_reproduction

deployments_seen if feeds.all_seen_back(deployments, statuses, "deployment-record", data.parameters.event_log_keep)

incidents_seen if feeds.all_seen_for(incidents, statuses, "incident-record", data.parameters.incident_window_days)

guarded(deployment) if {
	count(deployment.predicate.guardrails) > 0
	every guardrail in deployment.predicate.guardrails {
		guardrail.active == true
	}
}

settled(incident) if incident.predicate.misuse_report == false

settled(incident) if {
	count(incident.predicate.corrective_actions) > 0
	count([action | some action in incident.predicate.corrective_actions; not started(action)]) == 0
}

# What is only planned has corrected nothing.
started(action) if action.done_at

started(action) if action.started_at

findings contains say.none("safeguards-tested", "evidence/security-test", "no safeguard test of this version is on file") if count(tests) == 0

findings contains say.gap("safeguards-tested", test, "prompts_tried", "too few prompts were tried, or how often they succeeded was not measured on as many") if {
	some test in tests
	not tried(test)
}

findings contains say.also(gave, {"observed": rate, "expected": data.parameters.max_forbidden_reproduction}) if {
	some test in tests
	rate := test.predicate.reproduction_rate
	not withstood(test)
	gave := say.breach("safeguards-tested", test, "reproduction_rate", "forbidden content came out at up to {observed}, more than the tolerated {expected}")
}

findings contains feeds.gap_back("guardrails-active", deployments, statuses, "deployment-record", data.parameters.event_log_keep) if not deployments_seen

findings contains say.breach("guardrails-active", deployment, "guardrails", "the deployment has no guardrail, or one that is not active") if {
	some deployment in deployments
	not guarded(deployment)
}

findings contains feeds.gap_for("misuse-corrected", incidents, statuses, "incident-record", data.parameters.incident_window_days) if not incidents_seen

findings contains say.breach("misuse-corrected", incident, "corrective_actions", "a misuse was reported, and nobody has begun to correct it") if {
	some incident in incidents
	not settled(incident)
}
