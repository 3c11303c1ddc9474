package lib.numbers_test

import data.lib.numbers

test_millionths_are_whole_and_exact if {
	numbers.micro(0.285) == 285000
	numbers.micro(1) == 1000000
	numbers.micro(0) == 0
	numbers.micro(-0.1) == -100000
}

test_difference_of_fractions_is_exact if {
	numbers.micro(0.7) - numbers.micro(0.1) == numbers.micro(0.6)
	numbers.micro(0.1) + numbers.micro(0.2) == numbers.micro(0.3)
}

test_nothing_past_the_exact_range if {
	numbers.micro(9000000000) == 9000000000000000
	not numbers.micro(9000000001)
	not numbers.micro(-1e300)
}

test_shares_of_whole_numbers if {
	numbers.at_least_share(9, 10, 0.9)
	not numbers.at_least_share(8, 9, 0.9)
	numbers.at_least_share(0, 0, 0.9)
	numbers.at_least_share(7, 7, 1)
	numbers.at_most_share(3, 20, 0.15)
	not numbers.at_most_share(4, 20, 0.15)
	numbers.at_most_share(0, 0, 0)
}

test_a_share_of_a_number if {
	numbers.at_most_share(20000, 1000000, 0.02)
	not numbers.at_most_share(20001, 1000000, 0.02)
	numbers.at_most_share(-5, 1000000, 0)
}

test_a_value_against_a_base_is_exact if {
	numbers.at_most_times(240, 200, 1.2)
	not numbers.at_most_times(240.000001, 200, 1.2)
	numbers.at_least_times(0.3, 0.1, 3)
	not numbers.at_least_times(0.299999, 0.1, 3)
	not numbers.at_most_times(3, 9, 0.333)
	numbers.at_most_above(240, 200, 0.2)
	not numbers.at_most_above(240.000001, 200, 0.2)
	numbers.at_least_above(120, 100, 0.2)
	not numbers.at_least_above(119.999999, 100, 0.2)
}

test_large_values_count_in_whole_numbers if {
	numbers.at_most_times(2400000, 2000000, 1.2)
	not numbers.at_most_times(2400001, 2000000, 1.2)
	numbers.at_least_times(1000000000000, 1000000000000, 1)
}

test_no_answer_below_zero_beyond_the_range_or_for_a_fine_factor if {
	not numbers.at_most_times(-1, 1, 1)
	not numbers.at_most_times(1, -1, 1)
	not numbers.at_most_times(1, 1000000000001, 1)
	not numbers.at_most_times(1, 1, 1.0001)
	not numbers.at_most_times(1, 1, 10)
	not numbers.at_least_times(1, 1, -1)
}

test_share_with_a_gap if {
	numbers.share_not_below(85, 100, 0.9, 0.05)
	not numbers.share_not_below(84, 100, 0.9, 0.05)
	numbers.share_not_above(95, 100, 0.9, 0.05)
	not numbers.share_not_above(96, 100, 0.9, 0.05)
}

# Wilson at z = 2: 3 of 3 is at least 3 / (3 + 4) = 0.4286, 850 of 1000 at least 0.8260.
test_lower_end_of_wilson if {
	numbers.share_surely_not_below(3, 3, 0.9, 0.472)
	not numbers.share_surely_not_below(3, 3, 0.9, 0.471)
	numbers.share_surely_not_below(850, 1000, 0.9, 0.074)
	not numbers.share_surely_not_below(850, 1000, 0.9, 0.073)
	not numbers.share_surely_not_below(90001, 90001, 0.9, 0.5)
}

test_at_least_share if {
	numbers.at_least_share(99, 100, 0.99)
	not numbers.at_least_share(99, 100, 0.990001)
	numbers.at_least_share(0, 0, 1)
}
