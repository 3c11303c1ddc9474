"""Confidence intervals of measured values; pure functions of counts, sums or samples.

Each returns None where the value is undefined (nothing was counted), never 0 or NaN. An interval holds its estimate.
Counts may be fractions: rows that are copies of each other are scaled down to their effective number (see `copies`).
"""

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evidence.model.numbers import outward
from evidence.model.predicates.values import MetricEstimate

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]

DECIMALS = 6
"""Decimals of a recorded value: below them different machines may differ."""


@dataclass(frozen=True)
class Interval:
    """A value, its interval at the level `confidence`, and the effective number `n` of cases under it; not rounded.

    `method` names the definition where there is more than one, for the record.
    """

    value: float
    low: float
    high: float
    n: float
    confidence: float
    method: str | None = None

    def recorded(self, excluded: int = 0) -> MetricEstimate:
        """The predicate form; the ends are rounded outward, so that no bound is met by rounding.

        `excluded` is the number of rows that were left out.
        """
        return MetricEstimate(
            value=_rounded(self.value),
            n=max(1, int(self.n + 1e-6)),
            ci_low=_rounded(outward(self.low, DECIMALS, up=False)),
            ci_high=_rounded(outward(self.high, DECIMALS, up=True)),
            confidence=_rounded(self.confidence),
            excluded=excluded,
            method=self.method,
        )


def _rounded(value: float) -> float:
    return round(float(value), DECIMALS) + 0.0  # no minus zero: it is another text than zero


