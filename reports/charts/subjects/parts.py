"""The primary metric in parts of the data: slices and periods."""

from collections.abc import Iterator

from evidence.model.predicates.validation import ValidationRun
from reports.charts.scales import estimates_chart
from reports.charts.shapes import IntervalChart
from reports.words import charts as words
from reports.words.escape import clean
from reports.words.wording import format_day


def by_slice(record: str, run: ValidationRun) -> Iterator[IntervalChart]:
    """The primary metric in each slice."""
    rows = [(f"{item.dimension} {item.value}", item.metric) for item in run.slices or ()]
    yield from estimates_chart(_title(run, "slice"), words.SLICES, rows, record=record)


def by_period(record: str, run: ValidationRun) -> Iterator[IntervalChart]:
    """The primary metric in each period."""
    rows = [
        (f"{format_day(item.period.start)} to {format_day(item.period.end)}", item.metric) for item in run.periods or ()
    ]
    yield from estimates_chart(_title(run, "period"), words.PERIODS, rows, record=record)


def _title(run: ValidationRun, part: str) -> str:
    return f"{clean(run.primary_metric.replace('_', ' '))} by {part}".capitalize()
