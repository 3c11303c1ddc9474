# METADATA
# title: Input drift tested and answered
# description: >-
#   Every input that the artifact-manifest names is compared with live data each few days, by an accepted statistic and
#   against data that the training run names; what lies beyond the limit at the worse end of its interval raised an alert,
#   and was answered by a later retraining or dismissed with a reason. Read strictly: every comparison of an input counts,
#   by whatever statistic, and each says how much of the input lies outside the training domain. A reason for a dismissal
#   is somebody's word.
# custom:
#   severity: major
#   basis: law
#   law_scope: {tiers: [high], roles: [deployer], from: D-HR}
#   gates: [production, operation]
#   evidence: [artifact-manifest, drift-report, training-run]
#   parameters: [accepted_drift_tests, drift_window_days, max_feature_drift, max_out_of_domain_rate, max_psi]
#   objectives:
#     inputs-tested:
#       says: Every input was lately compared with training data by an accepted statistic.
#       at: [operation]
#       covers: [S2.M5.2]
#     drift-alerted:
#       says: Every drift beyond the limit raised an alert.
#       at: [operation]
#       covers: [S2.M5.2]
#       reads: [drift-report]
#     drift-answered:
#       says: Every drift beyond the limit was followed by a retraining or dismissed with a reason.
#       at: [operation]
#       covers: [S3.M4.2]
#     distances-limited:
#       says: Every input has a distance in PSI or KL that is within its limit or raised an alert.
#       at: [operation]
#       covers: [S4.M5.1]
#       reads: [artifact-manifest, drift-report]
#     inputs-in-domain:
#       says: Few inputs of the last window lie outside the training domain.
#       reads: [artifact-manifest, drift-report]
#   may_stand_beside:
#     drift-report.target: a comparison of something else than live input is judged by other controls
#     drift-report.statistic: whatever it is measured by, a drift beyond the limit is judged
#     drift-report.window.end: an older comparison is judged as well, and one of the last days must be there
#     drift-report.window.start: a comparison of a moment is judged as well, and one of a day or more must be there
#     training-run.subject: a later training that answers drift makes another version, and names no baseline of this one
#     training-run.retraining: a training that retrains nothing answers no drift, and takes no answer away
#     training-run.started_at: a training before the drift answers none, and takes no answer away
#   frameworks: {eu-ai-act: ["26(4)"], nist-ai-rmf: ["MEASURE 2.4", "MANAGE 4.1"], iso-42001: ["A.6.2.6"]}
#   remediation: "Test the input that is missing, and answer the breach by retraining or a reasoned dismissal."
package controls.monitoring.DRIFT_01

import data.lib.drift
import data.lib.findings as say
import data.lib.records

reports := [report |
	some report in input.evidence["drift-report"]
	report.predicate.target == "input"
]

manifests := input.evidence["artifact-manifest"]

# Trainings of this version; those of others may answer its drift.
trainings := [training |
	some training in input.evidence["training-run"]
	records.names_candidate(training)
]

inputs contains field.name if {
	some manifest in manifests
	some field in manifest.predicate.input_schema
}

names_input(report) if records.named(report.predicate.feature)

lately(report) if recent_windows[report.predicate.window]

# Gone through once a window: the inputs of a model are compared over the same one.
recent_windows := {window |
	some window in {report.predicate.window | some report in reports}
	drift.recent(window, data.parameters.drift_window_days, input.now)
}

# Against data that every training of the version names: input is close to itself.
from_training(report) if {
	count(trainings) > 0
	every training in trainings {
		some digest in training.predicate.split_digests
		digest == report.predicate.baseline_ref
	}
}

satisfied contains "inputs-tested" if {
	every_input(tested)
	count(reports) > 0
	every report in reports {
		names_input(report)
		from_training(report)
	}
}

satisfied contains "drift-alerted" if {
	count(reports) > 0
	every report in reports {
		alerted(report, data.parameters.max_feature_drift)
	}
}

satisfied contains "drift-answered" if {
	every_input(tested)
	count(reports) > 0
	every report in reports {
		answered(report)
	}
}

