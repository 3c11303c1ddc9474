# METADATA
# title: Retention schedule
# description: >-
#   `answer(item)` says until when an item is kept, when it goes, and why, at `input.now`. An item is
#   {"id", "record_class", "names"?: […], "personal": bool, "anchors": {…}, "holds_reachable": bool, "holds": […],
#   "regimes"?: […], "schedule"?: {…}, "linked_until"?: […]}. `names` are further names by which a hold may cover it
#   (digests, versions). `anchors` are instants: created, placed, expires, acted, decided, requested, last_used,
#   last_effective, triggered (what starts the schedule's period), purpose_ended, erasure_requested, withdrawn,
#   bias_corrected. `holds` are contents of legal-hold records, all of the register; `holds_reachable` says that the
#   register answered. `regimes`, here or in the schedule, narrows the statutory table (retention.table) to regimes that apply;
#   without it all of a class count. `schedule` is the content of the retention-schedule record of the class. `linked_until` are the
#   `keep_until` of records that an engine decision refers to, which it outlives.
#
#   The answer is {"keep_until", "purge_at", "due", "held", "conflict", "minimise", "minimise_at", "unknown", "reasons",
#   "articles"}; the three instants are null where there is none. In order: a hold beats everything (and a register that
#   did not answer counts as a hold); a statutory minimum beats the schedule's period, an erasure request and the end of
#   the purpose; where it collides with such a limit or with a storage limit, the record is split: `minimise` is true,
#   the personal payload goes at `minimise_at`, the rest stays until `keep_until`; where the schedule has no split, or there
#   is nothing personal to split off, `conflict` is true and blocks until the schedule names the signed decision of a
#   person (`conflict_decision`) that the minimum goes first. A shorter minimum is a new schedule, and no decision shortens
#   a statutory one. Art 4a data (class `bias-correction-data`) are the exception: their deletion is an upper bound that no
#   minimum extends. `due` is true only when the item must go now and none of this stands against it. An anchor, a
#   class or a regime that is not known is named in `unknown`, and then nothing is due.
package retention.schedule

import data.lib.records
import data.lib.time as calendar
import data.retention.table

answer(item) := {
	"keep_until": keep_until(item),
	"purge_at": purge_at(item),
	"due": due(item),
	"held": held(item),
	"conflict": conflict(item),
	"minimise": minimise(item),
	"minimise_at": minimise_at(item),
	"unknown": unknown(item),
	"reasons": reasons(item),
	"articles": articles(item),
}

due(item) if {
	not held(item)
	not conflict(item)
	count(unknown(item)) == 0
	moment := purge_at(item)

	# null sorts before every text
	is_string(moment)
	moment <= input.now
} else := false

# -- holds

held(item) if {
	not item.holds_reachable == true
} else if {
	not lists_holds(item)
} else if {
	count(holds_on(item)) > 0
} else := false

lists_holds(item) if is_array(item.holds)

holds_on(item) := [hold |
	some hold in item.holds
	active(hold)
	covers(hold, item)
]

# A hold is active unless it has not begun or was released; one whose times are not known is.
active(hold) if {
	not to_come(hold)
	not released(hold)
}

to_come(hold) if hold.held_from > input.now

released(hold) if hold.released_at <= input.now

# A hold without a scope, or with a blank or a placeholder in it, covers everything. Letter case and blanks around a name say nothing, and
# a hold on a class covers its parts.
covers(hold, item) if {
	some name in names_of(item)
	some held_name in hold.scope
	plain(name) == plain(held_name)
}

covers(hold, item) if {
	some held_name in hold.scope
	table.part_of(item.record_class, plain(held_name))
}

covers(hold, _) if not scoped(hold)

scoped(hold) if {
	count(hold.scope) > 0
	every name in hold.scope {
		records.named(name)
	}
}

plain(name) := data.lib.text.lower(trim(name, " \t\r\n"))

names_of(item) := array.concat([item.id, item.record_class], object.get(item, "names", []))

# -- what must stay

minimum_rules(item) := [rule |
	some rule in table.rules_of(item.record_class)
	in_regime(rule, item)
]

in_regime(_, item) if not names_regimes(item)

in_regime(rule, item) if rule.regime in regimes_of(item)

# A financial institution keeps them elsewhere, and no shorter.
in_regime(rule, item) if {
	rule.regime == "eu-ai-act"
	"eu-financial-services" in regimes_of(item)
}

names_regimes(item) if is_array(regimes_of(item))

# The regimes that the item names, else those of its schedule.
regimes_of(item) := named if {
	named := item.regimes
} else := named if {
	named := item.schedule.regimes
}

# The latest of a rule's anchors that are known; the first must be.
anchor(rule, item) := known[count(known) - 1] if {
	item.anchors[rule.from[0]]
	known := sort([item.anchors[name] | some name in rule.from])
}

