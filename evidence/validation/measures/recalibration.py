"""Calibration slope and intercept: what a logistic regression of the labels on the log odds of the scores would change.

Slope below 1: the scores are too extreme; above 1: too timid. Intercept (the slope held at 1, "calibration in the
large") above 0: more positive labels than the scores say. Intervals are those of the profile likelihood, since Wald's
are too short on the side of large slopes, with Student's quantile; the log likelihood is scaled to the number of
independent cases.
Sources: D. R. Cox, Two further applications of a model for binary regression, Biometrika 45 (1958) 562-565; E. W.
Steyerberg, Clinical Prediction Models (2009), section 15.3; B. Van Calster et al., A calibration hierarchy for risk
models was defined, J. Clinical Epidemiology 74 (2016) 167-176.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from evidence.validation.measures.intervals import Floats, Interval
from evidence.validation.measures.roots import root
from evidence.validation.measures.tally import Flags

_STEPS = 100
_EXACT = 1e-10


@dataclass(frozen=True)
class Refit:
    """Slope and intercept, or why there is none."""

    slope: Interval | str
    intercept: Interval | str


def refit(labels: Flags, scores: Floats, eps: float, *, share: float = 1.0, confidence: float = 0.95) -> Refit:
    """Slope and intercept of `labels` (rows,) on the log odds of `scores` (rows,), cut to `eps` from 0 and 1."""
    if labels.all() or not labels.any():
        why = f"no {'negative' if len(labels) and labels.all() else 'positive'} label"
        return Refit(why, why)
    odds = special.logit(np.clip(scores, eps, 1 - eps))
    fit = _Fit(odds, labels.astype(np.float64), share, confidence)
    return Refit(_no_slope(odds, labels) or fit.slope(), fit.intercept())


def distance(interval: Interval, ideal: float) -> Interval:
    """How far a value lies from its ideal, with the least and the greatest distance that its interval allows."""
    low, high = abs(interval.low - ideal), abs(interval.high - ideal)
    inside = interval.low <= ideal <= interval.high
    least = 0.0 if inside else min(low, high)
    return Interval(abs(interval.value - ideal), least, max(low, high), interval.n, interval.confidence)


def _no_slope(odds: Floats, labels: Flags) -> str:
    """Why no slope is the most likely one; empty where one is."""
    if odds.min() == odds.max():
        return "all scores are one"
    if odds[~labels].max() <= odds[labels].min() or odds[labels].max() <= odds[~labels].min():
        return "the scores separate the labels: the steeper the slope, the likelier"
    return ""


class _Fit:
    """Log likelihood of a + b x; x has mean 0 inside, so that both hardly depend on each other."""

    def __init__(self, odds: Floats, labels: Floats, share: float, confidence: float) -> None:
        self._shift = float(odds.mean())
        self._x = odds - self._shift
        self._labels = labels
        self._share = share
        self._confidence = confidence
        # Student's quantile for the normal one, since groups may be small.
        cases = max(1.0, len(odds) * share - 2)
        self._drop = float(special.stdtrit(cases, (1 + confidence) / 2)) ** 2 / 2

    def _likelihood(self, a: float, b: float) -> float:
        linear = a + b * self._x
        return self._share * float(np.dot(self._labels, linear) - np.logaddexp(0, linear).sum())

    def _level(self, b: float, start: float) -> float:
        """The most likely a of a slope b: Newton's steps, halved where they go too far."""
        a = start
        for _ in range(_STEPS):
            chance = special.expit(a + b * self._x)
            gradient, curvature = float((self._labels - chance).sum()), float((chance * (1 - chance)).sum())
            step = max(-2.0, min(2.0, gradient / max(curvature, 1e-12)))
            a += step
            if abs(step) < _EXACT:
                break
        return a

    def slope(self) -> Interval:
        a, b = self._level(0.0, 0.0), 0.0
        best = self._likelihood(a, b)
        for _ in range(_STEPS):
            chance = special.expit(a + b * self._x)
            left, weight = self._labels - chance, chance * (1 - chance)
            sums = [float(part.sum()) for part in (weight, weight * self._x, weight * self._x**2)]
            hessian = np.array([[sums[0], sums[1]], [sums[1], sums[2]]])
            gradient = np.array([float(left.sum()), float(np.dot(left, self._x))])
            step = np.linalg.solve(hessian + 1e-12 * np.eye(2), gradient)
            reached = self._likelihood(a + step[0], b + step[1])
            while reached < best - 1e-9 and np.abs(step).max() > _EXACT:
                step = step / 2
                reached = self._likelihood(a + step[0], b + step[1])
            a, b, best = a + float(step[0]), b + float(step[1]), reached
            if np.abs(step).max() < _EXACT:
                break
        near = a

        def lost(slope: float) -> float:
            nonlocal near
            near = self._level(slope, near)
            return best - self._likelihood(near, slope)

        spread = 1 / np.sqrt(max(self._share * float(np.dot(weight, self._x**2)), 1e-12))
        return self._interval(b, lost, float(spread))

    def intercept(self) -> Interval:
        # With the slope at 1 the shift of x is one of the intercept.
        a = self._level(1.0, self._shift)
        best = self._likelihood(a, 1.0)
        chance = special.expit(a + self._x)
        spread = 1 / np.sqrt(max(self._share * float((chance * (1 - chance)).sum()), 1e-12))
        found = self._interval(a, lambda value: best - self._likelihood(value, 1.0), float(spread))
        low, value, high = (part - self._shift for part in (found.low, found.value, found.high))
        return Interval(value, low, high, found.n, found.confidence)

    def _interval(self, centre: float, lost: Callable[[float], float], spread: float) -> Interval:
        """Where the log likelihood is lower by what the confidence allows, on either side of its maximum."""
        ends = []
        for side in (-1, 1):
            inside, outside = centre, centre + side * 2 * spread
            for _ in range(_STEPS):
                if lost(outside) >= self._drop:
                    break
                inside, outside = outside, centre + 2 * (outside - centre)
            ends.append(root(lambda at: lost(at) - self._drop, inside, outside, within=1e-8))
        return Interval(centre, ends[0], ends[1], len(self._x) * self._share, self._confidence)
