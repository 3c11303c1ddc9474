# METADATA
# title: Data protection officer sign-off
# description: >-
#   The data protection officer approved this artifact for production after the current impact assessment under the GDPR
#   was filed, and that assessment records the officer's opinion. The order is that of the ledger. Every current
#   assessment counts, and nobody in that role stands against. What the opinion says is the officer's word.
# custom:
#   severity: blocker
#   basis: policy
#   tiers: [high]
#   gates: [production]
#   evidence: [approval, dpia]
#   objectives:
#     officer-approved:
#       says: The data protection officer approved the artifact on the current impact assessment.
#       covers: [S3.M8.5]
#     opinion-recorded:
#       says: The impact assessment records the opinion of the data protection officer.
#       covers: [S3.M8.5]
#       reads: [dpia]
#   may_be_empty: {approval.conditions: an approval may be given without any}
#   may_stand_beside:
#     approval.gate: what is said at another gate is not said at this one
#     approval.role: what is said in another role is judged there
#     dpia.regime: an assessment under the CCPA asks for no officer
#   frameworks: {gdpr: ["35(2)", "39"]}
#   remediation: Ask the data protection officer to decide on the current impact assessment.
package controls.access.APP_03

import data.lib.approvals
import data.lib.findings as say
import data.lib.records

assessments := [dpia | some dpia in input.evidence.dpia; dpia.predicate.regime == "gdpr"]

satisfied contains "officer-approved" if {
	count(assessments) > 0
	approvals.approves("dpo")
	every dpia in assessments {
		count([approval | some approval in approvals.agreed("dpo"); not follows(approval, dpia)]) == 0
	}
}

satisfied contains "opinion-recorded" if {
	count(assessments) > 0
	every dpia in assessments {
		opinion(dpia)
	}
}

follows(approval, dpia) if {
	approval.log_index > dpia.log_index
	approval.predicate.decided_at >= dpia.filed_at
}

opinion(dpia) if records.filled(dpia.predicate.dpo_opinion)

findings contains approvals.lacking("officer-approved", "dpo") if not approvals.approves("dpo")

findings contains approvals.against("officer-approved", word) if {
	some word in approvals.opposed("dpo")
}

findings contains say.breach("officer-approved", approval, "decided_at", "the officer approved before the current impact assessment was filed") if {
	some approval in approvals.agreed("dpo")
	some dpia in assessments
	not follows(approval, dpia)
}

findings contains say.none(objective, "evidence/dpia", "there is no current impact assessment under the GDPR") if {
	count(assessments) == 0
	some objective in ["officer-approved", "opinion-recorded"]
}

findings contains say.gap("opinion-recorded", dpia, "dpo_opinion", "the impact assessment does not record the officer's opinion") if {
	some dpia in assessments
	not opinion(dpia)
}
