# METADATA
# title: Deletion proven by signed certificate
# description: >-
#   Every deletion that the audit trail shows has a certificate that names the object, the rule, who deleted and when, and a
#   signature on that certificate verified; so has every certificate that names a deleted object. The trail is whole: its
#   proofs hold. Where the trail and the feed of certificates show no deletion the control does not apply. That the object is
#   gone from every store is the word of who filed the certificate.
# custom:
#   severity: major
#   basis: policy
#   gates: [retirement]
#   evidence: [audit-log, feed-status, model-signature, purge-certificate]
#   applies: [audit-log, feed-status, purge-certificate]
#   parameters: [retention_window_days]
#   objectives:
#     trail-sound: {says: The proofs of the audit trail hold., reads: [audit-log]}
#     deletions-certified:
#       says: Every deletion of the audit trail has a certificate that is complete.
#       reads: [audit-log, feed-status, purge-certificate]
#     certificates-signed:
#       says: The signature on every certificate of a deletion was verified.
#       reads: [feed-status, model-signature, purge-certificate]
#   may_differ: {purge-certificate.completed_at: that the time is told is asked; RET-02 judges when it was due}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of purges
#     model-signature.artifact_digest: a signature on something else says nothing of this certificate
#     model-signature.signed_kind: a signature on something of another kind says nothing of this certificate
#     purge-certificate.object_digests: a certificate of other objects says nothing of this one
#   frameworks: {gdpr: ["17", "5(2)"], eu-ai-act: ["4a(1)(e)"]}
#   remediation: File the signed certificate for the deletion.
package controls.retention.RET_07

import data.lib.feeds
import data.lib.findings as say
import data.lib.records

trail := input.evidence["audit-log"]

certificates := input.evidence["purge-certificate"]

purges := [entry | some entry in trail; not other_action(entry)]

other_action(entry) if {
	entry.predicate.action in {
		"registered", "promoted", "demoted", "deployed", "refused", "approved", "waived", "configured", "exported", "imported",
		"decided", "read",
	}
}

# Certificates of objects that were deleted, or that do not say that none was.
deletions := [certificate | some certificate in certificates; not deletes_nothing(certificate)]

deletes_nothing(certificate) if count(certificate.predicate.object_digests) == 0

whole if feeds.all_seen_for(certificates, input.evidence["feed-status"], "purge-certificate", data.parameters.retention_window_days)

applies if count(purges) + count(deletions) > 0

applies := false if {
	count(trail) > 0
	whole
	count(purges) + count(deletions) == 0
}

satisfied contains "trail-sound" if {
	count(trail) > 0
	every entry in trail {
		entry.predicate.chain_verified == true
		entry.predicate.inclusion_verified == true
	}
}

satisfied contains "deletions-certified" if {
	whole
	count(trail) > 0
	count([entry | some entry in purges; not certified(entry)]) == 0
	count([certificate | some certificate in deletions; not complete(certificate)]) == 0
}

satisfied contains "certificates-signed" if {
	whole
	count(deletions) > 0
	every certificate in deletions {
		signed(certificate)
	}
}

certified(entry) if {
	some certificate in deletions
	entry.predicate.object_ref in certificate.predicate.object_digests
}

complete(certificate) if {
	records.named(certificate.predicate.policy_id)
	records.named(certificate.predicate.actor)
	certificate.predicate.completed_at
}

signed(certificate) if {
	count(signatures(certificate)) > 0
	every signature in signatures(certificate) {
		signature.predicate.verified == true
	}
}

signatures(certificate) := [signature |
	some signature in input.evidence["model-signature"]
	signature.predicate.signed_kind == "purge-certificate"
	signature.predicate.artifact_digest == certificate.digest
]

findings contains say.breach("trail-sound", entry, "chain_verified", "the proofs of the audit trail do not hold") if {
	some entry in trail
	not sound(entry)
}

sound(entry) if {
	entry.predicate.chain_verified == true
	entry.predicate.inclusion_verified == true
}

findings contains feeds.gap_for(objective, certificates, input.evidence["feed-status"], "purge-certificate", data.parameters.retention_window_days) if {
	not whole
	some objective in ["deletions-certified", "certificates-signed"]
}

findings contains say.also(bare, {"observed": entry.predicate.object_ref}) if {
	some entry in purges
	not certified(entry)
	bare := say.breach("deletions-certified", entry, "object_ref", "{observed} was deleted, and no certificate names it")
}

findings contains say.gap("deletions-certified", certificate, "completed_at", "the certificate does not say by which rule, by whom and when it was deleted") if {
	some certificate in deletions
	not complete(certificate)
}

findings contains say.gap("certificates-signed", certificate, "digest", "no verified signature on the certificate is on record") if {
	some certificate in deletions
	count(signatures(certificate)) == 0
}

findings contains say.breach("certificates-signed", signature, "verified", "the signature on the certificate does not verify") if {
	some certificate in deletions
	some signature in signatures(certificate)
	signature.predicate.verified == false
}
