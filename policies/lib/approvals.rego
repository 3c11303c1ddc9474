# METADATA
# title: What people decided at this gate
# description: >-
#   The last word of each person in a role at the gate that asks, on the artifact that is judged. It counts where its
#   approver signed it with a key that holds the role, and every condition is met. A rejection stands until the same
#   person approves; who abstains neither approves nor opposes. Two persons differ by id and by name.
package lib.approvals

import data.lib.records
import data.lib.text

# Found once, however many roles are asked for; so are those below.
last_words := [word | some word in spoken; not superseded(word)]

spoken := [word | some word in input.evidence.approval; word.predicate.gate == input.gate]

superseded(word) if {
	some later in spoken
	later.predicate.role == word.predicate.role
	later.signature.signer == word.signature.signer
	later.log_index > word.log_index
}

agreed(role) := [word | some word in agreeing; word.predicate.role == role]

opposed(role) := [word | some word in opposing; word.predicate.role == role]

agreeing := [word | some word in last_words; good(word)]

# Whatever is no good approval and no abstention.
opposing := [word |
	some word in last_words
	not good(word)
	not word.predicate.decision == "abstain"
]

# Somebody in the role approved, and nobody in it stands against.
approves(role) if {
	count(agreed(role)) > 0
	count(opposed(role)) == 0
}

# So many persons in the role approved, and nobody in it stands against.
quorum(role, persons) if {
	persons > 0
	count({word.signature.signer | some word in agreed(role)}) >= persons
	count({name_of(word) | some word in agreed(role)}) >= persons
	count(opposed(role)) == 0
}

# Whoever approved in the role did so after these places of the ledger.
after(role, places) if {
	count([word | some word in agreed(role); some place in places; not follows(word, place)]) == 0
}

follows(word, place) if word.log_index > place

# Finding: the role approved before this record was filed.
early(objective, role, record) := data.lib.findings.also(
	data.lib.findings.breach(objective, record, "log_index", "the role {role} approved before this was filed, and must look at it again"),
	{"values": {"role": role}},
)

# Each role approves, and no person in two of them.
distinct(roles) if {
	count(roles) > 0
	every role in roles {
		approves(role)
		every other in roles {
			apart(role, other)
		}
	}
}

apart(role, other) if role == other

apart(role, other) if {
	role != other
	count(persons(role) & persons(other)) == 0
}

persons(role) := {word.signature.signer | some word in agreed(role)} | {name_of(word) | some word in agreed(role)}

name_of(word) := text.folded_name(word.predicate.approver.name)

good(word) if {
	word.predicate.decision == "approve"
	word.predicate.artifact_digest == input.subject.digest
	word.signature.signer == word.predicate.approver.id
	word.predicate.role in word.signature.roles
	records.named(word.predicate.approver.name)
	is_array(word.predicate.conditions)
	count([condition | some condition in word.predicate.conditions; not condition.met]) == 0
}

# Finding: the role has not approved at this gate.
lacking(objective, role) := data.lib.findings.also(
	data.lib.findings.none(objective, "evidence/approval", "no valid approval in the role {role} for this gate"),
	{"values": {"role": role}},
)

# Finding: this word stands against the others.
against(objective, word) := data.lib.findings.also(
	data.lib.findings.breach(objective, word, "decision", "{name} has rejected, or approved without right or with a condition that is not met"),
	{"values": {"name": word.predicate.approver.name}},
)
