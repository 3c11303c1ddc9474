# METADATA
# title: Pre-release review by required functions
# description: >-
#   Before production the functions that the organisation names approved this artifact where the law has clauses for the
#   system, after it was classified as it stands, platform, security and compliance approved it whatever the system, and the centre of excellence did where the
#   deployment is complex. Each is a person's own signature in a role that the key holds, and nobody in these roles stands
#   against. Only a system of minimal tier without any clause needs no such review. How complex the deployment is, is the
#   word of who signed the classification. The organisation is asked what gate production said of this on each of its systems.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [production, portfolio]
#   evidence: [approval, portfolio-standing, risk-classification]
#   parameters: [portfolio_review_days, review_functions]
#   objectives:
#     functions-agreed:
#       says: Every function that must agree to a regulated release approved it.
#       at: [production]
#       covers: [S0.M7.5]
#       reads: [approval, risk-classification]
#     readiness-reviewed:
#       says: "Three persons approved, one each for the platform, security and compliance."
#       at: [production]
#       covers: [S2.M9.3]
#       reads: [approval]
#     complex-reviewed:
#       says: The centre of excellence approved a complex deployment.
#       at: [production]
#       covers: [S3.M9.8]
#       reads: [approval, risk-classification]
#     every-system-holds:
#       says: "Of every system the last word of gate production holds, and speaks against nothing here."
#       at: [portfolio]
#       covers: [S3.M9.8]
#       reads: [portfolio-standing]
#   may_be_empty:
#     approval.conditions: an approval may be given without any
#     risk-classification.legal_clauses: none are needed where every function approved
#   may_stand_beside:
#     approval.gate: what is said at another gate is not said at this one
#     approval.role: what is said in another role is judged there
#   frameworks: {nist-ai-rmf: ["GOVERN 3.1", "MANAGE 1.1"], iso-42001: ["A.6.2.5"]}
#   remediation: "Collect the missing review from legal, compliance, risk, security or the centre of excellence."
package controls.access.APP_05

import data.lib.approvals
import data.lib.standings
import data.lib.tiers

classifications := input.evidence["risk-classification"]

# What the functions must have seen.
places := [record.log_index | some record in classifications]

reviews := input.evidence["portfolio-standing"]

asked := {"control": "APP-05", "gate": "production", "days": data.parameters.portfolio_review_days}

satisfied contains "functions-agreed" if {
	count(classifications) > 0
	count(places) == count(classifications)
	approvals.distinct(data.parameters.review_functions)
	count([role | some role in data.parameters.review_functions; not approvals.after(role, places)]) == 0
}

satisfied contains "functions-agreed" if unregulated

satisfied contains "readiness-reviewed" if approvals.distinct(readiness)

satisfied contains "complex-reviewed" if {
	count(classifications) > 0
	count(places) == count(classifications)
	approvals.approves("centre-of-excellence")
	approvals.after("centre-of-excellence", places)
}

satisfied contains "complex-reviewed" if {
	count(classifications) > 0
	count([record | some record in classifications; not simple(record)]) == 0
}

readiness := ["mlops-engineer", "security-officer", "compliance"]

unregulated if {
	tiers.rank(input.system.tier) == "minimal"
	count(classifications) > 0
	every classification in classifications {
		tiers.rank(classification.predicate.tier) == "minimal"
		is_array(classification.predicate.legal_clauses)
		count(classification.predicate.legal_clauses) == 0
	}
}

simple(classification) if classification.predicate.complexity in {"low", "medium"}

roles_of := {
	"functions-agreed": [role | some role in data.parameters.review_functions; not unregulated],
	"readiness-reviewed": readiness,
	"complex-reviewed": ["centre-of-excellence" | some record in classifications; not simple(record)],
}

findings contains approvals.lacking(objective, role) if {
	some objective, roles in roles_of
	some role in roles
	not approvals.approves(role)
}

findings contains approvals.early(objective, role, record) if {
	some objective in ["functions-agreed", "complex-reviewed"]
	some role in roles_of[objective]
	some record in classifications
	not approvals.after(role, [record.log_index])
}

findings contains approvals.against(objective, word) if {
	some objective, roles in roles_of
	some role in roles
	some word in approvals.opposed(role)
}

satisfied contains "every-system-holds" if standings.hold(reviews, asked)

findings contains standings.empty("every-system-holds") if {
	some review in reviews
	count(review.predicate.versions) == 0
}

findings contains told if {
	some review in reviews
	some version in review.predicate.versions
	told := standings.finding("every-system-holds", review, version, asked)
}
