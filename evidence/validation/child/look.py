"""What the columns of a table hold, for whoever writes a plan for it. Runs in the sandboxed child only."""

from itertools import islice

import numpy as np

from evidence.validation.child.arrays import headers, read_arrays
from evidence.validation.child.data import BATCH_ROWS, Kind, Source, batch_rows, column_names, read_batches, table_of
from evidence.validation.child.pictures import Pictures, laid_out
from evidence.validation.measured import Array, Column

ROWS = 4 * BATCH_ROWS
"""Rows that are looked at: enough to tell words from numbers, not to measure anything."""
LOOKED_AT = 100
"""Images that are looked at."""
WORDS = 20
"""Different values up to which a column is listed word for word."""


def look_at(source: Source) -> list[Column]:
    """Each column, by its first rows. Raises EvidenceError as `read_batches` does."""
    seen = {name: _Seen() for name in column_names(source)}
    kinds: dict[str, Kind] = dict.fromkeys(seen, "value")
    for batch in islice(read_batches(source, kinds), ROWS // batch_rows(len(kinds))):
        for name, coded in batch.words.items():
            seen[name].take(coded.words, gaps=bool((coded.codes < 0).any()))
    return [column.told(name) for name, column in seen.items()]


def look_at_arrays(source: Source) -> list[Array]:
    """Each array that has more than one number a row, its range by its first entries: of an .npz file, or of images."""
    if source.format == "images":
        return _look_at_images(source)
    if source.format != "npz":
        return []
    found = []
    for item in headers(source.file, source.where):
        if not item.entry or item.dtype.kind not in "biuf":
            continue
        first = next(read_arrays(source.file, [item.name], source.where), {}).get(item.name)
        known = first[np.isfinite(first)] if first is not None else np.zeros(0)
        low, high = (float(known.min()), float(known.max())) if known.size else (None, None)
        found.append(Array(name=item.name, entry=item.entry, dtype=str(item.dtype), low=low, high=high))
    return found


def _look_at_images(source: Source) -> list[Array]:
    """Each column that names images of the archive, as `channels: first` lays them out, by its first images."""
    pictures = Pictures(source.file, source.where)
    names = column_names(source)
    first = next(read_batches(table_of(pictures, source.where), dict.fromkeys(names, "value")), None)
    found = []
    for name, coded in (first.words if first else {}).items():
        shown: list[str | None] = [word for word in coded.words[:LOOKED_AT] if pictures.holds(word)]
        if shown and len(shown) == len(coded.words[:LOOKED_AT]):
            images = laid_out(np.concatenate(list(pictures.images(name, shown, 0))), "first")
            low, high = float(images.min()), float(images.max())
            found.append(Array(name=name, entry=images.shape[1:], dtype="uint8", low=low, high=high))
    return found


class _Seen:
    """The different values of a column so far: up to WORDS of them, and the range while all are numbers."""

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.many = False
        self.gaps = False
        self.low = float("inf")
        self.high = -float("inf")
        self.numbers = True

    def take(self, words: list[str], *, gaps: bool) -> None:
        self.gaps |= gaps
        for word in words:
            if len(self.words) <= WORDS:
                self.words.add(word)
            if self.numbers:
                self._measure(word)
        self.many |= len(self.words) > WORDS

    def _measure(self, word: str) -> None:
        try:
            value = float(word)
        except ValueError:
            value = float("nan")
        self.numbers = abs(value) < float("inf")
        if self.numbers:
            self.low, self.high = min(self.low, value), max(self.high, value)

    def told(self, name: str) -> Column:
        numbers = self.numbers and bool(self.words)
        return Column(
            name=name,
            numbers=numbers,
            words=() if self.many else tuple(sorted(self.words)),
            gaps=self.gaps,
            low=self.low if numbers else None,
            high=self.high if numbers else None,
        )
