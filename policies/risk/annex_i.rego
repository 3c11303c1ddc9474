# METADATA
# title: Route A, Art 6(1) and Annex I
# description: >-
#   High risk where the system is a safety component of a product under an act of Annex I, or such a product itself, and
#   that product must undergo a third-party conformity assessment for health or safety. A component that only assists,
#   optimises or controls quality is none (Art 6(1a)) unless its failure endangers (6(1b)); an assessment for radio
#   spectrum or electromagnetic compatibility alone does not count (6(1c)). Points as amended in 2026: Section A 2 to 12,
#   Section B 13 to 21, machinery being point 21. The questionnaire does not ask whether the system is the product
#   itself; under points 11 and 12 software commonly is, so `no` to both safety questions leaves the tier undetermined there.
package risk.annex_i

sections := {
	"a": {"2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"},
	"b": {"13", "14", "15", "16", "17", "18", "19", "20", "21"},
}

medical := {"11", "12"}

# The section by which the system is high risk, or `none`; undefined where that is in doubt.
route(q) := "none" if {
	q.annex_i_entry == "none"
	q.annex_i_section == "none"
}

route(q) := q.annex_i_section if {
	listed(q)
	safety_component(q)
	q.third_party_assessment_reason == "health-safety"
}

route(q) := "none" if {
	listed(q)
	q.third_party_assessment_reason in {"radio-emc", "none"}
}

route(q) := "none" if {
	listed(q)
	not_a_component(q)
	q.third_party_assessment_reason == "health-safety"
	not q.annex_i_entry in medical
}

listed(q) if q.annex_i_entry in sections[q.annex_i_section]

safety_component(q) if q.safety_function_intended == true

safety_component(q) if q.failure_endangers == true

not_a_component(q) if {
	q.safety_function_intended == false
	q.failure_endangers == false
}

articles := {
	"a": ["Annex I Section A", "Art 6(1)"],
	"b": ["Annex I Section B", "Art 2(2)", "Art 6(1)"],
	"none": [],
}

# Why the route leads where it does, in words.
reasons(q) := [text | some topic in ["high", "assistance", "assessment"]; text := reason(q, topic)]

reason(q, "high") := sprintf("safety component or product under Annex I point %s with third-party assessment (Art 6(1))", [q.annex_i_entry]) if {
	route(q) in {"a", "b"}
}

reason(q, "assistance") := sprintf("under Annex I point %s, but no safety component (Art 6(1a))", [q.annex_i_entry]) if {
	listed(q)
	route(q) == "none"
	not_a_component(q)
}

reason(q, "assessment") := sprintf("under Annex I point %s, but no third-party assessment for health or safety (Art 6(1)(b), 6(1c))", [q.annex_i_entry]) if {
	listed(q)
	q.third_party_assessment_reason in {"radio-emc", "none"}
}

# What keeps the route from being told, in words.
doubts(q) := [text | some topic in ["entry", "product"]; text := doubt(q, topic)]

doubt(q, "entry") := sprintf("Annex I: point `%s` does not lie in section `%s` as amended in 2026", [q.annex_i_entry, q.annex_i_section]) if {
	not in_no_section(q)
	not listed(q)
}

doubt(q, "product") := sprintf("Annex I point %s: whether the system is itself the assessed product is not told (Art 6(1)(a))", [q.annex_i_entry]) if {
	listed(q)
	not_a_component(q)
	q.third_party_assessment_reason == "health-safety"
	q.annex_i_entry in medical
}

in_no_section(q) if {
	q.annex_i_entry == "none"
	q.annex_i_section == "none"
}
