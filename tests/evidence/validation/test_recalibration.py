"""Calibration slope and intercept: known answers, coverage, separation and small groups, and through a plan."""

from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
from scipy import optimize, special

from evidence.model.errors import EvidenceError
from evidence.validation.measures.intervals import Interval
from evidence.validation.measures.recalibration import distance, refit
from evidence.validation.runner import validate
from tests.evidence.validation.test_baselines import gated, weighted
from tests.evidence.validation.test_runner import AT
from tests.worlds.runs import MakePlan, applications, plan_values

EPS = float(np.finfo(np.float64).eps)


def drawn(n: int, seed: int, slope: float = 1.0, intercept: float = 0.0) -> tuple[Any, Any]:
    """Labels of which the log odds are `intercept + slope * logit(score)`."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-1, 1.2, n)
    return rng.random(n) < special.expit(intercept + slope * odds), special.expit(odds)


class TestKnownAnswers:
    def test_the_numbers_are_those_of_statsmodels(self) -> None:
        """statsmodels 0.15 on these rows: Logit(y, [1, x]) and GLM(y, 1, Binomial, offset=x)."""
        labels, scores = drawn(500, 3, 0.7, 0.4)
        found = refit(labels, scores, EPS)
        assert isinstance(found.slope, Interval)
        assert isinstance(found.intercept, Interval)
        assert found.slope.value == pytest.approx(0.66094708, abs=1e-6)
        assert found.intercept.value == pytest.approx(0.73271111, abs=1e-6)
        # The profile likelihood of so many rows is nearly Wald's.
        assert (found.slope.low, found.slope.high) == pytest.approx((0.48272086, 0.83917329), abs=0.01)
        assert (found.intercept.low, found.intercept.high) == pytest.approx((0.53370897, 0.93171325), abs=0.01)

    def test_the_ends_are_those_of_the_profile_likelihood(self) -> None:
        labels, scores = drawn(60, 4, 1.3)
        found = refit(labels, scores, EPS).slope
        assert isinstance(found, Interval)
        odds = special.logit(scores)

        def likelihood(slope: float) -> float:
            found = optimize.minimize_scalar(_cost, args=(slope, odds, labels), bounds=(-20, 20), method="bounded")
            return -float(found.fun)

        best = likelihood(found.value)
        for end in (found.low, found.high):
            assert 2 * (best - likelihood(end)) == pytest.approx(special.stdtrit(58, 0.975) ** 2, abs=1e-3)
        assert likelihood(found.value + 0.05) < best > likelihood(found.value - 0.05)

    def test_scores_that_are_right_have_slope_1_and_intercept_0(self) -> None:
        labels, scores = drawn(40_000, 5)
        found = refit(labels, scores, EPS)
        assert isinstance(found.slope, Interval)
        assert isinstance(found.intercept, Interval)
        assert found.slope.low < 1 < found.slope.high
        assert found.intercept.low < 0 < found.intercept.high
        assert found.slope.high - found.slope.low < 0.1

    def test_distance(self) -> None:
        far, near = Interval(1.4, 1.2, 1.7, 50, 0.95), Interval(0.95, 0.8, 1.3, 50, 0.95)
        assert [round(part, 9) for part in _parts(distance(far, 1))] == [0.4, 0.2, 0.7]
        assert [round(part, 9) for part in _parts(distance(near, 1))] == [0.05, 0.0, 0.3]

    def test_copies_widen(self) -> None:
        labels, scores = drawn(400, 6)
        once, half = refit(labels, scores, EPS).slope, refit(labels, scores, EPS, share=0.5).slope
        twice = refit(np.tile(labels, 2), np.tile(scores, 2), EPS, share=0.5).slope
        assert isinstance(once, Interval)
        assert isinstance(half, Interval)
        assert isinstance(twice, Interval)
        assert half.high - half.low > 1.35 * (once.high - once.low)
        assert (twice.low, twice.high, twice.n) == pytest.approx((once.low, once.high, once.n), abs=1e-6)


@pytest.mark.slow
def test_coverage_of_both() -> None:
    """800 draws of 120 rows of a model that is off by a known slope and intercept."""
    held, gate = [0, 0], [0, 0]
    shifted = refit(*drawn(200_000, 1, 0.8, 0.3), EPS).intercept
    assert isinstance(shifted, Interval)
    for seed in range(800):
        found = refit(*drawn(120, seed + 10, 0.8, 0.3), EPS)
        for place, (part, truth) in enumerate(((found.slope, 0.8), (found.intercept, shifted.value))):
            assert isinstance(part, Interval)
            held[place] += part.low <= truth <= part.high
            gate[place] += distance(part, 1.0 - place).high >= abs(truth - (1.0 - place))
    assert min(held) / 800 >= 0.925
    assert min(gate) / 800 >= 0.955


class TestNone:
    def test_labels_that_the_scores_separate(self) -> None:
        scores = np.linspace(0.05, 0.95, 40)
        for labels in (scores > 0.5, scores < 0.5):
            found = refit(labels, scores, EPS)
            assert isinstance(found.slope, str)
            assert "separate" in found.slope
            assert isinstance(found.intercept, Interval)

    def test_touching_at_one_score_separates_too(self) -> None:
        scores = np.repeat([0.2, 0.5, 0.8], 10)
        labels = np.r_[np.zeros(10, bool), np.arange(10) % 2 == 0, np.ones(10, bool)]
        assert isinstance(refit(labels, scores, EPS).slope, str)

    def test_a_constant_score(self) -> None:
        found = refit(np.arange(50) % 5 == 0, np.full(50, 0.2), EPS)
        assert found.slope == "all scores are one"
        assert isinstance(found.intercept, Interval)
        assert found.intercept.value == pytest.approx(0, abs=1e-9)

    def test_one_label(self) -> None:
        found = refit(np.ones(50, dtype=bool), np.linspace(0.1, 0.9, 50), EPS)
        assert found.slope == found.intercept == "no negative label"

    def test_scores_of_0_and_1(self) -> None:
        rng = np.random.default_rng(2)
        scores = np.where(rng.random(300) < 0.3, np.round(rng.random(300)), rng.random(300))
        found = refit(rng.random(300) < scores, scores, float(np.finfo(np.float32).eps))
        assert isinstance(found.slope, Interval)
        assert np.isfinite([found.slope.low, found.slope.high]).all()


def _cost(a: float, slope: float, odds: Any, labels: Any) -> float:
    linear = a + slope * odds
    return float((np.logaddexp(0, linear) - labels * linear).sum())


def _parts(interval: Interval) -> tuple[float, float, float]:
    return interval.value, interval.low, interval.high


class TestRun:
    def test_over_all_and_by_group(self, make_plan: MakePlan) -> None:
        table = applications(3000)
        plan = make_plan(table=table, recalibration={}, **gated_below("calibration_slope_distance:sex=*", 0.6))
        run = validate(plan, started_at=AT, plan_digest=plan.digest).run
        assert run.recalibration is not None
        assert [fit.group for fit in run.recalibration] == [None, "sex=f", "sex=m"]
        assert sum(fit.n for fit in run.recalibration[1:]) == run.recalibration[0].n == 3000
        assert run.examined is not None
        assert sorted(run.examined) == sorted(
            f"calibration_{what}_distance{group}"
            for what in ("slope", "intercept")
            for group in ("", ":sex=f", ":sex=m")
        )
        for fit in run.recalibration:  # the model is the one that the labels were drawn from
            assert fit.slope is not None
            assert fit.slope.ci_low < 1 < fit.slope.ci_high
        assert run.test_results["calibration_slope_distance:sex=*"].passed

    def test_a_model_that_is_too_sure(self, make_plan: MakePlan) -> None:
        sure = onnx.load_from_string(weighted(6.0, -3.0))
        table = applications(3000)
        plan = make_plan(model=sure, table=table, recalibration={}, **gated_below("calibration_slope_distance", 0.3))
        run = validate(plan, started_at=AT, plan_digest=plan.digest).run
        assert run.recalibration is not None
        slope = run.recalibration[0].slope
        assert slope is not None
        assert slope.ci_low < 1 / 3 < slope.ci_high
        assert not run.test_results["calibration_slope_distance"].passed

    def test_a_group_without_a_number_fails_the_family(self, make_plan: MakePlan) -> None:
        """Eight rows of a third group, all paid: the others' good calibration does not pass for it."""
        table = applications(1500)
        sex = np.array(table["sex"])
        sex[:8] = "x"
        table = table.set_column(2, "sex", pa.array(sex))
        plan = make_plan(table=table, recalibration={}, **gated_below("calibration_slope_distance:sex=*", 2.0))
        outcome = validate(plan, started_at=AT, plan_digest=plan.digest)
        assert not outcome.run.test_results["calibration_slope_distance:sex=*"].passed
        assert any("`calibration_slope_distance:sex=x` was not measured: 8 indep" in note for note in outcome.notes)
        assert outcome.run.recalibration is not None
        assert outcome.run.recalibration[-1].slope is None

    @pytest.mark.parametrize(
        ("section", "message"),
        [({"groups": []}, "groups"), ({"groups": ["age"]}, "names `age`"), ({"by": ["sex"]}, "by")],
    )
    def test_what_cannot_be_asked_is_refused(self, make_plan: MakePlan, section: Any, message: str) -> None:
        with pytest.raises(EvidenceError, match=message):
            make_plan(recalibration=section)

    def test_a_bare_label_has_no_calibration(self, make_plan: MakePlan) -> None:
        threshold = {"op": ">=", "value": 0.5, "confidence": 0.95}
        promises = {"required_tests": ["f1"], "thresholds": {"f1": threshold}, "primary_metric": "f1"}
        output = {"name": "p", "kind": "label", "favourable": "positive"}
        with pytest.raises(EvidenceError, match="`recalibration` is not for"):
            make_plan(output=output, recalibration={}, plan=plan_values()["plan"] | promises)

    @pytest.mark.parametrize("test", ["calibration_slope_distance:age=1", "calibration_slope_distance:sex"])
    def test_groups_that_nobody_looks_at_are_refused(self, make_plan: MakePlan, test: str) -> None:
        with pytest.raises(EvidenceError, match="is told as"):
            make_plan(recalibration={}, **gated_below(test, 0.5))


def gated_below(test: str, value: float) -> dict[str, Any]:
    """A plan that limits a number from above, of many numbers each."""
    family = {"family": "each"} if test.endswith("*") else {}
    plan = gated(test)["plan"]
    return {"plan": plan | {"thresholds": {test: {"op": "<=", "value": value, "confidence": 0.95} | family}}}
