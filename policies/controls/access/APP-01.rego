# METADATA
# title: Approvals per stage and tier by permitted roles
# description: >-
#   Before a version moves up to the stage of the gate, persons in every role that the stage and the risk tier ask for
#   have approved this very artifact at this gate, each under their own signature, in a role that their key holds, with
#   all conditions met, and after what they approve was filed: its training, its validation runs and its audit. The order
#   is that of the ledger; a decision dated before its evidence is none. Read strictly: a
#   person's last word in a role counts, nobody approves in two roles, whatever is no good approval stands until its role
#   approves again (a rejection, one taken back, one signed by another), approvals of other gates do not count, roles are
#   asked for by the recorded tier and by the tier that the gate computed, and the version comes from the stage below,
#   for which its roles had approved before the registry said so, with nothing standing against it since. At production
#   each approver holds a right to approve in that role, and the registry names who built the artifact: everybody whose
#   assignment is not known to be independent of building.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [staging, production]
#   evidence: [access-policy, approval, audit-report, registry-entry, risk-classification, training-run, validation-run]
#   parameters: [approvals_by_stage, approvals_by_tier, independent_assignments]
#   objectives:
#     stage-approved:
#       says: Every role that the stage asks for approved this artifact on the evidence before it moves up.
#       covers: [S2.M3.4]
#       reads: [approval, audit-report, registry-entry, training-run, validation-run]
#     earlier-stage-approved:
#       says: Every role that the stage below asks for approved this artifact before it moved there.
#       at: [production]
#       covers: [S2.M3.4]
#       reads: [approval, registry-entry]
#     tier-approved:
#       says: Every role that the risk tier asks for approved this artifact on the evidence.
#       covers: [S2.M6.4]
#       reads: [approval, audit-report, risk-classification, training-run, validation-run]
#     persons-distinct:
#       says: Nobody approved in more than one role.
#       covers: [S2.M6.4]
#       reads: [approval]
#     approvers-entitled:
#       says: Each approver has the right to approve and did not build the artifact.
#       at: [production]
#       covers: [S4.M3.3]
#       reads: [access-policy, approval, registry-entry]
#   may_stand_beside:
#     access-policy: rights add up, and a policy that gives another right takes none away
#     approval.gate: what is said at another gate is not said at this one
#     audit-report.subject: an audit of another version says nothing of this one
#     training-run.subject: how another version was trained says nothing of this one
#   frameworks: {nist-ai-rmf: ["GOVERN 2.1", "MANAGE 1.1"], iso-42001: ["A.3.2"]}
#   remediation: Obtain the missing approval from a person who holds the required role.
package controls.access.APP_01

import data.lib.findings as say
import data.lib.records
import data.lib.text
import data.lib.tiers

entries := input.evidence["registry-entry"]

classifications := input.evidence["risk-classification"]

# What was said about this artifact at this gate, and the approvals among it that stand.
asked := said_at(input.gate)

given := standing(asked)

# Those that count: the person's last word in the role was given on the evidence.
approvals := [approval |
	some approval in given
	after_evidence(approval)
	count([word | some word in given; repeats(word, approval); not after_evidence(word)]) == 0
]

approving_roles := [approval.predicate.role | some approval in approvals]

runs := input.evidence["validation-run"]

trainings := [run | some run in input.evidence["training-run"]; records.names_candidate(run)]

audits := [report | some report in input.evidence["audit-report"]; records.names_candidate(report)]

stage_below := {"staging": {"development", "staging"}, "production": {"staging", "production"}}

satisfied contains "stage-approved" if {
	count(entries) > 0
	every entry in entries {
		from_below(entry)
	}
	count(opposed_here) == 0
	records.covers(approving_roles, data.parameters.approvals_by_stage[input.gate])
}

satisfied contains "earlier-stage-approved" if {
	count(entries) > 0
	every entry in entries {
		records.covers(roles_before(entry), data.parameters.approvals_by_stage.staging)
	}
	count(opposed_below) == 0
}

satisfied contains "tier-approved" if {
	count(classifications) > 0
	every classification in classifications {
		records.covers(approving_roles, roles_for(classification.predicate.tier))
	}
	records.covers(approving_roles, roles_for(input.system.tier))
}

