# METADATA
# title: Logged events cover the required purposes
# description: >-
#   A scripted run of this version emitted every event class that is required of it, and for each purpose of Art 12(2) a
#   class is required. A class is written `purpose:event`; that an event serves its purpose is the word of who wrote the list.
# custom:
#   severity: major
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [staging]
#   applies_from: D-HR
#   evidence: {logging-check: measured}
#   parameters: [event_purposes]
#   objectives:
#     classes-emitted: {says: Every required event class was seen in a scripted run.}
#     purposes-served: {says: An event class is required for each purpose of Art 12(2).}
#   may_stand_beside: {logging-check.subject: a check of another version says nothing of this one}
#   frameworks: {eu-ai-act: ["12(2)"], iso-42001: ["A.6.2.8"]}
#   remediation: Emit the missing event class and repeat the scripted run.
package controls.eu_high_risk.EUAIA_12_2

import data.lib.findings as say
import data.lib.records

checks := [check | some check in input.evidence["logging-check"]; records.names_candidate(check)]

satisfied contains "classes-emitted" if {
	count(checks) > 0
	every check in checks {
		records.covers(check.predicate.emitted_event_classes, check.predicate.required_event_classes)
	}
}

satisfied contains "purposes-served" if {
	count(checks) > 0
	every check in checks {
		records.covers(purposes(check), data.parameters.event_purposes)
	}
}

# What stands before the colon of a class.
purposes(check) := [split(class, ":")[0] | some class in check.predicate.required_event_classes]

findings contains say.none(objective, "emitted_event_classes", "no scripted run of this version was measured") if {
	count(checks) == 0
	some objective in ["classes-emitted", "purposes-served"]
}

findings contains say.also(silent, {"values": {"class": class}}) if {
	some check in checks
	some class in check.predicate.required_event_classes
	not class in check.predicate.emitted_event_classes
	silent := say.breach("classes-emitted", check, "emitted_event_classes", "no event of the class {class} was seen")
}

findings contains say.gap("classes-emitted", check, "required_event_classes", "no event class is required") if {
	some check in checks
	count(check.predicate.required_event_classes) == 0
}

findings contains say.also(open, {"values": {"purpose": purpose}}) if {
	some check in checks
	some purpose in data.parameters.event_purposes
	not purpose in purposes(check)
	open := say.breach("purposes-served", check, "required_event_classes", "no event class is required for the purpose {purpose}")
}
