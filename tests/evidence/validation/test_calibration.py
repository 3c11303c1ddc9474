"""Calibration error and ROC points: known answers and agreement with scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import auc, roc_auc_score

from evidence.validation.measures.calibration import ROC_POINTS, calibration, roc_points
from evidence.validation.measures.scores import ScoreCounts


def counts(labels: np.ndarray, scores: np.ndarray) -> ScoreCounts:
    return ScoreCounts.of(scores, np.asarray(labels, dtype=np.bool_))


class TestError:
    def test_nothing_counted_has_none(self) -> None:
        assert calibration(ScoreCounts()) is None

    def test_known_answer(self) -> None:
        """Scores .2 (10 of 100 positive) and .8 (90 of 100): |.1 - .2| / 2 + |.9 - .8| / 2; each 3.3 errors off."""
        labels = np.repeat([0, 1, 0, 1], [90, 10, 10, 90])
        found = calibration(counts(labels, np.repeat([0.2, 0.8], 100)), bins=2)
        assert found is not None
        assert found.counted == pytest.approx(0.1, abs=1e-12)
        assert found.error.value == pytest.approx(0.1, abs=1e-3)
        assert found.error.method == "ece-2-bins-of-equal-mass-debiased"
        assert [(part.n, part.observed.value) for part in found.bins] == [(100, 0.1), (100, 0.9)]
        assert [part.mean_score for part in found.bins] == pytest.approx([0.2, 0.8], abs=1e-12)

    def test_agrees_with_scikit_learns_curve(self) -> None:
        rng = np.random.default_rng(1)
        scores = rng.beta(1, 3, 30_000)
        labels = (rng.random(30_000) < scores**1.3).astype(int)
        found = calibration(counts(labels, scores))
        share, mean = calibration_curve(labels, scores, n_bins=15, strategy="quantile")
        assert found is not None
        assert [part.mean_score for part in found.bins] == pytest.approx(mean, abs=1e-3)
        assert [part.observed.value for part in found.bins] == pytest.approx(share, abs=1e-3)
        assert found.counted == pytest.approx(np.abs(share - mean).mean(), abs=1e-4)
        # Far from 0 nothing is taken off.
        assert found.error.value == pytest.approx(found.counted, abs=5e-4)

    def test_bias_is_taken_off(self) -> None:
        """A calibrated model: the count says 0.039 on 1,000 rows, the error is 0."""
        rng = np.random.default_rng(2)
        values, counted = [], []
        for _ in range(60):
            scores = rng.random(1000)
            found = calibration(counts(rng.random(1000) < scores, scores))
            assert found is not None
            values.append(found.error.value)
            counted.append(found.counted)
        assert np.mean(counted) == pytest.approx(0.039, abs=0.003)
        assert np.mean(values) < 0.015
        assert np.median(values) < 0.012

    def test_few_rows_have_fewer_bins(self) -> None:
        rng = np.random.default_rng(3)
        scores = rng.random(100)
        found, copied = (
            calibration(counts(np.tile(scores, times) > 0.5, np.tile(scores, times)), share=1 / times)
            for times in (1, 3)
        )
        assert found is not None
        assert copied is not None
        assert len(found.bins) == len(copied.bins) == 5
        assert (copied.error.low, copied.error.high) == pytest.approx((found.error.low, found.error.high))

    def test_interval_tells_calibrated_from_not(self) -> None:
        rng = np.random.default_rng(2)
        scores = rng.random(20_000)
        labels = (rng.random(20_000) < scores).astype(int)
        good, bad = calibration(counts(labels, scores)), calibration(counts(labels, scores**2))
        assert good is not None
        assert bad is not None
        assert good.error.low == 0
        assert good.error.high < 0.02 < 0.1 < bad.error.low
        assert good.error.low <= good.error.value <= good.error.high

    def test_few_rows_that_are_all_alike_are_not_certainty(self) -> None:
        found = calibration(counts(np.zeros(10), np.zeros(10)))
        assert found is not None
        assert found.error.value == 0
        assert found.error.high >= 1.96**2 / (10 + 1.96**2) - 1e-4


class TestRoc:
    def test_is_empty_without_a_label(self) -> None:
        assert roc_points(counts(np.ones(4), np.arange(4.0))) == ()

    def test_known_answer(self) -> None:
        assert roc_points(counts(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.2, 0.2]))) == (
            (0.0, 0.0),
            (0.5, 1.0),
            (1.0, 1.0),
        )

    @given(st.integers(0, 100))
    def test_runs_from_corner_to_corner_and_keeps_the_area(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 2, 2000)
        scores = np.clip(rng.normal(0.4 + 0.2 * labels, 0.15), 0, 1)
        points = roc_points(counts(labels, scores))
        alarms, hits = np.array(points).T
        assert points[0] == (0, 0)
        assert points[-1] == (1, 1)
        assert len(points) <= ROC_POINTS + 1
        assert (np.diff(alarms) >= 0).all()
        assert (np.diff(hits) >= 0).all()
        assert auc(alarms, hits) == pytest.approx(roc_auc_score(labels, scores), abs=0.005)
