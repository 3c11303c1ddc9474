"""Text that says something, and numbers that can be."""

import pytest
from pydantic import TypeAdapter, ValidationError

from evidence.model.base import Count, Name, Share, Text
from evidence.model.predicates.values import MetricEstimate, Period, Range
from evidence.model.text import says_something


@pytest.mark.parametrize(
    "text",
    ["", " ", "n/a", "N.A.", "none", "None.", "TBD", "tbd...", "-", "--", ".", "...", "x", "xxxx", "aaaa",
     "not applicable", "N O N E", "\u200bn/a", "Ｎ／Ａ", "ｎｏｎｅ", "todo", "see above", "?", "0000", "same as above"],
)  # fmt: skip
def test_what_says_nothing(text: str) -> None:
    assert not says_something(text)
    with pytest.raises(ValidationError, match="says nothing"):
        TypeAdapter(Text).validate_python(text)


@pytest.mark.parametrize(
    "text", ["no", "ok", "none of the groups is below 0.8", "Art 6(3)(a)", "N/A for loans abroad", "да"]
)
def test_what_says_something(text: str) -> None:
    assert TypeAdapter(Text).validate_python(text) == text


@pytest.mark.parametrize("name", ["", " ", "\x1b[2J", "a\nb", "-", "...", 600 * "x"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(ValidationError, match=r"blank|characters, more|cannot be printed|neither letter"):
        TypeAdapter(Name).validate_python(name)


@pytest.mark.parametrize(("kind", "bad"), [(Count, -1), (Share, 1.0001), (Share, -0.1)])
def test_numbers_that_cannot_be(kind: object, bad: float) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(bad)


GOOD = {"value": 0.8, "n": 10, "ci_low": 0.7, "ci_high": 0.9, "confidence": 0.95, "excluded": 0}


@pytest.mark.parametrize(
    "change",
    [
        {"value": 0.69},
        {"value": 0.91},
        {"n": 0},
        {"n": -5},
        {"confidence": 0.501},
        {"confidence": 1.0},
        {"excluded": -1},
    ],
    ids=str,
)
def test_an_estimate_holds_together(change: dict[str, float]) -> None:
    MetricEstimate(**GOOD)
    with pytest.raises(ValidationError):
        MetricEstimate(**{**GOOD, **change})


def test_a_period_goes_forward() -> None:
    with pytest.raises(ValidationError, match="ends before it begins"):
        Period.model_validate({"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"})
    with pytest.raises(ValidationError, match="below the low end"):
        Range(low=1.0, high=0.5)
