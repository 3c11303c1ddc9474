"""Fixed-size counts of labels, predictions and scores, filled batch by batch.

Everything is kept as whole numbers, so neither the size nor the order of the batches changes a result, and two tallies
of the same kind add up. Memory grows with groups and bins, never with rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.validation.measures.intervals import Counts, Floats

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

MAX_GROUPS = 1024
"""Values of one dimension: a dimension with more is a number or a name and needs bins."""
BINS = 1 << 16
"""Bins of the score over [0, 1], both ends included in the last."""
GROUP_BINS = 1 << 12
CHUNK_ROWS = 1 << 15
"""Rows counted at once: sums of a chunk stay below 2^53, where floats are exact whole numbers."""
LOG_LOSS_EPS = float(np.finfo(np.float64).eps)
"""Probabilities are cut to [eps, 1 - eps] for the log loss, as scikit-learn cuts 64-bit probabilities."""
UNIT = 1 << 32
"""Losses are summed in units of 2^-32: an error of at most 2^-33 in a mean."""
SQUARE_UNIT = 1 << 27
"""Squared losses are rounded up to 2^-27, so a spread is never understated."""


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


@dataclass(frozen=True)
class Batch:
    """At most CHUNK_ROWS rows with all that depends on a row alone; `cell` is 2 * label + prediction."""

    label: Codes
    cell: Codes
    score: Floats | None
    bin: Codes
    losses: tuple[Floats, ...]
    """Log loss, Brier score in UNITs, then their squares in SQUARE_UNITs: whole numbers."""

    @classmethod
    def of(cls, labels: Flags, predictions: Flags, scores: Floats | None) -> "Batch":
        label = labels.astype(np.int64)
        cell = 2 * label + predictions
        if scores is None:
            return cls(label, cell, None, cell, ())
        chance = np.where(labels, scores, 1 - scores)
        log_loss = -np.log(np.clip(chance, LOG_LOSS_EPS, 1 - LOG_LOSS_EPS))
        brier = (1 - chance) ** 2
        losses = (
            np.rint(log_loss * UNIT),
            np.rint(brier * UNIT),
            np.ceil(log_loss**2 * SQUARE_UNIT),
            np.ceil(brier**2 * SQUARE_UNIT),
        )
        return cls(label, cell, scores, np.minimum(scores * BINS, BINS - 1).astype(np.int64), losses)


class Tally:
    """Counts of the groups of one dimension; group 0 alone where there is no dimension.

    `counts`: (groups, 2, 2) rows by label and prediction; `histogram`: (groups, 2, bins) rows by label and score,
    for as many groups as have come with scores.
    """

    def __init__(self, bins: int) -> None:
        self.bins = bins
        self.counts: Counts = np.zeros((0, 2, 2), dtype=np.int64)
        self.histogram: Counts = np.zeros((0, 2, bins), dtype=np.int64)
        self._some: Floats = np.zeros((0, bins))  # a score of the bin, NaN where it has none
        self._mixed: Flags = np.zeros((0, bins), dtype=np.bool_)  # the bin holds different scores
        self._sums: NDArray[np.object_] = np.zeros((0, 4), dtype=object)  # Python integers: no overflow

    def grow(self, groups: int) -> None:
        """Makes room for `groups` groups."""
        extra = groups - len(self.counts)
        if extra <= 0:
            return
        self.counts = np.concatenate([self.counts, np.zeros((extra, 2, 2), dtype=np.int64)])

    def _grow_curves(self, groups: int) -> None:
        extra = groups - len(self.histogram)
        if extra <= 0:
            return
        self.histogram = np.concatenate([self.histogram, np.zeros((extra, 2, self.bins), dtype=np.int64)])
        self._some = np.concatenate([self._some, np.full((extra, self.bins), np.nan)])
        self._mixed = np.concatenate([self._mixed, np.zeros((extra, self.bins), dtype=np.bool_)])
        self._sums = np.concatenate([self._sums, np.zeros((extra, 4), dtype=object)])

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
        place = group * self.bins + batch.bin[rows] // (BINS // self.bins)
        self._note_scores(place, batch.score[rows])
        np.add.at(self.histogram.reshape(-1), place + (group + batch.label[rows]) * self.bins, 1)

    def _note_scores(self, place: Codes, score: Floats) -> None:
        some, mixed = self._some.reshape(-1), self._mixed.reshape(-1)
        fresh = np.isnan(some[place])
        if fresh.any():
            some[place[fresh]] = score[fresh]
        mixed[place[some[place] != score]] = True

    def merge(self, other: "Tally", codes: Codes) -> None:
        """Adds another tally, whose group `i` is the group `codes[i]` of this one."""
        if len(codes) == 0:
            return
        self.grow(int(codes.max()) + 1)
        self.counts[codes] += other.counts
        codes = codes[: len(other.histogram)]
        if len(codes) == 0:
            return
        self._grow_curves(int(codes.max()) + 1)
        self.histogram[codes] += other.histogram
        self._sums[codes] += other._sums
        mine, theirs = self._some[codes], other._some
        differ = ~np.isnan(mine) & ~np.isnan(theirs) & (mine != theirs)
        self._mixed[codes] |= other._mixed | differ
        self._some[codes] = np.where(np.isnan(mine), theirs, mine)

    def loss_sums(self, group: int) -> tuple[float, float, float, float]:
        """Sums of log loss and Brier score of a group, then of their squares."""
        log_loss, brier, log_loss2, brier2 = self._sums[group]
        return log_loss / UNIT, brier / UNIT, log_loss2 / SQUARE_UNIT, brier2 / SQUARE_UNIT

    def scored(self, group: int) -> bool:
        """Whether the rows of a group came with scores."""
        return group < len(self.histogram) and bool(self.histogram[group].any())

    def auc_error(self, group: int) -> float:
        """Largest error of the ROC area by binning: half of the pairs that share a bin of different scores."""
        negatives, positives = self.histogram[group]
        shared = float(np.dot(positives * self._mixed[group], negatives))
        return shared / 2 / max(1.0, float(positives.sum()) * float(negatives.sum()))
