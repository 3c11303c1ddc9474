package lib.records_test

import data.lib.records

status(feed, complete) := {"predicate": {"feed": feed, "complete": complete}}

test_blank_text_is_not_filled if {
	records.filled("the split was wrong")
	not records.filled("n/a")
	not records.filled("aaaa")
	not records.filled(" \t\n")
	not records.filled("")
	not records.filled(1)
}

test_a_name_may_be_short_and_no_placeholder if {
	every name in ["2", "1.23.0", "ada", "IT", "crm-loans"] {
		records.named(name)
	}
	every name in ["", " ", "n/a", "TBD", "-", "none", 2] {
		not records.named(name)
	}
}

test_one_blank_text_spoils_the_list if {
	records.all_filled(["credit bureau", "own records"])
	not records.all_filled(["credit bureau", " "])
	not records.all_filled([])
}

test_nothing_asked_for_is_not_covered if {
	records.covers(["a", "b"], ["a"])
	not records.covers(["a"], ["a", "b"])
	not records.covers(["a"], [])
}

test_record_of_another_artifact_is_told_apart if {
	records.on_candidate({"predicate": {"artifact_digest": "sha256:c"}}) with input.subject.digest as "sha256:c"
	not records.on_candidate({"predicate": {"artifact_digest": "sha256:e"}}) with input.subject.digest as "sha256:c"
}

test_feed_is_complete_when_each_of_its_windows_is if {
	records.feed_complete([status("waiver", true), status("legal-hold", false)], "waiver")
	not records.feed_complete([status("waiver", true), status("waiver", false)], "waiver")
	not records.feed_complete([status("legal-hold", true)], "waiver")
	not records.feed_complete([], "waiver")
}

test_a_record_names_the_candidate_or_another if {
	records.names_candidate({"subject": ["sha256:a", "sha256:c"]}) with input.subject.digest as "sha256:c"
	not records.names_candidate({"subject": ["sha256:a"]}) with input.subject.digest as "sha256:c"
	not records.names_candidate({"subject": []}) with input.subject.digest as "sha256:c"
	not records.names_candidate({}) with input.subject.digest as "sha256:c"
}

word(decision, log_index) := said("ana", decision, log_index)

said(person, decision, log_index) := {
	"signature": {"signer": person},
	"log_index": log_index,
	"predicate": {"gate": "production", "artifact_digest": "sha256:c", "decision": decision, "conditions": []},
}

by(person, said) := object.union(said, {"signature": {"signer": person}})

for_another(said) := object.union(said, {"predicate": {"approver": {"id": "omar"}}})

test_approved_after_a_record_and_not_rejected_since if {
	record := {"log_index": 3}
	records.approved_after([word("approve", 4)], "production", record) with input.subject.digest as "sha256:c"
	records.approved_after([word("reject", 4), word("approve", 5)], "production", record) with input.subject.digest as "sha256:c"
	not records.approved_after([by("omar", word("reject", 4)), word("approve", 5)], "production", record) with input.subject.digest as "sha256:c"
	not records.approved_after([for_another(word("approve", 4))], "production", record) with input.subject.digest as "sha256:c"
	not records.approved_after([word("approve", 2)], "production", record) with input.subject.digest as "sha256:c"
	not records.approved_after([word("approve", 4)], "staging", record) with input.subject.digest as "sha256:c"
	not records.approved_after([word("approve", 4)], "production", record) with input.subject.digest as "sha256:e"
	not records.approved_after([word("approve", 4), word("reject", 5)], "production", record) with input.subject.digest as "sha256:c"
	not records.approved_after([word("reject", 4), said("ben", "approve", 5)], "production", record) with input.subject.digest as "sha256:c"
	not records.approved_after([word("reject", 2), said("ben", "approve", 5)], "production", record) with input.subject.digest as "sha256:c"
	not records.approved_after([word("abstain", 4)], "production", record) with input.subject.digest as "sha256:c"
	not records.approved_after([], "production", record) with input.subject.digest as "sha256:c"
}

of_role(role, held) := object.union(word("approve", 4), {"signature": {"signer": "ana", "roles": held}, "predicate": object.union(
	word("approve", 4).predicate,
	{"role": role},
)})

test_approved_in_law_after if {
	record := {"log_index": 3}
	records.approved_in_law_after([of_role("legal", ["legal"])], "production", record) with input.subject.digest as "sha256:c"
	not records.approved_in_law_after([of_role("legal", ["model-owner"])], "production", record) with input.subject.digest as "sha256:c"
	not records.approved_in_law_after([of_role("model-owner", ["model-owner"])], "production", record) with input.subject.digest as "sha256:c"
	not records.approved_in_law_after([of_role("legal", ["legal"])], "production", {"log_index": 5}) with input.subject.digest as "sha256:c"
}

test_an_approval_with_an_open_condition_is_none if {
	open := {"log_index": 4, "signature": {"signer": "ana"}, "predicate": object.union(word("approve", 4).predicate, {"conditions": [{"text": "retrain first", "met": false}]})}
	not records.approved_after([open], "production", {"log_index": 3}) with input.subject.digest as "sha256:c"
	not records.approved_after([word("approve", 4), open], "production", {"log_index": 3}) with input.subject.digest as "sha256:c"
}

test_a_name_of_one if {
	every name in ["branch-desk", "ci-release", "allan", "sha256:aa", "Publications"] {
		records.single(name)
	}
	every name in [
		"", "*", "svc-*", "All", " any ", "All Users", "allAuthenticatedUsers", "Everyone", "guest", "nobody", "unknown",
		"Anonymous", "system:anonymous", "system:unauthenticated", "ANONYMOUS_PRINCIPAL",
	] {
		not records.single(name)
	}
}

test_another_person if {
	eli := {"id": "eli", "name": "Eli Novak"}
	records.another({"id": "mara", "name": "Mara Lind"}, eli)
	every same in [eli, {"id": "Eli", "name": "Mara Lind"}, {"id": "e2", "name": "ELI  novak"}, {"id": "e2", "name": "n/a"}, {"id": "e2"}] {
		not records.another(same, eli)
		not records.another(eli, same)
	}
}
