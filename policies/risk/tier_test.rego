package risk.tier_test

import data.risk.tier
import data.risk.vocabulary

# The table is in tier_cases.yaml; here stand the rules that must never give way.
points := [
	"1a", "1b", "1c", "2", "3a", "3b", "3c", "3d", "4a", "4b", "5a", "5b", "5c", "5d",
	"6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c", "7d", "8a", "8b",
]

bounds := {"systemic_risk_exaflop": 10000000, "gpai_exaflop": 100000, "prohibited_new_from": "2026-12-02", "annex_iii_points": points}

plain := {
	"inference_based": true,
	"provider_country": "IT",
	"law_enforcement": false,
	"infrastructure": "none",
	"decisions": [],
	"targets": ["machines"],
	"scope_trigger": "deployer-in-eu",
	"exclusions": [],
	"roles": ["deployer"],
	"rebranded": false,
	"substantially_modified": false,
	"purpose_changed": false,
	"deployer_kind": "public-authority",
	"annex_i_entry": "none",
	"annex_i_section": "none",
	"safety_function_intended": false,
	"failure_endangers": false,
	"third_party_assessment_reason": "none",
	"annex_iii_answers": {point: "no" | some point in points},
	"derogation_claimed": false,
	"derogation_conditions": [],
	"no_significant_risk": false,
	"profiling": false,
	"task": "forecasting",
	"context": "general",
	"targeting_features": [],
	"biometric_kind": "none",
	"interacts_with_persons": false,
	"generates": [],
	"solely_automated": false,
	"significant_effect": false,
	"personal_data": false,
	"gpai": false,
	"model_origin": "third-party",
	"gpai_systemic": false,
	"open_source_release": false,
	"us_flags": [],
	"bank_scope": "not-a-bank",
}

with_yes(q, yes) := object.union(object.union(q, asked_by(yes)), {"annex_iii_answers": object.union(
	q.annex_iii_answers,
	{point: "yes" | some point in yes},
)})

# What points 1a and 1b make the questionnaire ask: where the faces come from, and which traits are told.
asked_by(yes) := object.union(
	{"faces_scraped": false | "1a" in yes},
	{"categorised_traits": ["age"] | "1b" in yes},
)

tier_of(q) := answer.tier if {
	answer := tier.classify(q) with input.now as "2026-11-21T00:00:00Z" with data.parameters as bounds
}

test_nothing_special_is_minimal if tier_of(plain) == "minimal"

test_nothing_known_is_undetermined if tier_of({}) == "undetermined"

test_each_fact_is_needed if {
	every field in object.keys(plain) {
		tier_of(object.remove(plain, [field])) == "undetermined"
	}
}

test_each_point_is_high_risk if {
	every point in points {
		tier_of(with_yes(plain, [point])) == "high-annex-iii"
	}
}

test_profiling_overrides_the_derogation if {
	claimed := object.union(with_yes(plain, ["4b"]), {
		"derogation_claimed": true,
		"derogation_conditions": ["a"],
		"no_significant_risk": true,
	})
	tier_of(claimed) == "derogated"
	tier_of(object.union(claimed, {"profiling": true, "decisions": ["work-performance"]})) == "high-annex-iii"
}

test_creditworthiness_of_persons_is_profiling if {
	tier_of(object.union(with_yes(plain, ["5b"]), {
		"derogation_claimed": true,
		"derogation_conditions": ["a"],
		"no_significant_risk": true,
	})) == "high-annex-iii"
}

test_each_word_has_its_article if {
	every words in [vocabulary.tasks, vocabulary.decisions, vocabulary.targets, vocabulary.contexts] {
		every entry in words {
			entry.article != ""
			count([point | some point in entry.points; not point in points]) == 0
		}
	}
}

# What each word of task and decisions says is asked of Annex III, and each point is said by a task and by a decision.
test_each_word_contradicts_a_no if {
	every word, entry in vocabulary.tasks {
		speaks(object.union(plain, {"task": word, "personal_data": true, "faces_scraped": false}), entry)
	}
	every word, entry in vocabulary.decisions {
		speaks(object.union(plain, {"decisions": [word]}), entry)
	}
}

speaks(_, entry) if count(entry.points) == 0

speaks(q, entry) if {
	count(entry.points) > 0
	tier_of(q) == "undetermined"
	tier_of(with_yes(q, [entry.points[0]])) in {"high-annex-iii", "prohibited"}
}

test_each_point_has_its_words if {
	every point in points {
		some entry in vocabulary.tasks
		point in entry.points
	}
	every point in points {
		some entry in vocabulary.decisions
		point in entry.points
	}
}

test_affected_targets_contradict_a_no if {
	every word, entry in vocabulary.targets {
		speaks(object.union(plain, {"targets": [word], "profiling": true, "decisions": ["price"]}), entry)
	}
}

roles := {"omar": ["compliance"], "mara": ["model-owner"], "eli": ["compliance"]}

# The second signature is another record with the same content.
questionnaire(signer, digest) := {
	"id": concat("/", [signer, digest]),
	"digest": digest,
	"signature": {"state": "verified", "kind": "person", "signer": signer, "roles": roles[signer]},
	"predicate": object.union(plain, {
		"interacts_with_persons": true,
		"notice_exception": {"claim": "obvious-to-persons", "reason": "labelled robot arm", "reviewed_by": {"id": "omar"}},
	}),
}

system_tier(records) := answer if {
	answer := tier.system.tier with input.now as "2026-11-21T00:00:00Z"
		with data.parameters as bounds
		with input.evidence as {"risk-questionnaire": records}
}

test_a_claim_counts_where_its_reviewer_filed_the_same if {
	system_tier([questionnaire("mara", "sha256:1"), questionnaire("omar", "sha256:1")]) == "minimal"
}

test_two_owners_are_one_interest if {
	owned := object.union(questionnaire("omar", "sha256:1"), {"signature": {"roles": ["model-owner"]}})
	system_tier([questionnaire("mara", "sha256:1"), owned]) == "limited"
}

test_a_claim_of_one_person_does_not_count if {
	every records in [
		[questionnaire("mara", "sha256:1")],
		[questionnaire("omar", "sha256:1")],
		[questionnaire("omar", "sha256:1"), questionnaire("omar", "sha256:1")],
		[questionnaire("mara", "sha256:1"), questionnaire("omar", "sha256:2")],
		[questionnaire("mara", "sha256:1"), questionnaire("eli", "sha256:1")],
		[questionnaire("mara", "sha256:1"), unsigned(questionnaire("omar", "sha256:1"))],
	] {
		system_tier(records) == "limited"
	}
}

unsigned(record) := object.union(record, {"signature": {"state": "unverified"}})

test_without_parameters_is_undetermined if {
	answer := tier.classify(plain) with input.now as "2026-11-21T00:00:00Z" with data.parameters as {}
	answer.tier == "undetermined"
}

test_no_questionnaire_is_undetermined if {
	tier.system.tier == "undetermined" with input.evidence as {} with data.parameters as bounds
}

test_weighing_lifts_minimal_alone if {
	tier.weighed("minimal", "low", 1) == "minimal"
	tier.weighed("minimal", "medium", 1) == "limited"
	tier.weighed("minimal", "low", 2) == "limited"
	tier.weighed("high-annex-iii", "low", 0) == "high-annex-iii"
	tier.weighed("undetermined", "high", 3) == "undetermined"
}
