"""What the tables of a run lack, hold beyond the declared, repeat and contradict; and what the model gives away."""

from collections.abc import Iterator

from evidence.model.predicates.data import DataQualityReport
from evidence.model.predicates.validation import ValidationRun
from evidence.model.predicates.values import ColumnQuality, MetricEstimate
from reports.charts.scales import limit_words, mark_of, worst
from reports.charts.shapes import IntervalChart
from reports.charts.sources import Sources
from reports.words import charts as words


def charts(sources: Sources) -> Iterator[IntervalChart]:
    """One chart a table that was checked, then what gives away which rows the model learnt from."""
    for record, report in sources.of(DataQualityReport):
        if report.split is None:
            continue
        rates = {
            "rows with a gap": report.missing_rate,
            "rows that repeat another": report.duplicate_rate,
            "labels that look wrong": report.label_error_rate,
        }
        marks = [mark_of(name, estimate) for name, estimate in rates.items() if estimate]
        found = [mark_of(name, estimate) for name, estimate in _by_column(report) if estimate.value > 0]
        kept, more = worst(found, None)
        yield IntervalChart(
            title=f"Data quality: {report.split} data",
            caption=f"{words.data_quality(report)}{more}",
            style="bars",
            marks=(*marks, *kept),
            limit=None,
            limit_text="",
            records=(record,),
        )
    limit = sources.limit("max_membership_advantage")
    for record, run in sources.of(ValidationRun):
        told = run.examined or {}
        # The limit is meant for the advantage alone.
        marks = [
            mark_of(label, told[name]).model_copy(update={"judged": name == "membership_advantage"})
            for name, label in words.MEMBERSHIP_NAMES.items()
            if name in told
        ]
        if marks:
            yield IntervalChart(
                title="What the model gives away of its training rows",
                caption=words.MEMBERSHIP,
                style="points",
                marks=tuple(marks),
                limit=limit,
                limit_text=limit_words("advantage at most", limit, 2),
                at_most=True,
                records=(record,),
            )


def _by_column(report: DataQualityReport) -> Iterator[tuple[str, MetricEstimate]]:
    for name, column in sorted((report.columns or {}).items()):
        for what, estimate in _shares(column):
            if estimate:
                yield f"{name}: {what}", estimate


def _shares(column: ColumnQuality) -> tuple[tuple[str, MetricEstimate | None], ...]:
    return ("missing", column.missing), ("out of range", column.out_of_range), ("unseen category", column.unseen)
