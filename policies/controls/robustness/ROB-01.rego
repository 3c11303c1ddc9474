# METADATA
# title: Adversarial robustness measured
# description: >-
#   The attacks that are asked for were tried at a declared budget that can do harm, as a part of the declared range and of
#   the spread of each feature, so that no narrow range makes it small. They cost little accuracy at the worse end of the
#   interval, and each threat model of the signed plan is within its limit or left out. The plan's limit is itself
#   bounded. A threat is left out by a reason in the plan and a threat-exclusion statement that names its ground; an
#   attack that is asked for never is, and one threat at least has a limit. One that has a limit is judged by it even
#   where it also has a reason. An answer that is a number may move by a tolerance, and that is a part of the spread of the
#   true values: a wide one would withstand anything. An attack by slopes says nothing of a model whose slopes do not show
#   (rounded scores, steps, labels alone): there a search that needs none, or what was decided exactly, stands in at no
#   smaller budget and within the same limit; and where either turned more than the limit at no larger budget, the limit
#   is broken, whatever the slopes say. What was decided stands in where the plan sets that attack a limit, or where it
#   leaves no more open than the attacks may cost.
# custom:
#   severity: blocker
#   basis: law
#   waivable: true
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [validation, production]
#   evidence: {robustness-report: measured, statement:threat-exclusion: any, validation-plan: any}
#   parameters: [max_adversarial_drop, max_attack_limit, max_excluded_percent, max_tolerance_sd, min_attack_budget, min_attack_sd, required_attacks]
#   objectives:
#     attacks-covered:
#       says: Every attack that is asked for was tried, each with a budget that can do harm to every feature.
#       covers: [S0.M3.7]
#       reads: [robustness-report, validation-plan]
#     drop-within-bound:
#       says: The attacks cost no more accuracy than is tolerated, on nearly all rows.
#       covers: [S0.M3.7]
#       reads: [robustness-report]
#     threats-withstood:
#       says: Each threat model of the plan stays within its limit or is left out with a signed ground.
#       covers: [S0.M3.7]
#   may_be_empty:
#     robustness-report.tolerance: a model that answers with classes has no tolerance
#     robustness-report.certificate: a plan may ask for nothing to be decided
#   may_stand_beside:
#     statement:threat-exclusion.facts.threat: a ground for another threat model leaves that one out and no other
#   frameworks: {eu-ai-act: ["15(5)"], nist-ai-rmf: ["MEASURE 2.7"], iso-42001: ["A.6.2.4"], iso-24029: ["Robustness"]}
#   remediation: "Harden the model against the attack that succeeded, or have a ground signed why it does not apply."
package controls.robustness.ROB_01

import data.lib.findings as say
import data.lib.metrics

reports := input.evidence["robustness-report"]

plans := input.evidence["validation-plan"]

excluded := {statement.predicate.facts.threat | some statement in input.evidence["statement:threat-exclusion"]}

# Attacks that follow the slopes of the scores.
by_slopes := {"fgsm"}

satisfied contains "attacks-covered" if {
	count(reports) > 0
	count(data.parameters.required_attacks) > 0
	every report in reports {
		every attack in data.parameters.required_attacks {
			attack in report.predicate.attack_kinds
			harmful(report, attack)
			felt(report, attack)
			revealing(report, attack)
		}
	}
}

satisfied contains "drop-within-bound" if {
	count(reports) > 0
	every report in reports {
		report.predicate.accuracy_drop.ci_high <= data.parameters.max_adversarial_drop
		on_nearly_all(report)
		tolerant(report)
	}
}

satisfied contains "threats-withstood" if {
	count(plans) > 0
	count(reports) > 0
	every plan in plans {
		count(limited(plan)) > 0
		count(plan.predicate.threat_models) > 0
		every threat in plan.predicate.threat_models {
			every report in reports {
				answered(threat, report)
			}
		}
	}
}

harmful(report, attack) if {
	report.predicate.perturbation_budget[attack] > 0
	report.predicate.perturbation_budget[attack] >= data.parameters.min_attack_budget
}

# Each feature that varies is moved by a part of its own spread.
felt(report, attack) if {
	count(report.predicate.budget_in_sd[attack]) > 0
	every size in report.predicate.budget_in_sd[attack] {
		size > 0
		size >= data.parameters.min_attack_sd
	}
}

moved_some(report, attack) if count(report.predicate.budget_in_sd[attack]) > 0

on_nearly_all(report) if {
	drop := report.predicate.accuracy_drop
	metrics.few_left_out(drop.excluded, drop.n, data.parameters.max_excluded_percent)
}

