package lib.tiers_test

import data.lib.tiers

test_ranks if {
	every tier in ["high-annex-iii", "high-annex-i-a", "high-annex-i-b", "undetermined"] {
		tiers.rank(tier) == "high"
	}
	tiers.rank("limited") == "limited"
	tiers.rank("derogated") == "limited"
	tiers.rank("minimal") == "minimal"
}

test_no_rank if {
	not tiers.rank("prohibited")
	not tiers.rank("high")
}

test_strictest if {
	tiers.strictest(["minimal", "undetermined", "high-annex-iii"]) == "undetermined"
	tiers.strictest(["minimal", "limited"]) == "limited"
	tiers.strictest(["high-annex-i-a", "high-annex-iii"]) == "high-annex-iii"
	not tiers.strictest([])
}

test_at_least if {
	tiers.at_least("minimal", "minimal")
	tiers.at_least("high-annex-iii", "limited")
	not tiers.at_least("limited", "high-annex-iii")
	not tiers.at_least("low", "minimal")
}
