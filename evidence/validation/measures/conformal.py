"""Prediction sets by split conformal prediction: how large they must be to hold the truth so often as is asked for.

One half of the rows calibrates: of the score that says how strange the truth is to the model (1 less the chance of the
true class; the absolute error) it takes the ceil((n + 1) * level)-th smallest of n. Sets of the other half hold all
that is no stranger. Over all rows they hold the truth in at least `level` of the cases, whatever the model; in a group
they need not, and that is what the other half shows.
Sources: V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a Random World (2005); M. Sadinle, J. Lei, L.
Wasserman, Least ambiguous set-valued classifiers with bounded error levels, JASA 114 (2019) 223-234; J. Lei et al.,
Distribution-free predictive inference for regression, JASA 113 (2018) 1094-1111.
"""

from math import ceil

import numpy as np

from evidence.validation.measures.intervals import Floats, Interval, exact_bounds
from evidence.validation.measures.tally import Codes, Flags


def threshold(strange: Floats, level: float) -> float | None:
    """The strangeness up to which a value is in the set; None where the rows are too few for the level."""
    rank = ceil((len(strange) + 1) * level - 1e-9)
    if rank > len(strange):
        return None
    return float(np.partition(strange, rank - 1)[rank - 1])


def strangeness(labels: Codes, chances: Floats) -> Floats:
    """Of each row (rows,) how strange its true class is: 1 less its chance."""
    found: Floats = 1 - chances[np.arange(len(labels)), labels]
    return found


def coverage(held: Flags, share: float, confidence: float) -> Interval | None:
    """Share of rows whose truth is in the set, with its exact interval (Clopper and Pearson); None without rows.

    It is that of these very sets: what another calibration half would have made of them is not in it.
    """
    if len(held) == 0:
        return None
    hits, n = float(held.sum()) * share, len(held) * share
    low, high = exact_bounds(np.array([hits]), np.array([n]), confidence)
    return Interval(hits / n, float(low[0]), float(high[0]), n, confidence)
