"""What is lost under attack and on corrupted input."""

from collections.abc import Iterator

from evidence.model.predicates.validation import RobustnessReport
from reports.charts.scales import cut, limit_words, mark_of
from reports.charts.shapes import IntervalChart
from reports.charts.sources import Sources
from reports.words import charts as words


def charts(sources: Sources) -> Iterator[IntervalChart]:
    """One chart a report; the limit is meant for the loss under attack alone."""
    limit = sources.limit("max_adversarial_drop")
    for record, report in sources.of(RobustnessReport):
        marks = [mark_of("loss under attack", report.accuracy_drop)]
        marks += [
            mark_of(f"loss: {kind}", estimate).model_copy(update={"judged": False})
            for kind, estimate in sorted(report.corruption_drop.items())
        ]
        kept, more = cut(marks)
        yield IntervalChart(
            title="Loss under perturbation",
            caption=f"{words.perturbation(report)}{more}",
            style="bars",
            marks=kept,
            limit=limit,
            limit_text=limit_words("under attack at most", limit, 2),
            records=(record,),
        )