satisfied contains "distances-limited" if {
	every_input(measured)
	count(distances) > 0
	every report in distances {
		alerted(report, data.parameters.max_psi)
	}
}

satisfied contains "inputs-in-domain" if {
	every_input(seen)
	count(reports) > 0
	every report in reports {
		names_input(report)
		in_domain(report)
	}
}

every_input(among) if {
	count(manifests) > 0
	every manifest in manifests {
		count(manifest.predicate.input_schema) > 0
		every field in manifest.predicate.input_schema {
			records.named(field.name)
		}
	}
	count(inputs - among) == 0
}

tested contains feature if {
	some report in reports
	feature := report.predicate.feature
	lately(report)
	report.predicate.statistic in data.parameters.accepted_drift_tests
}

seen contains feature if {
	some report in reports
	feature := report.predicate.feature
	lately(report)
}

distances := [report | some report in reports; is_distance(report)]

is_distance(report) if report.predicate.statistic in {"psi", "kl"}

measured contains feature if {
	some report in distances
	feature := report.predicate.feature
	lately(report)
}

alerted(report, limit) if drift.within(report, limit)

alerted(report, _) if report.predicate.alert_raised == true

answered(report) if drift.within(report, data.parameters.max_feature_drift)

answered(report) if records.filled(report.predicate.dismissal_reason)

answered(report) if {
	some training in input.evidence["training-run"]
	training.predicate.retraining == true
	training.predicate.started_at > report.predicate.window.end
}

in_domain(report) if {
	report.predicate.out_of_domain_rate.ci_low >= 0
	report.predicate.out_of_domain_rate.ci_high <= data.parameters.max_out_of_domain_rate
}

rated(report) if report.predicate.out_of_domain_rate

findings contains say.also(open, {"values": {"feature": feature}}) if {
	some objective, among in {"inputs-tested": tested, "drift-answered": tested, "distances-limited": measured, "inputs-in-domain": seen}
	some feature in (inputs - among)
	open := say.none(objective, "evidence/drift-report", "the input {feature} was not lately compared with live data in the way that is asked for")
}

findings contains say.none("drift-alerted", "evidence/drift-report", "no input was compared with live data") if count(reports) == 0

findings contains say.gap(objective, report, "feature", "the comparison does not name its input") if {
	some report in reports
	some objective in ["inputs-tested", "inputs-in-domain"]
	not names_input(report)
}

findings contains say.also(other, {"observed": report.predicate.baseline_ref}) if {
	count(trainings) > 0
	some report in reports
	not from_training(report)
	other := say.breach("inputs-tested", report, "baseline_ref", "the input was compared with data that the training run does not name")
}

findings contains silent if {
	some objective, limit in {"drift-alerted": data.parameters.max_feature_drift, "distances-limited": data.parameters.max_psi}
	some report in reports
	judged(objective, report)
	not alerted(report, limit)
	silent := say.also(
		say.breach(objective, report, "alert_raised", "the input may lie further than {expected} from the training data, and no alert was raised"),
		{"observed": report.predicate.value, "expected": limit},
	)
}

judged(objective, _) if objective == "drift-alerted"

judged(objective, report) if {
	objective == "distances-limited"
	is_distance(report)
}

findings contains say.also(open, {"observed": report.predicate.value, "expected": data.parameters.max_feature_drift}) if {
	some report in reports
	not answered(report)
	open := say.breach("drift-answered", report, "value", "the drift beyond {expected} was neither followed by a retraining nor dismissed with a reason")
}

findings contains say.gap("inputs-in-domain", report, "out_of_domain_rate", "how much of the input lies outside the training domain was not measured") if {
	some report in reports
	not rated(report)
}

findings contains say.also(outside, {"observed": rate, "expected": data.parameters.max_out_of_domain_rate}) if {
	some report in reports
	rate := report.predicate.out_of_domain_rate
	not in_domain(report)
	outside := say.breach("inputs-in-domain", report, "out_of_domain_rate", "more than {expected} of the input may lie outside the training domain")
}
