# METADATA
# title: Calendar
# description: >-
#   Instants are texts such as 2026-11-21T08:00:00Z and days texts such as 2026-11-21, so text order is time order and
#   `<` compares them. Durations are ISO 8601 and added by the calendar; a day past the end of a month becomes its last
#   day (31 January plus P1M is 28 February), as in evidence/model/duration.py. All of it is whole-number arithmetic,
#   with no call out of WebAssembly: days and months are counted from 1 March of the year 0, so that a leap day is the
#   last day of its year, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (days_from_civil,
#   civil_from_days). Text that is no instant or no duration, and a day outside the years 1 to 9999, has no answer.
package lib.time

# The instant that lies a duration after another.
add(instant, duration) := moved(read(instant), parsed(duration))

# The instant that lies a whole number of days after another.
add_days(instant, days) := moved(read(instant), {"months": 0, "days": days, "seconds": 0}) if {
	days >= 0
	days <= 9999 * 366
	data.lib.numbers.whole(days)
}

# The instant that lies a whole number of minutes after another.
add_minutes(instant, minutes) := moved(read(instant), {"months": 0, "days": 0, "seconds": minutes * 60}) if {
	minutes >= 0
	minutes <= (9999 * 366) * 1440
	data.lib.numbers.whole(minutes)
}

# The instant that lies a whole number of hours after another.
add_hours(instant, hours) := moved(read(instant), {"months": 0, "days": quotient(hours, 24), "seconds": (hours % 24) * 3600}) if {
	hours >= 0
	hours <= 9999 * 8784
	data.lib.numbers.whole(hours)
}

# The instant at which a day begins.
start_of(day) := concat("", [day, "T00:00:00Z"])

# The day of an instant.
day_of(instant) := substring(instant, 0, 10)

# `instant` lies at most so many days before `now`. What lies ahead has not happened and is not within.
within_days(instant, days, now) if at_most_days_between(instant, now, days)

# `instant` lies at most so many minutes before `now`; what lies ahead has not happened.
within_minutes(instant, minutes, now) if at_most_minutes_between(instant, now, minutes)

# From `start` to `end` it is at most so many days. An end before its start is not a time taken.
at_most_days_between(start, end, days) if {
	start <= end
	between := days_at(end) - days_at(start)
	between + begun(clock_of(start), clock_of(end)) <= days
}

# From `start` to `end` it is at least so many days.
at_least_days_between(start, end, days) if {
	days >= 0
	data.lib.numbers.whole(days)
	between := days_at(end) - days_at(start)
	between - begun(clock_of(end), clock_of(start)) >= days
}

# From `start` to `end` it is at most so many minutes. An end before its start is not a time taken.
at_most_minutes_between(start, end, minutes) if at_most_seconds_between(start, end, minutes * 60)

# From `start` to `end` it is at most so many hours. An end before its start is not a time taken.
at_most_hours_between(start, end, hours) if at_most_seconds_between(start, end, hours * 3600)

at_most_seconds_between(start, end, seconds) if {
	start <= end
	seconds_at(end) - seconds_at(start) <= seconds
}

# Days from Monday to Friday after the day of `start`, up to the day of `end` with it. Holidays are not known here.
weekdays_between(start, end) := weekdays_until(end) - weekdays_until(start) if start <= end

# Counted from Monday 28 February of the year 0: 1 March was a Wednesday.
weekdays_until(instant) := (quotient(days, 7) * 5) + min([days % 7, 5]) if days := days_at(instant) + 3

# Seconds since 1 March of the year 0.
seconds_at(instant) := (days_at(instant) * 86400) + clock_seconds(split(clock_of(instant), ":"))

clock_seconds(parts) := ((number_of[parts[0]] * 3600) + (number_of[parts[1]] * 60)) + number_of[parts[2]]

# 1 where the last day is begun, 0 where it ends by the clock at which it began.
begun(from, to) := 1 if to > from

begun(from, to) := 0 if to <= from

# A duration is as long as another, or longer, wherever in the calendar it begins: P180D is not P6M.
lasts(duration, other) if {
	mine := parsed(duration)
	theirs := parsed(other)
	mine.months <= last_month
	theirs.months <= last_month
	reaches(mine.months - theirs.months, (((theirs.days - mine.days) * 86400) + theirs.seconds) - mine.seconds)
}

