"""All charts of a report: which subject draws in which section, and which function draws which shape."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import SerializeAsAny

from evidence.model.base import Frozen
from evidence.snapshot.model import Snapshot
from reports.charts.curves import RiskCoverageChart, TrendChart, risk_coverage_chart, trend_chart
from reports.charts.draw import calibration_chart, confusion_chart, interval_chart, roc_chart
from reports.charts.lineage import lineage_chart
from reports.charts.response import ResponseChart, response_chart
from reports.charts.scales import marks_once, numbered
from reports.charts.shapes import (
    CalibrationChart,
    Chart,
    ChartPoints,
    ConfusionChart,
    IntervalChart,
    LineageChart,
    Mark,
    RocChart,
)
from reports.charts.sources import Sources, sources_of
from reports.charts.subjects import (
    ancestry,
    baselines,
    classes,
    curves,
    doubt,
    drift,
    drivers,
    fairness,
    performance,
    quality,
    robustness,
    trend,
    weights,
)
from reports.words.charts import SECTIONS

C = TypeVar("C", bound=Chart)

SUBJECTS: tuple[tuple[str, Callable[[Sources], Iterable[Chart]]], ...] = (
    ("fairness", fairness.charts),
    ("performance", performance.charts),
    ("performance", weights.charts),
    ("performance", classes.charts),
    ("performance", curves.charts),
    ("performance", baselines.charts),
    ("performance", trend.charts),
    ("performance", doubt.charts),
    ("drift", drift.charts),
    ("robustness", robustness.charts),
    ("data", quality.charts),
    ("performance", drivers.hidden),
    ("fairness", drivers.individual),
    ("drivers", drivers.charts),
)
"""Section (of `SECTIONS`) and what draws in it, in the order of the report. A chart is added here, by one line."""

DRAWINGS: dict[type[Chart], Callable[[Any], str]] = {
    IntervalChart: interval_chart,
    RocChart: roc_chart,
    CalibrationChart: calibration_chart,
    ConfusionChart: confusion_chart,
    LineageChart: lineage_chart,
    RiskCoverageChart: risk_coverage_chart,
    TrendChart: trend_chart,
    ResponseChart: response_chart,
}
"""What draws each shape. A shape is added here, by one line."""


class Charts(Frozen):
    """Everything that a report draws: `sections` by name, the lineage, and measures without a common scale."""

    sections: dict[str, tuple[SerializeAsAny[Chart], ...]]
    lineage: tuple[LineageChart, ...]
    other: tuple[Mark, ...]

    def of(self, section: str, shape: type[C]) -> tuple[C, ...]:
        """The charts of a section that have a shape."""
        return tuple(chart for chart in self.sections.get(section, ()) if isinstance(chart, shape))

    @property
    def fairness(self) -> tuple[IntervalChart, ...]:
        """Estimates by group."""
        return self.of("fairness", IntervalChart)

    @property
    def performance(self) -> tuple[IntervalChart, ...]:
        """Estimates of a validation run."""
        return self.of("performance", IntervalChart)

    @property
    def confusion(self) -> tuple[ConfusionChart, ...]:
        """Confusion matrices of a validation run."""
        return self.of("performance", ConfusionChart)

    @property
    def roc(self) -> RocChart | None:
        """The curve of the run, where it keeps one."""
        return next(iter(self.of("performance", RocChart)), None)

    @property
    def calibration(self) -> CalibrationChart | None:
        """The reliability diagram of the run, where it keeps one."""
        return next(iter(self.of("performance", CalibrationChart)), None)

    @property
    def drift(self) -> tuple[IntervalChart, ...]:
        """Distances from the reference data."""
        return self.of("drift", IntervalChart)

    @property
    def robustness(self) -> tuple[IntervalChart, ...]:
        """Losses under perturbation."""
        return self.of("robustness", IntervalChart)


def chart_data(snapshot: Snapshot, limits: Mapping[str, Any], points: ChartPoints | None = None) -> Charts:
    """What can be drawn from a snapshot. `limits` are parameters by name; `points` the curves of its validation run."""
    sources = sources_of(snapshot, limits, points)
    sections: dict[str, list[Chart]] = {name: [] for name in SECTIONS}
    for section, charts in SUBJECTS:
        sections[section] += charts(sources)
    return Charts(
        sections={name: told_once(charts) for name, charts in sections.items() if charts},
        lineage=told_once(ancestry.charts(sources)),
        other=marks_once(performance.without_scale(sources)),
    )


def told_once(charts: Iterable[C]) -> tuple[C, ...]:
    """Charts of which several records say the same drawn once, under all of these; those that differ are numbered.

    Every run that stands counts, so that none is left out for another; the earliest comes first.
    """
    alike: dict[C, list[str]] = {}
    for chart in charts:
        alike.setdefault(chart.model_copy(update={"records": ()}), []).extend(chart.records)
    titles = numbered([chart.title for chart in alike])
    return tuple(
        chart.model_copy(update={"title": title, "records": tuple(dict.fromkeys(records))})
        for title, (chart, records) in zip(titles, alike.items(), strict=True)
    )


def draw(chart: Chart) -> str:
    """A chart as SVG."""
    return DRAWINGS[type(chart)](chart)
