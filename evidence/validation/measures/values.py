"""How well a model that answers with a number does: over all rows, by slice and by period.

Recorded: `mae`, `rmse`, `mse`, `r2`; `pinball` where the answer is a declared quantile; `interval_coverage`,
`interval_width`, `pinball:low` and `pinball:high` where the model gives an interval too. Definitions are
scikit-learn's. All but the coverage are in the unit of the target, of whatever size, and recorded to nine digits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, floor, isfinite, log10, sqrt
from types import MappingProxyType

import numpy as np
from scipy import special

from evidence.model.errors import EvidenceError
from evidence.model.numbers import outward
from evidence.model.predicates.values import MetricEstimate
from evidence.validation.measures.copies import Shares
from evidence.validation.measures.intervals import DECIMALS, Floats, Interval, wilson
from evidence.validation.measures.performance import Performance
from evidence.validation.measures.sums import Sums
from evidence.validation.measures.tally import Codes

DIGITS = 9
"""Digits of a recorded amount: below them different machines may differ."""
LEAST_SCALED = 0.9
"""Share of the forecasts whose series must have a naive error for errors to be told as multiples of it."""
LARGEST = 9_000_000_000.0
"""Least value of R², which has none: no control counts further."""


@dataclass(frozen=True)
class Amount(Interval):
    """A value in a unit of its own, and its interval: it is recorded by its digits, not by its decimals."""

    def recorded(self, excluded: int = 0) -> MetricEstimate:
        """The predicate form, rounded to nine digits, the ends outward."""
        return MetricEstimate(
            value=in_digits(self.value),
            n=max(1, int(self.n + 1e-6)),
            ci_low=in_digits(self.low, up=False),
            ci_high=in_digits(self.high, up=True),
            confidence=round(self.confidence, DECIMALS),
            excluded=excluded,
            method=self.method,
        )


def in_digits(value: float, *, up: bool | None = None) -> float:
    """A number with nine digits: the nearest, or for a bound the next one away from what it bounds."""
    if up is None or value == 0 or not isfinite(value):
        return float(f"{value:.{DIGITS}g}") + 0.0  # no minus zero
    decimals = DIGITS - 1 - floor(log10(abs(value)))
    return float(f"{outward(value, decimals, up=up):.{DIGITS}g}") + 0.0


@dataclass(frozen=True)
class Level:
    """What the outputs are declared to be: the quantile of the answer, and the level of the interval around it."""

    quantile: float | None = None
    interval: float | None = None


class ValuePerformance(Performance):
    """Accumulates rows that have a true value and an answer, as `Performance` does those of two classes.

    The tally underneath counts rows alone, in groups and left out.
    """

    def __init__(self, level: Level, dimensions: Sequence[str] = ()) -> None:
        super().__init__(dimensions)
        self._level = level
        self._shift: float | None = None
        self._all = Sums(len(_COLUMNS))
        self._parts = {name: Sums(len(_COLUMNS)) for name in dimensions}

    def count(
        self,
        labels: Floats,
        answers: Floats,
        ends: tuple[Floats, Floats] | None,
        codes: Mapping[str, Codes],
        naive: Floats | None = None,
    ) -> None:
        """Counts a batch: `labels`, `answers` (rows,), `ends` of the interval (rows,) each; `codes` as in `update`.

        `naive` (rows,) is the naive error of each row's series, 0 where its past is one value.

        Raises EvidenceError for an interval that ends before it begins.
        """
        everyone = np.ones(len(labels), dtype=np.bool_)
        self.update(everyone, everyone, None, codes)
        if self._shift is None and len(labels):  # sums about a value, so that a large mean hides no spread
            self._shift = float(labels[0])
        table = self._table(labels, answers, ends, naive)
        self._all.add(np.zeros(len(labels), dtype=np.int64), table)
        for name, sums in self._parts.items():
            known = codes[name] >= 0
            sums.add(codes[name][known], table[known])

    def _table(
        self, labels: Floats, answers: Floats, ends: tuple[Floats, Floats] | None, naive: Floats | None
    ) -> Floats:
        error, moved = labels - answers, labels - (self._shift or 0.0)
        columns = {
            "absolute": np.abs(error),
            **{f"error{power}": error**power for power in (2, 4)},
            **{f"moved{power}": moved**power for power in (1, 2, 3, 4)},
            **{f"error2moved{power}": error**2 * moved**power for power in (1, 2)},
        }
        if naive is not None:
            varies = naive > 0
            columns["scaled"] = np.where(varies, np.abs(error) / np.where(varies, naive, 1.0), 0.0)
            columns["scaled2"] = columns["scaled"] ** 2
            columns["scales"] = varies.astype(np.float64)
        if self._level.quantile is not None:
            columns["pinball"] = pinball_loss(error, self._level.quantile)
        if ends is not None and self._level.interval is not None:
            low, high = ends
            if not (low <= high).all():
                raise EvidenceError("the model gave an interval that ends before it begins, or is not a number")
            columns["held"] = ((low <= labels) & (labels <= high)).astype(np.float64)
            columns["width"] = high - low
            columns["pinball:low"] = pinball_loss(labels - low, (1 - self._level.interval) / 2)
            columns["pinball:high"] = pinball_loss(labels - high, (1 + self._level.interval) / 2)
        for name in ("pinball", "width", "pinball:low", "pinball:high"):
            if name in columns:
                columns[f"{name}2"] = columns[name] ** 2
        nothing = np.zeros(len(labels))
        return np.column_stack([columns.get(name, nothing) for name in _COLUMNS])

    def overall(self, confidence: float = 0.95, share: float = 1.0) -> dict[str, Interval]:
        """Every metric that is defined over all rows."""
        return self._amounts(self._all.of(0), self.n, confidence, share)

    @property
    def unscaled(self) -> int:
        """Forecasts of series whose whole past is one value: they have no naive error, and mase leaves them out."""
        return self.n - round(float(self._all.of(0)[_COLUMNS.index("scales")]))

    def by_group(
        self,
        dimension: str,
        confidence: float = 0.95,
        shares: Shares = MappingProxyType({}),
        metrics: Sequence[str] = (),  # noqa: ARG002  (all come of the same sums)
    ) -> dict[str, dict[str, Interval]]:
        """Every defined metric of each group of a dimension, by the group's value."""
        names, sums = self.groups[dimension].names, self._parts[dimension]
        return {
            value: self._amounts(sums.of(names.index(value)), rows, confidence, shares.get((value,), 1.0))
            for value, rows in self.rows(dimension).items()
        }

    def _amounts(self, sums: Floats, rows: int, confidence: float, share: float) -> dict[str, Interval]:
        total = dict(zip(_COLUMNS, (sums * share).tolist(), strict=True))
        n = rows * share
        found: dict[str, Interval | None] = {
            "mae": positive_mean(total["absolute"], total["error2"], n, confidence),
            "mse": positive_mean(total["error2"], total["error4"], n, confidence),
            "r2": _r2(total, n, confidence),
        }
        if mse := found["mse"]:
            found["rmse"] = Amount(sqrt(mse.value), sqrt(mse.low), sqrt(mse.high), n, confidence)
        if total["scales"] > 0 and total["scales"] >= LEAST_SCALED * n:
            found["mase"] = positive_mean(total["scaled"], total["scaled2"], total["scales"], confidence)
        if self._level.quantile is not None:
            found["pinball"] = positive_mean(total["pinball"], total["pinball2"], n, confidence)
        if self._level.interval is not None:
            found["interval_coverage"] = wilson(total["held"], n, confidence)
            found["interval_width"] = positive_mean(total["width"], total["width2"], n, confidence)
            for end in ("pinball:low", "pinball:high"):
                found[end] = positive_mean(total[end], total[f"{end}2"], n, confidence)
        return {name: value for name, value in found.items() if value is not None}

    def _why_undefined(self, dimension: str, value: str) -> str:
        if not self.rows(dimension).get(value):
            return "every row was left out"
        return "too few rows, or all of one true value"


