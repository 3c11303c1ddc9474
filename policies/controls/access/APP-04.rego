# METADATA
# title: Separation of duties on gates and deployment
# description: >-
#   No role may both deploy and approve, and nobody who approved the artifact deployed, built or trained it, or was its
#   only auditor. Read strictly: everybody who signed an approval record of the artifact counts as its approver, at
#   whatever gate and whatever they decided; author, trainer and auditor must be on record; and a right to approve and a
#   right to deploy must be shown, else nothing keeps them apart. Before the first deployment the deployment feed says
#   that there was none.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [staging, production]
#   evidence: [access-policy, approval, audit-report, ci-run, deployment-record, feed-status, training-run]
#   objectives:
#     rights-apart:
#       says: The rights to deploy and to approve lie with different roles.
#       covers: [S3.M1.6]
#       reads: [access-policy]
#     deployer-apart:
#       says: Nobody who approved the artifact deployed it.
#       covers: [S3.M1.6]
#       reads: [approval, deployment-record, feed-status]
#     builder-apart:
#       says: Nobody who approved the artifact wrote its code or trained it.
#       covers: [S3.M1.6]
#       reads: [approval, ci-run, training-run]
#     auditor-apart:
#       says: Nobody who approved the artifact was its only auditor.
#       covers: [S3.M1.6]
#       reads: [approval, audit-report]
#   frameworks:
#     nist-ai-rmf: ["GOVERN 2.1", "GOVERN 3.2"]
#     iso-42001: ["A.3.2"]
#     eu-ai-act: ["17(1)(m)"]
#     sr-26-2: ["Effective challenge"]
#   remediation: Have somebody who did not build, train or deploy the release approve it.
package controls.access.APP_04

import data.lib.feeds
import data.lib.records

approvals := [approval | some approval in input.evidence.approval; records.on_candidate(approval)]

policies := input.evidence["access-policy"]

deployments := input.evidence["deployment-record"]

trainings := input.evidence["training-run"]

builds := input.evidence["ci-run"]

audits := input.evidence["audit-report"]

statuses := input.evidence["feed-status"]

approvers := [approval.predicate.approver.id | some approval in approvals]

approving_roles := roles_with("approve")

deploying_roles := roles_with("deploy")

roles_with(action) := [policy.predicate.role | some policy in policies; action in policy.predicate.actions]

auditors := {report.predicate.auditor.id | some report in audits}

satisfied contains "rights-apart" if {
	count(approving_roles) > 0
	count(deploying_roles) > 0
	every role in approving_roles {
		not_in(role, deploying_roles)
	}
}

satisfied contains "deployer-apart" if {
	count(approvers) > 0
	whole
	count([deployment | some deployment in deployments; not apart(deployment)]) == 0
}

satisfied contains "builder-apart" if {
	count(approvers) > 0
	count(trainings) > 0
	count(builds) > 0
	every run in trainings {
		not_in(run.predicate.author.id, approvers)
	}
	every run in builds {
		not_in(run.predicate.author.id, approvers)
	}
}

satisfied contains "auditor-apart" if {
	count(approvers) > 0
	count(audits) > 0
	every report in audits {
		challenged(report)
	}
}

whole if feeds.all_seen(deployments, statuses, "deployment-record")

apart(deployment) if not_in(deployment.predicate.deployed_by.id, approvers)

# Known, and not among the others.
not_in(name, names) if {
	records.named(name)
	not name in names
}

# Some auditor of the release is not an approver.
challenged(report) if not_in(report.predicate.auditor.id, approvers)

challenged(report) if {
	records.named(report.predicate.auditor.id)
	some auditor in auditors
	not_in(auditor, approvers)
}

findings contains finding if {
	some role in approving_roles
	role in deploying_roles
	finding := {
		"objective": "rights-apart",
		"message": sprintf("the role %s may both approve and deploy", [role]),
		"observed": role,
		"path": "actions",
	}
}

findings contains finding if {
	count(policies) > 0
	some action in ["approve", "deploy"]
	count(roles_with(action)) == 0
	finding := {
		"objective": "rights-apart",
		"message": sprintf("no current access policy gives the right to %s", [action]),
		"gap": true,
		"expected": action,
		"path": "actions",
	}
}

findings contains feeds.gap("deployer-apart", "deployment-record") if {
	not whole
}

findings contains finding if {
	count(approvals) == 0
	some objective in ["deployer-apart", "builder-apart", "auditor-apart"]
	finding := {
		"objective": objective,
		"message": "nobody approved the artifact yet",
		"gap": true,
		"path": "approver",
	}
}

findings contains finding if {
	some deployment in deployments
	deployment.predicate.deployed_by.id in approvers
	finding := {
		"objective": "deployer-apart",
		"message": sprintf("%s approved the artifact and deployed it", [deployment.predicate.deployed_by.name]),
		"evidence": deployment.id,
		"observed": deployment.predicate.deployed_by.id,
		"path": "deployed_by",
	}
}

findings contains finding if {
	some run in trainings
	run.predicate.author.id in approvers
	finding := {
		"objective": "builder-apart",
		"message": sprintf("%s trained the artifact and approved it", [run.predicate.author.name]),
		"evidence": run.id,
		"observed": run.predicate.author.id,
		"path": "author",
	}
}

findings contains finding if {
	some run in builds
	run.predicate.author.id in approvers
	finding := {
		"objective": "builder-apart",
		"message": sprintf("%s wrote the code of the artifact and approved it", [run.predicate.author.name]),
		"evidence": run.id,
		"observed": run.predicate.author.id,
		"path": "author",
	}
}

findings contains finding if {
	some report in audits
	count(approvers) > 0
	not challenged(report)
	finding := {
		"objective": "auditor-apart",
		"message": sprintf("%s approved the artifact and is its only auditor", [report.predicate.auditor.name]),
		"evidence": report.id,
		"observed": report.predicate.auditor.id,
		"path": "auditor",
	}
}

findings contains finding if {
	some kind in ["ci-run", "training-run"]
	count(approvers) > 0
	count(input.evidence[kind]) == 0
	finding := {
		"objective": "builder-apart",
		"message": sprintf("no current %s record says who built the artifact", [kind]),
		"gap": true,
		"path": sprintf("evidence/%s", [kind]),
	}
}
