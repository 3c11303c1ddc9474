# METADATA
# title: Provider registration in the EU database
# description: >-
#   For each part of the register that the tier and the points of Annex III answered with yes ask for, there is a numbered
#   entry from before the version was placed on the market, and every entry in it holds the points of Annex VIII that the
#   part asks for and is what it should be today, by digest. Point 2 is registered nationally; points 6 and 7, and point 1
#   in law enforcement and border control, in the non-public part; a system that Art 6(3) takes out in Section B, the rest
#   in Section A. That a number stands in the register, and both digests, are the word of who filed or signed the record.
# custom:
#   severity: blocker
#   basis: law
#   mode: hybrid
#   tiers: [high-annex-iii, derogated]
#   roles: [provider]
#   gates: [production]
#   applies_from: D-HR-OPEN
#   evidence: [conformity-record, registry-entry, risk-classification, risk-questionnaire]
#   parameters: [registration_points]
#   objectives:
#     registered:
#       says: Each part of the register that the answers ask for has an entry from before the version was placed on the market.
#     entry-complete:
#       says: Every entry has the points of Annex VIII that its part asks for.
#       reads: [conformity-record, risk-classification]
#     entry-current:
#       says: Every entry is what it should be today.
#       reads: [conformity-record]
#   may_be_empty: {registry-entry.first_placed_on: a version that is not on the market yet has no such day}
#   may_be_false:
#     registry-entry.first_placed_on: the placing of a version may lie ahead
#   may_stand_beside:
#     conformity-record.completed_at: a renewal after the placing takes nothing away from the first entry
#     conformity-record.kind: a record of another kind says nothing of registration
#     conformity-record.registration_id: an entry without a number takes nothing away from one that has it
#     conformity-record.registration_section: an entry in another part of the register is judged by that part
#   frameworks:
#     eu-ai-act: ["6(4)", "49(1)", "49(2)", "49(4)", "49(5)", "Annex VIII"]
#     nist-ai-rmf: ["GOVERN 1.6"]
#     iso-42001: ["A.8.3"]
#   remediation: "Register the system, or bring the registered data up to date."
package controls.eu_conformity.EUAIA_49_1

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

questionnaires := input.evidence["risk-questionnaire"]

classifications := input.evidence["risk-classification"]

placings := input.evidence["registry-entry"]

# The use by a public deployer (Section C) is judged by EUAIA-26-5.
entries := [record |
	some record in input.evidence["conformity-record"]
	record.predicate.kind == "registration"
	not of_deployer(record)
]

of_deployer(record) if record.predicate.registration_section == "viii-c"

# The part of the register that a point asks for; none where it cannot be told.
part(point, _, _) := "national" if startswith(point, "2")

part(point, answers, _) := "non-public" if hidden(point, answers)

part(point, answers, tier) := public_part(tier) if shown(point, answers)

public_part(tier) := "viii-b" if tier == "derogated"

public_part(tier) := "viii-a" if tier != "derogated"

hidden(point, _) if substring(point, 0, 1) in {"6", "7"}

hidden(point, answers) if {
	startswith(point, "1")
	answers.law_enforcement == true
}

hidden(point, answers) if {
	startswith(point, "1")
	answers.law_enforcement == false
	answers.context == "border"
}

shown(point, _) if substring(point, 0, 1) in {"3", "4", "5", "8"}

shown(point, answers) if {
	startswith(point, "1")
	answers.law_enforcement == false
	answers.context != "border"
}

satisfied contains "registered" if {
	count(questionnaires) > 0
	count(classifications) > 0
	count(placings) > 0
	every questionnaire in questionnaires {
		count(held(questionnaire)) > 0
		every classification in classifications {
			every point in held(questionnaire) {
				registered(part(point, questionnaire.predicate, classification.predicate.tier))
			}
		}
	}
}

held(questionnaire) := [point |
	some point, answer in questionnaire.predicate.annex_iii_answers
	answer == "yes"
]

satisfied contains "entry-complete" if {
	count(entries) > 0
	count(classifications) > 0
	every entry in entries {
		every classification in classifications {
			points := asked(entry, classification.predicate.tier)
			count(points) > 0
			every point in points {
				entry.predicate.payload_points[point] == "present"
			}
		}
		not absent(entry)
	}
}

# Who registers a system that Art 6(3) takes out in the non-public part owes the points of Section B (Art 49(4)(b)).
asked(entry, tier) := data.parameters.registration_points[list_of(entry.predicate.registration_section, tier)]

list_of(section, _) := section if section != "non-public"

list_of(section, tier) := section if {
	section == "non-public"
	tier != "derogated"
}

list_of("non-public", "derogated") := "non-public-b"

satisfied contains "entry-current" if {
	count(entries) > 0
	every entry in entries {
		entry.predicate.payload_digest == entry.predicate.current_payload_digest
	}
}

absent(entry) if {
	some state in entry.predicate.payload_points
	state == "absent"
}

registered(section) if {
	some entry in entries
	entry.predicate.registration_section == section
	records.named(entry.predicate.registration_id)
	count(placings) > 0
	every placing in placings {
		in_time(entry.predicate, placing.predicate)
	}
}

in_time(entry, placing) if {
	not placing.first_placed_on
	entry.completed_at <= input.now
}

in_time(entry, placing) if entry.completed_at < calendar.start_of(placing.first_placed_on)

findings contains say.gap("registered", questionnaire, "annex_iii_answers", "no point of Annex III is answered with yes, so which part of the register is asked for is not known") if {
	some questionnaire in questionnaires
	count(held(questionnaire)) == 0
}

findings contains say.also(open, {"values": {"point": point}}) if {
	some questionnaire in questionnaires
	some classification in classifications
	some point in held(questionnaire)
	not done(point, questionnaire, classification)
	open := say.none("registered", "registration_section", "no numbered entry from before the placing is recorded in the part of the register that point {point} of Annex III asks for")
}

done(point, questionnaire, classification) if registered(part(point, questionnaire.predicate, classification.predicate.tier))

findings contains say.none(objective, "kind", "no registration by the provider is recorded") if {
	count(entries) == 0
	some objective in ["entry-complete", "entry-current"]
}

findings contains say.also(lacking, {"values": {"point": point}}) if {
	some entry in entries
	some classification in classifications
	some point in asked(entry, classification.predicate.tier)
	not has(entry, point)
	lacking := say.breach("entry-complete", entry, "payload_points", "the entry lacks point {point} of Annex VIII")
}

has(entry, point) if entry.predicate.payload_points[point] == "present"

findings contains say.breach("entry-current", entry, "payload_digest", "the entry in the register is not what it should be today, or one of both digests is not recorded") if {
	some entry in entries
	not current(entry)
}

current(entry) if entry.predicate.payload_digest == entry.predicate.current_payload_digest
