"""How many independent cases rows are: those that stand in the data several times say one thing several times.

With m_i rows in cluster i (the copies of one row, or the rows of one customer) the effective size is (sum of m_i)^2 /
(sum of m_i^2): that of as many independent cases, rows of a cluster taken as wholly alike; the number of clusters where
all are of one size. Intervals rest on counts scaled to it. Source: L. Kish, Survey Sampling (1965), section 8.2.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.tally import Codes, Groups

Keys = NDArray[np.uint64]

SIDES: tuple[Literal["right", "left"], ...] = ("right", "left")
Shares = Mapping[tuple[str, ...], float]
"""Effective size of a group per row of it, by the values of its attributes; groups without copies may be absent."""


class Copies:
    """Counts rows by their cluster, overall and in the groups of each dimension. Memory: some 20 bytes a row.

    `beside` counts the same rows in the same groups by something else that makes them alike; then the smaller size
    holds: rows that are copies of each other are no more cases for each being named as a cluster of its own.
    """

    def __init__(self, dimensions: Sequence[str] = (), beside: "Copies | None" = None) -> None:
        self._beside = beside
        self.groups = {name: Groups(name) for name in dimensions}
        self._keys: list[Keys] = []
        self._codes: dict[str, list[NDArray[np.int16]]] = {name: [] for name in dimensions}

    def update(self, keys: Keys, codes: Mapping[str, Codes]) -> None:
        """Counts a batch: the cluster of each row (rows,), and for each dimension its group, below 0 where unknown."""
        self._keys.append(keys)
        for name, parts in self._codes.items():
            parts.append(codes[name].astype(np.int16))

    @property
    def rows(self) -> int:
        """Rows counted."""
        return sum(map(len, self._keys))

    @property
    def distinct(self) -> int:
        """Clusters counted."""
        return self.rows - int((self.repeated[1] - 1).sum())

    @cached_property
    def ordered(self) -> Keys:
        """The cluster of every row, rising. To be asked when all rows are counted."""
        every = np.concatenate(self._keys) if self._keys else np.zeros(0, dtype=np.uint64)
        every.sort()  # in place: it is as long as the table
        return every

    @cached_property
    def repeated(self) -> tuple[Keys, Codes]:
        """The clusters of two rows or more, their keys rising, and how many rows each has."""
        keys = np.unique(self.ordered[1:][self.ordered[1:] == self.ordered[:-1]])
        last, first = (np.searchsorted(self.ordered, keys, side=side) for side in SIDES)
        return keys, (last - first).astype(np.int64)

    @cached_property
    def _clusters(self) -> list[NDArray[np.int32]]:
        """Of each batch the place of every row's cluster among the `repeated`, -1 where the row is alone."""
        repeated = self.repeated[0]
        found = []
        for keys in self._keys:
            place = np.minimum(np.searchsorted(repeated, keys), len(repeated) - 1)
            found.append(np.where(repeated[place] == keys, place, -1).astype(np.int32))
        return found

    @property
    def share(self) -> float:
        """Effective size per row; 1 where no cluster has two rows."""
        sizes = self.repeated[1]
        own = self.rows / (self.rows + int((sizes**2 - sizes).sum())) if self.rows else 1.0
        return min(own, self._beside.share) if self._beside else own

    @property
    def effective(self) -> int:
        """Effective size, rounded down."""
        return int(self.rows * self.share + 1e-6)

    def shares(self, *names: str) -> Shares:
        """Effective size per row in each group of a dimension, or of a combination of several."""
        own = self._own_shares(*names)
        other = self._beside.shares(*names) if self._beside else {}
        return {key: min(own.get(key, 1.0), other.get(key, 1.0)) for key in {**own, **other}}

    def _own_shares(self, *names: str) -> Shares:
        repeated = self.repeated[0]
        if not len(repeated):
            return {}
        shape = [len(self.groups[name].names) for name in names]
        rows = np.zeros(int(np.prod(shape)), dtype=np.int64)
        pairs, counts = [], []
        for cluster, *codes in zip(self._clusters, *(self._codes[name] for name in names), strict=True):
            known = np.logical_and.reduce([code >= 0 for code in codes])
            place = np.ravel_multi_index([code[known].astype(np.int64) for code in codes], shape)
            rows += np.bincount(place, minlength=len(rows))
            copied = cluster[known] >= 0
            # Group and cluster as one number, which sorts many times faster than two. Counted batch by batch: of
            # a table whose rows are all copies, no list as long as the table is made.
            pair, count = np.unique(place[copied] * len(repeated) + cluster[known][copied], return_counts=True)
            pairs.append(pair)
            counts.append(count)
        pair, at_batch = np.unique(np.concatenate(pairs), return_inverse=True)
        count = np.bincount(at_batch, weights=np.concatenate(counts))
        group = pair // len(repeated)
        squares = rows + np.bincount(group, weights=count**2 - count, minlength=len(rows))
        found = {}
        for at in np.unique(group).tolist():
            values = np.unravel_index(at, shape)
            key = tuple(self.groups[name].names[int(value)] for name, value in zip(names, values, strict=True))
            found[key] = float(rows[at] / squares[at])
        return found


def coarser(one: Keys, other: Keys) -> Keys:
    """Of two ways to say which rows are one case, that by which there are fewer independent cases."""
    first, second = Copies(), Copies()
    first.update(one, {})
    second.update(other, {})
    return other if second.share < first.share else one


class Overlap:
    """Which of some rows stand in another table too; fed with that table batch by batch."""

    def __init__(self, mine: Copies) -> None:
        self._mine = mine
        self._found = np.zeros(mine.rows, dtype=np.bool_)

    def update(self, keys: Keys) -> None:
        """Looks for the rows of a batch of the other table."""
        ordered = self._mine.ordered
        if len(ordered) == 0:
            return
        keys = np.sort(keys)  # so that one search ends near the next
        place = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
        self._found[place[ordered[place] == keys]] = True

    @property
    def rows(self) -> int:
        """Rows of ours, copies counted, that the other table holds."""
        keys, sizes = self._mine.repeated
        # Of several copies the first is marked.
        copied = self._found[np.searchsorted(self._mine.ordered, keys)] if len(keys) else np.zeros(0, dtype=np.bool_)
        return int(self._found.sum() + (sizes[copied] - 1).sum())
