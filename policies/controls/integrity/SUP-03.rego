# METADATA
# title: Training code reviewed by another person
# description: >-
#   For the commit that each training run of the version was made from there is a run of the pipeline whose reviewers
#   neither wrote the code nor ran the training, and who ticked features and settings. Who reviewed comes from the
#   pipeline's collector; whether they looked is their word.
# custom:
#   severity: major
#   basis: policy
#   gates: [validation]
#   evidence: [ci-run, training-run]
#   parameters: [min_reviewers]
#   objectives:
#     reviewed-by-others: {says: "Enough persons other than the author reviewed the training code.", covers: [S0.M3.5]}
#     choices-reviewed: {says: The review covered features and hyperparameters., covers: [S0.M3.5]}
#   may_stand_beside:
#     ci-run.commit: a run of the pipeline on another commit says nothing of the training code
#     training-run.subject: a training run of another version is judged with that version
#   frameworks: {nist-ai-rmf: ["GOVERN 6.1", "MAP 4.1"], iso-42001: ["A.4.4"]}
#   remediation: Have somebody other than the author review features and settings.
package controls.integrity.SUP_03

import data.lib.findings as say
import data.lib.records
import data.lib.text

trainings := [run | some run in input.evidence["training-run"]; records.names_candidate(run)]

builds(training) := [build | some build in input.evidence["ci-run"]; build.predicate.commit == training.predicate.code_commit]

satisfied contains "reviewed-by-others" if {
	count(trainings) > 0
	data.parameters.min_reviewers > 0
	every training in trainings {
		count(builds(training)) > 0
		every build in builds(training) {
			count(others(training, build)) >= data.parameters.min_reviewers
		}
	}
}

satisfied contains "choices-reviewed" if {
	count(trainings) > 0
	every training in trainings {
		count(builds(training)) > 0
		every build in builds(training) {
			records.covers(build.predicate.review_topics, ["features", "hyperparameters"])
		}
	}
}

# Reviewers who differ by id and by name from who wrote the code and from who trained; two ids of one name are one person.
others(training, build) := {text.lower(reviewer.name) |
	some reviewer in build.predicate.reviewers
	not same(reviewer, build.predicate.author)
	not same(reviewer, training.predicate.author)
}

same(one, other) if text.lower(one.id) == text.lower(other.id)

same(one, other) if text.lower(one.name) == text.lower(other.name)

findings contains say.none(objective, "subject", "there is no training run of this version") if {
	count(trainings) == 0
	some objective in ["reviewed-by-others", "choices-reviewed"]
}

findings contains say.also(unknown, {"observed": commit}) if {
	some training in trainings
	commit := training.predicate.code_commit
	count(builds(training)) == 0
	some objective in ["reviewed-by-others", "choices-reviewed"]
	unknown := say.gap(objective, training, "code_commit", "there is no run of the pipeline on the commit {observed}")
}

findings contains say.also(alone, {"observed": count(others(training, build)), "expected": data.parameters.min_reviewers}) if {
	some training in trainings
	some build in builds(training)
	count(others(training, build)) < data.parameters.min_reviewers
	alone := say.breach("reviewed-by-others", build, "reviewers", "{observed} persons other than the author reviewed the training code, {expected} are asked for")
}

findings contains say.also(open, {"values": {"topic": topic}}) if {
	some training in trainings
	some build in builds(training)
	some topic in ["features", "hyperparameters"]
	not topic in build.predicate.review_topics
	open := say.breach("choices-reviewed", build, "review_topics", "the review did not cover {topic}")
}
