# METADATA
# title: Concerning outputs escalated to people
# description: >-
#   A procedure for ethical concerns names the reviewer, the queue for them is answered in time, and every queue keeps its
#   cases in a case system that the organisation approved, each with a reference. The organisation names these systems. All figures are of
#   a whole recent window.
# custom:
#   severity: major
#   basis: policy
#   mode: hybrid
#   gates: [operation]
#   evidence: [runbook, review-queue-stats]
#   parameters: [case_systems, ethics_review_minutes, min_live_window_days]
#   objectives:
#     concerns-reviewed:
#       says: A named person reviews ethical concerns, and they are answered in time.
#       covers: [S1.M4.5]
#     cases-in-system:
#       says: Every case is kept in an approved case system and has a reference.
#       covers: [S3.M6.2]
#       reads: [review-queue-stats]
#   may_stand_beside:
#     runbook.scenario: a procedure for something else says nothing of ethical concerns
#     review-queue-stats.queue: another queue says nothing of the one for ethical concerns
#   frameworks: {nist-ai-rmf: ["MEASURE 3.3"], iso-42001: ["A.3.3"]}
#   remediation: Name a reviewer for ethical concerns and escalate inside the case system.
package controls.oversight.HO_04

import data.lib.findings as say
import data.lib.queues as queues_of

queues := input.evidence["review-queue-stats"]

books := [book | some book in input.evidence.runbook; book.predicate.scenario == "ethical-concern"]

of_concerns := [queue | some queue in queues; queue.predicate.queue == "ethical-concern"]

satisfied contains "concerns-reviewed" if {
	count(books) > 0
	every book in books {
		reviewer_named(book)
	}
	count(of_concerns) > 0
	every queue in of_concerns {
		queue.predicate.turnaround_p95_minutes <= data.parameters.ethics_review_minutes
		queues_of.recent(queue, data.parameters.min_live_window_days, input.now)
	}
}

satisfied contains "cases-in-system" if {
	count(queues) > 0
	every queue in queues {
		queue.predicate.case_system in data.parameters.case_systems
		queue.predicate.cases_without_reference == 0
		queues_of.recent(queue, data.parameters.min_live_window_days, input.now)
	}
}

reviewer_named(book) if {
	some duty in book.predicate.roles
	duty.role == "reviewer"
}

findings contains say.none("concerns-reviewed", "evidence/runbook", "no current procedure is for ethical concerns") if count(books) == 0

findings contains say.none("concerns-reviewed", "evidence/review-queue-stats", "no figures tell of a queue for ethical concerns") if count(of_concerns) == 0

findings contains say.gap("concerns-reviewed", book, "roles", "the procedure names no reviewer") if {
	some book in books
	not reviewer_named(book)
}

findings contains say.also(slow, {"observed": queue.predicate.turnaround_p95_minutes, "expected": data.parameters.ethics_review_minutes}) if {
	some queue in of_concerns
	queue.predicate.turnaround_p95_minutes > data.parameters.ethics_review_minutes
	slow := say.breach("concerns-reviewed", queue, "turnaround_p95_minutes", "concerns wait {observed} minutes for a person, and {expected} are allowed")
}

findings contains say.also(elsewhere, {"observed": queue.predicate.case_system, "expected": data.parameters.case_systems}) if {
	some queue in queues
	not queue.predicate.case_system in data.parameters.case_systems
	elsewhere := say.breach("cases-in-system", queue, "case_system", "{observed} is no case system that the organisation approved")
}

findings contains say.also(loose, {"observed": queue.predicate.cases_without_reference}) if {
	some queue in queues
	queue.predicate.cases_without_reference > 0
	loose := say.breach("cases-in-system", queue, "cases_without_reference", "{observed} cases have no reference in the case system")
}

findings contains queues_of.gap("concerns-reviewed", queue) if {
	some queue in of_concerns
	not queues_of.recent(queue, data.parameters.min_live_window_days, input.now)
}

findings contains queues_of.gap("cases-in-system", queue) if {
	some queue in queues
	not queues_of.recent(queue, data.parameters.min_live_window_days, input.now)
}
