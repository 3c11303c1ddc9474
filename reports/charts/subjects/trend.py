"""Whether the primary metric changes over the time of the test."""

from collections.abc import Iterator

from evidence.model.predicates.validation import ValidationRun
from evidence.validation.catalogue import MEASURES, measure_of
from reports.charts.curves import TrendChart
from reports.charts.scales import cut, mark_of
from reports.charts.sources import Sources
from reports.words import charts as words
from reports.words.escape import clean


def charts(sources: Sources) -> Iterator[TrendChart]:
    """The metric in each period and the line through it, of every run that tested the trend."""
    for record, run in sources.of(ValidationRun):
        gain = (run.examined or {}).get("trend")
        row = MEASURES.get(measure_of(run.primary_metric))
        if gain is None or row is None or len(run.periods) < 2:
            continue
        middles = [(item.period.start + (item.period.end - item.period.start) / 2).timestamp() for item in run.periods]
        span = middles[-1] - middles[0]
        marks, more = cut(mark_of(f"{item.period.start:%Y-%m}", item.metric) for item in run.periods)
        yield TrendChart(
            title=f"Trend of {clean(run.primary_metric.replace('_', ' '))}",
            caption=f"{words.trend(run, gain)}{more}",
            marks=marks,
            places=tuple((middle - middles[0]) / span for middle in middles[: len(marks)]),
            change=gain.value if row.better == "more" else -gain.value,
            records=(record,),
        )
