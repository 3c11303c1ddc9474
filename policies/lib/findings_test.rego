package lib.findings_test

import data.lib.findings as say

record := {"id": "sha256:1"}

test_a_breach_is_no_gap if {
	say.breach("known", record, "count", "too many") == {"objective": "known", "message": "too many", "evidence": "sha256:1", "path": "count"}
}

test_gap_with_and_without_a_record if {
	say.gap("known", record, "count", "not counted").gap == true
	say.none("known", "count", "nobody counted") == {"objective": "known", "message": "nobody counted", "path": "count", "gap": true}
}

test_more_is_added_to_a_finding if {
	say.also(say.none("known", "count", "fewer than {expected} of {group}"), {"expected": 3, "values": {"group": "f"}}) == {
		"objective": "known",
		"message": "fewer than {expected} of {group}",
		"path": "count",
		"gap": true,
		"expected": 3,
		"values": {"group": "f"},
	}
}
