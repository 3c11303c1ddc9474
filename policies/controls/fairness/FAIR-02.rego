# METADATA
# title: Fairness gaps within bounds or mitigated and accepted
# description: >-
#   On training labels and model outputs the binding fairness measures stay within their bounds at the worse end of
#   the interval, or each gap beyond is mitigated and accepted. An acceptance is a fairness-acceptance attestation
#   whose scope names the system or the digest and whose fact `measure` is "<measure> <key> <audited>", the key as in
#   the audit ("impact_ratio sex=f training-labels", "parity_difference sex model-outputs"): one for labels excuses no
#   output. Its fact `gap` is at least the observed one at the worse end: the difference, or for a ratio what it lacks
#   of one. An objective names a fairness term when one of its words is fairness, parity, equalized_odds,
#   equal_opportunity, disparate_impact or impact_ratio; else each audit of outputs has a mitigation entry "No
#   fairness term: <reason>".
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   mode: hybrid
#   gates: [validation, canary]
#   evidence:
#     statement:fairness-acceptance: any
#     training-run: any
#     fairness-audit: measured
#   parameters: [max_odds_difference, max_parity_difference, min_impact_ratio]
#   objectives:
#     labels-and-outputs-audited:
#       says: Both the training labels and the outputs of the candidate were audited.
#       covers: [S1.M4.1]
#       reads: [fairness-audit]
#     binding-measures-given:
#       says: At least one fairness measure binds, and each is measured by every audited attribute.
#       covers: [S1.M4.1]
#       reads: [fairness-audit]
#     gaps-within-bounds:
#       says: Every binding measure is within its bound, or its gap is mitigated and accepted for a time with a reason.
#       covers: [S1.M4.1]
#       reads: [statement:fairness-acceptance, fairness-audit]
#     fairness-in-objective:
#       says: The training objective has a fairness term, or the audit says why none is permitted.
#       at: [validation]
#       covers: [S1.M4.6]
#       reads: [fairness-audit, training-run]
#   frameworks:
#     eu-ai-act: ["10(2)(g)"]
#     nist-ai-rmf: ["MEASURE 2.11", "MANAGE 1.3"]
#     iso-42001: ["A.5.4"]
#   remediation: "Mitigate the gap and audit again, or have the remaining gap accepted with reason and expiry."
package controls.fairness.FAIR_02

import data.lib.numbers
import data.lib.records
import data.lib.text

audits := input.evidence["fairness-audit"]

trainings := input.evidence["training-run"]

output_audits := [audit |
	some audit in audits
	audit.predicate.audited == "model-outputs"
]

# Acceptances that are signed for this system or this version.
acceptances := [statement |
	some statement in input.evidence["statement:fairness-acceptance"]
	statement.predicate.statement_type == "fairness-acceptance"
	in_scope(statement)
	statement.expires_at > input.now
	records.filled(statement.predicate.facts.reason)
]

in_scope(statement) if input.system.id in statement.predicate.scope

in_scope(statement) if input.subject.digest in statement.predicate.scope

satisfied contains "labels-and-outputs-audited" if {
	count(audits) > 0
	every audited in ["training-labels", "model-outputs"] {
		audited in {audit.predicate.audited | some audit in audits}
	}
	every audit in audits {
		records.on_candidate(audit)
	}
}

satisfied contains "binding-measures-given" if {
	count(audits) > 0
	every audit in audits {
		count(audit.predicate.attributes) > 0
		count(audit.predicate.binding_measures) > 0
		every measure in audit.predicate.binding_measures {
			every attribute in audit.predicate.attributes {
				given(audit, measure, attribute)
			}
		}
	}
}

satisfied contains "gaps-within-bounds" if {
	count(audits) > 0
	every audit in audits {
		count(audit.predicate.binding_measures) > 0
		every measure in audit.predicate.binding_measures {
			count(estimates(audit, measure)) > 0
			every key, estimate in estimates(audit, measure) {
				tolerable(audit, measure, key, estimate)
			}
		}
	}
}

satisfied contains "fairness-in-objective" if {
	count(trainings) > 0
	every training in trainings {
		names_fairness(training)
	}
}

satisfied contains "fairness-in-objective" if {
	count(trainings) > 0
	every training in trainings {
		records.all_filled(training.predicate.objective)
	}
	all_state_why
}

# The estimates of a measure, by attribute or by "attribute=group".
estimates(audit, "parity_difference") := audit.predicate.parity_difference

estimates(audit, "odds_difference") := audit.predicate.odds_difference

estimates(audit, "impact_ratio") := audit.predicate.impact_ratio

# The measure has what it needs: the difference of the attribute, or the ratios of two groups. A name such as "a=x&b=y"
# is part of a group.
given(audit, measure, attribute) if {
	measure in {"parity_difference", "odds_difference"}
	estimates(audit, measure)[attribute]
}

given(audit, "impact_ratio", attribute) if {
	start := sprintf("%s=", [attribute])
	groups := [group |
		some group, _ in audit.predicate.impact_ratio
		startswith(group, start)
		not contains(group, "&")
	]
	count(groups) > 1
}

