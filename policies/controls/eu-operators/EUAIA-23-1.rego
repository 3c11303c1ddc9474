# METADATA
# title: Importer and distributor verification done
# description: >-
#   Before the system is made available, somebody in compliance or law signed that each of the checks of Art 23(1) and
#   24(1) was made and came out well, and a declaration of conformity covers the release. That the checks were made is the
#   signer's word. An importer and a distributor are asked for the same checks; a distributor is bound to the lighter list
#   of Art 24(1), which the parameter does not tell apart.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [high]
#   roles: [importer, distributor]
#   gates: [production]
#   applies_from: D-HR
#   evidence: [conformity-record, registry-entry, statement:operator-verification]
#   parameters: [operator_checks]
#   objectives:
#     checks-made:
#       says: "Each check of importer or distributor was made and came out well."
#       reads: [statement:operator-verification]
#     declaration-covers-release:
#       says: A declaration of conformity covers the release.
#       reads: [conformity-record, registry-entry]
#   may_stand_beside:
#     conformity-record.kind: a record of another kind takes nothing away from the declaration
#     conformity-record.release_version: the declaration of another release takes nothing away from that of this one
#   frameworks: {eu-ai-act: ["23", "24"], iso-42001: ["A.10.3"]}
#   remediation: Complete the verification before making the system available.
package controls.eu_operators.EUAIA_23_1

import data.lib.findings as say
import data.lib.records

verifications := input.evidence["statement:operator-verification"]

entries := input.evidence["registry-entry"]

declarations := [record | some record in input.evidence["conformity-record"]; record.predicate.kind == "declaration"]

satisfied contains "checks-made" if {
	count(verifications) > 0
	every verification in verifications {
		records.covers(made(verification), data.parameters.operator_checks)
		not failed(verification)
	}
}

satisfied contains "declaration-covers-release" if {
	count(entries) > 0
	every entry in entries {
		entry.predicate.version in covered
	}
}

made(verification) := [check | some check, well in verification.predicate.facts.checks; well == true]

# A check beyond those that are asked for came out badly.
failed(verification) if {
	some well in verification.predicate.facts.checks
	well == false
}

covered := {record.predicate.release_version | some record in declarations}

findings contains say.also(open, {"values": {"check": check}}) if {
	some verification in verifications
	some check in data.parameters.operator_checks
	not check in object.keys(verification.predicate.facts.checks)
	open := say.gap("checks-made", verification, "facts.checks", "whether {check} was checked is not stated")
}

findings contains say.also(bad, {"values": {"check": check}}) if {
	some verification in verifications
	some check, well in verification.predicate.facts.checks
	well == false
	bad := say.breach("checks-made", verification, "facts.checks", "the check of {check} came out badly")
}

findings contains say.also(uncovered, {"expected": entry.predicate.version}) if {
	some entry in entries
	not entry.predicate.version in covered
	uncovered := say.gap("declaration-covers-release", entry, "version", "no declaration of conformity covers the release {expected}")
}
