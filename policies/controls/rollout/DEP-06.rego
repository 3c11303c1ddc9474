# METADATA
# title: Kill switch works for each capability
# description: >-
#   Every deployment of the version has a switch for each capability that the organisation wants
#   to be able to switch off, and every drill of the switch worked, lately. The organisation has to name its capabilities:
#   an empty list passes nothing. That a flag is a switch, and that a drill turned each, is the collector's word.
# custom:
#   severity: major
#   basis: policy
#   gates: [canary, operation]
#   evidence: [deployment-record, feed-status, resilience-test]
#   parameters: [resilience_test_days, switchable_capabilities]
#   objectives:
#     switches-in-place:
#       says: "Every deployment has a switch for each capability that is to be switchable."
#       covers: [S3.M3.5]
#       reads: [deployment-record, feed-status]
#     switches-work: {says: Every drill of the kill switch worked lately., covers: [S3.M3.5], reads: [resilience-test]}
#   may_stand_beside:
#     deployment-record.artifact_digest: the deployment of another version is judged with that version
#     feed-status.feed: another feed says nothing of deployments
#     resilience-test.scenario: a drill of another scenario says nothing of the switch
#   frameworks: {nist-ai-rmf: ["MANAGE 2.4"], iso-42001: ["A.6.2.6"], eu-ai-act: ["14(4)(e)"]}
#   remediation: Add the missing switch and test it.
package controls.rollout.DEP_06

import data.lib.deployments
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

deployed := input.evidence["deployment-record"]

ours := deployments.of_candidate(deployed)

whole if deployments.all_seen(deployed, input.evidence["feed-status"])

drills := [test | some test in input.evidence["resilience-test"]; test.predicate.scenario == "kill-switch"]

satisfied contains "switches-in-place" if {
	whole
	count(ours) > 0
	every deployment in ours {
		records.covers(deployment.predicate.flags, data.parameters.switchable_capabilities)
	}
}

satisfied contains "switches-work" if {
	count(drills) > 0
	every test in drills {
		test.predicate.passed == true
		recent(test)
	}
}

recent(test) if calendar.within_days(test.predicate.performed_at, data.parameters.resilience_test_days, input.now)

findings contains deployments.gap("switches-in-place", deployed, input.evidence["feed-status"]) if not whole

findings contains say.none("switches-in-place", "evidence/deployment-record", "the version is not deployed") if count(ours) == 0

findings contains say.also(absent, {"values": {"capability": capability}}) if {
	some deployment in ours
	some capability in data.parameters.switchable_capabilities
	not capability in deployment.predicate.flags
	absent := say.breach("switches-in-place", deployment, "flags", "the deployment has no switch for {capability}")
}

findings contains say.none("switches-in-place", "parameters/switchable_capabilities", "the organisation named no capability that is to be switchable") if {
	count(data.parameters.switchable_capabilities) == 0
}

findings contains say.none("switches-work", "evidence/resilience-test", "no current drill of this version tried the kill switch") if count(drills) == 0

findings contains say.breach("switches-work", test, "passed", "the drill of the kill switch failed") if {
	some test in drills
	test.predicate.passed == false
}

findings contains say.also(old, {"observed": test.predicate.performed_at}) if {
	some test in drills
	not recent(test)
	old := say.gap("switches-work", test, "performed_at", "the drill is too long ago")
}
