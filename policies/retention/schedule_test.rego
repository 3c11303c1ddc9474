package retention.schedule_test

import data.retention.schedule

bounds := {"eu_documentation_keep": "P10Y", "event_log_keep": "P6M"}

now := "2026-11-21T00:00:00Z"

item(class, anchors) := {
	"id": "item-1",
	"record_class": class,
	"personal": false,
	"anchors": anchors,
	"holds_reachable": true,
	"holds": [],
}

but(given, changes) := object.union(given, changes)

asked(given) := answer if {
	answer := schedule.answer(given) with input.now as now with data.parameters as bounds
}

plan(changes) := object.union({"period": "P2Y", "split_rule": "none", "legal_basis": "policy"}, changes)

hold(changes) := object.union({"matter_id": "M-7", "ground": "litigation", "scope": ["item-1"], "held_from": "2026-01-01T00:00:00Z"}, changes)

# An item whose time has come.
old := but(item("inference-data", {"triggered": "2024-01-01T00:00:00Z"}), {"schedule": plan({})})

# Personal data that a statute keeps.
credit := but(item("credit-application", {"triggered": "2025-06-01T00:00:00Z", "acted": "2025-06-01T00:00:00Z"}), {
	"personal": true,
	"schedule": plan({"period": "P1Y"}),
})

test_technical_documentation_stays_ten_years if {
	answer := asked(item("technical-documentation", {"placed": "2026-11-21T00:00:00Z"}))
	answer.keep_until == "2036-11-21T00:00:00Z"
	answer.articles == ["AI Act Art 18(1)(a)"]
	answer.purge_at == null
	answer.due == false
}

test_each_class_of_the_table_keeps if {
	count(rules) == 22
	every rule in rules {
		anchors := {name: "2026-11-21T00:00:00Z" | some name in ["placed", "created", "expires", "requested", "acted", "decided", "last_used", "last_effective"]}
		asked(item(rule.class, anchors)).keep_until >= "2026-11-21T00:00:00Z"
	}
}

rules := found if {
	found := data.retention.table.minimums with data.parameters as bounds
}

test_lengths if {
	asked(item("event-log", {"created": "2026-08-31T00:00:00Z"})).keep_until == "2027-02-28T00:00:00Z"
	asked(item("ccpa-consumer-request", {"requested": "2026-01-01T00:00:00Z"})).keep_until == "2028-01-01T00:00:00Z"
	asked(item("ads-data", {"created": "2026-01-01T00:00:00Z"})).keep_until == "2030-01-01T00:00:00Z"
	asked(item("hipaa-documentation", {"created": "2026-01-01T00:00:00Z"})).keep_until == "2032-01-01T00:00:00Z"
	asked(item("credit-application", {"acted": "2026-01-31T00:00:00Z"})).keep_until == "2028-02-29T00:00:00Z"
	asked(item("colorado-deployer-record", {"decided": "2026-01-01T00:00:00Z"})).keep_until == "2029-01-01T00:00:00Z"
	asked(item("bias-audit-summary", {"last_used": "2026-01-01T00:00:00Z"})).keep_until == "2026-07-01T00:00:00Z"
}

test_the_later_of_record_and_action_counts if {
	anchors := {"created": "2026-01-01T00:00:00Z", "acted": "2026-06-01T00:00:00Z"}
	asked(item("ads-data", anchors)).keep_until == "2030-06-01T00:00:00Z"
}

test_a_certificate_stays_until_the_later_of_its_two_rules if {
	anchors := {"placed": "2026-01-01T00:00:00Z", "expires": "2040-01-01T00:00:00Z"}
	asked(item("notified-body-certificate", anchors)).keep_until == "2040-01-01T00:00:00Z"
}

test_an_old_item_is_due if {
	answer := asked(old)
	answer.due == true
	answer.purge_at == "2026-01-01T00:00:00Z"
	answer.keep_until == null
	answer.held == false
}

