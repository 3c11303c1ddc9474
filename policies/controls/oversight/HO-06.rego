# METADATA
# title: Reviewers calibrated
# description: >-
#   Developers and reviewers compared cases lately, and in every queue two reviewers or more agree often enough over a whole recent window; one
#   reviewer alone agrees with nobody. That the session was held is the word of who signed it.
# custom:
#   severity: minor
#   basis: policy
#   mode: hybrid
#   gates: [operation]
#   evidence: [statement:calibration-session, review-queue-stats]
#   parameters: [calibration_days, min_live_window_days, min_reviewer_agreement]
#   objectives:
#     calibrated:
#       says: A calibration session was held lately, and reviewers agree often enough.
#       covers: [S3.M6.8]
#   may_stand_beside: {"statement:calibration-session.issued_at": "sessions are repeated, and an older one takes nothing from the last"}
#   frameworks: {eu-ai-act: ["14"], nist-ai-rmf: ["GOVERN 3.2", "MAP 3.5"], iso-42001: ["A.9.2"]}
#   remediation: Hold the calibration session and raise the agreement between reviewers.
package controls.oversight.HO_06

import data.lib.findings as say
import data.lib.queues as queues_of
import data.lib.time as calendar

sessions := input.evidence["statement:calibration-session"]

queues := input.evidence["review-queue-stats"]

satisfied contains "calibrated" if {
	count(sessions) > 0
	every session in sessions {
		session.predicate.facts.cases > 0
	}
	recently_held
	count(queues) > 0
	every queue in queues {
		agree(queue)
		queues_of.recent(queue, data.parameters.min_live_window_days, input.now)
	}
}

# Sessions are held again and again: one of them is recent.
recently_held if {
	some session in sessions
	calendar.within_days(session.issued_at, data.parameters.calibration_days, input.now)
}

agree(queue) if {
	count({reviewer.id | some reviewer in queue.predicate.reviewers}) > 1
	queue.predicate.reviewer_agreement >= data.parameters.min_reviewer_agreement
}

findings contains say.gap("calibrated", session, "facts.cases", "the session compared no cases") if {
	some session in sessions
	session.predicate.facts.cases == 0
}

findings contains say.also(old, {"expected": data.parameters.calibration_days}) if {
	count(sessions) > 0
	not recently_held
	old := say.none("calibrated", "issued_at", "no session was signed within {expected} days")
}

findings contains say.also(apart, {"observed": queue.predicate.reviewer_agreement, "expected": data.parameters.min_reviewer_agreement}) if {
	some queue in queues
	not agree(queue)
	apart := say.breach("calibrated", queue, "reviewer_agreement", "fewer than two reviewers, or an agreement of {observed} below {expected}")
}

findings contains queues_of.gap("calibrated", queue) if {
	some queue in queues
	not queues_of.recent(queue, data.parameters.min_live_window_days, input.now)
}
