# METADATA
# title: Prediction and concept drift within limits
# description: >-
#   Scores, confidence and what scores should mean are compared with live data each few days, by an accepted statistic; at
#   the worse end of its interval each distance is within its limit, and where confidence shifts every retraining plan has
#   a run that is due before its cadence ends. The scores start from the data on which the version was validated, or which
#   that run compared with. Read strictly: every comparison counts, by whatever statistic.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: {drift-report: any, retraining-plan: any, validation-run: measured}
#   parameters: [accepted_drift_tests, drift_window_days, max_concept_drift, max_prediction_drift]
#   objectives:
#     confidence-followed:
#       says: "Confidence was lately compared, and where it shifted a retraining is scheduled."
#       covers: [S0.M5.8]
#       reads: [drift-report, retraining-plan]
#     meaning-holds:
#       says: Predictions and what they should mean were lately compared and lie within the limit.
#       covers: [S1.M7.1]
#       reads: [drift-report]
#     predictions-steady:
#       says: The predictions were lately compared with those of the validation and lie within the limit.
#       covers: [S2.M5.3]
#       reads: [drift-report, validation-run]
#   may_be_empty: {retraining-plan: where confidence has not shifted no retraining need be scheduled}
#   may_stand_beside:
#     drift-report.target: a comparison of something else is judged by other controls
#     drift-report.statistic: whatever it is measured by, a drift beyond the limit is judged
#     drift-report.window.end: an older comparison is judged as well, and one of the last days must be there
#     drift-report.window.start: a comparison of a moment is judged as well, and one of a day or more must be there
#   frameworks: {eu-ai-act: ["72(2)"], nist-ai-rmf: ["MEASURE 2.4", "MANAGE 4.1"], iso-42001: ["A.6.2.6"]}
#   remediation: Investigate the shift and schedule retraining.
package controls.monitoring.DRIFT_02

import data.lib.drift
import data.lib.findings as say
import data.lib.time as calendar

plans := input.evidence["retraining-plan"]

runs := input.evidence["validation-run"]

reports(target) := [report |
	some report in input.evidence["drift-report"]
	report.predicate.target == target
]

# A comparison of the last days, by an accepted statistic.
lately(target) if {
	some report in reports(target)
	report.predicate.statistic in data.parameters.accepted_drift_tests
	drift.recent(report.predicate.window, data.parameters.drift_window_days, input.now)
}

satisfied contains "confidence-followed" if {
	lately("confidence")
	count(reports("confidence")) > 0
	every report in reports("confidence") {
		followed(report)
	}
}

satisfied contains "meaning-holds" if {
	lately("prediction")
	lately("concept")
	every target in ["prediction", "concept"] {
		near(target)
	}
}

satisfied contains "predictions-steady" if {
	lately("prediction")
	count(reports("prediction")) > 0
	every report in reports("prediction") {
		steady(report)
	}
}

near(target) if {
	count(reports(target)) > 0
	every report in reports(target) {
		drift.within(report, data.parameters.max_concept_drift)
	}
}

followed(report) if drift.within(report, data.parameters.max_concept_drift)

# A distance was measured, and a run is to come no later than the cadence after now: one in a hundred years is no schedule.
followed(report) if {
	is_object(report.predicate.value)
	count(plans) > 0
	every plan in plans {
		input.now < plan.predicate.next_run_at
		plan.predicate.next_run_at <= calendar.add_days(input.now, plan.predicate.cadence_days)
	}
}

steady(report) if {
	drift.within(report, data.parameters.max_prediction_drift)
	validated_on(report)
}

# Every run of the version tested on these data, or compared its own with them.
validated_on(report) if {
	count(runs) > 0
	every run in runs {
		some field in ["dataset_digest", "reference_digest"]
		run.predicate[field] == report.predicate.baseline_ref
	}
}

findings contains say.also(open, {"values": {"target": target}}) if {
	some objective, targets in {
		"confidence-followed": ["confidence"],
		"meaning-holds": ["prediction", "concept"],
		"predictions-steady": ["prediction"],
	}
	some target in targets
	not lately(target)
	open := say.none(objective, "evidence/drift-report", "{target} was not lately compared by an accepted statistic")
}

findings contains say.also(shifted, {"observed": report.predicate.value, "expected": data.parameters.max_concept_drift}) if {
	some report in reports("confidence")
	not followed(report)
	shifted := say.breach("confidence-followed", report, "value", "confidence may have shifted by more than {expected}, and no retraining is scheduled")
}

findings contains far if {
	some objective, terms in {
		"meaning-holds": {"targets": ["prediction", "concept"], "limit": data.parameters.max_concept_drift},
		"predictions-steady": {"targets": ["prediction"], "limit": data.parameters.max_prediction_drift},
	}
	some target in terms.targets
	some report in reports(target)
	not drift.within(report, terms.limit)
	far := say.also(
		say.breach(objective, report, "value", "{target} may lie further than {expected} from the baseline"),
		{"observed": report.predicate.value, "expected": terms.limit, "values": {"target": target}},
	)
}

findings contains say.also(other, {"observed": report.predicate.baseline_ref}) if {
	count(runs) > 0
	some report in reports("prediction")
	not validated_on(report)
	other := say.breach("predictions-steady", report, "baseline_ref", "the predictions were compared with data on which the version was not validated")
}
