# METADATA
# title: Training-content summary published
# description: >-
#   Every probe of the published summary of training content found it at its address, and what was found is what was
#   approved, by digest. Which document was approved is what the collector was told.
# custom:
#   pack: gpai
#   severity: major
#   basis: law
#   tiers: [gpai]
#   roles: [gpai-provider]
#   gates: [production]
#   applies_from: D-GPAI
#   evidence: {interface-probe: measured, risk-questionnaire: any}
#   applies: [risk-questionnaire]
#   objectives:
#     summary-published:
#       says: The approved summary of training content is published.
#       reads: [interface-probe]
#   may_stand_beside:
#     interface-probe.document_kind: a probe of another document says nothing of the summary
#     interface-probe.target: a probe of something else says nothing of the summary
#   frameworks: {eu-ai-act: ["53(1)(d)"]}
#   remediation: Publish the approved training-content summary.
package controls.gpai.EUAIA_53_3

import data.lib.findings as say
import data.risk.gpai

questionnaires := input.evidence["risk-questionnaire"]

probes := [probe |
	some probe in input.evidence["interface-probe"]
	probe.predicate.target == "public-document"
	probe.predicate.document_kind == "training-content-summary"
]

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

satisfied contains "summary-published" if {
	count(probes) > 0
	every probe in probes {
		published(probe.predicate)
	}
}

published(probe) if {
	probe.present == true
	probe.resolves == true
	probe.document_digest == probe.approved_digest
}

findings contains say.none("summary-published", "document_kind", "no probe of the summary of training content is recorded") if count(probes) == 0

findings contains say.breach("summary-published", probe, "document_digest", "the summary of training content was not found, or is not the one that was approved") if {
	some probe in probes
	not is_published(probe)
}

is_published(probe) if published(probe.predicate)
