"""ISO 8601 durations, added and taken away by the calendar."""

import calendar
import re
from datetime import datetime, timedelta

_FORM = re.compile(
    r"^P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?",
    re.ASCII,
)


def add_duration(start: datetime, duration: str) -> datetime:
    """`start` plus a duration such as P6M or PT15M; a day past the end of a month becomes its last day.

    Raises ValueError for text that is not such a duration and OverflowError outside the years 1 to 9999.
    """
    return _shift(start, duration, 1)


def subtract_duration(start: datetime, duration: str) -> datetime:
    """`start` minus a duration; raises as `add_duration`."""
    return _shift(start, duration, -1)


def _shift(start: datetime, duration: str, sign: int) -> datetime:
    match = _FORM.fullmatch(duration)
    if match is None:
        raise ValueError(f"`{duration}` is not an ISO 8601 duration such as P6M, P90D or PT15M")
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = start.year * 12 + start.month - 1 + sign * (years * 12 + months)
    year, month = divmod(total, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("outside the years 1 to 9999")
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    moved = start.replace(year=year, month=month + 1, day=day)
    return moved + sign * timedelta(days=weeks * 7 + days, hours=hours, minutes=minutes, seconds=seconds)
