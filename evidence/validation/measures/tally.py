"""Counts of labels, predictions and scores, filled batch by batch.

Everything is kept as whole numbers, so neither the size nor the order of the batches changes a result, and two tallies
of the same kind add up. Memory grows with groups and different scores up to a limit, never with rows beyond it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.validation.measures.intervals import Counts, Floats
from evidence.validation.measures.scores import ENTRIES, ScoreCounts

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

MAX_GROUPS = 1024
"""Values of one dimension: a dimension with more is a number or a name and needs bins."""
BUFFER_ROWS = 1 << 17
"""Rows whose scores wait to be counted together: sorting them costs less than one by one."""
CHUNK_ROWS = 1 << 15
"""Rows counted at once: sums of a chunk stay below 2^53, where floats are exact whole numbers."""
LOG_LOSS_EPS = float(np.finfo(np.float64).eps)
"""Probabilities are cut to [eps, 1 - eps] for the log loss, eps that of the model's numbers, as scikit-learn has it."""
UNIT = 1 << 32
"""Losses are summed in units of 2^-32: an error of at most 2^-33 in a mean."""


def flags_of(values: NDArray[np.generic]) -> Flags:
    """Truth values from an array of them or of 0 and 1; raises EvidenceError for anything else."""
    array = np.asarray(values)
    if array.dtype != np.bool_ and not ((array == 0) | (array == 1)).all():
        raise EvidenceError("a label or prediction is neither 0 nor 1")
    return array.astype(np.bool_)


class Groups:
    """The values of one dimension, numbered as they come; results are sorted by name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._codes: dict[str, int] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Values by code."""
        return tuple(self._codes)

    def encode(self, values: Sequence[str | None], indices: Codes) -> Codes:
        """Codes of a dictionary-encoded column: `values` are its distinct values, `indices` those of the rows.

        A value of None or an index below 0 is an unknown group: code -1.
        Raises EvidenceError where the dimension has more than MAX_GROUPS values.
        """
        known = np.array([self.code(value) for value in values] + [-1], dtype=np.int64)
        return known[np.where(indices < 0, len(values), indices)]

    def code(self, value: str | None) -> int:
        """Code of one value; a new value gets the next one."""
        if value is None:
            return -1
        if value not in self._codes:
            if len(self._codes) >= MAX_GROUPS:
                raise EvidenceError(
                    f"the dimension `{self.name}` has more than {MAX_GROUPS} values",
                    hint="give it `bins`, or leave it out",
                )
            self._codes[value] = len(self._codes)
        return self._codes[value]


def log_losses(chance: Floats, eps: float) -> Floats:
    """Log loss, in nats, of cases whose true label was given these probabilities."""
    found: Floats = -np.log(np.clip(chance, eps, 1 - eps))
    return found


@dataclass(frozen=True)
class Batch:
    """At most CHUNK_ROWS rows with all that depends on a row alone; `cell` is 2 * label + prediction."""

    label: Flags
    cell: Codes
    score: Floats | None
    losses: tuple[Floats, ...]
    """Log loss and Brier score in UNITs: whole numbers."""

    @classmethod
    def of(cls, labels: Flags, predictions: Flags, scores: Floats | None, eps: float = LOG_LOSS_EPS) -> "Batch":
        cell = 2 * labels.astype(np.int64) + predictions
        if scores is None:
            return cls(labels, cell, None, ())
        chance = np.where(labels, scores, 1 - scores)
        return cls(labels, cell, scores, (np.rint(log_losses(chance, eps) * UNIT), np.rint((1 - chance) ** 2 * UNIT)))


class Tally:
    """Counts of the groups of one dimension; group 0 alone where there is no dimension.

    `counts`: (groups, 2, 2) rows by label and prediction. A group has scores of its own for as many as have come with
    them; all groups together keep at most `entries` different ones apart (see `scores`).
    """

    def __init__(self, entries: int = ENTRIES) -> None:
        self.counts: Counts = np.zeros((0, 2, 2), dtype=np.int64)
        self._entries = entries
        self._curves: list[ScoreCounts] = []
        self._waiting: list[tuple[NDArray[np.int16], Floats, Flags]] = []
        self._sums: NDArray[np.object_] = np.zeros((0, 2), dtype=object)  # Python integers: no overflow

    def grow(self, groups: int) -> None:
        """Makes room for `groups` groups."""
        extra = groups - len(self.counts)
        if extra > 0:
            self.counts = np.concatenate([self.counts, np.zeros((extra, 2, 2), dtype=np.int64)])

    def _grow_curves(self, groups: int) -> None:
        extra = groups - len(self._curves)
        if extra > 0:
            self._curves += [ScoreCounts() for _ in range(extra)]
            self._sums = np.concatenate([self._sums, np.zeros((extra, 2), dtype=object)])

    def add(self, batch: Batch, codes: Codes | None = None) -> None:
        """Counts the rows of a batch; rows with a code below 0 are left out."""
        group = np.zeros(len(batch.cell), dtype=np.int64) if codes is None else codes
        known = group >= 0
        rows = slice(None) if codes is None or known.all() else known
        group = group[rows]
        if len(group) == 0:
            return
        self.grow(int(group.max()) + 1)
        groups = len(self.counts)
        self.counts += np.bincount(4 * group + batch.cell[rows], minlength=4 * groups).reshape(groups, 2, 2)
        if batch.score is None:
            return
        self._grow_curves(groups)
        for column, loss in enumerate(batch.losses):
            sums = np.bincount(group, weights=loss[rows], minlength=groups)
            self._sums[:, column] += sums.astype(np.int64).astype(object)
        self._waiting.append((group.astype(np.int16), batch.score[rows], batch.label[rows]))
        while sum(len(part[0]) for part in self._waiting) >= BUFFER_ROWS:
            self._count_waiting(BUFFER_ROWS)  # always as many, so that the size of the batches changes nothing

    def _count_waiting(self, most: int | None = None) -> None:
        if not self._waiting:
            return
        group, score, label = (np.concatenate(parts) for parts in zip(*self._waiting, strict=True))
        self._waiting = [(group[most:], score[most:], label[most:])] if most is not None else []
        group, score, label = group[:most], score[:most], label[:most]
        order = np.argsort(group, kind="stable")
        group, score, label = group[order], score[order], label[order]
        each = self._entries // len(self._curves)
        found, first = np.unique(group, return_index=True)
        for code, start, end in zip(found.tolist(), first, [*first[1:], len(group)], strict=False):
            self._curves[code].add(ScoreCounts.of(score[start:end], label[start:end]), each)

    def merge(self, other: "Tally", codes: Codes) -> None:
        """Adds another tally, whose group `i` is the group `codes[i]` of this one."""
        if len(codes) == 0:
            return
        self.grow(int(codes.max()) + 1)
        self.counts[codes] += other.counts
        self._count_waiting()
        other._count_waiting()
        codes = codes[: len(other._curves)]
        if len(codes) == 0:
            return
        self._grow_curves(int(codes.max()) + 1)
        self._sums[codes] += other._sums
        for code, curve in zip(codes.tolist(), other._curves, strict=True):
            self._curves[code].add(curve, self._entries // len(self._curves))

    def losses(self, group: int) -> tuple[float, float]:
        """Sums of log loss and Brier score of a group."""
        log_loss, brier = self._sums[group]
        return log_loss / UNIT, brier / UNIT

    def curve(self, group: int) -> ScoreCounts | None:
        """Rows of a group by score; None where its rows came without scores."""
        self._count_waiting()
        return self._curves[group] if group < len(self._curves) and len(self._curves[group]) else None
