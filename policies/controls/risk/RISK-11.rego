# METADATA
# title: Intended purpose frozen and respected
# description: >-
#   The registry entry pins the statement of purpose by its digest, somebody approved the candidate at this gate after that
#   entry and nobody stands by a rejection, and every deployment of the last months runs for the purpose that is pinned. Where
#   the feed shows that nothing was deployed, nothing ran for another purpose. That the digest is that of the purpose that
#   people read is the word of who keeps the registry.
# custom:
#   severity: major
#   basis: law
#   roles: [provider, deployer]
#   gates: [registration, production]
#   applies_from: D-HR
#   evidence: [approval, deployment-record, feed-status, registry-entry]
#   parameters: [event_log_keep]
#   objectives:
#     purpose-approved:
#       says: The purpose of the version is pinned by a digest and was approved at this gate.
#       reads: [approval, registry-entry]
#     purpose-respected:
#       says: Every deployment runs for the purpose that the registry pins.
#       at: [production]
#       reads: [deployment-record, feed-status, registry-entry]
#   may_be_empty: {approval.conditions: an approval may have no condition}
#   may_differ: {registry-entry.intended_use_digest: that a purpose is pinned is asked; purpose-respected holds deployments against it}
#   may_stand_beside:
#     approval.gate: what is said at another gate is not said at this one
#     approval.signature.signer: what another person approves takes nothing away; what they reject does, as the cases show
#     approval.decision: an abstention neither approves nor rejects; a later rejection takes the pass away, as the cases show
#     feed-status.feed: another feed says nothing of deployments
#   frameworks: {eu-ai-act: ["3(12)", "25(1)(c)", "26(1)"], nist-ai-rmf: ["MAP 1.1"], iso-42001: ["A.9.4"]}
#   remediation: "Deploy for the approved purpose, or have the new purpose approved and the system classified again."
package controls.risk.RISK_11

import data.lib.feeds
import data.lib.findings as say
import data.lib.records

entries := input.evidence["registry-entry"]

approvals := input.evidence.approval

deployments := input.evidence["deployment-record"]

satisfied contains "purpose-approved" if {
	count(entries) > 0
	every entry in entries {
		records.named(entry.predicate.intended_use_digest)
		records.approved_after(approvals, input.gate, entry)
	}
}

satisfied contains "purpose-respected" if {
	count(entries) > 0
	whole
	every entry in entries {
		records.named(entry.predicate.intended_use_digest)
		count([deployment | some deployment in deployments; not of_purpose(deployment, entry)]) == 0
	}
}

whole if feeds.all_seen_back(deployments, input.evidence["feed-status"], "deployment-record", data.parameters.event_log_keep)

of_purpose(deployment, entry) if deployment.predicate.use_descriptor_digest == entry.predicate.intended_use_digest

findings contains say.gap(objective, entry, "intended_use_digest", "the registry entry does not pin the statement of purpose") if {
	some entry in entries
	not entry.predicate.intended_use_digest
	some objective in ["purpose-approved", "purpose-respected"]
}

findings contains say.breach("purpose-approved", entry, "intended_use_digest", "nobody approved the candidate at this gate after the purpose was entered, or it was rejected since") if {
	some entry in entries
	count(approvals) > 0
	not approved(entry)
}

approved(entry) if records.approved_after(approvals, input.gate, entry)

findings contains feeds.gap_back("purpose-respected", deployments, input.evidence["feed-status"], "deployment-record", data.parameters.event_log_keep) if not whole

findings contains say.breach("purpose-respected", deployment, "use_descriptor_digest", "the deployment runs for another purpose than the registry pins, or names none") if {
	some entry in entries
	some deployment in deployments
	not of_purpose(deployment, entry)
}