test_a_hold_beats_the_purge if {
	every changes in [{}, {"scope": ["inference-data"]}, {"scope": ["v2", "version-9"]}, {"scope": []}, {"released_at": "2027-01-01T00:00:00Z"}] {
		answer := asked(but(old, {"names": ["version-9"], "holds": [hold(changes)]}))
		answer.held == true
		answer.due == false
		"held for matter M-7" in answer.reasons
		answer.articles == ["GDPR Art 17(3)(e)"]
	}
}

test_a_hold_of_something_else_does_not if {
	every changes in [{"scope": ["item-2"]}, {"released_at": "2026-11-01T00:00:00Z"}, {"held_from": "2027-01-01T00:00:00Z"}] {
		asked(but(old, {"holds": [hold(changes)]})).due == true
	}
}

test_a_hold_of_unknown_beginning_holds if {
	asked(but(old, {"holds": [object.remove(hold({}), ["held_from"])]})).held == true
}

test_a_register_that_did_not_answer_holds if {
	asked(but(old, {"holds_reachable": false})).held == true
	asked(object.remove(old, ["holds_reachable"])).held == true
	asked(object.remove(old, ["holds"])).held == true
	asked(object.remove(old, ["holds"])).due == false
}

test_an_authority_order_names_its_article if {
	asked(but(old, {"holds": [hold({"ground": "authority-order"})]})).articles == ["AI Act Art 75a(6)(b)"]
}

test_a_minimum_beats_the_period if {
	answer := asked(credit)
	answer.keep_until == "2027-07-01T00:00:00Z"
	answer.purge_at == "2027-07-01T00:00:00Z"
	answer.due == false
	answer.conflict == false
	answer.minimise == false
}

test_a_minimum_beats_an_erasure_request_where_that_was_decided if {
	answer := asked(but(requested, {"schedule": plan({"period": "P1Y", "conflict_decision": paper})}))
	answer.due == false
	answer.conflict == false
	answer.minimise == false
	answer.purge_at == "2027-07-01T00:00:00Z"
	paper in answer.reasons
}

requested := but(credit, {"anchors": but(credit.anchors, {"erasure_requested": "2026-01-01T00:00:00Z"})})

paper := "sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"

test_a_minimum_against_a_request_without_a_split_is_a_conflict if {
	every decision in [null, "", "decided", "sha256:d", true] {
		answer := asked(but(requested, {"schedule": plan({"period": "P1Y", "conflict_decision": decision})}))
		answer.conflict == true
		answer.minimise == false
		answer.due == false
		answer.purge_at == null
		answer.keep_until == "2027-07-01T00:00:00Z"
	}
}

test_a_decided_conflict_is_decided if {
	answer := asked(but(credit, {"schedule": plan({"storage_limit": "P18M", "conflict_decision": paper})}))
	answer.conflict == false
	answer.purge_at == "2027-07-01T00:00:00Z"
	answer.due == false
}

test_a_part_of_a_class_is_kept_as_the_class_is if {
	every class in ["event-log-scoring", "event-log-monitoring", "Event-Log", "EVENT-LOG-x"] {
		answer := asked(but(item(class, {"created": "2026-10-01T00:00:00Z", "triggered": "2026-10-01T00:00:00Z"}), {"schedule": plan({"period": "P1D"})}))
		answer.keep_until == "2027-04-01T00:00:00Z"
		answer.due == false
		answer.articles == ["AI Act Art 19(1), 26(6)"]
	}
	every class in ["event-logs", "my-event-log", "eventlog"] {
		asked(but(old, {"record_class": class})).due == false
	}
}

test_a_class_that_nobody_knows_keeps if {
	every class in ["scratch", "technical-documentatoin", "technicaldocumentation", "", " "] {
		answer := asked(but(old, {"record_class": class}))
		answer.due == false
		answer.purge_at == null
		count(answer.unknown) == 1
	}
}

