# METADATA
# title: Training compute tracked against the presumption
# description: >-
#   The lineage tells the compute of the whole training, in 10^18 FLOP, and no less than the questionnaire answers. Where
#   either is above the threshold at which systemic risk is presumed, the Commission was notified in time from the day on
#   which it was met or known, or that time has not run out. The compute and that day are the word of the lineage's source.
# custom:
#   pack: gpai
#   severity: blocker
#   basis: law
#   tiers: [gpai]
#   roles: [gpai-provider]
#   gates: [registration, validation]
#   applies_from: D-GPAI
#   evidence: [lineage-graph, notice-record, risk-questionnaire]
#   applies: [risk-questionnaire]
#   parameters: [systemic_notification_days, systemic_risk_exaflop]
#   objectives:
#     compute-recorded:
#       says: The compute of the whole training is recorded and no less than was answered.
#       reads: [lineage-graph, risk-questionnaire]
#     commission-notified: {says: The Commission was notified in time where the threshold is passed.}
#   may_be_empty:
#     risk-questionnaire.training_exaflop: the lineage tells the compute as well
#   may_stand_beside:
#     notice-record.delivered_at: a later notice takes nothing away from one in time
#     notice-record.kind: another kind of notice takes nothing away from that to the Commission
#   frameworks: {eu-ai-act: ["51(2)", "52(1)"], nist-ai-rmf: ["MEASURE 2.12"]}
#   remediation: Record the training compute and notify the Commission where the threshold is passed.
package controls.gpai.EUAIA_51_1

import data.lib.findings as say
import data.lib.time as calendar
import data.risk.gpai

graphs := input.evidence["lineage-graph"]

questionnaires := input.evidence["risk-questionnaire"]

notifications := [notice | some notice in input.evidence["notice-record"]; notice.predicate.kind == "commission-notification"]

applies if {
	some questionnaire in questionnaires
	gpai.general(questionnaire.predicate)
}

applies := false if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		questionnaire.predicate.gpai == false
		questionnaire.predicate.gpai_systemic == false
	}
}

satisfied contains "compute-recorded" if recorded

recorded if {
	count(graphs) > 0
	count(questionnaires) > 0
	every graph in graphs {
		graph.predicate.cumulative_training_exaflop > 0
		every questionnaire in questionnaires {
			graph.predicate.cumulative_training_exaflop >= gpai.compute(questionnaire.predicate)
		}
	}
}

satisfied contains "commission-notified" if {
	recorded
	count(graphs) > 0
	every graph in graphs {
		settled(graph.predicate)
	}
}

settled(graph) if graph.cumulative_training_exaflop <= data.parameters.systemic_risk_exaflop

settled(graph) if {
	some notice in notifications
	calendar.at_most_days_between(graph.systemic_threshold_met_at, notice.predicate.delivered_at, data.parameters.systemic_notification_days)
}

# It may be told before the threshold is met: "or it becomes known that it will be met".
settled(graph) if {
	some notice in notifications
	notice.predicate.delivered_at <= graph.systemic_threshold_met_at
}

settled(graph) if calendar.within_days(graph.systemic_threshold_met_at, data.parameters.systemic_notification_days, input.now)

findings contains say.gap(objective, graph, "cumulative_training_exaflop", "the compute of the whole training is not recorded, or is less than was answered") if {
	not recorded
	some graph in graphs
	some objective in ["compute-recorded", "commission-notified"]
}

findings contains say.also(late, {"observed": compute, "expected": data.parameters.systemic_risk_exaflop}) if {
	recorded
	some graph in graphs
	compute := graph.predicate.cumulative_training_exaflop
	not is_settled(graph)
	late := say.breach("commission-notified", graph, "cumulative_training_exaflop", "the training took {observed}, above the {expected} (10^18 FLOP) of systemic risk, and the Commission was not notified in time")
}

is_settled(graph) if settled(graph.predicate)
