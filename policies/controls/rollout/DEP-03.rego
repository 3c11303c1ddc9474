# METADATA
# title: Switchover without downtime or lost state
# description: >-
#   Each deployment of the version names a standby, keeps former versions answering, and lies in the window of an
#   availability report, of an hour to a week, that is at its floor; where the switch is blue-green the standby is another
#   environment than that of the version. Where the model learns online, or a deployment holds state, all deployments of
#   the release hold the same state and a restore of state was exercised. That it does not learn online is the
#   questionnaire's word.
# custom:
#   severity: major
#   basis: policy
#   gates: [production, operation]
#   evidence: [deployment-record, feed-status, resilience-test, risk-questionnaire, slo-report]
#   parameters: [min_availability, min_warm_versions]
#   objectives:
#     standby-kept:
#       says: "Each deployment names a standby, and the service was available while it took place."
#       at: [production]
#       covers: [S2.M4.2]
#       reads: [deployment-record, feed-status, slo-report]
#     state-carried:
#       says: "A model that keeps state has the same in every deployment of a release, and its restore was exercised."
#       covers: [S2.M4.7]
#       reads: [deployment-record, feed-status, resilience-test, risk-questionnaire]
#     versions-warm:
#       says: "Enough versions answer at the same time, and the service was available while versions were switched."
#       at: [production]
#       covers: [S4.M2.2]
#       reads: [deployment-record, feed-status, slo-report]
#   may_stand_beside:
#     deployment-record.artifact_digest: the deployment of another version is judged with that version
#     feed-status.feed: another feed says nothing of deployments
#     resilience-test.scenario: a drill of another scenario says nothing of state
#     slo-report.objective: a report on another objective says nothing of availability
#     slo-report.window.end: a report on another time says nothing of the switch
#     slo-report.window.start: a report on another time says nothing of the switch
#   frameworks: {nist-ai-rmf: ["MANAGE 1.1"], iso-42001: ["A.6.2.5"]}
#   remediation: Keep a standby version addressable and synchronise state before switching.
package controls.rollout.DEP_03

import data.lib.deployments
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

deployed := input.evidence["deployment-record"]

ours := deployments.of_candidate(deployed)

questionnaires := input.evidence["risk-questionnaire"]

whole if deployments.all_seen(deployed, input.evidence["feed-status"])

reports := [report | some report in input.evidence["slo-report"]; report.predicate.objective == "availability"]

restores := [test | some test in input.evidence["resilience-test"]; test.predicate.scenario == "state-restore"]

satisfied contains "standby-kept" if {
	whole
	count(ours) > 0
	every deployment in ours {
		has_standby(deployment)
		available(deployment)
	}
}

satisfied contains "versions-warm" if {
	whole
	count(ours) > 0
	every deployment in ours {
		warm(deployment)
		available(deployment)
	}
}

satisfied contains "state-carried" if {
	whole
	stateless
}

satisfied contains "state-carried" if {
	whole
	count(questionnaires) > 0
	count(ours) > 0
	every deployment in ours {
		records.named(deployment.predicate.checkpoint_digest)
		count(states_of(deployment)) == 1
	}
	count(restores) > 0
	every test in restores {
		test.predicate.passed == true
	}
}

stateless if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.learns_online == false
	}
	count([deployment | some deployment in ours; holds_state(deployment)]) == 0
}

holds_state(deployment) if deployment.predicate.checkpoint_digest

# The states of the deployments of the same release.
states_of(deployment) := {other.predicate.checkpoint_digest |
	some other in ours
	other.predicate.release_id == deployment.predicate.release_id
}

has_standby(deployment) if {
	records.named(deployment.predicate.previous_environment)
	stands_apart(deployment)
}

stands_apart(deployment) if deployment.predicate.strategy in {"canary", "shadow", "rolling", "rollback", "direct"}

stands_apart(deployment) if {
	deployment.predicate.strategy == "blue-green"
	deployment.predicate.previous_environment != deployment.predicate.environment
}

warm(deployment) if deployment.predicate.addressable_versions >= data.parameters.min_warm_versions

# The reports in whose window the switch lies.
covering(deployment) := [report |
	some report in reports
	report.predicate.window.start <= deployment.predicate.started_at
	deployment.predicate.started_at < report.predicate.window.end
	tells(report.predicate.window)
]

# Longer than an hour, and not so long that an hour without service would not be seen.
tells(window) if {
	window.start < window.end
	not calendar.at_most_minutes_between(window.start, window.end, 60)
	calendar.at_most_days_between(window.start, window.end, 7)
}

available(deployment) if {
	count(covering(deployment)) > 0
	every report in covering(deployment) {
		report.predicate.higher_is_better == true
		data.parameters.min_availability <= report.predicate.actual
		report.predicate.actual <= 1
	}
}

findings contains deployments.gap(objective, deployed, input.evidence["feed-status"]) if {
	not whole
	some objective in ["standby-kept", "state-carried", "versions-warm"]
}

findings contains say.none(objective, "evidence/deployment-record", "the version was not deployed yet, so that no switch was exercised") if {
	count(ours) == 0
	some objective in ["standby-kept", "versions-warm"]
}

findings contains say.breach("standby-kept", deployment, "previous_environment", "the deployment names no standby, or itself") if {
	some deployment in ours
	not has_standby(deployment)
}

findings contains say.also(cold, {"observed": deployment.predicate.addressable_versions, "expected": data.parameters.min_warm_versions}) if {
	some deployment in ours
	not warm(deployment)
	cold := say.breach("versions-warm", deployment, "addressable_versions", "{observed} versions answer at the same time, {expected} are asked for")
}

findings contains say.gap(objective, deployment, "started_at", "no availability report covers the time of the switch") if {
	some deployment in ours
	count(covering(deployment)) == 0
	some objective in ["standby-kept", "versions-warm"]
}

findings contains say.also(down, {"expected": data.parameters.min_availability}) if {
	some deployment in ours
	count(covering(deployment)) > 0
	not available(deployment)
	some objective in ["standby-kept", "versions-warm"]
	down := say.breach(objective, deployment, "started_at", "while the version was switched the service was available for less than {expected}")
}

findings contains say.none("state-carried", "evidence/resilience-test", "the restore of state was not exercised") if {
	count(questionnaires) > 0
	not stateless
	count(restores) == 0
}

findings contains say.breach("state-carried", test, "passed", "the restore of state failed") if {
	not stateless
	some test in restores
	test.predicate.passed == false
}

findings contains say.breach("state-carried", deployment, "checkpoint_digest", "deployments of one release hold different states, or one holds none") if {
	count(questionnaires) > 0
	not stateless
	some deployment in ours
	not one_state(deployment)
}

one_state(deployment) if {
	holds_state(deployment)
	count(states_of(deployment)) == 1
}