_COLUMNS = (
    *("absolute", "error2", "error4", "moved1", "moved2", "moved3", "moved4", "error2moved1", "error2moved2"),
    *("scaled", "scaled2", "scales"),
    *("pinball", "pinball2", "held", "width", "width2", "pinball:low", "pinball:low2", "pinball:high", "pinball:high2"),
)
"""What is summed: absolute errors, powers of errors and of labels about a value of theirs, and what intervals need."""


def pinball_loss(error: Floats, quantile: float) -> Floats:
    """Quantile loss of each error (rows,), true value less answer."""
    loss: Floats = np.maximum(quantile * error, (quantile - 1) * error)
    return loss


def positive_mean(total: float, squares: float, n: float, confidence: float = 0.95) -> Amount | None:
    """Interval of the mean of numbers from 0 up, from their sum and the sum of their squares; None below two.

    On the logarithm, by the delta method with Student's t: losses have a long upper tail, which an interval that is as
    long on both sides does not reach. Not to be trusted where a few rows make up the mean.
    Source: A. W. van der Vaart, Asymptotic Statistics (1998), chapter 3.
    """
    if n < 2:
        return None
    mean = total / n
    if mean <= 0:
        return Amount(0.0, 0.0, 0.0, n, confidence)
    spread = sqrt(max(0.0, squares / n - mean**2) / (n - 1)) / mean
    reach = exp(min(float(special.stdtrit(n - 1, (1 + confidence) / 2)) * spread, 700.0))
    return Amount(mean, mean / reach, mean * reach, n, confidence)


def _r2(total: Mapping[str, float], n: float, confidence: float) -> Amount | None:
    """R² = 1 - SSE / SST from sums; None below two rows, and where all true values are one.

    Its interval is that of the quotient of two means, on the logarithm, by the delta method.
    """
    if n < 2:
        return None
    d1, d2, d3, d4 = (total[f"moved{power}"] / n for power in (1, 2, 3, 4))
    variance = d2 - d1**2
    if variance <= 1e-12 * max(d2, d1**2):
        return None
    error = total["error2"] / n
    if error <= 0:
        return Amount(1.0, 1.0, 1.0, n, confidence)
    of_error = total["error4"] / n - error**2
    fourth = d4 - 4 * d1 * d3 + 6 * d1**2 * d2 - 3 * d1**4
    of_variance = fourth - variance**2
    crossed = (total["error2moved2"] - 2 * d1 * total["error2moved1"]) / n + d1**2 * error - error * variance
    spread = of_error / error**2 + of_variance / variance**2 - 2 * crossed / (error * variance)
    reach = float(special.stdtrit(n - 1, (1 + confidence) / 2)) * sqrt(max(0.0, spread) / (n - 1))
    rest, factor = error / variance, exp(min(reach, 700.0))
    value, low, high = 1 - rest, 1 - rest * factor, 1 - rest / factor
    return Amount(max(-LARGEST, value), max(-LARGEST, low), max(-LARGEST, high), n, confidence)
