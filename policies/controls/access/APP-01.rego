# METADATA
# title: Approvals per stage and tier by permitted roles
# description: >-
#   Before a version moves up to the stage of the gate, persons in every role that the stage and the risk tier ask for
#   have approved this very artifact at this gate, each under their own signature, in a role that their key holds, with
#   all conditions met. Read strictly: approvals of other gates do not count, a rejection at this gate stands against
#   all approvals, roles are asked for by the recorded tier and by the tier that the gate computed, and the version must
#   come from the stage below. At production each approver holds a right to approve in that role, and the registry names
#   who built the artifact (role_assignments of a role in `builders`), so that it can be told that no approver did.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [staging, production]
#   evidence: [access-policy, approval, registry-entry, risk-classification]
#   parameters: [approvals_by_stage, approvals_by_tier]
#   objectives:
#     stage-approved:
#       says: Every role that the stage asks for approved this artifact before it moves up.
#       covers: [S2.M3.4]
#       reads: [approval, registry-entry]
#     tier-approved:
#       says: Every role that the risk tier asks for approved this artifact.
#       covers: [S2.M6.4]
#       reads: [approval, risk-classification]
#     approvers-entitled:
#       says: Each approver has the right to approve and did not build the artifact.
#       at: [production]
#       covers: [S4.M3.3]
#       reads: [access-policy, approval, registry-entry]
#   frameworks:
#     nist-ai-rmf: ["GOVERN 2.1", "MANAGE 1.1"]
#     iso-42001: ["A.3.2"]
#   remediation: Obtain the missing approval from a person who holds the required role.
package controls.access.APP_01

import data.lib.records
import data.lib.tiers

entries := input.evidence["registry-entry"]

classifications := input.evidence["risk-classification"]

policies := input.evidence["access-policy"]

# What was said about this artifact at this gate.
asked := [approval |
	some approval in input.evidence.approval
	records.on_candidate(approval)
	approval.predicate.gate == input.gate
]

approvals := [approval | some approval in asked; counts(approval)]

approving_roles := [approval.predicate.role | some approval in approvals]

# Roles under which the registry names those who built a version.
builders := {"builder", "data-scientist", "developer", "development", "ml-engineer", "training"}

stage_below := {"staging": {"development", "staging"}, "production": {"staging", "production"}}

satisfied contains "stage-approved" if {
	count(entries) > 0
	every entry in entries {
		records.on_candidate(entry)
		from_below(entry)
	}
	count(rejections) == 0
	records.covers(approving_roles, data.parameters.approvals_by_stage[input.gate])
}

satisfied contains "tier-approved" if {
	count(classifications) > 0
	every classification in classifications {
		records.covers(approving_roles, roles_for(classification.predicate.tier))
	}
	records.covers(approving_roles, roles_for(input.system.tier))
}

satisfied contains "approvers-entitled" if {
	count(approvals) > 0
	count(entries) > 0
	every approval in approvals {
		entitled(approval)
		every entry in entries {
			not_builder(approval, entry)
		}
	}
}

from_below(entry) if entry.predicate.stage in stage_below[input.gate]

roles_for(tier) := data.parameters.approvals_by_tier[tiers.rank(tier)]

counts(approval) if {
	approval.predicate.decision == "approve"
	approval.predicate.decided_at <= input.now
	signed_by_approver(approval)
	conditions_met(approval)
}

signed_by_approver(approval) if {
	approval.signature.state == "verified"
	approval.signature.kind == "person"
	approval.signature.signer == approval.predicate.approver.id
	approval.predicate.role in approval.signature.roles
}

conditions_met(approval) if {
	is_array(approval.predicate.conditions)
	count([condition | some condition in approval.predicate.conditions; not condition.met]) == 0
}

# Whatever is neither an approval nor an abstention stands against the others.
rejections := [approval | some approval in asked; not harmless(approval)]

harmless(approval) if approval.predicate.decision in {"approve", "abstain"}

# Some rule on gates gives the approver's role, with the approver in it, the right to approve.
entitled(approval) if {
	some policy in policies
	policy.predicate.resource_kind == "gate"
	policy.predicate.role == approval.predicate.role
	"approve" in policy.predicate.actions
	approval.predicate.approver.id in policy.predicate.principals
}

