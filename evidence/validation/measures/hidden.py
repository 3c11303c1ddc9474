"""Slices that nobody named: conjunctions of one or two conditions on binned columns in which a model does worse.

A search among thousands of slices always finds some that look bad. So the rows are halved: those of one half say which
slices to look at, those of the other, which nobody has looked at, whether these are worse indeed, and Holm's correction
keeps the chance of calling any slice weak that is not as small as that of one test.
Sources: Y. Chung et al., Automated data slicing for model validation, IEEE TKDE 32 (2020) 2284-2296 (conjunctions, a
test of each); D. R. Cox, A note on data-splitting for the evaluation of significance levels, Biometrika 62 (1975)
441-444; S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, pairwise
from math import sqrt
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Floats, Interval, exact_bounds
from evidence.validation.measures.tally import Codes

BINS = 5
"""Bins of equal mass of a number."""
WORDS = 20
"""Words of a column that have a slice of their own, the commonest."""
PAIRS = 4000
"""Pairs of columns that are searched; of more columns those that show the weakest slices alone are paired."""
TRIED = 20
"""Slices that the other half is asked about."""
ALIKE = 0.8
"""Slices that share so large a part of their rows are one."""
_DOUBT = 1.645
_PRIOR = 10


@dataclass(frozen=True)
class Column:
    """A column cut into conditions: `words` says each, and `codes` (rows,) which one a row meets, below 0 for none."""

    name: str
    words: tuple[str, ...]
    codes: Codes


@dataclass(frozen=True)
class Slice:
    """Rows that meet every condition, each a column's place and its own in it; `bound` is how weak it is for sure."""

    terms: tuple[tuple[int, int], ...]
    bound: float

    def rows(self, columns: Sequence[Column]) -> NDArray[np.bool_]:
        """Mask of its rows."""
        held = [columns[place].codes == code for place, code in self.terms]
        return np.asarray(np.logical_and.reduce(held), dtype=np.bool_)

    def says(self, columns: Sequence[Column]) -> tuple[str, ...]:
        """Its conditions in words."""
        return tuple(columns[place].words[code] for place, code in self.terms)


def cut_number(name: str, values: NDArray[np.floating[Any]], searched: NDArray[np.bool_]) -> Column | None:
    """A number in bins of equal mass of the searched rows, or by its values where these are few; None of a constant."""
    known = values[searched & np.isfinite(values)]
    found = np.unique(known)
    if len(found) < 2:
        return None
    if len(found) <= BINS:
        codes = np.minimum(np.searchsorted(found, values), len(found) - 1)
        codes = np.where(found[codes] == values, codes, -1)
        return Column(name, tuple(f"{name} = {value:.6g}" for value in found), codes.astype(np.int64))
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS))
    edges = edges[edges > found[0]]
    codes = np.where(np.isfinite(values), np.searchsorted(edges, values, side="right"), -1)
    told = [f"{edge:.6g}" for edge in edges]
    inner = [f"{name} {low} to {high}" for low, high in pairwise(told)]
    return Column(name, (f"{name} < {told[0]}", *inner, f"{name} >= {told[-1]}"), codes.astype(np.int64))


