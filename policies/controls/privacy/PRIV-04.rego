# METADATA
# title: No personal data inside model packages
# description: >-
#   Every manifest of the candidate found no personal data in the files that travel with the model. Validation counts what
#   reads like an e-mail address, a social security number or an IBAN in the texts of the model file; of files beside it the
#   build's own scanner tells in a manifest of its own, which counts as well. Names of persons no scan finds.
# custom:
#   severity: blocker
#   basis: policy
#   gates: [staging]
#   evidence: [artifact-manifest]
#   objectives:
#     no-personal-data: {says: The package of the model holds no personal data., covers: [S3.M2.7]}
#   frameworks: {gdpr: ["5(1)(c)", "25"], nist-ai-rmf: ["MEASURE 2.10"]}
#   remediation: Remove the personal data from the bundled files and build again.
package controls.privacy.PRIV_04

import data.lib.findings as say

manifests := input.evidence["artifact-manifest"]

satisfied contains "no-personal-data" if {
	count(manifests) > 0
	every manifest in manifests {
		manifest.predicate.pii_scan_hits == 0
	}
}

findings contains say.also(found, {"observed": manifest.predicate.pii_scan_hits, "expected": 0}) if {
	some manifest in manifests
	manifest.predicate.pii_scan_hits > 0
	found := say.breach("no-personal-data", manifest, "pii_scan_hits", "personal data stand in the package {observed} times")
}
