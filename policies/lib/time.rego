# METADATA
# title: Calendar
# description: >-
#   Instants are texts such as 2026-11-21T08:00:00Z and days texts such as 2026-11-21, so text order is time order and
#   `<` compares them. Durations are ISO 8601 and added by the calendar; a day past the end of a month becomes its last
#   day (31 January plus P1M is 28 February), as in evidence/model/duration.py. The engines' own time.add_date differ
#   there (OPA runs on into March, regorus stops), so it is asked only to move from the first of a month. Text that is
#   no instant or no duration has no answer.
package lib.time

# The instant that lies a duration after another.
add(instant, duration) := text(moved) if {
	regex.match("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", instant)
	parts := parsed(duration)
	reachable(to_number(substring(instant, 0, 4)), parts)
	start := time.parse_rfc3339_ns(instant)
	day := time.date(start)[2]
	first := time.add_date(time.add_date(start, 0, 0, 1 - day), parts.years, parts.months, 0)
	last := time.date(time.add_date(first, 0, 1, -1))[2]
	moved := time.add_date(first, 0, 0, (min([day, last]) - 1) + parts.days) + (parts.seconds * 1000000000)
}

# Nanoseconds since 1970 as 64-bit numbers end in 2262, and in 1677; years of 366 days and months of 31 stay well inside.
reachable(year, parts) if {
	year >= 1700
	(((year + parts.years) * 366) + (parts.months * 31)) + parts.days <= 2220 * 366
	parts.seconds <= 1000000000
}

# The instant that lies a whole number of days after another.
add_days(instant, days) := add(instant, sprintf("P%dD", [days]))

# The instant at which a day begins.
start_of(day) := sprintf("%sT00:00:00Z", [day])

# The day of an instant.
day_of(instant) := substring(instant, 0, 10)

# `instant` lies at most so many days before `now`. What lies ahead has not happened and is not within.
within_days(instant, days, now) if {
	instant <= now
	now <= add_days(instant, days)
}

# From `start` to `end` it is at most so many days. An end before its start is not a time taken.
at_most_days_between(start, end, days) if {
	start <= end
	end <= add_days(start, days)
}

# A duration is as long as another, or longer, wherever in the calendar it begins: P180D is not P6M.
lasts(duration, other) if {
	count(starts) > 0
	every start in starts {
		add(start, duration) >= add(start, other)
	}
}

# The first day of each month of two years, one of them before a leap day.
starts := [
	"2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z", "2025-03-01T00:00:00Z", "2025-04-01T00:00:00Z",
	"2025-05-01T00:00:00Z", "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z", "2025-08-01T00:00:00Z",
	"2025-09-01T00:00:00Z", "2025-10-01T00:00:00Z", "2025-11-01T00:00:00Z", "2025-12-01T00:00:00Z",
	"2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z", "2027-03-01T00:00:00Z", "2027-04-01T00:00:00Z",
	"2027-05-01T00:00:00Z", "2027-06-01T00:00:00Z", "2027-07-01T00:00:00Z", "2027-08-01T00:00:00Z",
	"2027-09-01T00:00:00Z", "2027-10-01T00:00:00Z", "2027-11-01T00:00:00Z", "2027-12-01T00:00:00Z",
]

# A duration as whole years, months, days and seconds; undefined for any other text.
parsed(duration) := {
	"years": years.amount,
	"months": months.amount,
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

taken(written, unit) := {"amount": 0, "rest": written} if {
	count(split(written, unit)) == 1
}

whole(digits) := to_number(digits) if {
	digits != ""
	trim(digits, "0123456789") == ""
}

# Nanoseconds since 1970 as an instant. Two digits come from a table: each `sprintf` is a call out of WebAssembly.
text(nanoseconds) := sprintf("%d-%s-%sT%s:%s:%sZ", [
	day[0],
	two[day[1]],
	two[day[2]],
	two[clock[0]],
	two[clock[1]],
	two[clock[2]],
]) if {
	day := time.date(nanoseconds)
	clock := time.clock(nanoseconds)
}

# Numbers in two digits.
two := [
	"00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15",
	"16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31",
	"32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46", "47",
	"48", "49", "50", "51", "52", "53", "54", "55", "56", "57", "58", "59",
]
