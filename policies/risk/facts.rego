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
	"deployer_kind",
	"derogation_claimed",
	"derogation_conditions",
	"exclusions",
	"failure_endangers",
	"generates",
	"gpai",
	"gpai_systemic",
	"inference_based",
	"interacts_with_persons",
	"no_significant_risk",
	"open_source_release",
	"personal_data",
	"profiling",
	"purpose_changed",
	"rebranded",
	"roles",
	"safety_function_intended",
	"scope_trigger",
	"significant_effect",
	"solely_automated",
	"substantially_modified",
	"targeting_features",
	"task",
	"third_party_assessment_reason",
	"us_flags",
]

# What is not answered, in words; empty where every decisive fact is there.
unknown(q) := array.concat(
	array.concat(
		[sprintf("%s is not answered", [field]) | some field in decisive; not answered(q, field)],
		[sprintf("Annex III point %s is not answered", [point]) |
			some point in data.parameters.annex_iii_points
			not point_answered(q, point)
		],
	),
	array.concat(
		[text | text := "no role is named"; not some_role(q)],
		array.concat(
			[text | text := "the points of Annex III are not configured"; not points_configured],
			[text |
				text := "the day from which Art 5(1)(ba) and (bb) apply, or the present, is not known"
				not day_known
			],
		),
	),
)

answered(q, field) if field in object.keys(q)

point_answered(q, point) if q.annex_iii_answers[point] in {"yes", "no", "not-applicable"}

some_role(q) if count(q.roles) > 0

points_configured if count(data.parameters.annex_iii_points) > 0

day_known if {
	data.parameters.prohibited_new_from != ""
	input.now != ""
}

# An Annex III point is answered yes.
said_yes(q, point) if q.annex_iii_answers[point] == "yes"

# An optional text, such as the ground of an exception, is there and says something.
stated(q, field) if data.lib.records.filled(q[field])

# Emotions are inferred, by what is said of the biometric use or of the task.
infers_emotions(q) if q.biometric_kind == "emotion"

infers_emotions(q) if q.task == "emotion-inference"
