"""Whether a measure changes over time: a line through its values in several periods."""

from collections.abc import Sequence

import numpy as np

from evidence.validation.measures.intervals import Interval, normal_quantile

LEAST = 3
"""Periods that a line needs: through two it always goes."""


def trend(times: Sequence[float], parts: Sequence[Interval], confidence: float = 0.95) -> Interval | None:
    """Change of a measure from the first to the last of `times` along a weighted line; None where none can be drawn.

    Weights are those of the intervals, the parts being of different rows. Where the values lie further from the line
    than their intervals explain, the interval of the change is stretched by that much (Birge's ratio); it is never
    shortened. Sources: W. G. Cochran, The combination of estimates from different experiments, Biometrics 10 (1954)
    101-129; R. T. Birge, The calculation of errors by the method of least squares, Physical Review 40 (1932) 207-227.
    """
    if len(parts) < LEAST or len(set(times)) < LEAST:
        return None
    z = normal_quantile(confidence)
    values = np.array([part.value for part in parts])
    # An interval may be at another level than is asked for here.
    errors = np.array([(part.high - part.low) / 2 / normal_quantile(part.confidence) for part in parts])
    if (errors <= 0).any():
        return None
    place = np.array(times, dtype=np.float64)
    place = (place - place.min()) / (place.max() - place.min())
    weight = 1 / errors**2
    apart = place - float(np.dot(weight, place) / weight.sum())
    spread = float(np.dot(weight, apart**2))
    change = float(np.dot(weight * apart, values) / spread)
    level = float(np.dot(weight, values) / weight.sum())
    left = float(np.dot(weight, (values - level - change * apart) ** 2))
    stretch = max(1.0, left / (len(parts) - 2)) ** 0.5
    half = z * stretch / spread**0.5
    return Interval(change, change - half, change + half, sum(part.n for part in parts), confidence)
