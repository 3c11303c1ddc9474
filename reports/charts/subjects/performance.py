"""How well the model does on the whole split, by class, by slice and by period."""

from collections.abc import Iterator

from evidence.model.predicates.validation import ValidationRun
from evidence.model.predicates.values import MetricEstimate
from evidence.validation.catalogue import MEASURES, measure_of
from evidence.validation.kinds import TARGET
from reports.charts.scales import estimates_chart, mark_of
from reports.charts.shapes import IntervalChart, Mark
from reports.charts.sources import Sources
from reports.charts.subjects import classes, parts
from reports.words import charts as words


def charts(sources: Sources) -> Iterator[IntervalChart]:
    """The charts of every validation run, those of one run together."""
    for record, run in sources.of(ValidationRun):
        shares = [(name, e) for name, e in sorted(run.metrics.items()) if _is_share(name, e) and ":" not in name]
        yield from estimates_chart(
            "Measures on the whole split",
            words.whole_split(run),
            [(name.replace("_", " "), estimate) for name, estimate in shares],
            record=record,
        )
        yield from classes.by_class(record, run)
        yield from parts.by_slice(record, run)
        yield from parts.by_period(record, run)


def without_scale(sources: Sources) -> Iterator[Mark]:
    """Measures that are no shares, so that a common axis would mislead."""
    for _, run in sources.of(ValidationRun):
        for name, estimate in sorted(run.metrics.items()):
            if not _is_share(name, estimate):
                unit = f" ({MEASURES[measure_of(name)].unit})" if _of_target(name) else ""
                yield mark_of(f"{name.replace('_', ' ')}{unit}", estimate)
        for name, estimate in sorted(run.latency_ms.items()):
            yield mark_of(f"latency {name} (ms)", estimate)


def _is_share(name: str, estimate: MetricEstimate) -> bool:
    """Whether a common axis from 0 to 1 suits a measure; what is in the unit of the target may be small by chance."""
    return not _of_target(name) and estimate.ci_low >= 0 and estimate.ci_high <= 1


def _of_target(name: str) -> bool:
    row = MEASURES.get(measure_of(name))
    return row is not None and (TARGET in row.unit or (row.highest is None and "naive" in row.unit))
