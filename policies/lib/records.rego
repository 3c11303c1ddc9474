# METADATA
# title: Records and what they name
# description: What several controls ask of records, and the findings that they share.
package lib.records

import data.lib.text

# A text that says something: no blank, no placeholder.
filled(written) if text.says_something(written)

# A name, number or code: shorter than a text that says something, and no blank or placeholder either.
named(written) if {
	is_string(written)
	not text.nameless(written)
}

# A name of somebody or something: none that stands for all, for anybody, or for whoever is not known.
single(written) if {
	named(written)
	not contains(written, "*")
	whole := text.lower(text.bare(written))
	not replace(whole, " ", "") in everybody
	not contains(whole, "anonymous")
	not contains(whole, "unauthenticated")
}

everybody := {
	"all", "allusers", "allauthenticatedusers", "anon", "any", "anybody", "anyone", "authenticatedusers", "everybody", "everyone",
	"guest", "nobody", "public", "world",
}

# A list of texts that holds one at least, each of which says something.
all_filled(texts) if {
	count(texts) > 0
	every written in texts {
		filled(written)
	}
}

# Every asked-for name is given. `every` is true of an empty list, so at least one must be asked for.
covers(given, asked) if {
	count(asked) > 0
	every name in asked {
		name in given
	}
}

# The record was filed for the candidate itself, and not for another version or the system as a whole.
names_candidate(record) if input.subject.digest in record.subject

# The record speaks of the candidate artifact, and not of another one under the same system.
on_candidate(record) if record.predicate.artifact_digest == input.subject.digest

# Finding: the record speaks of another artifact than the candidate.
other_artifact(objective, record) := {
	"objective": objective,
	"message": "the record is about another artifact than the one that is judged",
	"evidence": record.id,
	"observed": record.predicate.artifact_digest,
	"expected": input.subject.digest,
	"path": "artifact_digest",
}

# The feed's source answered for the whole window, so that "nothing happened" is a statement. Every status of the feed
# must say so: a broken window beside a whole one is a gap.
feed_complete(statuses, feed) if {
	of_feed := [status | some status in statuses; status.predicate.feed == feed]
	count(of_feed) > 0
	every status in of_feed {
		status.predicate.complete == true
	}
}

# At a gate somebody approved the candidate in their own name after a record was filed, and nobody rejected it who did not
# approve it later, or approved it on a condition that is open. The order is that of the ledger.
approved_after(approvals, gate, record) if {
	count([other | some other in approvals; stands_against(other, gate, approvals)]) == 0
	some approval in approvals
	unconditional(approval, gate)
	approval.log_index > record.log_index
}

unconditional(approval, gate) if {
	said_at(approval, gate, "approve")
	not in_name_of_another(approval)
	is_array(approval.predicate.conditions)
	count([condition | some condition in approval.predicate.conditions; not met(condition)]) == 0
}

# As `approved_after`, by somebody in a role that answers for the law: who releases a version has judged no ground of it.
approved_in_law_after(approvals, gate, record) if {
	approved_after(approvals, gate, record)
	some approval in approvals
	approval.predicate.role in {"compliance", "dpo", "legal"}
	approval.predicate.role in approval.signature.roles
	unconditional(approval, gate)
	approval.log_index > record.log_index
}

# What one person rejects no other sets right by approving: a rejection stands until the same person approves.
stands_against(other, gate, approvals) if {
	said_at(other, gate, "reject")
	count([later | some later in approvals; takes_back(later, other, gate)]) == 0
}

stands_against(other, gate, _) if {
	said_at(other, gate, "approve")
	not unconditional(other, gate)
}

said_at(approval, gate, decision) if {
	approval.predicate.gate == gate
	approval.predicate.decision == decision
	on_candidate(approval)
}

takes_back(later, rejection, gate) if {
	unconditional(later, gate)
	later.signature.signer == rejection.signature.signer
	rejection.log_index < later.log_index
}

# Another person, as far as id and name tell: one name in other letters, or one name under a second id, is the same.
another(person, other) if {
	named(person.id)
	named(person.name)
	named(other.id)
	named(other.name)
	text.folded_name(person.id) != text.folded_name(other.id)
	text.folded_name(person.name) != text.folded_name(other.name)
}

in_name_of_another(approval) if approval.predicate.approver.id != approval.signature.signer

met(condition) if condition.met == true
