"""A random sample of bounded size from rows that stream by."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

_RANK, _ROW = "(rank)", "(row)"


class RowSample:
    """Keeps the `capacity` rows whose hash of seed and row number is smallest: a random sample without replacement.

    Which rows are kept depends on the seed and their numbers only, not on the batches; where there are no more rows
    than `capacity`, all are. The hash is the finaliser of SplitMix64 (G. Steele et al., OOPSLA 2014).
    """

    def __init__(self, capacity: int, seed: int) -> None:
        self.capacity = capacity
        self.seen = 0
        self._seed = seed
        self._parts: list[dict[str, NDArray[Any]]] = []
        self._held = 0
        self._limit: np.uint64 | None = None

    def update(self, first_row: int, columns: Mapping[str, NDArray[np.generic]]) -> None:
        """Offers a batch that starts at row number `first_row`: columns of any type, (rows, …) each."""
        size = len(next(iter(columns.values())))
        self.seen += size
        rows = np.arange(first_row, first_row + size, dtype=np.int64)
        part = {_RANK: _mixed(rows, self._seed), _ROW: rows} | {n: np.asarray(v) for n, v in columns.items()}
        if self._limit is not None:
            offered = np.flatnonzero(part[_RANK] < self._limit)
            part = {name: values[offered] for name, values in part.items()}
        if len(part[_ROW]) == 0:
            return
        self._parts.append(part)
        self._held += len(part[_ROW])
        # Not at each batch, since what is held is copied.
        if self._held > self.capacity + self.capacity // 4:
            self._settle()

    def _settle(self) -> None:
        """Drops what is held beyond the capacity."""
        if self._held <= self.capacity:
            return
        ranks = np.concatenate([part[_RANK] for part in self._parts])
        self._limit = np.partition(ranks, self.capacity)[self.capacity]
        for place, part in enumerate(self._parts):
            kept = np.flatnonzero(part[_RANK] < self._limit)
            self._parts[place] = {name: values[kept] for name, values in part.items()}
        self._parts = [part for part in self._parts if len(part[_ROW])]
        self._held = self.capacity

    def columns(self) -> dict[str, NDArray[np.generic]]:
        """The sampled rows, in the order of their numbers."""
        self._settle()
        names = [name for name in (self._parts[0] if self._parts else {}) if name not in (_RANK, _ROW)]
        self._parts.sort(key=lambda part: int(part[_ROW][0]))
        if len(self._parts) > 1:
            self._parts = [{n: np.concatenate([part[n] for part in self._parts]) for n in (_RANK, _ROW, *names)}]
        return {name: self._parts[0][name] for name in names}


def _mixed(rows: NDArray[np.int64], seed: int) -> Hashes:
    start = np.uint64((seed * 0xD1B54A32D192ED03 + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)
    return mixed(rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + start)


def mixed(values: Hashes) -> Hashes:
    """Each number scattered over all 64 bits, one to one: the finaliser of SplitMix64."""
    mixed = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: Hashes = mixed ^ (mixed >> np.uint64(31))
    return found
