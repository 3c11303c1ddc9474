"""Means over pairs of rows, such as a row and the one that it got a value from: how sure they are.

Pairs that share a row vary together. The variance of their sum is what all pairs of them that share a row have in
common: the squares of what is summed at each row, less what a pair counted there twice, at both of its ends.
Source: W. Hoeffding, A class of statistics with asymptotically normal distribution, Annals of Mathematical Statistics
19 (1948) 293-325; for pairs, P. M. Aronow, C. Samii and V. A. Assenova, Cluster-robust variance estimation for dyadic
data, Political Analysis 23 (2015) 564-577.
"""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Floats


def deviation(first: NDArray[np.integer], second: NDArray[np.integer], apart: Floats, rows: int) -> float:
    """Standard error of a mean over pairs of `rows` rows; `apart` (pairs,) is how far each lies from that mean."""
    own = first == second
    at_rows = np.bincount(first, weights=apart, minlength=rows)
    at_rows += np.bincount(second[~own], weights=apart[~own], minlength=rows)
    key = np.minimum(first, second).astype(np.int64) * rows + np.maximum(first, second)
    _, place = np.unique(key[~own], return_inverse=True)
    twice = float((np.bincount(place, weights=apart[~own]) ** 2).sum())
    return sqrt(max(float((at_rows**2).sum()) - twice, twice)) / len(apart)
