# METADATA
# title: Live accuracy tracked against validation
# description: >-
#   Of the logged requests in production of which the outcome is known, the share that this version answered rightly is
#   no further below the accuracy of each validation run than is tolerated, at the lower end of an interval of Wilson for
#   two standard errors; and the share itself no further above it, for then only the easy cases may have an outcome. Each
#   request counts once, and wrong where two of its rows differ. Which outcomes are joined to their requests is the log's
#   word.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: {prediction-log: any, validation-run: measured}
#   parameters: [max_live_gap]
#   objectives:
#     confidence-logged:
#       says: Every logged request with a known outcome has the confidence of its answer.
#       covers: [S4.M5.3]
#       reads: [prediction-log]
#     accuracy-tracked: {says: The accuracy in production is close to that of every validation run., covers: [S4.M5.3]}
#   may_stand_beside:
#     prediction-log.artifact_digest: a request that another version answered says nothing of this one
#     prediction-log.environment: a request of a test says nothing of production
#   frameworks: {nist-ai-rmf: ["MEASURE 2.4", "MANAGE 4.1"], eu-ai-act: ["72(2)"]}
#   remediation: Join outcomes to predictions and investigate the gap to validation.
package controls.monitoring.MON_03

import data.lib.findings as say
import data.lib.numbers
import data.lib.records

runs := input.evidence["validation-run"]

rows := [row |
	some row in input.evidence["prediction-log"]
	records.on_candidate(row)
	row.predicate.environment == "production"
	known(row)
]

# `null` and no outcome are not known; `false` and 0 are.
known(row) if not is_null(object.get(row.predicate, "outcome", null))

answered := {row.predicate.request_id | some row in rows}

wrong := {row.predicate.request_id | some row in rows; row.predicate.output != row.predicate.outcome}

right := count(answered - wrong)

satisfied contains "confidence-logged" if {
	count(rows) > 0
	every row in rows {
		confident(row)
	}
}

satisfied contains "accuracy-tracked" if {
	count(runs) > 0
	count(answered) > 0
	every run in runs {
		not_above(run)
		surely_not_below(run)
	}
}

accuracy(run) := run.predicate.metrics.accuracy.value

not_above(run) if numbers.share_not_above(right, count(answered), accuracy(run), data.parameters.max_live_gap)

not_below(run) if numbers.share_not_below(right, count(answered), accuracy(run), data.parameters.max_live_gap)

surely_not_below(run) if numbers.share_surely_not_below(right, count(answered), accuracy(run), data.parameters.max_live_gap)

measured(run) if is_number(accuracy(run))

findings contains say.none(objective, "evidence/prediction-log", "no request of this version in production has a known outcome") if {
	count(rows) == 0
	some objective in ["confidence-logged", "accuracy-tracked"]
}

findings contains say.gap("confidence-logged", row, "confidence", "the confidence of the answer was not logged") if {
	some row in rows
	not confident(row)
}

confident(row) if {
	0 <= row.predicate.confidence
	row.predicate.confidence <= 1
}

findings contains say.also(far, {"values": {"right": right, "known": count(answered)}}) if {
	count(answered) > 0
	some run in runs
	measured(run)
	not close(run)
	far := say.breach("accuracy-tracked", run, "metrics", "{right} of {known} live answers were right, too far from the accuracy of the validation")
}

close(run) if {
	not_above(run)
	not_below(run)
}

findings contains say.also(few, {"values": {"known": count(answered)}}) if {
	count(answered) > 0
	some run in runs
	close(run)
	not surely_not_below(run)
	few := say.gap("accuracy-tracked", run, "metrics", "with {known} known outcomes the accuracy in production may be lower than tolerated")
}

findings contains say.gap("accuracy-tracked", run, "metrics", "the validation did not measure the accuracy") if {
	some run in runs
	not measured(run)
}
