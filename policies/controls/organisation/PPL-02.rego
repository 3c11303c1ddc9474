# METADATA
# title: Production access only after policy training
# description: >-
#   Whoever holds a role on an environment, other than those for development and test that the list below names, took the
#   policy training before the role was granted, and it has not run out. A policy that any principal fits, and local
#   accounts, let people in whom nobody can train. That the course was taken is the word of the training system.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [production]
#   evidence: [access-policy, training-record]
#   objectives:
#     trained-before-access: {says: Nobody has access to production without policy training before., covers: [S3.M9.4]}
#   may_stand_beside:
#     access-policy.resource_kind: a role on something else gives no access to an environment
#     training-record: the training of one person takes nothing from that of another
#   frameworks: {nist-ai-rmf: ["GOVERN 2.2"], iso-42001: ["A.4.6"]}
#   remediation: Withdraw the access until the policy training is done.
package controls.organisation.PPL_02

import data.lib.findings as say

trainings := input.evidence["training-record"]

# Environments are production unless they have one of these very names.
harmless := {"development", "test", "staging", "sandbox"}

grants := [policy |
	some policy in input.evidence["access-policy"]
	policy.predicate.resource_kind == "environment"
	not policy.predicate.resource in harmless
]

satisfied contains "trained-before-access" if {
	count(grants) > 0
	every grant in grants {
		grant.predicate.wildcard_principal == false
		count(grant.predicate.local_accounts) == 0
		count(grant.predicate.principals) > 0
		every principal in grant.predicate.principals {
			trained(principal, grant)
		}
	}
}

trained(principal, grant) if {
	some training in trainings
	training.predicate.person.id == principal
	training.predicate.course == "ai-policy"
	training.predicate.completed_at < grant.predicate.granted_at
	input.now < training.predicate.valid_until
}

findings contains say.none("trained-before-access", "evidence/access-policy", "who has access to production is not known") if count(grants) == 0

findings contains say.also(untrained, {"values": {"principal": principal}}) if {
	some grant in grants
	some principal in grant.predicate.principals
	not trained(principal, grant)
	untrained := say.breach("trained-before-access", grant, "principals", "{principal} has access, and no policy training from before it that still holds")
}

findings contains say.breach("trained-before-access", grant, "wildcard_principal", "anybody has access, trained or not") if {
	some grant in grants
	grant.predicate.wildcard_principal
}

findings contains say.breach("trained-before-access", grant, "local_accounts", "a local account has access, and nobody knows whose it is") if {
	some grant in grants
	count(grant.predicate.local_accounts) > 0
}