def cut_words(name: str, values: NDArray[np.object_]) -> Column | None:
    """A column of words by the commonest of them; None where all rows have one."""
    words, codes, counts = np.unique(values.astype(str), return_inverse=True, return_counts=True)
    if len(words) < 2:
        return None
    kept = np.sort(np.argsort(-counts, kind="stable")[:WORDS])
    place = np.full(len(words), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    return Column(name, tuple(f"{name} = {words[code]}" for code in kept), place[codes])


@dataclass(frozen=True)
class Losses:
    """Rows by a number each, of which the mean is the metric: the larger the worse."""

    values: Floats

    def bounds(self, cells: Codes, count: int, least: int) -> Floats:
        """Of each cell by how much it is worse than the other rows, less its doubt; NaN below `least` rows."""
        rows, total, squares = (
            np.bincount(cells, weights=weights, minlength=count)[:count].astype(np.float64)
            for weights in (None, self.values, self.values**2)
        )
        n, whole, square = len(cells), float(self.values.sum()), float((self.values**2).sum())
        spread = max(square / n - (whole / n) ** 2, 0.0)
        others = n - rows
        with np.errstate(invalid="ignore", divide="ignore"):
            mean, rest = total / rows, (whole - total) / others
            # A few rows that are all alike say little of their spread.
            inside = (squares - total * mean + _PRIOR * spread) / (rows + _PRIOR)
            outside = np.maximum((square - squares) / others - rest**2, 0)
            found = mean - rest - _DOUBT * np.sqrt(np.maximum(inside, 0) / rows + outside / others)
        return np.where((rows >= least) & (others >= least), found, np.nan)


@dataclass(frozen=True)
class Ranks:
    """Rows by label and score, judged by the area under the ROC curve of each cell by itself."""

    truth: NDArray[np.bool_]
    scores: Floats
    label: int
    """Rows of each label that a cell must have."""

    def bounds(self, cells: Codes, count: int, least: int) -> Floats:
        """As `Losses.bounds`; the others are taken to have the area of all rows."""
        positives = np.bincount(cells[self.truth], minlength=count)[:count].astype(np.float64)
        negatives = np.bincount(cells[~self.truth], minlength=count)[:count].astype(np.float64)
        found = self._areas(cells, count)
        # Hanley and McNeil, Radiology 143 (1982) 29-36.
        with np.errstate(invalid="ignore", divide="ignore"):
            one, two = found / (2 - found), 2 * found**2 / (1 + found)
            spread = found * (1 - found)
            spread += (positives - 1) * (one - found**2) + (negatives - 1) * (two - found**2)
            bound = self._whole - found - _DOUBT * np.sqrt(np.maximum(spread, 0) / (positives * negatives))
        rows = positives + negatives
        enough = (rows >= least) & (len(cells) - rows >= least) & (np.minimum(positives, negatives) >= self.label)
        return np.where(enough, bound, np.nan)

    @cached_property
    def _whole(self) -> float:
        return float(self._areas(np.zeros(len(self.truth), dtype=np.int64), 1)[0])

    @cached_property
    def _orders(self) -> tuple[Codes, Codes]:
        """Rows by rising score, of equal ones the negatives first, and the positives first."""
        return np.lexsort((self.truth, self.scores)), np.lexsort((~self.truth, self.scores))

    def _areas(self, cells: Codes, count: int) -> Floats:
        """Area of each cell, ties counted half: the mean of both orders of equal scores."""
        size = int(cells.max(initial=0)) + 1
        small = cells.astype(np.int16) if size < 1 << 15 else cells
        areas = np.zeros(size)
        for by_score in self._orders:
            order = by_score[np.argsort(small[by_score], kind="stable")]
            cell, positive = cells[order], self.truth[order]
            below = np.cumsum(~positive)
            starts = np.searchsorted(cell, np.arange(size))
            before = np.concatenate([[0], below])[starts]
            areas += np.bincount(cell, weights=positive * (below - before[cell]), minlength=size)
        pairs = np.bincount(cells[self.truth], minlength=size) * np.bincount(cells[~self.truth], minlength=size)
        found = np.divide(areas / 2, pairs, out=np.full(size, np.nan), where=pairs > 0)
        return np.append(found, np.full(max(0, count - size), np.nan))[:count]


@dataclass(frozen=True)
class Found:
    """The slices that a search gave, the weakest first, and how many it looked at."""

    slices: tuple[Slice, ...]
    searched: int


def search(columns: Sequence[Column], rows: Losses | Ranks, least: int) -> Found:
    """The `TRIED` weakest slices of some rows that are not mostly the same, of at least `least` rows each."""
    singles = [(place, _single(column, rows, least)) for place, column in enumerate(columns)]
    searched = sum(int(np.isfinite(bounds).sum()) for _, bounds in singles)
    found = [
        Slice(((place, int(code)),), float(bounds[code]))
        for place, bounds in singles
        for code in np.flatnonzero(np.isfinite(bounds))
    ]
    weakest = sorted(singles, key=lambda pair: (-np.nanmax(np.append(pair[1], -np.inf)), pair[0]))
    kept = sorted(place for place, _ in weakest[: _paired(len(columns))])
    for first, second in combinations(kept, 2):
        cells, wide = _crossed(columns[first], columns[second])
        bounds = rows.bounds(cells, len(columns[first].words) * wide, least)
        defined = np.flatnonzero(np.isfinite(bounds))
        searched += len(defined)
        for cell in defined[np.argsort(-bounds[defined], kind="stable")][: 2 * TRIED]:
            one, other = divmod(int(cell), wide)
            found.append(Slice(((first, one), (second, other)), float(bounds[cell])))
    return Found(tuple(_apart(columns, found)), searched)


def _paired(columns: int) -> int:
    """How many columns are paired, so that there are no more than `PAIRS` pairs."""
    return min(columns, int((1 + sqrt(1 + 8 * PAIRS)) / 2))


def _single(column: Column, rows: Losses | Ranks, least: int) -> Floats:
    count = len(column.words)
    return rows.bounds(np.where(column.codes < 0, count, column.codes), count, least)


def _crossed(first: Column, second: Column) -> tuple[Codes, int]:
    """The cell of each row, one past the last where it meets no condition of one, and the cells of a condition."""
    wide = len(second.words)
    none = len(first.words) * wide
    cells = first.codes * wide + second.codes
    return np.where((first.codes < 0) | (second.codes < 0), none, cells), wide


def _apart(columns: Sequence[Column], found: Sequence[Slice]) -> Iterator[Slice]:
    """The weakest slices, those left out that share most of their rows with a weaker one."""
    masks: list[NDArray[np.bool_]] = []
    for item in heapq.nsmallest(20 * TRIED, found, key=lambda part: (-part.bound, len(part.terms), part.terms)):
        mask = item.rows(columns)
        if all((mask & other).sum() < ALIKE * (mask | other).sum() for other in masks):
            masks.append(mask)
            yield item
        if len(masks) == TRIED:
            return


def shortfall(part: Interval, rest: Interval, better: Literal["more", "less"]) -> Interval:
    """By how much a slice is worse than the other rows, which are others than its own (Zou and Donner 2008)."""
    upper, lower = (rest, part) if better == "more" else (part, rest)
    value = upper.value - lower.value
    near = (upper.value - upper.low) ** 2 + (lower.high - lower.value) ** 2
    far = (upper.high - upper.value) ** 2 + (lower.value - lower.low) ** 2
    return replace(part, value=value, low=value - sqrt(near), high=value + sqrt(far))


def exactly(share: Interval) -> Interval:
    """A share with its exact interval: a score interval errs too often at the levels that many slices ask for."""
    low, high = exact_bounds(np.array([share.value * share.n]), np.array([share.n]), share.confidence)
    return replace(share, low=min(float(low[0]), share.value), high=max(float(high[0]), share.value))
