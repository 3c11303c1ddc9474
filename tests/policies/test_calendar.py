"""The calendar of the policies gives the answers of Python's, on every engine."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.backends.base import Limits, Program
from engine.backends.choose import open_engine
from engine.backends.compile import HOW_TO_GET_OPA, find_opa
from evidence.model.base import format_instant
from evidence.model.canonical import digest_json
from evidence.model.duration import add_duration

LIBRARIES = Path(__file__).parents[2] / "policies" / "lib"
FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
RULE = "quaestor/results/table"
TABLE = """package quaestor.results

import data.lib.time

table := {
    "add": [[index, end] | some index, row in input.add; end := time.add(row[0], row[1])],
    "days": [[index, end] | some index, row in input.days; end := time.add_days(row[0], row[1])],
    "between": [index | some index, row in input.between; time.at_most_days_between(row[0], row[1], row[2])],
    "within": [index | some index, row in input.between; time.within_days(row[0], row[2], row[1])],
    "lasts": [index | some index, row in input.lasts; time.lasts(row[0], row[1])],
}
"""
Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module", params=["wasm", "regorus", "opa"])
def ask(request: pytest.FixtureRequest) -> Iterator[Ask]:
    """What an engine answers for a table of questions."""
    if request.param != "regorus" and find_opa() is None:
        pytest.skip(f"no OPA here: {HOW_TO_GET_OPA}")
    libraries = {f"lib/{name}.rego": (LIBRARIES / f"{name}.rego").read_text() for name in ("time", "numbers")}
    modules = {**libraries, "results/table.rego": TABLE}
    program = Program(modules, (RULE,), {}, digest_json(modules))
    with ExitStack() as stack:
        engine = open_engine(request.param, program, limits=Limits(seconds=60))
        stack.callback(engine.close)

        def answer(**questions: list[Any]) -> dict[str, Any]:
            document = {"add": [], "days": [], "between": [], "lasts": []} | questions
            given = engine.evaluate([RULE], json.dumps(document).encode(), b'{"parameters":{}}')[RULE]
            assert isinstance(given.value, dict), given
            return given.value

        yield answer


def instant(random: Random) -> datetime:
    """Any second of the calendar, of the years in use more often, on the edges of months and days often."""
    first, last = random.choice([(FIRST, LAST), (datetime(1890, 1, 1, tzinfo=UTC), datetime(2110, 1, 1, tzinfo=UTC))])
    moment = first + timedelta(seconds=random.randrange(int((last - first).total_seconds())))
    edge = random.randrange(4)
    if edge == 0:
        moment = moment.replace(hour=0, minute=0, second=0)
    if edge == 1:
        following = (moment.replace(day=1) + timedelta(days=31)).replace(day=1)
        moment = following - timedelta(seconds=random.choice([1, 86_400]))
    return moment.replace(month=2, day=28) + timedelta(days=1) if random.randrange(10) == 0 else moment


def duration(random: Random) -> str:
    text = "P"
    for unit, most in (("Y", 40), ("M", 30), ("W", 60), ("D", 900)):
        if random.randrange(3) == 0:
            text += f"{random.choice(['', '0'])}{random.randrange(most)}{unit}"
    clock = "".join(f"{random.randrange(99_999)}{unit}" for unit in "HMS" if random.randrange(6) == 0)
    text += f"T{clock}" if clock else ""
    return text if text != "P" else random.choice(["P0D", "P1M", "P6M", "P10Y", "P9000Y", "P4000000D"])


def added(start: datetime, length: str) -> str | None:
    try:
        return format_instant(add_duration(start, length))
    except OverflowError:
        return None


@pytest.mark.parametrize("seed", range(10))
def test_a_duration_is_added_as_python_adds_it(ask: Ask, seed: int) -> None:
    random = Random(seed)
    rows = [(instant(random), duration(random)) for _ in range(300)]
    days = [(instant(random), random.choice([0, 1, 28, 365, random.randrange(4_000_000)])) for _ in range(100)]
    given = ask(
        add=[[format_instant(start), length] for start, length in rows],
        days=[[format_instant(start), number] for start, number in days],
    )
    expected = {index: end for index, row in enumerate(rows) if (end := added(*row)) is not None}
    in_days = {index: end for index, (at, n) in enumerate(days) if (end := added(at, f"P{n}D")) is not None}
    assert len(expected) > 200
    assert dict(given["add"]) == expected
    assert dict(given["days"]) == in_days


def test_days_between_instants(ask: Ask) -> None:
    random, rows = Random(2), []
    for _ in range(600):
        start, days = instant(random), random.choice([0, 1, 15, 30, 400, random.randrange(40_000)])
        off = timedelta(seconds=random.choice([0, 1, -1, 86_400, random.randrange(-200_000, 200_000)]))
        if start.year < 9000:
            rows.append((start, start + timedelta(days=days) + off, days))
    given = ask(between=[[format_instant(a), format_instant(b), n] for a, b, n in rows])
    expected = [i for i, (a, b, n) in enumerate(rows) if a <= b <= a + timedelta(days=n)]
    assert 0 < len(expected) < len(rows)
    assert given["between"] == given["within"] == expected


def test_a_duration_lasts_as_long_as_another_from_every_month_on(ask: Ask) -> None:
    """Against the calendar itself: each month of the 400 years after which it repeats."""
    random = Random(3)
    starts = [datetime(1600 + month // 12, month % 12 + 1, 1, tzinfo=UTC) for month in range(400 * 12)]
    lengths = {n: [(add_duration(at, f"P{n}M") - at).days for at in starts] for n in random.sample(range(1, 1300), 12)}
    lengths |= {n: [(add_duration(at, f"P{n}M") - at).days for at in starts] for n in (1, 2, 6, 12, 24, 84, 96, 120)}
    rows, expected = [], []
    for months, days in lengths.items():
        for near in (min(days), max(days)):
            for off in (-1, 0, 1):
                rows += [[f"P{months}M", f"P{near + off}D"], [f"P{near + off}D", f"P{months}M"]]
                expected += [min(days) >= near + off, near + off >= max(days)]
        year, rest = divmod(months, 12)
        rows += [[f"P{year}Y{rest}M", f"P{months}M"], [f"P{months}MT1S", f"P{year}Y{rest}MT2S"], ["P1Y1W", "P12M8D"]]
        expected += [True, False, False]
    # "For ever" in a plan, on either side.
    rows += [["P9999Y", "P6M"], ["P6M", "P9999Y"], ["P9999Y", "P9998Y11M"], ["P9999Y", "P3652000D"]]
    expected += [True, False, True, True]
    given = ask(lasts=rows)
    assert given["lasts"] == [index for index, holds in enumerate(expected) if holds]
