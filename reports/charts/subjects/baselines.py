"""What a model gains over guessing and over the model that runs today."""

from collections.abc import Iterator

from evidence.model.predicates.validation import ValidationRun
from evidence.model.predicates.values import MetricEstimate
from evidence.validation.catalogue import MEASURES
from evidence.validation.kinds import VALUE
from reports.charts.scales import estimates_chart
from reports.charts.shapes import IntervalChart
from reports.charts.sources import Sources
from reports.words import charts as words

BASELINES = {"trivial": "guessing", "incumbent": "what runs today"}
"""Baselines by their names in a run, in the order in which they are drawn."""


def charts(sources: Sources) -> Iterator[IntervalChart]:
    """The gains of every run over each baseline, those of one unit on one scale."""
    for record, run in sources.of(ValidationRun):
        for name, told in BASELINES.items():
            for unit, rows in _by_unit(run, name).items():
                yield from estimates_chart(
                    f"Better than {told}" + ("" if unit == "share" else f" ({unit})"),
                    words.gain(name, run),
                    rows,
                    record=record,
                    limit=0.0,
                    limit_text="no gain",
                )


def _by_unit(run: ValidationRun, baseline: str) -> dict[str, list[tuple[str, MetricEstimate]]]:
    """Metric and gain over a baseline; what is in a unit of the target stands by itself."""
    start = f"gain:{baseline}:"
    found: dict[str, list[tuple[str, MetricEstimate]]] = {}
    for test, estimate in sorted((run.examined or {}).items()):
        if test.startswith(start) and (row := MEASURES.get(metric := test.removeprefix(start))):
            of_target = row.kinds <= VALUE
            label = metric.replace("_", " ") + ("" if of_target or row.unit == "share" else f" ({row.unit})")
            found.setdefault(row.unit if of_target else "share", []).append((label, estimate))
    return found
