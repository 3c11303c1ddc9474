package lib.time_test

import data.lib.time as calendar

test_month_ends_are_kept if {
	calendar.add("2026-01-31T08:00:00Z", "P1M") == "2026-02-28T08:00:00Z"
	calendar.add("2024-01-31T08:00:00Z", "P1M") == "2024-02-29T08:00:00Z"
	calendar.add("2026-08-31T23:59:59Z", "P6M") == "2027-02-28T23:59:59Z"
	calendar.add("2026-03-31T00:00:00Z", "P13M") == "2027-04-30T00:00:00Z"
	calendar.add("2026-12-31T00:00:00Z", "P2M") == "2027-02-28T00:00:00Z"
}

test_leap_days if {
	calendar.add("2024-02-29T00:00:00Z", "P1Y") == "2025-02-28T00:00:00Z"
	calendar.add("2024-02-29T00:00:00Z", "P4Y") == "2028-02-29T00:00:00Z"
	calendar.add("2024-02-28T00:00:00Z", "P1D") == "2024-02-29T00:00:00Z"
	calendar.add("2096-02-29T00:00:00Z", "P4Y") == "2100-02-28T00:00:00Z"
}

test_ten_years_from_a_day if {
	calendar.add(calendar.start_of("2026-11-21"), "P10Y") == "2036-11-21T00:00:00Z"
	calendar.day_of("2036-11-21T07:00:00Z") == "2036-11-21"
}

test_days_weeks_and_clock if {
	calendar.add("2026-11-21T08:00:00Z", "P90D") == "2027-02-19T08:00:00Z"
	calendar.add("2026-11-21T08:00:00Z", "P2W") == "2026-12-05T08:00:00Z"
	calendar.add("2026-12-31T23:59:00Z", "PT1M") == "2027-01-01T00:00:00Z"
	calendar.add("2026-11-21T08:00:00Z", "PT72H") == "2026-11-24T08:00:00Z"
	calendar.add("2026-11-21T08:00:00Z", "P1Y2M3W4DT5H6M7S") == "2028-02-15T13:06:07Z"
	calendar.add("2026-11-21T08:00:00Z", "P0D") == "2026-11-21T08:00:00Z"
	calendar.add_days("2026-02-20T08:00:00Z", 10) == "2026-03-02T08:00:00Z"
}

test_what_is_no_duration_has_no_answer if {
	every duration in ["", "P", "PT", "P1", "1Y", "P1.5Y", "P-1Y", "P1DT", "P1M1Y", "P1Y1Y", "PT1D", "P1H", "P1YT1HT1M", "6M"] {
		not calendar.add("2026-11-21T08:00:00Z", duration)
	}
}

test_what_is_no_instant_has_no_answer if {
	every instant in [
		"", "2026-11-21", "2026-11-21T08:00:00+01:00", "2026-11-21T08:00:00.5Z", " 2026-11-21T08:00:00Z", "yesterday",
		"2026-02-29T08:00:00Z", "2100-02-29T08:00:00Z", "2026-00-21T08:00:00Z", "2026-13-21T08:00:00Z",
		"2026-11-00T08:00:00Z", "2026-11-31T08:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T08:60:00Z",
		"2026-11-21T08:00:60Z", "2026-11-21T08:00:0eZ", "2026-1-121T08:00:00Z",
	] {
		not calendar.add(instant, "P1D")
	}
}

test_outside_the_years_1_to_9999_has_no_answer if {
	not calendar.add("0000-12-31T00:00:00Z", "P1D")
	not calendar.add("9999-12-31T00:00:00Z", "P1D")
	not calendar.add("9999-12-31T23:59:59Z", "PT1S")
	not calendar.add("2026-01-01T00:00:00Z", "P7974Y")
	not calendar.add("2026-01-01T00:00:00Z", "P999999999999D")
	not calendar.add("2026-01-01T00:00:00Z", "PT99999999999999999999S")
	not calendar.add_days("2026-01-01T00:00:00Z", 1000000000000000000000)
	calendar.add("0001-01-01T00:00:00Z", "P9998Y") == "9999-01-01T00:00:00Z"
	calendar.add("2026-01-01T00:00:00Z", "PT0000000000000000000001S") == "2026-01-01T00:00:01Z"
}

