# METADATA
# title: Retrospective biometric identification authorised
# description: >-
#   Every search of the log names its case, and either the legal exemption of an initial identification or an authorisation
#   that somebody in law or compliance signed for and that was requested at the latest in the time of Art 26(10) after the
#   search. Of an authorisation that was refused, a certificate of deletion names the reference, and no search goes by it
#   after that. That an exemption holds is the word of the case system. Read strictly: remote identification that is not
#   said to be in real time counts as retrospective, and a deletion is certified as long as the refusal is on record.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [high-annex-iii]
#   roles: [deployer]
#   gates: [production]
#   applies_from: D-HR
#   evidence: [decision-log, feed-status, purge-certificate, risk-questionnaire, statement:biometric-authorisation]
#   applies: [risk-questionnaire]
#   parameters: [biometric_authorisation_time, decision_window_days]
#   objectives:
#     searches-authorised:
#       says: Every search names its case and was authorised in time or exempt.
#       reads: [decision-log, feed-status, statement:biometric-authorisation]
#     refusals-followed:
#       says: After every refusal the search stopped and its results were deleted.
#       reads: [decision-log, feed-status, purge-certificate, statement:biometric-authorisation]
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of searches
#     purge-certificate: another deletion takes nothing away from that of the results
#     statement:biometric-authorisation.facts.authorisation_ref: another authorisation takes nothing away from this one
#   frameworks: {eu-ai-act: ["26(10)"]}
#   remediation: "Obtain the authorisation, or stop the search and delete its results."
package controls.eu_operators.EUAIA_26_6

import data.lib.feeds
import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

questionnaires := input.evidence["risk-questionnaire"]

searches := input.evidence["decision-log"]

statements := input.evidence["statement:biometric-authorisation"]

certificates := input.evidence["purge-certificate"]

whole if feeds.all_seen_for(searches, input.evidence["feed-status"], "decision-log", data.parameters.decision_window_days)

retrospective := {"post-remote", "remote-identification"}

applies if {
	some questionnaire in questionnaires
	questionnaire.predicate.biometric_kind in retrospective
}

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.biometric_kind in {"none", "verification", "real-time-remote", "categorisation", "emotion"}
	}
}

satisfied contains "searches-authorised" if {
	whole
	count([search | some search in searches; not lawful(search)]) == 0
}

satisfied contains "refusals-followed" if {
	whole
	count([statement | some statement in statements; not settled(statement)]) == 0
}

lawful(search) if {
	records.named(search.predicate.case_ref)
	grounded(search.predicate)
}

grounded(search) if records.filled(search.legal_exemption)

grounded(search) if {
	count(of(search.authorisation_ref)) > 0
	count(cases_of(search.authorisation_ref)) == 1
	every statement in of(search.authorisation_ref) {
		requested_in_time(statement, search)
	}
}

# An authorisation is one for the search of one case.
cases_of(reference) := {search.predicate.case_ref | some search in searches; search.predicate.authorisation_ref == reference}

of(reference) := [statement | some statement in statements; statement.predicate.facts.authorisation_ref == reference]

requested_in_time(statement, search) if {
	statement.predicate.facts.requested_at <= calendar.add(search.decided_at, data.parameters.biometric_authorisation_time)
}

settled(statement) if statement.predicate.facts.refused == false

settled(statement) if {
	deletions := [certificate.predicate.completed_at |
		some certificate in certificates
		statement.predicate.facts.authorisation_ref in certificate.predicate.scope
		statement.predicate.facts.requested_at <= certificate.predicate.completed_at
	]
	count(deletions) > 0
	count([search |
		some search in searches
		search.predicate.authorisation_ref == statement.predicate.facts.authorisation_ref
		search.predicate.decided_at > min(deletions)
	]) == 0
}

findings contains feeds.gap_for(objective, searches, input.evidence["feed-status"], "decision-log", data.parameters.decision_window_days) if {
	not whole
	some objective in ["searches-authorised", "refusals-followed"]
}

findings contains say.also(unlawful, {"values": {"search": search.predicate.decision_id}}) if {
	some search in searches
	not lawful(search)
	unlawful := say.breach("searches-authorised", search, "authorisation_ref", "the search {search} names no case, or neither an exemption nor an authorisation of its own that was requested in time")
}

findings contains say.also(open, {"observed": statement.predicate.facts.authorisation_ref}) if {
	some statement in statements
	not settled(statement)
	open := say.breach("refusals-followed", statement, "facts.refused", "the authorisation {observed} was refused, and no deletion is certified after which nobody searched by it")
}