# So many months, whenever they begin, are at least so many seconds. Below 0, both stand for what is lacking: so many
# months are at most so many seconds. Of all months of the 400 years after which the calendar repeats itself, none begins
# fewer days than February 1697, and none more than March, May and July 1903, whatever their number.
reaches(months, seconds) if {
	months >= 0
	days_of(months, (1697 * 12) - 1) * 86400 >= seconds
}

reaches(months, seconds) if {
	months < 0
	every first in [1903 * 12, (1903 * 12) + 2, (1903 * 12) + 4] {
		(days_of(0 - months, first) * 86400) + seconds <= 0
	}
}

# The days of so many months from the first of one.
days_of(months, first) := day_number(first + months, 1) - day_number(first, 1)

# A duration as whole months, days and seconds; undefined for any other text.
parsed(duration) := {
	"months": (years.amount * 12) + months.amount,
	"days": (weeks.amount * 7) + days.amount,
	"seconds": ((hours.amount * 3600) + (minutes.amount * 60)) + seconds.amount,
} if {
	startswith(duration, "P")
	halves := split(substring(duration, 1, -1), "T")
	count(halves) <= 2
	halves[count(halves) - 1] != ""
	years := taken(halves[0], "Y")
	months := taken(years.rest, "M")
	weeks := taken(months.rest, "W")
	days := taken(weeks.rest, "D")
	days.rest == ""
	hours := taken(array.concat(halves, [""])[1], "H")
	minutes := taken(hours.rest, "M")
	seconds := taken(minutes.rest, "S")
	seconds.rest == ""
}

# The amount before a unit, and what follows it; nothing where the unit does not occur.
taken(written, unit) := {"amount": whole(parts[0]), "rest": parts[1]} if {
	parts := split(written, unit)
	count(parts) == 2
}

taken(written, unit) := {"amount": 0, "rest": written} if not contains(written, unit)

# Digits as a number. Twelve of them reach past the year 9999 in any unit; more, and the engines count differently.
whole(digits) := 0 if {
	digits != ""
	trim(digits, "0") == ""
}

whole(digits) := to_number(trim_left(digits, "0")) if {
	trim(digits, "0") != ""
	trim(digits, "0123456789") == ""
	substring(trim_left(digits, "0"), 12, -1) == ""
}

# What an instant says: the month, counted from March of the year 0, the day of it, and the clock as text.
read(instant) := {"month": month, "day": number_of[date[2]], "clock": clock_of(instant)} if {
	date := date_digits(instant)
	year := (number_of[substring(date[0], 0, 2)] * 100) + number_of[substring(date[0], 2, 2)]
	month := ((year * 12) + number_of[date[1]]) - 3
}

# The time of day of an instant.
clock_of(instant) := substring(instant, 11, 8)

# Year, month and day of an instant. It has none where it is no day of the calendar, of the years 1 to 9999, with a time of
# it. Cut up and looked up: a pattern takes longer.
date_digits(instant) := date if {
	halves := split(instant, "T")
	count(halves) == 2
	is_clock(split(halves[1], ":"))
	date := split(halves[0], "-")
	count(date) == 3
	year := date[0]
	is_year(year)
	day := number_of[date[2]]
	day > 0
	day <= longest[date[1]]
	not leap_day_of_common_year(year, date[1], day)
}

is_clock(parts) if {
	count(parts) == 3
	hours[parts[0]]
	minutes[parts[1]]
	seconds[parts[2]]
}

is_year(year) if {
	year != "0000"
	number_of[substring(year, 0, 2)] <= 99
	number_of[substring(year, 2, -1)] <= 99
}

hours := {digits | some digits in array.slice(two, 0, 24)}

minutes := {digits | some digits in array.slice(two, 0, 60)}

seconds := {concat("", [digits, "Z"]) | some digits in minutes}

# The last day of each month, in any year.
longest := {
	"01": 31, "02": 29, "03": 31, "04": 30, "05": 31, "06": 30,
	"07": 31, "08": 31, "09": 30, "10": 31, "11": 30, "12": 31,
}

# A 29 February of a year that has none.
leap_day_of_common_year(year, "02", 29) if not in_leap_year(year)

in_leap_year(year) if {
	substring(year, 2, 2) != "00"
	fourths[substring(year, 2, 2)]
}

in_leap_year(year) if {
	substring(year, 2, 2) == "00"
	fourths[substring(year, 0, 2)]
}

fourths := {digits | some number, digits in two; number % 4 == 0}

