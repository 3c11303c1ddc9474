# METADATA
# title: Ten-year documentation lock
# description: >-
#   Every class of documents that Art 18 names is locked until ten years after the last placing on the market, the
#   technical file of this very model among them. A version that is not yet placed is about to be, so the years run from
#   now; otherwise they run from the end of the day of its last placing. Read strictly: every store that keeps a class
#   must lock it, and a version that is placed and does not say when cannot be judged.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [production, retirement]
#   applies_from: D-HR
#   evidence: [registry-entry, retention-state, technical-file]
#   parameters: [eu_document_classes, eu_documentation_keep]
#   objectives:
#     documents-locked:
#       says: Every document class of Art 18 is locked for ten years after the last placing.
#       reads: [registry-entry, retention-state]
#     technical-file-locked:
#       says: The technical file of this model exists and its class is among the locked ones.
#   frameworks:
#     eu-ai-act: ["18(1)", "47(1)"]
#     nist-ai-rmf: ["GOVERN 1.4"]
#   remediation: Extend the retention lock of the document class to ten years after the last placing on the market.
package controls.eu_operators.EUAIA_18_1

import data.lib.records
import data.lib.time as calendar

entries := input.evidence["registry-entry"]

states := input.evidence["retention-state"]

files := [file |
	some file in input.evidence["technical-file"]
	file.predicate.kind in {"annex-iv", "annex-iv-simplified"}
]

technical := "technical-documentation"

satisfied contains "documents-locked" if {
	count(entries) > 0
	count(data.parameters.eu_document_classes) > 0
	every class in data.parameters.eu_document_classes {
		every entry in entries {
			locked(class, entry)
		}
	}
}

satisfied contains "technical-file-locked" if {
	count(entries) > 0
	count(files) > 0
	technical in data.parameters.eu_document_classes
	every file in files {
		records.on_candidate(file)
		every entry in entries {
			locked(technical, entry)
		}
	}
}

# Every store that keeps the class locks it long enough.
locked(class, entry) if {
	kept := stores_of(class)
	count(kept) > 0
	every state in kept {
		state.predicate.lock_until >= locked_until(entry)
	}
}

stores_of(class) := [state | some state in states; state.predicate.record_class == class]

locked_until(entry) := calendar.add(anchor(entry), data.parameters.eu_documentation_keep)

# From when the years run.
anchor(entry) := input.now if {
	input.gate == "production"
	entry.predicate.stage in {"development", "staging", "production"}
}

anchor(entry) := input.now if {
	input.gate == "retirement"
	entry.predicate.stage in {"development", "staging"}
}

anchor(entry) := calendar.add_days(calendar.start_of(entry.predicate.last_placed_on), 1) if {
	input.gate == "retirement"
	entry.predicate.stage in {"production", "archived"}
}

findings contains finding if {
	some entry in entries
	not anchor(entry)
	some objective in ["documents-locked", "technical-file-locked"]
	finding := {
		"objective": objective,
		"message": "the registry does not say when this version was last placed",
		"gap": true,
		"evidence": entry.id,
		"observed": entry.predicate.stage,
		"path": "last_placed_on",
	}
}

findings contains finding if {
	some class in data.parameters.eu_document_classes
	count(stores_of(class)) == 0
	finding := {
		"objective": "documents-locked",
		"message": sprintf("no store says how %s is kept", [class]),
		"gap": true,
		"expected": class,
		"path": "record_class",
	}
}

findings contains finding if {
	some class in data.parameters.eu_document_classes
	some state in stores_of(class)
	some entry in entries
	state.predicate.lock_until < locked_until(entry)
	finding := {
		"objective": "documents-locked",
		"message": sprintf("the lock of %s ends too early", [class]),
		"evidence": state.id,
		"observed": state.predicate.lock_until,
		"expected": locked_until(entry),
		"path": "lock_until",
	}
}

findings contains finding if {
	some class in data.parameters.eu_document_classes
	some state in stores_of(class)
	not state.predicate.lock_until
	finding := {
		"objective": "documents-locked",
		"message": sprintf("%s is not locked", [class]),
		"evidence": state.id,
		"path": "lock_until",
	}
}

findings contains finding if {
	some file in files
	not records.on_candidate(file)
	finding := records.other_artifact("technical-file-locked", file)
}

findings contains finding if {
	count(files) == 0
	finding := {
		"objective": "technical-file-locked",
		"message": "there is no current technical file after Annex IV",
		"gap": true,
		"path": "kind",
	}
}
