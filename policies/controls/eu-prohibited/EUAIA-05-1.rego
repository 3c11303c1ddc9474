# METADATA
# title: Prohibited-practice screen complete
# description: >-
#   A person answered every point of Art 5(1) and signed, and no answer is yes. Before `prohibited_new_from` a yes to
#   point (ba) or (bb) is no breach yet. Read strictly: both points are answered before that day too, and a yes to a
#   point that nobody asked about is a breach.
# custom:
#   severity: blocker
#   basis: law
#   mode: attested
#   gates: [registration]
#   applies_from: D-PROH
#   evidence: [statement:prohibited-screen]
#   parameters: [prohibited_new_from, prohibited_points]
#   objectives:
#     screen-complete:
#       says: A person answered every point of Art 5(1) and signed the answers.
#     no-prohibited-practice:
#       says: No point of Art 5(1) that is in force is answered yes.
#   frameworks:
#     eu-ai-act: ["5(1)"]
#     nist-ai-rmf: ["GOVERN 1.1", "MAP 1.1"]
#     iso-42001: ["A.5.4", "A.9.4"]
#   remediation: Have a named person answer and sign all ten points; a yes means the system must not be used.
package controls.eu_prohibited.EUAIA_05_1

import data.risk.facts
import data.risk.prohibited

# Statements that are screens, or do not say what else they are.
screens := [statement |
	some statement in input.evidence["statement:prohibited-screen"]
	not of_other_type(statement)
]

of_other_type(statement) if statement.predicate.statement_type != "prohibited-screen"

satisfied contains "screen-complete" if {
	count(screens) > 0
	count(data.parameters.prohibited_points) > 0
	every screen in screens {
		screen.predicate.statement_type == "prohibited-screen"
		screen.signature.state == "verified"
		screen.signature.kind == "person"
		every point in data.parameters.prohibited_points {
			answered(screen, point)
		}
	}
}

satisfied contains "no-prohibited-practice" if {
	count(screens) > 0
	facts.day_known
	every screen in screens {
		answers := screen.predicate.facts.answers
		is_object(answers)
		count(answers) > 0
		every point, answer in answers {
			allowed(point, answer)
		}
	}
}

answered(screen, point) if screen.predicate.facts.answers[point] in {"yes", "no"}

asked(point) if point in data.parameters.prohibited_points

any_answer(screen) if {
	answers := screen.predicate.facts.answers
	is_object(answers)
	count(answers) > 0
}

allowed(_, answer) if answer == "no"

allowed(point, "yes") if prohibited.in_force(point) == false

findings contains finding if {
	count(screens) == 0
	some objective in ["screen-complete", "no-prohibited-practice"]
	finding := {
		"objective": objective,
		"message": "there is no current screen of the points of Art 5(1)",
		"gap": true,
		"expected": "prohibited-screen",
		"path": "statement_type",
	}
}

findings contains finding if {
	some screen in screens
	some point in data.parameters.prohibited_points
	not answered(screen, point)
	finding := {
		"objective": "screen-complete",
		"message": sprintf("point (%s) of Art 5(1) is not answered", [point]),
		"gap": true,
		"evidence": screen.id,
		"expected": ["no", "yes"],
		"path": sprintf("facts.answers.%s", [point]),
	}
}

findings contains finding if {
	some screen in screens
	not any_answer(screen)
	finding := {
		"objective": "no-prohibited-practice",
		"message": "the screen holds no answer",
		"gap": true,
		"evidence": screen.id,
		"path": "facts.answers",
	}
}

findings contains finding if {
	some screen in screens
	some point in data.parameters.prohibited_points
	screen.predicate.facts.answers[point] == "yes"
	not allowed(point, "yes")
	finding := {
		"objective": "no-prohibited-practice",
		"message": sprintf("point (%s) of Art 5(1) is answered yes", [point]),
		"evidence": screen.id,
		"observed": "yes",
		"expected": "no",
		"path": sprintf("facts.answers.%s", [point]),
	}
}

findings contains finding if {
	some screen in screens
	answers := screen.predicate.facts.answers
	is_object(answers)
	some point, answer in answers
	not asked(point)
	not allowed(point, answer)
	finding := {
		"objective": "no-prohibited-practice",
		"message": "a point that nobody asked about is not answered no",
		"evidence": screen.id,
		"observed": point,
		"path": "facts.answers",
	}
}
