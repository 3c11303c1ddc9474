"""Which rows of a table lie nearest to each row, in standard deviations; the same on every machine.

Each number is laid on a grid of whole steps, so that distances are sums of whole numbers below 2^24, which single
precision holds exactly in whatever order they are added: no neighbour depends on the number of threads.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEPS = 16
"""Steps a standard deviation."""
FURTHEST = 4
"""Standard deviations from the middle beyond which all values count alike, so that no outlier hides the rest."""
WIDEST = 256
"""Columns beyond which rows are projected."""
_BLOCK = 512

Places = NDArray[np.float32]
Indexes = NDArray[np.int64]


def places(numbers: NDArray[np.floating[Any]], categories: Sequence[NDArray[np.int64]], seed: int) -> Places:
    """Where rows lie: `numbers` (rows, columns) standardised, gaps in the middle; each of `categories` (rows,) codes.

    A number is standardised by mean and deviation of all but its half per cent at each end. Two rows of different
    category are as far apart in it as two random rows are in a number. More than `WIDEST` columns are projected at
    random (D. Achlioptas, Database-friendly random projections, J. Computer and System Sciences 66 (2003) 671-687).
    """
    values = np.asarray(numbers, dtype=np.float64)
    parts = [_standardised(values[:, place]) for place in range(values.shape[1])]
    for codes in categories:
        parts += [np.where(codes == code, 1.0, 0.0) for code in np.unique(codes)]
    table = np.column_stack(parts) if parts else np.zeros((len(values), 0))
    grid = np.rint(np.clip(table, -FURTHEST, FURTHEST) * STEPS)
    if grid.shape[1] > WIDEST:
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], (grid.shape[1], WIDEST))
        # Whole numbers, so that the sums are exact too; the scale is one for all rows.
        spread = grid @ signs / np.sqrt(grid.shape[1])
        grid = np.rint(np.clip(spread, -FURTHEST * STEPS, FURTHEST * STEPS))
    return grid.astype(np.float32)


def nearest(rows: NDArray[np.floating[Any]], neighbours: int) -> Indexes:
    """Indexes (rows, neighbours) of the rows that lie nearest to each, itself left out; of equal distances the first.

    `rows` holds whole numbers whose distances its precision adds up exactly.
    """
    squares = (rows**2).sum(axis=1)
    found = np.empty((len(rows), neighbours), dtype=np.int64)
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        apart = squares[None, :] - 2 * (block @ rows.T)
        own = np.arange(len(block))
        apart[own, start + own] = np.inf
        reach = np.partition(apart, neighbours - 1, axis=1)[:, neighbours - 1, None]
        nearer, border = apart < reach, apart == reach
        left = neighbours - nearer.sum(axis=1, keepdims=True)
        chosen = nearer | (border & (np.cumsum(border, axis=1, dtype=np.int32) <= left))
        found[start : start + _BLOCK] = np.nonzero(chosen)[1].reshape(-1, neighbours)
    return found


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(values)
    if not known.any():
        return np.zeros(len(values))
    low, high = np.quantile(values[known], [0.005, 0.995], method="inverted_cdf")
    middle = values[known & (values >= low) & (values <= high)]
    spread = middle.std() or values[known].std()
    if not spread:
        return np.zeros(len(values))
    made: NDArray[np.float64] = np.where(known, (np.where(known, values, 0.0) - middle.mean()) / spread, 0.0)
    return made
