# METADATA
# title: Runtime image pinned and reproducible
# description: >-
#   The runtime image of the package is named by its digest, every dependency in it is pinned, and each deployment of the
#   model runs that image; in staging it has accepted form and carries the labels of its build. Before the first deployment
#   the image alone is judged. That every dependency is pinned is the word of whoever built the package.
# custom:
#   severity: major
#   basis: policy
#   gates: [staging, production]
#   evidence: [artifact-manifest, deployment-record, feed-status]
#   parameters: [image_formats]
#   objectives:
#     runtime-frozen:
#       says: "The image is named by digest, pins every dependency, and is the one that is deployed."
#       covers: [S2.M3.3]
#     image-rebuildable:
#       says: "The image has an accepted form, pins every dependency and has the labels of its build."
#       at: [staging]
#       covers: [S3.M2.1]
#       reads: [artifact-manifest]
#   may_stand_beside: {feed-status.feed: another feed says nothing of deployments}
#   frameworks: {nist-ai-rmf: ["GOVERN 6.1", "MAP 4.1"], iso-42001: ["A.4.4"]}
#   remediation: Pin every dependency by digest and rebuild the image.
package controls.integrity.SUP_04

import data.lib.deployments
import data.lib.findings as say
import data.lib.records

manifests := input.evidence["artifact-manifest"]

deployed := input.evidence["deployment-record"]

ours := deployments.of_candidate(deployed)

whole if deployments.all_seen(deployed, input.evidence["feed-status"])

satisfied contains "runtime-frozen" if {
	whole
	count(manifests) > 0
	every manifest in manifests {
		pinned(manifest)
		count([deployment | some deployment in ours; not deployment.predicate.image_digest == manifest.predicate.image_digest]) == 0
	}
}

satisfied contains "image-rebuildable" if {
	count(manifests) > 0
	every manifest in manifests {
		manifest.predicate.image_format in data.parameters.image_formats
		manifest.predicate.pinned_dependencies == true
		count(manifest.predicate.build_labels) > 0
	}
}

names_image(manifest) if records.named(manifest.predicate.image_digest)

pinned(manifest) if {
	names_image(manifest)
	manifest.predicate.pinned_dependencies == true
}

findings contains deployments.gap("runtime-frozen", deployed, input.evidence["feed-status"]) if not whole

findings contains say.gap("runtime-frozen", manifest, "image_digest", "the manifest does not name the image") if {
	some manifest in manifests
	not names_image(manifest)
}

findings contains say.breach(objective, manifest, "pinned_dependencies", "not every dependency of the image is pinned") if {
	some manifest in manifests
	manifest.predicate.pinned_dependencies == false
	some objective in ["runtime-frozen", "image-rebuildable"]
}

findings contains say.also(other, {"observed": image, "expected": named}) if {
	some manifest in manifests
	some deployment in ours
	named := manifest.predicate.image_digest
	image := deployment.predicate.image_digest
	image != named
	other := say.breach("runtime-frozen", deployment, "image_digest", "another image is deployed than was packaged")
}

findings contains say.also(odd, {"observed": form, "expected": data.parameters.image_formats}) if {
	some manifest in manifests
	form := object.get(manifest.predicate, "image_format", "unknown")
	not form in data.parameters.image_formats
	odd := say.gap("image-rebuildable", manifest, "image_format", "the form of the image is not an accepted one")
}

findings contains say.gap("image-rebuildable", manifest, "build_labels", "the image carries no label of its build") if {
	some manifest in manifests
	count(object.get(manifest.predicate, "build_labels", {})) == 0
}
