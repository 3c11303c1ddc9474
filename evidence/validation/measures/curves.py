"""Individual conditional expectation: what a model says of each row as one feature goes through its values.

Source: A. Goldstein, A. Kapelner, J. Bleich and E. Pitkin, Peeking inside the black box, Journal of Computational and
Graphical Statistics 24 (2015) 44-65.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Floats, Interval, wilson

POINTS = 12
"""Values at which a curve is looked at, at most."""
ROUNDING = 1e-6
"""Steps of less than this part of the spread of the answers are rounding of single precision."""
LEAST_MOVING = 20
"""Independent cases whose answer moves at all, below which nothing is said of the direction."""


def grid_of(values: NDArray[np.floating]) -> Floats:
    """Values of a feature, rising: quantiles that occur among the rows, its ends among them."""
    return np.unique(np.quantile(values.astype(np.float64), np.linspace(0, 1, POINTS), method="inverted_cdf"))


@dataclass(frozen=True)
class Curves:
    """Curves (rows, points) over a `grid` (points,); NaN where the model abstained."""

    grid: Floats
    values: Floats
    scale: float

    def steps(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether each row's curve rises somewhere, and whether it falls somewhere; an abstention is no step."""
        moved = np.diff(self.values, axis=1)
        known = np.where(np.isfinite(moved), moved, 0.0)
        return np.asarray(known.max(axis=1) > ROUNDING * self.scale), np.asarray(
            known.min(axis=1) < -ROUNDING * self.scale
        )

    def violations(self, rising: bool, confidence: float = 0.95, share: float = 1.0) -> Interval | None:
        """Share of the rows whose answer moves that it also moves against the direction.

        None where fewer than `LEAST_MOVING` move: a direction of a feature that does nothing would always hold.
        """
        up, down = self.steps()
        moving, against = up | down, down if rising else up
        if moving.sum() * share < LEAST_MOVING:
            return None
        return wilson(float(against.sum()) * share, float(moving.sum()) * share, confidence)
