# METADATA
# title: Scope of the AI Act (Art 2, 3(1))
# description: >-
#   Whether the Act applies. An exclusion is an entry of `exclusions` whose `claim` is one of the names below and whose
#   `reason` says why; it counts only where the other answers do not speak against it. A system that does not infer
#   (`inference_based` false) and one without a link to the Union (`scope_trigger` none) are outside too only with such
#   an entry, since the reasoning must be on record. Three exclusions leave the tier as it is: testing before placing
#   (Art 2(8)) ends with the placing that a gate is about, personal use (Art 2(10)) frees natural persons as deployers
#   alone, and open source (Art 2(12)) frees nothing that is high risk, prohibited or under Art 50.
package risk.scope

takes_out := {
	"not-an-ai-system": "Art 3(1)",
	"no-union-link": "Art 2(1)",
	"military-defence-security": "Art 2(3)",
	"third-country-authority": "Art 2(4)",
	"scientific-research": "Art 2(6)",
}

leaves_tier := {
	"pre-market-testing": "Art 2(8)",
	"personal-use": "Art 2(10)",
	"open-source": "Art 2(12)",
}

# Articles by which the system is outside, sorted; undefined where it is inside or where that is in doubt.
outside(q) := articles if {
	count(doubts(q)) == 0
	data.risk.facts.answered(q, "inference_based")
	data.risk.facts.answered(q, "scope_trigger")
	articles := sort([takes_out[entry.claim] | some entry in q.exclusions])
	count(articles) > 0
}

# What the owner gave as reasons, in the order of the entries.
reasons(q) := [text |
	some entry in q.exclusions
	article := object.union(takes_out, leaves_tier)[entry.claim]
	text := sprintf("exclusion claimed by %s: %s", [article, entry.reason])
]

# What keeps the scope from being told, in words.
doubts(q) := array.concat(
	[text | some entry in q.exclusions; some text in entry_doubts(q, entry)],
	array.concat(
		[text |
			text := "the system is said not to infer, without an exclusion `not-an-ai-system` that says why (Art 3(1))"
			q.inference_based == false
			not claimed(q, "not-an-ai-system")
		],
		[text |
			text := "no link to the Union is said to exist, without an exclusion `no-union-link` that says why (Art 2(1))"
			q.scope_trigger == "none"
			not claimed(q, "no-union-link")
		],
	),
)

claimed(q, name) if {
	some entry in q.exclusions
	entry.claim == name
}

entry_doubts(q, entry) := array.concat(
	[text |
		not known(entry)
		text := sprintf("the exclusion `%s` is not one that Art 2 has", [object.get(entry, "claim", "")])
	],
	array.concat(
		[text |
			not reasoned(entry)
			text := sprintf("the exclusion `%s` has no reason", [object.get(entry, "claim", "")])
		],
		[text |
			known(entry)
			not fits(q, entry.claim)
			text := sprintf("other answers speak against the exclusion `%s`", [entry.claim])
		],
	),
)

known(entry) if takes_out[entry.claim]

known(entry) if leaves_tier[entry.claim]

reasoned(entry) if data.lib.records.filled(entry.reason)

fits(_, name) if leaves_tier[name]

fits(q, "not-an-ai-system") if q.inference_based == false

fits(q, "no-union-link") if q.scope_trigger == "none"

# Used for nothing else: no Annex III use beside it.
fits(q, "military-defence-security") if count(points_said_yes(q)) == 0

# Authorities of third countries and international organisations, under agreements with the Union or a Member State.
fits(q, "third-country-authority") if q.deployer_kind == "public-authority"

# Solely for research: nobody is affected by what it says.
fits(q, "scientific-research") if {
	q.significant_effect == false
	count(points_said_yes(q)) == 0
}

points_said_yes(q) := [point | some point, answer in q.annex_iii_answers; answer == "yes"] if q.annex_iii_answers
