# METADATA
# title: Group-wise fairness audit done before approval
# description: >-
#   Every current audit of the candidate, of labels and of outputs, covers every protected attribute on groups large
#   enough to judge, with intervals, and an approval for staging followed the last of them and every rejection. Groups are
#   named "attribute=group", an attribute needs two of them, copies of a row count once, and few cases may be of an
#   unknown group. An attribute that goes with no label and no feature looks shuffled, unless it is known to be so. At
#   intake, labels of test data are audited by the base rates that a run counts beside its answers. It does not apply
#   where the questionnaire says that no personal data are processed and no audit names an attribute.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [data-intake, validation, staging]
#   evidence: {approval: any, fairness-audit: measured, risk-questionnaire: any}
#   applies: [fairness-audit, risk-questionnaire]
#   parameters: [independent_attributes, max_unknown_group_percent, min_confidence, min_group_size, protected_attributes]
#   objectives:
#     labels-audited:
#       says: The labels of the dataset that is offered were audited by every protected attribute.
#       at: [data-intake]
#       only: law-scope
#       reads: [fairness-audit]
#     attributes-covered:
#       says: Every protected attribute was audited on the outputs of the candidate.
#       at: [validation, staging]
#       covers: [S0.M3.3]
#       reads: [fairness-audit]
#     groups-large-enough:
#       says: Each group has enough cases to judge, each attribute two groups to compare, and few cases are of none.
#       at: [validation, staging]
#       covers: [S0.M3.3]
#       reads: [fairness-audit]
#     attributes-tell:
#       says: Each audited attribute goes together with the label or a feature, as one with shuffled values does not.
#       at: [validation, staging]
#       covers: [S0.M3.3]
#       reads: [fairness-audit]
#     intervals-given:
#       says: The metrics of each group carry an interval of enough confidence.
#       at: [validation, staging]
#       covers: [S0.M3.3]
#       reads: [fairness-audit]
#     audited-before-approval:
#       says: The candidate was approved for staging after every audit was filed, and after the last rejection.
#       at: [staging]
#       covers: [S2.M6.3]
#       reads: [approval, fairness-audit]
#   may_differ:
#     fairness-audit.group_sizes: that each group has metrics is asked; how large it is, groups-large-enough asks of the independent cases
#   may_stand_beside:
#     fairness-audit.audited: audits of labels and of outputs stand side by side, and every one of them is judged
#     approval.gate: an approval for another gate says nothing of staging
#     approval.decision: an abstention neither approves nor rejects; a later rejection takes the pass away, as the cases show
#   frameworks: {eu-ai-act: ["10(2)(f)"], nist-ai-rmf: ["MEASURE 2.11"], iso-42001: ["A.5.4", "A.7.4"]}
#   remediation: >-
#     Run the fairness audit by every protected attribute, on enough cases of each group, before asking for approval. Where
#     an attribute goes together with nothing, look whether its column was joined to the right rows; if that is so in
#     truth, name it under independent_attributes in the overlay.
package controls.fairness.FAIR_01

import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers
import data.lib.records

audits := input.evidence["fairness-audit"]

label_audits := [audit |
	some audit in audits
	of_labels(audit)
	audit.predicate.dataset_digest == input.subject.digest
]

of_labels(audit) if audit.predicate.audited == "training-labels"

# Of data that a model was tested on the labels are counted beside its answers, as base rates of the groups.
of_labels(audit) if {
	audit.predicate.audited == "model-outputs"
	some estimates in audit.predicate.group_metrics
	estimates.base_rate
}

labels_counted(audit) if audit.predicate.audited == "training-labels"

labels_counted(audit) if {
	count(audit.predicate.group_metrics) > 0
	every estimates in audit.predicate.group_metrics {
		estimates.base_rate.confidence >= data.parameters.min_confidence
	}
}

output_audits := [audit | some audit in audits; audit.predicate.audited == "model-outputs"]

staging_approvals := said("approve")

said(decision) := [approval |
	some approval in input.evidence.approval
	approval.predicate.gate == "staging"
	approval.predicate.decision == decision
]

