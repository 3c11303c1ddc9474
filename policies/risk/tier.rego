# METADATA
# title: Risk tier of a system under the AI Act as amended in 2026
# description: >-
#   `classify(questionnaire)` takes the content of a risk-questionnaire record and answers
#   {"tier", "path", "articles", "reasons", "transparency", "overlays", "roles"}: `tier` is one of prohibited,
#   high-annex-i-a, high-annex-i-b, high-annex-iii, derogated, limited, minimal, undetermined; `path` names the steps
#   taken, in order, each as `step: outcome`; `articles` is sorted; `reasons` are sentences in the order of the steps;
#   `transparency` is true where Art 50 lays a duty on provider or deployer; `overlays` is sorted, of transparency,
#   gpai, gpai-systemic, us-admt, us-aedt, us-phi, bank-model; `roles` is sorted, as it follows from the
#   answers (risk.roles), and empty where it is not known. It always
#   answers. A decisive fact that is missing or contradicted gives undetermined, never a milder tier; a prohibited
#   practice that is shown stands even so. A system outside the Act is minimal, with the exclusion in `articles`.
#
#   Where a system falls under Annex III and Annex I Section A, the tier is high-annex-iii: the same duties, earlier; the
#   conformity route is then the product's (Art 43(3)). Under Section B, Annex III goes first as well, and where Annex III
#   is derogated Section B remains.
#
#   `system` answers the same object over all current risk-questionnaire records: the strictest of their tiers, with
#   path, articles and reasons of the record that has it (of several, the one of the least id); `transparency` where any
#   has it; `overlays` and `roles` of all of them; `questionnaires`, the sorted ids of the records, and
#   `record`, the one that decides. Without a record the
#   tier is undetermined. The order is data.lib.tiers.strictest_first.
package risk.tier

classify(q) := told(q, steps(q))

# The answer for a record, with the second signatures that its claims need.
of_record(record) := classify(data.risk.grounds.signed(record))

# What each step finds, once.
steps(q) := {
	"practices": data.risk.prohibited.points(q),
	"outside": outside(q),
	"doubts": doubts(q),
	"annex_i": annex_i(q),
	"points": data.risk.annex_iii.points(q),
	"derogation": data.risk.annex_iii.derogation(q),
	"paragraphs": data.risk.transparency.paragraphs(q),
}

outside(q) := articles if {
	articles := data.risk.scope.outside(q)
} else := []

annex_i(q) := section if {
	section := data.risk.annex_i.route(q)
} else := "unknown"

told(q, found) := {
	"tier": tier,
	"path": path(q, found, duties),
	"articles": articles(q, found, duties),
	"reasons": reasons(q, found, tier, duties),
	"transparency": duties,
	"overlays": overlays(q, duties),
	"roles": data.risk.roles.held(q),
} if {
	tier := tier_of(found)
	duties := transparent(found, tier)
}

tier_of(found) := "prohibited" if {
	count(found.practices) > 0
} else := "minimal" if {
	count(found.outside) > 0
} else := "undetermined" if {
	count(found.doubts) > 0
} else := "high-annex-iii" if {
	count(found.points) > 0
	found.derogation != "derogated"
} else := "high-annex-i-a" if {
	found.annex_i == "a"
} else := "high-annex-i-b" if {
	found.annex_i == "b"
} else := "derogated" if {
	count(found.points) > 0
} else := "limited" if {
	count(found.paragraphs) > 0
} else := "minimal" if {
	found.annex_i == "none"
} else := "undetermined"

doubts(q) := array.concat(
	array.concat(
		array.concat(data.risk.facts.unknown(q), data.risk.vocabulary.unknown(q)),
		array.concat(data.risk.scope.doubts(q), data.risk.roles.doubts(q)),
	),
	array.concat(
		array.concat(data.risk.prohibited.doubts(q), data.risk.annex_i.doubts(q)),
		array.concat(
			data.risk.contradictions.doubts(q),
			array.concat(data.risk.gpai.doubts(q), [text |
				text := "own name or changed purpose is answered yes, which Art 25(1) says of a high-risk system, and no answer makes it one"
				said_of_high_risk(q)
				not leads_to_high_risk(q)
			]),
		),
	),
)

said_of_high_risk(q) if q.rebranded == true

said_of_high_risk(q) if q.purpose_changed == true

leads_to_high_risk(q) if data.risk.annex_i.route(q) in {"a", "b"}

leads_to_high_risk(q) if {
	count(data.risk.annex_iii.points(q)) > 0
	data.risk.annex_iii.derogation(q) != "derogated"
}

# The organisation's impact and automation levels lift a minimal tier to limited (middling impact): impact above low, or
# a system whose outcome no human decides (automation level above those of `human_decides`).
weighed(tier, impact_level, automation_level) := "limited" if {
	tier == "minimal"
	not light(impact_level, automation_level)
} else := tier

# The tier that a questionnaire leads to, with the levels of a classification.
computed(questionnaire, classification) := weighed(
	answers[questionnaire.id].tier,
	classification.predicate.impact_level,
	classification.predicate.automation_level,
)

light(impact_level, automation_level) if {
	impact_level == "low"
	automation_level in human_decides
}

human_decides := {0, 1}

