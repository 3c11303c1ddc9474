"""Everything that a row may be turned into under attack, in numbers that the model's input type holds.

A number moves within its budget and its domain; a category (a column that words are mapped to) becomes another of its
numbers, and at most `changes` categories of a row do so at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Floats
from evidence.validation.measures.robustness import Places, Target

Cuts = Mapping[int, Floats]
"""By feature the numbers, rising, at which answers change: `x <= cut` is told from `x > cut`."""


@dataclass(frozen=True)
class Reach:
    """Rows (rows, features) with the least and the greatest number of each feature, both possible.

    `choices`: the numbers, rising, of each feature that is a category.
    """

    rows: Floats
    low: Floats
    high: Floats
    choices: Mapping[int, Floats]
    changes: int

    @classmethod
    def of(cls, target: Target, budget: float, choices: Mapping[int, Floats], changes: int, dtype: type) -> "Reach":
        """What a budget reaches from the rows of a target, as the input type has it: each end is rounded to a number
        of the type, as every attack's row is.
        """
        rows, step = target.rows, budget * target.domain.unit
        low = np.maximum(rows - step, np.minimum(target.domain.low, rows))
        high = np.minimum(rows + step, np.maximum(target.domain.high, rows))
        low, high = np.where(step > 0, low, rows), np.where(step > 0, high, rows)
        low, high = (end.astype(dtype).astype(np.float64) for end in (low, high))
        return cls(rows, low, high, choices if changes else {}, changes)

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, places: Places) -> "Reach":
        """Some of the rows, any of them also several times."""
        return Reach(self.rows[places], self.low[places], self.high[places], self.choices, self.changes)

    @cached_property
    def movable(self) -> tuple[int, ...]:
        """Features that some row may have otherwise."""
        wide = set(np.flatnonzero((self.high > self.low).any(axis=0)).tolist())
        return tuple(sorted(wide | set(self.choices)))

    @property
    def hull(self) -> tuple[Floats, Floats]:
        """The least and the greatest of each feature, categories too, however few of them may change."""
        low, high = self.low.copy(), self.high.copy()
        for feature, numbers in self.choices.items():
            low[:, feature] = np.minimum(low[:, feature], numbers[0])
            high[:, feature] = np.maximum(high[:, feature], numbers[-1])
        return low, high

    def changed(self, rows: Floats) -> NDArray[np.int64]:
        """How many categories of each row are not what they were."""
        features = sorted(self.choices)
        found: NDArray[np.int64] = (rows[:, features] != self.rows[:, features]).sum(axis=1)
        return found

    def points(self, row: int, feature: int, cuts: Floats) -> Floats:
        """For one row a number on every side of every cut that it may get to; they rise."""
        own = self.rows[row, feature]
        if feature in self.choices:
            return np.unique(np.append(self.choices[feature], own))
        low, high = self.low[row, feature], self.high[row, feature]
        inside = cuts[(cuts >= low) & (cuts < high)]
        return np.append(inside, high)