# Days since 1 March of the year 0. Hardly a control compares no instants, and half of them are `input.now`.
days_at(instant) := today if instant == input.now

days_at(instant) := counted(instant) if not instant == input.now

today := counted(input.now)

# Looked up by the digits.
counted(instant) := (march + from_march(date[0], date[1])) + number_of[date[2]] if {
	date := date_digits(instant)
	march := before_century[number_of[substring(date[0], 0, 2)]] + before_year[number_of[substring(date[0], 2, 2)]]
}

# Days from 1 March to the day before a month of the same year. January and February come before, with a leap day or not.
from_march(_, month) := after_march[month]

from_march(year, month) := days if {
	days := before_march[month]
	not in_leap_year(year)
}

from_march(year, month) := days - 1 if {
	days := before_march[month]
	in_leap_year(year)
}

after_march := {
	"03": -1, "04": 30, "05": 60, "06": 91, "07": 121, "08": 152, "09": 183, "10": 213, "11": 244, "12": 274,
}

before_march := {"01": -60, "02": -29}

# The number that two digits write.
number_of := {
	"00": 0, "01": 1, "02": 2, "03": 3, "04": 4, "05": 5, "06": 6, "07": 7, "08": 8, "09": 9,
	"10": 10, "11": 11, "12": 12, "13": 13, "14": 14, "15": 15, "16": 16, "17": 17, "18": 18, "19": 19,
	"20": 20, "21": 21, "22": 22, "23": 23, "24": 24, "25": 25, "26": 26, "27": 27, "28": 28, "29": 29,
	"30": 30, "31": 31, "32": 32, "33": 33, "34": 34, "35": 35, "36": 36, "37": 37, "38": 38, "39": 39,
	"40": 40, "41": 41, "42": 42, "43": 43, "44": 44, "45": 45, "46": 46, "47": 47, "48": 48, "49": 49,
	"50": 50, "51": 51, "52": 52, "53": 53, "54": 54, "55": 55, "56": 56, "57": 57, "58": 58, "59": 59,
	"60": 60, "61": 61, "62": 62, "63": 63, "64": 64, "65": 65, "66": 66, "67": 67, "68": 68, "69": 69,
	"70": 70, "71": 71, "72": 72, "73": 73, "74": 74, "75": 75, "76": 76, "77": 77, "78": 78, "79": 79,
	"80": 80, "81": 81, "82": 82, "83": 83, "84": 84, "85": 85, "86": 86, "87": 87, "88": 88, "89": 89,
	"90": 90, "91": 91, "92": 92, "93": 93, "94": 94, "95": 95, "96": 96, "97": 97, "98": 98, "99": 99,
}

# The instant that lies so many months, then days, then seconds after one that was read.
moved(at, parts) := text(month, min([at.day, length(month)]), at.clock) if {
	parts.days == 0
	parts.seconds == 0
	month := at.month + parts.months
	month <= last_month
}

moved(at, parts) := text(date.month, date.day, clock.text) if {
	parts.days + parts.seconds > 0
	month := at.month + parts.months
	month <= last_month
	clock := clock_after(at.clock, parts.seconds)
	date := date_of((day_number(month, min([at.day, length(month)])) + parts.days) + clock.days)
	date.month <= last_month
}

# December 9999.
last_month := ((9999 * 12) + 12) - 3

# Days of a month.
length(month) := [31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31][month % 12] if month % 12 < 11

length(month) := 28 if {
	month % 12 == 11
	not leap(month)
}

length(month) := 29 if leap(month)

# A February with a leap day: of every fourth year, but of the hundredth only the four hundredth.
leap(month) if {
	month % 48 == 47
	month % 1200 != 1199
}

leap(month) if month % 4800 == 4799

# Days since 1 March of the year 0.
day_number(month, day) := (((before_century[century] + before_year[of_century]) + before_month[of_year]) + day) - 1 if {
	of_year := month % 12
	year := (month - of_year) / 12
	of_century := year % 100
	century := (year - of_century) / 100
}

