# METADATA
# title: Model and system cards reviewed in the pipeline
# description: >-
#   Model card and technical file of the version each name a reviewer who did not sign them, and the pipeline that built the
#   artifact has passed a gate for each review, `model-card-review` and `system-card-review`. Read strictly: every run of the
#   pipeline on this artifact must show both, and every current card and file its reviewer.
# custom:
#   severity: major
#   basis: policy
#   mode: hybrid
#   gates: [staging, production]
#   evidence: [ci-run, model-card, technical-file]
#   objectives:
#     cards-reviewed:
#       says: Model card and technical file were reviewed by somebody else than their signers.
#       covers: [S3.M1.8]
#       reads: [model-card, technical-file]
#     pipeline-gates-passed: {says: The pipeline passed the gates of both reviews., covers: [S3.M1.8], reads: [ci-run]}
#   frameworks: {nist-ai-rmf: ["MEASURE 2.8"], iso-42001: ["A.6.2.7", "A.8.2"]}
#   remediation: Review both cards and let the pipeline gate record it.
package controls.documentation.DOC_02

import data.lib.findings as say
import data.lib.records

cards := input.evidence["model-card"]

files := input.evidence["technical-file"]

builds := input.evidence["ci-run"]

satisfied contains "cards-reviewed" if {
	count(cards) > 0
	every card in cards {
		reviewed(card)
	}
	count(files) > 0
	every file in files {
		reviewed(file)
	}
}

satisfied contains "pipeline-gates-passed" if {
	count(builds) > 0
	every build in builds {
		records.on_candidate(build)
		build.predicate.gates["model-card-review"] == "passed"
		build.predicate.gates["system-card-review"] == "passed"
	}
}

reviewed(document) if {
	some person in document.predicate.reviewed_by
	records.named(person.id)
	person.id != document.signature.signer
}

findings contains say.breach("cards-reviewed", document, "reviewed_by", "nobody but its signer reviewed the document") if {
	some documents in [cards, files]
	some document in documents
	not reviewed(document)
}

findings contains say.also(open, {"expected": review}) if {
	some build in builds
	some review in ["model-card-review", "system-card-review"]
	not build.predicate.gates[review] == "passed"
	open := say.breach("pipeline-gates-passed", build, "gates", "the pipeline did not pass the gate {expected}")
}
