# METADATA
# title: Personal data masked in logs
# description: >-
#   Every current log or sample of one says that personal payload is masked, and every scan of log samples that is on record
#   found no personal data. Read strictly: whatever class a log gives itself, it is masked.
# custom:
#   severity: major
#   basis: policy
#   gates: [operation]
#   evidence: [prediction-log, privacy-treatment]
#   objectives:
#     logs-masked: {says: Personal payload is masked in every log., covers: [S4.M6.5], reads: [prediction-log]}
#     scans-clean: {says: Scans of log samples found no personal data., covers: [S4.M6.5], reads: [privacy-treatment]}
#   frameworks: {gdpr: ["25", "32"], nist-ai-rmf: ["MEASURE 2.10"]}
#   remediation: Mask the field at the source and rescan the log sample.
package controls.privacy.PRIV_03

import data.lib.findings as say

logs := input.evidence["prediction-log"]

# Treatments that tell of a scan of logs.
scans := [scan | some scan in input.evidence["privacy-treatment"]; is_number(scan.predicate.pii_leaks)]

satisfied contains "logs-masked" if {
	count(logs) > 0
	every log in logs {
		log.predicate.pii_masked == true
	}
}

satisfied contains "scans-clean" if {
	count(scans) > 0
	every scan in scans {
		scan.predicate.pii_leaks == 0
	}
}

findings contains say.also(open, {"observed": log.predicate.data_class}) if {
	some log in logs
	log.predicate.pii_masked == false
	open := say.breach("logs-masked", log, "pii_masked", "personal payload is not masked in a log of class {observed}")
}

findings contains say.none("scans-clean", "evidence/privacy-treatment", "no scan of log samples is on record") if count(scans) == 0

findings contains say.also(leaky, {"observed": scan.predicate.pii_leaks, "expected": 0}) if {
	some scan in scans
	scan.predicate.pii_leaks > 0
	leaky := say.breach("scans-clean", scan, "pii_leaks", "a scan found personal data in log samples {observed} times")
}
