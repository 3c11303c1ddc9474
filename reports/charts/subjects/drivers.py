"""What drives the model: shuffled inputs, which way answers go, and what tells protected attributes."""

from collections.abc import Iterator

from evidence.model.predicates.validation import ExplainabilityReport, ValidationRun
from reports.charts.response import ResponseChart
from reports.charts.scales import estimates_chart
from reports.charts.shapes import IntervalChart
from reports.charts.sources import Sources
from reports.words import charts as words
from reports.words.escape import clean

MAX_CURVES = 8


def charts(sources: Sources) -> Iterator[IntervalChart | ResponseChart]:
    """The charts of every explainability report."""
    for record, report in sources.of(ExplainabilityReport):
        ranked = [(item.feature, item.interval) for item in report.top_features]
        yield from estimates_chart(
            "What the model leans on",
            words.importance(report),
            [(name, estimate) for name, estimate in ranked if estimate],
            record=record,
            style="bars",
        )
        directions = report.directions or {}
        yield from estimates_chart(
            "Against the declared direction",
            words.DIRECTIONS,
            [
                (f"{name} ({item.declared})", item.violations)
                for name, item in sorted(directions.items())
                if item.violations
            ],
            record=record,
            style="bars",
        )
        yield from _proxies(record, report)
        yield from _responses(record, report)


def _proxies(record: str, report: ExplainabilityReport) -> Iterator[IntervalChart]:
    """What tells each protected attribute, the strongest input first."""
    for attribute, proxy in sorted((report.proxies or {}).items()):
        together = [("all answers", proxy.answers), ("other inputs together", proxy.inputs)]
        each = sorted(proxy.features.items(), key=lambda pair: (-pair[1].value, pair[0]))
        yield from estimates_chart(
            f"What tells {clean(attribute)}",
            words.PROXIES,
            [(label, estimate) for label, estimate in (*together, *each) if estimate],
            record=record,
        )


def _responses(record: str, report: ExplainabilityReport) -> Iterator[ResponseChart]:
    """The curves of the inputs that weigh most, and of those with a declared direction."""
    ranked = [item.feature for item in report.top_features if item.feature in (report.directions or {})]
    for place, name in enumerate(ranked):
        item = (report.directions or {})[name]
        if len(item.grid) > 1 and (place < MAX_CURVES or item.declared):
            yield ResponseChart(
                title=f"Answers as {clean(name)} rises",
                caption=words.response(item),
                records=(record,),
                grid=item.grid,
                mean=item.mean,
                low=item.low,
                high=item.high,
                against=item.violations is not None and item.violations.value > 0,
            )


def hidden(sources: Sources) -> Iterator[IntervalChart]:
    """The slices that a search found weak, by how much; where it confirmed none, what it could not rule out."""
    for record, run in sources.of(ValidationRun):
        if run.hidden_slices is None:
            continue
        rows = [(" and ".join(item.conditions), item.shortfall) for item in run.hidden_slices.confirmed]
        bound = (run.examined or {}).get("hidden_slice_gap")
        yield from estimates_chart(
            "Slices nobody named",
            words.hidden_slices(run.hidden_slices),
            rows or ([("none confirmed", bound)] if bound else []),
            record=record,
            style="bars",
        )


def individual(sources: Sources) -> Iterator[IntervalChart]:
    """How often a decision changes with a protected attribute, and how alike neighbours are answered."""
    for record, run in sources.of(ValidationRun):
        told = sorted((run.examined or {}).items())
        flips = [(name.partition(":")[2], estimate) for name, estimate in told if name.startswith("flip_rate:")]
        yield from estimates_chart(
            "Decisions that change with an attribute", words.FLIPS, flips, record=record, style="bars"
        )
        alike = [("consistency", estimate) for name, estimate in told if name == "consistency"]
        yield from estimates_chart("Neighbours answered alike", words.CONSISTENCY, alike, record=record)
