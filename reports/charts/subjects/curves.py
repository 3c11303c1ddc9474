"""The curves that a validation run keeps beside its record."""

from collections.abc import Iterator

from reports.charts.shapes import CalibrationChart, Chart, RocChart
from reports.charts.sources import Sources
from reports.words import charts as words


def charts(sources: Sources) -> Iterator[Chart]:
    """The receiver operating characteristic and the reliability diagram."""
    points, runs = sources.points, sources.drawn_runs()
    records = tuple(runs)
    if len(points.roc) > 1:
        area = next((area for run in runs.values() if (area := run.metrics.get("roc_auc"))), None)
        yield RocChart(points=points.roc, caption=words.roc(area), records=records)
    if points.calibration:
        error = next((run.calibration_error for run in runs.values() if run.calibration_error), None)
        yield CalibrationChart(bins=points.calibration, caption=words.calibration(error), records=records)
