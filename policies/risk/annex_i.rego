# METADATA
# title: Route A, Art 6(1) and Annex I
# description: >-
#   High risk where the system is a safety component of a product under an act of Annex I, or such a product itself, and
#   that product must undergo a third-party conformity assessment for health or safety. A component that only assists,
#   optimises or controls quality is none (Art 6(1a)) unless its failure endangers (6(1b)); an assessment for radio
#   spectrum or electromagnetic compatibility alone does not count (6(1c)). Points as amended in 2026: Section A 2 to 12,
#   Section B 13 to 21, machinery being point 21. A system that is the assessed product itself (`product_itself`) needs no
#   safety function; under points 11 and 12 software commonly is one, so where that is not told, `no` to both safety
#   questions leaves the tier undetermined. So does medical care that names neither point, and a safety component that
#   controls a vehicle or robot and names none.
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
	product_told(q)
}

listed(q) if q.annex_i_entry in sections[q.annex_i_section]

safety_component(q) if q.safety_function_intended == true

safety_component(q) if q.failure_endangers == true

# A product of its own is under Art 6(1)(a) as a safety component is.
safety_component(q) if q.product_itself == true

not_a_component(q) if {
	q.safety_function_intended == false
	q.failure_endangers == false
	not q.product_itself == true
}

product_told(q) if not q.annex_i_entry in medical

product_told(q) if q.product_itself == false

cares_for_patients(q) if q.task in {"diagnosis-support", "medical-imaging", "therapy-support"}

cares_for_patients(q) if "medical-care" in q.decisions

articles := {
	"a": ["Annex I Section A", "Art 6(1)"],
	"b": ["Annex I Section B", "Art 2(2)", "Art 6(1)"],
	"none": [],
}

# Why the route leads where it does, in words.
reasons(q) := [text | some topic in ["high", "assistance", "assessment"]; text := reason(q, topic)]

reason(q, "high") := concat("", ["safety component or product under Annex I point ", q.annex_i_entry, " with third-party assessment (Art 6(1))"]) if {
	route(q) in {"a", "b"}
}

reason(q, "assistance") := concat("", ["under Annex I point ", q.annex_i_entry, ", but no safety component (Art 6(1a))"]) if {
	listed(q)
	route(q) == "none"
	not_a_component(q)
}

reason(q, "assessment") := concat("", ["under Annex I point ", q.annex_i_entry, ", but no third-party assessment for health or safety (Art 6(1)(b), 6(1c))"]) if {
	listed(q)
	q.third_party_assessment_reason in {"radio-emc", "none"}
}

# What keeps the route from being told, in words.
doubts(q) := [text | some topic in ["entry", "product", "care", "motion"]; text := doubt(q, topic)]

doubt(q, "entry") := concat("", [
	"Annex I: point `",
	q.annex_i_entry,
	"` does not lie in section `",
	q.annex_i_section,
	"` as amended in 2026",
]) if {
	not in_no_section(q)
	not listed(q)
}

doubt(q, "product") := concat("", ["Annex I point ", q.annex_i_entry, ": whether the system is itself the assessed product is not told (Art 6(1)(a))"]) if {
	listed(q)
	not_a_component(q)
	q.third_party_assessment_reason == "health-safety"
	not product_told(q)
}

doubt(q, "care") := "software for diagnosis or therapy is a device under Annex I point 11 or 12, and none of them is named" if {
	cares_for_patients(q)
	not q.annex_i_entry in medical
}

doubt(q, "motion") := concat("", ["the task `", q.task, "` of a safety component is under an act of Annex I, and no point is named"]) if {
	data.risk.vocabulary.tasks[q.task].article == "Annex I"
	safety_component(q)
	in_no_section(q)
}

in_no_section(q) if {
	q.annex_i_entry == "none"
	q.annex_i_section == "none"
}