# Until when a rule keeps the item; undefined where that cannot be told.
kept_until(rule, item) := calendar.add(anchor(rule, item), rule.keep)

scheduled_until(field, item) := calendar.add(item.anchors.triggered, item.schedule[field])

# Everything that keeps the item. No minimum keeps raw special-category data past Art 4a.
minimums(item) := [] if {
	bias_data(item)
} else := array.concat(statutory(item), array.concat(of_schedule(item), of_links(item)))

statutory(item) := [{"until": kept_until(rule, item), "article": rule.article, "reason": reason} |
	some rule in minimum_rules(item)
	reason := concat(" ", ["kept", rule.keep, "by", rule.article])
]

of_schedule(item) := [{"until": scheduled_until("minimum_keep", item), "article": basis, "reason": reason} |
	basis := item.schedule.legal_basis
	reason := concat("", ["kept ", item.schedule.minimum_keep, " by the schedule of its class: ", basis])
]

of_links(item) := [{"until": until, "article": "", "reason": "kept as long as the records that it refers to"} |
	some until in object.get(item, "linked_until", [])
]

# What a schedule of a class comes to by itself, whatever the item: what it is asked about, under the regimes that it names,
# if it names any.
terms(schedule) := item if {
	regimes := schedule.regimes
	item := {"record_class": schedule.record_class, "regimes": regimes, "schedule": schedule}
} else := item if {
	item := {"record_class": schedule.record_class, "schedule": schedule}
}

# How long the law keeps the class of a schedule, and how long the schedule itself does at least.
keeping(schedule) := array.concat(
	[rule.keep | some rule in minimum_rules(terms(schedule))],
	[keep | keep := schedule.minimum_keep],
)

# Regimes that are not known, or of which none keeps a class that the law keeps, free of nothing.
vague(schedule) if {
	some topic in ["regimes", "regime", "regime-of-class"]
	regimes_untold(terms(schedule), topic)
}

# -- when it must go

bias_data(item) if table.part_of(item.record_class, "bias-correction-data")

# Everything that limits how long the item may stay. `kind`: default (a period that any minimum extends), payload
# (personal data alone), storage (a limit that a minimum does not simply extend), bias (an upper bound).
limits(item) := [limit | some name in limit_names; limit := limit_of(name, item)]

limit_names := ["period", "storage_limit", "purpose_ended", "erasure_requested", "withdrawn", "bias_corrected"]

limit_of("period", item) := {
	"until": scheduled_until("period", item),
	"kind": "default",
	"article": "",
	"reason": concat(" ", ["goes after", item.schedule.period, "by the schedule of its class"]),
}

limit_of("storage_limit", item) := {
	"until": scheduled_until("storage_limit", item),
	"kind": "storage",
	"article": "GDPR Art 5(1)(e)",
	"reason": concat(" ", ["may be stored for", item.schedule.storage_limit, "at most"]),
}

limit_of("purpose_ended", item) := {
	"until": calendar.add_days(item.anchors.purpose_ended, 0),
	"kind": "payload",
	"article": "GDPR Art 5(1)(e)",
	"reason": "its purpose has ended",
} if {
	item.personal == true
}

limit_of("erasure_requested", item) := {
	"until": calendar.add(item.anchors.erasure_requested, "P1M"),
	"kind": "payload",
	"article": "GDPR Art 17, 12(3)",
	"reason": "its erasure was requested",
} if {
	item.personal == true
}

limit_of("withdrawn", item) := {
	"until": calendar.add_days(item.anchors.withdrawn, 0),
	"kind": "payload",
	"article": "AI Act Art 61",
	"reason": "the person withdrew from the test",
} if {
	item.personal == true
}

limit_of("bias_corrected", item) := {
	"until": calendar.add_days(item.anchors.bias_corrected, 0),
	"kind": "bias",
	"article": "AI Act Art 4a(1)(e)",
	"reason": "the bias is corrected",
} if {
	bias_data(item)
}

# -- the two together

last_minimum(item) := untils[count(untils) - 1] if {
	untils := sort([minimum.until | some minimum in minimums(item)])
	count(untils) > 0
}

first_limit(item) := untils[0] if {
	untils := sort([limit.until | some limit in limits(item)])
	count(untils) > 0
}

# Limits, other than the default period, that end before the last minimum does.
collisions(item) := [limit |
	some limit in limits(item)
	limit.kind in {"payload", "storage"}
	limit.until < last_minimum(item)
]

splits(item) if {
	item.personal == true
	item.schedule.split_rule in {"hash-and-metrics-kept", "pseudonymised"}
}

minimise(item) if {
	count(collisions(item)) > 0
	splits(item)
} else := false

minimise_at(item) := first if {
	minimise(item)
	first := sort([limit.until | some limit in collisions(item)])[0]
} else := null

