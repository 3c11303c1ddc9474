# METADATA
# title: Adversarial robustness measured
# description: >-
#   The attacks that are asked for were tried at a declared budget, cost little accuracy at the worse end of the
#   interval, and each threat model of the signed plan is within its limit or left out with a reason. Read strictly: a
#   budget must be declared for each attack asked for, the plan must name a threat model, and one that has a limit is
#   judged by it even where it also has a reason.
# custom:
#   severity: major
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [validation]
#   evidence:
#     validation-plan: any
#     robustness-report: measured
#   parameters: [max_adversarial_drop, required_attacks]
#   objectives:
#     attacks-covered:
#       says: Every attack that is asked for was tried, each with a declared perturbation budget.
#       covers: [S0.M3.7]
#       reads: [robustness-report]
#     drop-within-bound:
#       says: The attacks cost no more accuracy than is tolerated.
#       covers: [S0.M3.7]
#       reads: [robustness-report]
#     threats-withstood:
#       says: Each threat model of the plan stays within its limit or is left out with a signed reason.
#       covers: [S0.M3.7]
#   frameworks:
#     eu-ai-act: ["15(5)"]
#     nist-ai-rmf: ["MEASURE 2.7"]
#     iso-42001: ["A.6.2.4"]
#     iso-24029: ["Robustness"]
#   remediation: "Harden the model against the attack that succeeded, or justify and sign why it does not apply."
package controls.robustness.ROB_01

import data.lib.records

plans := input.evidence["validation-plan"]

reports := input.evidence["robustness-report"]

satisfied contains "attacks-covered" if {
	count(reports) > 0
	every report in reports {
		records.on_candidate(report)
		records.covers(report.predicate.attack_kinds, data.parameters.required_attacks)
		records.covers(object.keys(report.predicate.perturbation_budget), data.parameters.required_attacks)
	}
}

satisfied contains "drop-within-bound" if {
	count(reports) > 0
	every report in reports {
		records.on_candidate(report)
		report.predicate.accuracy_drop.ci_high <= data.parameters.max_adversarial_drop
	}
}

satisfied contains "threats-withstood" if {
	count(plans) > 0
	count(reports) > 0
	every plan in plans {
		count(plan.predicate.threat_models) > 0
		every threat in plan.predicate.threat_models {
			every report in reports {
				records.on_candidate(report)
				answered(threat, report)
			}
		}
	}
}

answered(threat, report) if report.predicate.attack_success[threat.id].ci_high <= threat.limit

# The plan is signed, and so is the reason in it; a threat model that has a limit is judged by the limit.
answered(threat, _) if {
	records.named(threat.id)
	records.filled(threat.not_applicable_reason)
	not threat.limit
}

findings contains finding if {
	some report in reports
	not records.on_candidate(report)
	some objective in ["attacks-covered", "drop-within-bound", "threats-withstood"]
	finding := records.other_artifact(objective, report)
}

findings contains finding if {
	some report in reports
	some attack in data.parameters.required_attacks
	not attack in report.predicate.attack_kinds
	finding := {
		"objective": "attacks-covered",
		"message": sprintf("the attack %s was not tried", [attack]),
		"gap": true,
		"evidence": report.id,
		"observed": report.predicate.attack_kinds,
		"expected": attack,
		"path": "attack_kinds",
	}
}

findings contains finding if {
	some report in reports
	some attack in data.parameters.required_attacks
	not attack in object.keys(report.predicate.perturbation_budget)
	finding := {
		"objective": "attacks-covered",
		"message": sprintf("no perturbation budget is declared for the attack %s", [attack]),
		"gap": true,
		"evidence": report.id,
		"expected": attack,
		"path": "perturbation_budget",
	}
}

findings contains finding if {
	some report in reports
	report.predicate.accuracy_drop.ci_high > data.parameters.max_adversarial_drop
	finding := {
		"objective": "drop-within-bound",
		"message": "the attacks may take more accuracy than is tolerated",
		"evidence": report.id,
		"observed": report.predicate.accuracy_drop,
		"expected": data.parameters.max_adversarial_drop,
		"path": "accuracy_drop",
	}
}

findings contains finding if {
	some plan in plans
	count(plan.predicate.threat_models) == 0
	finding := {
		"objective": "threats-withstood",
		"message": "the validation plan declares no threat model",
		"evidence": plan.id,
		"path": "threat_models",
	}
}

findings contains finding if {
	some plan in plans
	some threat in plan.predicate.threat_models
	some report in reports
	success := report.predicate.attack_success[threat.id]
	not answered(threat, report)
	finding := {
		"objective": "threats-withstood",
		"message": sprintf("the threat model %s is beyond its limit, or has none", [threat.id]),
		"evidence": report.id,
		"observed": success,
		"expected": object.get(threat, "limit", null),
		"path": sprintf("attack_success.%s", [threat.id]),
	}
}

findings contains finding if {
	some plan in plans
	some threat in plan.predicate.threat_models
	some report in reports
	not report.predicate.attack_success[threat.id]
	not answered(threat, report)
	finding := {
		"objective": "threats-withstood",
		"message": sprintf("the threat model %s was not tried, and no signed reason leaves it out", [threat.id]),
		"gap": true,
		"evidence": report.id,
		"path": "attack_success",
	}
}
