"""How protected attributes go together with label, features and score: a column that was shuffled goes with nothing.

Over all rows this is told column by column, and on a sample as how well the score, a feature, or all features together
tell the groups apart.

The measure is the correlation ratio, the root of the share of a column's variance that lies between the groups (0 to
1; for two groups the absolute correlation). Among n rows of k groups without any association n times its square is
about chi-squared with k - 1 degrees of freedom. Source: R. A. Fisher, Statistical Methods for Research Workers (1925),
chapter 8.

Telling apart is the area under the ROC curve of one group against the rest, of the group that is told best: 0.5 is
chance. Words and classes have no order: Cramér's V, less what chance gives (H. Cramér, Mathematical Methods of
Statistics (1946), chapter 21; W. Bergsma, Journal of the Korean Statistical Society 42 (2013) 323-328), its interval
that of the noncentrality of a chi-squared variable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evidence.model.predicates.values import Association
from evidence.validation.measures.divergence import noncentrality
from evidence.validation.measures.intervals import DECIMALS, Floats, Interval, auc_interval
from evidence.validation.measures.tally import Codes, Groups

LEAST_OF_A_GROUP = 20
"""Independent cases that a group must have to be told apart."""
FOLDS = 5
_RIDGE = 1.0
AREA, CRAMERS_V = "roc-auc-of-a-group", "cramers-v-debiased"
LEVEL = 0.05
"""Chance, over all comparisons of an attribute, that one without any association reaches `chance_level`."""


class Associations:
    """Accumulates the attributes of rows beside numeric columns, the label last where there is one."""

    def __init__(self, attributes: Sequence[str], columns: Sequence[str]) -> None:
        self.groups = {name: Groups(name) for name in attributes}
        self._columns = tuple(columns)
        self._shift: Floats | None = None
        self._sums: dict[str, Floats] = {name: np.zeros((3, 0, len(columns) + 1)) for name in attributes}

    def update(self, codes: Mapping[str, Codes], values: NDArray[np.generic], labels: NDArray[np.generic]) -> None:
        """Counts a batch: groups by attribute, below 0 where unknown; values (rows, columns), NaN where missing."""
        table = np.column_stack([np.asarray(values, dtype=np.float64), labels.astype(np.float64)])
        if self._shift is None:  # sums about a value of each column, so that a large mean hides no spread
            self._shift = np.nan_to_num(table[0], posinf=0.0, neginf=0.0)
        known = np.isfinite(table)
        shifted = np.subtract(np.where(known, table, self._shift), self._shift, out=table)
        whole = bool(known.all())
        for name, groups in self.groups.items():
            old = self._sums[name]
            new = np.zeros((3, len(groups.names), table.shape[1]))
            new[:, : old.shape[1]] = old
            # All columns of a group at once: a table of many columns has far fewer groups.
            order = np.argsort(codes[name], kind="stable")
            ends = np.searchsorted(codes[name][order], np.arange(len(groups.names) + 1))
            for group, (start, end) in enumerate(pairwise(ends.tolist())):
                if start < end:
                    rows = order[start:end]
                    part = shifted[rows]
                    new[0, group] += end - start if whole else known[rows].sum(axis=0)
                    new[1, group] += part.sum(axis=0)
                    new[2, group] += np.einsum("ij,ij->j", part, part)
            self._sums[name] = new

    def result(self) -> dict[str, Association]:
        """The association of each attribute that has two groups or more."""
        found = {}
        for name, (counts, sums, squares) in self._sums.items():
            groups = int((counts.max(axis=1, initial=0) > 0).sum())
            if groups < 2:
                continue
            ratios = _correlation_ratios(counts, sums, squares)
            n = int(counts[:, -1].sum())
            least = float(special.chdtri(groups - 1, LEVEL / len(ratios))) / n
            found[name] = Association(
                n=n,
                label=ratios[-1],
                features=dict(zip(self._columns, ratios[:-1], strict=True)),
                strongest=max(ratios),
                chance_level=round(min(1.0, least) ** 0.5, DECIMALS),
            )
        return found


def _correlation_ratios(counts: Floats, sums: Floats, squares: Floats) -> list[float]:
    """Correlation ratio of each column, 0 where it is constant; all three sums are (groups, columns)."""
    rows, total = counts.sum(axis=0), sums.sum(axis=0)
    centre = np.divide(total**2, rows, out=np.zeros_like(total), where=rows > 0)
    whole = squares.sum(axis=0) - centre
    between = np.divide(sums**2, counts, out=np.zeros_like(sums), where=counts > 0).sum(axis=0) - centre
    varies = whole > 1e-12 * squares.sum(axis=0)
    shares = np.divide(between, whole, out=np.zeros_like(whole), where=varies)
    return [round(float(value), DECIMALS) for value in np.sqrt(np.clip(shares, 0, 1))]


def told_apart(
    codes: Codes, scores: Floats, confidence: float = 0.95, share: float = 1.0, *, either: bool = True
) -> Interval | None:
    """How well a number tells a group from the rest, of the group that it tells best; None below two groups.

    `scores` (rows,), or a column a group (rows, groups). `either`: it may speak for a group by being low.
    """
    known = codes >= 0
    codes, scores = codes[known], scores[known]
    sizes = np.bincount(codes)
    groups = np.flatnonzero((sizes * share >= LEAST_OF_A_GROUP) & ((len(codes) - sizes) * share >= LEAST_OF_A_GROUP))
    found = [
        _area(codes == group, scores if scores.ndim == 1 else scores[:, group], confidence, share, either)
        for group in groups.tolist()
    ]
    told = [part for part in found if part is not None]
    return max(told, key=lambda part: part.value, default=None)


def _area(group: NDArray[np.bool_], scores: Floats, confidence: float, share: float, either: bool) -> Interval | None:
    _, place = np.unique(scores, return_inverse=True)
    counts = [np.bincount(place[side], minlength=int(place.max()) + 1) * share for side in (group, ~group)]
    found = auc_interval(counts[0], counts[1], confidence)
    if found is None:
        return None
    if either and found.value < 0.5:
        found = replace(found, value=1 - found.value, low=1 - found.high, high=1 - found.low)
    if either:  # the other direction would be told from 0.5 up
        found = replace(found, low=max(0.5, found.low))
    return replace(found, method=AREA)


def cramers_v(codes: Codes, words: Codes, confidence: float = 0.95, share: float = 1.0) -> Interval | None:
    """How a group goes together with a word, 0 to 1; None where either has one value alone."""
    known = (codes >= 0) & (words >= 0)
    table = np.zeros((int(codes.max(initial=0)) + 1, int(words.max(initial=0)) + 1))
    np.add.at(table, (codes[known], words[known]), share)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    n, least = float(table.sum()), min(table.shape) - 1
    if least < 1 or n < LEAST_OF_A_GROUP:
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    reached, freedom = float(((table - expected) ** 2 / expected).sum()), (table.shape[0] - 1) * (table.shape[1] - 1)
    low, high = noncentrality(reached, freedom, confidence)
    value, low, high = (min(1.0, sqrt(max(0.0, part) / (n * least))) for part in (reached - freedom, low, high))
    return Interval(value, min(low, value), max(high, value), n, confidence, CRAMERS_V)


def foretold(codes: Codes, columns: Floats, folds: NDArray[np.integer]) -> Floats:
    """How each group is foretold by columns (rows, columns) of other rows: (rows, groups), by ridge regression.

    `folds` (rows,) from 0 to `FOLDS` - 1: a row is foretold by the rows of the other folds. Unknown groups teach
    nothing. Source: A. E. Hoerl and R. W. Kennard, Technometrics 12 (1970) 55-67.
    """
    spread = columns.std(axis=0)
    table = np.column_stack([(columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1), np.ones(len(columns))])
    wanted = (codes[:, None] == np.arange(int(codes.max(initial=0)) + 1)).astype(np.float64)
    found = np.zeros_like(wanted)
    for fold in range(FOLDS):
        learn = (folds != fold) & (codes >= 0)
        left = table[learn]
        square = left.T @ left + _RIDGE * np.eye(table.shape[1])
        found[folds == fold] = table[folds == fold] @ np.linalg.solve(square, left.T @ wanted[learn])
    rounded: Floats = np.round(found, 9)  # machines differ below
    return rounded
