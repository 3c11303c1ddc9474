"""Population stability index and Jensen-Shannon distance of two tables of counts, without their bias.

Two samples of one distribution lie apart by chance. Times N = n m / (n + m) the index of k bins is then about
chi-squared with k - 1 degrees of freedom, and 8 N times the Jensen-Shannon divergence (in nats) is too; where the
distributions differ it is noncentral, the noncentrality being N times the true distance. So the value is told less
k - 1, not below 0, and its interval is that of the noncentrality. Where the variance by the delta method is larger than
that of the noncentral variable, as for large distances, the variable is stretched to have it.
Sources: B. Yurdakul, Statistical properties of population stability index (2018); noncentral chi-squared,
S. Kullback, Information Theory and Statistics (1959), chapter 6.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evidence.validation.measures.intervals import Floats, Interval, normal_quantile, unseen_share

SMOOTHING = 0.5
_LARGE = 1e5
BIN_ROWS = 5
"""Rows of both sides together that a bin must have to count by itself."""


@dataclass(frozen=True)
class _Distance:
    """A distance as counted; with it `factor` times it is about chi-squared, and `variance` is its own."""

    counted: float
    factor: float
    variance: float


def psi(old: NDArray[np.generic], new: NDArray[np.generic]) -> float:
    """Population stability index of two tables of counts (bins,), in nats: sum of (q - p) ln(q / p), as counted.

    Bins that both leave empty do not count; where a side leaves another empty, half a row is added to each bin of both
    sides, since the index would be infinite.
    Source: N. Siddiqi, Credit Risk Scorecards (2006), chapter 10.
    """
    return _psi(*_used(old, new)).counted


def jensen_shannon(old: NDArray[np.generic], new: NDArray[np.generic]) -> float:
    """Jensen-Shannon distance of two tables of counts (bins,): root of the divergence in base 2, from 0 to 1.

    Source: D. M. Endres and J. E. Schindelin, A new metric for probability distributions, IEEE Trans. Information
    Theory 49 (2003) 1858-1860.
    """
    return float(np.sqrt(min(1.0, max(0.0, _divergence(*_used(old, new)).counted / np.log(2)))))


def psi_interval(old: NDArray[np.generic], new: NDArray[np.generic], confidence: float = 0.95) -> Interval:
    """The index debiased, with its interval; counts may be fractions. Both sides have rows."""
    first, second = _dense(old, new)
    found = _noncentral(_psi(first, second), len(first) - 1, confidence)
    return _told("psi", first, second, found, psi, confidence)


def js_interval(old: NDArray[np.generic], new: NDArray[np.generic], confidence: float = 0.95) -> Interval:
    """The distance debiased, with its interval; counts may be fractions. Both sides have rows."""
    first, second = _dense(old, new)
    parts = _noncentral(_divergence(first, second), len(first) - 1, confidence)
    found = tuple(float(np.sqrt(min(1.0, part / np.log(2)))) for part in parts)
    return _told("js", first, second, found, jensen_shannon, confidence)


def _told(
    name: str,
    old: Floats,
    new: Floats,
    found: tuple[float, ...],
    distance: Callable[[Floats, Floats], float],
    confidence: float,
) -> Interval:
    """The upper end is at least the distance that the share of cases which so few rows may have missed would make."""
    value, low, high = found
    n = float(min(old.sum(), new.sum()))
    missed = n * unseen_share(n, confidence)
    least = distance(np.array([n, 0.0]), np.array([n - missed, missed]))
    return Interval(value, low, max(high, least), n, confidence, f"{name}-{len(old)}-bins-debiased")


def _dense(old: NDArray[np.generic], new: NDArray[np.generic]) -> tuple[Floats, Floats]:
    """The bins, those that both sides together have too few rows in taken together: chi-squared does not hold there."""
    first, second = _used(old, new)
    few = first + second < BIN_ROWS
    if not few.any() or len(first) == 1:
        return first, second
    rare = np.array([first[few].sum(), second[few].sum()])
    first, second = first[~few], second[~few]
    if len(first) and rare.sum() < BIN_ROWS:
        least = int((first + second).argmin())
        first[least] += rare[0]
        second[least] += rare[1]
        return first, second
    return np.append(first, rare[0]), np.append(second, rare[1])


def quantile_bins(old: float, new: float, most: int, limit: float, confidence: float = 0.95) -> int:
    """As many bins, from three to `most`, as let rows of one distribution stay below `limit` in 95 of 100 runs.

    `old` and `new` are the independent rows of the sides. Three where no number of bins does.
    """
    noncentrality = limit * _harmonic(old, new)
    for bins in range(most, 3, -1):
        reached = special.chndtrix((1 - confidence) / 2, bins - 1, noncentrality)
        if special.chdtr(bins - 1, reached) >= 0.95:
            return bins
    return 3


def _used(old: NDArray[np.generic], new: NDArray[np.generic]) -> tuple[Floats, Floats]:
    first, second = np.asarray(old, dtype=np.float64), np.asarray(new, dtype=np.float64)
    used = first + second > 0
    return first[used], second[used]


def _harmonic(old: float, new: float) -> float:
    return old * new / (old + new)


def _psi(old: Floats, new: Floats) -> _Distance:
    gap = SMOOTHING * float(((old == 0) | (new == 0)).any())
    p, q = ((side + gap) / (side + gap).sum() for side in (old, new))
    ratio = np.log(q / p)
    variance = _variance(p, ratio + q / p, old.sum()) + _variance(q, ratio - p / q, new.sum())
    return _Distance(max(0.0, float(np.dot(q - p, ratio))), _harmonic(old.sum(), new.sum()), variance)


def _divergence(old: Floats, new: Floats) -> _Distance:
    p, q = old / old.sum(), new / new.sum()
    middle = (p + q) / 2
    counted = float(special.rel_entr(p, middle).sum() + special.rel_entr(q, middle).sum()) / 2
    variance = sum(
        _variance(side, np.log(np.where(side > 0, side / middle, 1.0)) / 2, rows.sum())
        for side, rows in ((p, old), (q, new))
    )
    return _Distance(max(0.0, counted), 8 * _harmonic(old.sum(), new.sum()), variance)


def _variance(shares: Floats, gradient: Floats, rows: float) -> float:
    """Variance of a function of multinomial shares whose derivatives are the gradient (delta method)."""
    return float(np.dot(shares, gradient**2) - np.dot(shares, gradient) ** 2) / rows


def _noncentral(found: _Distance, freedom: int, confidence: float) -> tuple[float, float, float]:
    """Debiased value and the ends of its interval."""
    reached = found.factor * found.counted
    if freedom == 0:
        return 0.0, 0.0, 0.0
    stretch = max(1.0, found.factor**2 * found.variance / (4 * reached)) if reached > 0 else 1.0
    low, high = noncentrality(reached / stretch, freedom, confidence)
    scale = stretch / found.factor
    value = max(0.0, found.counted - freedom / found.factor)
    low, high = low * scale, high * scale
    return min(max(value, low), high), low, high


def noncentrality(reached: float, freedom: int, confidence: float) -> tuple[float, float]:
    """Interval of the noncentrality of a chi-squared variable that came to `reached`.

    An end is 0 where even a central variable lies that low, or that high, often enough.
    """
    if reached > _LARGE:  # the root of the variable less its bias is normal there, of deviation 1
        root = np.sqrt(reached - freedom)
        z = normal_quantile(confidence)
        return float((root - z) ** 2), float((root + z) ** 2)
    tail, below = (1 - confidence) / 2, float(special.chdtr(freedom, reached))
    low = float(special.chndtrinc(reached, freedom, 1 - tail)) if below > 1 - tail else 0.0
    high = float(special.chndtrinc(reached, freedom, tail)) if below > tail else 0.0
    return low, high
