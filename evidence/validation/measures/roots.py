"""Where a function of one variable is zero. scipy has the same, in a package whose import takes longer than most runs.

Source: R. P. Brent, Algorithms for Minimization without Derivatives (1973), chapter 4, procedure `zero`.
"""

import math
import sys
from collections.abc import Callable

_STEPS = 200


def root(of: Callable[[float], float], low: float, high: float, *, within: float) -> float:
    """A place between `low` and `high` at which `of` changes its sign, to `within` (and four ulps of the place).

    Raises ValueError where its sign is the same at both ends, or its value is no number.
    """
    last, best = low, high
    at_last, at_best = of(last), of(best)
    if at_last == 0:
        return last
    if not at_last * at_best <= 0:
        raise ValueError(f"no change of sign between {low} and {high}")
    other, at_other = last, at_last  # the root lies between `best` and `other`
    step = before = best - last
    for _ in range(_STEPS):
        if abs(at_other) < abs(at_best):
            last, best, other = best, other, best
            at_last, at_best, at_other = at_best, at_other, at_best
        least = 2 * sys.float_info.epsilon * abs(best) + within / 2
        half = (other - best) / 2
        if abs(half) <= least or at_best == 0:
            return best
        over, under = _interpolated(last, best, other, at_last, at_best, at_other)
        good = abs(before) >= least and abs(at_last) > abs(at_best)
        if good and 2 * over < min(3 * half * under - abs(least * under), abs(before * under)):
            before, step = step, over / under
        else:
            before = step = half
        last, at_last = best, at_best
        best += step if abs(step) > least else math.copysign(least, half)
        at_best = of(best)
        if math.isnan(at_best):
            raise ValueError(f"no number at {best}")
        if (at_best > 0) == (at_other > 0):
            other, at_other = last, at_last
            before = step = best - last
    raise ValueError(f"no root to within {within} after {_STEPS} steps")


def _interpolated(
    last: float, best: float, other: float, at_last: float, at_best: float, at_other: float
) -> tuple[float, float]:
    """The step from `best` as a fraction: by the line through two places, or the inverse parabola through three.

    The numerator is not negative; a fraction that is of no use has the denominator 0.
    """
    if at_last == 0:
        return 0.0, 0.0
    ratio = at_best / at_last
    if last == other:
        over, under = (other - best) * ratio, 1 - ratio
    else:
        q, r = at_last / at_other, at_best / at_other
        over = ratio * ((other - best) * q * (q - r) - (best - last) * (r - 1))
        under = (q - 1) * (r - 1) * (ratio - 1)
    return (over, -under) if over > 0 else (-over, under)
