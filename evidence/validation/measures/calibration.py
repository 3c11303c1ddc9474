"""Calibration of scores and the ROC curve, from the counts of each label per fine bin of the score."""

from dataclasses import dataclass, replace

import numpy as np

from evidence.validation.measures.intervals import (
    Counts,
    Floats,
    Interval,
    percentile_interval,
    resample,
    unseen_share,
    wilson,
)

RELIABILITY_BINS = 15
REPLICATES = 2000
ROC_POINTS = 200


@dataclass(frozen=True)
class ReliabilityBin:
    """Rows of similar score: how many, their mean score, and the share of positive labels among them."""

    n: float
    mean_score: float
    observed: Interval


@dataclass(frozen=True)
class Calibration:
    """Reliability diagram (scores rising) and expected calibration error."""

    bins: tuple[ReliabilityBin, ...]
    error: Interval


def calibration(
    negatives: Counts,
    positives: Counts,
    *,
    seed: int,
    confidence: float = 0.95,
    bins: int = RELIABILITY_BINS,
    replicates: int = REPLICATES,
    share: float = 1.0,
) -> Calibration | None:
    """Expected calibration error over bins of equal mass, from rows per fine score bin; None where there are no rows.

    sum over bins of n_b / n * |share of positives - mean score|. Bins of equal mass, since those of equal width leave
    most of them nearly empty where scores crowd; rows of one fine bin stay together. The mean score is right to half a
    fine bin. The error is biased upwards on few rows and so is its bootstrap: the upper end errs on the safe side, and
    is never below `unseen_share`. `share` of the rows are independent cases (see `copies`).
    Sources: M. P. Naeini et al., Obtaining well calibrated probabilities using Bayesian binning (AAAI 2015); equal
    mass: J. Nixon et al., Measuring calibration in deep learning (CVPR workshops 2019).
    """
    rows = negatives + positives
    n = int(rows.sum())
    if n == 0:
        return None
    used = np.flatnonzero(rows)
    middle = np.cumsum(rows)[used] - rows[used] / 2
    place = np.unique((middle * bins / n).astype(np.int64), return_inverse=True)[1]
    score = (used + 0.5) / len(rows)
    size = np.bincount(place, weights=rows[used])
    mean = np.bincount(place, weights=rows[used] * score) / size
    hits = np.bincount(place, weights=positives[used])
    table = np.stack([size - hits, hits], axis=1).astype(np.int64)
    draws = _error(resample(table * share, replicates, np.random.default_rng([seed, 4])), mean)
    parts = []
    for (miss, hit), centre in zip((table * share).tolist(), mean.tolist(), strict=True):
        observed = wilson(hit, hit + miss, confidence)
        if observed is not None:
            parts.append(ReliabilityBin(hit + miss, centre, observed))
    error = percentile_interval(float(_error(table[None], mean)[0]), draws, n * share, confidence)
    return Calibration(tuple(parts), replace(error, high=max(error.high, unseen_share(n * share, confidence))))


def _error(tables: Counts, mean: Floats) -> Floats:
    """Calibration error of each table (tables, bins, label) whose bins have these mean scores."""
    size = tables.sum(axis=2)
    error: Floats = np.abs(tables[:, :, 1] - size * mean).sum(axis=1) / size.sum(axis=1)
    return error


def roc_points(negatives: Counts, positives: Counts, limit: int = ROC_POINTS) -> tuple[tuple[float, float], ...]:
    """Points (false positive rate, true positive rate) of the ROC curve from (0, 0) to (1, 1), about `limit` at most.

    Points are thinned evenly along the curve, so that steep parts keep theirs. Empty where a label is absent.
    """
    n_pos, n_neg = int(positives.sum()), int(negatives.sum())
    if n_pos == 0 or n_neg == 0:
        return ()
    hits = np.concatenate([[0], np.cumsum(positives[::-1])]) / n_pos
    alarms = np.concatenate([[0], np.cumsum(negatives[::-1])]) / n_neg
    kept = np.unique(((hits + alarms) / 2 * (limit - 1)).astype(np.int64), return_index=True)[1]
    kept = np.unique(np.append(kept, len(hits) - 1))
    return tuple((float(alarms[point]), float(hits[point])) for point in kept)
