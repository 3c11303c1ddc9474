# METADATA
# title: Risk tiers by rank
# description: >-
#   The rank by which parameters with the keys minimal, limited and high are read. An unknown tier ranks high, a
#   prohibited practice has no rank: nothing that is asked for by rank can be met for it.
package lib.tiers

rank(tier) := "high" if tier in {"high-annex-iii", "high-annex-i-a", "high-annex-i-b", "undetermined"}

rank(tier) := "limited" if tier in {"limited", "derogated"}

rank(tier) := "minimal" if tier == "minimal"

# Tiers from the strictest to the mildest. Annex III stands before Annex I Section A: the same duties, but earlier.
strictest_first := [
	"prohibited",
	"undetermined",
	"high-annex-iii",
	"high-annex-i-a",
	"high-annex-i-b",
	"derogated",
	"limited",
	"minimal",
]

# The strictest of a list of tiers; undefined for an empty one.
strictest(tiers) := [tier | some tier in strictest_first; tier in tiers][0]

# The first tier is the second or stricter than it.
at_least(tier, other) if {
	some i, one in strictest_first
	one == tier
	some j, two in strictest_first
	two == other
	i <= j
}
