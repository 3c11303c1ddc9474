# METADATA
# title: Delivery pipeline tests and gates passed
# description: >-
#   The pipeline that built the version ran every kind of test that is asked for, none failed, the commit is the one that
#   the version was trained from, its gates test and policy passed like every other, and its stages test, staging and
#   rollback too, with a verified way back. Each deployed file of the version comes from such a run. That a stage did what
#   its name says is the pipeline's word.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [validation, staging, production]
#   evidence: [ci-run, deployment-record, feed-status, training-run]
#   parameters: [required_test_kinds]
#   objectives:
#     shipped-by-pipeline:
#       says: "The required tests ran, none failed, and the way back was verified."
#       at: [staging, production]
#       covers: [S0.M4.3]
#       reads: [ci-run]
#     pieces-and-joints-tested:
#       says: "Unit, integration and schema tests of the commit that the version was trained from ran, and none failed."
#       at: [validation, staging]
#       covers: [S1.M3.4]
#       reads: [ci-run, training-run]
#     stages-passed:
#       says: "Each deployed file was built by a run that passed test, staging and rollback."
#       at: [staging, production]
#       covers: [S1.M5.2]
#       reads: [ci-run, deployment-record, feed-status]
#     gates-passed:
#       says: "The pipeline has a gate for tests and one for policy, and every gate passed."
#       at: [staging, production]
#       covers: [S2.M9.5]
#       reads: [ci-run]
#   may_be_empty: {deployment-record.subject: the door takes no record that is about nothing}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of deployments
#     training-run.subject: a training run of another version is judged with that version
#   frameworks: {nist-ai-rmf: ["MEASURE 2.5"], iso-42001: ["A.6.2.5"]}
#   remediation: Mend the failing test or missing gate and run the pipeline again.
package controls.rollout.DEP_07

import data.lib.deployments
import data.lib.findings as say
import data.lib.records

builds := input.evidence["ci-run"]

deployed := input.evidence["deployment-record"]

# What was deployed under the name of the version, whatever the file.
ours := [deployment | some deployment in deployed; records.names_candidate(deployment)]

trainings := [run | some run in input.evidence["training-run"]; records.names_candidate(run)]

whole if deployments.all_seen(deployed, input.evidence["feed-status"])

satisfied contains "shipped-by-pipeline" if {
	count(builds) > 0
	every build in builds {
		build.predicate.tests_failed == 0
		records.covers(build.predicate.test_kinds, data.parameters.required_test_kinds)
		build.predicate.rollback_step == "verified"
	}
}

satisfied contains "pieces-and-joints-tested" if {
	count(builds) > 0
	every build in builds {
		build.predicate.tests_failed == 0
		records.covers(build.predicate.test_kinds, ["unit", "integration", "schema"])
		trained_from(build)
	}
}

satisfied contains "stages-passed" if {
	whole
	count(builds) > 0
	every build in builds {
		all_passed(build.predicate.stages, ["test", "staging", "rollback"])
		count([deployment | some deployment in ours; not built(deployment, build)]) == 0
	}
}

satisfied contains "gates-passed" if {
	count(builds) > 0
	every build in builds {
		all_passed(build.predicate.gates, ["test", "policy"])
	}
}

# The commit of every training run of the version.
trained_from(build) if {
	count(trainings) > 0
	every training in trainings {
		training.predicate.code_commit == build.predicate.commit
	}
}

built(deployment, build) if deployment.predicate.artifact_digest == build.predicate.artifact_digest

# What is asked for is there, and nothing failed or was left out.
all_passed(results, asked) if {
	records.covers(object.keys(results), asked)
	count([result | some result in results; result != "passed"]) == 0
}

findings contains deployments.gap("stages-passed", deployed, input.evidence["feed-status"]) if not whole

findings contains say.also(astray, {"observed": deployment.predicate.artifact_digest}) if {
	some build in builds
	some deployment in ours
	not built(deployment, build)
	astray := say.breach("stages-passed", deployment, "artifact_digest", "the pipeline did not build the deployed file")
}

findings contains say.also(failed, {"observed": build.predicate.tests_failed}) if {
	some build in builds
	build.predicate.tests_failed > 0
	some objective in ["shipped-by-pipeline", "pieces-and-joints-tested"]
	failed := say.breach(objective, build, "tests_failed", "{observed} tests of the pipeline failed")
}

findings contains say.also(left, {"observed": build.predicate.test_kinds, "values": {"kind": kind}}) if {
	some build in builds
	some objective, asked in {
		"shipped-by-pipeline": data.parameters.required_test_kinds,
		"pieces-and-joints-tested": ["unit", "integration", "schema"],
	}
	some kind in asked
	not kind in build.predicate.test_kinds
	left := say.breach(objective, build, "test_kinds", "no {kind} test ran in the pipeline")
}

findings contains say.also(no_way, {"observed": build.predicate.rollback_step}) if {
	some build in builds
	build.predicate.rollback_step != "verified"
	no_way := say.breach("shipped-by-pipeline", build, "rollback_step", "the way back is {observed} and not verified")
}

findings contains say.none("pieces-and-joints-tested", "subject", "there is no training run of this version") if count(trainings) == 0

findings contains say.also(other, {"observed": build.predicate.commit}) if {
	count(trainings) > 0
	some build in builds
	not trained_from(build)
	other := say.breach("pieces-and-joints-tested", build, "commit", "the pipeline tested the commit {observed}, and the version was trained from another")
}

findings contains say.also(open, {"observed": build.predicate[field]}) if {
	some build in builds
	some objective, field in {"stages-passed": "stages", "gates-passed": "gates"}
	not all_passed(build.predicate[field], {"stages": ["test", "staging", "rollback"], "gates": ["test", "policy"]}[field])
	open := say.breach(objective, build, field, "what is asked for is not in the pipeline, or did not pass")
}
