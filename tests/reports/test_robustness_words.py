"""How attacks and certificates are told: what was turned, what slopes are worth, what is proved."""

from typing import Any

import pytest

from evidence.model.predicates.values import Certificate, MetricEstimate
from reports.words import charts as words
from tests.worlds.mortgage import robustness

SHARE = MetricEstimate(value=0.1, n=100, ci_low=0.05, ci_high=0.2, confidence=0.95, excluded=0)


def certificate(method: Any, **more: Any) -> Certificate:
    return Certificate(method=method, budget=0.02, rows=100, turned=10, found=9, proved=85, undecided=5, **more)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (certificate("trees"), "Exact: 10 of 100 can be turned, 5 are undecided."),
        (certificate("interval-bounds"), "Proved: nothing turns 85 of 100; of 5 nothing is known."),
        (certificate("none", reason="Conv is not understood"), "Nothing is certified: Conv is not understood."),
    ],
)
def test_a_certificate_says_what_it_decided(made: Certificate, told: str) -> None:
    report = robustness().model_copy(update={"budget_scale": "sd", "certificate": made, "turnable_share": SHARE})
    text = words.turned(report)
    assert told in text
    assert "standard deviations" in text
    assert "masked" not in text


def test_masked_slopes_are_named_and_not_read_as_strength() -> None:
    signs = {"slopes_masked": True, "masking_signs": ("steps", "outdone")}
    text = words.turned(robustness().model_copy(update={"budget_scale": "range", **signs}))
    assert "made of trees" in text
    assert "random noise turned more" in text
    assert "its success says nothing of strength" in text


def test_a_certificate_adds_up() -> None:
    with pytest.raises(ValueError, match="turned, proved and undecided"):
        Certificate(method="trees", budget=0.1, rows=10, turned=1, found=1, proved=1, undecided=1)
    with pytest.raises(ValueError, match="reason"):
        Certificate(method="none", budget=0.1, rows=1, turned=0, found=0, proved=0, undecided=1)