test_no_part_of_a_day_is_added if {
	not calendar.add_days("2026-01-01T00:00:00Z", 1.5)
	not calendar.add_days("2026-01-02T00:00:00Z", -1)
}

test_within_days if {
	calendar.within_days("2026-11-11T08:00:00Z", 10, "2026-11-21T08:00:00Z")
	not calendar.within_days("2026-11-11T07:59:59Z", 10, "2026-11-21T08:00:00Z")
	not calendar.within_days("2026-11-21T08:00:01Z", 10, "2026-11-21T08:00:00Z")
}

test_at_most_days_between if {
	calendar.at_most_days_between("2026-11-01T00:00:00Z", "2026-11-16T00:00:00Z", 15)
	not calendar.at_most_days_between("2026-11-01T00:00:00Z", "2026-11-16T00:00:01Z", 15)
	not calendar.at_most_days_between("2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z", 15)
}

test_at_least_days_between if {
	calendar.at_least_days_between("2026-11-01T08:00:00Z", "2026-11-16T08:00:00Z", 15)
	not calendar.at_least_days_between("2026-11-01T08:00:00Z", "2026-11-16T07:59:59Z", 15)
	calendar.at_least_days_between("2028-02-28T00:00:00Z", "2028-03-01T00:00:00Z", 2)
	not calendar.at_least_days_between("2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z", 2)
	calendar.at_least_days_between("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", 0)
	not calendar.at_least_days_between("2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z", 0)
	not calendar.at_least_days_between("2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z", -5)
	not calendar.at_least_days_between("2026-11-01T00:00:00Z", "2026-11-16T00:00:00Z", 1.5)
	not calendar.at_least_days_between("2026-11-01", "2026-11-16T00:00:00Z", 1)
}

test_read_holds_to_the_calendar if {
	calendar.within_days("2026-11-21T23:59:59Z", 0, "2026-11-21T23:59:59Z")
	every written in [
		"0000-11-21T08:00:00Z", "2026-00-21T08:00:00Z", "2026-13-21T08:00:00Z", "2026-11-00T08:00:00Z",
		"2026-11-31T08:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T08:60:00Z", "2026-11-21T08:00:60Z",
		"2026-11-21T8:00:00Z", "2026-11-21t08:00:00Z", "2026-11-2AT08:00:00Z", "",
	] {
		not calendar.within_days(written, 9999, written)
	}
}

# Days are counted from the digits and from the month: both ways agree, before a leap day and where a century has none.
test_days_are_counted_alike if {
	every day in [
		"0001-01-01", "0099-12-31", "0100-02-28", "0100-03-01", "1900-01-31", "1900-02-28", "1900-03-01", "2000-01-01", "2000-02-29",
		"2000-03-01", "2026-11-21", "2028-02-28", "2028-02-29", "2028-03-01", "2099-12-31", "2100-02-28", "2100-03-01", "9999-12-31",
	] {
		instant := calendar.start_of(day)
		at := calendar.read(instant)
		calendar.days_at(instant) == calendar.day_number(at.month, at.day)
	}
}

test_lasts if {
	calendar.lasts("P6M", "P6M")
	calendar.lasts("P184D", "P6M")
	calendar.lasts("P1Y", "P12M")
	calendar.lasts("P366D", "P1Y")
	not calendar.lasts("P183D", "P6M")
	not calendar.lasts("P365D", "P1Y")
	not calendar.lasts("P5M", "P6M")
	calendar.lasts("P9999Y", "P6M")
	calendar.lasts("P9999Y", "P9998Y11M")
	calendar.lasts("P3652425D", "P9999Y")
	not calendar.lasts("P6M", "P9999Y")
	not calendar.lasts("P3652000D", "P9999Y")
	not calendar.lasts("half a year", "P6M")
	not calendar.lasts("P6M", "half a year")
	not calendar.lasts("P20000Y", "P1D")
	calendar.lasts("P7Y", "P2555D")
	not calendar.lasts("P7Y", "P2556D")
	calendar.lasts("P3653D", "P10Y")
	not calendar.lasts("P3652D", "P10Y")
	calendar.lasts("P1M", "PT672H")
	not calendar.lasts("P1M", "PT672H1S")
}

