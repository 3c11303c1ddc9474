"""Calibration of scores and the ROC curve, from the counts of each label per score.

The expected calibration error over bins of equal mass is the sum over bins of n_b / n * |share of positives - mean
score|. As counted it lies too high, the more so the fewer the rows: in a bin of perfect calibration the absolute
difference is not 0 on average. So it is told debiased: as the error that a model would have whose differences are those
observed, shrunk by one factor until the expected count is the observed one (0 where chance alone would give as much).

Its interval inverts the distribution of the counted error, a sum of folded normal variables. The upper end, which
gates read, assumes the errors that hide best (all bins off by as many standard errors) and is at least what the Wilson
intervals of the bins allow; the lower end assumes those that show most (all in one bin).
Sources: bins of equal mass, J. Nixon et al., Measuring calibration in deep learning (CVPR workshops 2019); the bias,
J. Broecker, Estimating reliability and resolution of probability forecasts, Climate Dynamics 39 (2012) 655-667, and
A. Kumar, P. Liang, T. Ma, Verified uncertainty calibration (NeurIPS 2019); joining of intervals as in `half_sum`.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from evidence.validation.measures.intervals import Floats, Interval, normal_quantile, wilson, wilson_bounds
from evidence.validation.measures.roots import root
from evidence.validation.measures.scores import ScoreCounts

RELIABILITY_BINS = 15
BIN_ROWS = 20
"""Independent cases that a bin should have: fewer rows have fewer bins."""
ROC_POINTS = 200
_FOLDED = float(np.sqrt(2 / np.pi))
"""Mean absolute value of a standard normal variable."""


@dataclass(frozen=True)
class ReliabilityBin:
    """Rows of similar score: how many, their mean score, and the share of positive labels among them."""

    n: float
    mean_score: float
    observed: Interval


@dataclass(frozen=True)
class Calibration:
    """Reliability diagram (scores rising) and debiased calibration error; `counted` is the error before that."""

    bins: tuple[ReliabilityBin, ...]
    error: Interval
    counted: float


@dataclass(frozen=True)
class _Bins:
    """Bins of equal mass: each one's share of the rows, effective rows, mean score, and share of positives."""

    weight: Floats
    rows: Floats
    score: Floats
    observed: Floats

    @property
    def apart(self) -> Floats:
        return np.abs(self.observed - self.score)

    @property
    def deviation(self) -> Floats:
        """Standard error of each bin's share, as of one positive and one negative row more than there are."""
        share = (self.observed * self.rows + 1) / (self.rows + 2)
        error: Floats = np.sqrt(share * (1 - share) / self.rows)
        return error


def calibration(
    counts: ScoreCounts, *, confidence: float = 0.95, bins: int = RELIABILITY_BINS, share: float = 1.0
) -> Calibration | None:
    """Expected calibration error, debiased, from rows by score; None where there are no rows.

    Bins of equal mass, since those of equal width leave most of them nearly empty where scores crowd; rows of one score
    stay together. There are at most `bins`, and fewer where a bin would have less than 20 independent cases; the
    method of the interval says how many. `share` of the rows are independent cases (see `copies`).
    """
    if len(counts) == 0:
        return None
    found = _binned(counts, bins, share)
    parts = []
    for n, score, seen in zip(found.rows.tolist(), found.score.tolist(), found.observed.tolist(), strict=True):
        observed = wilson(seen * n, n, confidence)
        if observed is not None:
            parts.append(ReliabilityBin(n, score, observed))
    counted = float(np.dot(found.weight, found.apart))
    low, high = _bounds(found, counted, confidence)
    value = min(max(_debiased(found, counted), low), high)
    method = f"ece-{len(found.weight)}-bins-of-equal-mass-debiased"
    return Calibration(tuple(parts), Interval(value, low, high, float(found.rows.sum()), confidence, method), counted)


def _binned(counts: ScoreCounts, most: int, share: float) -> _Bins:
    rows = counts.rows
    n = int(rows.sum())
    bins = int(np.clip(n * share / BIN_ROWS, 1, most))
    middle = np.cumsum(rows) - rows / 2
    place = np.unique((middle * bins / n).astype(np.int64), return_inverse=True)[1]
    size = np.bincount(place, weights=rows)
    return _Bins(
        size / n,
        np.asarray(size * share, dtype=np.float64),
        np.bincount(place, weights=rows * counts.scores) / size,
        np.bincount(place, weights=counts.positives) / size,
    )


def _folded(apart: Floats) -> Floats:
    """Mean absolute value of normal variables of deviation 1 with these means."""
    mean: Floats = _FOLDED * np.exp(-(apart**2) / 2) + apart * (1 - 2 * special.ndtr(-apart))
    return mean


def _debiased(bins: _Bins, counted: float) -> float:
    """The counted error times the factor at which it is what would be counted on average."""

    def more(factor: float) -> float:
        expected = bins.deviation * _folded(factor * bins.apart / bins.deviation)
        return float(np.dot(bins.weight, expected)) - counted

    if more(0.0) >= 0:
        return 0.0
    return counted * (1.0 if more(1.0) <= 0 else root(more, 0.0, 1.0, within=1e-12))


def _bounds(bins: _Bins, counted: float, confidence: float) -> tuple[float, float]:
    z, weight, error = normal_quantile(confidence), bins.weight, bins.deviation
    whole, spread = float(np.dot(weight, error)), float(np.sqrt(np.dot(weight**2, error**2)))

    def reached(apart: float) -> float:
        """Least count that is not too low, at this confidence, where all bins are off by so many standard errors."""
        mean = float(_folded(np.array(apart)))
        return whole * mean - z * spread * float(np.sqrt(1 + apart**2 - mean**2)) - counted

    hidden = 0.0
    if reached(0.0) < 0:
        hidden = root(reached, 0.0, counted / whole + z + 1, within=1e-12) * whole
    low, high = wilson_bounds(bins.observed * bins.rows, bins.rows, confidence)
    shrunk = _debiased(bins, counted) / counted if counted > 0 else 0.0
    furthest = np.maximum(np.abs(low - bins.score), np.abs(high - bins.score)) - shrunk * bins.apart
    allowed = shrunk * counted + float(np.sqrt(np.dot(weight**2, furthest**2)))
    shown = counted - _FOLDED * whole - z * spread * float(np.sqrt(1 - 2 / np.pi))
    if len(weight) == 1:  # nothing but this bin can show: its own interval tells more
        shown = max(0.0, float(np.maximum(low - bins.score, bins.score - high)[0]))
    return max(0.0, min(shown, counted)), min(1.0, max(hidden, allowed))


def roc_points(counts: ScoreCounts, limit: int = ROC_POINTS) -> tuple[tuple[float, float], ...]:
    """Points (false positive rate, true positive rate) of the ROC curve from (0, 0) to (1, 1), about `limit` at most.

    Points are thinned evenly along the curve, so that steep parts keep theirs. Empty where a label is absent.
    """
    negatives, positives = counts.negatives, counts.positives
    n_pos, n_neg = int(positives.sum()), int(negatives.sum())
    if n_pos == 0 or n_neg == 0:
        return ()
    hits = np.concatenate([[0], np.cumsum(positives[::-1])]) / n_pos
    alarms = np.concatenate([[0], np.cumsum(negatives[::-1])]) / n_neg
    kept = np.unique(((hits + alarms) / 2 * (limit - 1)).astype(np.int64), return_index=True)[1]
    kept = np.unique(np.append(kept, len(hits) - 1))
    return tuple((float(alarms[point]), float(hits[point])) for point in kept)
