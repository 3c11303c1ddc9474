"""How far scores can be believed: calibration and prediction sets by group, and what the surest answers get wrong."""

from collections.abc import Iterator

from evidence.model.predicates.validation import ValidationRun
from reports.charts.curves import RiskCoverageChart
from reports.charts.scales import cut, estimates_chart, mark_of
from reports.charts.shapes import Chart, IntervalChart
from reports.charts.sources import Sources
from reports.words import charts as words
from reports.words.escape import clean

_SETS = "set_coverage"


def charts(sources: Sources) -> Iterator[Chart]:
    """Slope and intercept, coverage of the sets, and the risk-coverage curve."""
    for record, run in sources.of(ValidationRun):
        fits = run.recalibration or ()
        for title, reading, ideal, rows in (
            ("Calibration slope", words.SLOPE, 1.0, [(fit.group, fit.slope) for fit in fits]),
            ("Calibration intercept", words.INTERCEPT, 0.0, [(fit.group, fit.intercept) for fit in fits]),
        ):
            # The line is where a calibrated model lies; no side of it is the wrong one.
            known = [mark_of(_group(group), value) for group, value in rows if value is not None]
            marks, more = cut(mark.model_copy(update={"judged": False}) for mark in known)
            if marks:
                yield IntervalChart(
                    title=title,
                    caption=f"{words.fitted(reading, run)}{more}",
                    style="points",
                    marks=marks,
                    limit=ideal,
                    limit_text="calibrated",
                    records=(record,),
                )
        found = [(test.partition(":"), value) for test, value in sorted((run.examined or {}).items())]
        sets = [(_group(group), value) for (test, _, group), value in found if test == _SETS]
        yield from estimates_chart("Coverage of prediction sets", words.sets(run), sets, record=record)
    if sources.points.risk_coverage:
        runs = sources.drawn_runs()
        area = next((area for run in runs.values() if (area := (run.examined or {}).get("risk_coverage_area"))), None)
        yield RiskCoverageChart(
            steps=sources.points.risk_coverage, caption=words.risk_coverage(area), records=tuple(runs)
        )


def _group(name: str | None) -> str:
    return clean(name.replace("=", " ")) if name else "all rows"
