# METADATA
# title: Post-deployment audits done on schedule
# description: >-
#   For each deployment of the version and each number of days after it that asks for an audit, a scheduled audit that was
#   due on that very day is completed, at most so many days before or after. An audit whose time has not run out may be
#   outstanding. The deployment feed answers for the whole time of the schedule. Read strictly: a deployment counts
#   wherever it runs, but for the environments of development, test and staging. What the audit found is the auditor's word.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: {audit-report: attested, deployment-record: any, feed-status: any}
#   parameters: [audit_grace_days, post_deploy_audit_days]
#   objectives:
#     audits-done: {says: Each audit that is due after a deployment was completed in time., covers: [S3.M7.7]}
#   may_be_empty: {deployment-record.subject: a deployment that was filed for nothing is audited like the others}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of deployments
#     audit-report: audits add up, and one of another day or kind takes none away
#   frameworks: {nist-ai-rmf: ["MEASURE 2.8"], iso-42001: ["A.6.2.8"], eu-ai-act: ["12"]}
#   remediation: Carry out the overdue audit.
package controls.audit_trail.LOG_06

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

reports := input.evidence["audit-report"]

deployments := input.evidence["deployment-record"]

live := [deployment | some deployment in deployments; not of_another(deployment); not before_use(deployment)]

of_another(deployment) if {
	not records.on_candidate(deployment)
	count(deployment.subject) > 0
	not records.names_candidate(deployment)
}

before_use(deployment) if deployment.predicate.environment in {"development", "test", "staging"}

days := data.parameters.post_deploy_audit_days

whole if {
	count(days) > 0
	feeds.all_seen_for(deployments, input.evidence["feed-status"], "deployment-record", max(days) + data.parameters.audit_grace_days)
}

satisfied contains "audits-done" if {
	whole
	count([deployment | some deployment in live; count(overdue(deployment)) > 0]) == 0
}

# Days after the deployment whose audit is neither done nor still to come.
overdue(deployment) := [day |
	some day in days
	not done(deployment, day)
	not to_come(deployment, day)
]

done(deployment, day) if {
	due := calendar.add_days(deployment.predicate.started_at, day)
	some report in reports
	report.predicate.kind == "scheduled"
	records.names_candidate(report)
	calendar.day_of(report.predicate.due_at) == calendar.day_of(due)
	near(due, report.predicate.completed_at)
}

near(due, completed) if calendar.at_most_days_between(due, completed, data.parameters.audit_grace_days)

near(due, completed) if calendar.at_most_days_between(completed, due, data.parameters.audit_grace_days)

to_come(deployment, day) if {
	deployment.predicate.started_at <= input.now
	input.now <= calendar.add_days(deployment.predicate.started_at, day + data.parameters.audit_grace_days)
}

findings contains feeds.gap_for("audits-done", deployments, input.evidence["feed-status"], "deployment-record", max(days) + data.parameters.audit_grace_days) if {
	count(days) > 0
	not whole
}

findings contains say.none("audits-done", "post_deploy_audit_days", "no day after a deployment is set for an audit") if count(days) == 0

findings contains say.also(late, {"observed": deployment.predicate.started_at, "values": {"days": day}}) if {
	some deployment in live
	some day in overdue(deployment)
	late := say.breach("audits-done", deployment, "started_at", "the audit due {days} days after the deployment of {observed} was not completed in time")
}
