# METADATA
# title: Automation level within tier limits
# description: >-
#   The degree of automation of every current classification lies within what the house allows its tier, and a rationale
#   stands with it under a verified signature. The level and its rationale are the word of who classified; RISK-01 holds
#   the level against the signed questionnaire.
# custom:
#   severity: blocker
#   basis: policy
#   mode: attested
#   gates: [registration]
#   evidence: [risk-classification]
#   parameters: [max_automation_by_tier]
#   objectives:
#     level-allowed: {says: The automation level is within the limit of the tier., covers: [S4.M1.4]}
#     rationale-signed: {says: The classification says why under a verified signature., covers: [S4.M1.4]}
#   frameworks: {nist-ai-rmf: ["MAP 3.5"], iso-42001: ["A.9.2"], eu-ai-act: ["14(1)"]}
#   remediation: Lower the degree of automation or record why the tier allows it.
package controls.risk.RISK_04

import data.lib.findings as say
import data.lib.records
import data.lib.tiers

classifications := input.evidence["risk-classification"]

satisfied contains "level-allowed" if {
	count(classifications) > 0
	every classification in classifications {
		allowed(classification.predicate)
	}
}

satisfied contains "rationale-signed" if {
	count(classifications) > 0
	every classification in classifications {
		records.filled(classification.predicate.rationale)
		classification.signature.state == "verified"
	}
}

# 0 advice only, 1 a human decides, 2 a human can stop it, 3 it acts alone.
allowed(classification) if {
	classification.automation_level in {0, 1, 2, 3}
	classification.automation_level <= data.parameters.max_automation_by_tier[tiers.rank(classification.tier)]
}

findings contains say.also(high, {"observed": level, "values": {"tier": tier}}) if {
	some classification in classifications
	level := classification.predicate.automation_level
	tier := classification.predicate.tier
	not allowed(classification.predicate)
	high := say.breach("level-allowed", classification, "automation_level", "level {observed} is more than the tier {tier} allows, or is no level")
}

findings contains say.breach("rationale-signed", classification, "signature", "nobody signed the classification") if {
	some classification in classifications
	not classification.signature.state == "verified"
}