test_an_empty_or_unknown_regime_keeps if {
	every regimes in [[], ["eu-ai-atc"], ["gdpr", "none"]] {
		every given in [but(old, {"regimes": regimes}), but(old, {"schedule": plan({"regimes": regimes})})] {
			answer := asked(given)
			answer.due == false
			count(answer.unknown) == 1
		}
	}
	asked(but(old, {"regimes": ["gdpr"]})).due == true
}

test_a_regime_that_keeps_nothing_of_the_class_keeps_it if {
	answer := asked(but(credit, {"regimes": ["gdpr"]}))
	answer.due == false
	count(answer.unknown) == 1
}

test_a_financial_institution_names_its_own_time if {
	given := but(item("technical-documentation", {"placed": "2026-01-01T00:00:00Z", "triggered": "2026-01-01T00:00:00Z"}), {"regimes": ["eu-financial-services"]})
	count(asked(given).unknown) == 1
	answer := asked(but(given, {"schedule": plan({"minimum_keep": "P12Y", "legal_basis": "national banking law"})}))
	count(answer.unknown) == 0
	answer.keep_until == "2038-01-01T00:00:00Z"
	answer.articles == ["AI Act Art 18(1)(a)", "AI Act Art 18(3)", "national banking law"]
	asked(but(given, {"schedule": plan({"minimum_keep": "P5Y"})})).keep_until == "2036-01-01T00:00:00Z"
	logs := but(item("event-log-scoring", {"created": "2026-01-01T00:00:00Z"}), {"regimes": ["eu-financial-services"]})
	count(asked(logs).unknown) == 1
	asked(logs).articles == ["AI Act Art 19(1), 26(6)", "AI Act Art 19(2), 26(6)"]
}

test_art_4a_data_without_an_anchor_are_unknown if {
	every anchors in [{}, {"triggered": "2020-01-01T00:00:00Z"}] {
		raw := but(item("bias-correction-data", anchors), {"personal": true})
		asked(raw).due == false
		count(asked(raw).unknown) == 1
	}
	unanchored := but(item("bias-correction-data", {}), {"personal": true, "schedule": plan({})})
	count(asked(unanchored).unknown) == 2
}

test_scopes_match_without_letter_case if {
	every name in ["ITEM-1", " item-1 ", "Inference-Data", "INFERENCE-DATA"] {
		asked(but(old, {"holds": [hold({"scope": [name]})]})).held == true
	}
	part := but(old, {"record_class": "inference-data-clicks"})
	asked(part).due == true
	asked(but(part, {"holds": [hold({"scope": ["inference-data"]})]})).held == true
}

test_a_blank_or_a_placeholder_in_a_scope_holds_everything if {
	every scope in [[" "], [""], ["item-2", "\t"], ["n/a"], ["item-2", "TBD"]] {
		asked(but(old, {"holds": [hold({"scope": scope})]})).held == true
	}
}

test_the_payload_goes_where_the_record_can_be_split if {
	answer := asked(but(credit, {
		"anchors": but(credit.anchors, {"erasure_requested": "2026-01-31T00:00:00Z"}),
		"schedule": plan({"period": "P1Y", "split_rule": "hash-and-metrics-kept"}),
	}))
	answer.minimise == true
	answer.minimise_at == "2026-02-28T00:00:00Z"
	answer.keep_until == "2027-07-01T00:00:00Z"
	answer.due == false
	answer.conflict == false
}

test_a_storage_limit_splits if {
	answer := asked(but(credit, {"schedule": plan({"storage_limit": "P18M", "split_rule": "pseudonymised"})}))
	answer.minimise == true
	answer.minimise_at == "2026-12-01T00:00:00Z"
}

test_a_storage_limit_that_cannot_split_is_a_conflict if {
	every changes in [{"personal": true}, {"personal": false, "schedule": plan({"storage_limit": "P18M", "split_rule": "pseudonymised"})}] {
		answer := asked(object.union(but(credit, {"schedule": plan({"storage_limit": "P18M"})}), changes))
		answer.conflict == true
		answer.due == false
		answer.purge_at == null
	}
}

