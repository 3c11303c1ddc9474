# METADATA
# title: Declared performance equals measured
# description: >-
#   What the model card and the instructions for use declare is what was measured on the release digest, the primary
#   metric of every run among it. Every declared figure lies inside the measured interval; for the card the interval is
#   widened by what rounding may take, for the instructions it is not.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [staging, canary]
#   evidence: {validation-run: measured, model-card: any, instructions-for-use: any}
#   parameters: [metric_tolerance]
#   objectives:
#     card-equals-run:
#       says: Every figure of the model card lies inside the measured interval, and the primary metric is one of them.
#       covers: [S1.M3.5]
#       reads: [model-card, validation-run]
#     card-filled:
#       says: The model card names the limits of the model and its training data.
#       covers: [S1.M3.5]
#       reads: [model-card]
#     instructions-equal-run:
#       says: Every figure of the instructions for use lies inside the measured interval, and the primary metric is one of them.
#       only: law-scope
#       reads: [instructions-for-use, validation-run]
#   frameworks: {eu-ai-act: ["13(3)(b)(ii)", "15(3)"], nist-ai-rmf: ["MEASURE 2.8"], iso-42001: ["A.8.2"]}
#   remediation: Correct the declared figures from the run on the release digest.
package controls.documentation.DOC_07

import data.lib.findings as say
import data.lib.metrics
import data.lib.numbers
import data.lib.records

runs := input.evidence["validation-run"]

cards := input.evidence["model-card"]

instructions := input.evidence["instructions-for-use"]

satisfied contains "card-equals-run" if {
	count(cards) > 0
	count(runs) > 0
	every card in cards {
		count(card.predicate.performance) > 0
		every run in runs {
			is_number(card.predicate.performance[run.predicate.primary_metric])
			every metric, declared in card.predicate.performance {
				near(declared, run.predicate.metrics[metric])
				metrics.credible(metric, run.predicate.metrics[metric])
			}
		}
	}
}

satisfied contains "card-filled" if {
	count(cards) > 0
	every card in cards {
		records.filled(card.predicate.limitations)
		records.filled(card.predicate.training_data)
	}
}

satisfied contains "instructions-equal-run" if {
	count(instructions) > 0
	count(runs) > 0
	every document in instructions {
		count(document.predicate.declared_metrics) > 0
		every run in runs {
			is_number(document.predicate.declared_metrics[run.predicate.primary_metric])
			every metric, declared in document.predicate.declared_metrics {
				inside(declared, run.predicate.metrics[metric])
				metrics.credible(metric, run.predicate.metrics[metric])
			}
		}
	}
}

inside(declared, estimate) if {
	declared >= estimate.ci_low
	declared <= estimate.ci_high
}

declared_by(documents, field) := {metric | some document in documents; some metric, _ in document.predicate[field]}

# Inside the interval, widened by what rounding may take.
near(declared, estimate) if {
	tolerance := numbers.micro(data.parameters.metric_tolerance)
	numbers.micro(declared) >= numbers.micro(estimate.ci_low) - tolerance
	numbers.micro(declared) <= numbers.micro(estimate.ci_high) + tolerance
}

findings contains say.breach("card-equals-run", card, "performance", "the model card declares no performance") if {
	some card in cards
	count(card.predicate.performance) == 0
}

findings contains say.also(silent, {"values": {"metric": run.predicate.primary_metric}}) if {
	some card in cards
	some run in runs
	not run.predicate.primary_metric in object.keys(card.predicate.performance)
	silent := say.breach("card-equals-run", card, "performance", "the model card leaves out the primary metric {metric}")
}

findings contains say.also(other, {"observed": declared, "expected": estimate, "values": {"metric": metric}}) if {
	some card in cards
	some metric, declared in card.predicate.performance
	some run in runs
	estimate := run.predicate.metrics[metric]
	not near(declared, estimate)
	other := say.breach("card-equals-run", card, "performance", "the model card declares another {metric} than was measured")
}

findings contains say.also(unmeasured, {"values": {"metric": metric}}) if {
	some card in cards
	some metric, _ in card.predicate.performance
	some run in runs
	not run.predicate.metrics[metric]
	unmeasured := say.gap("card-equals-run", card, "performance", "the model card declares {metric}, which the run did not measure")
}

findings contains say.also(impossible, {"observed": estimate, "values": {"metric": metric}}) if {
	some objective, documents in {"card-equals-run": declared_by(cards, "performance"), "instructions-equal-run": declared_by(instructions, "declared_metrics")}
	some metric in documents
	some run in runs
	estimate := run.predicate.metrics[metric]
	not metrics.credible(metric, estimate)
	impossible := say.breach(objective, run, "metrics", "what was measured as {metric} can be no value of it")
}

findings contains say.breach("card-filled", card, "limitations", "the model card names no limits of the model") if {
	some card in cards
	not records.filled(card.predicate.limitations)
}

findings contains say.breach("card-filled", card, "training_data", "the model card does not describe the training data") if {
	some card in cards
	not records.filled(card.predicate.training_data)
}

findings contains say.breach("instructions-equal-run", document, "declared_metrics", "the instructions for use declare no metric") if {
	some document in instructions
	count(document.predicate.declared_metrics) == 0
}

findings contains say.also(silent, {"values": {"metric": run.predicate.primary_metric}}) if {
	some document in instructions
	some run in runs
	not run.predicate.primary_metric in object.keys(document.predicate.declared_metrics)
	silent := say.breach("instructions-equal-run", document, "declared_metrics", "the instructions for use leave out the primary metric {metric}")
}

findings contains say.also(other, {"observed": declared, "expected": estimate, "values": {"metric": metric}}) if {
	some document in instructions
	some metric, declared in document.predicate.declared_metrics
	some run in runs
	estimate := run.predicate.metrics[metric]
	not inside(declared, estimate)
	other := say.breach("instructions-equal-run", document, "declared_metrics", "the instructions for use declare another {metric} than was measured")
}

findings contains say.also(unmeasured, {"values": {"metric": metric}}) if {
	some document in instructions
	some metric, _ in document.predicate.declared_metrics
	some run in runs
	not run.predicate.metrics[metric]
	unmeasured := say.gap("instructions-equal-run", document, "declared_metrics", "the instructions for use declare {metric}, which the run did not measure")
}