tolerable(_, measure, _, estimate) if within_bound(measure, estimate)

tolerable(audit, measure, key, estimate) if {
	mitigated(audit)
	some statement in acceptances
	statement.predicate.facts.measure == measure_name(audit, measure, key)
	accepted := statement.predicate.facts.gap
	is_number(accepted)
	numbers.micro(accepted) >= gap(measure, estimate)
}

within_bound("impact_ratio", estimate) if estimate.ci_low >= bound("impact_ratio")

within_bound(measure, estimate) if {
	measure in {"parity_difference", "odds_difference"}
	estimate.ci_high <= bound(measure)
}

bound("parity_difference") := data.parameters.max_parity_difference

bound("odds_difference") := data.parameters.max_odds_difference

bound("impact_ratio") := data.parameters.min_impact_ratio

# How large the gap may be at the interval's worse end, in millionths: the difference, or what a ratio lacks of one.
gap(measure, estimate) := numbers.micro(estimate.ci_high) if measure in {"parity_difference", "odds_difference"}

gap("impact_ratio", estimate) := numbers.micro(1) - numbers.micro(estimate.ci_low)

measure_words := {
	"parity_difference": "selection-rate difference",
	"odds_difference": "equalised-odds difference",
	"impact_ratio": "selection-rate ratio",
}

audited_words := {
	"model-outputs": "the model's answers",
	"training-labels": "the training labels",
}

# What an acceptance must call it: "impact_ratio sex=f training-labels".
measure_name(audit, measure, key) := sprintf("%s %s %s", [measure, key, audit.predicate.audited])

mitigated(audit) if records.all_filled([item.text | some item in audit.predicate.mitigation])

names_fairness(training) if {
	some term in training.predicate.objective
	some word in [
		"fairness", "parity", "equalized_odds", "equalised_odds", "equal_opportunity",
		"disparate_impact", "impact_ratio",
	]
	contains(text.lower(term), word)
}

all_state_why if {
	count(output_audits) > 0
	every audit in output_audits {
		none_permitted(audit)
	}
}

none_permitted(audit) if {
	some item in audit.predicate.mitigation
	parts := split(text.lower(item.text), "no fairness term:")
	parts[0] == ""
	records.filled(parts[1])
}

findings contains finding if {
	some audited in ["training-labels", "model-outputs"]
	not audited in {audit.predicate.audited | some audit in audits}
	finding := {
		"objective": "labels-and-outputs-audited",
		"message": sprintf("the %s were not audited", [audited]),
		"gap": true,
		"expected": audited,
		"path": "audited",
	}
}

findings contains finding if {
	some audit in audits
	not records.on_candidate(audit)
	finding := records.other_artifact("labels-and-outputs-audited", audit)
}

findings contains finding if {
	some audit in audits
	count(audit.predicate.binding_measures) == 0
	some objective in ["binding-measures-given", "gaps-within-bounds"]
	finding := {
		"objective": objective,
		"message": sprintf("no fairness measure binds for the %s", [audit.predicate.audited]),
		"evidence": audit.id,
		"path": "binding_measures",
	}
}

findings contains finding if {
	some audit in audits
	count(audit.predicate.attributes) == 0
	finding := {
		"objective": "binding-measures-given",
		"message": sprintf("the audit of %s covers no attribute", [audit.predicate.audited]),
		"gap": true,
		"evidence": audit.id,
		"path": "attributes",
	}
}

findings contains finding if {
	some audit in audits
	some measure in audit.predicate.binding_measures
	some attribute in audit.predicate.attributes
	not given(audit, measure, attribute)
	finding := {
		"objective": "binding-measures-given",
		"message": sprintf("%s is not given by %s for the %s", [measure, attribute, audit.predicate.audited]),
		"gap": true,
		"evidence": audit.id,
		"path": measure,
	}
}

findings contains finding if {
	some audit in audits
	some measure in audit.predicate.binding_measures
	count(estimates(audit, measure)) == 0
	finding := {
		"objective": "gaps-within-bounds",
		"message": sprintf("%s was not measured for the %s", [measure, audit.predicate.audited]),
		"gap": true,
		"evidence": audit.id,
		"path": measure,
	}
}

findings contains finding if {
	some audit in audits
	some measure in audit.predicate.binding_measures
	some key, estimate in estimates(audit, measure)
	not tolerable(audit, measure, key, estimate)
	finding := {
		"objective": "gaps-within-bounds",
		"message": sprintf(
			"the %s of %s in %s lies beyond its bound, and no mitigation with a fitting acceptance covers it",
			[measure_words[measure], key, audited_words[audit.predicate.audited]],
		),
		"evidence": audit.id,
		"observed": estimate,
		"expected": bound(measure),
		"path": sprintf("%s.%s", [measure, key]),
	}
}

findings contains finding if {
	some training in trainings
	not names_fairness(training)
	not all_state_why
	finding := {
		"objective": "fairness-in-objective",
		"message": "no term of the training objective is about fairness, and no audit says why none is permitted",
		"evidence": training.id,
		"observed": training.predicate.objective,
		"path": "objective",
	}
}
