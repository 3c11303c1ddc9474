# METADATA
# title: Prohibited-practice screen complete
# description: >-
#   A person answered every point of Art 5(1) for this system and signed, and no answer is yes. Before
#   `prohibited_new_from` a yes to point (ba) or (bb) is no breach yet. Read strictly: both points are answered before
#   that day too, and a yes to a point that nobody asked about is a breach.
# custom:
#   severity: blocker
#   basis: law
#   mode: attested
#   gates: [registration]
#   applies_from: D-PROH
#   evidence: [statement:prohibited-screen]
#   parameters: [prohibited_new_from, prohibited_points]
#   objectives:
#     screen-complete: {says: A person answered every point of Art 5(1) and signed the answers.}
#     no-prohibited-practice: {says: No point of Art 5(1) that is in force is answered yes.}
#   frameworks: {eu-ai-act: ["5(1)"], nist-ai-rmf: ["GOVERN 1.1", "MAP 1.1"], iso-42001: ["A.5.4", "A.9.4"]}
#   remediation: Have a named person answer and sign all ten points; a yes means the system must not be used.
package controls.eu_prohibited.EUAIA_05_1

import data.lib.findings as say
import data.lib.records
import data.risk.facts
import data.risk.prohibited

screens := input.evidence["statement:prohibited-screen"]

satisfied contains "screen-complete" if {
	count(screens) > 0
	every screen in screens {
		records.covers(object.keys(screen.predicate.facts.answers), data.parameters.prohibited_points)
	}
}

satisfied contains "no-prohibited-practice" if {
	count(screens) > 0
	facts.day_known
	every screen in screens {
		count(screen.predicate.facts.answers) > 0
		every point, answer in screen.predicate.facts.answers {
			allowed(point, answer)
		}
	}
}

allowed(_, answer) if answer == "no"

allowed(point, "yes") if prohibited.in_force(point) == false

findings contains say.also(open, {"values": {"point": point}}) if {
	some screen in screens
	some point in data.parameters.prohibited_points
	not point in object.keys(screen.predicate.facts.answers)
	open := say.gap("screen-complete", screen, "facts.answers", "point ({point}) of Art 5(1) is not answered")
}

findings contains say.gap("no-prohibited-practice", screen, "facts.answers", "the screen holds no answer") if {
	some screen in screens
	count(screen.predicate.facts.answers) == 0
}

findings contains say.also(found, {"observed": "yes", "expected": "no", "values": {"point": point}}) if {
	some screen in screens
	some point, answer in screen.predicate.facts.answers
	not allowed(point, answer)
	found := say.breach("no-prohibited-practice", screen, "facts.answers", "point ({point}) of Art 5(1) is answered yes")
}
