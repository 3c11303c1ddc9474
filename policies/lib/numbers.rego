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

# A part is at least a share (0 to 1, to six places) of a whole.
at_least_share(part, of_all, share) if part * 1000000 >= micro(share) * of_all
