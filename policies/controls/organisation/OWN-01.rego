# METADATA
# title: Lifecycle and product owners named
# description: >-
#   Each inventory entry names a holder for every stage of the lifecycle and a product owner, the system has a business
#   indicator, and three persons signed who of business, operations and IT has which duty. That the holders still work there
#   is the word of who registers.
# custom:
#   severity: major
#   basis: policy
#   mode: hybrid
#   gates: [registration, production]
#   evidence: [kpi-report, registry-entry, statement:shared-ownership]
#   parameters: [lifecycle_stages]
#   objectives:
#     stages-held: {says: Every stage of the lifecycle has a named holder., covers: [S0.M1.2], reads: [registry-entry]}
#     product-owned:
#       says: The system has a product owner and a business indicator.
#       at: [registration]
#       covers: [S0.M1.4]
#       reads: [kpi-report, registry-entry]
#     ownership-shared:
#       says: "Business, operations and IT signed who has which duty."
#       at: [registration]
#       covers: [S1.M1.3]
#       reads: [registry-entry, statement:shared-ownership]
#   frameworks: {nist-ai-rmf: ["GOVERN 2.1"], iso-42001: ["A.3.2"], eu-ai-act: ["17(1)(m)"]}
#   remediation: Name a holder for each stage and have the shared ownership signed.
package controls.organisation.OWN_01

import data.lib.findings as say
import data.lib.records

entries := input.evidence["registry-entry"]

indicators := input.evidence["kpi-report"]

agreements := input.evidence["statement:shared-ownership"]

held(entry) := {stage | some stage, person in entry.predicate.role_assignments; records.named(person.id)}

satisfied contains "stages-held" if {
	count(entries) > 0
	every entry in entries {
		records.covers(held(entry), data.parameters.lifecycle_stages)
	}
}

satisfied contains "product-owned" if {
	count(entries) > 0
	every entry in entries {
		"product-owner" in held(entry)
	}
	count(indicators) > 0
	every indicator in indicators {
		records.named(indicator.predicate.kpi)
		not elsewhere(indicator)
	}
}

# The indicator names another system.
elsewhere(indicator) if indicator.predicate.system != input.system.id

satisfied contains "ownership-shared" if {
	count(entries) > 0
	count(agreements) > 0
	every agreement in agreements {
		every entry in entries {
			records.covers(object.keys(agreement.predicate.facts.shares), ["IT", "operations", entry.predicate.business_unit])
		}
	}
}

findings contains say.also(open, {"values": {"stage": stage}}) if {
	some entry in entries
	some stage in data.parameters.lifecycle_stages
	not stage in held(entry)
	open := say.gap("stages-held", entry, "role_assignments", "the stage {stage} has no holder")
}

findings contains say.gap("product-owned", entry, "role_assignments", "the entry names no product owner") if {
	some entry in entries
	not "product-owner" in held(entry)
}

findings contains say.also(open, {"values": {"party": party}}) if {
	some agreement in agreements
	some entry in entries
	some party in ["IT", "operations", entry.predicate.business_unit]
	not party in object.keys(agreement.predicate.facts.shares)
	open := say.gap("ownership-shared", agreement, "facts.shares", "the agreement gives {party} no duty")
}

findings contains say.gap("product-owned", indicator, "system", "the indicator is of another system") if {
	some indicator in indicators
	elsewhere(indicator)
}
