"""Bounds of what a network answers to any input between two: interval arithmetic, layer by layer.

Intervals are wider than what a network in single precision makes of its rounding, whatever the order of its sums: a dot
product of n terms is off by at most (n + 4) * 2^-23 of the sum of their sizes (N. Higham, Accuracy and stability of
numerical algorithms, 2002, section 3.1, with room for fused and reordered sums).
Source: S. Gowal et al., On the effectiveness of interval bound propagation for training verifiably robust models
(2018); the last layer is joined with the condition on its outputs, as there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from evidence.validation.measures.intervals import Floats
from evidence.validation.measures.margin import STEP

_APPROXIMATED = 4e-6
"""How far a runtime's own sigmoid or tangent may be from the function."""
_LEAST = 1e-36
"""Below this, numbers of single precision lose digits."""


@dataclass(frozen=True)
class Enclosure:
    """Numbers (rows, …) from `low` to `high`; where they are `weights` of another enclosure plus `offset`, that too."""

    low: Floats
    high: Floats
    of: "Enclosure | None" = None
    weights: Floats | None = None
    offset: Floats | None = None

    @property
    def middle(self) -> Floats:
        """Half way between the ends."""
        return (self.low + self.high) / 2

    @property
    def radius(self) -> Floats:
        """Half of the width."""
        return (self.high - self.low) / 2

    @property
    def largest(self) -> Floats:
        """The largest absolute number."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    def shaped(self, shape: tuple[int, ...]) -> "Enclosure":
        """The same numbers in rows of another shape."""
        return Enclosure(self.low.reshape(shape), self.high.reshape(shape))

    def linear(self, weights: Floats, offset: Floats) -> "Enclosure":
        """`x @ weights + offset`; x is (rows, n), weights (n, m)."""
        made = self._weighted(weights, offset, np.abs(weights), np.abs(offset))
        return replace(made, of=self, weights=weights, offset=offset)

    def shifted(self, offset: Floats) -> "Enclosure":
        """A constant added; on weighted sums it is their offset."""
        if self.of is not None and self.weights is not None and self.offset is not None:
            return self.of.linear(self.weights, self.offset + np.broadcast_to(offset, self.low.shape[1:]))
        return _padded(self.low + offset, self.high + offset, self.largest + np.abs(offset))

    def scaled(self, factor: Floats) -> "Enclosure":
        """Each number times a constant."""
        ends = self.low * factor, self.high * factor
        return _padded(np.minimum(*ends), np.maximum(*ends), self.largest * np.abs(factor))

    def plus(self, other: "Enclosure") -> "Enclosure":
        """The sum of two."""
        return _padded(self.low + other.low, self.high + other.high, self.largest + other.largest)

    def rising(self, function: Callable[[Floats], Floats], room: float = 0.0) -> "Enclosure":
        """A function that nowhere falls, known up to `room`."""
        low, high = function(self.low), function(self.high)
        return _padded(low - room, high + room, np.maximum(np.abs(low), np.abs(high)))

    def least(self, weights: Floats) -> Floats:
        """For each row (rows,) a number that its weighted sum is not below; `weights` are (rows, m), one set a row."""
        if self.of is None or self.weights is None or self.offset is None:
            low = np.where(weights > 0, self.low, self.high)
            total: Floats = (low * weights).sum(axis=1) - 8 * STEP * (self.largest * np.abs(weights)).sum(axis=1)
            return total
        joined = weights @ self.weights.T  # (rows, n)
        constant = weights @ self.offset
        sizes = np.abs(weights) @ np.abs(self.weights).T
        middle = (self.of.middle * joined).sum(axis=1) + constant
        room = (self.of.largest * sizes).sum(axis=1) + np.abs(weights) @ np.abs(self.offset)
        found: Floats = middle - (self.of.radius * np.abs(joined)).sum(axis=1) - _error(len(self.weights), room)
        return found

    def _weighted(self, weights: Floats, offset: Floats, sizes: Floats, constant: Floats) -> "Enclosure":
        middle, radius = self.middle @ weights + offset, self.radius @ sizes
        room = _error(len(weights), self.largest @ sizes + constant)
        return Enclosure(middle - radius - room, middle + radius + room)


def sigmoid(values: Enclosure) -> Enclosure:
    """The logistic function."""
    return values.rising(special.expit, _APPROXIMATED)


def tangent(values: Enclosure) -> Enclosure:
    """The hyperbolic tangent."""
    return values.rising(np.tanh, _APPROXIMATED)


def _error(terms: int, sizes: Floats) -> Floats:
    return (terms + 4) * STEP * sizes + _LEAST


def _padded(low: Floats, high: Floats, sizes: Floats) -> Enclosure:
    room = _error(0, sizes)
    return Enclosure(low - room, high + room)
