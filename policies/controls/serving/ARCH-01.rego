# METADATA
# title: Build, hosting and serving decisions recorded
# description: >-
#   Eight signed decisions on how the model is built, hosted and served weigh what they must, by the words that stand in
#   `asked` below, and what is deployed, configured or measured follows the choice. The hardware that was assessed is that
#   of every run of the version; a start delay holds for every cold start that telemetry shows; whoever is bought from has
#   a risk rating. Whether a decision was right is its signer's word.
# custom:
#   severity: minor
#   basis: policy
#   mode: attested
#   gates: [registration, validation, staging, operation]
#   evidence:
#     deployment-record: any
#     feed-status: any
#     infra-config: any
#     statement:build-or-buy: any
#     statement:endpoint-type: any
#     statement:hardware-assessment: any
#     statement:hosting: any
#     statement:hosting-mode: any
#     statement:inference-pattern: any
#     statement:runtime-platform: any
#     statement:serving-pattern: any
#     telemetry-series: any
#     validation-run: measured
#     vendor-assessment: any
#   parameters: [incident_window_days, max_latency_p95_ms]
#   objectives:
#     serving-pattern-followed:
#       says: "Batch or online was chosen by latency and cost, and every deployment follows."
#       at: [staging]
#       covers: [S0.M4.1]
#       reads: [deployment-record, feed-status, statement:serving-pattern]
#     platform-followed:
#       says: "The runtime was chosen by scale and skill of the team, and every component follows."
#       at: [staging]
#       covers: [S0.M4.4]
#       reads: [infra-config, statement:runtime-platform]
#     hosting-weighed:
#       says: "Where to host was weighed by cost and latency, among several regions."
#       at: [staging]
#       covers: [S0.M9.4]
#       reads: [statement:hosting]
#     source-chosen:
#       says: "Building or buying was weighed, and whoever is bought from was assessed."
#       at: [registration]
#       covers: [S2.M1.7, S4.M1.1]
#       reads: [statement:build-or-buy, vendor-assessment]
#     hardware-suffices:
#       says: The model answers in time on the hardware that it is meant for.
#       at: [registration, validation]
#       covers: [S2.M1.8]
#       reads: [statement:hardware-assessment, validation-run]
#     inference-weighed:
#       says: Blocking and queued inference were weighed by what users feel and what backends carry.
#       at: [staging]
#       covers: [S2.M2.1]
#       reads: [statement:inference-pattern]
#     hosting-mode-followed:
#       says: "On-demand or dedicated serving was chosen by traffic, and every component follows."
#       at: [staging]
#       covers: [S2.M2.5]
#       reads: [infra-config, statement:hosting-mode]
#     starts-in-time:
#       says: Every cold start is as quick as is tolerated.
#       at: [staging, operation]
#       covers: [S4.M2.1]
#       reads: [statement:endpoint-type, telemetry-series]
#   may_differ:
#     vendor-assessment.risk_rating: that there is a rating is asked; whether the risk is borne, others judge
#   may_stand_beside:
#     feed-status.feed: the status of another feed says nothing of deployments
#     infra-config.kind: a component of another kind follows another choice
#     telemetry-series.signal: a series of another signal says nothing of cold starts
#     vendor-assessment.vendor: the assessment of another vendor says nothing of the chosen one
#   frameworks: {nist-ai-rmf: ["MAP 2.1"], iso-42001: ["A.4.5", "A.6.2.5"]}
#   remediation: "Record the decision with its options and criteria, and make the deployment follow it."
package controls.serving.ARCH_01

import data.lib.feeds
import data.lib.findings as say
import data.lib.records

# What a decision weighs, by name.
asked := {
	"serving-pattern": ["latency", "cost"],
	"runtime-platform": ["scale", "team skill"],
	"hosting": ["cost", "latency"],
	"build-or-buy": ["core competence", "upkeep", "data sensitivity", "latency", "multi-year cost"],
	"inference-pattern": ["user experience", "load"],
}

# Components that run a model: what it runs in, and how it is hosted.
runtimes := {"container", "vm"}

hostings := {"serverless", "dedicated"}

components(kinds) := [component | some component in input.evidence["infra-config"]; component.predicate.kind in kinds]

deployments := input.evidence["deployment-record"]

weighs(kind, statement) if records.covers(statement.predicate.criteria, asked[kind])

