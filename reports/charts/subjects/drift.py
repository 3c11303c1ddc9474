"""How far inputs, answers and outcomes have moved from the reference data."""

from collections.abc import Iterator

from evidence.model.predicates.validation import DriftReport
from reports.charts.scales import limit_words, mark_of, marks_once, worst
from reports.charts.shapes import IntervalChart, Mark
from reports.charts.sources import Sources
from reports.words import charts as words


def charts(sources: Sources) -> Iterator[IntervalChart]:
    """One chart a target and statistic, of the worst rows."""
    found: dict[tuple[str, str], list[tuple[str, Mark, str]]] = {}
    for record, report in sources.of(DriftReport):
        label = report.feature or report.target
        found.setdefault((report.target, report.statistic), []).append((label, mark_of(label, report.value), record))
    limit = sources.limit("max_promotion_drift")
    for (target, statistic), rows in sorted(found.items()):
        rows.sort(key=lambda row: row[0])
        marks, more = worst(marks_once(mark for _, mark, _ in rows), limit)
        yield IntervalChart(
            title=f"Drift of {'the inputs' if target == 'input' else target} ({statistic.upper()})",
            caption=f"{words.DRIFT}{more}",
            style="bars",
            marks=marks,
            limit=limit,
            limit_text=limit_words("at most", limit, 2),
            records=tuple(record for _, _, record in rows),
        )
