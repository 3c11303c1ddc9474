"""ISO 8601 durations by the calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.model.duration import add_duration, subtract_duration


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2026-01-31", "P1M", "2026-02-28"),
        ("2028-01-31", "P1M", "2028-02-29"),
        ("2024-02-29", "P1Y", "2025-02-28"),
        ("2026-11-21", "P10Y", "2036-11-21"),
        ("2026-12-31", "P6M", "2027-06-30"),
        ("2026-11-21", "P2W3DT4H", "2026-12-08T04:00:00"),
    ],
)
def test_months_end_at_the_last_day(start: str, duration: str, end: str) -> None:
    assert add_duration(at(start), duration) == at(end)


@pytest.mark.parametrize("text", ["", "P", "PT", "6M", "P1H", "P-1D", "P1.5D", "P1D ", "P1D\n", "P\u0661D", "P1M1Y"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an ISO 8601 duration"):
        add_duration(at("2026-01-01"), text)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)), st.integers(0, 9999))
def test_days_taken_away_again_give_the_start(start: datetime, days: int) -> None:
    moment = start.replace(tzinfo=UTC)
    assert subtract_duration(add_duration(moment, f"P{days}D"), f"P{days}D") == moment
    assert add_duration(moment, f"P{days}D") - moment == timedelta(days=days)