def normal_quantile(confidence: float) -> float:
    """Two-sided standard normal quantile: 1.96 at 0.95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson_bounds(successes: NDArray[np.generic], n: NDArray[np.generic], confidence: float) -> tuple[Floats, Floats]:
    """Lower and upper score bounds of proportions, element by element; (0, 1) where `n` is 0.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927) 209-212.
    """
    z2 = normal_quantile(confidence) ** 2
    n_ = np.asarray(n, dtype=np.float64)
    p = np.divide(successes, n_, out=np.full(n_.shape, 0.5), where=n_ > 0)
    total = np.maximum(n_, 1.0)
    centre = (p + z2 / (2 * total)) / (1 + z2 / total)
    half = np.sqrt(z2 * (p * (1 - p) + z2 / (4 * total)) / total) / (1 + z2 / total)
    low, high = np.clip(centre - half, 0, p), np.clip(centre + half, p, 1)
    low = np.where(p == 0, 0.0, low)
    high = np.where(p == 1, 1.0, high)
    return np.where(n_ > 0, low, 0.0), np.where(n_ > 0, high, 1.0)


def wilson(successes: float, n: float, confidence: float = 0.95) -> Interval | None:
    """Interval of the proportion `successes / n` (see `wilson_bounds`); None where `n` is 0."""
    if n == 0:
        return None
    low, high = wilson_bounds(np.array([successes]), np.array([n]), confidence)
    return Interval(successes / n, float(low[0]), float(high[0]), n, confidence)


def exact_bounds(successes: NDArray[np.generic], n: NDArray[np.generic], confidence: float) -> tuple[Floats, Floats]:
    """Lower and upper bounds of proportions, each of which errs no more often than half of what `confidence` leaves.

    Element by element; (0, 1) where `n` is 0. Wider than Wilson's, whose two ends make up for each other: of a few
    cases one of them alone errs up to three times as often as it should.
    Source: C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits illustrated in the case of the
    binomial, Biometrika 26 (1934) 404-413.
    """
    x, n_ = np.broadcast_arrays(np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64))
    tail = (1 - confidence) / 2
    some, others = x > 0, n_ - x > 1e-9
    low = np.where(some, special.betaincinv(np.where(some, x, 1.0), n_ - x + 1, tail), 0.0)
    high = np.where(others, special.betaincinv(x + 1, np.where(others, n_ - x, 1.0), 1 - tail), 1.0)
    return low, high


def unseen_share(n: float, confidence: float = 0.95) -> float:
    """Share of cases that `n` rows may well have missed altogether: the upper Wilson bound of none among `n`.

    No distance is known more finely than this, though a bootstrap of rows that are all alike says so.
    """
    return normal_quantile(confidence) ** 2 / (n + normal_quantile(confidence) ** 2)


def mean_interval(
    total: float, squares: float, n: float, confidence: float = 0.95, *, lowest: float = 0.0, highest: float = np.inf
) -> Interval | None:
    """Interval of a mean from the sum of values and the sum of their squares, cut at the possible values.

    Student's t quantile; the normal interval for large `n`. None below two values: one says nothing of its spread.
    Not to be trusted where fewer than some thirty values differ from the rest (central limit theorem).
    """
    if n < 2:
        return None
    mean = total / n
    variance = max(0.0, (squares - total * mean) / (n - 1))
    half = float(special.stdtrit(n - 1, (1 + confidence) / 2)) * sqrt(variance / n)
    return Interval(mean, min(mean, max(lowest, mean - half)), max(mean, min(highest, mean + half)), n, confidence)


def half_sum(first: Interval, second: Interval) -> Interval:
    """Interval of the mean of two independent values from their intervals.

    Source: method of variance estimates recovery, G. Y. Zou and A. Donner, Construction of confidence limits about
    effect measures, Statistics in Medicine 27 (2008) 1693-1702.
    """
    value = (first.value + second.value) / 2
    low = value - sqrt((first.value - first.low) ** 2 + (second.value - second.low) ** 2) / 2
    high = value + sqrt((first.high - first.value) ** 2 + (second.high - second.value) ** 2) / 2
    return Interval(value, low, high, first.n + second.n, first.confidence)


def paired_difference(only_first: float, only_second: float, n: float, confidence: float = 0.95) -> Interval | None:
    """Interval of a difference of two proportions over the same `n` cases; None where `n` is 0.

    `only_first` counts the cases with success in the first only, `only_second` in the second only.
    Source: adjusted Wald interval, D. G. Bonett and R. M. Price, Adjusted Wald confidence interval for a difference of
    binomial proportions based on paired data, J. Educational and Behavioral Statistics 37 (2012) 479-488.
    """
    if n == 0:
        return None
    value = (only_first - only_second) / n
    first, second = (only_first + 1) / (n + 2), (only_second + 1) / (n + 2)
    centre = first - second
    half = normal_quantile(confidence) * sqrt((first + second - centre**2) / (n + 2))
    return Interval(value, min(value, max(-1.0, centre - half)), max(value, min(1.0, centre + half)), n, confidence)


def unpaired_difference(first: float, n: float, second: float, m: float, confidence: float = 0.95) -> Interval | None:
    """Interval of `first / n - second / m`, proportions of independent cases; None where a side has none.

    Source: R. G. Newcombe, Interval estimation for the difference between independent proportions, Statistics in
    Medicine 17 (1998) 873-890, method 10.
    """
    if n == 0 or m == 0:
        return None
    p, q = first / n, second / m
    low, high = wilson_bounds(np.array([first, second]), np.array([n, m]), confidence)
    below = sqrt((p - low[0]) ** 2 + (high[1] - q) ** 2)
    above = sqrt((high[0] - p) ** 2 + (q - low[1]) ** 2)
    return Interval(p - q, max(-1.0, p - q - below), min(1.0, p - q + above), min(n, m), confidence)


def order_statistic(samples: Floats, quantile: float, confidence: float = 0.95) -> Interval | None:
    """Interval of a quantile between two order statistics, free of any assumption on the distribution.

    Where the samples are too few for the level (0.99 needs 368 at 0.95) the interval ends at the extreme sample and
    `confidence` is the level that it really has. None without samples.
    Source: H. A. David and H. N. Nagaraja, Order Statistics, 3rd ed. (2003), section 7.1.
    """
    n = len(samples)
    if n == 0:
        return None
    ordered = np.sort(np.asarray(samples, dtype=np.float64))
    below = special.bdtr(np.arange(n + 1, dtype=np.float64), n, quantile)  # P(at most k samples under the quantile)
    tail = (1 - confidence) / 2
    low = int(np.searchsorted(below, tail, side="right"))  # rank, from 1, of the lower order statistic; 0 is none
    high = int(np.searchsorted(below, 1 - tail, side="left")) + 1
    reached = confidence
    if low < 1 or high > n:
        low, high = max(low, 1), min(high, n)
        reached = min(confidence, float(below[high - 1] - below[low - 1]) if high > low else 0.0)
    value = ordered[min(n, max(1, ceil(n * quantile - 1e-9))) - 1]
    return Interval(float(value), float(min(ordered[low - 1], value)), float(max(ordered[high - 1], value)), n, reached)


def auc_interval(
    positives: NDArray[Any], negatives: NDArray[Any], confidence: float = 0.95, slack: float = 0.0
) -> Interval | None:
    """Area under the ROC curve from the counts of each label per score, scores rising; ties count one half.

    The interval spans DeLong's and Newcombe's: DeLong's closes up to a point where the classes separate, whatever `n`.
    `slack` is the largest error of the value by binning and widens it. None where a label is absent.
    Sources: E. R. DeLong et al., Biometrics 44 (1988) 837-845; R. G. Newcombe, Confidence intervals for an effect size
    measure based on the Mann-Whitney statistic, part 2, Statistics in Medicine 25 (2006) 559-573, method 5.
    """
    positives, negatives = (np.asarray(counts, dtype=np.float64) for counts in (positives, negatives))
    n_pos, n_neg = float(positives.sum()), float(negatives.sum())
    if n_pos == 0 or n_neg == 0:
        return None
    neg_below = (np.cumsum(negatives) - negatives / 2) / n_neg
    pos_above = 1 - (np.cumsum(positives) - positives / 2) / n_pos
    value = float(np.dot(positives, neg_below)) / n_pos
    low, high = _newcombe(value, n_pos, n_neg, confidence)
    if n_pos > 1 and n_neg > 1:
        spread = float(np.dot(positives, (neg_below - value) ** 2)) / (n_pos - 1) / n_pos
        spread += float(np.dot(negatives, (pos_above - value) ** 2)) / (n_neg - 1) / n_neg
        half = normal_quantile(confidence) * sqrt(spread)
        low, high = min(low, value - half), max(high, value + half)
    return Interval(value, max(0.0, low - slack), min(1.0, high + slack), n_pos + n_neg, confidence)


def _newcombe(value: float, n_pos: float, n_neg: float, confidence: float) -> tuple[float, float]:
    """Both areas from which `value` is just `z` standard errors away, by bisection."""
    z2, half = normal_quantile(confidence) ** 2, (n_pos + n_neg) / 2 - 1

    def too_far(area: float) -> bool:
        variance = area * (1 - area) * (1 + half * ((1 - area) / (2 - area) + area / (1 + area))) / (n_pos * n_neg)
        return (value - area) ** 2 > z2 * variance

    bounds = []
    for end in (0.0, 1.0):
        outside, inside = end, value
        for _ in range(60):
            middle = (outside + inside) / 2
            outside, inside = (middle, inside) if too_far(middle) else (outside, middle)
        bounds.append(end if value == end else inside)
    return bounds[0], bounds[1]