satisfied contains "persons-distinct" if {
	count(given) > 0
	every approval in given {
		count(roles_of(approval)) == 1
	}
}

satisfied contains "approvers-entitled" if {
	count(given) > 0
	count(entries) > 0
	every approval in given {
		entitled(approval)
		every entry in entries {
			not_builder(approval, entry)
		}
	}
}

from_below(entry) if entry.predicate.stage in stage_below[input.gate]

roles_for(tier) := data.parameters.approvals_by_tier[tiers.rank(tier)]

said_at(gate) := [word | some word in input.evidence.approval; word.predicate.gate == gate]

said_below := said_at("staging")

# Good approvals that the same person did not take back in the same role.
standing(said) := [approval |
	some approval in said
	good(approval)
	count([word | some word in said; takes_back(word, approval)]) == 0
]

takes_back(word, approval) if {
	repeats(word, approval)
	not good(word)
}

# The very word, or a later one of the same person in the same role.
repeats(word, approval) if {
	word.signature.signer == approval.signature.signer
	word.predicate.role == approval.predicate.role
	word.log_index >= approval.log_index
}

# Whatever is no good approval stands against the others, until its role approves later. Who abstains without having
# approved leaves it to them.
against(said, approving) := [word |
	some word in said
	not good(word)
	not abstains(word, said)
	not answered(word, approving)
]

abstains(word, said) if {
	word.predicate.decision == "abstain"
	count([approval | some approval in said; good(approval); takes_back(word, approval)]) == 0
}

answered(word, approving) if {
	some approval in approving
	approval.predicate.role == word.predicate.role
	approval.log_index > word.log_index
}

good(approval) if {
	approval.predicate.decision == "approve"
	signed_by_approver(approval)
	conditions_met(approval)
}

signed_by_approver(approval) if {
	approval.signature.signer == approval.predicate.approver.id
	approval.predicate.role in approval.signature.roles
	records.named(approval.predicate.approver.name)
}

conditions_met(approval) if {
	is_array(approval.predicate.conditions)
	count([condition | some condition in approval.predicate.conditions; not condition.met]) == 0
}

after_evidence(approval) if {
	count(runs) > 0
	count(trainings) > 0
	count(audits) > 0
	every run in runs {
		follows(approval, run)
	}
	every run in trainings {
		follows(approval, run)
	}
	every report in audits {
		follows(approval, report)
	}
}

follows(approval, record) if {
	approval.log_index > record.log_index
	approval.predicate.decided_at >= record.filed_at
}

# Roles that had approved for staging when the registry entry was filed.
roles_before(entry) := [approval.predicate.role |
	some approval in standing([word | some word in said_below; word.log_index < entry.log_index])
]

roles_of(approval) := {other.predicate.role | some other in given; same_person(other, approval)}

same_person(one, other) if one.signature.signer == other.signature.signer

# A second id makes no second person.
same_person(one, other) if names[one.id] == names[other.id]

# Of each approval, folded once and not for each pair of them.
names := {id: [name | some approval in given; approval.id == id; name := text.folded_name(approval.predicate.approver.name)] |
	some id in [approval.id | some approval in given]
}

# Some rule on gates gives the approver's role, with the approver in it, the right to approve.
entitled(approval) if {
	some policy in rights
	policy.predicate.role == approval.predicate.role
	approval.predicate.approver.id in policy.predicate.principals
}

rights := [policy |
	some policy in input.evidence["access-policy"]
	policy.predicate.resource_kind == "gate"
	"approve" in policy.predicate.actions
]

not_builder(approval, entry) if {
	builders := builders_of(entry)
	count(builders) > 0
	count(names[approval.id]) > 0
	every person in builders {
		records.named(person.id)
		records.named(person.name)
		person.id != approval.predicate.approver.id
		every name in names[approval.id] {
			text.folded_name(person.name) != name
		}
	}
}

builders_of(entry) := [person |
	some role, person in entry.predicate.role_assignments
	not role in data.parameters.independent_assignments
]

stage_lacks(role) if {
	role in data.parameters.approvals_by_stage[input.gate]
	not role in approving_roles
}

findings contains lacking("stage-approved", role, "no valid approval in the role {role} for this gate") if {
	some role in data.parameters.approvals_by_stage[input.gate]
	not role in approving_roles
}

