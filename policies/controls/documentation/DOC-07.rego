# METADATA
# title: Declared performance equals measured
# description: >-
#   What the model card and the instructions for use declare is what was measured on the release digest. Every
#   declared figure lies inside the measured interval; for the card the interval is widened by what rounding may take,
#   for the instructions it is not.
# custom:
#   severity: blocker
#   basis: law
#   law_scope: {tiers: [high], roles: [provider], from: D-HR}
#   gates: [staging, canary]
#   evidence:
#     validation-run: measured
#     model-card: any
#     instructions-for-use: any
#   parameters: [metric_tolerance]
#   objectives:
#     card-equals-run:
#       says: Every figure of the model card lies inside the measured interval.
#       covers: [S1.M3.5]
#       reads: [model-card, validation-run]
#     card-filled:
#       says: The model card names the limits of the model and its training data.
#       covers: [S1.M3.5]
#       reads: [model-card]
#     instructions-equal-run:
#       says: Every figure of the instructions for use lies inside the measured interval.
#       only: law-scope
#       reads: [instructions-for-use, validation-run]
#   frameworks:
#     eu-ai-act: ["13(3)(b)(ii)", "15(3)"]
#     nist-ai-rmf: ["MEASURE 2.8"]
#     iso-42001: ["A.8.2"]
#   remediation: Correct the declared figures from the run on the release digest.
package controls.documentation.DOC_07

import data.lib.numbers
import data.lib.records

runs := input.evidence["validation-run"]

cards := input.evidence["model-card"]

instructions := input.evidence["instructions-for-use"]

satisfied contains "card-equals-run" if {
	count(cards) > 0
	count(runs) > 0
	every card in cards {
		records.on_candidate(card)
		count(card.predicate.performance) > 0
		every metric, declared in card.predicate.performance {
			every run in runs {
				records.on_candidate(run)
				near(declared, run.predicate.metrics[metric])
			}
		}
	}
}

satisfied contains "card-filled" if {
	count(cards) > 0
	every card in cards {
		records.on_candidate(card)
		records.filled(card.predicate.limitations)
		records.filled(card.predicate.training_data)
	}
}

satisfied contains "instructions-equal-run" if {
	count(instructions) > 0
	count(runs) > 0
	every document in instructions {
		records.on_candidate(document)
		count(document.predicate.declared_metrics) > 0
		every metric, declared in document.predicate.declared_metrics {
			every run in runs {
				records.on_candidate(run)
				inside(declared, run.predicate.metrics[metric])
			}
		}
	}
}

inside(declared, estimate) if {
	declared >= estimate.ci_low
	declared <= estimate.ci_high
}

# Inside the interval, widened by what rounding may take.
near(declared, estimate) if {
	tolerance := numbers.micro(data.parameters.metric_tolerance)
	numbers.micro(declared) >= numbers.micro(estimate.ci_low) - tolerance
	numbers.micro(declared) <= numbers.micro(estimate.ci_high) + tolerance
}

findings contains finding if {
	some document in array.concat(cards, runs)
	not records.on_candidate(document)
	finding := records.other_artifact("card-equals-run", document)
}

findings contains finding if {
	some card in cards
	not records.on_candidate(card)
	finding := records.other_artifact("card-filled", card)
}

findings contains finding if {
	some document in array.concat(instructions, runs)
	not records.on_candidate(document)
	finding := records.other_artifact("instructions-equal-run", document)
}

findings contains finding if {
	some card in cards
	count(card.predicate.performance) == 0
	finding := {
		"objective": "card-equals-run",
		"message": "the model card declares no performance",
		"evidence": card.id,
		"path": "performance",
	}
}

findings contains finding if {
	some card in cards
	some metric, declared in card.predicate.performance
	some run in runs
	estimate := run.predicate.metrics[metric]
	not near(declared, estimate)
	finding := {
		"objective": "card-equals-run",
		"message": sprintf("the model card declares another %s than was measured", [metric]),
		"evidence": card.id,
		"observed": declared,
		"expected": estimate,
		"path": sprintf("performance.%s", [metric]),
	}
}

findings contains finding if {
	some card in cards
	some metric, _ in card.predicate.performance
	some run in runs
	not run.predicate.metrics[metric]
	finding := {
		"objective": "card-equals-run",
		"message": sprintf("the model card declares %s, which the run did not measure", [metric]),
		"gap": true,
		"evidence": card.id,
		"path": sprintf("performance.%s", [metric]),
	}
}

findings contains finding if {
	some card in cards
	not records.filled(card.predicate.limitations)
	finding := {
		"objective": "card-filled",
		"message": "the model card names no limits of the model",
		"evidence": card.id,
		"path": "limitations",
	}
}

findings contains finding if {
	some card in cards
	not records.filled(card.predicate.training_data)
	finding := {
		"objective": "card-filled",
		"message": "the model card does not describe the training data",
		"evidence": card.id,
		"path": "training_data",
	}
}

findings contains finding if {
	some document in instructions
	count(document.predicate.declared_metrics) == 0
	finding := {
		"objective": "instructions-equal-run",
		"message": "the instructions for use declare no metric",
		"evidence": document.id,
		"path": "declared_metrics",
	}
}

findings contains finding if {
	some document in instructions
	some metric, declared in document.predicate.declared_metrics
	some run in runs
	estimate := run.predicate.metrics[metric]
	not inside(declared, estimate)
	finding := {
		"objective": "instructions-equal-run",
		"message": sprintf("the instructions for use declare another %s than was measured", [metric]),
		"evidence": document.id,
		"observed": declared,
		"expected": estimate,
		"path": sprintf("declared_metrics.%s", [metric]),
	}
}

findings contains finding if {
	some document in instructions
	some metric, _ in document.predicate.declared_metrics
	some run in runs
	not run.predicate.metrics[metric]
	finding := {
		"objective": "instructions-equal-run",
		"message": sprintf("the instructions for use declare %s, which the run did not measure", [metric]),
		"gap": true,
		"evidence": document.id,
		"path": sprintf("declared_metrics.%s", [metric]),
	}
}