satisfied contains "serving-pattern-followed" if {
	statements := input.evidence["statement:serving-pattern"]
	feeds.all_seen_for(deployments, input.evidence["feed-status"], "deployment-record", data.parameters.incident_window_days)
	count(statements) > 0
	every statement in statements {
		weighs("serving-pattern", statement)
		count([deployment | some deployment in deployments; deployment.predicate.serving_pattern == statement.predicate.choice]) == count(deployments)
	}
}

satisfied contains "platform-followed" if {
	statements := input.evidence["statement:runtime-platform"]
	count(statements) > 0
	every statement in statements {
		weighs("runtime-platform", statement)
		followed(statement, runtimes)
	}
}

satisfied contains "hosting-mode-followed" if {
	statements := input.evidence["statement:hosting-mode"]
	count(statements) > 0
	every statement in statements {
		count([amount | some amount in statement.predicate.facts.traffic; amount > 0]) > 0
		followed(statement, hostings)
	}
}

followed(statement, kinds) if {
	found := {component.predicate.kind | some component in components(kinds)}
	found == {statement.predicate.choice}
}

satisfied contains "hosting-weighed" if {
	statements := input.evidence["statement:hosting"]
	count(statements) > 0
	every statement in statements {
		weighs("hosting", statement)
		count({region | some region in statement.predicate.facts.regions}) > 1
	}
}

satisfied contains "source-chosen" if {
	statements := input.evidence["statement:build-or-buy"]
	count(statements) > 0
	every statement in statements {
		weighs("build-or-buy", statement)
		statement.predicate.facts.horizon_months >= 24
		rated(statement.predicate.choice)
	}
}

rated(choice) if choice == "build"

rated(vendor) if {
	assessments := [assessment | some assessment in input.evidence["vendor-assessment"]; assessment.predicate.vendor == vendor]
	count(assessments) > 0
	every assessment in assessments {
		records.named(assessment.predicate.risk_rating)
	}
}

satisfied contains "hardware-suffices" if {
	statements := input.evidence["statement:hardware-assessment"]
	runs := input.evidence["validation-run"]
	count(statements) > 0
	count(runs) > 0
	every statement in statements {
		every run in runs {
			run.predicate.hardware == statement.predicate.facts.target_hardware
			quick(run)
		}
	}
}

quick(run) if {
	run.predicate.latency_ms.p95.ci_low >= 0
	run.predicate.latency_ms.p95.ci_high <= data.parameters.max_latency_p95_ms
}

satisfied contains "inference-weighed" if {
	statements := input.evidence["statement:inference-pattern"]
	count(statements) > 0
	every statement in statements {
		weighs("inference-pattern", statement)
		records.covers(statement.predicate.options, ["synchronous", "asynchronous"])
	}
}

satisfied contains "starts-in-time" if {
	statements := input.evidence["statement:endpoint-type"]
	starts := [one | some one in input.evidence["telemetry-series"]; one.predicate.signal == "cold-start"]
	count(statements) > 0
	count(starts) > 0
	every statement in statements {
		every one in starts {
			one.predicate.value >= 0
			one.predicate.value <= statement.predicate.facts.start_delay_ms
		}
	}
}

findings contains say.also(thin, {"values": {"kind": kind}, "expected": criteria}) if {
	some kind, objective in {
		"serving-pattern": "serving-pattern-followed",
		"runtime-platform": "platform-followed",
		"hosting": "hosting-weighed",
		"build-or-buy": "source-chosen",
		"inference-pattern": "inference-weighed",
	}
	criteria := asked[kind]
	some statement in stated[kind]
	not weighs(kind, statement)
	thin := say.breach(objective, statement, "criteria", "the decision on {kind} does not weigh {expected}")
}

findings contains say.also(short, {"observed": statement.predicate.facts.horizon_months}) if {
	some statement in stated["build-or-buy"]
	statement.predicate.facts.horizon_months < 24
	short := say.breach("source-chosen", statement, "facts.horizon_months", "the cost of {observed} months was compared, and not of several years")
}

stated := {
	"serving-pattern": input.evidence["statement:serving-pattern"],
	"runtime-platform": input.evidence["statement:runtime-platform"],
	"hosting": input.evidence["statement:hosting"],
	"build-or-buy": input.evidence["statement:build-or-buy"],
	"inference-pattern": input.evidence["statement:inference-pattern"],
}
