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

test_at_least_share if {
	numbers.at_least_share(99, 100, 0.99)
	not numbers.at_least_share(99, 100, 0.990001)
	numbers.at_least_share(0, 0, 1)
}
