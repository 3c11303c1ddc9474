"""How much better a model is than a baseline on the same rows: gains, positive where the model is the better one.

Two classes and several are told alike: a row has the place of its true class, an answered class, and where there are
scores a chance of each class. A baseline that answers each row alike (a constant) is one more model. An error that
both make on the same rows cancels, so that a paired interval is shorter than that of two runs beside each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.classes import mean_of
from evidence.validation.measures.intervals import (
    Counts,
    Floats,
    Interval,
    normal_quantile,
    paired_difference,
    unseen_share,
)
from evidence.validation.measures.means import skewed_mean
from evidence.validation.measures.tally import Codes, log_losses
from evidence.validation.measures.values import pinball_loss

DRAWS = 1000
"""Draws of a bootstrap."""
_CHUNK_CELLS = 1 << 21
UNSEEN = 0.9
"""A row that nobody has seen differs by no more than this share of the rows would with another label."""


@dataclass(frozen=True)
class Said:
    """What a classifier said: `chosen` (rows,) the answered class, `chances` (rows, classes) the score of each.

    `eps`: the distance from 0 and 1 to which scores are cut for the log loss.
    """

    chosen: Codes
    chances: Floats | None
    eps: float


@dataclass(frozen=True)
class Rows:
    """Rows that both models answered: true classes of so many `classes`; `share` of the rows are independent cases."""

    labels: Codes
    classes: int
    share: float
    confidence: float
    seed: int = 0


def share_gain(rows: Rows, model: Said, baseline: Said, among: NDArray[np.bool_] | None = None) -> Interval | None:
    """Gain in the share of right answers, of all rows or `among` some; None without rows.

    What McNemar's test asks, with an interval: that of Bonett and Price (`intervals.paired_difference`), which keeps
    its width where the two never disagree.
    """
    first, second = model.chosen == rows.labels, baseline.chosen == rows.labels
    kept = np.ones(len(first), dtype=np.bool_) if among is None else among
    only_first, only_second = (float((part & kept).sum()) * rows.share for part in (first & ~second, second & ~first))
    return paired_difference(only_first, only_second, float(kept.sum()) * rows.share, rows.confidence)


def balanced_gain(rows: Rows, model: Said, baseline: Said) -> Interval | None:
    """Gain in balanced accuracy: the mean of the gains in recall, which are of different rows; None for absent classes.

    Joined as independent values are (Zou and Donner, see `intervals.half_sum`).
    """
    parts = [share_gain(rows, model, baseline, rows.labels == code) for code in range(rows.classes)]
    found = [part for part in parts if part is not None]
    return mean_of(found) if len(found) == rows.classes else None


def area_gain(rows: Rows, model: Said, baseline: Said, classes: Sequence[int]) -> Interval | None:
    """Gain in the area under the ROC curve, its mean over `classes` each against the rest; None for absent classes.

    DeLong's paired variance, from the share of rows of the other label that each row scores above (or below); for
    several classes a row counts in each of them, so that what they share is in the variance. Where the rows hardly
    differ the variance closes up: the interval reaches at least as far as rows not seen yet may differ as much as any
    that were. Source: E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44 (1988) 837-845.
    """
    if model.chances is None or baseline.chances is None:
        return None
    influence, value, furthest, least = np.zeros(len(rows.labels)), 0.0, 0.0, len(rows.labels)
    for code in classes:
        positive = rows.labels == code
        n_pos = int(positive.sum())
        n_neg = len(positive) - n_pos
        if n_pos < 2 or n_neg < 2:
            return None
        apart = _placements(positive, model.chances[:, code]) - _placements(positive, baseline.chances[:, code])
        gain = float(apart[positive].mean())
        value += gain / len(classes)
        for side, count in ((positive, n_pos), (~positive, n_neg)):
            influence[side] += (apart[side] - gain) / sqrt(count * (count - 1)) / len(classes)
        furthest, least = max(furthest, float(np.abs(apart).max())), min(least, n_pos, n_neg)
    floor = unseen_share(least * rows.share, rows.confidence) * (furthest or 1.0)
    half = max(floor, normal_quantile(rows.confidence) * sqrt(float((influence**2).sum()) / rows.share))
    return Interval(
        value, max(-1.0, value - half), min(1.0, value + half), len(influence) * rows.share, rows.confidence
    )


def _placements(positive: NDArray[np.bool_], scores: Floats) -> Floats:
    """Of each row the share of rows of the other label that it lies on the right side of, ties one half."""
    found = np.zeros(len(scores))
    for side, sign in ((positive, 1.0), (~positive, -1.0)):
        others = np.sort(sign * scores[~side])
        mine = sign * scores[side]
        below, upto = (np.searchsorted(others, mine, side=end) for end in ("left", "right"))
        found[side] = (below + upto) / 2 / len(others)
    return found


def f1_gain(rows: Rows, model: Said, baseline: Said, classes: Sequence[int]) -> Interval | None:
    """Gain in the mean F1 score of `classes`; None where a class has neither rows nor answers.

    Bayesian bootstrap of the rows by true and both answered classes, with two rows more that nobody has seen: on one
    the model alone is right, on the other the baseline alone, so that the interval keeps its width where the two never
    disagree. Source: D. B. Rubin, The Bayesian bootstrap, Annals of Statistics 9 (1981) 130-134.
    """
    size = rows.classes
    place = (rows.labels * size + model.chosen) * size + baseline.chosen
    cells, counts = np.unique(place, return_counts=True)
    both, second = np.divmod(cells, size)
    told, first = np.divmod(both, size)
    value = float(_f1(told, first, counts, classes) - _f1(told, second, counts, classes))
    if not np.isfinite(value):
        return None
    every = np.arange(size)
    others = (every + 1) % size
    told, first, second = (
        np.concatenate(part) for part in ((told, every, every), (first, every, others), (second, others, every))
    )
    weights = np.concatenate([counts * rows.share, np.full(2 * size, 1 / size)])
    rng = np.random.default_rng(rows.seed)
    step = max(1, _CHUNK_CELLS // len(weights))
    drawn = []
    for start in range(0, DRAWS, step):
        mass = rng.standard_gamma(weights, (min(step, DRAWS - start), len(weights)))
        drawn.append(_f1(told, first, mass, classes) - _f1(told, second, mass, classes))
    low, high = np.quantile(np.concatenate(drawn), [(1 - rows.confidence) / 2, (1 + rows.confidence) / 2])
    n = len(place) * rows.share
    return Interval(value, min(value, float(low)), max(value, float(high)), n, rows.confidence)


def _f1(told: Codes, chosen: Codes, mass: Counts | Floats, classes: Sequence[int]) -> Floats:
    """Mean F1 score of the classes, from the mass of cells (…, cells); NaN where a class has none."""
    listed = np.asarray(classes)
    of, to = ((part[:, None] == listed).astype(np.float64) for part in (told, chosen))
    with np.errstate(invalid="ignore", divide="ignore"):
        each = 2 * (mass @ (of * to)) / (mass @ of + mass @ to)
    mean: Floats = each.mean(axis=-1)
    return mean


def loss_gain(rows: Rows, model: Said, baseline: Said, loss: str) -> Interval | None:
    """Gain in the mean log loss (`log_loss`) or Brier score (`brier`, `brier_multiclass`); None without scores.

    Interval of the mean difference by empirical likelihood with a row not seen yet (`means.skewed_mean`), which costs
    what nine in ten rows would cost at most with another label.
    """
    if model.chances is None or baseline.chances is None or len(rows.labels) < 2:
        return None
    apart = _losses(baseline, loss) - _losses(model, loss)
    everyone = np.arange(len(apart))
    found = apart[everyone, rows.labels]
    others = apart.copy()
    others[everyone, rows.labels] = np.nan
    low = float(np.quantile(np.nanmin(others, axis=1), 1 - UNSEEN))
    high = float(np.quantile(np.nanmax(others, axis=1), UNSEEN))
    return skewed_mean(found, np.full(len(found), rows.share), (low, high), rows.confidence)


def _losses(said: Said, loss: str) -> Floats:
    """What each row would cost with each class as the true one: (rows, classes)."""
    assert said.chances is not None
    if loss == "log_loss":
        return log_losses(said.chances, said.eps)
    squared: Floats = (said.chances**2).sum(axis=1, keepdims=True) - 2 * said.chances + 1
    return squared / 2 if loss == "brier" else squared


def value_gain(
    labels: Floats,
    model: Floats,
    baseline: Floats,
    metric: str,
    quantile: float | None,
    share: float,
    confidence: float,
) -> Interval | None:
    """Gain in a measure of answers that are numbers: mae, mse, rmse, r2 or pinball; None where it is undefined.

    The gain is the mean of one number a row (of rmse and r2 its linear part, by the delta method); the interval is that
    of such a mean, with a row not seen yet that is as far off as any that was. Source of the delta method: A. W. van
    der Vaart, Asymptotic Statistics (1998), chapter 3.
    """
    if len(labels) < 2:
        return None
    first, second = labels - model, labels - baseline
    if metric == "mae":
        gains = np.abs(second) - np.abs(first)
    elif metric == "pinball":
        assert quantile is not None
        gains = pinball_loss(second, quantile) - pinball_loss(first, quantile)
    else:
        gains = second**2 - first**2
        if metric == "rmse":
            roots = [sqrt(float((part**2).mean())) for part in (first, second)]
            if min(roots) <= 0:
                return None
            linear = second**2 / (2 * roots[1]) - first**2 / (2 * roots[0])
            gains = linear - linear.mean() + roots[1] - roots[0]
        elif metric == "r2":
            spread = (labels - labels.mean()) ** 2
            if float(spread.mean()) <= 1e-12 * max(1.0, float(labels.mean()) ** 2):
                return None
            gain = float(gains.mean() / spread.mean())
            gains = gain + (gains - gain * spread) / spread.mean()
    return skewed_mean(gains, np.full(len(gains), share), (0.0, 0.0), confidence)
