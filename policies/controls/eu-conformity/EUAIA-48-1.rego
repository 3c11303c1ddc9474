# METADATA
# title: CE marking displayed
# description: >-
#   Every probe of the CE marking found it, with the number of the notified body where one took part: where an assessment
#   took the route of Annex VII, or names a body. What was probed is what the collector was pointed at.
# custom:
#   severity: major
#   basis: law
#   mode: hybrid
#   tiers: [high]
#   roles: [provider]
#   gates: [production]
#   applies_from: D-HR-OPEN
#   evidence: {conformity-record: any, interface-probe: measured}
#   objectives:
#     marking-shown:
#       says: The CE marking is shown.
#       reads: [interface-probe]
#     body-number-shown: {says: The number of the notified body is shown where one took part.}
#   may_stand_beside:
#     conformity-record.kind: a record of another kind says nothing of the assessment
#     interface-probe.target: a probe of something else says nothing of the marking
#   frameworks: {eu-ai-act: ["48"]}
#   remediation: "Show the CE marking, with the notified body number where one took part."
package controls.eu_conformity.EUAIA_48_1

import data.lib.findings as say

probes := [probe | some probe in input.evidence["interface-probe"]; probe.predicate.target == "ce-mark"]

assessments := [record | some record in input.evidence["conformity-record"]; record.predicate.kind == "assessment"]

satisfied contains "marking-shown" if {
	count(probes) > 0
	every probe in probes {
		probe.predicate.present == true
	}
}

satisfied contains "body-number-shown" if {
	count(probes) > 0
	count(assessments) > 0
	every assessment in assessments {
		every probe in probes {
			numbered(assessment.predicate, probe.predicate)
		}
	}
}

# Without a notified body there is no number.
numbered(assessment, _) if {
	assessment.route in {"annex-vi", "sectoral"}
	not assessment.notified_body_number
}

numbered(_, probe) if probe.notified_body_number_shown == true

findings contains say.none(objective, "target", "no probe of the CE marking is recorded") if {
	count(probes) == 0
	some objective in ["marking-shown", "body-number-shown"]
}

findings contains say.breach("marking-shown", probe, "present", "the CE marking is not shown") if {
	some probe in probes
	probe.predicate.present == false
}

findings contains say.none("body-number-shown", "kind", "no conformity assessment says whether a notified body took part") if count(assessments) == 0

findings contains say.breach("body-number-shown", probe, "notified_body_number_shown", "the number of the notified body is not shown beside the CE marking") if {
	some probe in probes
	some assessment in assessments
	not shown(assessment, probe)
}

shown(assessment, probe) if numbered(assessment.predicate, probe.predicate)
