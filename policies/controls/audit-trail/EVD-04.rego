# METADATA
# title: Records tamper-evident
# description: >-
#   Of every act on the version that the ledger holds the inclusion in the tree, the consistency with the tree before and
#   the unbroken chain are verified, and that the version was registered is among them. Only what the ledger derives itself
#   counts. Whoever holds the whole store could write it anew from the first entry: against that a witness outside helps,
#   which an organisation that has one asks for by `witness_required`; Quaestor brings none itself.
# custom:
#   severity: blocker
#   basis: policy
#   waivable: false
#   gates: [staging, production, operation]
#   evidence: {audit-log: derived}
#   parameters: [witness_required]
#   objectives:
#     trail-verified:
#       says: "Inclusion, consistency and chain of every act on the version are verified."
#       covers: [S3.M5.8]
#     trail-witnessed: {says: "The checkpoint has a witness outside, where one is asked for."}
#   may_stand_beside:
#     audit-log.action: other acts stand in the ledger beside the registration
#     audit-log.object_ref: acts on something else are verified like the others
#   frameworks: {eu-ai-act: ["12", "18"], rfc-9162: ["Merkle proofs"]}
#   remediation: "Treat the ledger as compromised: stop gating on it, keep it, and investigate."
package controls.audit_trail.EVD_04

import data.lib.findings as say

trail := input.evidence["audit-log"]

registered if {
	some note in trail
	note.predicate.action == "registered"
	note.predicate.object_ref == input.subject.digest
}

satisfied contains "trail-verified" if {
	registered
	count(trail) > 0
	every note in trail {
		verified(note)
	}
}

satisfied contains "trail-witnessed" if {
	data.parameters.witness_required == false
	count(trail) > 0
}

satisfied contains "trail-witnessed" if {
	count(trail) > 0
	every note in trail {
		note.predicate.checkpoint_witnessed == true
	}
}

verified(note) if {
	note.predicate.inclusion_verified == true
	note.predicate.consistency_verified == true
	note.predicate.chain_verified == true
}

findings contains say.none("trail-verified", "evidence/audit-log", "the ledger holds no registration of the version") if {
	count(trail) > 0
	not registered
}

findings contains say.also(broken, {"values": {"entry": note.predicate.entry_hash}}) if {
	some note in trail
	not verified(note)
	broken := say.breach("trail-verified", note, "chain_verified", "inclusion, consistency or chain of the entry {entry} does not verify")
}

findings contains say.gap("trail-witnessed", note, "checkpoint_witnessed", "no witness outside saw the checkpoint") if {
	not data.parameters.witness_required == false
	some note in trail
	note.predicate.checkpoint_witnessed == false
}
