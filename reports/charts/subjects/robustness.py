"""What is lost under attack and on corrupted input, and which answers attacks turned."""

from collections.abc import Iterator

from evidence.model.predicates.validation import RobustnessReport
from reports.charts.scales import cut, estimates_chart, limit_words, mark_of
from reports.charts.shapes import IntervalChart
from reports.charts.sources import Sources
from reports.words import charts as words


def charts(sources: Sources) -> Iterator[IntervalChart]:
    """What is lost, where the limit is meant for the loss under attack alone, and what was turned.

    The second is drawn of reports that say what a budget is a part of: older ones know nothing of masked slopes.
    """
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
        if report.budget_scale is not None:
            yield from _turned(record, report)


def _turned(record: str, report: RobustnessReport) -> Iterator[IntervalChart]:
    """The success of each attack, and beside it what was decided."""
    rows = [(words.attack(kind), estimate) for kind, estimate in sorted(report.attack_success.items())]
    if report.turnable_share is not None and report.certificate is not None:
        rows.append((words.decided(report.certificate), report.turnable_share))
    yield from estimates_chart("Answers that were turned", words.turned(report), rows, record=record)
