package lib.standings_test

import data.lib.standings

asked := {"control": "TP-01", "gate": "registration", "days": 92}

word := {
	"decision": "sha256:d",
	"outcome": "deny",
	"decided_at": "2026-08-21T00:00:00Z",
	"bundle_digest": "sha256:b",
	"overlay_digest": "sha256:a",
	"statuses": {"TP-01": "pass"},
	"waived_until": {},
	"gone": [],
}

said(change) := {
	"system_id": "mortgage",
	"version": "2",
	"digest": "sha256:1",
	"decisions": {"registration": object.union(word, change)},
}

undecided := {"system_id": "pricing", "version": "1", "digest": "sha256:2", "decisions": {}}

standing(versions) := {"id": "sha256:s", "predicate": {"versions": versions, "retired": []}}

present := {
	"now": "2026-11-21T00:00:00Z",
	"policies": {"bundle_digest": "sha256:b", "overlay_digest": "sha256:a"},
}

test_a_word_holds if {
	standings.hold([standing([said({})])], asked) with input as present
	not standings.finding("all", standing([]), said({}), asked) with input as present
}

let_go(bundle, overlay) := object.union(undecided, {"let_go": {"bundle_digest": bundle, "overlay_digest": overlay}})

test_let_go_by_policies_in_force if {
	standings.hold([standing([said({}), let_go("sha256:b", "sha256:a")])], asked) with input as present
	not standings.finding("all", standing([]), let_go("sha256:b", "sha256:a"), asked) with input as present
	not standings.hold([standing([let_go("sha256:b", "sha256:a")])], asked) with input as present
}

test_let_go_by_other_policies if {
	every version in [let_go("sha256:e", "sha256:a"), let_go("sha256:b", "sha256:e")] {
		not standings.hold([standing([said({}), version])], asked) with input as present
		standings.finding("all", standing([]), version, asked) with input as present
	}
}

test_nothing_stands if {
	not standings.hold([], asked) with input as present
	not standings.hold([standing([])], asked) with input as present
	not standings.hold([standing([said({})]), standing([])], asked) with input as present
}

told(version) := found if {
	found := standings.finding("all", standing([version]), version, asked) with input as present
}

opens(version, message) if {
	not standings.hold([standing([said({}), version])], asked) with input as present
	told(version).gap == true
	contains(told(version).message, message)
}

test_what_is_not_known_is_a_gap if {
	opens(undecided, "has not decided on")
	opens(said({"decided_at": "2026-08-20T23:59:59Z"}), "answers no more")
	opens(said({"decided_at": "2026-11-21T00:00:01Z"}), "answers no more")
	opens(said({"bundle_digest": "sha256:e"}), "answers no more")
	opens(said({"overlay_digest": "sha256:e"}), "answers no more")
	opens(said({"gone": ["sha256:e"]}), "answers no more")
	opens(said({"statuses": {"TP-01": "missing"}}), "said {observed}")
	opens(said({"statuses": {"TP-01": "error"}}), "said {observed}")
	opens(said({"statuses": {"TP-01": "waived"}}), "said {observed}")
}

test_a_gate_that_did_not_ask if {
	other := {"system_id": "mortgage", "version": "2", "digest": "sha256:1", "decisions": {"registration": other_control}}
	told(other).gap == true
	contains(told(other).message, "did not ask")
}

other_control := object.union(object.remove(word, ["statuses"]), {"statuses": {"TP-02": "pass"}})

test_a_breach_names_the_system if {
	version := said({"statuses": {"TP-01": "fail"}})
	not standings.hold([standing([said({}), version])], asked) with input as present
	not told(version).gap
	told(version).values == {"system": "mortgage", "version": "2", "gate": "registration", "control": "TP-01"}
}

test_a_waiver_has_an_end if {
	waived := {"statuses": {"TP-01": "waived"}}
	standings.hold([standing([said(object.union(waived, {"waived_until": {"TP-01": "2026-11-21T00:00:01Z"}}))])], asked) with input as present
	opens(said(object.union(waived, {"waived_until": {"TP-01": "2026-11-21T00:00:00Z"}})), "said {observed}")
	opens(said(object.union(waived, {"waived_until": {"TP-02": "2026-11-21T00:00:01Z"}})), "said {observed}")
}

test_of_no_version_nothing_is_known if standings.empty("all").gap == true
