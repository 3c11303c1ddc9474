"""How many independent cases rows are: those that stand in the data several times say one thing several times.

With m_i rows in cluster i (the copies of one row, or the rows of one customer) the effective size is (sum of m_i)^2 /
(sum of m_i^2): that of as many independent cases, rows of a cluster taken as wholly alike; the number of clusters where
all are of one size. Intervals rest on counts scaled to it. Source: L. Kish, Survey Sampling (1965), section 8.2.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.tally import Codes, Groups

Keys = NDArray[np.uint64]

Shares = Mapping[tuple[str, ...], float]
"""Effective size of a group per row of it, by the values of its attributes; groups without copies may be absent."""


class Copies:
    """Counts rows by their cluster, overall and in the groups of each dimension. Memory: some 20 bytes a row."""

    def __init__(self, dimensions: Sequence[str] = ()) -> None:
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
        return len(self.counted[0])

    @cached_property
    def counted(self) -> tuple[Keys, Codes]:
        """The clusters, their keys rising, and how many rows each has. To be asked when all rows are counted."""
        every = np.concatenate(self._keys) if self._keys else np.zeros(0, dtype=np.uint64)
        keys, sizes = np.unique(every, return_counts=True)
        return keys, sizes.astype(np.int64)

    @property
    def share(self) -> float:
        """Effective size per row; 1 where no cluster has two rows."""
        sizes = self.counted[1]
        return float(sizes.sum() / (sizes**2).sum()) if len(sizes) else 1.0

    @property
    def effective(self) -> int:
        """Effective size, rounded down."""
        return int(self.rows * self.share + 1e-6)

    def shares(self, *names: str) -> Shares:
        """Effective size per row in each group of a dimension, or of a combination of several."""
        several, codes = self._several
        if not len(codes):
            return {}
        tables = [np.concatenate(self._codes[name]).astype(np.int64) for name in names]
        sizes = [len(self.groups[name].names) for name in names]
        known = np.logical_and.reduce([table >= 0 for table in tables])
        place = np.ravel_multi_index([np.where(known, table, 0) for table in tables], sizes)
        rows = np.bincount(place[known], minlength=int(np.prod(sizes)))
        pairs = np.stack([place[several & known], codes[known[several]]])
        (group, _), count = np.unique(pairs, axis=1, return_counts=True)
        squares = rows - np.bincount(group, weights=count, minlength=len(rows))
        squares += np.bincount(group, weights=count**2, minlength=len(rows))
        found = {}
        for at in np.unique(group).tolist():
            values = np.unravel_index(at, sizes)
            key = tuple(self.groups[name].names[int(value)] for name, value in zip(names, values, strict=True))
            found[key] = float(rows[at] / squares[at])
        return found

    @cached_property
    def _several(self) -> tuple[NDArray[np.bool_], Codes]:
        """The rows whose cluster has more than one, as a mask of all, and the number of the cluster of each of them."""
        keys, sizes = self.counted
        every = np.concatenate(self._keys) if self._keys else np.zeros(0, dtype=np.uint64)
        repeated = keys[sizes > 1]
        mask = np.isin(every, repeated)
        return mask, np.searchsorted(repeated, every[mask]).astype(np.int64)


class Overlap:
    """Which of some rows stand in another table too; fed with that table batch by batch."""

    def __init__(self, mine: tuple[Keys, Codes]) -> None:
        self._keys, self._sizes = mine
        self._found = np.zeros(len(self._keys), dtype=np.bool_)

    def update(self, keys: Keys) -> None:
        """Looks for the rows of a batch of the other table."""
        if len(self._keys) == 0:
            return
        place = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        self._found[place[self._keys[place] == keys]] = True

    @property
    def rows(self) -> int:
        """Rows of ours, copies counted, that the other table holds."""
        return int(self._sizes[self._found].sum())
