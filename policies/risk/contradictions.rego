# METADATA
# title: Answers that speak against Annex III answers
# description: >-
#   The words of task and decisions name points of Annex III (risk.vocabulary), and so do the biometric kind, traits and
#   critical infrastructure: where none of the named points is answered yes, nor taken out by Annex III itself, the
#   answers contradict each other. Targets, setting and United States employment regimes only hint at points: they are
#   asked where persons are affected and no point leads to high risk.
package risk.contradictions

import data.risk.annex_iii
import data.risk.facts
import data.risk.vocabulary

# Contradictions, in words.
doubts(q) := array.concat(
	by_name(q),
	array.concat(
		[fact_texts[topic] | some topic in topics; shows(q, topic)],
		[text | hints_count(q); some text in hinted(q)],
	),
)

# Those that the words of task and decisions show by themselves.
by_name(q) := array.concat(
	[against("task", q.task, entry.article) |
		entry := vocabulary.tasks[q.task]
		task_counts(q)
		unmet(q, entry.points)
	],
	[against("decisions", word, entry.article) |
		some word in q.decisions
		entry := vocabulary.decisions[word]
		unmet(q, entry.points)
	],
)

against(field, word, article) := concat("", [
	field,
	" says `",
	word,
	"`, which is under ",
	article,
	", and no such point is answered yes",
])

# None of the points is answered yes or taken out; of no points nothing is asked.
unmet(q, points) if {
	count(points) > 0
	not met(q, points)
}

met(q, points) if {
	some point in points
	facts.said_yes(q, point)
}

met(q, points) if {
	some point in points
	annex_iii.taken_out(q, point)
}

# A task under a point about natural persons counts where such persons are concerned.
task_counts(q) if not q.task in vocabulary.about_persons

task_counts(q) if about_persons(q)

about_persons(q) if q.personal_data == true

about_persons(q) if q.profiling == true

about_persons(q) if {
	some word in q.targets
	not vocabulary.targets[word].article == "no natural person"
}

# -- facts that show a point by themselves

topics := ["effect", "emotion", "generation", "identification", "infrastructure", "interaction", "targeting", "traits", "traits-unknown"]

fact_texts := {
	"effect": "persons are profiled, or decisions have significant effect on them, and decisions names none",
	"emotion": "emotions are inferred, and Annex III point 1(c) is not answered yes",
	"generation": "the task is to generate content, and generates does not name its kind (Art 50(2), 50(4))",
	"identification": "biometric_kind names remote identification, and Annex III point 1(a) is not answered yes",
	"infrastructure": "a safety component of critical infrastructure, and Annex III point 2 is not answered yes",
	"interaction": "a chatbot interacts with persons, and interacts_with_persons is answered no (Art 50(1))",
	"targeting": "personalised advertising targets persons, and targeting_features names nothing (Art 5(1)(a), (b))",
	"traits": "sensitive or protected traits are inferred, and Annex III point 1(b) is not answered yes",
	"traits-unknown": "categorised_traits does not name what the biometric categorisation tells of a person (Art 5(1)(g), Annex III 1(b))",
}

shows(q, "effect") if {
	facts.affects_persons(q)
	q.decisions == []
}

shows(q, "emotion") if {
	facts.infers_emotions(q)
	not facts.said_yes(q, "1c")
}

shows(q, "identification") if {
	q.biometric_kind in {"remote-identification", "real-time-remote", "post-remote"}
	not facts.said_yes(q, "1a")
}

shows(q, "infrastructure") if {
	q.infrastructure != "none"
	safety_component(q)
	not facts.said_yes(q, "2")
}

shows(q, "generation") if {
	medium := vocabulary.generating[q.task]
	not medium in q.generates
}

shows(q, "interaction") if {
	q.task == "chatbot"
	q.interacts_with_persons == false
}

shows(q, "targeting") if {
	q.task == "personalised-advertising"
	q.targeting_features == []
}

shows(q, "traits") if {
	some trait in q.categorised_traits
	vocabulary.traits[trait] in {"Art 5(1)(g)", "Annex III 1(b)"}
	not facts.said_yes(q, "1b")
}

shows(q, "traits-unknown") if {
	facts.categorises(q)
	not names_traits(q)
}

names_traits(q) if count(q.categorised_traits) > 0

safety_component(q) if q.safety_function_intended == true

safety_component(q) if q.failure_endangers == true

# -- what hints at a point

hints_count(q) if {
	facts.affects_persons(q)
	not high(q)
}

high(q) if {
	count(annex_iii.points(q)) > 0
	annex_iii.derogation(q) != "derogated"
}

hinted(q) := array.concat(
	[against("targets", word, entry.article) |
		some word in q.targets
		entry := vocabulary.targets[word]
		unmet(q, entry.points)
	],
	array.concat(
		[against("context", q.context, entry.article) |
			entry := vocabulary.contexts[q.context]
			unmet(q, entry.points)
			not settled(q, entry)
		],
		[text |
			text := "us_flags names an employment regime, and neither Annex III point 4(a) nor 4(b) is answered yes"
			some flag in q.us_flags
			flag in {"feha-ads", "nyc-aedt"}
			unmet(q, ["4a", "4b"])
		],
	),
)

# Some decision says what the effect is on instead.
settled(q, entry) if {
	some word in q.decisions
	word in entry.settles
}
