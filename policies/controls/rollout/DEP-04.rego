# METADATA
# title: Split test on business measure passed
# description: >-
#   Every split test that was filed for the version reached its size, and the lower end of its effect is at the level that
#   is asked for; while the version is a canary each indicator that the organisation counts as a business outcome was
#   tested, and it has named one at least. Reports of another method are no split test; one that was filed for the system as
#   a whole does not say which versions it compares, and leaves it open which of them lost.
# custom:
#   severity: minor
#   basis: policy
#   gates: [production, canary]
#   evidence: [kpi-report]
#   parameters: [business_kpis, min_business_effect, min_experiment_size]
#   objectives:
#     effect-shown: {says: "Every split test of the version had enough cases and showed the effect.", covers: [S1.M7.7]}
#     business-measured: {says: "Every business outcome was put to a split test, and showed the effect.", at: [canary], covers: [S3.M3.2]}
#   may_stand_beside:
#     kpi-report.kpi: an indicator that is no business outcome may be tested too
#     kpi-report.method: a report of another method is no split test
#   frameworks: {nist-ai-rmf: ["MANAGE 1.1"], iso-42001: ["A.6.2.5"]}
#   remediation: "Let the experiment reach its sample size, and keep the incumbent where the effect is not shown."
package controls.rollout.DEP_04

import data.lib.findings as say
import data.lib.records

every_test := [report | some report in input.evidence["kpi-report"]; report.predicate.method == "ab-test"]

tests := [report | some report in every_test; records.names_candidate(report)]

vague := [report | some report in every_test; not records.names_candidate(report)]

satisfied contains "effect-shown" if all_show

satisfied contains "business-measured" if {
	all_show
	records.covers([test.predicate.kpi | some test in tests], data.parameters.business_kpis)
}

all_show if {
	count(tests) > 0
	count(vague) == 0
	data.parameters.min_experiment_size > 0
	every test in tests {
		shows(test)
	}
}

shows(test) if {
	test.predicate.sample_size >= data.parameters.min_experiment_size
	test.predicate.effect_low >= data.parameters.min_business_effect
}

findings contains say.none(objective, "evidence/kpi-report", "there is no split test of this version") if {
	count(tests) == 0
	some objective in ["effect-shown", "business-measured"]
}

findings contains say.gap(objective, test, "subject", "the split test was filed for the system, and which versions it compares is not told") if {
	some test in vague
	some objective in ["effect-shown", "business-measured"]
}

findings contains say.breach(objective, test, "effect_low", "the split test is too small, or does not show the effect at its lower end") if {
	some test in tests
	not shows(test)
	some objective in ["effect-shown", "business-measured"]
}

findings contains say.also(untested, {"values": {"kpi": kpi}}) if {
	some kpi in data.parameters.business_kpis
	not kpi in [test.predicate.kpi | some test in tests]
	untested := say.none("business-measured", "evidence/kpi-report", "the business outcome {kpi} was not put to a split test")
}
