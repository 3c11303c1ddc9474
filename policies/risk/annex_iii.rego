# METADATA
# title: Route B, Art 6(2), 6(3) and Annex III
# description: >-
#   Points answered yes count unless Annex III itself takes the use out, which it does only where that use is the only one
#   (`sole_use`) and no decision says otherwise: 1a where biometrics only verify a claimed identity, 5b where the task is
#   fraud detection, 7d where it is travel document verification, 8b where it is campaign logistics. A use that other
#   answers show while its point is not answered yes is a contradiction (risk.contradictions), and the tier undetermined.
#   The derogation of Art 6(3) needs the claim, a condition (a) to (d), no significant risk, and no profiling: profiling of
#   natural persons always makes an Annex III system high risk, and what points 5b, 5c and 6e name is profiling whatever
#   `profiling` says, and so is every use whose name is to evaluate the performance, conduct or risk of persons. It is
#   refused where the system alone takes decisions of significant effect, since then it does influence their outcome.
package risk.annex_iii

exclusions := {
	"1a": "verification of a claimed identity",
	"5b": "detection of financial fraud",
	"7d": "verification of travel documents",
	"8b": "campaign tools that voters are not exposed to",
}

# Points that count, sorted.
points(q) := sort([point | some point, answer in q.annex_iii_answers; answer == "yes"; not taken_out(q, point)])

taken_out(q, point) if {
	excepted(q, point)
	q.sole_use == true
	not decided_too(q, point)
}

excepted(q, "1a") if {
	q.biometric_kind == "verification"
	q.context != "public-space"
}

excepted(q, "5b") if q.task == "fraud-detection"

excepted(q, "7d") if q.task == "travel-document-verification"

excepted(q, "8b") if q.task == "campaign-logistics"

decided_too(q, point) if {
	some word in q.decisions
	point in data.risk.vocabulary.decisions[word].points
}

# How Art 6(3) stands: profiling, derogated, refused or not-claimed; of interest where a point counts.
derogation(q) := "profiling" if {
	q.profiling == true
} else := "not-claimed" if {
	q.derogation_claimed == false
} else := "profiling" if {
	profiles_by_nature(q)
} else := "derogated" if {
	q.derogation_claimed == true
	q.profiling == false
	q.no_significant_risk == true
	count(q.derogation_conditions) > 0
	influence_limited(q)
} else := "refused"

profiles_by_nature(q) if {
	some point in points(q)
	point in {"5b", "5c", "6e"}
}

# What GDPR Art 4(4) calls profiling: the performance, conduct or reliability of a person is evaluated. Where a point of
# Annex III holds it is that of persons, whatever is said of personal data.
profiles_by_nature(q) if q.task in evaluating_tasks

profiles_by_nature(q) if {
	some word in q.decisions
	word in evaluating_decisions
}

evaluating_tasks := {
	"candidate-ranking", "criminal-profiling", "migration-risk", "offence-risk", "performance-evaluation", "predictive-policing",
	"recidivism-risk", "worker-monitoring",
}

evaluating_decisions := {"criminal-profile", "migration-risk", "offending-risk", "work-performance"}

influence_limited(q) if q.solely_automated == false

# Who decides alone what Annex III names does influence the outcome, whatever is said of its effect.
influence_limited(q) if {
	q.significant_effect == false
	count(decided_points(q)) == 0
}

decided_points(q) := {point | some word in q.decisions; some point in data.risk.vocabulary.decisions[word].points}

articles(q) := sort([concat(" ", ["Annex III", named(point)]) | some point in points(q)])

# `5b` as the Act writes it: 5(b).
named(point) := concat("", [substring(point, 0, 1), "(", substring(point, 1, -1), ")"]) if substring(point, 1, -1) != ""

named(point) := point if substring(point, 1, -1) == ""

# Why the route leads where it does, in words.
reasons(q) := array.concat(
	array.concat(
		[concat("", ["Annex III point ", named(point), " is answered yes (Art 6(2))"]) | some point in points(q)],
		[concat("", ["Annex III point ", named(point), " does not reach ", exclusions[point]]) |
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
