# METADATA
# title: Prohibited practices (Art 5(1))
# description: >-
#   Practices that the answers of the questionnaire show; the signed screen of all ten points is control EUAIA-05-1.
#   Some tasks are a practice by their name (risk.vocabulary). Points (ba) and (bb) are prohibited from
#   parameters.prohibited_new_from on, and announced before; by Art 5(1a) they reach what is intended, and what is
#   foreseeable and not guarded against. Where a practice is likely and the fact that decides it is not in the
#   questionnaire, that is a doubt, and the tier undetermined. No exclusion of Art 2 hides a practice or such a doubt: who
#   is outside of the Act has no need of one.
package risk.prohibited

import data.risk.facts
import data.risk.grounds
import data.risk.vocabulary

says := {
	"a": "distorts behaviour by manipulation, deception or below awareness, with significant harm",
	"b": "exploits the vulnerable by age, disability or hardship, with significant harm",
	"ba": "generates or manipulates intimate material of identifiable persons without their consent",
	"bb": "generates or manipulates child sexual abuse material",
	"c": "scores persons on social behaviour with significant effect on them",
	"d": "predicts offences solely from profiling or personality traits",
	"e": "builds a face recognition database by untargeted scraping",
	"f": "infers emotions at work or in education without a medical or safety ground",
	"g": "categorises persons biometrically by sensitive traits without a lawful exception",
	"h": "identifies persons remotely in real time in public space for law enforcement without a lawful exception",
}

order := ["a", "b", "ba", "bb", "c", "d", "e", "f", "g", "h"]

# Points of Art 5(1) that the answers show, in the Act's order, whether in force or not.
shown(q) := [point | some point in order; practice(q, point)]

# Those of them in force at input.now.
points(q) := [point | some point in shown(q); in_force(point)]

articles(q) := [article(point) | some point in points(q)]

article(point) := concat("", ["Art 5(1)(", point, ")"])

reasons(q) := array.concat(
	[concat("", ["prohibited by ", article(point), ": ", says[point]]) | some point in points(q)],
	[concat("", [claimed, article(point), unlifted]) | some point in points(q); claims_exception(q, point)],
)

claimed := "an exception is claimed from "

unlifted := " and does not lift it: it takes a ground that the point lists (of law enforcement where it is theirs), a reason that says something, and the signatures of its reviewer, in compliance or as risk officer, and of another person under the same answers"

claims_exception(q, "f") if q.medical_or_safety_ground.claim

claims_exception(q, point) if {
	point in {"g", "h"}
	q.lawful_exception.claim
}

announced(q) := [text |
	some point in shown(q)
	not in_force(point)
	text := concat("", ["prohibited from ", data.parameters.prohibited_new_from, " by ", article(point), ": ", says[point]])
]

practice(q, "a") if {
	influences(q, "a")
	q.influence_harms == true
}

practice(q, "b") if {
	influences(q, "b")
	q.influence_harms == true
}

practice(q, "ba") if vocabulary.practice_of[q.task] == "ba"

practice(q, "ba") if q.intimate_output in {"intended", "unguarded"}

practice(q, "bb") if vocabulary.practice_of[q.task] == "bb"

practice(q, "bb") if q.abuse_output in {"intended", "unguarded"}

practice(q, "e") if vocabulary.practice_of[q.task] == "e"

practice(q, "e") if q.faces_scraped == true

practice(q, "c") if {
	scores_behaviour(q)
	q.significant_effect == true
}

# Solely: nobody assesses the case, or the owner does not even claim point 6d, which is for what goes beyond profiling.
practice(q, "d") if {
	predicts_offences(q)
	q.profiling == true
	q.solely_automated == true
}

practice(q, "d") if {
	predicts_offences(q)
	q.profiling == true
	facts.point_answered(q, "6d")
	not facts.said_yes(q, "6d")
}

practice(q, "f") if {
	facts.infers_emotions(q)
	at_work_or_school(q)
	not grounds.lifts(q, "medical_or_safety_ground", "Art 5(1)(f)")
}

practice(q, "g") if {
	some trait in q.categorised_traits
	vocabulary.traits[trait] == "Art 5(1)(g)"
	not grounds.lifts(q, "lawful_exception", "Art 5(1)(g)")
}

practice(q, "h") if {
	q.biometric_kind == "real-time-remote"
	q.context == "public-space"
	facts.enforces_law(q)
	not grounds.lifts(q, "lawful_exception", "Art 5(1)(h)")
}

scores_behaviour(q) if vocabulary.practice_of[q.task] == "c"

scores_behaviour(q) if "social-standing" in q.decisions

predicts_offences(q) if vocabulary.practice_of[q.task] == "d"

predicts_offences(q) if "offending-risk" in q.decisions

