# METADATA
# title: Promotion blocked where data do not match the target setting
# description: >-
#   The data on which the model was trained or validated are close to those of the setting in which it shall work, feature
#   by feature and in the score, at the upper end of the interval. The data of the setting span a time that tells
#   something and are not old, and the statistic is one that means the same for every unit. "*" in `key_features` stands
#   for every input that the artifact-manifest names; at data-intake, before there is one, features are named. Read
#   strictly: every comparison with the target setting counts, also of features that are not key. Providers are bound by
#   Art 10(4), deployers by Art 26(4) for the input data that they control.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider, deployer], from: D-HR}
#   gates: [data-intake, staging, production, canary]
#   evidence: [artifact-manifest, drift-report]
#   parameters: [key_features, max_promotion_drift, max_setting_age_days, min_setting_days, promotion_drift_tests]
#   objectives:
#     key-features-compared:
#       says: Every key feature was compared with lately collected data of the target setting.
#       covers: [S3.M1.4]
#     target-setting-matches:
#       says: No compared feature lies too far from the data of the target setting.
#       covers: [S3.M1.4]
#       reads: [drift-report]
#     score-matches:
#       says: The score of this version was compared in the same way and lies close enough.
#       at: [staging, production, canary]
#       reads: [drift-report]
#   frameworks:
#     eu-ai-act: ["10(4)", "26(4)", "42(1)"]
#     nist-ai-rmf: ["MAP 2.3", "MEASURE 2.3"]
#     iso-42001: ["A.7.4"]
#   remediation: Retrain or validate on data from the target setting before promoting.
package controls.monitoring.DRIFT_04

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

# What was compared with the data of the target setting.
comparisons := [report | some report in input.evidence["drift-report"]; report.predicate.target == "environment"]

scores := [report | some report in input.evidence["drift-report"]; report.predicate.target == "prediction"; of_candidate(report)]

of_candidate(report) if input.subject.digest in report.subject

manifests := input.evidence["artifact-manifest"]

key_features contains feature if {
	some feature in data.parameters.key_features
	feature != "*"
}

key_features contains field.name if {
	"*" in data.parameters.key_features
	some manifest in manifests
	some field in manifest.predicate.input_schema
}

satisfied contains "key-features-compared" if {
	count(comparisons) > 0
	every report in comparisons {
		names_feature(report)
	}
	inputs_known
	count(key_features) > 0
	every feature in key_features {
		compared(feature)
	}
}

satisfied contains "target-setting-matches" if {
	count(comparisons) > 0
	every report in comparisons {
		close(report)
	}
}

satisfied contains "score-matches" if {
	count(scores) > 0
	every report in scores {
		tells(report)
		close(report)
	}
}

inputs_known if not "*" in data.parameters.key_features

inputs_known if {
	count(manifests) > 0
	every manifest in manifests {
		count(manifest.predicate.input_schema) > 0
		every field in manifest.predicate.input_schema {
			records.named(field.name)
		}
	}
}

names_feature(report) if records.named(report.predicate.feature)

compared(feature) if {
	some report in comparisons
	report.predicate.feature == feature
	tells(report)
}

# By an accepted statistic, for the candidate, on data that span long enough and are not old.
tells(report) if {
	of_candidate(report)
	report.predicate.statistic in data.parameters.promotion_drift_tests
	calendar.add_days(report.predicate.window.start, data.parameters.min_setting_days) <= report.predicate.window.end
	calendar.within_days(report.predicate.window.end, data.parameters.max_setting_age_days, input.now)
}

close(report) if report.predicate.value.ci_high <= data.parameters.max_promotion_drift

findings contains say.none(objective, "target", "nothing was compared with the data of the target setting") if {
	count(comparisons) == 0
	some objective in ["key-features-compared", "target-setting-matches"]
}

findings contains say.none("score-matches", "target", "the score of this version was compared with nothing") if count(scores) == 0

findings contains say.gap("key-features-compared", report, "feature", "the comparison does not name its feature") if {
	some report in comparisons
	not names_feature(report)
}

findings contains say.none("key-features-compared", "input_schema", "no artifact-manifest names the inputs, and * stands for all") if {
	not inputs_known
}

findings contains say.also(open, {"values": {"feature": feature}}) if {
	some feature in key_features
	not compared(feature)
	open := say.none("key-features-compared", "feature", "{feature} was not compared with data of the target setting that tell enough")
}

findings contains say.gap("score-matches", report, "window", "the score was compared by another statistic, or on too short a time, or long ago") if {
	some report in scores
	not tells(report)
}

findings contains say.also(far, {"observed": report.predicate.value, "expected": data.parameters.max_promotion_drift, "values": {"what": what}}) if {
	some objective, compared_reports in {"target-setting-matches": comparisons, "score-matches": scores}
	some report in compared_reports
	not close(report)
	what := object.get(report.predicate, "feature", report.predicate.target)
	far := say.breach(objective, report, "value", "{what} may lie too far from the target setting")
}
