"""How groups of people fare: selection rates, their ratios, and gaps where the answer is a number."""

from collections.abc import Iterator

from evidence.model.groups import plain
from evidence.model.predicates.validation import FairnessAudit
from reports.charts.scales import estimates_chart, limit_words
from reports.charts.shapes import IntervalChart
from reports.charts.sources import Sources
from reports.words import charts as words
from reports.words.escape import clean

_GAPS = {"mean_difference": "Difference of the means", "error_difference": "Difference of the errors"}
_EXPOSURES = {
    "exposure": ("Exposure by group", words.EXPOSURE),
    "relevance": ("Relevance by group", words.RELEVANCE),
}
_VALUES = {"mean_answer": "Mean answer", "mean_label": "Mean label", "mae": "Mean absolute error"}


def charts(sources: Sources) -> Iterator[IntervalChart]:
    """The charts of every fairness audit."""
    for record, audit in sources.of(FairnessAudit):
        what = "the model's answers" if audit.audited == "model-outputs" else "the training labels"
        yield from _ratios(record, audit, what, sources.limit("min_impact_ratio"))
        yield from _gaps(record, audit, what, sources)
        yield from _exposures(record, audit, what, sources.limit("min_impact_ratio"))
        for metric, title in _VALUES.items():
            yield from _by_group(record, audit, metric, f"{title} by group, {what}", words.VALUE_BY_GROUP)
        title = f"Selection rate by group, {what}"
        yield from _by_group(record, audit, "selection_rate", title, words.SELECTION_RATE)


def _attribute(group: str) -> str:
    """`afam` of `afam=1`, `afam&sex` of `afam=1&sex=0`."""
    return "&".join(part.partition("=")[0] for part in group.split("&"))


def _ratios(record: str, audit: FairnessAudit, what: str, floor: float | None) -> Iterator[IntervalChart]:
    """The share of favourable answers beside the best group's, a chart an attribute."""
    for attribute in dict.fromkeys(_attribute(group) for group in sorted(audit.impact_ratio)):
        yield from estimates_chart(
            f"Selection-rate ratio by {clean(attribute)}, {what}",
            words.IMPACT_RATIO,
            [(plain(g), e) for g, e in sorted(audit.impact_ratio.items()) if _attribute(g) == attribute],
            record=record,
            limit=floor,
            limit_text=limit_words("at least", floor, 2),
        )


def _gaps(record: str, audit: FairnessAudit, what: str, sources: Sources) -> Iterator[IntervalChart]:
    """How far the groups lie apart, where the answer is a number."""
    for measure, title in _GAPS.items():
        limit = sources.bound(measure)
        yield from estimates_chart(
            f"{title} between groups, {what}",
            words.GAP_OF_VALUES,
            sorted((getattr(audit, measure) or {}).items()),
            record=record,
            style="bars",
            limit=limit,
            limit_text=limit_words("at most", limit),
        )


def _exposures(record: str, audit: FairnessAudit, what: str, floor: float | None) -> Iterator[IntervalChart]:
    """How much the items of each group are seen in a ranking, beside how relevant they are."""
    yield from estimates_chart(
        f"Ratio of exposures between groups, {what}",
        words.EXPOSURE_RATIO,
        sorted((audit.exposure_ratio or {}).items()),
        record=record,
        limit=floor,
        limit_text=limit_words("at least", floor, 2),
    )
    for metric, (title, reading) in _EXPOSURES.items():
        yield from _by_group(record, audit, metric, f"{title}, {what}", reading)


def _by_group(record: str, audit: FairnessAudit, metric: str, title: str, reading: str) -> Iterator[IntervalChart]:
    """A metric of each group that has it."""
    rows = [(plain(group), found[metric]) for group, found in sorted(audit.group_metrics.items()) if metric in found]
    yield from estimates_chart(title, reading, rows, record=record)
