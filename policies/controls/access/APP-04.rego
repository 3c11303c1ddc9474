# METADATA
# title: Separation of duties on gates and deployment
# description: >-
#   No role and no person may both deploy and approve, and nobody who approved the artifact deployed, built or trained
#   it, or was its only auditor. Read strictly: everybody who signed an approval record of the artifact counts as its
#   approver, by id and by name, at whatever gate and whatever they decided; training, pipeline run and audit must be
#   those of this release and name author and auditor, who signed the audit himself; and a right to approve and a right
#   to deploy must be shown with those who hold them, else nothing keeps them apart. The deployment feed answers for all
#   the time since the release was trained, before the first deployment too.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [staging, production]
#   evidence: [access-policy, approval, audit-report, ci-run, deployment-record, feed-status, training-run]
#   objectives:
#     rights-apart:
#       says: The rights to deploy and to approve lie with different roles and different persons.
#       covers: [S3.M1.6]
#       reads: [access-policy]
#     deployer-apart:
#       says: Nobody who approved the artifact deployed it.
#       covers: [S3.M1.6]
#       reads: [approval, deployment-record, feed-status, training-run]
#     builder-apart:
#       says: Nobody who approved the artifact wrote its code or trained it.
#       covers: [S3.M1.6]
#       reads: [approval, ci-run, training-run]
#     auditor-apart:
#       says: Nobody who approved the artifact was its only auditor.
#       covers: [S3.M1.6]
#       reads: [approval, audit-report]
#   may_stand_beside:
#     access-policy.actions: a policy that gives neither right keeps nobody together
#     audit-report.subject: an audit of another version neither clears nor taints this one
#     feed-status.feed: another feed says nothing of deployments
#     training-run.subject: the training of another version counts for nothing here, and its author is kept apart all the same
#   frameworks:
#     nist-ai-rmf: ["GOVERN 2.1", "GOVERN 3.2"]
#     iso-42001: ["A.3.2"]
#     eu-ai-act: ["17(1)(m)"]
#     sr-26-2: ["Effective challenge"]
#   remediation: Have somebody who did not build, train or deploy the release approve it.
package controls.access.APP_04

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.text

deployments := input.evidence["deployment-record"]

builds := input.evidence["ci-run"]

trainings := input.evidence["training-run"]

# Training runs and audits that are about this release, and not about another version or the system as a whole.
made := [run | some run in trainings; records.names_candidate(run)]

audits := [report | some report in input.evidence["audit-report"]; records.names_candidate(report)]

approvals := input.evidence.approval

# Everybody who said something on the artifact at a gate, by id and by name: a second id makes no second person.
approvers := array.concat(
	[text.folded_name(approval.signature.signer) | some approval in approvals],
	[text.folded_name(approval.predicate.approver.name) | some approval in approvals],
)

# Policies that give a right, be it with all others.
giving(action) := [policy |
	some policy in input.evidence["access-policy"]
	some given in policy.predicate.actions
	text.lower(given) in {action, "*", "all", "any"}
]

approving := giving("approve")

deploying := giving("deploy")

roles(policies) := [policy.predicate.role | some policy in policies]

holders(policies) := [person | some policy in policies; some person in policy.predicate.principals]

satisfied contains "rights-apart" if {
	count(approving) > 0
	count(deploying) > 0
	every policy in approving {
		held_by_named(policy)
		not_in(policy.predicate.role, roles(deploying))
	}
	every policy in deploying {
		held_by_named(policy)
		not_in(policy.predicate.role, roles(approving))
	}
	count([person | some person in holders(approving); person in holders(deploying)]) == 0
}

satisfied contains "deployer-apart" if {
	approvers_known
	whole
	count([deployment | some deployment in deployments; not apart(deployment, "deployed_by")]) == 0
}

satisfied contains "builder-apart" if {
	approvers_known
	count(made) > 0
	count(builds) > 0
	count([run | some run in trainings; not apart(run, "author")]) == 0
	every run in builds {
		apart(run, "author")
	}
}

satisfied contains "auditor-apart" if {
	approvers_known
	challenged
	count(audits) > 0
	every report in audits {
		signed_by_auditor(report)
	}
}

# The feed answers for the time since each training run of the release began.
whole if {
	count(made) > 0
	every run in made {
		feeds.all_seen_since(deployments, input.evidence["feed-status"], "deployment-record", run.predicate.started_at)
	}
}