applies := false if no_persons

applies if not no_persons

no_persons if {
	count(input.evidence["risk-questionnaire"]) > 0
	every answers in input.evidence["risk-questionnaire"] {
		answers.predicate.personal_data == false
	}
	attributes := {attribute | some audit in audits; some attribute in audit.predicate.attributes}
	count(attributes) == 0
}

satisfied contains "labels-audited" if {
	count(label_audits) > 0
	every audit in label_audits {
		covers_attributes(audit)
		labels_counted(audit)
	}
}

satisfied contains "attributes-covered" if {
	count(audits) > 0
	count(output_audits) > 0
	every audit in audits {
		covers_attributes(audit)
	}
}

satisfied contains "groups-large-enough" if {
	count(audits) > 0
	count(output_audits) > 0
	every audit in audits {
		count(audit.predicate.attributes) > 0
		every attribute in audit.predicate.attributes {
			compared(audit, attribute)
		}
		count(cases(audit)) > 0
		every size in cases(audit) {
			size >= data.parameters.min_group_size
		}
	}
}

satisfied contains "attributes-tell" if {
	count(audits) > 0
	count(output_audits) > 0
	every audit in audits {
		count(audit.predicate.attributes) > 0
		every attribute in audit.predicate.attributes {
			tells(audit, attribute)
		}
	}
}

satisfied contains "intervals-given" if {
	count(audits) > 0
	count(output_audits) > 0
	every audit in audits {
		count(audit.predicate.group_sizes) > 0
		every group, _ in audit.predicate.group_sizes {
			measured(audit, group)
		}
	}
}

satisfied contains "audited-before-approval" if {
	count(audits) > 0
	count(output_audits) > 0
	count(staging_approvals) > 0
	every audit in audits {
		covers_attributes(audit)
	}
	some approval in staging_approvals
	every audit in audits {
		audit.log_index < approval.log_index
	}
	count([rejection | some rejection in said("reject"); not answered(rejection, approval)]) == 0
}

answered(rejection, approval) if rejection.log_index < approval.log_index

covers_attributes(audit) if records.covers(audit.predicate.attributes, data.parameters.protected_attributes)

# Two groups of the attribute at least: one alone is compared with nothing.
compared(audit, attribute) if {
	count(metrics.groups_of(cases(audit), attribute)) > 1
	unknown := audit.predicate.row_counts.unknown[attribute]
	unknown >= 0
	numbers.at_most_percent(unknown, metrics.rows(audit), data.parameters.max_unknown_group_percent)
}

counted(audit, attribute) if {
	audit.predicate.row_counts.unknown[attribute] >= 0
	metrics.rows(audit) >= 0
}

# Independent cases of each group: copies of a row make a group no larger.
cases(audit) := audit.predicate.effective_group_sizes

# One association at least is stronger than chance makes it.
tells(audit, attribute) if {
	association := audit.predicate.associations[attribute]
	association.chance_level > 0
	association.strongest > association.chance_level
}

tells(audit, attribute) if {
	is_object(audit.predicate.associations[attribute])
	attribute in data.parameters.independent_attributes
}

measured(audit, group) if {
	count(audit.predicate.group_metrics[group]) > 0
	every estimate in audit.predicate.group_metrics[group] {
		estimate.confidence >= data.parameters.min_confidence
	}
}

findings contains say.none("labels-audited", "dataset_digest", "the labels of the dataset that is offered were not audited") if {
	count(label_audits) == 0
}

findings contains say.gap("labels-audited", audit, "group_metrics", "the labels of some group were not counted, with an interval of enough confidence") if {
	some audit in label_audits
	not labels_counted(audit)
}

findings contains say.also(uncovered, {"values": {"audited": audit.predicate.audited, "attribute": attribute}}) if {
	some objective, of in {"labels-audited": label_audits, "attributes-covered": audits, "audited-before-approval": audits}
	some audit in of
	some attribute in data.parameters.protected_attributes
	not attribute in audit.predicate.attributes
	uncovered := say.breach(objective, audit, "attributes", "the audit of {audited} leaves out {attribute}")
}

