"""What a poisoned training table shows: single values after which the labels turn, and labels that neighbours deny.

A trigger is a rare value of one feature whose rows all but have one label (T. Gu et al., BadNets, IEEE Access 7 (2019)
47230-47244). Whether the model's answers turn with it, and do not with the values beside it, is asked of the model.
A wrong label contradicts its neighbours; so does a right one where classes overlap. What happens by itself is told by
the test data, which are taken to be clean: a value that turns labels there too, and neighbours that contradict there
too, are of the world, not planted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evidence.validation.measures.intervals import Interval, unpaired_difference

LEAST = 5
"""Rows that a value must have to be looked at."""
RARE = 0.1
"""Largest share of the rows that a value has which is called rare."""
TURNED = 0.8
"""Share of labels, and of answers, that are the same after a trigger."""
CHANCE = 0.01
"""How seldom values and labels that go their own ways would agree as well in the test data."""
NEIGHBOURS = 10
ALONE = 1
"""Neighbours of its own label that a contradicted row has at most."""

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Candidate:
    """A value of a column (its code, rising with the value) whose `rows` have the label `label` far too often."""

    column: int
    code: int
    label: int
    rows: int
    chance: float


def candidates(columns: Iterator[tuple[int, Codes]], labels: Codes, alarm: float) -> list[Candidate]:
    """The values after which labels turn, the least likely first.

    `columns` gives each column's number and codes (rows,), below 0 for a gap; `labels` (rows,) are codes. Of a table in
    which values and labels are independent one in 1 / `alarm` has any (exact binomial tests, Bonferroni).
    """
    rows, classes = len(labels), int(labels.max()) + 1
    base = np.bincount(labels, minlength=classes) / rows
    found: list[Candidate] = []
    tried = 0
    for column, codes in columns:
        known = codes >= 0
        sizes = np.bincount(codes[known])
        rare = np.flatnonzero((sizes >= LEAST) & (sizes <= RARE * rows))
        tried += len(rare) * classes
        if not len(rare):
            continue
        table = np.bincount(codes[known] * classes + labels[known], minlength=len(sizes) * classes)
        table = table.reshape(-1, classes)[rare]
        count = sizes[rare][:, None]
        chance = np.where(table > 0, special.bdtrc(np.maximum(table - 1, 0), count, base[None, :]), 1.0)
        turned = table >= np.maximum(TURNED, (1 + base[None, :]) / 2) * count
        for place, label in zip(*np.nonzero(turned & (base[None, :] < 1)), strict=True):
            found.append(
                Candidate(column, int(rare[place]), int(label), int(sizes[rare[place]]), float(chance[place, label]))
            )
    kept = [item for item in found if item.chance * tried <= alarm]
    return sorted(kept, key=lambda item: (item.chance, item.column, item.code))


def turned_too(turned: int, rows: int, base: float) -> bool:
    """Whether so many of the `rows` of a value in other data have the label, which the share `base` of all has.

    It takes `TURNED` of them, and a chance of less than one in a hundred by an exact binomial test.
    """
    if rows == 0 or turned < TURNED * rows:
        return False
    return float(special.bdtrc(turned - 1, rows, base)) < CHANCE


def contradicted(labels: Codes, around: Codes) -> int:
    """Rows of which all but `ALONE` of the neighbours (rows, neighbours) have another label."""
    return int(((around == labels[:, None]).sum(axis=1) <= ALONE).sum())


def excess(training: tuple[int, int], test: tuple[int, int], confidence: float) -> Interval | None:
    """By how much a larger share of the training rows is contradicted than of the test rows: (contradicted, rows)."""
    return unpaired_difference(training[0], training[1], test[0], test[1], confidence)
