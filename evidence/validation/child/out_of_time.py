"""Whether the model was tested on a later time than it learnt from, and changes over it. Sandboxed child only."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from evidence.model.errors import EvidenceError
from evidence.model.predicates.values import Period
from evidence.validation.catalogue import MEASURES
from evidence.validation.child.data import column_names
from evidence.validation.child.rows import Layout, Open, Periods, read_rows
from evidence.validation.kinds import VALUE
from evidence.validation.measured import Examined
from evidence.validation.measures.intervals import Interval
from evidence.validation.measures.trend import LEAST, trend
from evidence.validation.measures.values import Amount
from evidence.validation.plan.model import Plan

if TYPE_CHECKING:
    from evidence.validation.child.battery import Bench

TREND = "trend"


def training_time(plan: Plan, tested: Periods, open_table: Open) -> Examined:
    """The time of the training data, which must end before the test data begin.

    The days of the training rows are read where the table has the column that the test data have; what the plan
    declares must then hold them. Raises EvidenceError where a row has no day, training and test overlap, or nothing
    says when the training data are of.
    """
    assert plan.out_of_time is not None
    _check_known(tested, plan.data.path)
    declared = plan.out_of_time.training_window
    read = _read(plan, tested, open_table)
    if read is None and declared is None:
        raise EvidenceError(
            f"nothing says when the training data are of: they have no column `{tested.column.column}`",
            where=plan.training.path if plan.training else plan.data.path,
            hint="add the column, or declare `out_of_time.training_window`",
        )
    if read is not None and declared is not None and not (declared.start <= read.start and read.end <= declared.end):
        raise EvidenceError(
            f"the training data are of {_told(read)}, the plan declares {_told(declared)}",
            where=plan.training.path if plan.training else None,
            hint="declare the whole time in `out_of_time.training_window`",
        )
    learnt = read or declared
    assert learnt is not None
    first = _instant(tested.days[0])
    if first < learnt.end:
        raise EvidenceError(
            f"the model is not tested out of time: the training data are of {_told(learnt)}, the test data begin on "
            f"{tested.days[0]}",
            where=plan.data.path,
            hint="test on rows that are later than all that it learnt from",
        )
    return Examined(training_window=learnt, training_window_read=read is not None)


def _read(plan: Plan, tested: Periods, open_table: Open) -> Period | None:
    """From the first to after the last day of the training rows, where their table says when they happened."""
    column = tested.column
    if plan.training is None or column.column not in column_names(open_table("training", plan.training)):
        return None
    learnt = Periods(column, plan.training.path)
    for _ in read_rows(open_table("training", plan.training), plan, Layout(False, None, (), learnt), np.float64):
        pass
    _check_known(learnt, plan.training.path)
    return Period(start=_instant(learnt.days[0]), end=_instant(learnt.days[-1]) + timedelta(days=1))


def _check_known(periods: Periods, where: str) -> None:
    if periods.unknown or not periods.days:
        raise EvidenceError(
            f"{periods.unknown} rows have no day in the column `{periods.column.column}`, so that nobody knows whether "
            "the test is out of time",
            where=where,
            hint="fill in the days, or leave `out_of_time` out",
        )


def _instant(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=UTC)


def _told(period: Period) -> str:
    return f"{period.start:%Y-%m-%d} to before {period.end:%Y-%m-%d}"


def changed(bench: "Bench") -> Examined:
    """The change of the primary metric over the periods of the test, positive where it gets better."""
    metric, confidence = bench.plan.plan.primary_metric, bench.plan.confidence
    parts = [(item.period, item.metric) for item in bench.periods]
    if len(parts) < LEAST:
        return Examined(gaps={TREND: f"`{metric}` is told of {len(parts)} periods, fewer than {LEAST}"})
    middles = [(period.start + (period.end - period.start) / 2).timestamp() for period, _ in parts]
    told = [Interval(item.value, item.ci_low, item.ci_high, item.n, item.confidence) for _, item in parts]
    found = trend(middles, told, confidence)
    if found is None:
        return Examined(gaps={TREND: f"`{metric}` has no interval in one of the periods"})
    if MEASURES[metric].better == "less":
        found = Interval(-found.value, -found.high, -found.low, found.n, confidence)
    kind = Amount if MEASURES[metric].kinds <= VALUE else Interval
    return Examined(numbers={TREND: kind(found.value, found.low, found.high, found.n, confidence).recorded()})
