"""What a model that may stay silent would gain: the share of wrong answers among those it is surest of.

The risk-coverage curve says, for each share of the rows answered, which share of these answers is wrong; the area under
it is the mean risk over all coverages. A score that says nothing of being wrong has the error rate as its area.
Sources: R. El-Yaniv and Y. Wiener, On the foundations of noise-free selective classification, JMLR 11 (2010) 1605-1641;
Y. Geifman and R. El-Yaniv, Selective classification for deep neural networks (NeurIPS 2017).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Floats, Interval, wilson
from evidence.validation.measures.tally import Flags

DRAWS = 500
_CHUNK_CELLS = 1 << 20
COVERAGES = tuple(step / 20 for step in range(1, 21))
"""Shares of the rows at which the curve is told."""


@dataclass(frozen=True)
class Selective:
    """The area under the risk-coverage curve, and the risk at each coverage of the curve that has rows."""

    area: Interval
    curve: tuple[tuple[float, Interval], ...]


def risk_coverage(
    sure: Floats, wrong: Flags, *, share: float = 1.0, confidence: float = 0.95, seed: int = 0
) -> Selective | None:
    """Area and curve from how `sure` each answer is (rows,) and whether it is `wrong` (rows,); None without rows.

    Rows that are equally sure are answered together, in no order. The interval of the area is that of a Bayesian
    bootstrap (Rubin 1981) with one row more that nobody has seen, which may be as sure as any: for the upper end it is
    wrong, for the lower one right.
    """
    if len(sure) == 0:
        return None
    _, place = np.unique(-sure, return_inverse=True)
    rows = np.bincount(place).astype(np.float64)
    errors: Floats = np.bincount(place, weights=wrong).astype(np.float64)
    value = float(_area(rows[None, :], errors[None, :])[0])
    rng = np.random.default_rng(seed)
    ends: list[tuple[Floats, Floats]] = []
    step = max(1, _CHUNK_CELLS // len(rows))
    for start in range(0, DRAWS, step):
        count = min(step, DRAWS - start)
        bad, good = (_drawn(rng, part * share, count) for part in (errors, rows - errors))
        mass = bad + good
        extra = mass * (rng.standard_exponential((count, 1)) / mass.sum(axis=1, keepdims=True))
        ends.append((_area(mass + extra, bad), _area(mass + extra, bad + extra)))
    tail = (1 - confidence) / 2
    low = float(np.quantile(np.concatenate([part[0] for part in ends]), tail))
    high = float(np.quantile(np.concatenate([part[1] for part in ends]), 1 - tail))
    n = len(sure) * share
    area = Interval(value, max(0.0, min(value, low)), min(1.0, max(value, high)), n, confidence)
    return Selective(area, _curve(rows, errors, share, confidence))


def _drawn(rng: np.random.Generator, counts: Floats, draws: int) -> Floats:
    """Gamma weights of the cells that have rows; the others weigh nothing."""
    found = np.zeros((draws, len(counts)))
    some = np.flatnonzero(counts)
    if len(some):
        found[:, some] = rng.standard_gamma(counts[some], (draws, len(some)))
    return found


def _area(rows: Floats, errors: Floats) -> Floats:
    """Mean risk over the coverages, of each line of weights (draws, cells); the surest cell comes first."""
    upto = np.cumsum(rows, axis=1)
    before = upto - rows
    wrong_before = np.cumsum(errors, axis=1) - errors
    with np.errstate(divide="ignore", invalid="ignore"):
        risk = np.where(rows > 0, errors / rows, 0.0)
        growth = np.where(before > 0, np.log(upto / before), 0.0)
    # The risk inside a cell is (wrong before + its own share) / rows so far, whose integral has a closed form.
    parts = errors + (wrong_before - risk * before) * growth
    area: Floats = np.where(rows > 0, parts, 0.0).sum(axis=1) / upto[:, -1]
    return area


def _curve(rows: Floats, errors: Floats, share: float, confidence: float) -> tuple[tuple[float, Interval], ...]:
    upto, wrong = np.cumsum(rows), np.cumsum(errors)
    found: list[tuple[float, Interval]] = []
    places: NDArray[np.int64] = np.searchsorted(upto, np.array(COVERAGES) * upto[-1] - 1e-9)
    for place in np.unique(np.minimum(places, len(rows) - 1)).tolist():
        risk = wilson(wrong[place] * share, upto[place] * share, confidence)
        if risk is not None:
            found.append((float(upto[place] / upto[-1]), risk))
    return tuple(found)
