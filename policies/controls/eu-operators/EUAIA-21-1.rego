# METADATA
# title: Authority request can be served
# description: >-
#   The newest drill of an export for an authority is recent and worked: the export holds the logs, its signatures verify,
#   and it can be read in a language that the authorities of each Member State accept in which the system is offered.
#   An earlier drill that failed is mended by a later one.
# custom:
#   severity: major
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [production]
#   applies_from: D-HR
#   evidence: {registry-entry: any, replay-check: measured}
#   parameters: [authority_languages, export_drill_days]
#   objectives:
#     export-works:
#       says: The newest drill of an export is recent and worked.
#       reads: [replay-check]
#     languages-accepted: {says: "Every drill's export holds a language that each authority accepts."}
#   may_stand_beside:
#     replay-check.kind: the re-evaluation of a decision is no drill of an export
#     replay-check.performed_at: an older drill is replaced by the newest one
#   frameworks: {eu-ai-act: ["21", "74(12)", "77"]}
#   remediation: Run the export drill and mend what made it fail.
package controls.eu_operators.EUAIA_21_1

import data.lib.findings as say
import data.lib.time as calendar

entries := input.evidence["registry-entry"]

drills := [check | some check in input.evidence["replay-check"]; check.predicate.kind == "export-drill"]

# The newest drill; several where they have the same instant.
newest := [drill | some drill in drills; drill.predicate.performed_at == latest]

moments := {drill.predicate.performed_at | some drill in drills}

latest := max(moments) if count(moments) > 0

states := {state | some entry in entries; some state in entry.predicate.member_states}

satisfied contains "export-works" if {
	count(newest) > 0
	every drill in newest {
		worked(drill.predicate)
		recent(drill.predicate)
	}
}

satisfied contains "languages-accepted" if {
	count(drills) > 0
	count(entries) > 0
	every entry in entries {
		count(entry.predicate.member_states) > 0
	}
	count(states) > 0
	every drill in drills {
		every state in states {
			readable(drill.predicate, state)
		}
	}
}

worked(drill) if {
	drill.succeeded == true
	drill.logs_included == true
	drill.signatures_verified == true
}

recent(drill) if calendar.within_days(drill.performed_at, data.parameters.export_drill_days, input.now)

readable(drill, state) if {
	some language in drill.languages
	language in data.parameters.authority_languages[state]
}

findings contains say.none(objective, "kind", "no drill of an export for an authority is recorded") if {
	count(drills) == 0
	some objective in ["export-works", "languages-accepted"]
}

findings contains say.breach("export-works", drill, "succeeded", "the export failed, held no logs, or its signatures did not verify") if {
	some drill in newest
	not worked(drill.predicate)
}

findings contains say.also(old, {"observed": drill.predicate.performed_at, "expected": data.parameters.export_drill_days}) if {
	some drill in newest
	not recent(drill.predicate)
	old := say.gap("export-works", drill, "performed_at", "the last drill of an export is more than {expected} days ago")
}

findings contains say.gap("languages-accepted", entry, "member_states", "in which Member States the system is offered is not recorded") if {
	some entry in entries
	not offered(entry.predicate)
}

offered(entry) if count(entry.member_states) > 0

findings contains say.also(foreign, {"values": {"state": state}}) if {
	some drill in drills
	some state in states
	not readable(drill.predicate, state)
	foreign := say.breach("languages-accepted", drill, "languages", "the export holds no language that the authorities of {state} are known to accept")
}
