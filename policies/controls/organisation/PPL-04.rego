# METADATA
# title: Skills covered and deputies trained
# description: >-
#   Every team that the signed composition names covers each skill and is not too large, each critical duty has enough people
#   with a current course of its name, and people of the business and of engineering took the cross-domain course lately.
#   Who has which skill is the signer's word, who took which course that of the training system.
# custom:
#   severity: minor
#   basis: policy
#   mode: hybrid
#   gates: [operation, portfolio]
#   evidence: [statement:team-composition, training-record]
#   parameters: [business_roles, critical_duties, cross_training_days, engineering_roles, max_team_size, min_cover_people, required_skills]
#   objectives:
#     skills-held:
#       says: Every team covers each skill and is not too large.
#       at: [portfolio]
#       covers: [S0.M1.7]
#       reads: [statement:team-composition]
#     duties-covered: {says: Each critical duty has enough people trained for it., covers: [S0.M1.8], reads: [training-record]}
#     groups-crossed:
#       says: Business and engineering took the cross-domain course.
#       at: [portfolio]
#       covers: [S1.M6.6]
#       reads: [training-record]
#   may_stand_beside: {training-record: the training of one person takes nothing from that of another}
#   frameworks: {nist-ai-rmf: ["GOVERN 2.2"], iso-42001: ["A.4.6"]}
#   remediation: Train a deputy or fill the missing skill.
package controls.organisation.PPL_04

import data.lib.findings as say
import data.lib.records
import data.lib.time as calendar

compositions := input.evidence["statement:team-composition"]

trainings := input.evidence["training-record"]

teams(composition) := object.keys(composition.predicate.facts.headcount) | object.keys(composition.predicate.facts.skills)

satisfied contains "skills-held" if {
	count(compositions) > 0
	every composition in compositions {
		count(teams(composition)) > 0
		every team in teams(composition) {
			staffed(composition.predicate.facts, team)
		}
	}
}

staffed(facts, team) if {
	records.covers(facts.skills[team], data.parameters.required_skills)
	facts.headcount[team] > 0
	facts.headcount[team] <= data.parameters.max_team_size
}

satisfied contains "duties-covered" if {
	count(data.parameters.critical_duties) > 0
	every duty in data.parameters.critical_duties {
		covered(duty)
	}
}

covered(duty) if count(able(duty)) >= data.parameters.min_cover_people

able(duty) := {training.predicate.person.id |
	some training in trainings
	training.predicate.course == duty
	input.now < training.predicate.valid_until
}

# One person in both is no meeting of the two.
satisfied contains "groups-crossed" if both

both if {
	some one in crossed(data.parameters.business_roles)
	some other in crossed(data.parameters.engineering_roles)
	one != other
}

crossed(roles) := {training.predicate.person.id |
	some training in trainings
	training.predicate.role in roles
	training.predicate.course == "cross-domain"
	calendar.within_days(training.predicate.completed_at, data.parameters.cross_training_days, input.now)
}

findings contains say.also(open, {"values": {"team": team}}) if {
	some composition in compositions
	some team in teams(composition)
	not staffed(composition.predicate.facts, team)
	open := say.gap("skills-held", composition, "facts.skills", "the team {team} lacks a skill, or is too large or of nobody")
}

findings contains say.also(open, {"expected": data.parameters.min_cover_people, "values": {"duty": duty}}) if {
	some duty in data.parameters.critical_duties
	not covered(duty)
	open := say.none("duties-covered", "evidence/training-record", "fewer than {expected} people have a current course for the duty {duty}")
}

findings contains say.none("groups-crossed", "evidence/training-record", "nobody of the business, or of engineering, took the cross-domain course lately") if {
	not both
}