test_a_storage_limit_after_the_minimum_is_none if {
	answer := asked(but(credit, {"schedule": plan({"period": "P30M", "storage_limit": "P3Y"})}))
	answer.conflict == false
	answer.purge_at == "2027-12-01T00:00:00Z"
}

test_several_regimes_keep_to_the_longest if {
	ads := item("ads-data", {"created": "2026-01-01T00:00:00Z", "triggered": "2026-01-01T00:00:00Z"})
	asked(but(ads, {"schedule": plan({"minimum_keep": "P7Y"})})).keep_until == "2033-01-01T00:00:00Z"
	asked(but(ads, {"linked_until": ["2040-01-01T00:00:00Z"]})).keep_until == "2040-01-01T00:00:00Z"
}

test_regimes_narrow_the_table if {
	asked(but(credit, {"regimes": ["gdpr"]})).keep_until == null
	asked(but(credit, {"regimes": ["gdpr", "ecoa"]})).keep_until == "2027-07-01T00:00:00Z"
}

test_the_purpose_has_ended if {
	ended := but(item("inference-data", {"triggered": "2026-10-01T00:00:00Z", "purpose_ended": "2026-11-20T00:00:00Z"}), {"schedule": plan({})})
	asked(but(ended, {"personal": true})).due == true
	asked(but(ended, {"personal": true})).articles == ["GDPR Art 5(1)(e)"]
	asked(ended).due == false
}

test_withdrawal_from_a_test if {
	withdrawn := but(item("real-world-test-data", {"triggered": "2026-10-01T00:00:00Z", "withdrawn": "2026-11-20T00:00:00Z"}), {
		"personal": true,
		"schedule": plan({}),
	})
	asked(withdrawn).due == true
}

test_art_4a_is_an_upper_bound if {
	raw := but(item("bias-correction-data", {"triggered": "2026-10-01T00:00:00Z", "bias_corrected": "2026-11-20T00:00:00Z"}), {
		"personal": true,
		"schedule": plan({"minimum_keep": "P10Y"}),
	})
	asked(raw).due == true
	asked(raw).keep_until == null
	asked(raw).articles == ["AI Act Art 4a(1)(e)"]
	asked(but(raw, {"holds": [hold({})]})).due == false

	# whichever comes first
	ended := {"triggered": "2024-10-01T00:00:00Z", "bias_corrected": "2027-01-01T00:00:00Z"}
	asked(but(raw, {"anchors": ended})).purge_at == "2026-10-01T00:00:00Z"
}

test_an_unknown_anchor_keeps if {
	every given in [
		item("technical-documentation", {}),
		object.remove(credit, ["anchors"]),
		but(old, {"anchors": {"triggered": "last year"}}),
		object.remove(old, ["personal"]),
		object.remove(old, ["schedule"]),
		item("never-heard-of", {}),
	] {
		answer := asked(given)
		answer.due == false
		answer.keep_until == null
		answer.purge_at == null
		count(answer.unknown) > 0
	}
}

test_without_parameters_there_is_no_answer if {
	not answered_without_parameters
}

answered_without_parameters if {
	schedule.answer(item("event-log", {"created": "2020-01-01T00:00:00Z"})).due with input.now as now with data.parameters as {}
}

test_a_schedule_is_kept_by_the_law_and_by_its_own_minimum if {
	mine := {"record_class": "event-log", "period": "P2Y", "minimum_keep": "P7M"}
	schedule.keeping(mine) == ["P6M", "P7M"] with data.parameters as bounds
	not schedule.vague(mine) with data.parameters as bounds
	schedule.keeping(but(mine, {"regimes": ["gdpr"]})) == ["P7M"] with data.parameters as bounds
}

test_regimes_that_do_not_keep_a_class_that_the_law_keeps_are_vague if {
	schedule.vague({"record_class": "event-log", "regimes": ["hipaa"]}) with data.parameters as bounds
	schedule.vague({"record_class": "event-log", "regimes": []}) with data.parameters as bounds
}
