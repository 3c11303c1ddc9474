# METADATA
# title: Prediction log retention bounded by sensitivity
# description: >-
#   A log with personal payload that is not masked is of a class that goes within the days that the house allows, or, where the
#   law or the schedule keeps the class longer, is split, so that masked rows stay and the payload goes. Every log has a
#   schedule and shows no row that is older than its class keeps; every purge of these classes is done and leaves the
#   aggregate series. Read strictly: a log counts as personal by its own class or by its schedule, whichever says so. That a
#   purge leaves the aggregates is read from the words of its scope.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: [feed-status, prediction-log, purge-certificate, retention-schedule]
#   parameters: [eu_documentation_keep, event_log_keep, max_pii_log_days, retention_window_days]
#   objectives:
#     payload-goes-early:
#       says: "Personal payload that is not masked is kept for a short time, or split from what must stay."
#       covers: [S3.M4.8]
#       reads: [prediction-log, retention-schedule]
#     logs-bounded:
#       says: Every log has a keeping period and holds no row that is older.
#       covers: [S4.M4.5]
#       reads: [prediction-log, retention-schedule]
#     purges-leave-aggregates:
#       says: "Purges of logs that were due are done, and leave the aggregate series."
#       covers: [S4.M4.5]
#       reads: [feed-status, prediction-log, purge-certificate]
#   may_differ: {purge-certificate.completed_at: that the purge is done is asked; RET-02 judges when it was due}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of purges
#     retention-schedule.record_class: the schedule of another class says nothing of this one
#   frameworks: {gdpr: ["5(1)(e)"], eu-ai-act: ["19(1)", "26(6)"]}
#   remediation: "Shorten the class that holds personal payload, or split the record and keep only its masked part."
package controls.retention.RET_03

import data.lib.feeds
import data.lib.findings as say
import data.lib.text
import data.lib.time as calendar
import data.retention.schedule as retention

logs := input.evidence["prediction-log"]

certificates := input.evidence["purge-certificate"]

schedules(log) := [schedule |
	some schedule in input.evidence["retention-schedule"]
	schedule.predicate.record_class == log.predicate.retention_class
]

satisfied contains "payload-goes-early" if {
	count(logs) > 0
	every log in logs {
		masked_or_plain(log)
	}
}

satisfied contains "logs-bounded" if {
	count(logs) > 0
	every log in logs {
		bounded(log)
	}
}

satisfied contains "purges-leave-aggregates" if {
	count(logs) > 0
	whole
	count([certificate | some certificate in certificates; not proper(certificate)]) == 0
}

whole if feeds.all_seen_for(certificates, input.evidence["feed-status"], "purge-certificate", data.parameters.retention_window_days)

masked_or_plain(log) if log.predicate.pii_masked == true

masked_or_plain(log) if {
	log.predicate.data_class in {"public", "internal", "confidential"}
	count(schedules(log)) > 0
	every schedule in schedules(log) {
		schedule.predicate.personal == false
	}
}

masked_or_plain(log) if {
	count(schedules(log)) > 0
	every schedule in schedules(log) {
		short(schedule)
	}
}

limit := concat("", ["P", sprintf("%d", [data.parameters.max_pii_log_days]), "D"])

short(schedule) if calendar.lasts(limit, schedule.predicate.period)

# What must stay longer is split, so that the payload goes.
short(schedule) if {
	schedule.predicate.split_rule in {"hash-and-metrics-kept", "pseudonymised"}
	not retention.vague(schedule.predicate)
	some keep in retention.keeping(schedule.predicate)
	not calendar.lasts(limit, keep)
}

bounded(log) if {
	count(schedules(log)) > 0
	every schedule in schedules(log) {
		input.now <= last_day(log.predicate.at, schedule.predicate)
	}
}

# The period, or a minimum that goes beyond it.
last_day(at, schedule) := last if {
	untils := {until | some keep in array.concat([schedule.period], retention.keeping(schedule)); until := calendar.add(at, keep)}
	count(untils) > 0
	last := max(untils)
}

# A purge of the class of no log is judged elsewhere.
proper(certificate) if {
	count([log | some log in logs; certificate.predicate.record_class == log.predicate.retention_class]) == 0
	certificate.predicate.record_class
}

proper(certificate) if {
	done_or_ahead(certificate)
	count(certificate.predicate.scope) > 0
	every part in certificate.predicate.scope {
		not aggregate(part)
	}
}

done_or_ahead(certificate) if certificate.predicate.completed_at <= input.now

done_or_ahead(certificate) if {
	not certificate.predicate.completed_at
	input.now <= certificate.predicate.due_at
}

aggregate(part) if {
	some word in ["aggregate", "metric", "monitoring", "telemetry"]
	contains(text.lower(part), word)
}

findings contains say.also(open, {"observed": log.predicate.retention_class}) if {
	some log in logs
	not masked_or_plain(log)
	open := say.breach("payload-goes-early", log, "retention_class", "personal payload that is not masked is kept in the class {observed}, which is neither short nor split, or has no schedule")
}

findings contains say.also(open, {"observed": log.predicate.retention_class}) if {
	some log in logs
	count(schedules(log)) == 0
	open := say.gap("logs-bounded", log, "retention_class", "no schedule of the class {observed} of the log")
}

findings contains say.also(old, {"observed": log.predicate.at}) if {
	some log in logs
	count(schedules(log)) > 0
	not bounded(log)
	old := say.breach("logs-bounded", log, "at", "a row of {observed} is older than its class keeps")
}

findings contains feeds.gap_for("purges-leave-aggregates", certificates, input.evidence["feed-status"], "purge-certificate", data.parameters.retention_window_days) if not whole

findings contains say.also(poor, {"observed": certificate.predicate.record_class}) if {
	some certificate in certificates
	not proper(certificate)
	poor := say.breach("purges-leave-aggregates", certificate, "scope", "a purge of {observed} is overdue, does not say what it covers, or took aggregate series")
}
