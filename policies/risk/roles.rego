# METADATA
# title: Roles under the AI Act (Art 2(1), 3, 25)
# description: >-
#   What the organisation is follows from the answers: the trigger of Art 2(1), Art 25 (own name, substantial modification
#   or changed purpose make a provider; so does Art 25(3) of the manufacturer of a Section A product whose safety component
#   the system is), the general-purpose model, the bank's scope decision, uses at work, personal data and the laws of the
#   United States that bind. The list that the questionnaire names may add roles and takes none away.
package risk.roles

of_the_act := {
	"deployer", "distributor", "gpai-provider", "importer", "product-manufacturer", "provider", "representative",
}

of_trigger := {
	"provider-eu-market": "provider",
	"deployer-in-eu": "deployer",
	"importer": "importer",
	"distributor": "distributor",
	"product-manufacturer": "product-manufacturer",
	"representative": "representative",
}

# Every role, sorted. Without one of the Act the roles are not known, which is written as none: that frees of nothing.
held(q) := sort([role | some role in (every_role(q) | by_us_law(q))]) if {
	count(every_role(q) & of_the_act) > 0
} else := []

every_role(q) := ((named(q) | {role | role := of_trigger[q.scope_trigger]}) | {"provider" | flips(q)}) | follows(q)

named(q) := {role | some role in q.roles}

follows(q) := {role | some role in ["gpai-provider", "bank", "employer", "controller"]; is(q, role)}

is(q, "gpai-provider") if data.risk.gpai.provides(q)

is(q, "bank") if q.bank_scope in {"generative-separate", "in-scope"}

is(q, "employer") if employs(q)

# A law of the United States on decisions of employment binds.
employs(q) if {
	some flag in q.us_flags
	flag in {"feha-ads", "nyc-aedt"}
}

# Whoever processes personal data for nobody else determines purposes and means.
is(q, "controller") if {
	q.personal_data == true
	not "processor" in named(q)
}

# A law of the United States that binds says whom. It makes nobody known under the Act who was not.
by_us_law(q) := {role | some role, flags in us_roles(q); some flag in q.us_flags; flag in flags}

us_roles(q) := {
	"deployer": ({"ccpa-admt"} | neither_makes_nor_uses(q)),
	"provider": neither_makes_nor_uses(q),
	"controller": {flag | flag := "hipaa-phi"; not "processor" in named(q)},
}

neither_makes_nor_uses(q) := {flag | flag := "co-admt"; count(every_role(q) & {"deployer", "provider"}) == 0}

flips(q) if by_article_25_1(q)

flips(q) if manufactures(q)

by_article_25_1(q) if q.rebranded == true

by_article_25_1(q) if q.substantially_modified == true

by_article_25_1(q) if q.purpose_changed == true

manufactures(q) if {
	makes_product(q)
	data.risk.annex_i.route(q) == "a"
}

makes_product(q) if "product-manufacturer" in named(q)

makes_product(q) if q.scope_trigger == "product-manufacturer"

# A flip tells something new where the organisation was no provider before.
flipped(q) if {
	flips(q)
	not provider_before(q)
}

provider_before(q) if "provider" in named(q)

provider_before(q) if q.scope_trigger == "provider-eu-market"

articles(q) := array.concat(
	[text | text := "Art 25(1)"; flipped(q); by_article_25_1(q)],
	[text | text := "Art 25(3)"; flipped(q); not by_article_25_1(q)],
)

doubts(q) := [texts[topic] | some topic in ["none", "output", "code", "third-country", "deployer", "public", "own", "whose"]; doubt(q, topic)]

texts := {
	"none": "no role of the AI Act is named (Art 3(3) to (8)): a controller alone is none",
	"output": "the output is used in the Union, and neither provider nor deployer is named (Art 2(1)(c))",
	"code": "provider_country is no ISO 3166 code of two capital letters",
	"third-country": "importer and representative are for providers of third countries, and provider_country is a Member State (Art 3(5), 22)",
	"deployer": "the organisation is a deployer, and deployer_kind is none",
	"public": "the use is one of public authorities or on behalf of them (Annex III 5(a), 6, 7), and deployer_kind is private",
	"whose": "model_origin: whose model it is is not told, so whether the organisation provides the system cannot be judged (Art 3(3))",
	"own": "the model was trained here, and the organisation names itself no provider (Art 3(3))",
}

doubt(q, "none") if not some_role_of_the_act(q)

doubt(q, "output") if {
	q.scope_trigger == "output-used-in-eu"
	count(named(q) & {"deployer", "provider"}) == 0
}

doubt(q, "code") if not country_code(q)

doubt(q, "third-country") if {
	q.scope_trigger in {"importer", "representative"}
	q.provider_country in data.risk.vocabulary.member_states
}

doubt(q, "deployer") if {
	q.deployer_kind == "none"
	"deployer" in held(q)
}

# What these points name is used by public authorities or on behalf of them, which is a public service.
doubt(q, "public") if {
	q.deployer_kind == "private"
	"deployer" in held(q)
	public_use(q)
}

public_use(q) if q.law_enforcement == true

public_use(q) if {
	some point, answer in q.annex_iii_answers
	answer == "yes"
	point_of_authorities(point)
}

point_of_authorities(point) if point == "5a"

point_of_authorities(point) if substring(point, 0, 1) in {"6", "7"}

# Who trains a model and uses it puts a system into service under its own name.
doubt(q, "own") if {
	q.model_origin == "own"
	not provides(q)
}

doubt(q, "whose") if {
	not provides(q)
	not data.risk.facts.answered(q, "model_origin")
}

provides(q) if count({"gpai-provider", "provider"} & every_role(q)) > 0

some_role_of_the_act(q) if {
	some role in q.roles
	role in of_the_act
}

country_code(q) if regex.match("^[A-Z][A-Z]$", q.provider_country)
