# METADATA
# title: Scope of the AI Act (Art 2, 3(1))
# description: >-
#   Whether the Act applies. An exclusion is an entry of `exclusions` whose `claim` is one of the names below, whose
#   `reason` says why, and for which a second person signed (risk.grounds); it counts only where the other answers do not
#   speak against it, where every fact is answered in known words, and where no practice of Art 5 is shown or in doubt.
#   A system that does not infer (`inference_based` false) and one without a link to the Union (`scope_trigger` none) are
#   outside too only with such an entry, since the reasoning must be on record. Three exclusions leave the tier as it is:
#   testing before placing (Art 2(8)) ends with the placing that a gate is about, personal use (Art 2(10)) frees natural
#   persons as deployers alone, and open source (Art 2(12)) frees nothing that is high risk, prohibited or under Art 50.
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
	count(q.exclusions) > 0
	count(data.risk.facts.unknown(q)) == 0
	count(data.risk.vocabulary.unknown(q)) == 0
	count(doubts(q)) == 0
	count(data.risk.roles.doubts(q)) == 0
	count(data.risk.prohibited.shown(q)) == 0
	count(data.risk.prohibited.doubts(q)) == 0
	articles := sort([takes_out[entry.claim] | some entry in q.exclusions])
	count(articles) > 0
}

# What the owner gave as reasons, in the order of the entries.
reasons(q) := [text |
	some entry in q.exclusions
	article := object.union(takes_out, leaves_tier)[entry.claim]
	text := concat("", ["exclusion claimed by ", article, ": ", entry.reason])
]

# What keeps the scope from being told, in words.
doubts(q) := array.concat(
	[text | some entry in q.exclusions; some text in entry_doubts(q, entry)],
	[texts[topic] | some topic in ["inference", "union", "military"]; doubt(q, topic)],
)

texts := {
	"inference": "the system is said not to infer, without an exclusion `not-an-ai-system` that says why (Art 3(1))",
	"union": "no link to the Union is said to exist, without an exclusion `no-union-link` that says why (Art 2(1))",
	"military": "the task is a military one, without an exclusion `military-defence-security` that says why (Art 2(3))",
}

doubt(q, "inference") if {
	q.inference_based == false
	not claimed(q, "not-an-ai-system")
}

doubt(q, "union") if {
	q.scope_trigger == "none"
	not claimed(q, "no-union-link")
}

doubt(q, "military") if {
	q.task in object.keys(data.risk.vocabulary.outside_uses)
	not claimed(q, "military-defence-security")
}

claimed(q, name) if {
	some entry in q.exclusions
	entry.claim == name
}

entry_doubts(q, entry) := [concat("", ["the exclusion `", object.get(entry, "claim", ""), "` ", entry_texts[topic]]) |
	some topic in ["unknown", "reason", "review", "fit"]
	entry_doubt(q, entry, topic)
]

entry_texts := {
	"unknown": "is not one that Art 2 has",
	"reason": "has no reason",
	"review": "has no second signature: `reviewed_by` names who else files the same questionnaire, signed, in compliance or as a risk officer",
	"fit": "does not hold: other answers speak against the exclusion",
}

entry_doubt(_, entry, "unknown") if not known(entry)

entry_doubt(_, entry, "reason") if not reasoned(entry)

entry_doubt(q, entry, "review") if {
	reasoned(entry)
	not data.risk.grounds.reviewed(q, entry)
}

entry_doubt(q, entry, "fit") if {
	known(entry)
	not fits(q, entry.claim)
}

known(entry) if takes_out[entry.claim]

known(entry) if leaves_tier[entry.claim]

reasoned(entry) if data.lib.text.says_something(entry.reason)

fits(_, name) if name == "pre-market-testing"

fits(q, "personal-use") if q.deployer_kind in {"none", "private"}

fits(q, "open-source") if q.open_source_release == true

# What was trained, or goes on learning, infers.
fits(q, "not-an-ai-system") if {
	q.inference_based == false
	q.gpai == false
	q.generates == []
	q.biometric_kind == "none"
	q.learns_online == false
	object.get(q, "training_exaflop", 0) == 0
	object.get(q, "modification_exaflop", 0) == 0
}

# Neither provider nor deployer nor output is in the Union.
fits(q, "no-union-link") if {
	q.scope_trigger == "none"
	not q.provider_country in data.risk.vocabulary.member_states
}

# Used for nothing else: no Annex III use beside it, no decision on civilians, no bank.
fits(q, "military-defence-security") if {
	serves_nothing_else(q)
	q.context in {"border", "general", "public-space"}
	q.bank_scope == "not-a-bank"
	q.law_enforcement == false
}

# Authorities of third countries and international organisations, under agreements with the Union or a Member State for
# law enforcement and judicial cooperation: what brings them under the Act is their output alone, and no other task is meant.
fits(q, "third-country-authority") if {
	q.deployer_kind == "public-authority"
	q.scope_trigger == "output-used-in-eu"
	not q.provider_country in data.risk.vocabulary.member_states
	cooperates(q)
}

cooperates(q) if q.law_enforcement == true

cooperates(q) if q.context == "justice"

# Solely for research: nobody is affected by what it says, and no bank counts it among its models.
fits(q, "scientific-research") if {
	serves_nothing_else(q)
	q.significant_effect == false
	q.solely_automated == false
	q.bank_scope in {"not-a-bank", "out-of-scope"}
	q.law_enforcement == false
}

# No decision, no product, and no point of Annex III, whether it is answered yes or the task is one by its name.
serves_nothing_else(q) if {
	q.decisions == []
	q.us_flags == []
	q.annex_i_entry == "none"
	count(points_said_yes(q)) == 0
	count(data.risk.contradictions.by_name(q)) == 0
}

points_said_yes(q) := [point | some point, answer in q.annex_iii_answers; answer == "yes"] if q.annex_iii_answers
