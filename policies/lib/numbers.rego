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
