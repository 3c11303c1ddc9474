# METADATA
# title: Emergency moves reviewed afterwards
# description: >-
#   Whoever moves a version to production in a change freeze does so with a second person (policies/access), and somebody
#   else reviews it in time and finds that it was an emergency. Judged over all versions of the system: what an emergency
#   brought in is reviewed before the next version follows, or its time has not run out. The inventory tells of the moves,
#   which `quaestor system promote` alone writes; whether one was justified is the reviewer's word.
# custom:
#   severity: major
#   basis: policy
#   gates: [production, operation]
#   evidence: [registry-entry, "statement:emergency-review"]
#   about: {registry-entry: system}
#   parameters: [emergency_review_days]
#   objectives:
#     emergencies-reviewed: {says: Every emergency move to production was reviewed in time by somebody without part in it.}
#   may_be_empty:
#     registry-entry.emergency_moves: no emergency is the usual state
#   may_stand_beside:
#     statement:emergency-review.facts.artifact: a review of another version says nothing of this one
#     statement:emergency-review.facts.moved_at: a review of another move says nothing of this one
#   frameworks: {iso-42001: ["A.6.2.5"], nist-ai-rmf: ["MANAGE 4.1"]}
#   remediation: "Have the emergency reviewed: quaestor statement new emergency-review."
package controls.change.CHG_06

import data.lib.findings as say
import data.lib.time as calendar

entries := input.evidence["registry-entry"]

reviews := input.evidence["statement:emergency-review"]

moves := [{"entry": entry, "move": move} |
	some entry in entries
	some move in entry.predicate.emergency_moves
]

satisfied contains "emergencies-reviewed" if {
	count(entries) > 0
	every entry in entries {
		is_string(entry.predicate.artifact_digest)
	}
	count([made | some made in moves; not in_order(made)]) == 0
}

of_move(made) := [review |
	some review in reviews
	review.predicate.facts.moved_at == made.move.moved_at
	review.predicate.facts.artifact == made.entry.predicate.artifact_digest
]

# It was reviewed in time, and no review finds that it was none.
in_order(made) if {
	count([review | some review in of_move(made); in_time(review, made.move); apart(review, made.move)]) > 0
	upheld(made)
}

in_order(made) if {
	calendar.within_days(made.move.moved_at, data.parameters.emergency_review_days, input.now)
	upheld(made)
}

upheld(made) if count([review | some review in of_move(made); not justified(review)]) == 0

justified(review) if review.predicate.facts.conclusion == "justified"

in_time(review, move) if {
	calendar.at_most_days_between(move.moved_at, review.filed_at, data.parameters.emergency_review_days)
}

apart(review, move) if {
	review.signature.signer != move.by.id
	review.signature.signer != move.second.id
}

findings contains say.none("emergencies-reviewed", "evidence/registry-entry", "the inventory does not know the system") if {
	count(entries) == 0
}

findings contains say.also(open, {"values": {"version": version, "day": day}}) if {
	some made in moves
	not in_order(made)
	upheld(made)
	version := made.entry.predicate.version
	day := calendar.day_of(made.move.moved_at)
	open := say.breach("emergencies-reviewed", made.entry, "emergency_moves", "the emergency move of version {version} on {day} was not reviewed in time by somebody without part in it")
}

findings contains say.also(denied, {"values": {"version": version, "day": day}}) if {
	some made in moves
	not upheld(made)
	version := made.entry.predicate.version
	day := calendar.day_of(made.move.moved_at)
	denied := say.breach("emergencies-reviewed", made.entry, "emergency_moves", "a review finds that the move of version {version} on {day} was no emergency")
}
