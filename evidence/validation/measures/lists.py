"""Lists of items that a query gets, in the order of a model's scores: what stands where, ties shared out.

Items of one score stand in no order of their own, so that each of them gets the mean of what their places get: the
expectation over every way to break the tie. A model that gives one score to all is as good as a shuffle, no better.
Source: F. McSherry and M. Najork, Computing information retrieval performance measures efficiently in the presence of
tied scores, ECIR 2008.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Floats

Whole = NDArray[np.int64]
Keys = NDArray[np.uint64]


class Columns:
    """Rows that stream by, kept as columns until all are there: a list can only be ordered when it is whole."""

    def __init__(self) -> None:
        self._parts: list[dict[str, NDArray[Any]]] = []

    def add(self, **columns: NDArray[Any]) -> None:
        """Adds a batch: columns of one length each, always of the same names."""
        self._parts.append(columns)

    def take(self) -> dict[str, NDArray[Any]]:
        """Every column in whole; empty where nothing was added."""
        if len(self._parts) > 1:
            self._parts = [{name: np.concatenate([part[name] for part in self._parts]) for name in self._parts[0]}]
        return self._parts[0] if self._parts else {}


@dataclass(frozen=True)
class Lists:
    """Items ordered by list and, within each, by falling score.

    `order` (items,): the places of the items in what was given. `of` (items,): the list of each, from 0 up. `place`
    (items,): how many items stand before it, ties broken somehow. `block` (items,): items of one list and one score.
    `keys` (lists,): the key of each list, rising.
    """

    order: Whole
    of: Whole
    place: Whole
    block: Whole
    keys: Keys

    @classmethod
    def by(cls, keys: Keys, scores: Floats) -> "Lists":
        """The lists of items with these keys and scores: (items,) each, in any order."""
        order = np.lexsort((-scores, keys))
        known, of = np.unique(keys[order], return_inverse=True)
        of = of.reshape(-1).astype(np.int64)
        first = np.searchsorted(of, np.arange(len(known)))
        place = np.arange(len(of)) - first[of]
        ordered = scores[order]
        opens = np.ones(len(of), dtype=np.bool_)
        opens[1:] = (of[1:] != of[:-1]) | (ordered[1:] != ordered[:-1])
        return cls(order, of, place, np.cumsum(opens) - 1, known)

    @property
    def count(self) -> int:
        """Lists."""
        return len(self.keys)

    @cached_property
    def sizes(self) -> Floats:
        """Items of each list."""
        return self.sums(np.ones(len(self.of)))

    def sums(self, values: Floats) -> Floats:
        """Sum over each list of a number an item, in the order of the lists."""
        return np.asarray(np.bincount(self.of, weights=values, minlength=self.count), dtype=np.float64)

    def shared(self, values: Floats) -> Floats:
        """Numbers of places or of items, each replaced by the mean of its tie."""
        rows: Floats = np.bincount(self.block).astype(np.float64)
        means: Floats = np.bincount(self.block, weights=values) / rows
        return means[self.block]

    def discounts(self, cutoff: int | None = None) -> Floats:
        """What a place is worth, by the logarithm of its number, 0 beyond the cutoff (ties are not shared out)."""
        worth: Floats = 1 / np.log2(self.place + 2.0)
        return worth if cutoff is None else np.where(self.place < cutoff, worth, 0.0)
