# METADATA
# title: Feedback loops mitigated
# description: >-
#   Where outputs come back to training in the lineage, or the system learns in operation, the technical file of the
#   candidate names the countermeasure and the bounded-shift test was done on it. Loops that the lineage does not hold, and
#   online learning that nobody admits, are not seen. That the countermeasure works is the word of who signed the file.
# custom:
#   severity: major
#   basis: law
#   tiers: [high]
#   roles: [provider]
#   gates: [validation, operation]
#   applies_from: D-HR
#   evidence: [lineage-graph, risk-questionnaire, robustness-report, technical-file]
#   applies: [lineage-graph, risk-questionnaire]
#   objectives:
#     loop-countered:
#       says: The technical file names the countermeasure against feedback loops.
#       reads: [lineage-graph, risk-questionnaire, technical-file]
#     shift-bounded: {says: The bounded-shift test was done., reads: [robustness-report]}
#   may_be_empty:
#     lineage-graph.feedback_paths: it is enough that the system learns in operation
#     lineage-graph.feedback_paths.nodes: that there is a loop is asked; not through what it leads
#   may_differ: {lineage-graph.feedback_paths: that there is a loop is asked; not through what it leads}
#   may_stand_beside: {technical-file.kind: a system card or a file for a general-purpose model says nothing of the technical file}
#   frameworks: {eu-ai-act: ["15(4)"], nist-ai-rmf: ["MEASURE 2.6"]}
#   remediation: Break the loop or document its countermeasure and run the bounded-shift test.
package controls.eu_high_risk.EUAIA_15_1

import data.lib.findings as say
import data.lib.records

graphs := input.evidence["lineage-graph"]

questionnaires := input.evidence["risk-questionnaire"]

reports := input.evidence["robustness-report"]

files := [file | some file in input.evidence["technical-file"]; file.predicate.kind in {"annex-iv", "annex-iv-simplified"}]

applies := false if {
	count(graphs) > 0
	count(questionnaires) > 0
	every graph in graphs {
		graph.predicate.feedback_paths == []
	}
	every questionnaire in questionnaires {
		questionnaire.predicate.learns_online == false
	}
}

applies if {
	some graph in graphs
	count(graph.predicate.feedback_paths) > 0
}

applies if {
	some questionnaire in questionnaires
	questionnaire.predicate.learns_online == true
}

satisfied contains "loop-countered" if {
	count(graphs) > 0
	count(questionnaires) > 0
	count(files) > 0
	every file in files {
		countered(file)
	}
}

satisfied contains "shift-bounded" if {
	count(reports) > 0
	every report in reports {
		tested(report)
	}
}

countered(file) if {
	file.class == "attested"
	records.filled(file.predicate.feedback_loop_mitigation)
}

tested(report) if report.predicate.shift_bound_tested == true

findings contains say.none("loop-countered", "evidence/technical-file", "there is no technical file after Annex IV") if count(files) == 0

findings contains say.gap("loop-countered", file, "feedback_loop_mitigation", "no countermeasure against feedback loops is named in a file that a person signed") if {
	some file in files
	not countered(file)
}

findings contains say.gap("shift-bounded", report, "shift_bound_tested", "the bounded-shift test was not done") if {
	some report in reports
	not tested(report)
}