not_builder(approval, entry) if {
	count(builders_of(entry)) > 0
	approver := approval.predicate.approver.id
	not approver in builders_of(entry)
}

builders_of(entry) := [person.id |
	some role, person in entry.predicate.role_assignments
	role in builders
]

findings contains finding if {
	some role in data.parameters.approvals_by_stage[input.gate]
	not role in approving_roles
	finding := {
		"objective": "stage-approved",
		"message": sprintf("no valid approval in the role %s for gate %s", [role, input.gate]),
		"observed": sort(approving_roles),
		"expected": role,
		"path": "role",
	}
}

findings contains finding if {
	some approval in rejections
	finding := {
		"objective": "stage-approved",
		"message": sprintf("%s rejected the artifact at gate %s", [approval.predicate.approver.name, input.gate]),
		"evidence": approval.id,
		"observed": approval.predicate.decision,
		"path": "decision",
	}
}

findings contains finding if {
	some entry in entries
	not records.on_candidate(entry)
	finding := records.other_artifact("stage-approved", entry)
}

findings contains finding if {
	some entry in entries
	not from_below(entry)
	finding := {
		"objective": "stage-approved",
		"message": sprintf("the registry has the version at stage %s, which is not below gate %s", [
			entry.predicate.stage,
			input.gate,
		]),
		"evidence": entry.id,
		"observed": entry.predicate.stage,
		"expected": sort([stage | some stage in stage_below[input.gate]]),
		"path": "stage",
	}
}

findings contains finding if {
	some classification in classifications
	some role in roles_for(classification.predicate.tier)
	not role in approving_roles
	finding := missing_for_tier(role, classification.predicate.tier)
}

findings contains finding if {
	some role in roles_for(input.system.tier)
	not role in approving_roles
	finding := missing_for_tier(role, input.system.tier)
}

missing_for_tier(role, tier) := {
	"objective": "tier-approved",
	"message": sprintf("no valid approval in the role %s, which tier %s asks for", [role, tier]),
	"observed": sort(approving_roles),
	"expected": role,
	"path": "role",
}

findings contains finding if {
	some approval in asked
	approval.predicate.decision == "approve"
	not signed_by_approver(approval)
	role := approval.predicate.role
	role in data.parameters.approvals_by_stage[input.gate]
	not role in approving_roles
	finding := {
		"objective": "stage-approved",
		"message": sprintf("the approval in the role %s is not signed by its approver with a key that holds the role", [
			approval.predicate.role,
		]),
		"evidence": approval.id,
		"expected": approval.predicate.approver.id,
		"path": "signature",
	}
}

findings contains finding if {
	some approval in asked
	not conditions_met(approval)
	role := approval.predicate.role
	role in data.parameters.approvals_by_stage[input.gate]
	not role in approving_roles
	finding := {
		"objective": "stage-approved",
		"message": sprintf("the approval in the role %s has a condition that is not met", [approval.predicate.role]),
		"evidence": approval.id,
		"path": "conditions",
	}
}

findings contains finding if {
	some approval in approvals
	not entitled(approval)
	finding := {
		"objective": "approvers-entitled",
		"message": sprintf("no access policy lets %s approve at gates in the role %s", [
			approval.predicate.approver.name,
			approval.predicate.role,
		]),
		"evidence": approval.id,
		"observed": approval.predicate.approver.id,
		"path": "approver",
	}
}

findings contains finding if {
	some approval in approvals
	some entry in entries
	approval.predicate.approver.id in builders_of(entry)
	finding := {
		"objective": "approvers-entitled",
		"message": sprintf("%s built the artifact and approves it", [approval.predicate.approver.name]),
		"evidence": approval.id,
		"observed": approval.predicate.approver.id,
		"path": "approver",
	}
}

findings contains finding if {
	some entry in entries
	count(builders_of(entry)) == 0
	finding := {
		"objective": "approvers-entitled",
		"message": "the registry does not name who built the version",
		"gap": true,
		"evidence": entry.id,
		"expected": sort([role | some role in builders]),
		"path": "role_assignments",
	}
}
