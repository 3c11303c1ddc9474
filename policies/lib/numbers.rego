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

# A part is at least such a share of a whole: part and whole are whole numbers of at most nine thousand million, the
# share has at most six decimals. Of nothing, nothing is any share.
at_least_share(part, of_all, share) if part * 1000000 >= micro(share) * of_all

# A part is at most such a share of a whole, both as above.
at_most_share(part, of_all, share) if part * 1000000 <= micro(share) * of_all

# A value is at most, or at least, so many times a base, none of them below 0: exact to the millionth up to a million,
# and to the whole number beyond. The factor has three digits after the point, and is 8 at most.
at_most_times(value, base, factor) if product(base, value, thousandths(factor)) >= product(value, base, 1000)

at_least_times(value, base, factor) if product(base, value, thousandths(factor)) <= product(value, base, 1000)

# A value is at most, or at least, so great a share above a base.
at_most_above(value, base, share) if product(base, value, 1000 + thousandths(share)) >= product(value, base, 1000)

at_least_above(value, base, share) if product(base, value, 1000 + thousandths(share)) <= product(value, base, 1000)

# A number times a whole factor, in the unit that holds it and the other number.
product(number, other, factor) := micro(number) * factor if both_between(number, other, 1000000)

product(number, other, factor) := round(number) * factor if {
	both_between(number, other, 1000000000000)
	not both_between(number, other, 1000000)
}

both_between(one, other, high) if {
	0 <= one
	one <= high
	0 <= other
	other <= high
}

thousandths(factor) := micro(factor) / 1000 if {
	0 <= factor
	factor <= 8
	micro(factor) % 1000 == 0
}

# So many cases of all, up to 4,000 million, are a share that lies at most a gap below, or above, another share.
share_not_below(part, of_all, share, gap) if {
	of_all <= 4000000000
	part * 1000000 >= of_all * (micro(share) - micro(gap))
}

share_not_above(part, of_all, share, gap) if {
	of_all <= 4000000000
	part * 1000000 <= of_all * (micro(share) + micro(gap))
}

# The lower end of Wilson's interval, at two standard errors, lies at most a gap below a share: with t the share less the
# gap, in thousandths rounded up, (part - all t)^2 >= 4 all t (1 - t). Beyond 90,000 cases nothing is said.
share_surely_not_below(part, of_all, share, gap) if {
	over := (micro(share) - micro(gap)) + 999
	least := (over - (over % 1000)) / 1000
	of_all <= 90000
	part * 1000 >= of_all * least
	squared((part * 1000) - (of_all * least)) >= ((4 * of_all) * least) * (1000 - least)
}

squared(number) := number * number
