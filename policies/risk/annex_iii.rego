# METADATA
# title: Route B, Art 6(2), 6(3) and Annex III
# description: >-
#   Points answered yes count unless Annex III itself takes the use out: 1a where biometrics only verify a claimed
#   identity, 5b where the task is fraud detection, 7d where it is travel document verification, 8b where it is campaign
#   logistics. A use that other answers show while its point is answered no is a contradiction, and the tier
#   undetermined. The derogation of Art 6(3) needs the claim, a condition (a) to (d), no significant risk, and no
#   profiling: profiling of natural persons always makes an Annex III system high risk. It is refused where the system
#   alone takes decisions of significant effect, since then it does influence their outcome.
package risk.annex_iii

exclusions := {
	"1a": "verification of a claimed identity",
	"5b": "detection of financial fraud",
	"7d": "verification of travel documents",
	"8b": "campaign tools that voters are not exposed to",
}

# Points that count, sorted.
points(q) := sort([point | some point, answer in q.annex_iii_answers; answer == "yes"; not taken_out(q, point)])

taken_out(q, "1a") if q.biometric_kind == "verification"

taken_out(q, "5b") if q.task == "fraud-detection"

taken_out(q, "7d") if q.task == "travel-document-verification"

taken_out(q, "8b") if q.task == "campaign-logistics"

# How Art 6(3) stands: profiling, derogated, refused or not-claimed; of interest where a point counts.
derogation(q) := "profiling" if {
	q.profiling == true
} else := "not-claimed" if {
	q.derogation_claimed == false
} else := "derogated" if {
	q.derogation_claimed == true
	q.profiling == false
	q.no_significant_risk == true
	count(q.derogation_conditions) > 0
	influence_limited(q)
} else := "refused"

influence_limited(q) if q.solely_automated == false

influence_limited(q) if q.significant_effect == false

articles(q) := sort([sprintf("Annex III %s", [named(point)]) | some point in points(q)])

# `5b` as the Act writes it: 5(b).
named(point) := sprintf("%s(%s)", [substring(point, 0, 1), substring(point, 1, -1)]) if substring(point, 1, -1) != ""

named(point) := point if substring(point, 1, -1) == ""

# Why the route leads where it does, in words.
reasons(q) := array.concat(
	array.concat(
		[sprintf("Annex III point %s is answered yes (Art 6(2))", [named(point)]) | some point in points(q)],
		[sprintf("Annex III point %s does not reach %s", [named(point), exclusions[point]]) |
			some point in ["1a", "5b", "7d", "8b"]
			data.risk.facts.said_yes(q, point)
			taken_out(q, point)
		],
	),
	[text | count(points(q)) > 0; text := derogation_reasons[derogation(q)]],
)

derogation_reasons := {
	"profiling": "profiles natural persons: no derogation is possible (Art 6(3), last sentence)",
	"derogated": "taken out of high risk by Art 6(3); the assessment of Art 6(4) and registration by Art 49(2) are due",
	"refused": "the derogation of Art 6(3) is claimed and its conditions do not all hold",
}

# Uses that the answers show, with the point that they fall under.
shows(q, "1a") if q.biometric_kind in {"remote-identification", "real-time-remote", "post-remote"}

shows(q, "1a") if {
	q.task == "face-recognition"
	q.biometric_kind != "verification"
}

shows(q, "1c") if data.risk.facts.infers_emotions(q)

shows(q, "5b") if {
	q.task == "credit-scoring"
	about_persons(q)
}

about_persons(q) if q.personal_data == true

about_persons(q) if q.profiling == true

# Contradictions, in words.
doubts(q) := [sprintf("other answers show the use of Annex III point %s, which is not answered yes", [named(point)]) |
	some point in ["1a", "1c", "5b"]
	shows(q, point)
	not data.risk.facts.said_yes(q, point)
]
