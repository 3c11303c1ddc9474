"""Whether neighbours are answered alike: the consistency of R. Zemel et al., Learning fair representations, ICML 2013.

One less the mean share of a row's k nearest neighbours that are answered otherwise; of two classes this is one less the
mean distance of an answer from the mean answer of its neighbours. A row counts in it as itself and as a neighbour of
others (see `pairs`).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Floats, Interval, normal_quantile, unseen_share
from evidence.validation.measures.pairs import deviation

BLOCK = 512
"""Rows whose distances to all others are held at once."""
Places = NDArray[np.int64]


def standardised(columns: NDArray[np.floating[Any]]) -> Floats:
    """Columns (rows, columns) less their means, in standard deviations; constant ones are 0."""
    table = columns.astype(np.float64)
    spread = table.std(axis=0)
    found: Floats = (table - table.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return found


def nearest(columns: Floats, k: int) -> Places:
    """The `k` nearest other rows of each row, (rows, k), by Euclidean distance; of equal distances the first rows."""
    size = (columns**2).sum(axis=1)
    found = np.empty((len(columns), k), dtype=np.int64)
    for start in range(0, len(columns), BLOCK):
        rows = slice(start, start + BLOCK)
        apart = size[rows, None] + size[None, :] - 2 * columns[rows] @ columns.T
        apart = np.round(np.maximum(apart, 0), 9)  # so that rounding decides no tie
        apart[np.arange(len(apart)), np.arange(start, start + len(apart))] = np.inf
        reach = np.partition(apart, k - 1, axis=1)[:, k - 1, None]
        # The nearer ones first, then of those at the border the first rows.
        rank = np.where(apart < reach, 0, np.where(apart == reach, 1, 2)).astype(np.int8)
        found[rows] = np.argsort(rank, axis=1, kind="stable")[:, :k]
    return found


def consistency(
    neighbours: Places, differ: Callable[[Places], NDArray[np.bool_]], confidence: float = 0.95
) -> Interval:
    """The consistency of answers; `differ` says of neighbours (rows, k) whether they are answered otherwise."""
    unlike = differ(neighbours).astype(np.float64)
    rows, k = unlike.shape
    value = float(unlike.mean())
    error = deviation(np.repeat(np.arange(rows), k), neighbours.ravel(), (unlike - value).ravel(), rows)
    half = normal_quantile(confidence) * error
    # Where all are alike, or none, nothing varies, and the rows are no more than so many.
    unseen = unseen_share(rows, confidence)
    high = min(1.0, max(value + half, unseen))
    low = max(0.0, min(value - half, 1 - unseen))
    return Interval(1 - value, 1 - high, 1 - low, rows, confidence)
