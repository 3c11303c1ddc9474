# METADATA
# title: Role training and AI literacy current
# description: >-
#   Who uses the outputs is told by the access policies of the roles that the organisation names, who reviews by the figures
#   of the review queues, who answers for the system by the inventory: each is held against the records of training. The
#   queue does not say when somebody had a first case, so that training must lie before its figures were collected. What a
#   course teaches, and that it was taken, is the word of the training system.
# custom:
#   severity: major
#   basis: law
#   law_scope: {tiers: [any], roles: [provider, deployer], from: D-OMNI}
#   roles: [provider, deployer]
#   gates: [registration, production, operation]
#   evidence: [access-policy, registry-entry, review-queue-stats, training-record]
#   parameters: [literacy_days, literacy_measures, min_trained_share, min_training_score, user_roles]
#   objectives:
#     users-read-outputs:
#       says: Nearly all who use the outputs learnt to read them.
#       at: [production, operation]
#       covers: [S0.M7.2]
#       reads: [access-policy, training-record]
#     roles-trained:
#       says: Nearly all in each role that uses the outputs were trained for it.
#       at: [production]
#       covers: [S1.M6.2]
#       reads: [access-policy, training-record]
#     reviewers-trained:
#       says: Everybody who reviews outputs was trained for it before.
#       at: [production, operation]
#       covers: [S3.M6.4]
#       reads: [review-queue-stats, training-record]
#     users-passed:
#       says: Everybody who uses the outputs passed a test on them.
#       at: [operation]
#       covers: [S4.M8.3]
#       reads: [access-policy, training-record]
#     literacy-current:
#       says: Everybody whom the inventory names took a literacy measure lately.
#       reads: [registry-entry, training-record]
#   may_stand_beside:
#     access-policy.role: a role that does not use the outputs owes no course on them
#     training-record: the training of one person takes nothing from that of another
#   frameworks: {eu-ai-act: ["4(1)"], nist-ai-rmf: ["GOVERN 2.2", "MAP 3.4"], iso-42001: ["A.4.6"]}
#   remediation: Train the persons whose measure is missing or has lapsed.
package controls.organisation.PPL_01

import data.lib.findings as say
import data.lib.numbers
import data.lib.records
import data.lib.text
import data.lib.time as calendar

entries := input.evidence["registry-entry"]

queues := input.evidence["review-queue-stats"]

trainings := input.evidence["training-record"]

policies := [policy | some policy in input.evidence["access-policy"]; some role in data.parameters.user_roles; in_role(policy, role)]

# A role is the same however it is written: Loan-Officer and loan-officer.
in_role(policy, role) if text.lower(text.bare(policy.predicate.role)) == text.lower(text.bare(role))

# Who uses the outputs in a role.
users_in(role) := {user | some policy in policies; in_role(policy, role); some user in policy.predicate.principals}

users := {user | some policy in policies; some user in policy.predicate.principals}

# Every role that is named has somebody in it, and nobody who cannot be named.
known if {
	records.covers({role | some role in data.parameters.user_roles; count(users_in(role)) > 0}, data.parameters.user_roles)
	count(open_to_all) == 0
}

# Whom any principal fits, and accounts of no person, cannot be held against trainings.
open_to_all := [policy | some policy in policies; not by_name(policy)]

by_name(policy) if {
	policy.predicate.wildcard_principal == false
	count(policy.predicate.local_accounts) == 0
}

# That it was completed lies before its filing, by its type.
current(training) if input.now < training.predicate.valid_until

readers := {training.predicate.person.id |
	some training in trainings
	training.predicate.course == "interpreting-outputs"
	current(training)
}

satisfied contains "users-read-outputs" if {
	known
	numbers.at_least_share(count(users & readers), count(users), data.parameters.min_trained_share)
}

trained_in(role) := {training.predicate.person.id |
	some training in trainings
	training.predicate.role == role
}

trained(role) if {
	numbers.at_least_share(count(users_in(role) & trained_in(role)), count(users_in(role)), data.parameters.min_trained_share)
}

satisfied contains "roles-trained" if {
	known
	count(data.parameters.user_roles) > 0
	every role in data.parameters.user_roles {
		trained(role)
	}
}

satisfied contains "reviewers-trained" if {
	count(queues) > 0
	every queue in queues {
		count(queue.predicate.reviewers) > 0
		every reviewer in queue.predicate.reviewers {
			reviewer.id in ready(queue)
		}
	}
}

ready(queue) := {training.predicate.person.id |
	some training in trainings
	training.predicate.course == "model-review"
	training.predicate.completed_at <= queue.collected_at
	current(training)
}

passed := {training.predicate.person.id |
	some training in trainings
	training.predicate.course == "interpreting-outputs"
	training.predicate.score >= data.parameters.min_training_score
	current(training)
}

satisfied contains "users-passed" if {
	known
	count(users - passed) == 0
}

satisfied contains "literacy-current" if {
	count(entries) > 0
	every entry in entries {
		count(entry.predicate.role_assignments) > 0
		every person in entry.predicate.role_assignments {
			person.id in literate
		}
	}
}

literate := {training.predicate.person.id |
	some training in trainings
	training.predicate.course in data.parameters.literacy_measures
	calendar.within_days(training.predicate.completed_at, data.parameters.literacy_days, input.now)
}

findings contains say.none(objective, "parameters/user_roles", "which roles use the outputs, or who holds them, is not known") if {
	not known
	some objective in ["users-read-outputs", "roles-trained", "users-passed"]
}

findings contains say.also(untaught, {"values": {"person": user}}) if {
	known
	not numbers.at_least_share(count(users & readers), count(users), data.parameters.min_trained_share)
	some user in (users - readers)
	untaught := say.none("users-read-outputs", "evidence/training-record", "{person} has no current course on reading outputs")
}

findings contains say.also(untrained, {"values": {"person": user, "role": role}}) if {
	known
	some role in data.parameters.user_roles
	not trained(role)
	some user in (users_in(role) - trained_in(role))
	untrained := say.none("roles-trained", "evidence/training-record", "{person} was not trained as {role}")
}

findings contains say.also(open, {"values": {"person": reviewer.id}}) if {
	some queue in queues
	some reviewer in queue.predicate.reviewers
	not reviewer.id in ready(queue)
	open := say.gap("reviewers-trained", queue, "reviewers", "{person} reviews, and had no current course on reviewing before")
}

findings contains say.also(failed, {"values": {"person": user}}) if {
	known
	some user in (users - passed)
	failed := say.none("users-passed", "evidence/training-record", "{person} has not passed a current test on reading outputs")
}

findings contains say.also(open, {"values": {"person": person.id}}) if {
	some entry in entries
	some person in entry.predicate.role_assignments
	not person.id in literate
	open := say.gap("literacy-current", entry, "role_assignments", "{person} took no literacy measure lately")
}

findings contains say.gap(objective, policy, "wildcard_principal", "somebody may use the outputs whom no training record can name") if {
	some policy in open_to_all
	some objective in ["users-read-outputs", "roles-trained", "users-passed"]
}
