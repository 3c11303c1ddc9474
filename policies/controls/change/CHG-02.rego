# METADATA
# title: Impact statement and failure preview done
# description: >-
#   Every change of the candidate says in plain words what it means and names its risk tier, and somebody who is no
#   engineer read it. Where the classification gives a high impact, ways in which the release could fail were written
#   down, each with countermeasure and owner, before the board decided. Who read it is the word of the change ticket.
# custom:
#   severity: minor
#   basis: policy
#   mode: attested
#   gates: [production]
#   evidence: [risk-classification, change-record, feed-status]
#   parameters: [change_window_days]
#   objectives:
#     impact-told: {says: "The change names the risk tier in plain words, and somebody who is no engineer read it.", covers: [S3.M8.2]}
#     failures-foreseen: {says: Failures of a release of high impact were foreseen before the board decided., covers: [S3.M8.7]}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of changes
#     change-record.subject: a change of another version says nothing of the candidate
#   frameworks: {nist-ai-rmf: ["MANAGE 4.1"], iso-42001: ["A.6.2.5", "A.8.5"]}
#   remediation: "Write the plain impact statement and the failure preview, each with an owner."
package controls.change.CHG_02

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.text

# Roles whose holders need not be able to read code.
plain_readers := {
	"accountable-executive", "auditor", "business-owner", "compliance", "dpo", "legal", "records-manager", "risk-officer", "system-owner",
}

changes := input.evidence["change-record"]

classifications := input.evidence["risk-classification"]

whole if feeds.all_seen_for(changes, input.evidence["feed-status"], "change-record", data.parameters.change_window_days)

own := [change | some change in changes; records.names_candidate(change)]

satisfied contains "impact-told" if {
	whole
	count(classifications) > 0
	count(own) > 0
	every change in own {
		every classification in classifications {
			names_tier(change, classification)
		}
		plainly_read(change)
	}
}

satisfied contains "failures-foreseen" if {
	whole
	count(classifications) > 0
	count(own) > 0
	every change in own {
		foreseen(change)
	}
}

names_tier(change, classification) if contains(text.lower(change.predicate.impact_summary), classification.predicate.tier)

plainly_read(change) if {
	reader := change.predicate.plain_language_reviewer
	reader.role in plain_readers
	records.another(reader, change.predicate.author)
}

foreseen(change) if {
	count(change.predicate.premortem) > 0
	every failure in change.predicate.premortem {
		failure.at < change.predicate.decided_at
	}
}

foreseen(_) if {
	count(classifications) > 0
	every classification in classifications {
		classification.predicate.impact_level in {"low", "medium"}
	}
}

findings contains feeds.gap_for(objective, changes, input.evidence["feed-status"], "change-record", data.parameters.change_window_days) if {
	not whole
	some objective in ["impact-told", "failures-foreseen"]
}

findings contains say.none(objective, "change_id", "no change was filed for the candidate itself") if {
	count(own) == 0
	some objective in ["impact-told", "failures-foreseen"]
}

findings contains say.also(silent, {"expected": classification.predicate.tier}) if {
	some change in own
	some classification in classifications
	not names_tier(change, classification)
	silent := say.breach("impact-told", change, "impact_summary", "the impact statement does not name the tier {expected}")
}

findings contains say.gap("impact-told", change, "plain_language_reviewer", "nobody who is neither engineer nor author of the change read the impact statement") if {
	some change in own
	not plainly_read(change)
}

findings contains say.breach("failures-foreseen", change, "premortem", "no failure was foreseen before the board decided") if {
	some change in own
	count(classifications) > 0
	not foreseen(change)
}
