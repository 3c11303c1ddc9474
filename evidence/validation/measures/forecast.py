"""How good forecasts are beside naive ones: scaled errors, and errors as a part of what repeating the past would miss.

`mase` is the mean absolute error, each error as a multiple of its series' naive error: the mean absolute difference of
values a season apart in the history, or one step apart where that is less, so that no wrong season makes errors look
small. The history ends before the first origin, and the test never scales itself. `relative_mae` is the mean absolute
error to that of the seasonal naive forecast on the same rows, which repeats the last season known at the origin.
Source: R. J. Hyndman and A. B. Koehler, Another look at measures of forecast accuracy, International Journal of
Forecasting 22 (2006) 679-688.
"""

from functools import cached_property
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evidence.model.errors import EvidenceError
from evidence.validation.measures.copies import Keys
from evidence.validation.measures.intervals import Floats
from evidence.validation.measures.lists import Columns
from evidence.validation.measures.values import Amount

Steps = NDArray[np.int64]
LEAST_TOLD = 0.9
"""Share of the rows for which the naive forecast must be known: whoever ends the history early would choose them."""


class History:
    """Values of each series by step, and how well repeating them a season later would have done."""

    def __init__(self, season: int) -> None:
        self.season = season
        self._rows = Columns()
        self.last = 0

    def add(self, series: Keys, step: Steps, value: Floats) -> None:
        """Adds a batch: (rows,) each."""
        self._rows.add(series=series, step=step, value=value)
        self.last = max(self.last, int(step.max(initial=0)))

    def close(self, where: str) -> None:
        """Raises EvidenceError for a moment of a series that stands twice."""
        rows = self._rows.take()
        if not rows:
            raise EvidenceError("the history has no rows", where=where)
        _, counts = np.unique(np.stack([rows["series"], rows["step"].astype(np.uint64)]), axis=1, return_counts=True)
        if (counts > 1).any():
            raise EvidenceError("a moment of a series stands twice in the history", where=where)

    @property
    def rows(self) -> tuple[Keys, Steps, Floats]:
        """Series, step and value of each row."""
        rows = self._rows.take()
        return rows["series"], rows["step"], rows["value"]

    @cached_property
    def _scales(self) -> tuple[Keys, Floats]:
        """The series, by rising key, and the naive error of each: NaN where no two values are a season apart."""
        series, step, value = self.rows
        known = np.unique(series)
        found = np.full(len(known), np.nan)
        for lag in dict.fromkeys((self.season, 1)):
            before = Lookup(series, step, value).values(series, step - lag)
            apart = np.abs(value - before)
            told = ~np.isnan(apart)
            place = np.searchsorted(known, series[told])
            sizes = np.bincount(place, minlength=len(known))
            with np.errstate(divide="ignore", invalid="ignore"):
                error = np.where(sizes, np.bincount(place, weights=apart[told], minlength=len(known)) / sizes, np.nan)
            found = error if lag == self.season else np.where(np.isnan(found), found, np.fmin(found, error))
        return known, found

    def scales(self, series: Keys, where: str) -> Floats:
        """Naive error of each row's series; 0 where all its past is one value.

        Raises EvidenceError for a series without a history of more than a season.
        """
        known, scales = self._scales
        place = np.minimum(np.searchsorted(known, series), len(known) - 1)
        found = np.where(known[place] == series, scales[place], np.nan)
        if np.isnan(found).any():
            raise EvidenceError(
                f"a series of the test has no history of more than {self.season} steps",
                where=where,
                hint="`data.forecast.history` holds every series that is tested, over more than one season",
            )
        return found


