# METADATA
# title: Consumers informed of updates
# description: >-
#   The release notes of every change of the candidate follow the template of the organisation. Where the interface behaves
#   otherwise than the one in service, its version was raised and the callers had their notice. A changed schema or a
#   breaking change is a changed behaviour, whatever else is said; that nothing else changed is the word of the interface
#   register.
# custom:
#   severity: minor
#   basis: policy
#   gates: [production]
#   evidence: [interface-contract, change-record, feed-status]
#   parameters: [change_window_days, consumer_notice_days, release_template]
#   objectives:
#     notes-in-form: {says: Every change has release notes in the set form., covers: [S0.M7.6], reads: [change-record, feed-status]}
#     callers-told: {says: "Callers had their notice of a changed behaviour, under a raised version.", covers: [S2.M9.8]}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of changes
#     change-record.subject: a change of another version says nothing of the candidate
#   frameworks: {nist-ai-rmf: ["MANAGE 4.1"], iso-42001: ["A.6.2.5", "A.8.5"]}
#   remediation: Publish the release notes and give the callers their notice period.
package controls.change.CHG_04

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

changes := input.evidence["change-record"]

contracts := input.evidence["interface-contract"]

whole if feeds.all_seen_for(changes, input.evidence["feed-status"], "change-record", data.parameters.change_window_days)

own := [change | some change in changes; records.names_candidate(change)]

satisfied contains "notes-in-form" if {
	whole
	count(own) > 0
	every change in own {
		in_form(change)
	}
}

satisfied contains "callers-told" if {
	whole
	count(own) > 0
	count(contracts) > 0
	every contract in contracts {
		told(contract)
	}
}

in_form(change) if {
	records.filled(change.predicate.release_notes)
	records.filled(change.predicate.impact_summary)
	change.predicate.release_template == data.parameters.release_template
}

told(contract) if unchanged(contract.predicate)

told(contract) if {
	raised(contract.predicate.api_version, contract.predicate.incumbent_api_version)
	count(own) > 0
	every change in own {
		change.predicate.notice_days >= data.parameters.consumer_notice_days
	}
}

# A first interface has no callers who know another one.
unchanged(contract) if {
	contract.behaviour_changed == false
	count(contract.breaking_changes) == 0
	same_schema(contract)
}

same_schema(contract) if contract.schema_digest == contract.incumbent_schema_digest

same_schema(contract) if {
	is_string(contract.schema_digest)
	not contract.incumbent_schema_digest
	not contract.incumbent_api_version
}

# 2.0 comes after 1.10, and 1.10 after 1.9.
raised(version, other) if number(version, 0) > number(other, 0)

raised(version, other) if {
	number(version, 0) == number(other, 0)
	number(version, 1) > number(other, 1)
}

# A part of a version in the form major.minor.
number(version, place) := calendar.whole(parts[place]) if {
	parts := split(version, ".")
	count(parts) == 2
}

findings contains feeds.gap_for(objective, changes, input.evidence["feed-status"], "change-record", data.parameters.change_window_days) if {
	not whole
	some objective in ["notes-in-form", "callers-told"]
}

findings contains say.none(objective, "change_id", "no change was filed for the candidate itself") if {
	count(own) == 0
	some objective in ["notes-in-form", "callers-told"]
}

findings contains say.also(other, {"expected": data.parameters.release_template}) if {
	some change in own
	not in_form(change)
	other := say.gap("notes-in-form", change, "release_template", "the release notes do not follow {expected}")
}

findings contains say.also(untold, {"expected": data.parameters.consumer_notice_days}) if {
	count(own) > 0
	some contract in contracts
	not told(contract)
	untold := say.breach("callers-told", contract, "behaviour_changed", "the behaviour changed, and the version was not raised or callers had less than {expected} days")
}
