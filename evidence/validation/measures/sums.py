"""Sums of numbers by group, filled batch by batch."""

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Floats
from evidence.validation.measures.tally import Codes


class Sums:
    """Sums of `columns` numbers a row, in each group; float64, so that batches may change the last digits."""

    def __init__(self, columns: int) -> None:
        self._sums: Floats = np.zeros((0, columns))

    def add(self, groups: Codes, values: NDArray[np.float64]) -> None:
        """Adds rows: their groups (rows,), none below 0, and their numbers (rows, columns)."""
        if not len(groups):
            return
        size = int(groups.max()) + 1
        if size > len(self._sums):
            extra = np.zeros((size - len(self._sums), self._sums.shape[1]))
            self._sums = np.concatenate([self._sums, extra])
        for column in range(values.shape[1]):
            self._sums[:size, column] += np.bincount(groups, weights=values[:, column], minlength=size)

    def of(self, group: int) -> Floats:
        """The sums of a group: (columns,)."""
        sums: Floats = self._sums[group].copy() if group < len(self._sums) else np.zeros(self._sums.shape[1])
        return sums
