# METADATA
# title: Statutory keeping times
# description: >-
#   How long each class of records must be kept, by law, from when, and by which regime. `from` names anchors of the item:
#   the latest of those that are known counts, and the first must be known. Two lengths are parameters with a legal floor.
#   A class may stand more than once; the longest counts. A class stands for its parts too, whatever the letter case:
#   `event-log-scoring` is kept as `event-log` is. A class that is neither here nor in `without_minimum` is not known, and
#   nothing of it may go.
package retention.table

# The rules of a class, by its own name or by that of the class of which it is a part.
rules_of(class) := [rule | plain := data.lib.text.lower(class); some rule in minimums; within(plain, rule.class)]

# The class is in the table, or one that no statute keeps.
known(class) if count(rules_of(class)) > 0

known(class) if {
	plain := data.lib.text.lower(class)
	some name in without_minimum
	within(plain, name)
}

part_of(class, name) if within(data.lib.text.lower(class), name)

within(plain, name) if plain == name

within(plain, name) if startswith(plain, concat("", [name, "-"]))

# Classes that no statute keeps; the schedule alone says how long they stay.
without_minimum := [
	"bias-correction-data", "breach-register", "consent-record", "decision-record", "dpia", "inference-data", "monitoring-data",
	"real-world-test-data", "ropa", "test-data", "training-data", "validation-data",
]

# Regimes that may be named; `gdpr` and `internal` keep nothing by themselves.
regimes := {rule.regime | some rule in minimums} | {"eu-financial-services", "gdpr", "internal"}

# Records of the AI Act that a financial institution keeps as part of those of financial services law, whose own time the
# schedule of the class says.
of_financial_institutions := object.union(
	{class: "AI Act Art 18(3)" | some class, _ in ten_years},
	{"event-log": "AI Act Art 19(2), 26(6)"},
)

minimums := array.concat(
	[
	{
		"class": class,
		"regime": "eu-ai-act",
		"keep": data.parameters.eu_documentation_keep,
		"from": ["placed"],
		"article": article,
	} |
		some class, article in ten_years
	],
	others,
)

# Kept for `eu_documentation_keep` from the last placing on the market or putting into service.
ten_years := {
	"technical-documentation": "AI Act Art 18(1)(a)",
	"quality-system": "AI Act Art 18(1)(b)",
	"notified-body-changes": "AI Act Art 18(1)(c)",
	"notified-body-decisions": "AI Act Art 18(1)(d)",
	"declaration-of-conformity": "AI Act Art 18(1)(e), 47(1)",
	"importer-copies": "AI Act Art 23(5)",
	"representative-copies": "AI Act Art 22(3)(b), 54(3)(b)",
	"notified-body-certificate": "AI Act Art 18(1)(d), 44",
}

others := [
	{
		"class": "event-log",
		"regime": "eu-ai-act",
		"keep": data.parameters.event_log_keep,
		"from": ["created"],
		"article": "AI Act Art 19(1), 26(6)",
	},
	{
		"class": "notified-body-certificate",
		"regime": "eu-ai-act",
		"keep": "P0D",
		"from": ["expires"],
		"article": "AI Act Art 44",
	},
	{
		"class": "ccpa-consumer-request",
		"regime": "ccpa",
		"keep": "P24M",
		"from": ["requested"],
		"article": "11 CCR 7101",
	},
	{
		"class": "ads-data",
		"regime": "feha",
		"keep": "P4Y",
		"from": ["created", "acted"],
		"article": "2 CCR 11013(c)",
	},
	{
		"class": "colorado-developer-record",
		"regime": "colorado",
		"keep": "P3Y",
		"from": ["created"],
		"article": "C.R.S. 6-1-1702(4)",
	},
	{
		"class": "colorado-deployer-record",
		"regime": "colorado",
		"keep": "P3Y",
		"from": ["decided"],
		"article": "C.R.S. 6-1-1704",
	},
	{
		"class": "bias-audit-summary",
		"regime": "nyc-ll144",
		"keep": "P6M",
		"from": ["last_used"],
		"article": "6 RCNY 5-303",
	},
	{
		"class": "hipaa-documentation",
		"regime": "hipaa",
		"keep": "P6Y",
		"from": ["created", "last_effective"],
		"article": "45 CFR 164.316(b)(2)(i)",
	},
	{
		"class": "credit-application",
		"regime": "ecoa",
		"keep": "P25M",
		"from": ["acted"],
		"article": "12 CFR 1002.12(b)",
	},
	{
		"class": "business-credit-application",
		"regime": "ecoa",
		"keep": "P12M",
		"from": ["acted"],
		"article": "12 CFR 1002.12(b)",
	},
	{
		"class": "employment-record",
		"regime": "eeoc",
		"keep": "P1Y",
		"from": ["created", "acted"],
		"article": "29 CFR 1602.14",
	},
	{
		"class": "medical-device-documentation",
		"regime": "mdr",
		"keep": "P10Y",
		"from": ["placed"],
		"article": "Regulation (EU) 2017/745 Art 10(8)",
	},
	{
		"class": "implantable-device-documentation",
		"regime": "mdr",
		"keep": "P15Y",
		"from": ["placed"],
		"article": "Regulation (EU) 2017/745 Art 10(8)",
	},
	{
		"class": "in-vitro-device-documentation",
		"regime": "ivdr",
		"keep": "P10Y",
		"from": ["placed"],
		"article": "Regulation (EU) 2017/746 Art 10(7)",
	},
]
