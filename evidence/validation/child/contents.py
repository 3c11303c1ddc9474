"""What is in a table, counted over all of its rows while they stream by. Sandboxed child only."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.validation.child.data import Coded
from evidence.validation.child.rows import Rows
from evidence.validation.child.session import Inputs
from evidence.validation.measures.copies import Copies
from evidence.validation.plan.model import Plan

MOST_WORDS = 1024
"""Different words up to which a column of words has categories; one with more is free text, or an id."""
CHUNK_NUMBERS = 1 << 22


class Contents:
    """Gaps, values outside the declared range, categories and groups of one table; accumulates batches.

    `copies` holds its rows, of which `cases` are the independent ones; both are fed by whoever reads the table. A
    number that is not finite is a gap, as it is for the run; an array has one where any of its entries has.
    """

    def __init__(self, plan: Plan, copies: Copies, cases: Copies | None = None) -> None:
        features = plan.features
        columns = [column for column in features.columns if not column.text]
        self.copies = copies
        self.cases = cases or copies
        self.rows = 0
        self.rows_with_gaps = 0
        ranges = [(item.name, item.range) for item in features.arrays or ()]
        ranges = ranges or [(column.name, column.range) for column in columns]
        self.numbers = [name for name, _ in ranges]
        self.texts = [column.name for column in features.columns if column.text]
        self.missing = dict.fromkeys([*self.numbers, *self.texts], 0)
        self.outside = {name: 0 for name, declared in ranges if declared}
        self.categories: dict[str, Counter[Any] | None] = {
            column.name: Counter() for column in features.columns if column.text or column.values
        }
        self.groups: dict[str, Counter[str]] = {}
        self._mapped = {column.name: place for place, column in enumerate(columns) if column.values}
        ends = [(declared.low, declared.high) if declared else (-np.inf, np.inf) for _, declared in ranges]
        self._ends: NDArray[np.float64] = np.array(ends, dtype=np.float64).reshape(-1, 2)
        self._least: NDArray[Any] = np.full(len(self.numbers), np.inf)
        self._most: NDArray[Any] = np.full(len(self.numbers), -np.inf)

    def update(self, rows: Rows) -> None:
        """Counts a batch: the rows that can be used and those that were left out."""
        sides = [(rows.inputs, rows.groups), (rows.left_out_inputs, rows.left_out_groups)]
        for inputs, groups in sides:
            if inputs is None or not len(inputs):
                continue
            self.rows += len(inputs)
            step = max(1, CHUNK_NUMBERS // max(1, inputs.numbers.shape[1]))
            for start in range(0, len(inputs), step):
                self._count(inputs.take(slice(start, start + step)))
            for name, coded in groups.items():
                self._count_groups(name, coded)

    def constant(self, name: str) -> bool:
        """Whether a feature has one value in all rows, or none."""
        if name in self.texts:
            words = self.categories[name]
            return words is not None and len(words) < 2
        place = self.numbers.index(name)
        return not self._least[place] < self._most[place]

    def shares(self, names: list[str]) -> dict[tuple[str, str], float]:
        """Share of each group among the rows of known group, by dimension and value."""
        found: dict[tuple[str, str], float] = {}
        for name in names:
            known = self.groups.get(name, Counter())
            found |= {(name, word): count / known.total() for word, count in sorted(known.items())}
        return found

    def _count(self, inputs: Inputs) -> None:
        numbers = inputs.numbers
        gaps = ~np.isfinite(numbers)
        widths = [int(np.prod(shape)) for shape in inputs.shapes] or [1] * len(self.numbers)
        starts = np.concatenate([[0], np.cumsum(widths)[:-1]]).astype(np.int64)
        # In the precision of the inputs, so that a value that was declared as an end is not beyond it by rounding.
        low, high = np.repeat(self._ends, widths, axis=0).T.astype(numbers.dtype)
        beyond = ~gaps & ((numbers < low) | (numbers > high))
        with_gap = gaps.any(axis=1)
        if self.numbers:
            least = np.where(gaps, np.inf, numbers).min(axis=0)
            most = np.where(gaps, -np.inf, numbers).max(axis=0)
            self._least = np.minimum(self._least, np.minimum.reduceat(least, starts))
            self._most = np.maximum(self._most, np.maximum.reduceat(most, starts))
            lacking, out = (_any(mask, starts).sum(axis=0) for mask in (gaps, beyond))
            for place, name in enumerate(self.numbers):
                self.missing[name] += int(lacking[place])
                if name in self.outside:
                    self.outside[name] += int(out[place])
        for name, place in self._mapped.items():
            values, counts = np.unique(numbers[~gaps[:, place], place], return_counts=True)
            self._count_words(name, Counter(dict(zip(values.tolist(), counts.tolist(), strict=True))))
        for name in self.texts:
            words: Counter[Any] = Counter(inputs.texts[name].tolist())
            self.missing[name] += words.pop(None, 0)
            with_gap |= np.asarray([word is None for word in inputs.texts[name]], dtype=np.bool_)
            self._count_words(name, words)
        self.rows_with_gaps += int(with_gap.sum())

    def _count_words(self, name: str, words: "Counter[Any]") -> None:
        known = self.categories[name]
        if known is not None:
            known.update(words)
            if len(known) > MOST_WORDS:
                self.categories[name] = None

    def _count_groups(self, name: str, coded: Coded) -> None:
        counts = np.bincount(coded.codes[coded.codes >= 0], minlength=len(coded.words))
        known = self.groups.setdefault(name, Counter())
        for word, count in zip(coded.words, counts.tolist(), strict=True):
            if count:
                known[word] += count


def _any(mask: NDArray[np.bool_], starts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Of each feature, whether any of its numbers in a row is marked: (rows, features)."""
    if len(starts) == mask.shape[1]:
        return mask
    found: NDArray[np.bool_] = np.logical_or.reduceat(mask, starts, axis=1)
    return found