# Annex I Section B products are under Art 6(1), 60a and 102 to 112 alone (Art 2(2)): no Art 50 through this route.
transparent(found, tier) if {
	tier != "high-annex-i-b"
	count(found.outside) == 0
	count(found.paragraphs) > 0
} else := false

overlays(q, duties) := [name |
	some name in ["bank-model", "gpai", "gpai-systemic", "transparency", "us-admt", "us-aedt", "us-phi"]
	overlay(q, name, duties)
]

overlay(q, "bank-model", _) if q.bank_scope == "in-scope"

overlay(q, "gpai", _) if data.risk.gpai.general(q)

overlay(q, "gpai-systemic", _) if data.risk.gpai.systemic(q)

overlay(_, "transparency", duties) if duties == true

overlay(q, "us-admt", _) if some_flag(q, {"ccpa-admt", "co-admt"})

overlay(q, "us-aedt", _) if some_flag(q, {"nyc-aedt", "feha-ads"})

overlay(q, "us-phi", _) if some_flag(q, {"hipaa-phi"})

some_flag(q, wanted) if {
	some flag in q.us_flags
	flag in wanted
}

path(q, found, duties) := ["scope: inside", "prohibited: shown"] if {
	count(found.practices) > 0
} else := ["scope: outside"] if {
	count(found.outside) > 0
} else := ["scope: inside", "prohibited: not shown", "facts: not all known"] if {
	count(found.doubts) > 0
} else := array.concat(
	["scope: inside", flip_step(q), "prohibited: not shown", concat("", ["annex-i: ", found.annex_i])],
	array.concat(annex_iii_steps(found), [transparency_step(duties)]),
)

flip_step(q) := "roles: provider by Art 25" if {
	data.risk.roles.flipped(q)
} else := "roles: as held"

annex_iii_steps(found) := ["annex-iii: no point"] if {
	count(found.points) == 0
} else := [
	concat("", ["annex-iii: ", concat(" ", found.points)]),
	concat("", ["derogation: ", found.derogation]),
]

transparency_step(duties) := "transparency: duties" if {
	duties == true
} else := "transparency: no duty"

articles(q, found, duties) := data.risk.prohibited.articles(q) if {
	count(found.practices) > 0
} else := found.outside if {
	count(found.outside) > 0
} else := [] if {
	count(found.doubts) > 0
} else := sort(array.concat(
	array.concat(data.risk.roles.articles(q), data.risk.gpai.articles(q)),
	array.concat(
		array.concat(data.risk.annex_i.articles[found.annex_i], annex_iii_articles(q, found)),
		[article | duties == true; some article in data.risk.transparency.articles(q)],
	),
))

annex_iii_articles(q, found) := [] if {
	count(found.points) == 0
} else := array.concat(["Art 49(2)", "Art 6(2)", "Art 6(3)", "Art 6(4)"], data.risk.annex_iii.articles(q)) if {
	found.derogation == "derogated"
} else := array.concat(["Art 6(2)", "Art 6(3)"], data.risk.annex_iii.articles(q)) if {
	found.derogation != "not-claimed"
} else := array.concat(["Art 6(2)"], data.risk.annex_iii.articles(q))

reasons(q, found, tier, duties) := data.risk.prohibited.reasons(q) if {
	count(found.practices) > 0
} else := data.risk.scope.reasons(q) if {
	count(found.outside) > 0
} else := found.doubts if {
	count(found.doubts) > 0
} else := array.concat(
	array.concat(
		array.concat(data.risk.scope.reasons(q), data.risk.prohibited.announced(q)),
		array.concat(data.risk.annex_i.reasons(q), data.risk.annex_iii.reasons(q)),
	),
	array.concat(
		array.concat(data.risk.gpai.reasons(q), [text | duties == true; some text in data.risk.transparency.reasons(q)]),
		[text |
			text := "no high-risk route, no prohibited practice and no transparency duty applies"
			tier == "minimal"
		],
	),
)

# The answer for each current questionnaire, by its id.
answers := {id: of_record([record | some record in questionnaires; record.id == id][0]) |
	some id in [record.id | some record in questionnaires]
}

questionnaires := input.evidence["risk-questionnaire"]

judged := [{"id": id, "answer": answers[id]} | some id in sort([record.id | some record in questionnaires])]

strictest := data.lib.tiers.strictest([item.answer.tier | some item in judged])

decisive_item := [item | some item in judged; item.answer.tier == strictest][0]

decisive := decisive_item.answer

all_overlays contains name if {
	some item in judged
	some name in item.answer.overlays
}

all_roles contains role if {
	some item in judged
	some role in item.answer.roles
}

# Where the roles are not known for one questionnaire, they are not known for the system.
system_roles := [] if {
	some item in judged
	count(item.answer.roles) == 0
} else := sort([role | some role in all_roles])

system := {
	"tier": strictest,
	"path": decisive.path,
	"articles": decisive.articles,
	"reasons": decisive.reasons,
	"transparency": count([item | some item in judged; item.answer.transparency]) > 0,
	"overlays": sort([name | some name in all_overlays]),
	"roles": system_roles,
	"questionnaires": [item.id | some item in judged],
	"record": decisive_item.id,
} if {
	count(judged) > 0
} else := {
	"tier": "undetermined",
	"path": ["facts: no questionnaire"],
	"articles": [],
	"reasons": ["no current risk-questionnaire"],
	"transparency": false,
	"overlays": [],
	"roles": [],
	"questionnaires": [],
}
