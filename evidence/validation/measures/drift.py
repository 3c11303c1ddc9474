"""Distance of live values from a baseline: PSI, KS and Jensen-Shannon, for features and scores.

Baseline and live values are counted into the same cells; both sides are resampled from their counts for the intervals.
All three distances are biased upwards on few rows, and the bootstrap once more, so the upper end errs on the safe side;
no bias is taken off, and the upper end is at least the distance that a share of `unseen_share` would make.
Two samples of one distribution with k bins have an expected PSI of about (k - 1)(1/n + 1/m) (B. Yurdakul, Statistical
properties of population stability index, 2018): with ten bins and 200 rows a side that is 0.09.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import (
    Counts,
    Floats,
    Interval,
    percentile_interval,
    resample,
    unseen_share,
    wilson,
)
from evidence.validation.measures.tally import Codes, Groups

PSI_BINS = 10
GRID_POINTS = 256
"""Points at which numeric distributions are compared exactly; between them KS is known to the mass between two."""
SMOOTHING = 0.5
REPLICATES = 2000

Statistic = Literal["psi", "ks", "js"]


@dataclass(frozen=True)
class Drift:
    """Distances (`psi`, `js`, and `ks` for numbers) and the share of live values outside the baseline's domain.

    `n` of an interval is the smaller side; a distance is absent where a side has no rows.
    """

    distances: dict[Statistic, Interval]
    out_of_domain: Interval | None


class NumericBaseline:
    """Where the values of a numeric baseline lie, taken from all of them or from a random sample.

    `points`: quantiles with the smallest and the largest value, all of them values of the baseline. Cells, in order:
    below the first point, at it, between it and the next, …, above the last point, and last the missing values (NaN).
    """

    def __init__(self, values: NDArray[np.generic], bins: int = PSI_BINS, points: int = GRID_POINTS) -> None:
        known = np.asarray(values, dtype=np.float64)
        known = np.sort(known[~np.isnan(known)])
        distinct = np.unique(known)
        few = len(distinct) <= points
        self.points: Floats = distinct if few else np.unique(_quantiles(known, points - 1))
        self.cells = 2 * len(self.points) + 2
        self._bin = self._bins(known, distinct, bins)

    def _bins(self, known: Floats, distinct: Floats, bins: int) -> Codes:
        """Bin of each cell: quantile bins between smallest and largest value; tails and missing values on their own.

        A baseline of few distinct values has a bin for each and one for whatever lies between them.
        """
        last = len(self.points) - 1
        bin_of = np.zeros(self.cells, dtype=np.int64)
        bin_of[-2:] = 1, 2  # above, missing; below is 0
        if last < 0:
            return bin_of
        place = np.arange(1, 2 * last + 2)  # from the first point to the last
        if len(distinct) <= bins:
            bin_of[place] = np.where(place % 2 == 1, 4 + place // 2, 3)
            return bin_of
        edges = np.searchsorted(self.points, np.unique(_quantiles(known, bins)[1:-1]))  # points that close a bin
        bin_of[place] = 3 + np.searchsorted(2 * edges + 1, place)
        return bin_of

    def binned(self, cells: NDArray[Any]) -> NDArray[Any]:
        """Counts of the PSI bins from those of the cells."""
        return np.bincount(self._bin, weights=cells)


def _quantiles(ordered: Floats, parts: int) -> Floats:
    """Values that cut the ordered ones into equal parts, both ends included; none of them is made up."""
    found: Floats = np.quantile(ordered, np.linspace(0, 1, parts + 1), method="inverted_cdf")
    return found


class NumericCounts:
    """Rows in each cell of a baseline; accumulates batches."""

    def __init__(self, baseline: NumericBaseline) -> None:
        self.baseline = baseline
        self.counts: Counts = np.zeros(baseline.cells, dtype=np.int64)

    def update(self, values: NDArray[np.generic]) -> None:
        """Counts a batch of values (rows,); NaN is a missing value, infinite ones are in the tails."""
        array = np.asarray(values, dtype=np.float64)
        points = self.baseline.points
        missing = np.isnan(array)
        place = np.searchsorted(points, array)
        at = points[np.minimum(place, len(points) - 1)] == array if len(points) else 0
        cell = np.where(missing, self.baseline.cells - 1, 2 * place + at)
        self.counts += np.bincount(cell, minlength=self.baseline.cells)

    def merge(self, other: "NumericCounts") -> None:
        """Adds counts over the same baseline."""
        self.counts += other.counts


def numeric_drift(
    name: str,
    baseline: NumericCounts,
    live: NumericCounts,
    *,
    seed: int,
    confidence: float = 0.95,
    replicates: int = REPLICATES,
    share: float = 1.0,
) -> Drift:
    """Distances of a numeric feature or score, of whose live rows `share` are independent cases (see `copies`).

    A missing value is a bin of PSI and JS, and comes last in order for KS.

    KS is the largest difference of the two distribution functions (not its p-value) at the points of the baseline; what
    it could be between two points is added to the upper end. Outside the domain is outside the baseline's values.
    """
    old, new = baseline.counts, live.counts * share
    bins = baseline.baseline
    found = _distances(name, bins.binned(old), bins.binned(new), seed, confidence, replicates)
    if "psi" in found:
        rng = np.random.default_rng([seed, 5, *name.encode()])
        used = (old + new) > 0
        draws = _ks(resample(old[used], replicates, rng), resample(new[used], replicates, rng))[0]
        value, most = (float(distance[0]) for distance in _ks(old[None], new[None]))
        n = float(min(old.sum(), new.sum()))
        ks = percentile_interval(value, draws, n, confidence)
        high = max(min(1.0, ks.high + most - value), unseen_share(n, confidence))
        found["ks"] = replace(ks, high=high)
    known = float(new[:-1].sum())
    outside = float(new[0] + new[-2]) if len(bins.points) else known
    return Drift(found, wilson(outside, known, confidence))


def _ks(old: NDArray[Any], new: NDArray[Any]) -> tuple[Floats, Floats]:
    """KS distance of cells (replicates, cells) at their borders, and the most that it can be inside of a cell."""
    # Counts are added up before they are divided: sums of shares would lie off by their rounding.
    first, second = (counts.cumsum(axis=1) / counts.sum(axis=1, keepdims=True) for counts in (old, new))
    value: Floats = np.abs(first - second).max(axis=1)
    before = np.pad(first[:, :-1], ((0, 0), (1, 0))), np.pad(second[:, :-1], ((0, 0), (1, 0)))
    inside = np.maximum(first - before[1], second - before[0])
    inside[:, 1::2] = 0  # a point, or the missing values: nothing lies inside
    return value, np.maximum(value, inside.max(axis=1))


class CategoryCounts:
    """Rows of each category of a text feature; accumulates batches. A missing value is a category of its own."""

    def __init__(self, name: str) -> None:
        self.groups = Groups(name)
        self._counts: Counts = np.zeros(0, dtype=np.int64)
        self.missing = 0

    def update(self, values: Sequence[str | None], indices: Codes) -> None:
        """Counts a dictionary-encoded batch (see `Groups.encode`); raises EvidenceError at too many categories."""
        codes = self.groups.encode(values, indices)
        self.missing += int((codes < 0).sum())
        counts = np.bincount(codes[codes >= 0], minlength=len(self.groups.names))
        counts[: len(self._counts)] += self._counts
        self._counts = counts

    def merge(self, other: "CategoryCounts") -> None:
        """Adds the counts of another accumulator."""
        self.missing += other.missing
        codes = np.array([self.groups.code(value) for value in other.groups.names], dtype=np.int64)
        counts = np.zeros(len(self.groups.names), dtype=np.int64)
        counts[: len(self._counts)] = self._counts
        counts[codes[: len(other._counts)]] += other._counts
        self._counts = counts

    def count(self, value: str) -> int:
        """Rows of one category."""
        code = self.groups.names.index(value) if value in self.groups.names else len(self._counts)
        return int(self._counts[code]) if code < len(self._counts) else 0


def category_drift(
    name: str,
    baseline: CategoryCounts,
    live: CategoryCounts,
    *,
    seed: int,
    confidence: float = 0.95,
    replicates: int = REPLICATES,
    share: float = 1.0,
) -> Drift:
    """Distances of a text feature, its categories by name; outside the domain is a category new to the baseline."""
    names = sorted(set(baseline.groups.names) | set(live.groups.names))
    old = np.array([baseline.count(value) for value in names] + [baseline.missing], dtype=np.int64)
    new = np.array([live.count(value) for value in names] + [live.missing], dtype=np.int64) * share
    unseen = float(new[:-1][old[:-1] == 0].sum())
    found = _distances(name, old, new, seed, confidence, replicates)
    return Drift(found, wilson(unseen, float(new[:-1].sum()), confidence))


def _distances(
    name: str, old: NDArray[Any], new: NDArray[Any], seed: int, confidence: float, replicates: int
) -> dict[Statistic, Interval]:
    n = float(min(old.sum(), new.sum()))
    if n == 0:
        return {}
    rng = np.random.default_rng([seed, 6, *name.encode()])
    used = (old + new) > 0
    first, second = resample(old[used], replicates, rng), resample(new[used], replicates, rng)
    index = percentile_interval(psi(old, new), _psi(first, second), n, confidence)
    js = percentile_interval(jensen_shannon(old, new), _js(first, second), n, confidence)
    # What `n` rows may have missed, in a bin that both leave empty: the least distance that they can exclude.
    missed = n * unseen_share(n, confidence)
    seen, unseen = np.array([[n, 0.0]]), np.array([[n - missed, missed]])
    return {
        "psi": replace(index, high=max(index.high, float(_psi(seen, unseen)[0]))),
        "js": replace(js, high=max(js.high, float(_js(seen, unseen)[0]))),
    }


def psi(old: NDArray[Any], new: NDArray[Any]) -> float:
    """Population stability index of two tables of counts (bins,), in nats: sum of (q - p) ln(q / p).

    Bins that both leave empty do not count; where a side leaves another empty, half a row is added to each bin of both
    sides, since the index would be infinite.
    Source: N. Siddiqi, Credit Risk Scorecards (2006), chapter 10.
    """
    used = (old + new) > 0
    return float(_psi(old[None, used], new[None, used])[0])


def _psi(old: NDArray[np.generic], new: NDArray[np.generic]) -> Floats:
    gap = ((old == 0) | (new == 0)).any(axis=1, keepdims=True) * SMOOTHING
    p, q = _shares(np.asarray(old) + gap), _shares(np.asarray(new) + gap)
    total: Floats = ((q - p) * np.log(q / p)).sum(axis=1)
    return total


def jensen_shannon(old: NDArray[Any], new: NDArray[Any]) -> float:
    """Jensen-Shannon distance of two tables of counts (bins,): root of the divergence in base 2, from 0 to 1.

    Source: D. M. Endres and J. E. Schindelin, A new metric for probability distributions, IEEE Trans. Information
    Theory 49 (2003) 1858-1860.
    """
    return float(_js(old[None], new[None])[0])


def _js(old: NDArray[np.generic], new: NDArray[np.generic]) -> Floats:
    p, q = _shares(old), _shares(new)
    middle = (p + q) / 2
    divergence = (_entropy_terms(p, middle) + _entropy_terms(q, middle)).sum(axis=1) / 2
    distance: Floats = np.sqrt(np.clip(divergence, 0, 1))
    return distance


def _entropy_terms(p: Floats, middle: Floats) -> Floats:
    terms: Floats = p * np.log2(np.divide(p, middle, out=np.ones_like(p), where=p > 0))
    return terms


def _shares(counts: NDArray[np.generic]) -> Floats:
    array = np.asarray(counts, dtype=np.float64)
    shares: Floats = array / array.sum(axis=1, keepdims=True)
    return shares
