# METADATA
# title: Legacy claim supported
# description: >-
#   Where the legacy rule of Art 111(2) is claimed, the type and model was first placed before the day on which Chapter III
#   binds its tier, and since that day neither the lineage holds a significant change of design nor a ticket calls one
#   substantial. A change that nobody classified counts as one. The graph that Quaestor derives from imported nodes knows of
#   no change, so that the tickets must be whole since that day. The day of first placing is the registry's word.
# custom:
#   severity: major
#   basis: law
#   mode: hybrid
#   tiers: [high]
#   roles: [provider, deployer]
#   gates: [production]
#   applies_from: D-HR
#   evidence: [change-record, feed-status, lineage-graph, registry-entry, risk-classification, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [high_risk_from]
#   objectives:
#     placed-before:
#       says: The type and model was first placed before Chapter III bound its tier.
#       reads: [registry-entry, risk-classification]
#     design-unchanged:
#       says: No significant change of design was made since Chapter III binds its tier.
#       reads: [change-record, feed-status, lineage-graph, risk-classification]
#   may_be_empty: {lineage-graph.changes: a legacy system may have changed in nothing}
#   may_stand_beside: {feed-status.feed: another feed says nothing of tickets}
#   frameworks: {eu-ai-act: ["111(2)", "2026/1744 recital 39"]}
#   remediation: Drop the legacy claim or show the first placing date and the absence of significant design changes.
package controls.risk.RISK_10

import data.lib.feeds
import data.lib.findings as say
import data.lib.time as calendar

questionnaires := input.evidence["risk-questionnaire"]

classifications := input.evidence["risk-classification"]

entries := input.evidence["registry-entry"]

graphs := input.evidence["lineage-graph"]

tickets := input.evidence["change-record"]

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.legacy_claimed == false
	}
}

applies if {
	some questionnaire in questionnaires
	questionnaire.predicate.legacy_claimed == true
}

# The day on which Chapter III begins to bind the tier; a tier that it does not bind has none.
bound_from(classification) := data.parameters.high_risk_from[classification.predicate.tier]

satisfied contains "placed-before" if {
	count(entries) > 0
	count(classifications) > 0
	every classification in classifications {
		every entry in entries {
			entry.predicate.first_placed_on < bound_from(classification)
		}
	}
}

satisfied contains "design-unchanged" if {
	count(graphs) > 0
	count(classifications) > 0
	every graph in graphs {
		is_array(graph.predicate.changes)
	}
	every classification in classifications {
		whole(classification)
		count(since(classification)) == 0
		count(substantial(classification)) == 0
	}
}

# Significant changes from that day on.
since(classification) := [change |
	some graph in graphs
	some change in graph.predicate.changes
	not small(change)
	not before(change, classification)
]

# The feed tells of every ticket since that day.
whole(classification) if {
	feeds.all_seen_since(tickets, input.evidence["feed-status"], "change-record", calendar.start_of(bound_from(classification)))
}

# Tickets of substantial changes that are not known to be decided before that day.
substantial(classification) := [ticket |
	some ticket in tickets
	not lesser(ticket)
	not decided_before(ticket, classification)
]

lesser(ticket) if ticket.predicate.change_class in {"minor", "pre-determined"}

decided_before(ticket, classification) if calendar.day_of(ticket.predicate.decided_at) < bound_from(classification)

small(change) if change.change_class in {"minor", "pre-determined"}

before(change, classification) if calendar.day_of(change.at) < bound_from(classification)

findings contains say.also(late, {"observed": placed, "expected": bound_from(classification)}) if {
	some classification in classifications
	some entry in entries
	placed := entry.predicate.first_placed_on
	placed >= bound_from(classification)
	late := say.breach("placed-before", entry, "first_placed_on", "first placed on {observed}, when Chapter III had bound the tier since {expected}")
}

findings contains say.gap("placed-before", entry, "first_placed_on", "when the type and model was first placed is not recorded") if {
	some entry in entries
	not entry.predicate.first_placed_on
}

findings contains say.also(changed, {"observed": change.at}) if {
	some classification in classifications
	some graph in graphs
	some change in since(classification)
	changed := say.breach("design-unchanged", graph, "changes", "the design changed significantly on {observed}, or nobody classified the change")
}

findings contains feeds.gap_since("design-unchanged", tickets, input.evidence["feed-status"], "change-record", calendar.start_of(day)) if {
	some classification in classifications
	day := bound_from(classification)
	not whole(classification)
}

findings contains say.also(unbound, {"observed": classification.predicate.tier}) if {
	some classification in classifications
	not bound_from(classification)
	unbound := say.gap("design-unchanged", classification, "tier", "since when Chapter III binds the tier {observed} is not known")
}

findings contains say.also(changed, {"values": {"ticket": ticket.predicate.change_id}}) if {
	some classification in classifications
	some ticket in substantial(classification)
	changed := say.breach("design-unchanged", ticket, "change_class", "the ticket {ticket} is of a substantial change, and was not decided before Chapter III bound the tier")
}
