# METADATA
# title: Prohibited practices (Art 5(1))
# description: >-
#   Practices that the answers of the questionnaire show; the signed screen of all ten points is control EUAIA-05-1.
#   Some tasks are a practice by their name. Points (ba) and (bb) are prohibited from
#   parameters.prohibited_new_from on, and announced before. Where a practice is likely and the fact that decides it is
#   not in the questionnaire, that is a doubt, and the tier undetermined.
package risk.prohibited

says := {
	"ba": "generates or manipulates intimate material of identifiable persons without their consent",
	"bb": "generates or manipulates child sexual abuse material",
	"c": "scores persons on social behaviour with significant effect on them",
	"d": "predicts offences solely from profiling or personality traits",
	"e": "builds a face recognition database by untargeted scraping",
	"f": "infers emotions at work or in education without a medical or safety ground",
	"g": "categorises persons biometrically by sensitive traits without a lawful exception",
	"h": "identifies persons remotely in real time in public space without a lawful exception",
}

# Points of Art 5(1) that the answers show, in the Act's order, whether in force or not.
shown(q) := [point | some point in ["ba", "bb", "c", "d", "e", "f", "g", "h"]; practice(q, point)]

# Those of them in force at input.now.
points(q) := [point | some point in shown(q); in_force(point)]

articles(q) := [sprintf("Art 5(1)(%s)", [point]) | some point in points(q)]

reasons(q) := [sprintf("prohibited by Art 5(1)(%s): %s", [point, says[point]]) | some point in points(q)]

announced(q) := [sprintf("prohibited from %s by Art 5(1)(%s): %s", [data.parameters.prohibited_new_from, point, says[point]]) |
	some point in shown(q)
	not in_force(point)
]

practice(q, "ba") if q.task == "intimate-imagery"

practice(q, "bb") if q.task == "child-abuse-material"

practice(q, "e") if q.task == "untargeted-face-scraping"

practice(q, "c") if {
	q.task == "social-scoring"
	q.significant_effect == true
}

# Solely: nobody assesses the case, or the owner does not even claim point 6d, which is for what goes beyond profiling.
practice(q, "d") if {
	q.task == "offence-risk"
	q.profiling == true
	q.solely_automated == true
}

practice(q, "d") if {
	q.task == "offence-risk"
	q.profiling == true
	data.risk.facts.point_answered(q, "6d")
	not data.risk.facts.said_yes(q, "6d")
}

practice(q, "f") if {
	data.risk.facts.infers_emotions(q)
	at_work_or_school(q)
	not data.risk.facts.stated(q, "medical_or_safety_ground")
}

practice(q, "g") if {
	q.biometric_kind == "categorisation"
	data.risk.facts.said_yes(q, "1b")
	not data.risk.facts.stated(q, "lawful_exception")
}

practice(q, "h") if {
	q.biometric_kind == "real-time-remote"
	q.context == "public-space"
	not data.risk.facts.stated(q, "lawful_exception")
}

at_work_or_school(q) if q.context in {"workplace", "education"}

at_work_or_school(q) if {
	some point, answer in q.annex_iii_answers
	answer == "yes"
	substring(point, 0, 1) in {"3", "4"}
}

in_force(point) := false if {
	point in {"ba", "bb"}
	data.lib.time.day_of(input.now) < data.parameters.prohibited_new_from
} else := true

# What a practice may hang on and nobody answered, in words.
doubts(q) := [text | some topic in ["scoring", "offences", "place"]; text := doubt(q, topic)]

doubt(q, "scoring") := "social scoring: whether the score harms persons is not told (Art 5(1)(c))" if {
	q.task == "social-scoring"
	not practice(q, "c")
}

doubt(q, "offences") := "offence risk: that it goes beyond traits and profiling is not claimed under Annex III 6d (Art 5(1)(d))" if {
	q.task == "offence-risk"
	not practice(q, "d")
	not data.risk.facts.said_yes(q, "6d")
}

doubt(q, "place") := "real-time remote identification: whether the place is open to the public is not told (Art 5(1)(h))" if {
	q.biometric_kind == "real-time-remote"
	q.context in {"general", "justice"}
	not data.risk.facts.stated(q, "lawful_exception")
}
