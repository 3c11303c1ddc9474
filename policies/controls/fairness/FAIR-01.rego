# METADATA
# title: Group-wise fairness audit done before approval
# description: >-
#   A fairness audit of the candidate covers every protected attribute on groups large enough to judge, with
#   intervals, and was made before anyone approved the candidate for staging. Read strictly: every current audit, of
#   labels and of outputs, must meet this, and an audit made after the approval asks for a new approval. Groups are
#   named "attribute=group", and an attribute needs two of them.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [data-intake, validation, staging]
#   evidence:
#     approval: any
#     fairness-audit: measured
#   parameters: [min_group_size, protected_attributes]
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
#       says: Each group has enough cases to judge, and each attribute two groups to compare.
#       at: [validation, staging]
#       covers: [S0.M3.3]
#       reads: [fairness-audit]
#     intervals-given:
#       says: The metrics of each group carry an interval.
#       at: [validation, staging]
#       covers: [S0.M3.3]
#       reads: [fairness-audit]
#     audited-before-approval:
#       says: The audit was made before the candidate was approved for staging.
#       at: [staging]
#       covers: [S2.M6.3]
#   frameworks:
#     eu-ai-act: ["10(2)(f)"]
#     nist-ai-rmf: ["MEASURE 2.11"]
#     iso-42001: ["A.5.4", "A.7.4"]
#   remediation: Run the fairness audit on enough cases of every group before asking for approval.
package controls.fairness.FAIR_01

import data.lib.metrics
import data.lib.records

audits := input.evidence["fairness-audit"]

# Audits of the labels of the dataset that is offered.
label_audits := [audit |
	some audit in audits
	audit.predicate.audited == "training-labels"
	audit.predicate.dataset_digest == input.subject.digest
]

output_audits := [audit |
	some audit in audits
	audit.predicate.audited == "model-outputs"
]

staging_approvals := [approval |
	some approval in input.evidence.approval
	approval.predicate.gate == "staging"
	approval.predicate.decision == "approve"
	records.on_candidate(approval)
]

satisfied contains "labels-audited" if {
	count(label_audits) > 0
	every audit in label_audits {
		records.covers(audit.predicate.attributes, data.parameters.protected_attributes)
	}
}

satisfied contains "attributes-covered" if {
	count(audits) > 0
	count(output_audits) > 0
	every audit in audits {
		records.on_candidate(audit)
		records.covers(audit.predicate.attributes, data.parameters.protected_attributes)
	}
}

satisfied contains "groups-large-enough" if {
	count(audits) > 0
	count(output_audits) > 0
	every audit in audits {
		records.on_candidate(audit)
		count(audit.predicate.attributes) > 0
		every attribute in audit.predicate.attributes {
			compared(audit, attribute)
		}
		count(audit.predicate.group_sizes) > 0
		every size in audit.predicate.group_sizes {
			size >= data.parameters.min_group_size
		}
	}
}

satisfied contains "intervals-given" if {
	count(audits) > 0
	count(output_audits) > 0
	every audit in audits {
		records.on_candidate(audit)
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
		records.on_candidate(audit)
		records.covers(audit.predicate.attributes, data.parameters.protected_attributes)
		every approval in staging_approvals {
			audit.issued_at < approval.predicate.decided_at
		}
	}
}

# Two groups of the attribute at least: one alone is compared with nothing, and "a=x&b=y" is part of a group.
compared(audit, attribute) if {
	groups := [group |
		some group, _ in audit.predicate.group_sizes
		startswith(group, sprintf("%s=", [attribute]))
		not contains(group, "&")
	]
	count(groups) > 1
}

measured(audit, group) if {
	count(audit.predicate.group_metrics[group]) > 0
	every estimate in audit.predicate.group_metrics[group] {
		metrics.has_interval(estimate)
	}
}

findings contains finding if {
	count(label_audits) == 0
	finding := {
		"objective": "labels-audited",
		"message": "the labels of the dataset that is offered were not audited",
		"gap": true,
		"expected": input.subject.digest,
		"path": "dataset_digest",
	}
}

findings contains finding if {
	some audit in label_audits
	some attribute in data.parameters.protected_attributes
	not attribute in audit.predicate.attributes
	finding := {
		"objective": "labels-audited",
		"message": sprintf("the labels were not audited by %s", [attribute]),
		"evidence": audit.id,
		"observed": audit.predicate.attributes,
		"expected": attribute,
		"path": "attributes",
	}
}

findings contains finding if {
	count(output_audits) == 0
	some objective in ["attributes-covered", "groups-large-enough", "intervals-given", "audited-before-approval"]
	finding := {
		"objective": objective,
		"message": "the outputs of the candidate were not audited",
		"gap": true,
		"expected": "model-outputs",
		"path": "audited",
	}
}

findings contains finding if {
	some audit in audits
	not records.on_candidate(audit)
	some objective in ["attributes-covered", "groups-large-enough", "intervals-given", "audited-before-approval"]
	finding := records.other_artifact(objective, audit)
}

findings contains finding if {
	some audit in audits
	some attribute in data.parameters.protected_attributes
	not attribute in audit.predicate.attributes
	some objective in ["attributes-covered", "audited-before-approval"]
	finding := {
		"objective": objective,
		"message": sprintf("the audit of %s leaves out %s", [audit.predicate.audited, attribute]),
		"evidence": audit.id,
		"observed": audit.predicate.attributes,
		"expected": attribute,
		"path": "attributes",
	}
}

findings contains finding if {
	some audit in audits
	some attribute in audit.predicate.attributes
	not compared(audit, attribute)
	finding := {
		"objective": "groups-large-enough",
		"message": sprintf("the audit of %s has no two groups by %s", [audit.predicate.audited, attribute]),
		"gap": true,
		"evidence": audit.id,
		"path": "group_sizes",
	}
}

findings contains finding if {
	some audit in audits
	some group, size in audit.predicate.group_sizes
	size < data.parameters.min_group_size
	finding := {
		"objective": "groups-large-enough",
		"message": sprintf("the group %s has %d cases, too few to judge", [group, size]),
		"gap": true,
		"evidence": audit.id,
		"observed": size,
		"expected": data.parameters.min_group_size,
		"path": sprintf("group_sizes.%s", [group]),
	}
}

findings contains finding if {
	some audit in audits
	some group, _ in audit.predicate.group_sizes
	not measured(audit, group)
	finding := {
		"objective": "intervals-given",
		"message": sprintf("the group %s has no metric with an interval", [group]),
		"gap": true,
		"evidence": audit.id,
		"path": sprintf("group_metrics.%s", [group]),
	}
}

findings contains finding if {
	count(staging_approvals) == 0
	finding := {
		"objective": "audited-before-approval",
		"message": "nobody has approved the candidate for staging",
		"gap": true,
		"path": "gate",
	}
}

findings contains finding if {
	some audit in audits
	some approval in staging_approvals
	audit.issued_at >= approval.predicate.decided_at
	finding := {
		"objective": "audited-before-approval",
		"message": sprintf("the staging approval of %s does not follow the audit", [approval.predicate.decided_at]),
		"evidence": audit.id,
		"observed": audit.issued_at,
		"expected": approval.predicate.decided_at,
		"path": "issued_at",
	}
}
