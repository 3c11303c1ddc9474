# METADATA
# title: "Escalation paths and playbooks staffed, current and exercised"
# description: >-
#   Procedures for falling quality, stolen models, leaked data and breaches of rules are there and were exercised lately;
#   who takes over is ordered, and each of them can be reached. For a failing model there are holders on call of three
#   teams, contacts of departments, and a sequence of messages. Which departments are affected, and what the steps are
#   worth, is the signer's word.
# custom:
#   severity: major
#   basis: policy
#   mode: attested
#   gates: [production, operation, incident]
#   evidence: [runbook]
#   parameters: [runbook_exercise_days]
#   objectives:
#     handover-ordered:
#       says: "Who takes over when quality falls is ordered, can be reached, and exercised it."
#       at: [production, operation]
#       covers: [S0.M1.5]
#     on-call-staffed:
#       says: "Somebody of ML, reliability and support each is on call for a failing model."
#       at: [incident]
#       covers: [S2.M9.6]
#     playbooks-exercised:
#       says: "Playbooks for stolen models, leaked data and breaches of rules were exercised lately."
#       at: [production, incident]
#       covers: [S1.M8.6]
#     departments-reached:
#       says: Everybody with a duty at a failing model can be reached in a department and messages follow in a sequence.
#       at: [production, incident]
#       covers: [S4.M8.4]
#   may_stand_beside: {runbook.scenario: a procedure for something else says nothing of this one}
#   frameworks: {eu-ai-act: ["17(1)(i)"], nist-ai-rmf: ["GOVERN 4.3", "MANAGE 4.3"], iso-42001: ["A.8.4"]}
#   remediation: "Write, staff and exercise the missing playbook."
package controls.incident.INC_02

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

books(scenario) := [book | some book in input.evidence.runbook; book.predicate.scenario == scenario]

failing := books("model-failure")

# Roles of the three teams that must be on call.
on_call := ["on-call-ml", "on-call-reliability", "on-call-support"]

playbooks := ["model-compromise", "data-leak", "regulatory-breach"]

satisfied contains "handover-ordered" if {
	count(books("performance-degradation")) > 0
	every book in books("performance-degradation") {
		ordered(book)
		reachable(book)
		exercised(book)
	}
}

satisfied contains "on-call-staffed" if {
	count(failing) > 0
	every book in failing {
		on_duty(book)
	}
}

satisfied contains "playbooks-exercised" if {
	count(playbooks) > 0
	every scenario in playbooks {
		count(books(scenario)) > 0
		every book in books(scenario) {
			exercised(book)
		}
	}
}

satisfied contains "departments-reached" if {
	count(failing) > 0
	every book in failing {
		reachable(book)
		in_sequence(book)
	}
}

# No two stand in the same place, and it is not one person all along.
ordered(book) if {
	count({duty.holder.id | some duty in book.predicate.roles}) > 1
	count({duty.order | some duty in book.predicate.roles}) == count(book.predicate.roles)
}

reachable(book) if {
	count(book.predicate.roles) > 0
	every duty in book.predicate.roles {
		has_contact(book, duty.holder.name)
	}
}

has_contact(book, name) if {
	some contact in book.predicate.contacts
	contact.name == name
	records.named(contact.channel)
	records.named(contact.department)
}

exercised(book) if calendar.within_days(book.predicate.last_exercised, data.parameters.runbook_exercise_days, input.now)

on_duty(book) if {
	duties := [duty | some duty in book.predicate.roles; duty.role in on_call; records.named(duty.holder.id)]
	records.covers([duty.role | some duty in duties], on_call)
	count({duty.holder.id | some duty in duties}) >= count(on_call)
}

in_sequence(book) if {
	count(book.predicate.steps) > 1
	count(book.predicate.templates) > 0
}

findings contains say.also(none, {"values": {"scenario": scenario}}) if {
	some objective, scenarios in {
		"handover-ordered": ["performance-degradation"], "playbooks-exercised": playbooks,
		"on-call-staffed": ["model-failure"], "departments-reached": ["model-failure"],
	}
	some scenario in scenarios
	count(books(scenario)) == 0
	none := say.none(objective, "evidence/runbook", "no current procedure is for {scenario}")
}

findings contains say.gap("handover-ordered", book, "roles", "fewer than two take over, two stand in the same place, or one cannot be reached") if {
	some book in books("performance-degradation")
	not handed_over(book)
}

handed_over(book) if {
	ordered(book)
	reachable(book)
}

findings contains say.also(stale, {"values": {"scenario": scenario}}) if {
	some objective, scenarios in {"handover-ordered": ["performance-degradation"], "playbooks-exercised": playbooks}
	some scenario in scenarios
	some book in books(scenario)
	not exercised(book)
	stale := say.gap(objective, book, "last_exercised", "the procedure for {scenario} was not exercised lately")
}

findings contains say.gap("on-call-staffed", book, "roles", "one of ML, reliability and support has nobody of its own on call") if {
	some book in failing
	not on_duty(book)
}

findings contains say.gap("departments-reached", book, "contacts", "somebody with a duty cannot be reached, or there is no sequence of messages") if {
	some book in failing
	not told(book)
}

told(book) if {
	reachable(book)
	in_sequence(book)
}
