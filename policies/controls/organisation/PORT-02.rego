# METADATA
# title: Shared services, templates and features reused
# description: >-
#   A system starts and is deployed from an approved template whose policy hooks are intact, and defines no feature twice. Of
#   the organisation, each kind of task in production has a deployment playbook, ways of sharing training were compared by
#   cost, services are shared, and each exception names who approved it and when. A system has its own lineage and the
#   organisation has none, so that features are compared where a system is staged. Which services are shared is the word of
#   the portfolio tool.
# custom:
#   severity: minor
#   basis: policy
#   mode: hybrid
#   gates: [registration, staging, portfolio]
#   evidence: [infra-config, lineage-graph, portfolio-report, registry-entry, runbook, statement:reuse-feasibility]
#   parameters: [approved_templates, max_duplicate_features, min_shared_use]
#   objectives:
#     template-chosen: {says: The system starts from an approved template., at: [registration], covers: [S1.M9.2], reads: [registry-entry]}
#     template-deployed: {says: Every deployment has an approved template with its hooks intact., at: [staging], covers: [S3.M9.1], reads: [infra-config]}
#     features-reused: {says: No more features are defined twice than are tolerated., at: [staging], covers: [S1.M9.1], reads: [lineage-graph]}
#     playbooks-there:
#       says: Each kind of task in production has a deployment playbook.
#       at: [portfolio]
#       covers: [S3.M9.3]
#       reads: [portfolio-report, runbook]
#     sharing-studied:
#       says: "Separate, federated and transferred training were compared by cost."
#       at: [portfolio]
#       covers: [S0.M9.1]
#       reads: [statement:reuse-feasibility]
#     platforms-pooled:
#       says: "Serving, registry and monitoring are shared, and exceptions approved."
#       at: [portfolio]
#       covers: [S1.M9.7]
#       reads: [portfolio-report]
#     watching-shared:
#       says: "Monitoring, drift and fairness services are shared by enough systems."
#       at: [portfolio]
#       covers: [S3.M9.5]
#       reads: [portfolio-report]
#   may_be_empty: {portfolio-report.exceptions: a unit need not have a platform of its own}
#   may_differ:
#     portfolio-report.exceptions.at: any day before the filing is as good
#   may_stand_beside:
#     runbook.scenario: the playbook of another scenario says nothing of deployment
#     runbook.category: the playbook of another kind of task takes nothing away
#   frameworks: {nist-ai-rmf: ["GOVERN 1.5"], iso-42001: ["A.2.4"]}
#   remediation: "Start from an approved template and shared service, or record the exception."
package controls.organisation.PORT_02

import data.lib.findings as say
import data.lib.numbers
import data.lib.records

entries := input.evidence["registry-entry"]

configs := input.evidence["infra-config"]

graphs := input.evidence["lineage-graph"]

portfolios := input.evidence["portfolio-report"]

studies := input.evidence["statement:reuse-feasibility"]

satisfied contains "template-chosen" if {
	count(entries) > 0
	every entry in entries {
		approved(entry)
	}
}

approved(record) if record.predicate.template_id in data.parameters.approved_templates

satisfied contains "template-deployed" if {
	count(configs) > 0
	every config in configs {
		approved(config)
		config.predicate.policy_hooks_intact
	}
}

satisfied contains "features-reused" if {
	count(graphs) > 0
	every graph in graphs {
		count(graph.predicate.duplicate_features) <= data.parameters.max_duplicate_features
	}
}

playbooks := {runbook.predicate.category | some runbook in input.evidence.runbook; runbook.predicate.scenario == "deployment"}

satisfied contains "playbooks-there" if {
	count(portfolios) > 0
	every portfolio in portfolios {
		records.covers(playbooks, portfolio.predicate.use_case_categories)
	}
}

ways := ["separate", "federated", "transferred"]

satisfied contains "sharing-studied" if {
	count(studies) > 0
	every study in studies {
		records.covers(study.predicate.options, ways)
		"cost" in study.predicate.criteria
		records.covers({way | some way, cost in study.predicate.facts.costs; cost >= 0}, ways)
	}
}

satisfied contains "platforms-pooled" if {
	count(portfolios) > 0
	every portfolio in portfolios {
		records.covers(portfolio.predicate.shared_services, ["serving", "registry", "monitoring"])
		is_array(portfolio.predicate.exceptions)
		count(unapproved(portfolio)) == 0
	}
}

unapproved(portfolio) := [exception | some exception in portfolio.predicate.exceptions; not granted(exception)]

granted(exception) if {
	records.named(exception.approver.id)
	exception.at
}

satisfied contains "watching-shared" if {
	count(portfolios) > 0
	every portfolio in portfolios {
		records.covers(portfolio.predicate.shared_services, ["monitoring", "drift", "fairness"])
		numbers.micro(portfolio.predicate.shared_use_share) >= numbers.micro(data.parameters.min_shared_use)
	}
}

findings contains say.gap("template-chosen", entry, "template_id", "the system starts from no approved template") if {
	some entry in entries
	not approved(entry)
}

findings contains say.breach("template-deployed", config, "template_id", "the deployment has no approved template, or its policy hooks were altered") if {
	some config in configs
	not sound(config)
}

sound(config) if {
	approved(config)
	config.predicate.policy_hooks_intact
}

findings contains say.also(twice, {"observed": graph.predicate.duplicate_features, "expected": data.parameters.max_duplicate_features}) if {
	some graph in graphs
	count(graph.predicate.duplicate_features) > data.parameters.max_duplicate_features
	twice := say.breach("features-reused", graph, "duplicate_features", "features are defined more than once: {observed}, and {expected} may be")
}

findings contains say.also(open, {"values": {"category": category}}) if {
	some portfolio in portfolios
	some category in portfolio.predicate.use_case_categories
	not category in playbooks
	open := say.gap("playbooks-there", portfolio, "use_case_categories", "{category} is in production, and no playbook says how it is deployed")
}

findings contains say.gap("platforms-pooled", portfolio, "exceptions", "an exception names nobody who approved it, or no day") if {
	some portfolio in portfolios
	count(unapproved(portfolio)) > 0
}

findings contains say.also(few, {"observed": portfolio.predicate.shared_use_share, "expected": data.parameters.min_shared_use}) if {
	some portfolio in portfolios
	numbers.micro(portfolio.predicate.shared_use_share) < numbers.micro(data.parameters.min_shared_use)
	few := say.breach("watching-shared", portfolio, "shared_use_share", "a share of {observed} of systems use shared services, and {expected} should")
}