# Days before each century, up to past the year 11 902: all the months of a duration are counted from one of the years 1697 to
# 1903. Four centuries are 146097 days; time_test.rego counts them. Written out, as every decision would count them anew.
before_century := [
	0, 36524, 73048, 109572, 146097, 182621, 219145, 255669, 292194, 328718, 365242, 401766, 438291, 474815,
	511339, 547863, 584388, 620912, 657436, 693960, 730485, 767009, 803533, 840057, 876582, 913106, 949630,
	986154, 1022679, 1059203, 1095727, 1132251, 1168776, 1205300, 1241824, 1278348, 1314873, 1351397, 1387921,
	1424445, 1460970, 1497494, 1534018, 1570542, 1607067, 1643591, 1680115, 1716639, 1753164, 1789688, 1826212,
	1862736, 1899261, 1935785, 1972309, 2008833, 2045358, 2081882, 2118406, 2154930, 2191455, 2227979, 2264503,
	2301027, 2337552, 2374076, 2410600, 2447124, 2483649, 2520173, 2556697, 2593221, 2629746, 2666270, 2702794,
	2739318, 2775843, 2812367, 2848891, 2885415, 2921940, 2958464, 2994988, 3031512, 3068037, 3104561, 3141085,
	3177609, 3214134, 3250658, 3287182, 3323706, 3360231, 3396755, 3433279, 3469803, 3506328, 3542852, 3579376,
	3615900, 3652425, 3688949, 3725473, 3761997, 3798522, 3835046, 3871570, 3908094, 3944619, 3981143, 4017667,
	4054191, 4090716, 4127240, 4163764, 4200288, 4236813, 4273337, 4309861, 4346385,
]

# Days before each year of a century. Four are 1461 days.
before_year := [
	0, 365, 730, 1095, 1461, 1826, 2191, 2556, 2922, 3287, 3652, 4017, 4383, 4748, 5113, 5478, 5844, 6209, 6574,
	6939, 7305, 7670, 8035, 8400, 8766, 9131, 9496, 9861, 10227, 10592, 10957, 11322, 11688, 12053, 12418, 12783,
	13149, 13514, 13879, 14244, 14610, 14975, 15340, 15705, 16071, 16436, 16801, 17166, 17532, 17897, 18262,
	18627, 18993, 19358, 19723, 20088, 20454, 20819, 21184, 21549, 21915, 22280, 22645, 23010, 23376, 23741,
	24106, 24471, 24837, 25202, 25567, 25932, 26298, 26663, 27028, 27393, 27759, 28124, 28489, 28854, 29220,
	29585, 29950, 30315, 30681, 31046, 31411, 31776, 32142, 32507, 32872, 33237, 33603, 33968, 34333, 34698,
	35064, 35429, 35794, 36159,
]

before_month := [0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337]

# The month and the day of it of a number of days. An era is 400 years: 146097 days.
date_of(days) := {"month": (((quotient(days, 146097) * 400) + year) * 12) + month, "day": day} if {
	of_era := days % 146097
	leap_days := (quotient(of_era, 1460) - quotient(of_era, 36524)) + quotient(of_era, 146096)
	year := quotient(of_era - leap_days, 365)
	of_year := of_era - (((year * 365) + quotient(year, 4)) - quotient(year, 100))
	month := quotient((of_year * 5) + 2, 153)
	day := (of_year - quotient((month * 153) + 2, 5)) + 1
}

# The time of day after so many seconds, and the days that end before it.
clock_after(clock, seconds) := {"text": clock, "days": 0} if seconds == 0

clock_after(clock, seconds) := {"text": after, "days": quotient(total, 86400)} if {
	seconds > 0
	parts := split(clock, ":")
	total := clock_seconds(parts) + seconds
	left := total % 86400
	after := concat(":", [two[quotient(left, 3600)], two[quotient(left, 60) % 60], two[left % 60]])
}

# An instant from its month, counted from March of the year 0, the day of it and the clock.
text(month, day, clock) := concat("", [
	two[quotient(year, 100)], two[year % 100], "-", two[((month + 2) % 12) + 1], "-", two[day], "T", clock, "Z",
]) if {
	year := quotient(month + 2, 12)
}

# Division that leaves a remainder out. What is left is a multiple of the divisor, so the engines agree on the quotient.
quotient(dividend, divisor) := (dividend - (dividend % divisor)) / divisor

# Numbers in two digits.
two := [
	"00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15",
	"16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31",
	"32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46", "47",
	"48", "49", "50", "51", "52", "53", "54", "55", "56", "57", "58", "59", "60", "61", "62", "63",
	"64", "65", "66", "67", "68", "69", "70", "71", "72", "73", "74", "75", "76", "77", "78", "79",
	"80", "81", "82", "83", "84", "85", "86", "87", "88", "89", "90", "91", "92", "93", "94", "95",
	"96", "97", "98", "99",
]
