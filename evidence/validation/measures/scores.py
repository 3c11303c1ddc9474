"""Rows of each label by score, from which ROC area, curve and calibration come: exact until there are very many.

Each different score has an entry of its own. Where there are more than the memory is meant for, neighbours are taken
together by equal mass (bins of rank, not of width, so that it does not matter on which scale scores lie), and what that
may change in the ROC area is known.
"""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Counts, Floats

ENTRIES = 1 << 19
"""Scores of one group kept apart; 40 bytes each. Bins of equal mass in that number err by less than 1e-6 in an area."""
_COLUMNS = {"low": np.minimum, "high": np.maximum, "negatives": np.add, "positives": np.add, "_sums": np.add}
"""Columns of entries, and how those that are taken together become one."""


class ScoreCounts:
    """Entries with rising scores: `negatives` and `positives` (entries,), whose scores lie from `low` to `high`."""

    def __init__(self) -> None:
        self.low: Floats = np.zeros(0)
        self.high: Floats = np.zeros(0)
        self.negatives: Counts = np.zeros(0, dtype=np.int64)
        self.positives: Counts = np.zeros(0, dtype=np.int64)
        self._sums: Floats = np.zeros(0)

    @classmethod
    def of(cls, scores: Floats, positive: NDArray[np.bool_]) -> Self:
        """Counts of rows with these scores and labels."""
        counts = cls()
        distinct, place = np.unique(scores, return_inverse=True)
        counts.low = counts.high = distinct
        counts.positives = np.bincount(place, weights=positive, minlength=len(distinct)).astype(np.int64)
        counts.negatives = np.bincount(place, minlength=len(distinct)) - counts.positives
        counts._sums = distinct * (counts.negatives + counts.positives)
        return counts

    def __len__(self) -> int:
        return len(self.low)

    @property
    def rows(self) -> Counts:
        """Rows of each entry."""
        return self.negatives + self.positives

    @property
    def scores(self) -> Floats:
        """Mean score of each entry."""
        mean: Floats = np.where(self.low == self.high, self.low, self._sums / np.maximum(1, self.rows))
        return np.clip(mean, self.low, self.high)

    @property
    def area_error(self) -> float:
        """Largest error of the ROC area: half of the pairs that share an entry of different scores."""
        mixed = self.low < self.high
        shared = float(np.dot(self.positives[mixed].astype(np.float64), self.negatives[mixed].astype(np.float64)))
        return shared / 2 / max(1.0, float(self.positives.sum()) * float(self.negatives.sum()))

    def add(self, other: "ScoreCounts", entries: int = ENTRIES) -> None:
        """Takes in other counts, and afterwards keeps as many `entries`."""
        if len(other) == 0 and len(self) <= entries:
            return
        order = np.argsort(np.concatenate([self.low, other.low]), kind="stable")
        for name in _COLUMNS:  # one by one, so that no more than one column is there twice
            setattr(self, name, np.concatenate([getattr(self, name), getattr(other, name)])[order])
        if len(self) == 0:
            return
        # Entries that touch become one: a new one begins beyond all that were before it.
        self._join(np.append(True, self.low[1:] > np.maximum.accumulate(self.high)[:-1]))
        if len(self) > entries:
            self._coarsen(entries)

    def _coarsen(self, entries: int) -> None:
        rows = self.rows
        middle = np.cumsum(rows) - rows / 2
        place = (middle * entries / rows.sum()).astype(np.int64)
        self._join(np.append(True, np.diff(place) > 0))

    def _join(self, begins: NDArray[np.bool_]) -> None:
        """Takes entries together; each place where `begins` is true begins a new one."""
        if begins.all():
            return
        first = np.flatnonzero(begins)
        for name, joined in _COLUMNS.items():
            setattr(self, name, joined.reduceat(getattr(self, name), first))
