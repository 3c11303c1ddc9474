# METADATA
# title: Ten-year documentation lock
# description: >-
#   Every class of documents that Art 18 names is locked and could be read back until ten years after the last placing on
#   the market, the technical file of this very model among them by the last word of the store that holds it. A version
#   that is not yet placed is about to be, so the years run from now; otherwise they run from the end of the day of its
#   last placing. Papers of a notified body exist only where one takes part: under Annex VI, as for points 2 to 8 of
#   Annex III, they are not asked for. Read strictly: every store that keeps a class must lock it, and a version that is
#   placed and does not say when cannot be judged.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [production, retirement]
#   applies_from: D-HR
#   evidence: [registry-entry, retention-state, risk-questionnaire, technical-file]
#   parameters: [eu_document_classes, eu_documentation_keep]
#   objectives:
#     documents-locked:
#       says: Every document class of Art 18 is locked for ten years after the last placing.
#       reads: [registry-entry, retention-state, risk-questionnaire]
#     technical-file-locked:
#       says: The technical file of this model exists and is itself among the locked documents.
#       reads: [registry-entry, retention-state, technical-file]
#   may_stand_beside:
#     retention-state.record_class: a store of records that Art 18 does not name says nothing of those that it names
#     technical-file.kind: a document of another kind is no technical file after Annex IV, which is there all the same
#   frameworks: {eu-ai-act: ["18(1)", "43(2)", "47(1)"], nist-ai-rmf: ["GOVERN 1.4"]}
#   remediation: Extend the retention lock of the document class to ten years after the last placing on the market.
package controls.eu_operators.EUAIA_18_1

import data.lib.findings as say
import data.lib.time as calendar
import data.retention.table

entries := input.evidence["registry-entry"]

states := input.evidence["retention-state"]

answers := input.evidence["risk-questionnaire"]

files := [file |
	some file in input.evidence["technical-file"]
	file.predicate.kind in {"annex-iv", "annex-iv-simplified"}
]

technical := "technical-documentation"

classes := [class | some class in data.parameters.eu_document_classes; not excused(class)]

satisfied contains "documents-locked" if {
	count(classes) > 0
	every class in classes {
		locked(class)
	}
}

satisfied contains "technical-file-locked" if {
	count(files) > 0
	technical in data.parameters.eu_document_classes
	locked(technical)
	every file in files {
		among_locked(file)
	}
}

# No notified body takes part in the internal control of Annex VI, which Art 43(2) asks for points 2 to 8 of Annex III.
excused(class) if {
	startswith(class, "notified-body-")
	input.system.tier == "high-annex-iii"
	count(answers) > 0
	every answer in answers {
		answer.predicate.annex_i_section != "a"
		every point in ["1a", "1b", "1c"] {
			answer.predicate.annex_iii_answers[point] == "no"
		}
	}
}

# Every store that keeps the class locks it long enough for every entry.
locked(class) if {
	count(stores_of(class)) > 0
	every state in stores_of(class) {
		state.predicate.retrievable == true
		long_enough(state)
	}
}

# A part of a class is kept as the class is.
stores_of(class) := [state | some state in states; table.part_of(state.predicate.record_class, class)]

long_enough(state) if {
	count(ends) > 0
	count(ends) == count(entries)
	state.predicate.lock_until >= max(ends)
}

# By the last word of the store that holds it.
among_locked(file) if {
	some state in stores_of(technical)
	file.digest in state.predicate.documents
	count([other | some other in stores_of(technical); not no_later_word(other, state)]) == 0
}

no_later_word(other, state) if other.predicate.store != state.predicate.store

no_later_word(other, state) if other.log_index <= state.log_index

# Until when the documents of each entry are kept.
ends := [end | some entry in entries; end := calendar.add(anchor(entry), data.parameters.eu_documentation_keep)]

# From when the years run.
anchor(entry) := input.now if entry.predicate.stage in {"development", "staging"}

anchor(entry) := input.now if {
	input.gate == "production"
	entry.predicate.stage == "production"
}

anchor(entry) := calendar.add_days(calendar.start_of(entry.predicate.last_placed_on), 1) if {
	input.gate == "retirement"
	entry.predicate.stage in {"production", "archived"}
}

findings contains say.also(unknown, {"observed": entry.predicate.stage}) if {
	some objective in ["documents-locked", "technical-file-locked"]
	some entry in entries
	not anchor(entry)
	unknown := say.gap(objective, entry, "last_placed_on", "the registry does not say when this version was last placed")
}

findings contains say.also(nowhere, {"values": {"class": class}}) if {
	some class in classes
	count(stores_of(class)) == 0
	nowhere := say.none("documents-locked", "evidence/retention-state", "no store says how {class} is kept")
}

findings contains say.also(early, {"observed": state.predicate.lock_until, "expected": max(ends), "values": {"class": class}}) if {
	some class in classes
	some state in stores_of(class)
	count(ends) > 0
	state.predicate.lock_until < max(ends)
	early := say.breach("documents-locked", state, "lock_until", "the lock of {class} ends too early")
}

findings contains say.also(open, {"values": {"class": class}}) if {
	some class in classes
	some state in stores_of(class)
	not state.predicate.lock_until
	open := say.breach("documents-locked", state, "lock_until", "{class} is not locked")
}

findings contains say.also(lost, {"values": {"class": class}}) if {
	some class in classes
	some state in stores_of(class)
	not state.predicate.retrievable
	lost := say.breach("documents-locked", state, "retrievable", "a sample of {class} could not be read back")
}

findings contains say.also(outside, {"observed": file.digest}) if {
	some file in files
	not among_locked(file)
	outside := say.breach("technical-file-locked", file, "document_version", "no store of technical documentation names this file among the locked ones")
}

findings contains say.none("technical-file-locked", "evidence/technical-file", "there is no current technical file after Annex IV") if count(files) == 0
