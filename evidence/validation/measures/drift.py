"""Distance of live values from a baseline: PSI, KS and Jensen-Shannon, for features and scores.

Baseline and live values are counted into the same cells, and the cells of a number joined to bins that hold as much of
the baseline: ten, or as few as the rows permit (`divergence.quantile_bins`), which the method of a distance tells. How
PSI and Jensen-Shannon are freed of their bias and bounded is told in `divergence`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evidence.validation.measures.divergence import js_interval, psi_interval, quantile_bins
from evidence.validation.measures.intervals import Counts, Floats, Interval, wilson, wilson_bounds
from evidence.validation.measures.tally import Codes, Groups

PSI_BINS = 10
PSI_LINE = 0.1
"""The usual line below which a distribution is called unchanged; rows of one distribution should stay below it."""
GRID_POINTS = 256
"""Points at which numeric distributions are compared exactly; between them KS is known to the mass between two."""

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

    def __init__(self, values: NDArray[np.generic], points: int = GRID_POINTS) -> None:
        ordered = np.sort(np.asarray(values))  # NaN last
        known = ordered[: np.searchsorted(ordered, np.nan)].astype(np.float64)
        distinct = _distinct(known)
        self.points: Floats = distinct if len(distinct) <= points else _distinct(_quantiles(known, points - 1))
        self.cells = 2 * len(self.points) + 2
        self._distinct = len(distinct)

    def bins(self, old: NDArray[Any], bins: int) -> Codes:
        """Bin of each cell, `bins` of them holding about as much of the baseline's counts `old`.

        Tails and missing values have bins of their own. So has each value of a baseline of ten or fewer, with one more
        for whatever lies between them.
        """
        bin_of = np.zeros(self.cells, dtype=np.int64)
        bin_of[-2:] = 1, 2  # above, missing; below is 0
        place = np.arange(1, self.cells - 2)  # from the first point to the last
        if len(place) == 0:
            return bin_of
        if self._distinct <= PSI_BINS:
            bin_of[place] = np.where(place % 2 == 1, 4 + place // 2, 3)
            return bin_of
        inside = np.asarray(old, dtype=np.float64)[place]
        middle = np.cumsum(inside) - inside / 2
        bin_of[place] = 3 + np.minimum(bins - 1, (middle * bins / max(1.0, inside.sum())).astype(np.int64))
        return bin_of


def _quantiles(ordered: Floats, parts: int) -> Floats:
    """Values that cut the ordered ones into equal parts, both ends included; none of them is made up."""
    place = np.ceil(len(ordered) * np.linspace(0, 1, parts + 1) - 1).astype(np.int64)
    return ordered[np.maximum(0, place)]


def _distinct(ordered: Floats) -> Floats:
    """Each of some rising values once."""
    return np.concatenate([ordered[:1], ordered[1:][ordered[1:] != ordered[:-1]]])


class NumericCounts:
    """Rows in each cell of a baseline; accumulates batches."""

    def __init__(self, baseline: NumericBaseline) -> None:
        self.baseline = baseline
        self.counts: Counts = np.zeros(baseline.cells, dtype=np.int64)

    def update(self, values: NDArray[np.generic]) -> None:
        """Counts a batch of values (rows,); NaN is a missing value, infinite ones are in the tails."""
        self.update_ordered(np.sort(np.asarray(values)))

    def update_ordered(self, values: NDArray[np.generic]) -> None:
        """Counts a batch of rising values (rows,), NaN last.

        Sorting a batch and looking up the few points in it takes a tenth of looking up each value among the points.
        """
        ordered = np.asarray(values, dtype=np.float64)
        borders: Counts = np.zeros(self.baseline.cells + 1, dtype=np.int64)
        borders[1:-2:2] = np.searchsorted(ordered, self.baseline.points)
        borders[2:-2:2] = np.searchsorted(ordered, self.baseline.points, side="right")
        borders[-2:] = np.searchsorted(ordered, np.nan), len(ordered)
        self.counts += np.diff(borders)

    def merge(self, other: "NumericCounts") -> None:
        """Adds counts over the same baseline."""
        self.counts += other.counts


def numeric_drift(
    baseline: NumericCounts, live: NumericCounts, *, confidence: float = 0.95, share: float = 1.0
) -> Drift:
    """Distances of a numeric feature or score, of whose live rows `share` are independent cases (see `copies`).

    A missing value is a bin of PSI and JS, and comes last in order for KS. Outside the domain is outside the baseline's
    values.
    """
    old, new = baseline.counts.astype(np.float64), np.asarray(live.counts * share, dtype=np.float64)
    points = baseline.baseline
    known = float(new[:-1].sum())
    outside = wilson(float(new[0] + new[-2]) if len(points.points) else known, known, confidence)
    if old.sum() == 0 or new.sum() == 0:
        return Drift({}, outside)
    bins = quantile_bins(float(old.sum()), float(new.sum()), PSI_BINS, PSI_LINE)
    bin_of = points.bins(old, bins)
    first, second = (np.bincount(bin_of, weights=side) for side in (old, new))
    return Drift(
        {
            "psi": psi_interval(first, second, confidence),
            "js": js_interval(first, second, confidence),
            "ks": _ks(old, new, confidence),
        },
        outside,
    )


def _ks(old: Floats, new: Floats, confidence: float) -> Interval:
    """The largest difference of the two distribution functions (not its p-value) at the borders of cells (cells,).

    It is the largest of many, so that its upper end is the largest upper end of all of them (each that of Newcombe's
    hybrid score interval), which errs for the largest alone; what it could be inside of a cell is added. The lower end
    leaves to chance what Smirnov's distribution of both samples' largest difference leaves to it.
    Sources: R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10; N. V. Smirnov, Table for estimating
    the goodness of fit of empirical distributions, Annals of Mathematical Statistics 19 (1948) 279-281.
    """
    n, m = old.sum(), new.sum()
    below, above = np.cumsum(old), np.cumsum(new)
    first, second = below / n, above / m
    value = float(np.abs(first - second).max())
    low, high = wilson_bounds(below, np.full(len(old), n), confidence)
    least, most = wilson_bounds(above, np.full(len(new), m), confidence)
    upper = np.maximum(
        first - second + np.hypot(high - first, second - least), second - first + np.hypot(first - low, most - second)
    )
    inside = np.maximum(first - np.append(0.0, second[:-1]), second - np.append(0.0, first[:-1]))
    inside[1::2] = 0  # a point, or the missing values: nothing lies inside
    hidden = max(0.0, float(inside.max()) - value)
    chance = float(special.kolmogi((1 - confidence) / 2)) * float(np.sqrt((n + m) / (n * m)))
    return Interval(
        value, max(0.0, value - chance), min(1.0, float(upper.max()) + hidden), float(min(n, m)), confidence
    )


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
    baseline: CategoryCounts, live: CategoryCounts, *, confidence: float = 0.95, share: float = 1.0
) -> Drift:
    """Distances of a text feature, its categories by name; outside the domain is a category new to the baseline."""
    names = sorted(set(baseline.groups.names) | set(live.groups.names))
    old = np.array([baseline.count(value) for value in names] + [baseline.missing], dtype=np.float64)
    new = np.array([live.count(value) for value in names] + [live.missing], dtype=np.float64) * share
    unseen = float(new[:-1][old[:-1] == 0].sum())
    outside = wilson(unseen, float(new[:-1].sum()), confidence)
    if old.sum() == 0 or new.sum() == 0:
        return Drift({}, outside)
    return Drift({"psi": psi_interval(old, new, confidence), "js": js_interval(old, new, confidence)}, outside)
