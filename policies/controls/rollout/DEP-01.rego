# METADATA
# title: "Canary limited, watched and widened in steps"
# description: >-
#   A canary of which a step was filed for the version is a canary of the version, with all of its steps, and what was
#   deployed as it is the file of the version. The first is small, no step is left out, each had enough requests, broke no
#   limit and was not rolled back, also where a canary of this file was filed for something else. While it is a canary the
#   share stays small, grows from step to step by a decision, the router sends the share that it declares, and no metric is
#   worse than that of the version before by more than is tolerated, at the worse end of its interval. A metric counts by
#   the names of lib/metrics; every one of the version before is compared, the same at each step, and not speed alone.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [production, canary]
#   evidence: [canary-metrics, deployment-record, infra-config]
#   parameters: [canary_initial_share, canary_max_share, canary_min_requests, canary_min_steps, canary_tolerance, routing_tolerance]
#   objectives:
#     starts-small:
#       says: "Each canary begins with a small share, and every step had enough requests and broke no limit."
#       covers: [S0.M4.2]
#       reads: [canary-metrics, deployment-record]
#     no-worse:
#       says: No step took a large share or was worse than the version before.
#       at: [canary]
#       covers: [S1.M5.3]
#       reads: [canary-metrics]
#     widened-by-steps:
#       says: "The share grew in enough steps, each by the decision to promote."
#       at: [canary]
#       covers: [S2.M4.1]
#       reads: [canary-metrics]
#     routed-as-declared:
#       says: The router sends the canary the share that it declares.
#       at: [canary]
#       covers: [S3.M3.1]
#       reads: [canary-metrics, infra-config]
#   may_be_empty: {canary-metrics.subject: the door takes no record that is about nothing}
#   may_stand_beside:
#     canary-metrics.subject: the canary of another version says nothing of this one
#     deployment-record.deployment_id: another deployment says nothing of the canary
#     infra-config.kind: what is no router routes nothing
#   frameworks: {nist-ai-rmf: ["MEASURE 2.3", "MANAGE 1.1"], iso-42001: ["A.6.2.5"]}
#   remediation: Start with a smaller share and widen it only after a clean step with enough requests.
package controls.rollout.DEP_01

import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers
import data.lib.records

canaries := {step.predicate.deployment_id | some step in input.evidence["canary-metrics"]; records.names_candidate(step)}

# Canaries that ran the file of the version, though their steps were filed for the system alone.
unnamed := [step |
	some step in input.evidence["canary-metrics"]
	not step.predicate.deployment_id in canaries
	some deployment in deployed_as(step.predicate.deployment_id)
	records.on_candidate(deployment)
]

# All steps of the canaries of the version, whatever the single step was filed for.
steps := [step | some step in input.evidence["canary-metrics"]; step.predicate.deployment_id in canaries]

of_canary(id) := [step | some step in steps; step.predicate.deployment_id == id]

satisfied contains "starts-small" if {
	count(canaries) > 0
	every id in canaries {
		of_version(id)
		count(unbroken(id)) == count({step.predicate.step | some step in of_canary(id)})
	}
	count(steps) > 0
	every step in steps {
		first_small(step)
		clean(step)
	}
	count([step | some step in unnamed; not sound(step)]) == 0
}

satisfied contains "no-worse" if {
	count(steps) > 0
	every step in steps {
		step.predicate.traffic_share <= data.parameters.canary_max_share
		step.predicate.window_minutes > 0
		compares_answers(step)
		count(worse(step)) == 0
	}
}

satisfied contains "widened-by-steps" if {
	count(canaries) > 0
	every id in canaries {
		count({step.predicate.traffic_share | some step in of_canary(id)}) >= data.parameters.canary_min_steps
		grows(id)
	}
	count(steps) > 0
	every step in steps {
		clean(step)
		step.predicate.decision == "promote"
	}
}

satisfied contains "routed-as-declared" if {
	count(canaries) > 0
	every id in canaries {
		count(declared(id)) > 0
		every router in declared(id) {
			as_declared(router, id)
		}
	}
}

# What was deployed as the canary is the file of the version.
of_version(id) if {
	count(deployed_as(id)) > 0
	every deployment in deployed_as(id) {
		records.on_candidate(deployment)
	}
}

deployed_as(id) := [deployment | some deployment in input.evidence["deployment-record"]; deployment.predicate.deployment_id == id]

# Steps that have all steps before them, from the first on.
unbroken(id) := {number |
	numbers_of := {step.predicate.step | some step in of_canary(id)}
	some number in numbers_of
	number >= 1
	count([earlier | some earlier in numbers_of; earlier <= number; earlier >= 1]) == number
}

first_small(step) if step.predicate.step > 1

first_small(step) if {
	step.predicate.step == 1
	0 < step.predicate.traffic_share
	step.predicate.traffic_share <= data.parameters.canary_initial_share
}

sound(step) if {
	first_small(step)
	clean(step)
}

clean(step) if {
	step.predicate.request_count >= data.parameters.canary_min_requests
	count(step.predicate.breaches) == 0
	step.predicate.decision != "rollback"
}

