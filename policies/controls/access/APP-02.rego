# METADATA
# title: Cross-functional review board decision
# description: >-
#   A delicate use goes before the review board: so many members approved this artifact at this gate, each under their own
#   signature, after classification and questionnaire as they stand, all conditions are met, and no member stands against. A use is delicate by the classification, or by what
#   the questionnaire answers to Annex III; both must be known to be of no such kind for no board to be needed. The quorum
#   is counted from signatures; the number that a record claims counts for nothing. At staging three persons in legal,
#   security and the domain approved as well, whatever the use.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [registration, staging, production]
#   evidence: [approval, risk-classification, risk-questionnaire]
#   parameters: [board_quorum, sensitive_domains]
#   objectives:
#     board-agreed:
#       says: "Enough members of the review board approved a delicate use, and none stands against it."
#       at: [registration, production]
#       covers: [S0.M6.3]
#     board-conditions-met:
#       says: "The review board approved a delicate use, with all its conditions met."
#       at: [registration, staging]
#       covers: [S1.M4.4]
#     experts-agreed:
#       says: "Three persons approved, one each for law, security and the domain."
#       at: [staging]
#       covers: [S3.M1.1]
#       reads: [approval]
#   may_be_empty:
#     approval.conditions: an approval may be given without any
#     risk-questionnaire.annex_iii_answers: whoever answers nothing needs the board
#   may_stand_beside:
#     approval.gate: what is said at another gate is not said at this one
#     approval.role: what is said in another role is judged there
#   frameworks: {nist-ai-rmf: ["GOVERN 3.1", "MANAGE 1.1"], iso-42001: ["A.3.2"]}
#   remediation: Bring the system before the review board and close its conditions.
package controls.access.APP_02

import data.lib.approvals
import data.lib.findings as say

classifications := input.evidence["risk-classification"]

questionnaires := input.evidence["risk-questionnaire"]

satisfied contains "board-agreed" if no_board_needed

satisfied contains "board-agreed" if {
	known
	approvals.quorum("review-board", data.parameters.board_quorum)
	approvals.after("review-board", places)
}

satisfied contains "board-conditions-met" if no_board_needed

satisfied contains "board-conditions-met" if {
	known
	approvals.approves("review-board")
	approvals.after("review-board", places)
}

satisfied contains "experts-agreed" if approvals.distinct(experts)

# What the board must have seen.
places := array.concat([record.log_index | some record in classifications], [record.log_index | some record in questionnaires])

experts := ["legal", "security-officer", "domain-expert"]

known if {
	count(classifications) > 0
	count(questionnaires) > 0
	count(delicate_points) > 0
	count(places) == count(classifications) + count(questionnaires)
}

no_board_needed if {
	known
	count([record | some record in classifications; not plain(record)]) == 0
	count([record | some record in questionnaires; not answered_no(record)]) == 0
}

plain(classification) if classification.predicate.sensitive_domain in plain_domains

answered_no(questionnaire) if {
	count(delicate_points) > 0
	every point in delicate_points {
		questionnaire.predicate.annex_iii_answers[point] == "no"
	}
}

# Known, and none of those that need a board.
plain_domains := {domain | some domain in all_domains; not domain in data.parameters.sensitive_domains}

all_domains := {"none", "hiring", "employment", "lending", "credit", "insurance", "health", "education", "law-enforcement", "migration", "justice"}

# Points of Annex III that are about a domain which needs a board.
delicate_points := {point | some domain, points in by_domain; domain in data.parameters.sensitive_domains; some point in points}

by_domain := {
	"education": ["3a", "3b", "3c", "3d"],
	"employment": ["4a", "4b"],
	"hiring": ["4a"],
	"health": ["5a", "5d"],
	"credit": ["5b"],
	"lending": ["5b"],
	"insurance": ["5c"],
	"law-enforcement": ["6a", "6b", "6c", "6d", "6e"],
	"migration": ["7a", "7b", "7c", "7d"],
	"justice": ["8a"],
}

board := {"registration": ["board-agreed", "board-conditions-met"], "staging": ["board-conditions-met"], "production": ["board-agreed"]}

findings contains say.also(few, {"observed": count(approvals.agreed("review-board")), "expected": data.parameters.board_quorum}) if {
	"board-agreed" in board[input.gate]
	not no_board_needed
	not approvals.quorum("review-board", data.parameters.board_quorum)
	few := say.none("board-agreed", "evidence/approval", "{observed} members of the review board approved at this gate, and {expected} are needed")
}

findings contains approvals.lacking("board-conditions-met", "review-board") if {
	"board-conditions-met" in board[input.gate]
	not no_board_needed
	not approvals.approves("review-board")
}

findings contains approvals.early(objective, "review-board", record) if {
	not no_board_needed
	some objective in board[input.gate]
	some record in classifications
	not approvals.after("review-board", [record.log_index])
}

findings contains approvals.early(objective, "review-board", record) if {
	not no_board_needed
	some objective in board[input.gate]
	some record in questionnaires
	not approvals.after("review-board", [record.log_index])
}

findings contains approvals.against(objective, word) if {
	not no_board_needed
	some objective in board[input.gate]
	some word in approvals.opposed("review-board")
}

findings contains approvals.lacking("experts-agreed", role) if {
	input.gate == "staging"
	some role in experts
	not approvals.approves(role)
}

findings contains approvals.against("experts-agreed", word) if {
	input.gate == "staging"
	some role in experts
	some word in approvals.opposed(role)
}

findings contains say.also(twice, {"observed": sort([person | some person in shared])}) if {
	input.gate == "staging"
	some role in experts
	some other in experts
	role != other
	shared := approvals.persons(role) & approvals.persons(other)
	count(shared) > 0
	twice := say.none("experts-agreed", "evidence/approval", "{observed} approved in two roles")
}
