# METADATA
# title: Post-market monitoring plan exists
# description: >-
#   A signed plan names each metric that is monitored after the market with source, frequency and owner, and it is the very
#   plan that the technical file of this version contains, by digest. Whether the plan suits the system is the word of who
#   signed it; that its metrics are measured is judged in operation (EUAIA-72-2).
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [high]
#   roles: [provider]
#   gates: [staging]
#   applies_from: D-HR-OPEN
#   evidence: [statement:monitoring-plan, technical-file]
#   objectives:
#     plan-names-metrics:
#       says: "Every current plan names its metrics with source, frequency and owner."
#       reads: [statement:monitoring-plan]
#     plan-in-file: {says: The technical file of this version contains a plan that is signed and current.}
#   may_stand_beside:
#     statement:monitoring-plan.digest: another plan takes nothing away from the one that is in the file
#     technical-file.kind: a document of another kind is no technical file after Annex IV
#   frameworks: {eu-ai-act: ["72(1)", "72(3)"], nist-ai-rmf: ["MANAGE 4.1"], iso-42001: ["A.6.2.6"]}
#   remediation: Write the monitoring plan and file it in the technical documentation.
package controls.eu_operators.EUAIA_72_1

import data.lib.findings as say
import data.lib.records

plans := input.evidence["statement:monitoring-plan"]

files := [file |
	some file in input.evidence["technical-file"]
	file.predicate.kind in {"annex-iv", "annex-iv-simplified"}
]

satisfied contains "plan-names-metrics" if {
	count(plans) > 0
	every plan in plans {
		count(plan.predicate.facts.metrics) > 0
		every metric in plan.predicate.facts.metrics {
			planned(metric)
		}
	}
}

satisfied contains "plan-in-file" if {
	count(plans) > 0
	count(files) > 0
	every file in files {
		contained(file)
	}
}

planned(metric) if {
	records.named(metric.name)
	records.named(metric.source)
	metric.frequency_days > 0
	records.named(metric.owner.id)
}

contained(file) if {
	some plan in plans
	plan.digest == file.predicate.monitoring_plan_digest
}

findings contains say.breach("plan-names-metrics", plan, "facts.metrics", "the plan names no metric") if {
	some plan in plans
	count(plan.predicate.facts.metrics) == 0
}

findings contains say.also(open, {"values": {"metric": metric.name}}) if {
	some plan in plans
	some metric in plan.predicate.facts.metrics
	not planned(metric)
	open := say.breach("plan-names-metrics", plan, "facts.metrics", "the metric {metric} lacks source, frequency or owner")
}

findings contains say.gap("plan-in-file", file, "monitoring_plan_digest", "the technical file contains no plan that is signed and current") if {
	some file in files
	not contained(file)
}

findings contains say.none("plan-in-file", "kind", "there is no current technical file after Annex IV") if count(files) == 0
