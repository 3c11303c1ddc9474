# METADATA
# title: Service objectives agreed and met
# description: >-
#   Latency, availability and throughput each have a target, which is met with error budget left and is no weaker than the
#   signed agreement; features are read in time; and the agreement was filed before the first training began. Read
#   strictly: every report of these objectives counts, in the direction that the objective has by nature, over a day at
#   least, and of the week before it was collected.
# custom:
#   severity: major
#   basis: policy
#   mode: hybrid
#   gates: [registration, production, operation]
#   evidence: [slo-report, statement:service-agreement, training-run]
#   objectives:
#     features-in-time:
#       says: Features are read within the target.
#       at: [operation]
#       covers: [S1.M2.7]
#       reads: [slo-report]
#     targets-met:
#       says: "Latency, availability and throughput have targets, and meet them with error budget left."
#       at: [production, operation]
#       covers: [S1.M5.7]
#       reads: [slo-report]
#     targets-as-agreed:
#       says: The targets are no weaker than what was promised.
#       at: [production, operation]
#       covers: [S1.M5.7]
#       reads: [slo-report, statement:service-agreement]
#     agreed-before-building:
#       says: "Accuracy, response time and availability were promised before the first training."
#       at: [registration]
#       covers: [S4.M1.3]
#       reads: [statement:service-agreement, training-run]
#   may_stand_beside:
#     slo-report.objective: a report on another objective says nothing of these
#   frameworks: {nist-ai-rmf: ["MEASURE 2.4"], iso-42001: ["A.6.2.6"]}
#   remediation: Agree the objectives and bring the service back within its error budget.
package controls.serving.SLO_01

import data.lib.findings as say
import data.lib.time as calendar

agreements := input.evidence["statement:service-agreement"]

trainings := input.evidence["training-run"]

# Objectives of which more is better, and of which less is.
higher := {"availability", "throughput"}

lower := {"latency", "feature-retrieval-latency"}

reports(objective) := [report |
	some report in input.evidence["slo-report"]
	report.predicate.objective == objective
]

satisfied contains "features-in-time" if all_met("feature-retrieval-latency")

satisfied contains "targets-met" if {
	all_met("latency")
	all_met("availability")
	all_met("throughput")
}

satisfied contains "targets-as-agreed" if {
	count(agreements) > 0
	count(reports("latency")) > 0
	count(reports("availability")) > 0
	every agreement in agreements {
		every report in reports("latency") {
			report.predicate.target <= agreement.predicate.facts.response_ms
		}
		every report in reports("availability") {
			report.predicate.target >= agreement.predicate.facts.uptime
		}
	}
}

satisfied contains "agreed-before-building" if {
	count(agreements) > 0
	count(trainings) > 0
	every agreement in agreements {
		promises(agreement.predicate.facts)
		every training in trainings {
			agreement.filed_at < training.predicate.started_at
		}
	}
}

# A promise of nothing is none.
promises(facts) if {
	facts.accuracy > 0
	facts.uptime > 0
	facts.response_ms > 0
}

all_met(objective) if {
	count(reports(objective)) > 0
	every report in reports(objective) {
		met(report.predicate)
		of_now(report)
	}
}

# Over a day at least, and of the week before it was collected.
of_now(report) if {
	calendar.at_least_days_between(report.predicate.window.start, report.predicate.window.end, 1)
	calendar.at_most_days_between(report.predicate.window.end, report.collected_at, 7)
}

met(report) if {
	report.objective in higher
	report.higher_is_better == true
	report.target > 0
	report.actual >= report.target
	report.error_budget_left >= 0
}

met(report) if {
	report.objective in lower
	report.higher_is_better == false
	report.actual >= 0
	report.actual <= report.target
	report.error_budget_left >= 0
}

findings contains say.also(open, {"values": {"name": name}}) if {
	some objective, names in {"features-in-time": ["feature-retrieval-latency"], "targets-met": ["latency", "availability", "throughput"], "targets-as-agreed": ["latency", "availability"]}
	some name in names
	count(reports(name)) == 0
	open := say.none(objective, "evidence/slo-report", "there is no report on {name}")
}

findings contains say.also(missed, {"observed": report.predicate.actual, "expected": report.predicate.target, "values": {"name": name}}) if {
	some objective, names in {"features-in-time": ["feature-retrieval-latency"], "targets-met": ["latency", "availability", "throughput"]}
	some name in names
	some report in reports(name)
	not met(report.predicate)
	missed := say.breach(objective, report, "actual", "{name} is {observed} where {expected} is the target, has spent its error budget, or is judged in the wrong direction")
}

findings contains say.gap(objective, report, "window", "the report is of less than a day, or of long before it was collected") if {
	some objective, names in {"features-in-time": ["feature-retrieval-latency"], "targets-met": ["latency", "availability", "throughput"]}
	some name in names
	some report in reports(name)
	not of_now(report)
}

findings contains say.also(weak, {"observed": report.predicate.target, "values": {"name": name}}) if {
	some agreement in agreements
	some name in ["latency", "availability"]
	some report in reports(name)
	weaker(name, report.predicate.target, agreement.predicate.facts)
	weak := say.breach("targets-as-agreed", report, "target", "the target of {name}, {observed}, is weaker than what was promised")
}

weaker(name, target, facts) if {
	name == "latency"
	target > facts.response_ms
}

weaker(name, target, facts) if {
	name == "availability"
	target < facts.uptime
}

findings contains say.also(late, {"observed": agreement.filed_at, "expected": training.predicate.started_at}) if {
	some agreement in agreements
	some training in trainings
	agreement.filed_at >= training.predicate.started_at
	late := say.breach("agreed-before-building", agreement, "facts", "the agreement was filed on {observed}, after training began on {expected}")
}
