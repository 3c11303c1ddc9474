# METADATA
# title: Emergency moves reviewed afterwards
# description: >-
#   Whoever moves a version to production in a change freeze does so with a second person (policies/access), and somebody
#   else reviews it in time and finds that it was an emergency. Judged over all versions of the system: what an emergency
#   brought in is reviewed before the next version follows, or its time has not run out. `quaestor system promote` records
#   the moves, and nobody takes one back; whether one was justified is the reviewer's word. What was moved by other means
#   than Quaestor is seen by CHG-01 and CHG-03, by its ticket.
# custom:
#   severity: major
#   basis: policy
#   gates: [production, operation]
#   evidence: [emergency-move, registry-entry, "statement:emergency-review"]
#   parameters: [emergency_review_days]
#   objectives:
#     emergencies-reviewed: {says: Every emergency move to production was reviewed in time by somebody without part in it.}
#   may_be_empty: {emergency-move: no emergency is the usual state}
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

moves := input.evidence["emergency-move"]

satisfied contains "emergencies-reviewed" if {
	count(entries) > 0
	every entry in entries {
		is_string(entry.predicate.artifact_digest)
	}
	count([move | some move in moves; not in_order(move)]) == 0
}

of_move(move) := [review |
	some review in reviews
	review.predicate.facts.moved_at == move.predicate.moved_at
	review.predicate.facts.artifact == move.predicate.artifact_digest
]

# It was reviewed in time, and no review finds that it was none.
in_order(move) if {
	count([review | some review in of_move(move); in_time(review, move); apart(review, move)]) > 0
	upheld(move)
}

in_order(move) if {
	calendar.within_days(move.predicate.moved_at, data.parameters.emergency_review_days, input.now)
	upheld(move)
}

upheld(move) if count([review | some review in of_move(move); not justified(review)]) == 0

justified(review) if review.predicate.facts.conclusion == "justified"

in_time(review, move) if {
	calendar.at_most_days_between(move.predicate.moved_at, review.filed_at, data.parameters.emergency_review_days)
}

apart(review, move) if {
	review.signature.signer != move.predicate.moved_by.id
	review.signature.signer != move.predicate.second.id
}

findings contains say.none("emergencies-reviewed", "evidence/registry-entry", "the inventory does not know the version") if {
	count(entries) == 0
}

findings contains say.also(open, {"values": {"version": version, "day": day}}) if {
	some move in moves
	not in_order(move)
	upheld(move)
	version := move.predicate.version
	day := calendar.day_of(move.predicate.moved_at)
	open := say.breach("emergencies-reviewed", move, "moved_at", "the emergency move of version {version} on {day} was not reviewed in time by somebody without part in it")
}

findings contains say.also(denied, {"values": {"version": version, "day": day}}) if {
	some move in moves
	not upheld(move)
	version := move.predicate.version
	day := calendar.day_of(move.predicate.moved_at)
	denied := say.breach("emergencies-reviewed", move, "reason", "a review finds that the move of version {version} on {day} was no emergency")
}
