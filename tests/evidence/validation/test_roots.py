"""Brent's method beside that of scipy, and what it refuses."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from evidence.validation.measures.roots import root

WITHIN = 1e-12
FUNCTIONS: list[tuple[Callable[[float], float], float, float]] = [
    (lambda x: math.cos(x) - x, 0.0, 1.0),
    (lambda x: x**3 - 2 * x - 5, 2.0, 3.0),
    (lambda x: math.expm1(x) - 40, -8.0, 9.0),
    (lambda x: x**9, -1.0, 4.0),
    (lambda x: -math.inf if x < 1 / 3 else 1.0, 0.0, 1.0),
    (lambda x: math.copysign(1, x - 0.7), 0.0, 1.0),
    (lambda x: x * math.exp(-(x**-2)) if x else 0.0, -1.0, 4.0),
    (lambda x: 1e-300 * (x - 3e8), 0.0, 1e9),
]


@pytest.mark.parametrize(("of", "low", "high"), FUNCTIONS)
def test_the_sign_changes_there(of: Callable[[float], float], low: float, high: float) -> None:
    for a, b in ((low, high), (high, low)):
        asked: list[float] = []

        def counted(x: float, asked: list[float] = asked) -> float:
            asked.append(x)
            return of(x)

        found = root(counted, a, b, within=WITHIN)
        assert all(low <= x <= high for x in asked)
        assert len(asked) <= 200
        near = 2 * WITHIN + 1e-15 * abs(found)
        assert of(found) == 0 or of(max(low, found - near)) * of(min(high, found + near)) <= 0


@given(st.floats(-3, 3), st.floats(0.1, 50), st.floats(0.001, 0.999))
def test_is_that_of_scipy(centre: float, scale: float, level: float) -> None:
    def of(x: float) -> float:
        return 0.5 * (1 + math.tanh(scale * (x - centre))) - level

    if of(-20.0) < 0 < of(20.0):
        there = optimize.brentq(of, -20.0, 20.0, xtol=WITHIN)
        assert root(of, -20.0, 20.0, within=WITHIN) == pytest.approx(there, rel=1e-12, abs=4 * WITHIN)


def test_an_end_that_is_the_root() -> None:
    assert root(lambda x: x, 0.0, 1.0, within=WITHIN) == 0.0
    assert root(lambda x: x - 1, 0.0, 1.0, within=WITHIN) == 1.0


@pytest.mark.parametrize("of", [lambda x: x + 2, lambda _: math.nan, lambda x: x if abs(x) == 1 else math.nan])
def test_where_there_is_none_to_be_found(of: Callable[[float], float]) -> None:
    with pytest.raises(ValueError, match="no "):
        root(of, -1.0, 1.0, within=WITHIN)
