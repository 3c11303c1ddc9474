# METADATA
# title: EU declaration of conformity valid
# description: >-
#   Every declaration of conformity of this release has each item of Annex V, can be read by machines, and its signature by
#   a natural person verified, as a person signed. What the items say, and that the signature of the document verified, is
#   the word of who filed or signed the record; the law leaves the content to the provider's sole responsibility.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [production]
#   applies_from: D-HR-OPEN
#   evidence: [conformity-record, registry-entry]
#   parameters: [annex_v_items]
#   objectives:
#     declaration-there: {says: A declaration covers this release.}
#     items-complete: {says: Every declaration of this release has each item of Annex V.}
#     signed-and-readable: {says: "Every declaration of this release is machine-readable, and a person's signature verified."}
#   may_stand_beside:
#     conformity-record.kind: a record of another kind says nothing of the declaration
#     conformity-record.release_version: the declaration of another release says nothing of this one
#   frameworks: {eu-ai-act: ["47", "Annex V"]}
#   remediation: Draw up and sign the declaration for this release.
package controls.eu_conformity.EUAIA_47_1

import data.lib.findings as say

entries := input.evidence["registry-entry"]

versions := {entry.predicate.version | some entry in entries}

declarations := [record |
	some record in input.evidence["conformity-record"]
	record.predicate.kind == "declaration"
	record.predicate.release_version in versions
]

there if {
	count(entries) > 0
	count(versions) > 0
	every version in versions {
		version in {declaration.predicate.release_version | some declaration in declarations}
	}
}

satisfied contains "declaration-there" if there

satisfied contains "items-complete" if {
	there
	count(declarations) > 0
	count(data.parameters.annex_v_items) > 0
	every declaration in declarations {
		count(absent(declaration)) == 0
	}
}

satisfied contains "signed-and-readable" if {
	there
	count(declarations) > 0
	every declaration in declarations {
		sound(declaration)
	}
}

absent(declaration) := [item | some item in data.parameters.annex_v_items; not present(declaration, item)]

present(declaration, item) if declaration.predicate.annex_v_items[item] == "present"

findings contains say.none(objective, "release_version", "no declaration of conformity covers this release") if {
	count(entries) > 0
	not there
	some objective in ["declaration-there", "items-complete", "signed-and-readable"]
}

findings contains say.also(open, {"values": {"item": item}}) if {
	there
	some declaration in declarations
	some item in absent(declaration)
	open := say.breach("items-complete", declaration, "annex_v_items", "the declaration lacks item {item} of Annex V")
}

findings contains say.breach("signed-and-readable", declaration, "person_signature_valid", "the declaration is not machine-readable, or no natural person's signature on it verified") if {
	there
	some declaration in declarations
	not sound(declaration)
}

# Who says that a person signed the declaration signs for it: a machine's upload is nobody's word.
sound(declaration) if {
	declaration.class == "attested"
	declaration.predicate.machine_readable == true
	declaration.predicate.person_signature_valid == true
}
