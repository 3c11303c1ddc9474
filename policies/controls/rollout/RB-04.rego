# METADATA
# title: Restored version answers as before
# description: >-
#   In every rehearsal of a rollback, and every real one, the restored version answered the reference inputs as it had
#   before. How many inputs there were, and which, is what the deployment controller knows.
# custom:
#   severity: major
#   basis: policy
#   gates: [staging, incident]
#   evidence: [rollback-drill]
#   parameters: [min_output_match]
#   objectives:
#     answers-as-before: {says: Every restored version answered the reference inputs as before., covers: [S2.M8.8]}
#   frameworks: {nist-ai-rmf: ["MANAGE 2.4"], iso-42001: ["A.6.2.6"]}
#   remediation: Find the difference between the restored version and its recorded outputs.
package controls.rollout.RB_04

import data.lib.findings as say

drills := input.evidence["rollback-drill"]

satisfied contains "answers-as-before" if {
	count(drills) > 0
	data.parameters.min_output_match > 0
	every drill in drills {
		drill.predicate.output_match >= data.parameters.min_output_match
	}
}

findings contains say.also(other, {"observed": drill.predicate.output_match, "expected": data.parameters.min_output_match}) if {
	some drill in drills
	drill.predicate.output_match < data.parameters.min_output_match
	other := say.breach("answers-as-before", drill, "output_match", "of the reference inputs a share of {observed} was answered as before, {expected} is asked for")
}
