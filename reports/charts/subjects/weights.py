"""What a run tells where rows count by a weight, and which groups that makes count for more than their rows."""

from collections.abc import Iterator

from evidence.model.predicates.validation import ValidationRun
from evidence.model.predicates.values import MetricEstimate, Weighting
from evidence.validation.catalogue import MEASURES, measure_of
from reports.charts.scales import estimates_chart
from reports.charts.shapes import IntervalChart
from reports.charts.sources import Sources
from reports.words import charts as words
from reports.words.escape import clean


def charts(sources: Sources) -> Iterator[IntervalChart]:
    """The weighted shares of every run that has weights."""
    for record, run in sources.of(ValidationRun):
        if run.weighting:
            yield from estimates_chart(
                f"Measures with the weights in {clean(run.weighting.column)}",
                words.weights(run.weighting),
                [(name.replace("_", " "), estimate) for name, estimate in _shares(run.weighting)],
                record=record,
            )


def _shares(weighting: Weighting) -> list[tuple[str, MetricEstimate]]:
    return [
        (name, estimate)
        for name, estimate in sorted(weighting.metrics.items())
        if ":" not in name and (row := MEASURES.get(measure_of(name))) and row.unit == "share"
    ]