test_weekdays_between if {
	calendar.weekdays_between("2026-11-02T09:00:00Z", "2026-11-16T09:00:00Z") == 10
	calendar.weekdays_between("2026-11-02T09:00:00Z", "2026-11-13T23:00:00Z") == 9
	calendar.weekdays_between("2026-11-01T23:00:00Z", "2026-11-13T00:00:00Z") == 10
	calendar.weekdays_between("2026-11-06T00:00:00Z", "2026-11-08T00:00:00Z") == 0
	calendar.weekdays_between("2026-11-08T00:00:00Z", "2026-11-09T00:00:00Z") == 1
	calendar.weekdays_between("2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z") == 1
	calendar.weekdays_between("2028-02-28T00:00:00Z", "2028-03-01T00:00:00Z") == 2
	not calendar.weekdays_between("2026-11-09T00:00:00Z", "2026-11-08T00:00:00Z")
	not calendar.weekdays_between("2026-11-09", "2026-11-10T00:00:00Z")
}

test_minutes_and_hours_between if {
	calendar.at_most_minutes_between("2026-12-31T23:50:00Z", "2027-01-01T00:05:00Z", 15)
	not calendar.at_most_minutes_between("2026-12-31T23:50:00Z", "2027-01-01T00:05:01Z", 15)
	calendar.at_most_minutes_between("2026-11-21T08:00:00Z", "2026-11-21T08:00:00Z", 0)
	not calendar.at_most_minutes_between("2026-11-21T08:00:01Z", "2026-11-21T08:00:00Z", 15)
	calendar.at_most_hours_between("2028-02-28T08:09:07Z", "2028-03-01T08:09:07Z", 48)
	not calendar.at_most_hours_between("2028-02-28T08:09:07Z", "2028-03-01T08:09:08Z", 48)
	not calendar.at_most_hours_between("2026-11-21", "2026-11-22T08:00:00Z", 48)
}

test_minutes if {
	calendar.at_most_minutes_between("2026-11-20T23:55:00Z", "2026-11-21T00:00:00Z", 5)
	not calendar.at_most_minutes_between("2026-11-20T23:55:00Z", "2026-11-21T00:00:01Z", 5)
	not calendar.at_most_minutes_between("2026-11-20T23:55:00Z", "2026-11-20T23:54:59Z", 5)
	calendar.at_most_minutes_between("2026-11-20T23:55:00Z", "2026-11-20T23:55:00Z", 0)
	not calendar.at_most_minutes_between("2026-11-20T23:55:00Z", "2026-11-20T23:55:00Z", -1)
}

test_hours_later if {
	calendar.add_hours("2026-11-20T06:00:00Z", 0) == "2026-11-20T06:00:00Z"
	calendar.add_hours("2026-11-20T06:00:00Z", 24) == "2026-11-21T06:00:00Z"
	calendar.add_hours("2026-11-30T23:30:00Z", 49) == "2026-12-03T00:30:00Z"
	not calendar.add_hours("2026-11-30T23:30:00Z", -1)
	not calendar.add_hours("2026-11-30T23:30:00Z", 1.5)
}

test_minutes_later if {
	calendar.add_minutes("2026-12-31T23:30:00Z", 60) == "2027-01-01T00:30:00Z"
	calendar.within_minutes("2026-11-21T08:00:00Z", 15, "2026-11-21T08:15:00Z")
	not calendar.within_minutes("2026-11-21T08:00:00Z", 15, "2026-11-21T08:15:01Z")
	not calendar.within_minutes("2026-11-21T08:00:01Z", 15, "2026-11-21T08:00:00Z")
	not calendar.add_minutes("2026-11-21T08:00:00Z", -1)
	not calendar.add_minutes("2026-11-21T08:00:00Z", 0.5)
}
