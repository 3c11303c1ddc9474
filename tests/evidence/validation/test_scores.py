"""Rows by score: exact where that is possible, and never off by more than is said."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from evidence.validation.measures import tally
from evidence.validation.measures.intervals import auc_interval
from evidence.validation.measures.performance import Performance
from evidence.validation.measures.scores import ScoreCounts


def area(counts: ScoreCounts) -> float:
    found = auc_interval(counts.positives, counts.negatives)
    assert found is not None
    return found.value


def cases(n: int, seed: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.random(n) < 0.2
    return labels, (rng.beta(1, 5, n) + 0.05 * labels) * scale / 1.05


class TestArea:
    @pytest.mark.parametrize("scale", [1.0, 1e-4, 5e-6, 1e-12])
    def test_is_scikit_learns_at_any_scale_and_by_group(self, scale: float) -> None:
        labels, scores = cases(30_000, 1, scale)
        codes = np.arange(30_000) % 3
        found = Performance(["region"])
        group = found.groups["region"].encode(["a", "b", "c"], codes)
        for start in range(0, 30_000, 7_000):
            part = slice(start, start + 7_000)
            found.update(labels[part], scores[part] > 0.5, scores[part], {"region": group[part]})
        assert found.overall()["roc_auc"].value == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
        for code, name in enumerate("abc"):
            truth = roc_auc_score(labels[codes == code], scores[codes == code])
            assert found.by_group("region")[name]["roc_auc"].value == pytest.approx(truth, abs=1e-12)

    @pytest.mark.parametrize("scale", [1.0, 1e-6])
    @pytest.mark.parametrize("sorted_file", [False, True])
    def test_bins_of_rank_err_by_less_than_they_say(
        self, scale: float, sorted_file: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With a limit of 2^13 scores, 60,000 rows: the bound is that of 8,192 bins, what is left far below it."""
        monkeypatch.setattr(tally, "BUFFER_ROWS", 10_000)
        labels, scores = cases(60_000, 2, scale)
        if sorted_file:
            order = np.argsort(scores)
            labels, scores = labels[order], scores[order]
        small = tally.Tally(entries=1 << 13)
        for start in range(0, 60_000, 1_000):
            part = slice(start, start + 1_000)
            small.add(tally.Batch.of(labels[part], scores[part] > 0.5, scores[part]))
        curve = small.curve(0)
        assert curve is not None
        assert len(curve) <= 1 << 13
        error = abs(area(curve) - roc_auc_score(labels, scores))
        assert error <= curve.area_error <= 3 / (1 << 13)
        assert error < 1e-5

    def test_no_bin_is_needed_below_the_limit(self) -> None:
        labels, scores = cases(5_000, 3, 1.0)
        counts = ScoreCounts.of(scores, labels)
        assert counts.area_error == 0
        assert counts.scores.tolist() == np.unique(scores).tolist()


class TestCounts:
    def test_adding_is_counting_together_whatever_the_order(self) -> None:
        labels, scores = cases(900, 4, 1.0)
        scores = scores.round(2)
        whole, parts = ScoreCounts.of(scores, labels), ScoreCounts()
        for start in (600, 0, 300):
            parts.add(ScoreCounts.of(scores[start : start + 300], labels[start : start + 300]))
        for name in ("low", "high", "negatives", "positives"):
            assert getattr(parts, name).tolist() == getattr(whole, name).tolist()

    def test_a_score_inside_a_bin_joins_it(self) -> None:
        counts = ScoreCounts.of(np.array([0.1, 0.2, 0.7, 0.8]), np.array([False, True, False, True]))
        counts.add(ScoreCounts(), entries=2)
        assert counts.low.tolist() == [0.1, 0.7]
        counts.add(ScoreCounts.of(np.array([0.15, 0.5]), np.array([True, True])))
        assert (counts.low.tolist(), counts.high.tolist()) == ([0.1, 0.5, 0.7], [0.2, 0.5, 0.8])
        assert counts.positives.tolist() == [2, 1, 1]
        assert counts.scores == pytest.approx([0.15, 0.5, 0.75])
        # Two negatives and two positives share bins of which the order is lost, so that 3 pairs may be half wrong.
        assert counts.area_error == pytest.approx((1 * 2 + 1 * 1) / 2 / (2 * 4))

    def test_the_size_of_batches_changes_nothing_beyond_the_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tally, "BUFFER_ROWS", 1_000)
        labels, scores = cases(5_000, 5, 1.0)
        found = []
        for size in (313, 2_500):
            small = tally.Tally(entries=256)
            for start in range(0, 5_000, size):
                part = slice(start, start + size)
                small.add(tally.Batch.of(labels[part], labels[part], scores[part]))
            curve = small.curve(0)
            assert curve is not None
            found.append((curve.low.tolist(), curve.positives.tolist(), curve.scores.tolist()))
        assert found[0] == found[1]
