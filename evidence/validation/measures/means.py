"""Interval of the mean of skewed values, such as losses where one class is rare: a t interval fails there.

The bounds are quantiles of the mean under Dirichlet weights of the values, with one row more that nobody has seen: at
the largest loss that is plausible for the upper bound, at the least for the lower. For values of 0 and 1 they are those
of Clopper and Pearson; without the added row they are Rubin's Bayesian bootstrap, whose density is an empirical
likelihood. No random number is drawn: the quantile comes from a saddlepoint approximation.
Sources: N. Gaffke, Three test statistics for a nonparametric one-sided hypothesis on the mean of a nonnegative
variable, Mathematical Methods of Statistics 14 (2005) 451-467; E. Learned-Miller and P. Thomas, A new confidence
interval for the mean of a bounded random variable, arXiv:1905.06208 (2019); D. B. Rubin, The Bayesian bootstrap, Annals
of Statistics 9 (1981) 130-134; R. Lugannani and S. Rice, Saddle point approximation for the distribution of the sum of
independent random variables, Advances in Applied Probability 12 (1980) 475-490, in O. Barndorff-Nielsen's form r*.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Floats, Interval, normal_quantile

CELLS = 4096
"""Different values looked at; where there are more, neighbours are taken together by equal mass, the mean kept."""
_STEPS = 60


def skewed_mean(
    values: Floats, counts: NDArray[np.generic], unseen: tuple[float, float], confidence: float = 0.95
) -> Interval | None:
    """Interval of the mean of `values`, each of which `counts` rows have (counts may be fractions).

    `unseen` is the least and the largest value that a row not seen yet may well have. None without rows.
    """
    rows = np.asarray(counts, dtype=np.float64)
    values, rows = values[rows > 0], rows[rows > 0]
    n = float(rows.sum())
    if n == 0:
        return None
    values, rows = _cells(values, rows)
    mean = float(np.dot(values, rows)) / n
    low = min(unseen[0], float(values.min()))
    high = max(unseen[1], float(values.max()))
    z = normal_quantile(confidence)
    return Interval(
        mean,
        min(mean, _quantile(np.append(values, low), np.append(rows, 1.0), -z)),
        max(mean, _quantile(np.append(values, high), np.append(rows, 1.0), z)),
        n,
        confidence,
    )


def with_value(interval: Interval | None, value: float) -> Interval | None:
    """The interval around a value that is known more exactly than the cells tell it."""
    if interval is None:
        return None
    return replace(interval, value=value, low=min(interval.low, value), high=max(interval.high, value))


def _cells(values: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """Values rising, few enough to be gone through again and again."""
    order = np.argsort(values, kind="stable")
    values, rows = values[order], rows[order]
    if len(values) <= CELLS:
        return values, rows
    middle = np.cumsum(rows) - rows / 2
    place = np.unique((middle * CELLS / rows.sum()).astype(np.int64), return_inverse=True)[1]
    mass: Floats = np.asarray(np.bincount(place, weights=rows), dtype=np.float64)
    return np.bincount(place, weights=rows * values) / mass, mass


def _quantile(values: Floats, counts: Floats, z: float) -> float:
    """The mean of `values` under Dirichlet(`counts`) weights lies below what is returned with probability Phi(z).

    The weighted mean lies below t where sum G_i (x_i - t) < 0, G_i independent gamma variables of shape `counts`. The
    saddlepoint s of that sum solves sum c_i (x_i - t) / (1 - s (x_i - t)) = 0; with g = s / (1 + s t) it gives t at
    once, as the mean under weights c_i / (1 - g x_i), so that a bisection over g finds the t that is asked for.
    """
    centre = float(np.dot(values, counts) / counts.sum())
    apart = values - centre
    size = float(np.abs(apart).max())
    if size <= 1e-14 * max(1.0, abs(centre)):
        return centre
    apart = apart / size
    end = (1 - 1e-12) / float(apart.max() if z > 0 else apart.min())
    near, far = 0.0, end
    shift = 0.0
    for _ in range(_STEPS):
        tilt = (near + far) / 2
        weights = counts / (1 - tilt * apart)
        shift = float(np.dot(weights, apart) / weights.sum())
        saddle = tilt / (1 - tilt * shift)
        distance = apart - shift
        inside = 1 - saddle * distance
        # The sum lies below 0: its cumulant at the saddlepoint, and the curvature there.
        depth = max(0.0, float(np.dot(counts, np.log(inside))))
        root = np.sqrt(2 * depth)
        curved = abs(saddle) * np.sqrt(float(np.dot(counts, (distance / inside) ** 2)))
        # r* of Barndorff-Nielsen; on the lower side r and r* are both negative, and their sizes the same.
        reached = root + np.log(curved / root) / root if root > 1e-3 else root
        near, far = (tilt, far) if reached < abs(z) else (near, tilt)
    return centre + size * shift