# A later step has a larger share.
grows(id) if {
	count([step |
		some step in of_canary(id)
		some later in of_canary(id)
		step.predicate.step < later.predicate.step
		step.predicate.traffic_share >= later.predicate.traffic_share
	]) == 0
}

# By something else than how fast it answers, and by whatever is measured at any step of the canary.
compares_answers(step) if {
	some metric, _ in step.predicate.baseline_metrics
	metrics.table[metric].unit != "ms"
	count(of_canary(step.predicate.deployment_id)) > 0
	every other in of_canary(step.predicate.deployment_id) {
		object.keys(other.predicate.candidate_metrics) == object.keys(step.predicate.baseline_metrics)
	}
}

worse(step) := [metric |
	some metric, estimate in step.predicate.baseline_metrics
	not holds_up(metric, step.predicate, estimate)
]

holds_up(metric, step, baseline) if {
	metrics.credible(metric, baseline)
	metrics.credible(metric, step.candidate_metrics[metric])
	baseline.value <= 9000
	numbers.at_most_share(loss(metric, step.candidate_metrics[metric], baseline), numbers.micro(baseline.value), data.parameters.canary_tolerance)
}

loss(metric, estimate, baseline) := numbers.micro(baseline.value) - numbers.micro(estimate.ci_low) if metrics.more_is_better(metric)

loss(metric, estimate, baseline) := numbers.micro(estimate.ci_high) - numbers.micro(baseline.value) if metrics.less_is_better(metric)

# Routers that send a share to the canary.
declared(id) := [router |
	some router in input.evidence["infra-config"]
	router.predicate.kind == "router"
	router.predicate.routing[id]
]

# The share of the step that runs now is the one that the router declares.
as_declared(router, id) if {
	shares := {step.predicate.traffic_share |
		some step in of_canary(id)
		count([later | some later in of_canary(id); later.predicate.step > step.predicate.step]) == 0
	}
	count(shares) > 0
	every share in shares {
		abs(numbers.micro(share) - numbers.micro(router.predicate.routing[id])) <= numbers.micro(data.parameters.routing_tolerance)
	}
}

findings contains say.none(objective, "evidence/canary-metrics", "there is no current step of a canary of this version") if {
	count(steps) == 0
	some objective in ["starts-small", "no-worse", "widened-by-steps", "routed-as-declared"]
}

findings contains say.also(strange, {"values": {"canary": id}}) if {
	some id in canaries
	count(deployed_as(id)) == 0
	strange := say.none("starts-small", "evidence/deployment-record", "no deployment says that the canary {canary} is the file of this version")
}

findings contains say.also(other, {"observed": deployment.predicate.artifact_digest, "values": {"canary": id}}) if {
	some id in canaries
	some deployment in deployed_as(id)
	not records.on_candidate(deployment)
	other := say.breach("starts-small", deployment, "artifact_digest", "the canary {canary} is another file than this version, {observed}")
}

findings contains say.also(broken, {"values": {"canary": id}}) if {
	some id in canaries
	count(unbroken(id)) != count({step.predicate.step | some step in of_canary(id)})
	broken := say.none("starts-small", "evidence/canary-metrics", "steps of the canary {canary} are missing")
}

findings contains say.also(large, {"observed": step.predicate.traffic_share, "expected": data.parameters.canary_initial_share}) if {
	some step in steps
	not first_small(step)
	large := say.breach("starts-small", step, "traffic_share", "the first step took a share of {observed}")
}

findings contains say.also(unclean, {"observed": step.predicate.request_count, "expected": data.parameters.canary_min_requests}) if {
	some step in steps
	not clean(step)
	some objective in ["starts-small", "widened-by-steps"]
	unclean := say.breach(objective, step, "breaches", "the step broke a limit, or had {observed} requests of {expected}")
}

findings contains say.also(wide, {"observed": step.predicate.traffic_share, "expected": data.parameters.canary_max_share}) if {
	some step in steps
	step.predicate.traffic_share > data.parameters.canary_max_share
	wide := say.breach("no-worse", step, "traffic_share", "a share of {observed} is no canary any more")
}

findings contains say.also(behind, {"values": {"metric": metric}}) if {
	some step in steps
	some metric in worse(step)
	behind := say.breach("no-worse", step, "candidate_metrics", "{metric} is worse than that of the version before, or was not measured")
}

findings contains say.also(held, {"observed": step.predicate.decision}) if {
	some step in steps
	step.predicate.decision != "promote"
	held := say.breach("widened-by-steps", step, "decision", "the step ended with the decision {observed}")
}

findings contains say.also(astray, {"values": {"canary": id}}) if {
	some id in canaries
	some router in declared(id)
	not as_declared(router, id)
	astray := say.breach("routed-as-declared", router, "routing", "the canary {canary} takes another share than the router declares")
}

findings contains say.also(unrouted, {"values": {"canary": id}}) if {
	some id in canaries
	count(declared(id)) == 0
	unrouted := say.none("routed-as-declared", "evidence/infra-config", "no router declares a share for the canary {canary}")
}
