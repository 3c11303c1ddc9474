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
        order = np.argsort(np.concatenate([self.low, other.low]), kind="stable")
        low = np.concatenate([self.low, other.low])[order]
        high = np.concatenate([self.high, other.high])[order]
        negatives = np.concatenate([self.negatives, other.negatives])[order]
        positives = np.concatenate([self.positives, other.positives])[order]
        sums = np.concatenate([self._sums, other._sums])[order]
        if len(low) == 0:
            return
        # Entries that touch become one: a new one begins beyond all that were before it.
        begins = np.append(True, low[1:] > np.maximum.accumulate(high)[:-1])
        self._join(begins, low, high, negatives, positives, sums)
        if len(self) > entries:
            self._coarsen(entries)

    def _coarsen(self, entries: int) -> None:
        rows = self.rows
        middle = np.cumsum(rows) - rows / 2
        place = (middle * entries / rows.sum()).astype(np.int64)
        begins = np.append(True, np.diff(place) > 0)
        self._join(begins, self.low, self.high, self.negatives, self.positives, self._sums)

    def _join(
        self, begins: NDArray[np.bool_], low: Floats, high: Floats, negatives: Counts, positives: Counts, sums: Floats
    ) -> None:
        first = np.flatnonzero(begins)
        self.low = low[first]
        self.high = np.maximum.reduceat(high, first)
        self.negatives = np.add.reduceat(negatives, first)
        self.positives = np.add.reduceat(positives, first)
        self._sums = np.add.reduceat(sums, first)
