# METADATA
# title: Incidents classified under the agreed scheme
# description: >-
#   Every incident of a year has a severity of the scheme, which is the one that the matrix of the organisation gives for
#   business harm and users touched, and a category for which a rollback rule is named. A serious incident (Art 3(49)) is
#   of high business harm. A procedure gives a step to each severity; whether the step holds a deadline and a route is its
#   signer's word. Matrix and rollback rules are the organisation's: where it named none, nothing is graded.
# custom:
#   severity: major
#   basis: policy
#   mode: hybrid
#   gates: [incident]
#   evidence: [incident-record, runbook, feed-status]
#   parameters: [ai_incident_categories, incident_window_days, rollback_rules, severity_levels, severity_matrix]
#   objectives:
#     severity-in-scheme:
#       says: Every incident has a severity of the scheme and a procedure gives a step to each of them.
#       covers: [S0.M5.4]
#     severity-by-harm:
#       says: Every severity is the one that the matrix gives for harm and users touched.
#       covers: [S2.M8.1]
#       reads: [incident-record, feed-status]
#     category-with-rollback:
#       says: Every incident has a category of the list that has a rollback rule.
#       covers: [S3.M1.7]
#       reads: [incident-record, feed-status]
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of incidents
#     runbook.scenario: a procedure for something else says nothing of the scheme
#   frameworks: {nist-ai-rmf: ["GOVERN 4.3", "MANAGE 4.3"], iso-42001: ["A.8.4"]}
#   remediation: "Classify the incident by category, business harm and exposed users."
package controls.incident.INC_01

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.text
import data.lib.time as calendar

incidents := input.evidence["incident-record"]

books := [book | some book in input.evidence.runbook; book.predicate.scenario == "incident-classification"]

whole if feeds.all_seen_for(incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days)

satisfied contains "severity-in-scheme" if {
	whole
	count([incident | some incident in incidents; not in_scheme(incident)]) == 0
	count(books) > 0
	every book in books {
		steps_for_all(book)
	}
}

satisfied contains "severity-by-harm" if {
	whole
	count(data.parameters.severity_matrix) > 0
	count([incident | some incident in incidents; not graded(incident)]) == 0
}

satisfied contains "category-with-rollback" if {
	whole
	count(data.parameters.rollback_rules) > 0
	count([incident | some incident in incidents; not ruled(incident)]) == 0
}

in_scheme(incident) if incident.predicate.severity in data.parameters.severity_levels

steps_for_all(book) if records.covers(words(book), data.parameters.severity_levels)

words(book) := {text.bare(word) |
	some step in book.predicate.steps
	some word in split(text.lower(step), " ")
}

# Of the bands of users touched that an incident reaches, the highest gives its severity.
graded(incident) if {
	not_played_down(incident.predicate)
	bands := data.parameters.severity_matrix[incident.predicate.business_impact]
	reached := [least | some written, _ in bands; least := calendar.whole(written); least <= incident.predicate.exposed_users]
	count(reached) > 0
	count(bands) > 0
	every written, level in bands {
		of_band(calendar.whole(written), max(reached), level, incident.predicate.severity)
	}
}

of_band(least, highest, _, _) if least != highest

of_band(least, highest, level, severity) if {
	least == highest
	level == severity
}

not_played_down(incident) if incident.serious_kind == "none"

not_played_down(incident) if {
	incident.serious_kind != "none"
	incident.business_impact == "high"
}

ruled(incident) if {
	incident.predicate.category in data.parameters.ai_incident_categories
	records.filled(data.parameters.rollback_rules[incident.predicate.category])
}

findings contains feeds.gap_for(objective, incidents, input.evidence["feed-status"], "incident-record", data.parameters.incident_window_days) if {
	not whole
	some objective in ["severity-in-scheme", "severity-by-harm", "category-with-rollback"]
}

findings contains say.breach("severity-in-scheme", incident, "severity", "the severity is none of the scheme") if {
	some incident in incidents
	not in_scheme(incident)
}

findings contains say.none("severity-in-scheme", "evidence/runbook", "no current procedure is for the classification of incidents") if count(books) == 0

findings contains say.gap("severity-in-scheme", book, "steps", "a severity has no step in the procedure") if {
	some book in books
	not steps_for_all(book)
}

findings contains say.breach("severity-by-harm", incident, "severity", "the severity is not the one that the matrix gives for harm and users touched") if {
	some incident in incidents
	not graded(incident)
}

findings contains say.breach("category-with-rollback", incident, "category", "the category is not of the list, or has no rollback rule") if {
	some incident in incidents
	not ruled(incident)
}

findings contains say.none("severity-by-harm", "parameters/severity_matrix", "the organisation named no severity matrix") if {
	count(data.parameters.severity_matrix) == 0
}

findings contains say.none("category-with-rollback", "parameters/rollback_rules", "the organisation named no rollback rule") if {
	count(data.parameters.rollback_rules) == 0
}
