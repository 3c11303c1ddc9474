"""A random sample of bounded size from rows that stream by."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


class RowSample:
    """Keeps the `capacity` rows whose hash of seed and row number is smallest: a random sample without replacement.

    Which rows are kept depends on the seed and their numbers only, not on the batches; where there are no more rows
    than `capacity`, all are. The hash is the finaliser of SplitMix64 (G. Steele et al., OOPSLA 2014).
    """

    def __init__(self, capacity: int, seed: int) -> None:
        self.capacity = capacity
        self.seen = 0
        self._seed = seed
        self._rank: Hashes = np.zeros(0, dtype=np.uint64)
        self._row: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._columns: dict[str, NDArray[np.generic]] = {}

    def update(self, first_row: int, columns: Mapping[str, NDArray[np.generic]]) -> None:
        """Offers a batch that starts at row number `first_row`: columns of any type, (rows, …) each."""
        size = len(next(iter(columns.values())))
        self.seen += size
        rows = np.arange(first_row, first_row + size, dtype=np.int64)
        rank = _mixed(rows, self._seed)
        full = len(self._rank) == self.capacity
        offered = np.flatnonzero(rank < self._rank[-1]) if full and size else np.arange(size)
        if len(offered) == 0:
            return
        ranks = np.concatenate([self._rank, rank[offered]])
        kept = np.argsort(ranks, kind="stable")[: self.capacity]
        self._rank = ranks[kept]
        self._row = np.concatenate([self._row, rows[offered]])[kept]
        for name, values in columns.items():
            new = np.asarray(values)[offered]
            self._columns[name] = np.concatenate([self._columns.get(name, new[:0]), new])[kept]

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """The sampled rows, in the order of their numbers."""
        order = np.argsort(self._row)
        return {name: values[order] for name, values in self._columns.items()}


def _mixed(rows: NDArray[np.int64], seed: int) -> Hashes:
    start = np.uint64((seed * 0xD1B54A32D192ED03 + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)
    return mixed(rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + start)


def mixed(values: Hashes) -> Hashes:
    """Each number scattered over all 64 bits, one to one: the finaliser of SplitMix64."""
    mixed = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: Hashes = mixed ^ (mixed >> np.uint64(31))
    return found
