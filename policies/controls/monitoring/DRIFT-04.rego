# METADATA
# title: Promotion blocked where data do not match the target setting
# description: >-
#   The data on which the model was trained or validated is close to the data of the setting in which it shall work,
#   feature by feature, at the upper end of the interval. "*" in `key_features` stands for every feature that was
#   compared. Read strictly: every comparison with the target setting counts, also of features that are not key.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider, deployer], from: D-HR}
#   gates: [data-intake, staging, production, canary]
#   evidence: [drift-report]
#   parameters: [key_features, max_promotion_drift]
#   objectives:
#     key-features-compared:
#       says: Every key feature was compared with the data of the target setting.
#       covers: [S3.M1.4]
#     target-setting-matches:
#       says: No compared feature lies too far from the data of the target setting.
#       covers: [S3.M1.4]
#   frameworks:
#     eu-ai-act: ["10(4)", "42(1)"]
#     nist-ai-rmf: ["MAP 2.3", "MEASURE 2.3"]
#     iso-42001: ["A.7.4"]
#   remediation: Retrain or validate on data from the target setting before promoting.
package controls.monitoring.DRIFT_04

import data.lib.records

# What was compared with the data of the target setting.
comparisons := [report |
	some report in input.evidence["drift-report"]
	report.predicate.target == "environment"
]

satisfied contains "key-features-compared" if {
	count(comparisons) > 0
	every report in comparisons {
		names_feature(report)
	}
	count(data.parameters.key_features) > 0
	every feature in data.parameters.key_features {
		compared(feature)
	}
}

satisfied contains "target-setting-matches" if {
	count(comparisons) > 0
	every report in comparisons {
		report.predicate.value.ci_high <= data.parameters.max_promotion_drift
	}
}

names_feature(report) if records.named(report.predicate.feature)

# "*" stands for every input that was compared.
compared("*") if count(comparisons) > 0

compared(feature) if {
	some report in comparisons
	report.predicate.feature == feature
}

findings contains finding if {
	count(comparisons) == 0
	some objective in ["key-features-compared", "target-setting-matches"]
	finding := {
		"objective": objective,
		"message": "nothing was compared with the data of the target setting",
		"gap": true,
		"expected": "environment",
		"path": "target",
	}
}

findings contains finding if {
	some report in comparisons
	not names_feature(report)
	finding := {
		"objective": "key-features-compared",
		"message": "the comparison does not name its feature",
		"gap": true,
		"evidence": report.id,
		"path": "feature",
	}
}

findings contains finding if {
	count(comparisons) > 0
	some feature in data.parameters.key_features
	not compared(feature)
	finding := {
		"objective": "key-features-compared",
		"message": sprintf("the feature %s was not compared with the target setting", [feature]),
		"gap": true,
		"expected": feature,
		"path": "feature",
	}
}

findings contains finding if {
	some report in comparisons
	report.predicate.value.ci_high > data.parameters.max_promotion_drift
	finding := {
		"objective": "target-setting-matches",
		"message": sprintf("%s may lie too far from the target setting", [named(report)]),
		"evidence": report.id,
		"observed": report.predicate.value,
		"expected": data.parameters.max_promotion_drift,
		"path": "value",
	}
}

named(report) := report.predicate.feature

named(report) := "an unnamed feature" if not report.predicate.feature
