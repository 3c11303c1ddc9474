# METADATA
# title: Instructions for use complete
# description: >-
#   The instructions of the candidate, which a person signed, say the version of the registry, name the provider, have every
#   item of Art 13(3), none of them absent, are written in the languages of each Member State where the system is offered,
#   and no critical failure of accessibility is open. What the items say is that person's word.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [high]
#   roles: [provider]
#   gates: [staging]
#   applies_from: D-HR
#   evidence: [instructions-for-use, registry-entry]
#   parameters: [ifu_items, member_state_languages]
#   objectives:
#     items-present: {says: "A person signed instructions with every item of Art 13(3), and the provider is named.", reads: [instructions-for-use]}
#     about-this-version: {says: The instructions are those of the registered version.}
#     languages-covered: {says: The instructions are written in the languages of each Member State.}
#     accessible: {says: No critical failure of accessibility is open., reads: [instructions-for-use]}
#   frameworks:
#     eu-ai-act: ["13(2)", "13(3)", "16(b)", "16(l)"]
#     nist-ai-rmf: ["MAP 2.2", "MEASURE 2.8"]
#     iso-42001: ["A.8.2"]
#   remediation: "Fill the missing item, language or accessibility fix of the instructions for use."
package controls.eu_high_risk.EUAIA_13_1

import data.lib.findings as say
import data.lib.records

instructions := input.evidence["instructions-for-use"]

entries := input.evidence["registry-entry"]

satisfied contains "items-present" if {
	count(instructions) > 0
	count(data.parameters.ifu_items) > 0
	every document in instructions {
		document.class == "attested"
		records.filled(document.predicate.provider_name)
		records.filled(document.predicate.provider_address)
		count(open_items(document)) == 0
	}
}

satisfied contains "about-this-version" if {
	count(instructions) > 0
	count(entries) > 0
	every document in instructions {
		every entry in entries {
			document.predicate.version == entry.predicate.version
		}
	}
}

satisfied contains "languages-covered" if {
	count(instructions) > 0
	count(entries) > 0
	every entry in entries {
		count(entry.predicate.member_states) > 0
		every state in entry.predicate.member_states {
			every document in instructions {
				records.covers(document.predicate.languages, data.parameters.member_state_languages[state])
			}
		}
	}
}

satisfied contains "accessible" if {
	count(instructions) > 0
	every document in instructions {
		document.predicate.accessibility_critical_open == 0
	}
}

# Items that are asked for, and items that the document itself lists, that are not present.
open_items(document) := sort([item |
	some item in ({asked | some asked in data.parameters.ifu_items} | {listed | some listed, _ in document.predicate.items})
	not present(document, item)
])

present(document, item) if document.predicate.items[item] == "present"

understood(document, state) if records.covers(document.predicate.languages, data.parameters.member_state_languages[state])

findings contains say.breach("items-present", document, "provider_name", "no person signed the instructions, or the provider is not named") if {
	some document in instructions
	not identified(document)
}

identified(document) if {
	document.class == "attested"
	records.filled(document.predicate.provider_name)
	records.filled(document.predicate.provider_address)
}

findings contains say.also(open, {"values": {"item": item}}) if {
	some document in instructions
	some item in open_items(document)
	open := say.breach("items-present", document, "items", "item ({item}) of Art 13(3) is not present")
}

findings contains say.also(other, {"observed": document.predicate.version, "expected": entry.predicate.version}) if {
	some document in instructions
	some entry in entries
	document.predicate.version != entry.predicate.version
	other := say.breach("about-this-version", document, "version", "the instructions are of version {observed}, the registered one is {expected}")
}

findings contains say.gap("languages-covered", entry, "member_states", "in which Member States the system is offered is not recorded") if {
	some entry in entries
	not offered(entry)
}

offered(entry) if count(entry.predicate.member_states) > 0

findings contains say.also(foreign, {"observed": document.predicate.languages, "values": {"state": state}}) if {
	some entry in entries
	some state in entry.predicate.member_states
	some document in instructions
	not understood(document, state)
	foreign := say.breach("languages-covered", document, "languages", "written in {observed}, which does not cover {state}")
}

findings contains say.also(barred, {"observed": failures}) if {
	some document in instructions
	failures := document.predicate.accessibility_critical_open
	failures != 0
	barred := say.breach("accessible", document, "accessibility_critical_open", "{observed} critical failures of accessibility are open")
}
