# METADATA
# title: Special-category data used only under the six conditions
# description: >-
#   For each dataset of special-category data that is held for bias work, somebody signed that all six conditions of Art
#   4a(1) hold of that very content, the record of processing of this system enters it, and the access policies on it (whose
#   `resource` or `scopes` name the digest of the content) give rights to the roles alone that the statement names. That
#   the conditions hold is the word of who signed.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   roles: [provider, deployer]
#   gates: [data-intake]
#   applies_from: D-OMNI
#   evidence: [access-policy, dataset-record, processing-record, statement:special-category-necessity]
#   applies: [dataset-record]
#   objectives:
#     conditions-stated:
#       says: All six conditions are stated of each such dataset.
#       reads: [dataset-record, statement:special-category-necessity]
#     processing-entered: {says: The record of processing enters the use with its reason., reads: [processing-record]}
#     access-limited:
#       says: The roles alone that the statement names have rights on the dataset.
#       reads: [access-policy, dataset-record, statement:special-category-necessity]
#   may_stand_beside:
#     access-policy.resource: a policy on something else gives no right on the dataset
#     access-policy.scopes: a policy on something else gives no right on the dataset
#     processing-record.systems: the entry of another system says nothing of this one
#     statement:special-category-necessity.facts.datasets: a statement on another dataset says nothing of this one
#   frameworks:
#     eu-ai-act: ["4a(1)(a)-(f)", "4a(2)"]
#     gdpr: ["9", "30"]
#     nist-ai-rmf: ["MEASURE 2.10", "MEASURE 2.11"]
#     iso-42001: ["A.7.3"]
#   remediation: "Document the six conditions, enter the processing in the record and restrict access, or remove the data."
package controls.eu_high_risk.EUAIA_04_1

import data.lib.findings as say

statements := input.evidence["statement:special-category-necessity"]

policies := input.evidence["access-policy"]

entries := [entry | some entry in input.evidence["processing-record"]; input.system.id in entry.predicate.systems]

applies := false if {
	count(input.evidence["dataset-record"]) > 0
	every dataset in input.evidence["dataset-record"] {
		not_special(dataset.predicate)
	}
}

applies if count(datasets) > 0

not_special(dataset) if dataset.special_category == false

not_special(dataset) if {
	dataset.special_category == true
	dataset.used_for_bias_work == false
}

datasets := [dataset |
	some dataset in input.evidence["dataset-record"]
	dataset.predicate.special_category == true
	dataset.predicate.used_for_bias_work == true
]

# Statements on the content of a dataset.
about(dataset) := [statement |
	some statement in statements
	dataset.predicate.content_digest in statement.predicate.facts.datasets
]

satisfied contains "conditions-stated" if {
	count(datasets) > 0
	every dataset in datasets {
		count(about(dataset)) > 0
		every statement in about(dataset) {
			complete(statement)
		}
	}
}

satisfied contains "processing-entered" if {
	count(entries) > 0
	every entry in entries {
		entered(entry)
	}
}

satisfied contains "access-limited" if {
	count(datasets) > 0
	every dataset in datasets {
		count(rights(dataset)) > 0
		every policy in rights(dataset) {
			limited(policy, dataset)
		}
	}
}

# Points (a) to (f) of Art 4a(1).
complete(statement) if {
	every point in ["a", "b", "c", "d", "e", "f"] {
		statement.predicate.facts.conditions[point] == true
	}
}

entered(entry) if entry.predicate.special_category_approved == true

rights(dataset) := [policy | some policy in policies; reaches(policy, dataset)]

reaches(policy, dataset) if policy.predicate.resource == dataset.predicate.content_digest

# A right on the store that holds it names it among its scopes, as ACC-01 reads it.
reaches(policy, dataset) if dataset.predicate.content_digest in policy.predicate.scopes

# A right on everything is one on the dataset.
reaches(policy, _) if contains(policy.predicate.resource, "*")

limited(policy, dataset) if {
	policy.predicate.wildcard_principal == false
	count(about(dataset)) > 0
	every statement in about(dataset) {
		policy.predicate.role in statement.predicate.facts.allowed_roles
	}
}

findings contains say.gap("access-limited", dataset, "evidence/statement:special-category-necessity", "nobody stated which roles may use this dataset") if {
	some dataset in datasets
	count(about(dataset)) == 0
}

findings contains say.gap("conditions-stated", dataset, "evidence/statement:special-category-necessity", "nobody stated the conditions of Art 4a of this dataset") if {
	some dataset in datasets
	count(about(dataset)) == 0
}

findings contains say.breach("conditions-stated", statement, "facts.conditions", "a condition of Art 4a(1) is not stated, or does not hold") if {
	some dataset in datasets
	some statement in about(dataset)
	not complete(statement)
}

findings contains say.none("processing-entered", "systems", "no entry of the record of processing names the system") if count(entries) == 0

findings contains say.breach("processing-entered", entry, "special_category_approved", "the entry does not cover special-category data against bias") if {
	some entry in entries
	not entered(entry)
}

findings contains say.gap("access-limited", dataset, "evidence/access-policy", "no access policy names the dataset by its digest, as resource or scope") if {
	some dataset in datasets
	count(rights(dataset)) == 0
}

findings contains say.also(open, {"observed": policy.predicate.role}) if {
	some dataset in datasets
	count(about(dataset)) > 0
	some policy in rights(dataset)
	not limited(policy, dataset)
	open := say.breach("access-limited", policy, "role", "the role {observed}, or anybody, has rights that the statement does not give")
}
