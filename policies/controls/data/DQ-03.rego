# METADATA
# title: Data fresh enough for the decision
# description: >-
#   Every source of the datasets has an agreement on how fresh its data are, and at intake and in serving the newest row is
#   no older than the strictest of these says, nor than a signed statement says that the decision tolerates. Read strictly:
#   each current report of the stage tells its age. What age a decision tolerates is the signer's word.
# custom:
#   severity: major
#   basis: policy
#   mode: hybrid
#   gates: [data-intake, operation]
#   evidence: [data-agreement, data-quality-report, dataset-record, statement:ingestion-mode]
#   objectives:
#     freshness-agreed:
#       says: Every source of the data has an agreement on its freshness.
#       covers: [S2.M1.2]
#       reads: [data-agreement, dataset-record]
#     fresh-as-agreed:
#       says: The newest row of the feed is no older than was agreed.
#       covers: [S2.M1.2]
#       reads: [data-agreement, data-quality-report]
#     recency-need-met:
#       says: The newest row of the feed is no older than the decision tolerates.
#       at: [data-intake]
#       covers: [S4.M4.3]
#       reads: [data-quality-report, statement:ingestion-mode]
#   may_differ: {data-agreement.freshness_minutes: that an age was agreed is asked; fresh-as-agreed holds the feed to it}
#   may_stand_beside:
#     data-agreement.sources: an agreement on other sources says nothing of these
#     data-quality-report.stage: a check of another stage says nothing of this one
#   frameworks: {nist-ai-rmf: ["MAP 2.3"], iso-42001: ["A.7.4"], eu-ai-act: ["10(3)"]}
#   remediation: Refresh the feed or state a recency need that the intake mode can meet.
package controls.data.DQ_03

import data.lib.findings as say
import data.lib.records

agreements := [agreement | some agreement in input.evidence["data-agreement"]; is_number(agreement.predicate.freshness_minutes)]

datasets := input.evidence["dataset-record"]

modes := input.evidence["statement:ingestion-mode"]

# The stage at which the feed is looked at, by gate.
stage := {"data-intake": "ingestion", "operation": "serving"}[input.gate]

reports := [report | some report in input.evidence["data-quality-report"]; report.predicate.stage == stage]

satisfied contains "freshness-agreed" if {
	count(datasets) > 0
	every dataset in datasets {
		records.covers(agreed, dataset.predicate.sources)
	}
}

satisfied contains "fresh-as-agreed" if {
	count(agreements) > 0
	count(reports) > 0
	every report in reports {
		every agreement in agreements {
			report.predicate.freshness_minutes <= agreement.predicate.freshness_minutes
		}
	}
}

satisfied contains "recency-need-met" if {
	count(modes) > 0
	count(reports) > 0
	every report in reports {
		every mode in modes {
			report.predicate.freshness_minutes <= mode.predicate.facts.max_age_minutes
		}
	}
}

agreed := {source | some agreement in agreements; some source in agreement.predicate.sources}

tells(report) if is_number(report.predicate.freshness_minutes)

findings contains say.also(open, {"observed": source}) if {
	some dataset in datasets
	some source in dataset.predicate.sources
	not source in agreed
	open := say.gap("freshness-agreed", dataset, "sources", "no agreement says how fresh the source {observed} is")
}

findings contains say.none(objective, "evidence/data-quality-report", "no report looks at the age of the feed at this stage") if {
	count(reports) == 0
	some objective in ["fresh-as-agreed", "recency-need-met"]
}

findings contains say.none("fresh-as-agreed", "evidence/data-agreement", "no agreement says how fresh the data are") if count(agreements) == 0

findings contains say.gap(objective, report, "freshness_minutes", "the report does not tell the age of the newest row") if {
	some report in reports
	not tells(report)
	some objective in ["fresh-as-agreed", "recency-need-met"]
}

findings contains say.also(old, {"observed": age, "expected": limit}) if {
	some report in reports
	age := report.predicate.freshness_minutes
	some agreement in agreements
	limit := agreement.predicate.freshness_minutes
	age > limit
	old := say.breach("fresh-as-agreed", report, "freshness_minutes", "the newest row is {observed} minutes old, and {expected} were agreed")
}

findings contains say.also(old, {"observed": age, "expected": limit}) if {
	some report in reports
	age := report.predicate.freshness_minutes
	some mode in modes
	limit := mode.predicate.facts.max_age_minutes
	age > limit
	old := say.breach("recency-need-met", report, "freshness_minutes", "the newest row is {observed} minutes old, and the decision tolerates {expected}")
}
