# METADATA
# title: Bias audit valid and published
# description: >-
#   A bias audit signed within the year by its auditor, who holds no role in building, running or owning systems, stands
#   beside measured audits of the outputs that give rates and impact ratios for each category and for them crossed, and
#   count the unknown; a probe found the published summary. That the auditor has no other tie to the system is their word,
#   and so is that they audited these very figures.
# custom:
#   pack: us
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [us-aedt]
#   roles: [employer]
#   gates: [production, operation]
#   applies_from: D-NYC
#   evidence: {audit-report: any, fairness-audit: measured, interface-probe: measured, risk-questionnaire: any}
#   applies: [risk-questionnaire]
#   parameters: [nyc_audit_period, nyc_categories]
#   objectives:
#     audited-independently: {says: An independent auditor signed a bias audit within the year., reads: [audit-report]}
#     ratios-measured: {says: "Rates and impact ratios were measured for each category, and for them crossed.", reads: [fairness-audit]}
#     summary-published: {says: The summary of the audit can be read by the public., reads: [interface-probe]}
#   may_be_empty: {risk-questionnaire.us_flags: a system under none of these laws names none}
#   may_differ:
#     fairness-audit.group_metrics.value: that rates were measured is asked; the law sets no bound
#     fairness-audit.impact_ratio.value: that ratios were measured is asked; the law sets no bound
#     fairness-audit.unknown_count: that the unknown were counted is asked; the law sets no bound
#   may_stand_beside:
#     audit-report.kind: an audit of another kind says nothing of bias
#     fairness-audit.audited: an audit of the labels says nothing of the outputs
#     interface-probe.document_kind: a probe of another document says nothing of the summary
#   frameworks: {nyc-ll144: ["20-871", "6 RCNY 5-300 to 5-303"]}
#   remediation: Commission the audit and publish its summary.
package controls.us_law.NYC_01

import data.lib.audits
import data.lib.findings as say
import data.lib.records
import data.lib.regimes
import data.lib.time as calendar

applies := regimes.binds(input.evidence["risk-questionnaire"], "nyc-aedt")

reports := [report | some report in input.evidence["audit-report"]; report.predicate.kind == "bias-audit"]

measured := [audit | some audit in input.evidence["fairness-audit"]; audit.predicate.audited == "model-outputs"]

probes := [probe | some probe in input.evidence["interface-probe"]; probe.predicate.document_kind == "bias-audit-summary"]

satisfied contains "audited-independently" if {
	count(reports) > 0
	every report in reports {
		valid(report)
	}
}

valid(report) if {
	audits.independent(report)
	input.now <= calendar.add(report.predicate.completed_at, data.parameters.nyc_audit_period)
}

satisfied contains "ratios-measured" if {
	count(measured) > 0
	every audit in measured {
		records.covers(told(audit, ratios(audit)), data.parameters.nyc_categories)
		records.covers(told(audit, rated(audit)), data.parameters.nyc_categories)
		crossed(audit)
		is_number(audit.predicate.unknown_count)
	}
}

# Groups that have a rate, and groups that have an impact ratio.
rated(audit) := {group | some group, rates in audit.predicate.group_metrics; is_number(rates.selection_rate.value)}

ratios(audit) := {group | some group, ratio in audit.predicate.impact_ratio; is_number(ratio.value)}

# Attributes of the audit of which there are two such groups or more: one alone is compared with nobody.
told(audit, groups) := {attribute |
	some attribute in audit.predicate.attributes
	count([group | some group in groups; of_attribute(group, attribute)]) > 1
}

of_attribute(group, attribute) if {
	split(group, "=")[0] == attribute
	not contains(group, "&")
}

crossed(audit) if {
	some intersection in audit.predicate.intersections
	records.covers(split(intersection, "&"), data.parameters.nyc_categories)
	some group in ratios(audit)
	records.covers([split(part, "=")[0] | some part in split(group, "&")], data.parameters.nyc_categories)
}

satisfied contains "summary-published" if {
	count(probes) > 0
	every probe in probes {
		probe.predicate.resolves
		probe.predicate.present
	}
}

findings contains say.none("audited-independently", "kind", "no bias audit is on file") if count(reports) == 0

findings contains say.breach("audited-independently", report, "completed_at", "the bias audit is too old, or not signed by an independent auditor") if {
	some report in reports
	not valid(report)
}

findings contains say.none("ratios-measured", "audited", "no audit of the outputs is on file") if count(measured) == 0

findings contains say.also(open, {"values": {"category": category}}) if {
	some audit in measured
	some category in data.parameters.nyc_categories
	not category in (told(audit, ratios(audit)) & told(audit, rated(audit)))
	open := say.gap("ratios-measured", audit, "impact_ratio", "no rates and impact ratios were measured for {category}")
}

findings contains say.gap("ratios-measured", audit, "intersections", "no impact ratio was measured for the categories crossed") if {
	some audit in measured
	not crossed(audit)
}

findings contains say.none("summary-published", "document_kind", "no probe looked for the summary of the bias audit") if count(probes) == 0