approvers_known if {
	count(approvals) > 0
	every approval in approvals {
		named(approval)
	}
}

named(approval) if {
	records.named(approval.signature.signer)
	records.named(approval.predicate.approver.name)
}

# Whom the record names is none of the approvers.
apart(record, field) if {
	stranger(record.predicate[field].id)
	stranger(record.predicate[field].name)
}

stranger(name) if {
	records.named(name)
	not is_approver(name)
}

among(record, field) if is_approver(record.predicate[field].id)

among(record, field) if is_approver(record.predicate[field].name)

is_approver(name) if text.folded_name(name) in approvers

# The persons who hold the right are named, so that nobody else does.
held_by_named(policy) if {
	policy.predicate.wildcard_principal == false
	count(policy.predicate.principals) > 0
	not "*" in policy.predicate.principals
	every person in policy.predicate.principals {
		records.named(person)
	}
}

# Known, and not among the others.
not_in(name, names) if {
	records.named(name)
	not name in names
}

# Some auditor of the release is not an approver.
challenged if {
	some report in audits
	apart(report, "auditor")
}

signed_by_auditor(report) if {
	report.predicate.auditor.id == report.signature.signer
	records.named(report.predicate.auditor.name)
}

findings contains say.also(both, {"observed": role}) if {
	some policy in approving
	role := policy.predicate.role
	role in roles(deploying)
	both := say.breach("rights-apart", policy, "actions", "the role {observed} may both approve and deploy")
}

findings contains say.also(holds_both, {"observed": person}) if {
	some policy in approving
	some person in policy.predicate.principals
	person in holders(deploying)
	holds_both := say.breach("rights-apart", policy, "principals", "{observed} holds both the right to approve and the right to deploy")
}

findings contains say.breach("rights-apart", policy, "principals", "whoever it is may approve or deploy: the holders of the right are not named one by one") if {
	some policies in [approving, deploying]
	some policy in policies
	not held_by_named(policy)
}

findings contains say.also(unheld, {"expected": action}) if {
	count(input.evidence["access-policy"]) > 0
	some action in ["approve", "deploy"]
	count(giving(action)) == 0
	unheld := say.none("rights-apart", "actions", "no current access policy gives the right to {expected}")
}

findings contains feeds.gap_since_each("deployer-apart", deployments, input.evidence["feed-status"], "deployment-record", starts) if {
	not whole
	starts := [run.predicate.started_at | some run in made]
}

findings contains say.none(objective, "approver", "nobody approved the artifact yet") if {
	count(approvals) == 0
	some objective in ["deployer-apart", "builder-apart", "auditor-apart"]
}

findings contains say.gap(objective, approval, "approver", "the approval does not name its approver") if {
	some approval in approvals
	not named(approval)
	some objective in ["deployer-apart", "builder-apart", "auditor-apart"]
}

findings contains did(deployment, "deployer-apart", "deployed_by", "{name} approved the artifact and deployed it") if {
	some deployment in deployments
	among(deployment, "deployed_by")
}

findings contains did(run, "builder-apart", "author", "{name} trained the artifact and approved it") if {
	some run in trainings
	among(run, "author")
}

findings contains did(run, "builder-apart", "author", "{name} wrote the code of the artifact and approved it") if {
	some run in builds
	among(run, "author")
}

findings contains did(report, "auditor-apart", "auditor", "{name} approved the artifact and is its only auditor") if {
	not challenged
	some report in audits
	among(report, "auditor")
}

findings contains did(report, "auditor-apart", "auditor", "the audit is not signed by {name}, its auditor") if {
	some report in audits
	not signed_by_auditor(report)
}

did(record, objective, field, message) := say.also(
	say.breach(objective, record, field, message),
	{"observed": record.predicate[field].id, "values": {"name": record.predicate[field].name}},
)

findings contains say.also(unknown, {"values": {"type": kind}}) if {
	count(approvals) > 0
	some kind, about in {"ci-run": builds, "training-run": made}
	count(about) == 0
	unknown := say.none("builder-apart", "author", "no current {type} record of this release says who built the artifact")
}

findings contains say.none("auditor-apart", "auditor", "no current audit-report is about this release") if {
	count(approvals) > 0
	count(audits) == 0
}