findings contains say.none(objective, "audited", "the outputs of the candidate were not audited") if {
	count(output_audits) == 0
	some objective in ["attributes-covered", "groups-large-enough", "attributes-tell", "intervals-given", "audited-before-approval"]
}

findings contains say.also(alone, {"observed": groups, "values": {"attribute": attribute}}) if {
	some audit in audits
	some attribute in audit.predicate.attributes
	groups := count(metrics.groups_of(cases(audit), attribute))
	groups < 2
	alone := say.gap("groups-large-enough", audit, "effective_group_sizes", "groups by {attribute}: {observed}, and it takes two to compare")
}

findings contains say.gap("groups-large-enough", audit, "effective_group_sizes", "the independent cases of each group were not counted") if {
	some audit in audits
	not cases(audit)
}

findings contains say.also(nameless, {"observed": unknown, "expected": data.parameters.max_unknown_group_percent, "values": {"attribute": attribute, "rows": rows}}) if {
	some audit in audits
	some attribute in audit.predicate.attributes
	unknown := audit.predicate.row_counts.unknown[attribute]
	rows := metrics.rows(audit)
	not numbers.at_most_percent(unknown, rows, data.parameters.max_unknown_group_percent)
	nameless := say.gap("groups-large-enough", audit, "row_counts", "{observed} of {rows} cases are of no known group by {attribute}, and at most {expected} percent may be")
}

findings contains say.also(uncounted, {"values": {"attribute": attribute}}) if {
	some audit in audits
	some attribute in audit.predicate.attributes
	not counted(audit, attribute)
	uncounted := say.gap("groups-large-enough", audit, "row_counts", "how many cases are of no group by {attribute} was not counted")
}

findings contains say.also(shuffled, {"observed": association.strongest, "expected": association.chance_level, "values": {"attribute": attribute, "audited": audit.predicate.audited}}) if {
	some audit in audits
	some attribute in audit.predicate.attributes
	association := audit.predicate.associations[attribute]
	not tells(audit, attribute)
	shuffled := say.gap("attributes-tell", audit, "associations", "in {audited}, neither the label nor a feature goes together with {attribute}: its strongest association is {observed}, and shuffled values reach {expected}")
}

findings contains say.also(unmeasured, {"values": {"attribute": attribute, "audited": audit.predicate.audited}}) if {
	some audit in audits
	some attribute in audit.predicate.attributes
	not tells(audit, attribute)
	not audit.predicate.associations[attribute]
	unmeasured := say.gap("attributes-tell", audit, "associations", "in {audited}, what {attribute} goes together with was not measured")
}

findings contains say.also(small, {"observed": size, "expected": data.parameters.min_group_size, "values": {"group": group}}) if {
	some audit in audits
	some group, size in cases(audit)
	size < data.parameters.min_group_size
	small := say.gap("groups-large-enough", audit, "effective_group_sizes", "the group {group} has {observed} cases, and it takes {expected} to judge it")
}

findings contains say.also(unmeasured, {"values": {"group": group}}) if {
	some audit in audits
	some group, _ in audit.predicate.group_sizes
	not measured(audit, group)
	unmeasured := say.gap("intervals-given", audit, "group_metrics", "the group {group} has no metric with an interval of enough confidence")
}

findings contains say.none("audited-before-approval", "gate", "nobody has approved the candidate for staging") if {
	count(staging_approvals) == 0
}

findings contains say.also(late, {"observed": audit.filed_at}) if {
	count(staging_approvals) > 0
	some audit in audits
	every approval in staging_approvals {
		audit.log_index >= approval.log_index
	}
	late := say.breach("audited-before-approval", audit, "artifact_digest", "no staging approval follows the audit filed at {observed}")
}

findings contains say.also(rejected, {"observed": rejection.filed_at}) if {
	count(staging_approvals) > 0
	some rejection in said("reject")
	count([approval | some approval in staging_approvals; answered(rejection, approval)]) == 0
	rejected := say.breach("audited-before-approval", rejection, "decision", "the candidate was rejected for staging at {observed}, and nobody has approved it since")
}
