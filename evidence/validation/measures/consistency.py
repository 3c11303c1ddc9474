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
from evidence.validation.measures.neighbours import Indexes
from evidence.validation.measures.pairs import deviation

STEPS = 1 << 18
"""Whole steps a standard deviation, so that distances are exact and rounding decides no tie (see `nearest`)."""


def standardised(columns: NDArray[np.floating[Any]]) -> Floats:
    """Columns (rows, columns) less their means, in `STEPS` a standard deviation; constant ones are 0."""
    table = columns.astype(np.float64)
    spread = table.std(axis=0)
    found: Floats = np.rint((table - table.mean(axis=0)) / np.where(spread > 0, spread, 1.0) * STEPS)
    return found


def consistency(
    neighbours: Indexes, differ: Callable[[Indexes], NDArray[np.bool_]], confidence: float = 0.95
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
