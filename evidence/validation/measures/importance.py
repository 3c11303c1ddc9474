"""How much a metric gets worse when a feature is shuffled, and whether the explanation comes out alike again.

Shuffling a feature breaks whatever the model made of it: the metric's loss is the feature's importance to this model.
A row counts in it twice: with what it was given of another row, and with what it gave to another (see `pairs`), so that
the interval is over rows and repeats.
Sources: L. Breiman, Random forests, Machine Learning 45 (2001) 5-32; A. Fisher, C. Rudin and F. Dominici, All models
are wrong, but many are useful, JMLR 20 (2019) no. 177 (the estimate as a U-statistic).
"""

from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evidence.validation.measures.influence import midranks
from evidence.validation.measures.intervals import Floats, Interval
from evidence.validation.measures.pairs import deviation

SPLITS = 200
"""Halvings of the rows over which the agreement of explanations is told."""


def importance(
    losses: Floats, donors: NDArray[np.int64], confidence: float = 0.95, share: float = 1.0
) -> Interval | None:
    """Mean of the `losses` (repeats, rows) and its interval; NaN where a row said nothing after shuffling.

    `donors` (repeats, rows) are the rows from which each got the shuffled value. None below two independent rows.
    """
    told = np.isfinite(losses)
    rows = int(told.any(axis=0).sum())
    if rows * share < 2:
        return None
    value = float(losses[told].mean())
    got = np.broadcast_to(np.arange(losses.shape[1]), losses.shape)
    error = deviation(got[told], donors[told], losses[told] - value, losses.shape[1]) / sqrt(share)
    half = float(special.stdtrit(rows * share - 1, (1 + confidence) / 2)) * error
    return Interval(value, value - half, max(value + half, _far_end(value, half)), rows * share, confidence)


def _far_end(value: float, half: float) -> float:
    """The upper end of a loss, on the logarithm: losses have a long upper tail (see `values.positive_mean`).

    A value near 0 has none to speak of: there the end is no more than e times the value.
    """
    return value * exp(min(half / value, 1.0)) if value > 0 else value


def agreement(effects: Floats, random: np.random.Generator, confidence: float = 0.95) -> Interval:
    """How alike the features are ranked by either half of the rows: Spearman's correlation, over many halvings.

    `effects` (features, rows): what each row lost by shuffling each of two features or more. The ends are quantiles
    over the halvings, so that the lower one is what almost every repetition reaches. Halves that rank nothing do not
    agree.
    Source: C. Spearman, American Journal of Psychology 15 (1904) 72-101.
    """
    rows = effects.shape[1]
    found = np.empty(SPLITS)
    whole = effects.sum(axis=1)
    for split in range(SPLITS):
        half = random.permutation(rows)[: rows // 2]
        first = effects[:, half].sum(axis=1)
        # Below nine digits the machine speaks, not the rows.
        ranks = [midranks(np.round(part / max(1.0, np.abs(whole).max()), 9)) for part in (first, whole - first)]
        found[split] = _correlation(*ranks)
    low, high = np.quantile(found, [(1 - confidence) / 2, (1 + confidence) / 2])
    value = float(found.mean())
    return Interval(value, min(float(low), value), max(float(high), value), rows, confidence)


def _correlation(first: Floats, second: Floats) -> float:
    one, two = first - first.mean(), second - second.mean()
    size = sqrt(float((one**2).sum()) * float((two**2).sum()))
    return float((one * two).sum()) / size if size else 0.0
