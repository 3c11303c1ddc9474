# METADATA
# title: General-purpose AI models (Art 3(63), 51 to 55)
# description: >-
#   Whether the model is a general-purpose one, whether it has systemic risk, and whether the organisation provides it.
#   Systemic risk is presumed above parameters.systemic_risk_exaflop of training compute (Art 51(2): 10^25 FLOP), whatever
#   `gpai_systemic` says. Who modifies a model provides the modified one where that took more than a third of the
#   original's compute; where the original's is not known, more than a third of the threshold that it lies above
#   (Commission guidelines C(2025) 7719, points 57 to 63). Compute is counted in 10^18 FLOP.
package risk.gpai

general(q) if q.gpai == true

general(q) if q.gpai_systemic == true

systemic(q) if q.gpai_systemic == true

systemic(q) if presumed(q)

presumed(q) if {
	general(q)
	compute(q) > data.parameters.systemic_risk_exaflop
}

# The training compute of the model as it is, the modification included.
compute(q) := object.get(q, "training_exaflop", 0) + object.get(q, "modification_exaflop", 0)

# The organisation provides the model.
provides(q) if {
	general(q)
	q.model_origin == "own"
}

provides(q) if {
	general(q)
	q.model_origin == "modified"
	q.modification_exaflop * 3 > original(q)
}

# Compute of the model that was modified, or the threshold that stands in for it.
original(q) := known if {
	known := q.training_exaflop
} else := data.parameters.systemic_risk_exaflop if {
	q.gpai_systemic == true
} else := data.parameters.gpai_exaflop

# What follows: the class of the model (Art 51), and for who provides it Art 52 to 55. Who releases a model under a free
# and open-source licence is freed of documentation and representative, unless it has systemic risk (Art 53(2), 54(6)).
articles(q) := array.concat(
	array.concat(
		[text | text := "Art 51(2)"; presumed(q)],
		[text | text := "Art 51(1)"; systemic(q); not presumed(q)],
	),
	[article | provides(q); some article in duties(q)],
)

duties(q) := array.concat(
	array.concat(
		["Art 53(1)(c)", "Art 53(1)(d)"],
		array.concat(
			[article | some article in ["Art 53(1)(a)", "Art 53(1)(b)"]; not freed(q)],
			[text | text := "Art 53(2)"; freed(q)],
		),
	),
	array.concat(
		[text | text := "Art 54(1)"; abroad(q); not freed(q)],
		[article | some article in ["Art 52(1)", "Art 55(1)"]; systemic(q)],
	),
)

freed(q) if {
	q.open_source_release == true
	not systemic(q)
}

abroad(q) if not q.provider_country in data.risk.vocabulary.member_states

reasons(q) := array.concat(
	[text | text := "its training compute is above the threshold: systemic risk is presumed (Art 51(2))"; presumed(q)],
	[text |
		text := "more than a third of the original compute went into the modification: provider of the modified model (Art 3(63), 53)"
		provides(q)
		q.model_origin == "modified"
	],
)

doubts(q) := [texts[topic] | some topic in ["thresholds", "origin", "whose", "taken", "training", "generating", "modification", "general"]; doubt(q, topic)]

texts := {
	"thresholds": "the compute thresholds of general-purpose models are not configured",
	"origin": "model_origin: whose general-purpose model it is, is not told (Art 3(63))",
	"whose": "model_origin: whose model it is that generates is not told, so whether it is a general-purpose one of the organisation cannot be judged (Art 3(63))",
	"taken": "the model is said to be taken as it is, and compute went into modifying it (Art 3(63))",
	"training": "training_exaflop: the compute of the own model is not told, so systemic risk cannot be judged (Art 51(2))",
	"generating": "training_exaflop or modification_exaflop: the compute of the own or modified model, which generates, is not told, so whether it is a general-purpose one cannot be judged (Art 3(63))",
	"modification": "modification_exaflop: the compute of the modification is not told, so who provides the model cannot be judged",
	"general": "the training compute and what it generates are those of a general-purpose model, and gpai is answered no (Art 3(63))",
}

doubt(_, "thresholds") if not configured

doubt(q, "origin") if {
	general(q)
	not data.risk.facts.answered(q, "model_origin")
}

doubt(q, "training") if {
	general(q)
	q.model_origin == "own"
	q.gpai_systemic == false
	not data.risk.facts.answered(q, "training_exaflop")
}

doubt(q, "whose") if {
	q.gpai == false
	count(q.generates) > 0
	not data.risk.facts.answered(q, "model_origin")
}

doubt(q, "taken") if {
	q.model_origin == "third-party"
	q.modification_exaflop > 0
}

doubt(q, "generating") if {
	q.gpai == false
	q.model_origin in {"modified", "own"}
	count(q.generates) > 0
	not data.risk.facts.answered(q, "training_exaflop")
}

doubt(q, "generating") if {
	q.gpai == false
	q.model_origin == "modified"
	count(q.generates) > 0
	not data.risk.facts.answered(q, "modification_exaflop")
}

doubt(q, "modification") if {
	general(q)
	q.model_origin == "modified"
	not data.risk.facts.answered(q, "modification_exaflop")
}

doubt(q, "general") if {
	q.gpai == false
	count(q.generates) > 0
	compute(q) > data.parameters.gpai_exaflop
}

configured if {
	data.parameters.systemic_risk_exaflop > 0
	data.parameters.gpai_exaflop > 0
}