class Lookup:
    """Values by series and step."""

    def __init__(self, series: Keys, step: Steps, value: Floats) -> None:
        order = np.lexsort((step, series))
        self._series, self._step, self._value = series[order], step[order], value[order]
        self._known = np.unique(self._series)
        self._first = np.searchsorted(self._series, self._known)
        self._span = int(self._step.max(initial=0)) + 2
        self._place = self._code(self._series) * self._span + self._step

    def _code(self, series: Keys) -> Steps:
        return np.minimum(np.searchsorted(self._known, series), max(0, len(self._known) - 1)).astype(np.int64)

    def values(self, series: Keys, step: Steps) -> Floats:
        """The value of each series at each step; NaN where it is not known."""
        code, inside = self._code(series), (step >= 0) & (step < self._span)
        wanted = code * self._span + np.where(inside, step, 0)
        place = np.minimum(np.searchsorted(self._place, wanted), len(self._place) - 1)
        right = inside & (self._known[code] == series) & (self._place[place] == wanted)
        found: Floats = np.where(right, self._value[place], np.nan)
        return found


class Forecasts:
    """Accumulates forecasts with what came true. Memory: some 50 bytes a row."""

    def __init__(self, history: History, where: str) -> None:
        self._history = history
        self._where = where
        self._rows = Columns()
        self.first_origin = np.iinfo(np.int64).max

    def add(self, series: Keys, origin: Steps, target: Steps, label: Floats, answer: Floats, case: Keys) -> None:
        """Adds a batch: (rows,) each; an answer of NaN is an abstention."""
        self._rows.add(series=series, origin=origin, target=target, label=label, answer=answer, case=case)
        self.first_origin = min(self.first_origin, int(origin.min(initial=self.first_origin)))

    def _actual(self) -> Lookup:
        """What came true, of history and test. Raises EvidenceError where two rows tell it otherwise."""
        rows = self._rows.take()
        order = np.lexsort((rows["target"], rows["series"]))
        series, step, value = (rows[name][order] for name in ("series", "target", "label"))
        same = (series[1:] == series[:-1]) & (step[1:] == step[:-1])
        if (same & (value[1:] != value[:-1])).any():
            raise EvidenceError(
                "two rows of the test tell two values of one series at one time",
                where=self._where,
                hint="the label is what came true, whatever it was forecast from",
            )
        first = np.append(True, ~same)
        past = self._history.rows
        return Lookup(
            *(np.concatenate(pair) for pair in zip(past, (series[first], step[first], value[first]), strict=True))
        )

    def relative(self, confidence: float, most: float) -> Amount | None:
        """Mean absolute error to that of the seasonal naive forecast; `most` is the number of independent cases.

        Delta method on the logarithm of the quotient of two means, over the cases. None where the naive forecast is
        known for fewer than nine in ten rows, or never errs, or below two cases.
        """
        rows, actual = self._rows.take(), self._actual()
        season, told = self._history.season, np.isfinite(rows["answer"])
        ahead = rows["target"] - rows["origin"]
        repeated = rows["origin"] + ahead - season * -(-ahead // season)  # the latest at or before the origin
        error = np.abs(rows["label"] - rows["answer"])
        naive = np.abs(rows["label"] - actual.values(rows["series"], repeated))
        both = told & ~np.isnan(naive)
        cases, place = np.unique(rows["case"][both], return_inverse=True)
        if len(cases) < 2 or both.sum() < LEAST_TOLD * told.sum() or not naive[both].any():
            return None
        mine, other = (np.bincount(place.reshape(-1), weights=part[both]) for part in (error, naive))
        value = float(mine.sum() / other.sum())
        count = len(cases)
        n = min(float(count), most)
        if value == 0 or n < 2:
            return Amount(value, value, value, n, confidence) if n >= 2 else None
        moves = mine / mine.sum() - other / other.sum()
        # Cases of different size stand for fewer of one size.
        spread = sqrt(count / (count - 1) * float((moves**2).sum()) * count / n)
        reach = exp(min(float(special.stdtrit(n - 1, (1 + confidence) / 2)) * spread, 700.0))
        return Amount(value, value / reach, value * reach, n, confidence)
