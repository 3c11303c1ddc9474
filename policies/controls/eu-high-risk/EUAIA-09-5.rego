# METADATA
# title: Metrics and thresholds fixed before testing
# description: >-
#   The signed plan came before the run, and the run cites it. Read strictly: every current run is held against every
#   current plan, so a plan that was replaced asks for a new run.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [validation]
#   applies_from: D-HR
#   evidence:
#     validation-plan: any
#     validation-run: measured
#   objectives:
#     plan-before-run:
#       says: The signed validation plan was committed before each validation run of the candidate started.
#     run-follows-plan:
#       says: Each validation run of the candidate cites the digest of the signed plan.
#   frameworks:
#     eu-ai-act: ["9(8)"]
#     nist-ai-rmf: ["MEASURE 1.1"]
#   remediation: "Commit and sign the plan first, then run the validation again."
package controls.eu_high_risk.EUAIA_09_5

import data.lib.records

plans := input.evidence["validation-plan"]

runs := input.evidence["validation-run"]

satisfied contains "plan-before-run" if {
	count(plans) > 0
	count(runs) > 0
	every run in runs {
		records.on_candidate(run)
		every plan in plans {
			plan.predicate.committed_at < run.predicate.started_at
		}
	}
}

satisfied contains "run-follows-plan" if {
	count(plans) > 0
	count(runs) > 0
	every run in runs {
		records.on_candidate(run)
		every plan in plans {
			run.predicate.plan_digest == plan.digest
		}
	}
}

findings contains finding if {
	some run in runs
	some objective in ["plan-before-run", "run-follows-plan"]
	not records.on_candidate(run)
	finding := records.other_artifact(objective, run)
}

findings contains finding if {
	some run in runs
	some plan in plans
	plan.predicate.committed_at >= run.predicate.started_at
	finding := {
		"objective": "plan-before-run",
		"message": sprintf("the run started at %s, not after its plan was committed", [run.predicate.started_at]),
		"evidence": run.id,
		"observed": run.predicate.started_at,
		"expected": plan.predicate.committed_at,
		"path": "started_at",
	}
}

findings contains finding if {
	some run in runs
	some plan in plans
	run.predicate.plan_digest != plan.digest
	finding := {
		"objective": "run-follows-plan",
		"message": "the run followed another plan than the signed one",
		"evidence": run.id,
		"observed": run.predicate.plan_digest,
		"expected": plan.digest,
		"path": "plan_digest",
	}
}
