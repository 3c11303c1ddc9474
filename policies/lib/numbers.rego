# METADATA
# title: Exact numbers
# description: >-
#   Arithmetic on recorded metrics. OPA counts in decimals and regorus in doubles, so a fraction is turned into whole
#   millionths, the precision of the record, before it is added to or taken from another.
package lib.numbers

# A recorded number as whole millionths, for sums and differences that every engine gets the same.
micro(number) := round(number * 1000000)
