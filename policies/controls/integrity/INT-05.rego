# METADATA
# title: Licence and data-use terms permit the deployment
# description: >-
#   The package has a licence that the organisation has cleared, and no deployment of it serves a purpose that the terms of
#   that licence or the data-use limits of the package shut out. Purposes are compared as texts, without regard to capitals,
#   one within the other: a purpose that is told in other words is not found out, so limits are best written as the
#   organisation's names of purposes. Before the first deployment the cleared licence is all that is judged.
# custom:
#   severity: major
#   basis: policy
#   gates: [registration, staging]
#   evidence: [artifact-manifest, deployment-record, feed-status]
#   parameters: [licence_terms]
#   objectives:
#     licence-cleared:
#       says: The organisation has cleared the licence of the package.
#       covers: [S3.M2.3]
#       reads: [artifact-manifest]
#     purpose-permitted: {says: Neither licence nor data-use limits shut out the purpose of any deployment., covers: [S3.M2.3]}
#   may_be_empty: {artifact-manifest.data_use_limits: data may be free for any purpose}
#   may_stand_beside:
#     feed-status.feed: another feed says nothing of deployments
#   frameworks: {nist-ai-rmf: ["MAP 4.1", "GOVERN 6.1"], eu-ai-act: ["25(4)"]}
#   remediation: Clear the licence for this purpose or deploy another model.
package controls.integrity.INT_05

import data.lib.deployments
import data.lib.findings as say
import data.lib.records
import data.lib.text

manifests := input.evidence["artifact-manifest"]

deployed := input.evidence["deployment-record"]

whole if deployments.all_seen(deployed, input.evidence["feed-status"])

ours := deployments.of_candidate(deployed)

cleared(manifest) if is_array(data.parameters.licence_terms[manifest.predicate.licence])

satisfied contains "licence-cleared" if {
	count(manifests) > 0
	every manifest in manifests {
		cleared(manifest)
	}
}

satisfied contains "purpose-permitted" if {
	whole
	count(manifests) > 0
	every manifest in manifests {
		cleared(manifest)
		is_array(manifest.predicate.data_use_limits)
		count([deployment | some deployment in ours; not permitted(deployment, manifest)]) == 0
	}
}

permitted(deployment, manifest) if {
	records.filled(deployment.predicate.purpose)
	count(clashes(deployment, manifest)) == 0
}

clashes(deployment, manifest) := [limit |
	some limit in array.concat(manifest.predicate.data_use_limits, data.parameters.licence_terms[manifest.predicate.licence])
	alike(deployment.predicate.purpose, limit)
]

alike(purpose, limit) if contains(text.lower(purpose), text.lower(limit))

alike(purpose, limit) if contains(text.lower(limit), text.lower(purpose))

findings contains deployments.gap("purpose-permitted", deployed, input.evidence["feed-status"]) if not whole

findings contains say.also(open, {"observed": manifest.predicate.licence}) if {
	some manifest in manifests
	not cleared(manifest)
	some objective in ["licence-cleared", "purpose-permitted"]
	open := say.gap(objective, manifest, "licence", "nobody has cleared the licence {observed}")
}

findings contains say.also(clash, {"observed": deployment.predicate.purpose, "expected": limit}) if {
	some manifest in manifests
	some deployment in ours
	some limit in clashes(deployment, manifest)
	clash := say.breach("purpose-permitted", deployment, "purpose", "the purpose of the deployment, {observed}, is shut out: {expected}")
}
