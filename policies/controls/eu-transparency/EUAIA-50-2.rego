# METADATA
# title: Synthetic content marked and detectable
# description: >-
#   For each kind of content that the system generates, every probe of the marks of this version shows, on enough outputs
#   and at the worse end of its intervals, that outputs carry a mark and that the detector finds it; or every questionnaire
#   claims an exception of Art 50(2) that the law knows, for a reason that two persons signed. What is generated is its word
#   too. That a generative system from before 2 August 2026 has until 2 December 2026 (Art 111(4)) is not told apart.
# custom:
#   severity: blocker
#   basis: law
#   tiers: [transparency]
#   roles: [provider]
#   gates: [validation, production]
#   applies_from: D-MARK
#   evidence: {interface-probe: measured, risk-questionnaire: any}
#   applies: [interface-probe, risk-questionnaire]
#   parameters: [min_detector_recall, min_mark_presence, min_marking_sample]
#   objectives:
#     outputs-marked: {says: Enough outputs of each generated kind carry a mark.}
#     marks-found: {says: The detector finds the marks of each generated kind.}
#   may_be_empty: {risk-questionnaire.signature.roles: the roles of who signed count for the reviewer of a claim alone}
#   may_stand_beside:
#     interface-probe.modality: a probe of another kind of content says nothing of this one
#     interface-probe.subject: a probe of another version says nothing of this one
#     interface-probe.target: a probe of something else says nothing of the marks
#     risk-questionnaire.signature.signer: one more person who signed the same answers takes nothing away from the others
#   frameworks: {eu-ai-act: ["50(2)", "111(4)"], nist-ai-600-1: [Information integrity]}
#   remediation: Mark the outputs of the modality that failed and repeat the detection test.
package controls.eu_transparency.EUAIA_50_2

import data.lib.findings as say
import data.lib.records
import data.risk.grounds

questionnaires := input.evidence["risk-questionnaire"]

applies if {
	some questionnaire in questionnaires
	count(questionnaire.predicate.generates) > 0
}

# Where marks are probed something is generated, whatever the answers say.
applies := false if {
	count(questionnaires) > 0
	count(all_probes) == 0
	every questionnaire in questionnaires {
		count(questionnaire.predicate.generates) == 0
	}
}

generated := {modality | some questionnaire in questionnaires; some modality in questionnaire.predicate.generates}

all_probes := [probe | some probe in input.evidence["interface-probe"]; probe.predicate.target == "content-mark"]

# Of this version: the marks of another say nothing of it.
probes(modality) := [probe |
	some probe in all_probes
	probe.predicate.modality == modality
	records.names_candidate(probe)
]

satisfied contains "outputs-marked" if excepted

satisfied contains "marks-found" if excepted

# Every questionnaire claims a ground of Art 50(2) that two persons signed.
excepted if {
	count(questionnaires) > 0
	every questionnaire in questionnaires {
		count(questionnaire.predicate.generates) > 0
		grounds.lifts(grounds.signed(questionnaire), "marking_exception", "Art 50(2)")
	}
}

satisfied contains "outputs-marked" if {
	count(generated) > 0
	every modality in generated {
		count(probes(modality)) > 0
		every probe in probes(modality) {
			marked(probe.predicate)
		}
	}
}

satisfied contains "marks-found" if {
	count(generated) > 0
	every modality in generated {
		count(probes(modality)) > 0
		every probe in probes(modality) {
			found(probe.predicate)
		}
	}
}

marked(probe) if {
	probe.sample_size >= data.parameters.min_marking_sample
	probe.mark_presence.n >= data.parameters.min_marking_sample
	probe.mark_presence.ci_high <= 1
	probe.mark_presence.ci_low >= data.parameters.min_mark_presence
}

found(probe) if {
	probe.sample_size >= data.parameters.min_marking_sample
	probe.detector_recall.n >= data.parameters.min_marking_sample
	probe.detector_recall.ci_high <= 1
	probe.detector_recall.ci_low >= data.parameters.min_detector_recall
}

findings contains say.also(unprobed, {"values": {"modality": modality}}) if {
	not excepted
	some modality in generated
	count(probes(modality)) == 0
	some objective in ["outputs-marked", "marks-found"]
	unprobed := say.none(objective, "modality", "no probe of the marks of generated {modality} is recorded")
}

findings contains say.also(unmarked, {"expected": data.parameters.min_mark_presence, "values": {"modality": modality}}) if {
	not excepted
	some modality in generated
	some probe in probes(modality)
	not is_marked(probe)
	unmarked := say.breach("outputs-marked", probe, "mark_presence", "of generated {modality}, too few outputs may carry a mark, or too few were sampled")
}

is_marked(probe) if marked(probe.predicate)

findings contains say.also(lost, {"expected": data.parameters.min_detector_recall, "values": {"modality": modality}}) if {
	not excepted
	some modality in generated
	some probe in probes(modality)
	not is_found(probe)
	lost := say.breach("marks-found", probe, "detector_recall", "of generated {modality}, the detector may find too few marks, or too few outputs were sampled")
}

is_found(probe) if found(probe.predicate)
