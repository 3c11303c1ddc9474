# METADATA
# title: Decision reproduces from stored evidence
# description: >-
#   A stored decision on this version was made again out of what was kept (`quaestor replay --file`), and the newest such
#   replay gave the same bytes with all signatures verified. Quaestor measures it; nobody can bring it. Read strictly: of
#   each instant every replay counts. Which of the decisions was replayed is not asked.
# custom:
#   severity: major
#   basis: policy
#   gates: [staging, production]
#   evidence: {replay-check: measured}
#   objectives:
#     decision-reproduces: {says: The newest replay of a decision on this version gave the same decision.}
#   may_stand_beside:
#     replay-check.kind: a trial export for an authority is no replay
#     replay-check.performed_at: the newest replay counts
#   frameworks: {eu-ai-act: ["21"]}
#   remediation: Find which input changed since the decision and restore the stored one.
package controls.audit_trail.EVD_05

import data.lib.findings as say
import data.lib.records

replays := [check | some check in input.evidence["replay-check"]; check.predicate.kind == "replay"]

newest := [check |
	some check in replays
	count([other | some other in replays; other.predicate.performed_at > check.predicate.performed_at]) == 0
]

satisfied contains "decision-reproduces" if {
	count(newest) > 0
	every check in newest {
		reproduced(check)
	}
}

reproduced(check) if {
	records.names_candidate(check)
	check.predicate.succeeded == true
	check.predicate.signatures_verified == true
	check.predicate.recomputed_digest == check.predicate.decision_digest
}

findings contains say.none("decision-reproduces", "evidence/replay-check", "no decision on this version was made again yet") if count(replays) == 0

findings contains say.breach("decision-reproduces", check, "recomputed_digest", "the decision that was made again is another, or a signature in it does not verify") if {
	some check in newest
	not reproduced(check)
}
