# METADATA
# title: Exact numbers
# description: >-
#   Arithmetic on recorded metrics. OPA counts in decimals and regorus in doubles, so a fraction is turned into whole
#   millionths, the precision of the record, before it is added to or taken from another.
package lib.numbers

# A recorded number as whole millionths, for sums and differences that every engine gets the same. Nothing for a number
# whose millionths pass 2^53, which no engine's doubles count.
micro(number) := round(number * 1000000) if {
	number >= -9000000000
	number <= 9000000000
}

# A number without a fraction.
whole(number) if round(number) == number

# A part is at most so many percent of a whole; all three are whole numbers of at most 2^53.
at_most_percent(part, of_all, percent) if part * 100 <= percent * of_all

# So many millionths are at most a share of a number. Nothing for numbers past 9000, whose millionths times those of a
# share pass 2^53: count these in larger units.
at_most_share(millionths, of_all, share) if {
	millionths <= 9000000000
	of_all >= -9000
	of_all <= 9000
	0 <= share
	share <= 1
	millionths * 1000000 <= micro(of_all) * micro(share)
}
