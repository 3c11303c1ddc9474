"""How many labels of a table are wrong, from where the table itself is surest of them.

A label error of class c turns it into another. Where errors strike the rows of a class alike (class-conditional noise),
the share of other labels is nowhere smaller than the share of errors, and is just that where only class c occurs; so it
is told from the rows whose nearest neighbours are most surely of class c. The neighbours' labels choose these rows, and
a row's own label is not among them: it is asked once, out of fold. Where no place of the table is sure, what is truly
uncertain counts as error: the number errs upwards.
Sources: C. Scott, G. Blanchard, G. Handy, Classification with asymmetric label noise, COLT 2013; T. Liu and D. Tao,
Classification with noisy labels by importance reweighting, IEEE TPAMI 38 (2016) 447-461; out of fold and by class as in
C. Northcutt, L. Jiang, I. Chuang, Confident learning, J. Artificial Intelligence Research 70 (2021) 1373-1411.
"""

import math

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Interval, wilson

NEIGHBOURS = 20
SUREST = 0.2
"""Rows that are asked of each class, as a part of its own size."""
LEAST = 50
"""Rows of a class from which a fifth is enough to be asked."""


def label_error_rate(
    labels: NDArray[np.int64], around: NDArray[np.int64], confidence: float = 0.95, share: float = 1.0
) -> Interval | None:
    """Share of wrong labels: `labels` (rows,) codes, `around` (rows, neighbours) those of the rows nearest to each.

    `share` of the rows are independent cases. The mean over the classes, by their size; its interval is joined from
    Wilson's of each (Zou and Donner 2008). None where there are fewer than two classes, or one has fewer than `LEAST`
    rows.
    """
    classes, sizes = np.unique(labels, return_counts=True)
    if len(classes) < 2 or sizes.min() < LEAST:
        return None
    value = below = above = asked = 0.0
    for code, size in zip(classes.tolist(), sizes.tolist(), strict=True):
        sure = (around == code).mean(axis=1)
        wanted = math.ceil(SUREST * size)
        surest = sure >= np.sort(sure)[-wanted]  # with those that are as sure as the last
        found = wilson(float((labels[surest] != code).sum()) * share, float(surest.sum()) * share, confidence)
        assert found is not None
        weight = size / len(labels)
        value += weight * found.value
        below += (weight * (found.value - found.low)) ** 2
        above += (weight * (found.high - found.value)) ** 2
        asked += found.n
    return Interval(
        value,
        max(0.0, value - math.sqrt(below)),
        min(1.0, value + math.sqrt(above)),
        asked,
        confidence,
        "surest-fifth-of-each-class",
    )
