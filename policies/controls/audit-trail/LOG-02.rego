# METADATA
# title: Trail of version changes complete and readable
# description: >-
#   The stage of the version in the registry is what the ledger has under the very number of that entry, with who did it
#   and when: registered, promoted or demoted. People of compliance or audit may read the trail (a right on the resource
#   `audit-log`). Each deployment of the version stands in the ledger as deployed under the number of its record, names who
#   deployed it, and the training that is filed for the version has its data and settings, for all the time since the
#   training. Only what the ledger itself derives counts as trail; a trail that somebody brings does not.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [staging, production, operation]
#   evidence: {access-policy: any, audit-log: derived, deployment-record: any, feed-status: any, registry-entry: any, training-run: any}
#   objectives:
#     stage-changes-logged:
#       says: The ledger holds the act that brought the version to its stage.
#       at: [staging, production]
#       covers: [S3.M5.8]
#       reads: [audit-log, registry-entry]
#     trail-readable:
#       says: People of compliance or audit may read the trail.
#       at: [staging, production]
#       covers: [S3.M5.8]
#       reads: [access-policy]
#     deployments-logged:
#       says: "Each deployment stands in the ledger with who deployed it, and its data and settings are known."
#       at: [production, operation]
#       covers: [S4.M3.2]
#       reads: [audit-log, deployment-record, feed-status, training-run]
#   may_be_empty: {deployment-record.subject: a deployment that was filed for nothing is held to the trail like the others}
#   may_stand_beside:
#     access-policy: rights add up, and one that lets nobody read takes none away
#     feed-status.feed: another feed says nothing of deployments
#     audit-log: other acts stand in the ledger beside those that are asked for
#   frameworks: {nist-ai-rmf: ["MEASURE 2.8"], iso-42001: ["A.6.2.8"], eu-ai-act: ["12"]}
#   remediation: "Write the missing entry with actor and time, and give compliance read access."
package controls.audit_trail.LOG_02

import data.lib.feeds
import data.lib.findings as say
import data.lib.records

entries := input.evidence["registry-entry"]

runs := input.evidence["training-run"]

deployments := input.evidence["deployment-record"]

own := [deployment | some deployment in deployments; not of_another(deployment)]

of_another(deployment) if {
	not records.on_candidate(deployment)
	count(deployment.subject) > 0
	not records.names_candidate(deployment)
}

starts := [run.predicate.started_at | some run in runs]

whole if feeds.all_seen_since_each(deployments, input.evidence["feed-status"], "deployment-record", starts)

satisfied contains "stage-changes-logged" if {
	count(entries) > 0
	every entry in entries {
		logged(entry, acts[entry.predicate.stage])
	}
}

satisfied contains "trail-readable" if {
	some policy in input.evidence["access-policy"]
	policy.predicate.resource == "audit-log"
	policy.predicate.role in {"compliance", "auditor", "risk-officer"}
	"read" in policy.predicate.actions
	count(policy.predicate.principals) > 0
}

satisfied contains "deployments-logged" if {
	whole
	count(runs) > 0
	every run in runs {
		described(run)
	}
	count([deployment | some deployment in own; not traced(deployment)]) == 0
}

acts := {"development": {"registered"}, "staging": {"promoted"}, "production": {"promoted"}, "archived": {"demoted"}}

# The ledger has the record under its number as such an act on this version, by somebody.
logged(record, actions) if {
	some note in input.evidence["audit-log"]
	note.predicate.sequence == record.log_index
	note.predicate.action in actions
	note.predicate.object_ref == input.subject.digest
	records.named(note.predicate.actor)
}

traced(deployment) if {
	logged(deployment, {"deployed"})
	records.named(deployment.predicate.deployed_by.id)
}

described(run) if {
	records.names_candidate(run)
	count(run.predicate.dataset_digests) > 0
	count(run.predicate.hyperparameters) > 0
}

findings contains say.also(unlogged, {"observed": entry.predicate.stage}) if {
	input.gate in {"staging", "production"}
	some entry in entries
	not logged(entry, acts[entry.predicate.stage])
	unlogged := say.gap("stage-changes-logged", entry, "stage", "the ledger holds no act that brought the version to the stage {observed}")
}

findings contains say.none("trail-readable", "evidence/access-policy", "no current access policy lets compliance or audit read `audit-log`") if {
	input.gate in {"staging", "production"}
	not "trail-readable" in satisfied
}

findings contains feeds.gap_since_each("deployments-logged", deployments, input.evidence["feed-status"], "deployment-record", starts) if {
	input.gate in {"production", "operation"}
	not whole
}

findings contains say.gap("deployments-logged", run, "hyperparameters", "the training of this version is filed without its data or settings, or for the system as a whole") if {
	input.gate in {"production", "operation"}
	some run in runs
	not described(run)
}

findings contains say.also(untraced, {"values": {"deployment": deployment.predicate.deployment_id}}) if {
	input.gate in {"production", "operation"}
	some deployment in own
	not traced(deployment)
	untraced := say.gap("deployments-logged", deployment, "deployed_by", "the ledger does not hold who deployed {deployment}")
}