findings contains lacking("tier-approved", role, "no valid approval in the role {role}, which the recorded tier asks for") if {
	some classification in classifications
	some role in roles_for(classification.predicate.tier)
	not role in approving_roles
}

findings contains lacking("tier-approved", role, "no valid approval in the role {role}, which the tier of this decision asks for") if {
	some role in roles_for(input.system.tier)
	not role in approving_roles
}

lacking(objective, role, message) := say.also(
	say.none(objective, "role", message),
	{"gap": false, "observed": sort(approving_roles), "expected": role, "values": {"role": role}},
)

findings contains say.also(rejected, {"values": {"name": word.predicate.approver.name}}) if {
	some objective in ["stage-approved", "earlier-stage-approved"]
	some word in opposed(objective)
	word.predicate.decision == "reject"
	rejected := say.breach(objective, word, "decision", "{name} rejected the artifact, and the role did not approve since")
}

findings contains say.also(withdrawn, {"values": {"name": word.predicate.approver.name}}) if {
	some objective in ["stage-approved", "earlier-stage-approved"]
	some word in opposed(objective)
	word.predicate.decision == "abstain"
	withdrawn := say.breach(objective, word, "decision", "{name} took the approval back, and the role did not approve since")
}

# Words that stand against the approvals of this gate and of the stage below.
opposed_here := against(asked, approvals)

opposed_below := against(said_below, standing(said_below))

opposed("stage-approved") := opposed_here

opposed("earlier-stage-approved") := opposed_below if input.gate == "production"

findings contains say.also(elsewhere, {"observed": stage, "expected": sort([s | some s in stage_below[input.gate]])}) if {
	some entry in entries
	stage := entry.predicate.stage
	not from_below(entry)
	elsewhere := say.breach("stage-approved", entry, "stage", "the registry has the version at stage {observed}, which is not below this gate")
}

findings contains about_role(objective, word, "signature", "the approval in the role {role} is not signed by its approver, by name, with a key that holds the role") if {
	some objective in ["stage-approved", "earlier-stage-approved"]
	some word in opposed(objective)
	not signed_by_approver(word)
}

findings contains about_role(objective, word, "conditions", "the approval in the role {role} has a condition that is not met") if {
	some objective in ["stage-approved", "earlier-stage-approved"]
	some word in opposed(objective)
	not conditions_met(word)
}

findings contains about_role("stage-approved", approval, "decided_at", "the approval in the role {role} is dated or filed before what it approves, which is a training run, validation run and audit of this version") if {
	some approval in given
	stage_lacks(approval.predicate.role)
	not after_evidence(approval)
}

about_role(objective, approval, path, message) := say.also(
	say.breach(objective, approval, path, message),
	{"values": {"role": approval.predicate.role}},
)

findings contains early if {
	some entry in entries
	had := roles_before(entry)
	some role in data.parameters.approvals_by_stage.staging
	not role in had
	early := say.also(
		say.breach("earlier-stage-approved", entry, "stage", "the role {role} had not approved for staging when the version moved there"),
		{"values": {"role": role}},
	)
}

findings contains say.also(twice, {"observed": sort(roles_of(approval)), "values": {"name": approval.predicate.approver.name}}) if {
	some approval in given
	count(roles_of(approval)) > 1
	twice := say.breach("persons-distinct", approval, "approver", "{name} approved in more than one role")
}

findings contains barred if {
	some approval in given
	not entitled(approval)
	barred := say.also(
		say.breach("approvers-entitled", approval, "approver", "no access policy lets {name} approve at gates in the role {role}"),
		{"values": {"name": approval.predicate.approver.name, "role": approval.predicate.role}},
	)
}

findings contains say.also(own, {"values": {"name": approval.predicate.approver.name}}) if {
	some approval in given
	some entry in entries
	count(builders_of(entry)) > 0
	not not_builder(approval, entry)
	own := say.breach("approvers-entitled", approval, "approver", "{name} built the artifact and approves it, or one of them has no name")
}

findings contains say.gap("approvers-entitled", entry, "role_assignments", "the registry does not name who built the version") if {
	some entry in entries
	count(builders_of(entry)) == 0
}
