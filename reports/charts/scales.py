"""Estimates on a common scale: marks, how many of them are drawn, and charts with the limit that policies set."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from evidence.model.predicates.values import MetricEstimate
from reports.charts.shapes import IntervalChart, Mark
from reports.words.escape import clean
from reports.words.wording import number, plural, short

MAX_MARKS = 32
MAX_WITHIN = 5
"""Rows that are drawn though they lie within the limit, where only the worst are."""


def mark_of(label: str, estimate: MetricEstimate) -> Mark:
    """An estimate under a label, which may be foreign text."""
    return Mark(label=clean(label), value=estimate.value, low=estimate.ci_low, high=estimate.ci_high, n=estimate.n)


def estimates_chart(
    title: str,
    reading: str,
    rows: Iterable[tuple[str, MetricEstimate]],
    *,
    record: str,
    style: Literal["points", "bars"] = "points",
    limit: float | None = None,
    limit_text: str = "",
) -> Iterator[IntervalChart]:
    """The first rows (label and estimate) of one record as a chart, and how many are left out; none where none are."""
    marks, more = cut(mark_of(label, estimate) for label, estimate in rows)
    if marks:
        yield IntervalChart(
            title=title,
            caption=f"{reading}{more}",
            style=style,
            marks=marks,
            limit=limit,
            limit_text=limit_text,
            records=(record,),
        )


def marks_once(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Marks of which several records tell the same, once; those of one label that differ are numbered."""
    found = list(dict.fromkeys(marks))
    labels = numbered([mark.label for mark in found])
    return tuple(mark.model_copy(update={"label": label}) for mark, label in zip(found, labels, strict=True))


def numbered(names: Sequence[str]) -> list[str]:
    """Names, those that stand more than once with their place: `latency p50 (ms), 1 of 2`."""
    total, seen, told = Counter(names), Counter[str](), []
    for name in names:
        seen[name] += 1
        told.append(f"{name}, {seen[name]} of {total[name]}" if total[name] > 1 else name)
    return told


def limit_words(words: str, limit: float | None, places: int = 3) -> str:
    """`at least 0.80`, or nothing where no limit is set."""
    return f"{words} {short(limit, places)}" if limit is not None else ""


def cut(marks: Iterable[Mark]) -> tuple[tuple[Mark, ...], str]:
    """The first marks, and a note on how many are left out."""
    every = tuple(marks)
    left = len(every) - MAX_MARKS
    return every[:MAX_MARKS], f" {plural(left, 'further row')} in evidence.jsonl." if left > 0 else ""


def worst(marks: Sequence[Mark], limit: float | None) -> tuple[tuple[Mark, ...], str]:
    """The marks that may lie beyond the limit and the greatest of the others, in their order; a note on the rest."""
    beyond = [mark for mark in marks if limit is not None and mark.high > limit]
    others = sorted((mark for mark in marks if mark not in beyond), key=lambda mark: (-mark.high, mark.label))
    chosen = [*beyond, *others[: max(0, MAX_WITHIN - len(beyond))]]
    kept, more = cut(mark for mark in marks if mark in chosen)
    folded = [mark for mark in others if mark not in chosen]
    if not folded:
        return kept, more
    return kept, f"{more} {plural(len(folded), 'further row')}, none above {short(max(m.high for m in folded))}."


def limit_chart(title: str, mark: Mark, limit: float) -> IntervalChart:
    """A measured value that is not satisfied, beside its limit.

    Which side is the wrong one follows from that: where the interval lies on one side, that side, else the side away
    from the estimate, whose end of the interval is what fails.
    """
    below = mark.high <= limit or mark.low < limit <= mark.value
    return IntervalChart(
        title=clean(title),
        caption="",
        style="points" if below else "bars",
        marks=(mark,),
        limit=limit,
        limit_text=f"limit {number(limit)}",
        records=(),
    )
