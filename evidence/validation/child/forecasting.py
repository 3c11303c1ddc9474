"""What makes rows forecasts: of which series, from which origin, for when. Sandboxed child only.

Each row is one forecast. Its origin is the last moment of which anything was known, its target the moment that it is
about; both are days of the data, counted in the plan's steps, so that how far ahead a forecast looks is no column that
somebody fills in. Whatever was learnt from ends at the first origin or before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.validation.child.data import Batch, Coded, Kind, Source, read_batches
from evidence.validation.child.identity import word_keys
from evidence.validation.measures.copies import Keys
from evidence.validation.measures.forecast import Forecasts, History
from evidence.validation.measures.intervals import Floats
from evidence.validation.plan.files import Forecast, TestData

SERIES, ORIGIN, TARGET = "(series)", "(origin)", "(target)"
"""Names under which the three stand beside a row's groups."""
HORIZON = "horizon"
"""Name of the dimension that says how many steps ahead a row looks."""

Steps = NDArray[np.int64]


def forecast_kinds(forecast: Forecast) -> dict[str, Kind]:
    """The columns that are read of a row beside features and label."""
    return {forecast.series: "text", forecast.origin: "day", forecast.target: "day"}


def placed(batch: Batch, forecast: Forecast, where: str, start: int) -> tuple[dict[str, Coded], NDArray[np.bool_]]:
    """Series, origin, target and horizon of each row, and which rows have all of them.

    Raises EvidenceError for a forecast that begins at or after what it is about, or looks further than was declared.
    """
    found = {
        SERIES: batch.words[forecast.series],
        ORIGIN: batch.words[forecast.origin],
        TARGET: batch.words[forecast.target],
    }
    known = np.logical_and.reduce([coded.codes >= 0 for coded in found.values()])
    origin, target = (steps_of(found[name], forecast, where) for name in (ORIGIN, TARGET))
    ahead = np.where(known, target - origin, 1)
    if (ahead < 1).any():
        row = start + int(np.flatnonzero(ahead < 1)[0]) + 1
        raise EvidenceError(
            f"the forecast of data row {row} is made no {forecast.step} before what it is about",
            where=where,
            hint=f"`{forecast.origin}` is the last day of which anything is known, and lies before `{forecast.target}`",
        )
    if (ahead > forecast.horizon).any():
        row = start + int(np.flatnonzero(ahead > forecast.horizon)[0]) + 1
        raise EvidenceError(
            f"the forecast of data row {row} looks further than {forecast.horizon} steps ahead",
            where=where,
            hint="`data.forecast.horizon` is how many steps the furthest forecast looks ahead",
        )
    width = len(str(forecast.horizon))
    words = [f"{step:0{width}d}" for step in range(1, forecast.horizon + 1)]
    found[HORIZON] = Coded(np.where(known, ahead - 1, -1).astype(np.int32), words)
    return found, known


def steps_of(days: Coded, forecast: Forecast, where: str) -> Steps:
    """Number of each row's step, counted from the year 1; 0 where there is none. Raises EvidenceError for no day."""
    counted = [_step(word, forecast, where) for word in days.words]
    return np.asarray([*counted, 0], dtype=np.int64)[days.codes]


def _step(word: str, forecast: Forecast, where: str) -> int:
    try:
        day = date.fromisoformat(word)
    except ValueError:
        raise EvidenceError(
            f"`{word[:40]}` is no ISO 8601 day", where=where, hint="write days such as 2026-01-31"
        ) from None
    if forecast.step in ("day", "week"):
        count, size = day.toordinal(), 7 if forecast.step == "week" else 1
        return count // size
    months = {"month": 1, "quarter": 3, "year": 12}[forecast.step]
    return (day.year * 12 + day.month - 1) // months


def read_history(source: Source, data: TestData, forecast: Forecast) -> History:
    """The series before the first origin. Raises EvidenceError for a gap, and for a moment that stands twice."""
    kinds: dict[str, Kind] = {forecast.series: "text", forecast.target: "day", data.labels[0]: "number"}
    history = History(forecast.season)
    for batch in read_batches(source, kinds):
        series, values = batch.words[forecast.series], batch.numbers[data.labels[0]]
        steps = steps_of(batch.words[forecast.target], forecast, source.where)
        if (series.codes < 0).any() or (batch.words[forecast.target].codes < 0).any() or not np.isfinite(values).all():
            raise EvidenceError("a row of the history has a gap", where=source.where, hint="leave the row out")
        history.add(series_keys(series), steps, values)
    history.close(source.where)
    return history


def series_keys(series: Coded) -> Keys:
    """A key of each row's series."""
    return np.append(word_keys(series.words), np.uint64(0))[series.codes]


@dataclass
class Backtest:
    """Forecasts as they stream by, beside the history that they are compared with."""

    forecast: Forecast
    history: History
    where: str

    def __post_init__(self) -> None:
        self.forecasts = Forecasts(self.history, self.where)

    def take(self, groups: Mapping[str, Coded], labels: Floats, answers: Floats) -> tuple[Keys, Floats]:
        """Notes a batch. The result is the case of each row, and the naive error of its series."""
        series = series_keys(groups[SERIES])
        origin, target = (steps_of(groups[name], self.forecast, self.where) for name in (ORIGIN, TARGET))
        # Forecasts of one stretch of time look at the same moments: as long a stretch as a forecast looks ahead.
        block = (origin // self.forecast.horizon).astype(np.uint64)
        case = series if self.forecast.cases == "series" else block
        self.forecasts.add(series, origin, target, labels, answers, case)
        return case, self.history.scales(series, self.where)

    def check(self) -> None:
        """Raises EvidenceError where something was learnt from, or the history goes on, after the first origin."""
        if self.history.last > self.forecasts.first_origin:
            raise EvidenceError(
                "the history goes on after the first origin of the test: what was to be forecast is in it",
                where=self.forecast.history.path,
                hint="end the history at the first origin; what follows is known from the test data themselves",
            )

    def check_training(self, groups: Mapping[str, Coded], where: str) -> None:
        """Raises EvidenceError for training rows that are about a time after the first origin of the test."""
        targets = steps_of(groups[TARGET], self.forecast, where)
        late = targets > self.forecasts.first_origin
        if late.any():
            raise EvidenceError(
                f"{int(late.sum())} training rows or more are about a time after the first origin of the test",
                where=where,
                hint="train on what was known at the first origin, or test on later origins",
            )
