# METADATA
# title: Oversight capabilities designed and documented
# description: >-
#   A person who did not train the model signed, for each of the five capabilities of Art 14(4)(a) to (e), the measure that
#   gives it and the element of the interface in which overseers find it. Whether the measures are good is that person's
#   word; override and stop are also exercised (EUAIA-14-3).
# custom:
#   severity: major
#   basis: law
#   mode: attested
#   tiers: [high]
#   roles: [provider]
#   gates: [validation, staging]
#   applies_from: D-HR
#   evidence: [statement:oversight-design]
#   parameters: [oversight_capabilities]
#   objectives:
#     capabilities-covered: {says: Each capability of Art 14(4) has a measure and an element of the interface.}
#   frameworks: {eu-ai-act: ["14(1)-(4)"], nist-ai-rmf: ["GOVERN 3.2", "MAP 3.5"], iso-42001: ["A.9.2"]}
#   remediation: Give every oversight capability a measure and an interface element, and sign the statement.
package controls.eu_high_risk.EUAIA_14_1

import data.lib.findings as say
import data.lib.records

designs := input.evidence["statement:oversight-design"]

satisfied contains "capabilities-covered" if {
	count(designs) > 0
	every design in designs {
		records.covers(given(design), data.parameters.oversight_capabilities)
	}
}

# The capabilities that have a measure and an element of the interface.
given(design) := [capability |
	some capability, measure in design.predicate.facts.capabilities
	records.filled(measure.text)
	records.named(measure.interface_element)
]

findings contains say.also(open, {"values": {"capability": capability}}) if {
	some design in designs
	some capability in data.parameters.oversight_capabilities
	not capability in given(design)
	open := say.gap("capabilities-covered", design, "facts.capabilities", "the capability of Art 14(4)({capability}) has no measure")
}
