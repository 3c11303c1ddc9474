# METADATA
# title: Rollback rehearsed within recovery target
# description: >-
#   The rollback from this version to another was rehearsed in staging of late, and each such rehearsal recovered in less
#   than the target. Rehearsals elsewhere, and former ones, take nothing away; nor does one that restores this very version,
#   which is no rollback. The times are those that the deployment controller measured.
# custom:
#   severity: major
#   basis: policy
#   gates: [staging, production]
#   evidence: [rollback-drill]
#   parameters: [rollback_drill_days, rollback_rto_seconds]
#   objectives:
#     recovers-in-time: {says: "Every late rehearsal of the rollback in staging recovered within the target.", covers: [S3.M5.4]}
#   may_stand_beside:
#     rollback-drill.environment: a rehearsal elsewhere says nothing of staging
#     rollback-drill.performed_at: a former rehearsal takes nothing away from a late one
#   frameworks: {nist-ai-rmf: ["MANAGE 2.4"], iso-42001: ["A.6.2.6"]}
#   remediation: Rehearse the rollback in staging and speed it up to its target.
package controls.rollout.RB_02

import data.lib.findings as say
import data.lib.time as calendar

drills := [drill |
	some drill in input.evidence["rollback-drill"]
	drill.predicate.environment == "staging"
	drill.predicate.target_digest != input.subject.digest
	calendar.within_days(drill.predicate.performed_at, data.parameters.rollback_drill_days, input.now)
]

satisfied contains "recovers-in-time" if {
	count(drills) > 0
	every drill in drills {
		drill.predicate.recovery_seconds < data.parameters.rollback_rto_seconds
	}
}

findings contains say.none("recovers-in-time", "environment", "the rollback to another version was not rehearsed in staging of late") if count(drills) == 0

findings contains say.also(slow, {"observed": drill.predicate.recovery_seconds, "expected": data.parameters.rollback_rto_seconds}) if {
	some drill in drills
	drill.predicate.recovery_seconds >= data.parameters.rollback_rto_seconds
	slow := say.breach("recovers-in-time", drill, "recovery_seconds", "the rollback took {observed} seconds, and less than {expected} are asked for")
}
