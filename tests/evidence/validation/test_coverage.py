"""Intervals hold the truth as often as they say, and models that are right pass: `benchmarks.coverage`, in short."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.coverage import cases, simulate
from benchmarks.coverage_case import Case
from evidence.validation.measures.intervals import Interval, mean_interval

pytestmark = pytest.mark.slow

SHORT = {
    ("brier", 50), ("brier", 200), ("log_loss", 50), ("accuracy in clusters of ten", 500), ("psi", 200), ("js", 200),
    ("calibration error", 50), ("calibration error", 200), ("ratio of five groups", 50), ("ratio of five groups", 1000),
    ("gap of five groups", 200), ("importance", 50), ("importance", 200), ("Cramér's V", 200),
    ("weighted precision", 200), ("weighted roc_auc", 200), ("hamming_loss", 200), ("f1_macro", 200), ("ndcg", 50),
    ("mrr", 200), ("recall_at_k", 200), ("exposure_ratio", 50), ("exposure_ratio", 200), ("exposure_difference", 200),
    ("mase", 50), ("mase", 200), ("relative_mae", 50), ("relative_mae", 200),
}  # fmt: skip
"""Measures and n that the short form takes; the long one is `python -m benchmarks --only coverage`."""
DRAWS = 80


@pytest.mark.parametrize("case", [case for case in cases() if (case.measure, case.n) in SHORT], ids=lambda c: c.name)
def test_interval_holds_the_truth(case: Case) -> None:
    found = simulate(case, DRAWS)
    assert found.draws >= DRAWS * 0.9
    assert found.met, found


def test_a_bad_interval_is_found_out() -> None:
    """Student's t, as for any mean: with 2 % positive it misses the Brier score in a third of the draws."""

    def students(random: np.random.Generator, n: int) -> Interval | None:
        scores = random.beta(0.5, 24.5, n)
        loss = np.abs((random.random(n) < scores) - scores) ** 2
        return mean_interval(loss.sum(), (loss**2).sum(), n)

    good = next(item for item in cases() if item.measure == "brier" and "2 % positive" in item.truth and item.n == 50)
    found = simulate(replace(good, draw=students), 200)
    assert found.both < 0.8
    assert not found.met
