# METADATA
# title: Data supply and pipeline service agreement in force
# description: >-
#   Every source of the datasets is named by a signed supply agreement, each of which limits errors and reaction time, and
#   every report on the feed keeps the strictest of these limits. In operation the three teams have signed for the pipeline,
#   whose share of successful runs, over a whole recent window, is at its target. Read strictly: each current report is held to the limit, not the
#   latest alone; success is a share, of which more is better whatever the report says. How good the limits and the target
#   are is the word of those who agreed on them.
# custom:
#   severity: minor
#   basis: policy
#   mode: hybrid
#   gates: [data-intake, operation]
#   evidence: [data-agreement, data-quality-report, dataset-record, slo-report]
#   parameters: [min_live_window_days, pipeline_teams]
#   objectives:
#     sources-agreed:
#       says: Every source of the data has an agreement that limits errors and reaction time.
#       covers: [S0.M2.4]
#       reads: [data-agreement, dataset-record]
#     errors-within-limit:
#       says: The errors of the feed are within the limit that was agreed.
#       covers: [S0.M2.4]
#       reads: [data-agreement, data-quality-report]
#     teams-agreed:
#       says: The teams for data, models and operations have an agreement on the pipeline.
#       at: [operation]
#       covers: [S2.M9.1]
#       reads: [data-agreement]
#     pipeline-on-target:
#       says: The share of successful runs of the pipeline is at its target.
#       at: [operation]
#       covers: [S2.M9.1]
#       reads: [slo-report]
#   may_stand_beside:
#     data-agreement.kind: an agreement of another kind says nothing of this one
#     data-agreement.parties: other parties may agree on more
#     data-agreement.sources: an agreement on other sources says nothing of these
#     slo-report.objective: another objective says nothing of the pipeline
#   frameworks: {nist-ai-rmf: ["MAP 2.3"], iso-42001: ["A.7.4"], eu-ai-act: ["10(3)"]}
#   remediation: "Agree error limits and reaction times with the supplier, and restore the pipeline to its target."
package controls.data.DQ_02

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

agreements := input.evidence["data-agreement"]

supplies := [agreement | some agreement in agreements; agreement.predicate.kind == "supply"]

pipelines := [agreement | some agreement in agreements; agreement.predicate.kind == "pipeline-sla"]

datasets := input.evidence["dataset-record"]

# Reports that tell of errors: those of a feed.
reports := [report | some report in input.evidence["data-quality-report"]; is_number(report.predicate.error_rate)]

successes := [report | some report in input.evidence["slo-report"]; report.predicate.objective == "pipeline-success"]

satisfied contains "sources-agreed" if {
	count(datasets) > 0
	every dataset in datasets {
		records.covers(agreed, dataset.predicate.sources)
	}
	count(loose) == 0
}

satisfied contains "errors-within-limit" if {
	count(supplies) > 0
	count(loose) == 0
	count(reports) > 0
	every report in reports {
		every agreement in supplies {
			report.predicate.error_rate <= agreement.predicate.error_rate_limit
		}
	}
}

satisfied contains "teams-agreed" if {
	some agreement in pipelines
	records.covers(agreement.predicate.parties, data.parameters.pipeline_teams)
}

satisfied contains "pipeline-on-target" if {
	count(successes) > 0
	every report in successes {
		timely(report.predicate.window)
		report.predicate.target > 0
		report.predicate.actual >= report.predicate.target
	}
}

# A whole window, and a recent one: a good second, or a good week of last year, tells nothing.
timely(window) if {
	calendar.at_least_days_between(window.start, window.end, data.parameters.min_live_window_days)
	calendar.within_days(window.end, data.parameters.min_live_window_days, input.now)
}

agreed := {source | some agreement in supplies; some source in agreement.predicate.sources}

# Supply agreements of one party alone, or that leave a limit open. All rows in error are no limit.
loose := [agreement | some agreement in supplies; not limited(agreement)]

limited(agreement) if {
	count(agreement.predicate.parties) > 1
	agreement.predicate.error_rate_limit < 1
	agreement.predicate.response_minutes > 0
}

findings contains say.gap(objective, agreement, "error_rate_limit", "the supply agreement has one party alone, or does not limit errors and reaction time") if {
	some agreement in loose
	some objective in ["sources-agreed", "errors-within-limit"]
}

findings contains say.also(open, {"observed": source}) if {
	some dataset in datasets
	some source in dataset.predicate.sources
	not source in agreed
	open := say.gap("sources-agreed", dataset, "sources", "no supply agreement names the source {observed}")
}

findings contains say.none("errors-within-limit", "error_rate", "no report tells the errors of the feed, or no agreement limits them") if {
	count(reports) * count(supplies) == 0
}

findings contains say.also(high, {"observed": report.predicate.error_rate, "expected": limit}) if {
	count(loose) == 0
	some report in reports
	some agreement in supplies
	limit := agreement.predicate.error_rate_limit
	report.predicate.error_rate > limit
	high := say.breach("errors-within-limit", report, "error_rate", "the feed has more errors than were agreed")
}

findings contains say.none("teams-agreed", "evidence/data-agreement", "the three teams have no agreement on the pipeline") if {
	count([agreement | some agreement in pipelines; records.covers(agreement.predicate.parties, data.parameters.pipeline_teams)]) == 0
}

findings contains say.none("pipeline-on-target", "evidence/slo-report", "no report tells the successful runs of the pipeline") if count(successes) == 0

findings contains say.also(low, {"observed": report.predicate.actual, "expected": report.predicate.target}) if {
	some report in successes
	report.predicate.actual < report.predicate.target
	low := say.breach("pipeline-on-target", report, "actual", "too few runs of the pipeline succeed")
}

findings contains say.gap("pipeline-on-target", report, "window", "the runs are of no window that is recent and long enough") if {
	some report in successes
	not is_timely(report)
}

is_timely(report) if timely(report.predicate.window)