# An answer that is a number counts as the same up to a tolerance; classes have none.
tolerant(report) if not report.predicate.tolerance

tolerant(report) if {
	report.predicate.tolerance > 0
	report.predicate.tolerance_in_sd > 0
	report.predicate.tolerance_in_sd <= data.parameters.max_tolerance_sd
}

# The attack can find what is there: the slopes that it follows show, or another attack of its size needs none.
revealing(_, attack) if not attack in by_slopes

revealing(report, _) if report.predicate.slopes_masked == false

revealing(report, attack) if searched(report, attack)

revealing(report, attack) if {
	decided(report, attack)
	held(report, attack)
}

# A search counts in the accuracy drop; what was decided does not, and is held to the plan's limit of the attack, or to
# what the attacks may cost. A certificate of one row, or one that left its rows open, says as little as the slopes.
held(_, attack) if {
	count(plans) > 0
	every plan in plans {
		attack in limited(plan)
	}
}

held(report, _) if report.predicate.turnable_share.ci_high <= data.parameters.max_adversarial_drop

masked(report, attack) if {
	attack in by_slopes
	not report.predicate.slopes_masked == false
}

searched(report, attack) if {
	report.predicate.attack_success.search
	report.predicate.perturbation_budget.search >= report.predicate.perturbation_budget[attack]
}

decided(report, attack) if {
	report.predicate.turnable_share.value >= 0
	report.predicate.certificate.budget >= report.predicate.perturbation_budget[attack]
}

# What stands in for an attack by masked slopes is within its limit too.
withstood(report, threat) if not masked(report, threat.id)

withstood(report, threat) if {
	searched(report, threat.id)
	report.predicate.attack_success.search.ci_high <= threat.limit
}

withstood(report, threat) if {
	decided(report, threat.id)
	report.predicate.turnable_share.ci_high <= threat.limit
}

# Where anything was decided, what came of it is there.
complete(report) if not report.predicate.certificate

complete(report) if report.predicate.turnable_share.value >= 0

told(report) if report.predicate.slopes_masked in {true, false}

# A better attack of no larger size turned more than the limit.
outdone(report, threat) if {
	threat.id in by_slopes
	report.predicate.perturbation_budget.search <= report.predicate.perturbation_budget[threat.id]
	report.predicate.attack_success.search.ci_high > threat.limit
}

outdone(report, threat) if {
	threat.id in by_slopes
	report.predicate.certificate.budget <= report.predicate.perturbation_budget[threat.id]
	report.predicate.turnable_share.value > threat.limit
}

limited(plan) := [threat.id | some threat in plan.predicate.threat_models; threat.limit <= data.parameters.max_attack_limit]

answered(threat, report) if {
	report.predicate.attack_success[threat.id].ci_high <= threat.limit
	threat.limit <= data.parameters.max_attack_limit
	withstood(report, threat)
	not outdone(report, threat)
	complete(report)
}

# The plan is signed, and so is the ground; a threat model that has a limit is judged by the limit.
answered(threat, _) if {
	threat.not_applicable_reason
	threat.id in excluded
	not threat.id in data.parameters.required_attacks
	not threat.limit
}

findings contains say.also(untried, {"values": {"attack": attack}}) if {
	some report in reports
	some attack in data.parameters.required_attacks
	not attack in report.predicate.attack_kinds
	untried := say.gap("attacks-covered", report, "attack_kinds", "the attack {attack} was not tried")
}

findings contains say.also(undeclared, {"values": {"attack": attack}}) if {
	some report in reports
	some attack in data.parameters.required_attacks
	not attack in object.keys(report.predicate.perturbation_budget)
	undeclared := say.gap("attacks-covered", report, "perturbation_budget", "no perturbation budget is declared for the attack {attack}")
}

findings contains say.also(harmless, {"observed": budget, "expected": data.parameters.min_attack_budget, "values": {"attack": attack}}) if {
	some report in reports
	some attack in data.parameters.required_attacks
	budget := report.predicate.perturbation_budget[attack]
	not harmful(report, attack)
	harmless := say.breach("attacks-covered", report, "perturbation_budget", "the budget of the attack {attack} is too small to do harm")
}

findings contains say.also(faint, {"observed": size, "expected": data.parameters.min_attack_sd, "values": {"attack": attack, "feature": feature}}) if {
	some report in reports
	some attack in data.parameters.required_attacks
	not felt(report, attack)
	some feature, size in report.predicate.budget_in_sd[attack]
	size < max([data.parameters.min_attack_sd, 0.000001])
	faint := say.breach("attacks-covered", report, "budget_in_sd", "the attack {attack} moves {feature} by too little of its spread: the declared range is narrow")
}