conflict(item) if {
	count(collisions(item)) > 0
	not splits(item)
	not decided(item)
} else := false

# A person decided that the minimum goes before the limit, and signed that.
decided(item) if {
	is_string(item.schedule.conflict_decision)
	regex.match("^sha256:[0-9a-f]{64}$", item.schedule.conflict_decision)
}

keep_until(item) := last if {
	count(unknown(item)) == 0
	last := last_minimum(item)
} else := null

purge_at(item) := null if {
	count(unknown(item)) > 0
} else := null if {
	conflict(item)
} else := later if {
	later := sort([last_minimum(item), first_limit(item)])[1]
} else := only if {
	count(minimums(item)) == 0
	only := first_limit(item)
} else := null

# What would have to be known before anything may go.
unknown(item) := sort(array.concat(
	[name |
		some rule in minimum_rules(item)
		not kept_until(rule, item)
		name := concat("", [rule.from[0], ", from which ", rule.article, " counts"])
	],
	array.concat(
		[name |
			some field in ["minimum_keep", "period", "storage_limit"]
			item.schedule[field]
			not scheduled_until(field, item)
			name := concat("", ["triggered, from which the ", field, " of the schedule counts"])
		],
		[topic_texts[topic] | some topic in object.keys(topic_texts); untold(item, topic)],
	),
))

topic_texts := {
	"personal": "personal, whether it holds personal data",
	"class": "its class: policies/retention/table.rego names the classes that there are",
	"rule": "a rule for its class",
	"regimes": "the regimes that apply: an empty list frees nothing",
	"regime": "a regime that it names: policies/retention/table.rego names those that there are",
	"regime-of-class": "a regime for its class: those that it names keep nothing of it, and another does",
	"financial": "minimum_keep of the schedule, the time of financial services law (AI Act Art 18(3), 19(2), 26(6))",
	"bias": "bias_corrected, or the end of the schedule's period, whichever comes first (AI Act Art 4a(1)(e))",
}

untold(item, "personal") if not says_personal(item)

untold(item, "class") if not of_known_class(item)

untold(item, "rule") if {
	not has_period(item)
	count(minimum_rules(item)) == 0
	not bias_data(item)
}

untold(item, topic) if {
	topic in ["regime", "regime-of-class", "regimes"]
	regimes_untold(item, topic)
}

# The regimes that are named do not tell how long the class is kept.
regimes_untold(item, "regimes") if count(regimes_of(item)) == 0

regimes_untold(item, "regime") if {
	some name in regimes_of(item)
	not name in table.regimes
}

regimes_untold(item, "regime-of-class") if {
	count(table.rules_of(item.record_class)) > 0
	count(minimum_rules(item)) == 0
	not has_minimum(item)
}

untold(item, "financial") if {
	count(financial_articles(item)) > 0
	not has_minimum(item)
}

untold(item, "bias") if {
	bias_data(item)
	count(limits(item)) == 0
}

of_known_class(item) if table.known(item.record_class)

says_personal(item) if is_boolean(item.personal)

has_period(item) if is_string(item.schedule.period)

has_minimum(item) if is_string(item.schedule.minimum_keep)

# By which a financial institution keeps the item as part of the records of financial services law.
financial_articles(item) := [article |
	"eu-financial-services" in regimes_of(item)
	some class, article in table.of_financial_institutions
	table.part_of(item.record_class, class)
]

# -- why

reasons(item) := array.concat(
	array.concat(
		[text | text := "the register of legal holds did not answer"; not item.holds_reachable == true],
		[concat(" ", ["held for matter", hold.matter_id]) | some hold in holds_on(item)],
	),
	array.concat(
		array.concat(
			[concat(" ", ["not known:", name]) | some name in unknown(item)],
			[minimum.reason | some minimum in minimums(item)],
		),
		array.concat([limit.reason | some limit in limits(item)], collision_reasons(item)),
	),
)

collision_reasons(item) := ["split: the personal payload goes, the rest stays until the last minimum has run out"] if {
	minimise(item)
} else := ["a limit or a request ends before a minimum does, and the record cannot be split: a person must decide"] if {
	conflict(item)
} else := ["a minimum goes before a limit or a request, as was decided in", item.schedule.conflict_decision] if {
	count(collisions(item)) > 0
} else := []

hold_articles := {
	"authority-order": "AI Act Art 75a(6)(b)",
	"incident": "AI Act Art 73(6)",
	"litigation": "GDPR Art 17(3)(e)",
}

articles(item) := sort([article | some article in cited(item)])

cited(item) := {article |
	some article in array.concat(
		array.concat(
			[minimum.article | some minimum in minimums(item)],
			[limit.article | some limit in limits(item)],
		),
		array.concat([hold_articles[hold.ground] | some hold in holds_on(item)], financial_articles(item)),
	)
	records.filled(article)
}
