"""Numbers as they are written down."""

import math

_NOISE = 1e-6
"""Parts of the last decimal below which a number is taken to be that decimal: the noise of binary fractions."""


def outward(value: float, decimals: int, *, up: bool) -> float:
    """A bound rounded away from what it bounds: an upper one up, a lower one down."""
    scaled = value * 10**decimals
    whole = math.ceil(scaled - _NOISE) if up else math.floor(scaled + _NOISE)
    return float(whole / 10**decimals)
