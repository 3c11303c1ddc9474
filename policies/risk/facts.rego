# METADATA
# title: Facts that decide the tier
# description: >-
#   The answers of a risk-questionnaire without which the tier cannot be told. Each must be given; none has a default.
package risk.facts

decisive := [
	"annex_i_entry",
	"annex_i_section",
	"annex_iii_answers",
	"bank_scope",
	"biometric_kind",
	"context",
	"decisions",
	"deployer_kind",
	"derogation_claimed",
	"derogation_conditions",
	"exclusions",
	"failure_endangers",
	"generates",
	"gpai",
	"gpai_systemic",
	"inference_based",
	"infrastructure",
	"interacts_with_persons",
	"law_enforcement",
	"no_significant_risk",
	"open_source_release",
	"personal_data",
	"profiling",
	"provider_country",
	"purpose_changed",
	"rebranded",
	"roles",
	"safety_function_intended",
	"scope_trigger",
	"significant_effect",
	"solely_automated",
	"substantially_modified",
	"targeting_features",
	"targets",
	"task",
	"third_party_assessment_reason",
	"us_flags",
]

# What is not answered, in words; empty where every decisive fact is there.
unknown(q) := array.concat(
	array.concat(
		[concat("", [field, " is not answered"]) | some field in decisive; not answered(q, field)],
		[point_text(q, point) | some point in data.parameters.annex_iii_points; not point_answered(q, point)],
	),
	array.concat(
		[text | text := "targets names nobody and nothing that the output is about"; not some_target(q)],
		array.concat(
			[text | text := "the points of Annex III are not configured"; not points_configured],
			[text |
				text := "the day from which Art 5(1)(ba) and (bb) apply, or the present, is not known"
				not day_known
			],
		),
	),
)

answered(q, field) if q[field] != null

# Yes, no, or not applicable for a reason that a second person signed for.
point_answered(q, point) if q.annex_iii_answers[point] in {"yes", "no"}

point_answered(q, point) if {
	q.annex_iii_answers[point] == "not-applicable"
	data.risk.grounds.not_applicable(q, point)
}

point_text(q, point) := concat("", [
	"Annex III point ", point, " is answered not-applicable, and `not_applicable` has no reason for it with a second signature: ",
	"give both, or answer `no`",
]) if {
	q.annex_iii_answers[point] == "not-applicable"
} else := concat("", ["Annex III point ", point, " is not answered"])

some_target(q) if count(q.targets) > 0

points_configured if count(data.parameters.annex_iii_points) > 0

day_known if {
	data.parameters.prohibited_new_from != ""
	input.now != ""
}

# An Annex III point is answered yes.
said_yes(q, point) if q.annex_iii_answers[point] == "yes"

# Decisions of legal or similar effect on persons, or an assessment of what they are.
affects_persons(q) if q.significant_effect == true

affects_persons(q) if q.profiling == true

# Emotions are inferred, by what is said of the biometric use, the task, the decisions or Annex III.
infers_emotions(q) if q.biometric_kind == "emotion"

infers_emotions(q) if q.task == "emotion-inference"

infers_emotions(q) if "emotional-state" in q.decisions

infers_emotions(q) if said_yes(q, "1c")

# Persons are put into categories by biometric data: `biometric_kind` has one value, and a system may do more than one thing.
categorises(q) if q.biometric_kind == "categorisation"

categorises(q) if q.task == "biometric-categorisation"

categorises(q) if "biometric-category" in q.decisions

categorises(q) if said_yes(q, "1b")

# Used for law enforcement, by what is said or by another answer that shows it.
enforces_law(q) if q.law_enforcement == true

enforces_law(q) if {
	some point in ["6a", "6b", "6c", "6d", "6e"]
	said_yes(q, point)
}