predicts_offences(q) if facts.said_yes(q, "6d")

# A means of influence that the Act names under the point, or any means at all against the vulnerable.
influences(q, "a") if {
	some feature in q.targeting_features
	vocabulary.influences[feature] == "Art 5(1)(a)"
}

influences(q, "b") if {
	some feature in q.targeting_features
	vocabulary.influences[feature] == "Art 5(1)(b)"
}

influences(q, "b") if {
	count(q.targeting_features) > 0
	some target in q.targets
	target in vocabulary.vulnerable
}

at_work_or_school(q) if q.context in {"workplace", "education"}

# Whoever uses it as an employer, or under a law on employment, uses it at work.
at_work_or_school(q) if "employer" in q.roles

at_work_or_school(q) if data.risk.roles.employs(q)

at_work_or_school(q) if {
	some target in q.targets
	target in {"applicants-for-study", "applicants-for-work", "students", "workers"}
}

at_work_or_school(q) if {
	some word in q.decisions
	some point in vocabulary.decisions[word].points
	substring(point, 0, 1) in {"3", "4"}
}

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
doubts(q) := [texts[topic] | some topic in ["influence", "intimate", "abuse", "scoring", "offences", "alone", "faces", "place", "time"]; doubt(q, topic)]

texts := {
	"influence": "influence_harms: whether the influence on behaviour causes significant harm is not told (Art 5(1)(a), (b))",
	"intimate": "intimate_output: what keeps it from intimate material of identifiable persons is not told (Art 5(1)(ba), (1a))",
	"abuse": "abuse_output: what keeps it from child sexual abuse material is not told (Art 5(1)(bb), (1a))",
	"scoring": "social scoring: whether the score harms persons is not told (Art 5(1)(c))",
	"offences": "offence risk: that it goes beyond traits and profiling is not claimed under Annex III 6d (Art 5(1)(d))",
	"alone": "offence risk: nobody assesses the case, so the output supports no human assessment that rests on facts (Art 5(1)(d))",
	"faces": "faces_scraped: whether its face database comes from untargeted scraping is not told (Art 5(1)(e))",
	"time": "remote identification for law enforcement: whether it is in real time is not told, `biometric_kind` names neither (Art 5(1)(h))",
	"place": "real-time remote identification: whether the place is open to the public is not told (Art 5(1)(h))",
}

doubt(q, "influence") if {
	influences_persons(q)
	not facts.answered(q, "influence_harms")
}

# A significant effect on persons and no harm to anybody do not go together.
doubt(q, "influence") if {
	influences_persons(q)
	q.influence_harms == false
	q.significant_effect == true
}

doubt(q, "intimate") if {
	in_force("ba")
	shows_persons(q)
	not facts.answered(q, "intimate_output")
}

doubt(q, "abuse") if {
	in_force("bb")
	shows_persons(q)
	not facts.answered(q, "abuse_output")
}

doubt(q, "scoring") if {
	scores_behaviour(q)
	not practice(q, "c")
}

doubt(q, "offences") if {
	predicts_offences(q)
	not practice(q, "d")
	not facts.said_yes(q, "6d")
}

# A prediction that nobody assesses supports no human assessment, whatever is said of profiling.
doubt(q, "alone") if {
	predicts_offences(q)
	not practice(q, "d")
	q.solely_automated == true
}

# Who recognises faces among many compares them with a database, and where that came from decides.
doubt(q, "faces") if {
	compares_faces(q)
	not facts.answered(q, "faces_scraped")
}

compares_faces(q) if q.biometric_kind in {"post-remote", "real-time-remote", "remote-identification"}

# Identification that is no verification goes by faces unless the task is one by something else.
compares_faces(q) if {
	facts.said_yes(q, "1a")
	q.biometric_kind != "verification"
	not q.task in {"gait-recognition", "voice-identification"}
}

compares_faces(q) if {
	q.task == "face-recognition"
	q.biometric_kind != "verification"
}

doubt(q, "place") if {
	q.biometric_kind == "real-time-remote"
	not q.context in {"border", "public-space"}
	facts.enforces_law(q)
	not grounds.lifts(q, "lawful_exception", "Art 5(1)(h)")
}

# What identifies for law enforcement does so in real time or afterwards, whatever else `biometric_kind` says that it does.
doubt(q, "time") if {
	facts.said_yes(q, "1a")
	facts.enforces_law(q)
	not q.biometric_kind in {"post-remote", "real-time-remote", "verification"}
	q.context != "border"
	not grounds.lifts(q, "lawful_exception", "Art 5(1)(h)")
}

influences_persons(q) if {
	some point in ["a", "b"]
	influences(q, point)
}

shows_persons(q) if {
	some medium in q.generates
	medium in {"audio", "image", "video"}
}
