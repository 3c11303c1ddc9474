"""Calibration error and ROC points: known answers and agreement with scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import auc, roc_auc_score

from evidence.validation.measures.calibration import ROC_POINTS, calibration, roc_points
from evidence.validation.measures.tally import BINS


def counts(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    place = np.minimum(scores * BINS, BINS - 1).astype(np.int64)
    negatives, positives = (np.bincount(place[labels == label], minlength=BINS) for label in (0, 1))
    return negatives, positives


class TestError:
    def test_nothing_counted_has_none(self) -> None:
        assert calibration(np.zeros(8, dtype=np.int64), np.zeros(8, dtype=np.int64), seed=0) is None

    def test_known_answer(self) -> None:
        """Scores .2 (1 of 10 positive) and .8 (9 of 10): |.1 - .2| / 2 + |.9 - .8| / 2."""
        labels = np.repeat([0, 1, 0, 1], [9, 1, 1, 9])
        found = calibration(*counts(labels, np.repeat([0.2, 0.8], 10)), seed=0)
        assert found is not None
        assert found.error.value == pytest.approx(0.1, abs=1 / BINS)
        assert [(part.n, part.observed.value) for part in found.bins] == [(10, 0.1), (10, 0.9)]
        assert [part.mean_score for part in found.bins] == pytest.approx([0.2, 0.8], abs=1 / BINS)

    def test_agrees_with_scikit_learns_curve(self) -> None:
        rng = np.random.default_rng(1)
        scores = rng.beta(1, 3, 30_000)
        labels = (rng.random(30_000) < scores**1.3).astype(int)
        found = calibration(*counts(labels, scores), seed=0)
        share, mean = calibration_curve(labels, scores, n_bins=15, strategy="quantile")
        assert found is not None
        assert [part.mean_score for part in found.bins] == pytest.approx(mean, abs=2e-3)
        assert found.error.value == pytest.approx(np.abs(share - mean).mean(), abs=2e-3)

    def test_interval_tells_calibrated_from_not(self) -> None:
        rng = np.random.default_rng(2)
        scores = rng.random(20_000)
        labels = (rng.random(20_000) < scores).astype(int)
        good = calibration(*counts(labels, scores), seed=0)
        bad = calibration(*counts(labels, scores**2), seed=0)
        assert good is not None
        assert bad is not None
        assert good.error.high < 0.025 < 0.1 < bad.error.low
        assert good.error.low <= good.error.value <= good.error.high

    def test_few_rows_that_are_all_alike_are_not_certainty(self) -> None:
        found = calibration(*counts(np.zeros(10), np.zeros(10)), seed=0)
        assert found is not None
        assert found.error.value < 1 / BINS
        assert found.error.high == pytest.approx(1.96**2 / (10 + 1.96**2), abs=1e-4)

    def test_seed_decides_the_interval(self) -> None:
        pair = np.arange(20), np.arange(20)[::-1]
        assert calibration(*pair, seed=1) == calibration(*pair, seed=1)
        assert calibration(*pair, seed=1) != calibration(*pair, seed=2)


class TestRoc:
    def test_is_empty_without_a_label(self) -> None:
        assert roc_points(np.zeros(4), np.ones(4)) == ()

    def test_known_answer(self) -> None:
        assert roc_points(np.array([1, 1]), np.array([0, 2])) == ((0.0, 0.0), (0.5, 1.0), (1.0, 1.0))

    @given(st.integers(0, 100))
    def test_runs_from_corner_to_corner_and_keeps_the_area(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 2, 2000)
        scores = np.clip(rng.normal(0.4 + 0.2 * labels, 0.15), 0, 1)
        points = roc_points(*counts(labels, scores))
        alarms, hits = np.array(points).T
        assert points[0] == (0, 0)
        assert points[-1] == (1, 1)
        assert len(points) <= ROC_POINTS + 1
        assert (np.diff(alarms) >= 0).all()
        assert (np.diff(hits) >= 0).all()
        assert auc(alarms, hits) == pytest.approx(roc_auc_score(labels, scores), abs=0.005)
