package controls.risk.RISK_07_test

import data.controls.risk.RISK_07 as control

good := {"risk-questionnaire": [{"digest": "sha256:d", "signature": {"state": "verified", "kind": "person", "signer": "mara"}, "predicate": {"provider_country": "IT", "law_enforcement": false, "infrastructure": "none", "decisions": ["credit"], "targets": ["borrowers"], "inference_based": true, "scope_trigger": "deployer-in-eu", "exclusions": [], "roles": ["deployer"], "rebranded": false, "substantially_modified": false, "purpose_changed": false, "deployer_kind": "private", "annex_i_entry": "none", "annex_i_section": "none", "safety_function_intended": false, "failure_endangers": false, "third_party_assessment_reason": "none", "annex_iii_answers": {"1a": "no", "1b": "no", "1c": "no", "2": "no", "3a": "no", "3b": "no", "3c": "no", "3d": "no", "4a": "no", "4b": "no", "5a": "no", "5b": "yes", "5c": "no", "5d": "no", "6a": "no", "6b": "no", "6c": "no", "6d": "no", "6e": "no", "7a": "no", "7b": "no", "7c": "no", "7d": "no", "8a": "no", "8b": "no"}, "derogation_claimed": false, "derogation_conditions": [], "no_significant_risk": false, "profiling": true, "task": "forecasting", "context": "general", "targeting_features": [], "biometric_kind": "none", "interacts_with_persons": false, "generates": [], "solely_automated": false, "significant_effect": false, "personal_data": false, "gpai": false, "gpai_systemic": false, "open_source_release": false, "us_flags": [], "bank_scope": "not-a-bank"}, "id": "sha256:1"}], "risk-classification": [{"predicate": {"tier": "high-annex-iii", "declared_tier": "high-annex-iii", "impact_level": "low", "automation_level": 1, "next_review": "2027-06-01T00:00:00Z", "sensitive_domain": "credit"}, "id": "sha256:2"}]}

bounds := {"annex_iii_points": ["1a", "1b", "1c", "2", "3a", "3b", "3c", "3d", "4a", "4b", "5a", "5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c", "7d", "8a", "8b"], "prohibited_new_from": "2026-12-02", "systemic_risk_exaflop": 10000000, "gpai_exaflop": 100000, "max_not_applicable_points": 8}

but(changes) := object.union(good, changes)

found(evidence, parameters) := satisfied if {
	satisfied := control.satisfied with input.now as "2027-12-03T00:00:00Z"
		with input.gate as "registration"
		with input.subject.digest as "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		with input.system.tier as "high-annex-iii"
		with input.evidence as evidence
		with data.parameters as parameters
}

all := {"annex-i-decided", "annex-iii-answered", "annex-iii-decided"}

test_good_evidence_satisfies_all if found(good, bounds) == all

test_nothing_known_satisfies_nothing if count(found({}, bounds)) == 0

test_each_parameter_is_needed if {
	every name in object.keys(bounds) {
		found(good, object.remove(bounds, [name])) != all
	}
}

test_each_type_is_needed if {
	every kind in object.keys(good) {
		found(but({kind: []}), bounds) != all
	}
}

test_a_yes_that_leads_nowhere_is_found if {
	mild := object.union(good["risk-classification"][0], {"predicate": {"tier": "minimal"}})
	found(but({"risk-classification": [mild]}), bounds) == {"annex-iii-answered"}
}

test_a_point_that_is_not_asked_for_is_not_missed if {
	fewer := object.union(bounds, {"annex_iii_points": ["5b", "9z"]})
	not "annex-iii-answered" in found(good, fewer)
}
