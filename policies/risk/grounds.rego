# METADATA
# title: Grounds of the law that a questionnaire may claim
# description: >-
#   A claim is {"claim", "reason", "reviewed_by": {"id", …}}. It holds where its name stands here under the provision that
#   it would lift, its reason says something, and two persons signed the same answers: the reviewer, in compliance or as a
#   risk officer, and somebody else. The second signature is a second risk-questionnaire record with the same content. What
#   two persons sign together is still their word: it lifts the named provision, and no other.
package risk.grounds

# Grounds by the provision of the AI Act that they lift.
exceptions := {
	"Art 5(1)(f)": {"medical-reasons", "safety-reasons"},
	"Art 5(1)(g)": {"law-enforcement-categorisation", "lawful-dataset-labelling"},
	"Art 5(1)(h)": {"imminent-threat", "search-for-suspect", "search-for-victims"},
	"Art 50(1)": {"crime-detection-by-law", "obvious-to-persons"},
	"Art 50(2)": {"assistive-editing", "crime-detection-by-law", "no-substantial-alteration"},
	"Art 50(3)": {"crime-detection-by-law"},
}

# The field claims a ground that lifts the provision.
lifts(q, field, provision) if {
	claim := q[field]
	claim.claim in exceptions[provision]
	in_its_place(q, claim.claim)
	reviewed(q, claim)
}

# Grounds that are open to law enforcement alone.
for_law_enforcement := {
	"crime-detection-by-law", "imminent-threat", "law-enforcement-categorisation", "search-for-suspect", "search-for-victims",
}

in_its_place(_, claim) if not claim in for_law_enforcement

in_its_place(q, _) if q.law_enforcement == true

# Why a point of Annex III is not applicable.
not_applicable(q, point) if {
	some claim in q.not_applicable
	claim.claim == point
	reviewed(q, claim)
}

# The claim has a reason, and a second person who signed for it.
reviewed(q, claim) if {
	data.lib.text.says_something(claim.reason)
	claim.reviewed_by.id in q.reviewers
	some other in q.signers
	other != claim.reviewed_by.id
}

# The content of a record, with `signers`: who signed that very content, in this record or in another, and `reviewers`: who
# of them does not own the system or its use, since two owners together are one interest.
signed(record) := object.union(record.predicate, {"signers": signers(record), "reviewers": reviewers(record)})

reviewers(record) := sort([signer | some signer in reviewers_of(record.digest)])

reviewers_of(digest) := {signer |
	some other in input.evidence["risk-questionnaire"]
	other.digest == digest
	other.signature.state == "verified"
	other.signature.kind == "person"
	some role in other.signature.roles
	role in {"compliance", "risk-officer"}
	signer := other.signature.signer
}

signers(record) := sort([signer | some signer in signers_of(record.digest)])

signers_of(digest) := {signer |
	some other in input.evidence["risk-questionnaire"]
	other.digest == digest
	other.signature.state == "verified"
	other.signature.kind == "person"
	signer := other.signature.signer
}
