"""Tests of a plan on many numbers at once: each by itself, after Holm's correction, or a share of them."""

import pytest
from pydantic import ValidationError
from scipy import stats

from evidence.model.predicates.values import MetricEstimate, Threshold
from evidence.validation.families import judge, members


def estimate(value: float, error: float, confidence: float = 0.95) -> MetricEstimate:
    half = stats.norm.ppf((1 + confidence) / 2) * error
    return MetricEstimate(
        value=value, n=100, ci_low=value - half, ci_high=value + half, confidence=confidence, excluded=0
    )


def at_most(value: float, **family: object) -> Threshold:
    return Threshold.model_validate({"op": "<=", "value": value, "confidence": 0.95, **family})


class TestMembers:
    def test_are_those_that_begin_alike_without_intersections(self) -> None:
        named = {name: estimate(0.1, 0.01) for name in ("drift:psi:a", "drift:psi:b", "drift:ks:a", "drift:psi:a&b")}
        named |= {f"impact_ratio:{group}": estimate(0.9, 0.01) for group in ("sex=f", "age=old", "sex=f&age=old")}
        assert list(members("drift:psi:*", named)) == ["drift:psi:a", "drift:psi:a&b", "drift:psi:b"]
        assert list(members("impact_ratio:*", named)) == ["impact_ratio:age=old", "impact_ratio:sex=f"]
        assert list(members("drift:psi:a", named)) == ["drift:psi:a"]
        assert members("drift:js:*", named) == {}


class TestEach:
    def test_one_that_fails_fails_all_and_is_told(self) -> None:
        found = {"a": estimate(0.05, 0.01), "b": estimate(0.09, 0.01), "c": estimate(0.07, 0.01)}
        result = judge(at_most(0.1, family="each"), found)
        assert (result.passed, result.judged, result.met) == (False, 3, 2)
        assert result.observed == found["b"]
        assert judge(at_most(0.11, family="each"), found).passed

    def test_a_member_that_is_undefined_passes_nothing(self) -> None:
        assert not judge(at_most(0.1, family="each"), {"a": estimate(0.05, 0.01)}, complete=False).passed


class TestHolm:
    def test_is_the_correction_of_the_p_values(self) -> None:
        """Steps by hand: with z of 2.6, 2.3 and 2.1 the one-sided P are 0.0047, 0.0107 and 0.0179."""
        errors = {"a": 2.6, "b": 2.3, "c": 2.1}
        found = {name: estimate(0.1 - z * 0.01, 0.01) for name, z in errors.items()}
        assert judge(at_most(0.1, family="each"), found).passed
        ordered = sorted(stats.norm.sf(z) for z in errors.values())
        assert all(p <= 0.025 / (3 - step) for step, p in enumerate(ordered))
        assert judge(at_most(0.1, family="holm"), found).passed
        weaker = {**found, "a": estimate(0.1 - 0.023, 0.01)}
        ordered = sorted(stats.norm.sf(z) for z in (2.3, 2.3, 2.1))
        assert ordered[0] > 0.025 / 3
        result = judge(at_most(0.1, family="holm"), weaker)
        assert judge(at_most(0.1, family="each"), weaker).passed
        assert (result.passed, result.judged) == (False, 3)
        assert result.observed.confidence == pytest.approx(1 - 0.05 / 3, abs=2e-6)
        assert result.observed.ci_high > 0.1

    def test_of_one_is_itself(self) -> None:
        one = {"a": estimate(0.05, 0.02)}
        assert judge(at_most(0.1, family="holm"), one).observed.ci_high == pytest.approx(one["a"].ci_high, abs=2e-6)


class TestShare:
    def test_so_many_may_fail(self) -> None:
        found = {str(place): estimate(0.05 if place < 9 else 0.5, 0.01) for place in range(10)}
        enough, wanting = (judge(at_most(0.1, family="share", share=share), found) for share in (0.9, 0.95))
        assert (enough.passed, enough.judged, enough.met) == (True, 10, 9)
        assert enough.observed.ci_high <= 0.1
        assert (wanting.passed, wanting.met) == (False, 9)
        assert wanting.observed.value == 0.5

    def test_is_no_way_out(self) -> None:
        for family in ({"family": "share", "share": 0.5}, {"family": "share"}, {"family": "each", "share": 0.9}):
            with pytest.raises(ValidationError):
                at_most(0.1, **family)


def test_a_single_test_is_as_it_was() -> None:
    result = judge(at_most(0.1), {"a": estimate(0.05, 0.01)})
    assert result.passed
    assert set(result.to_json()) == {"passed", "observed", "threshold_digest"}
    assert set(at_most(0.1).to_json()) == {"op", "value", "confidence"}


def test_a_corrected_interval_stays_where_the_measure_can_lie() -> None:
    low = MetricEstimate(value=0.009, n=2400, ci_low=0.0, ci_high=0.025, confidence=0.95, excluded=0)
    result = judge(at_most(0.1, family="holm"), {f"drift:psi:{name}": low for name in "abcdefg"})
    assert (result.passed, result.met) == (True, 7)
    assert result.observed.ci_low == 0, "controls take no distance below 0, and said that the test was not passed"
    top = MetricEstimate(value=0.99, n=2400, ci_low=0.96, ci_high=1.0, confidence=0.95, excluded=0)
    floor = Threshold.model_validate({"op": ">=", "value": 0.8, "confidence": 0.95, "family": "holm"})
    assert judge(floor, {"impact_ratio:sex=f": top, "impact_ratio:sex=m": top}).observed.ci_high == 1