findings contains say.also(unfelt, {"values": {"attack": attack}}) if {
	some report in reports
	some attack in data.parameters.required_attacks
	not moved_some(report, attack)
	unfelt := say.gap("attacks-covered", report, "budget_in_sd", "how far the attack {attack} moved the features in units of their spread was not measured")
}

findings contains say.also(blind, {"values": {"attack": attack}}) if {
	some report in reports
	some attack in data.parameters.required_attacks
	attack in report.predicate.attack_kinds
	not revealing(report, attack)
	report.predicate.slopes_masked == true
	blind := say.gap("attacks-covered", report, "slopes_masked", "the slopes that {attack} follows say nothing of this model, and neither a search of its size stands in, nor a certificate that the plan limits or that leaves little open")
}

findings contains say.also(unseen, {"values": {"attack": attack}}) if {
	some report in reports
	some attack in data.parameters.required_attacks
	attack in report.predicate.attack_kinds
	not revealing(report, attack)
	not told(report)
	unseen := say.gap("attacks-covered", report, "slopes_masked", "whether the slopes that {attack} follows say anything was not looked for")
}

findings contains say.also(costly, {"observed": drop, "expected": data.parameters.max_adversarial_drop}) if {
	some report in reports
	drop := report.predicate.accuracy_drop
	drop.ci_high > data.parameters.max_adversarial_drop
	costly := say.breach("drop-within-bound", report, "accuracy_drop", "the attacks may take more accuracy than is tolerated")
}

findings contains say.also(wide, {"observed": size, "expected": data.parameters.max_tolerance_sd}) if {
	some report in reports
	size := report.predicate.tolerance_in_sd
	not tolerant(report)
	wide := say.breach("drop-within-bound", report, "tolerance_in_sd", "an answer may move by too large a part of the spread of the true values")
}

findings contains say.gap("drop-within-bound", report, "tolerance_in_sd", "how large the tolerance is beside the spread of the true values was not measured") if {
	some report in reports
	not tolerant(report)
	not report.predicate.tolerance_in_sd
}

findings contains say.also(partial, {"values": {"excluded": report.predicate.accuracy_drop.excluded}}) if {
	some report in reports
	not on_nearly_all(report)
	partial := say.gap("drop-within-bound", report, "accuracy_drop", "too many rows were left out of the attacks: {excluded}")
}

findings contains say.breach("threats-withstood", plan, "threat_models", "the validation plan sets no threat model a limit that binds") if {
	some plan in plans
	count(limited(plan)) == 0
}

findings contains say.also(loose, {"observed": threat.limit, "expected": data.parameters.max_attack_limit, "values": {"threat": threat.id}}) if {
	some plan in plans
	some threat in plan.predicate.threat_models
	threat.limit > data.parameters.max_attack_limit
	loose := say.breach("threats-withstood", plan, "threat_models", "the limit of the threat model {threat} allows nearly any attack")
}

findings contains say.also(beyond, {"observed": success, "values": {"threat": threat.id}}) if {
	some plan in plans
	some threat in plan.predicate.threat_models
	some report in reports
	success := report.predicate.attack_success[threat.id]
	not answered(threat, report)
	withstood(report, threat)
	complete(report)
	not outdone(report, threat)
	beyond := say.breach("threats-withstood", report, "attack_success", "the threat model {threat} is beyond its limit, or has none")
}

findings contains say.also(turned, {"values": {"threat": threat.id}}) if {
	some plan in plans
	some threat in plan.predicate.threat_models
	some report in reports
	outdone(report, threat)
	turned := say.breach("threats-withstood", report, "attack_success", "an attack that needs no slopes turned more than the limit of the threat model {threat}, at no larger size")
}

findings contains say.gap("threats-withstood", report, "turnable_share", "rows were decided, and how many of them can be turned is not told") if {
	some report in reports
	not complete(report)
}

findings contains say.also(hidden, {"values": {"threat": threat.id}}) if {
	some plan in plans
	some threat in plan.predicate.threat_models
	some report in reports
	threat.limit
	not withstood(report, threat)
	not outdone(report, threat)
	hidden := say.gap("threats-withstood", report, "slopes_masked", "the slopes that {threat} follows do not show, and no attack without slopes, nor a certificate, of its size was within its limit")
}

findings contains say.also(untried, {"values": {"threat": threat.id}}) if {
	some plan in plans
	some threat in plan.predicate.threat_models
	some report in reports
	not report.predicate.attack_success[threat.id]
	not answered(threat, report)
	untried := say.gap("threats-withstood", report, "attack_success", "the threat model {threat} was not tried, and no signed ground leaves it out")
}
