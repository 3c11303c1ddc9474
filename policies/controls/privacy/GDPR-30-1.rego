# METADATA
# title: Record of processing linked
# description: >-
#   An entry of the record of processing names the system and the family of every version of it that the inventory has: the
#   system's name for all of them, the version, or the part of it before a dot. Where every questionnaire denies that the
#   system processes personal data the control does not apply.
# custom:
#   severity: minor
#   basis: law
#   waivable: true
#   roles: [controller]
#   gates: [registration]
#   applies_from: D-GDPR
#   evidence: [processing-record, registry-entry, risk-questionnaire]
#   applies: [risk-questionnaire]
#   objectives:
#     processing-linked:
#       says: The record of processing names the system and the family of this version.
#       reads: [processing-record, registry-entry]
#   may_stand_beside:
#     processing-record.systems: the entry of another system says nothing of this one
#     processing-record.version_family: the entry of another family says nothing of this version
#   frameworks: {gdpr: ["30"]}
#   remediation: Enter the system in the record of processing.
package controls.privacy.GDPR_30_1

import data.lib.findings as say

questionnaires := input.evidence["risk-questionnaire"]

entries := input.evidence["registry-entry"]

applies if {
	some questionnaire in questionnaires
	questionnaire.predicate.personal_data == true
}

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.personal_data == false
	}
}

# Entries of the record of processing that name the system.
processing := [entry | some entry in input.evidence["processing-record"]; input.system.id in entry.predicate.systems]

satisfied contains "processing-linked" if {
	count(entries) > 0
	every entry in entries {
		linked(entry)
	}
}

linked(entry) if {
	some record in processing
	in_family(entry.predicate, record.predicate.version_family)
}

in_family(entry, family) if family in {entry.name, entry.version}

in_family(entry, family) if startswith(entry.version, concat("", [family, "."]))

findings contains say.none("processing-linked", "systems", "no entry of the record of processing names this system") if count(processing) == 0

findings contains say.also(open, {"observed": entry.predicate.version}) if {
	count(processing) > 0
	some entry in entries
	not linked(entry)
	open := say.gap("processing-linked", entry, "version", "no entry of the record of processing names the family of version {observed}")
}
