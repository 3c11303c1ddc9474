"""What is drawn of baselines, trend, calibration and uncertainty, from a run of all of them."""

from pathlib import Path
from typing import Any

import pytest

from evidence.validation.outcome import ValidationOutcome
from evidence.validation.runner import validate
from reports.charts.curves import RiskCoverageChart, TrendChart
from reports.charts.points import points_of
from reports.charts.registry import chart_data, draw
from reports.charts.shapes import ChartPoints, IntervalChart, Mark
from tests.evidence.validation.test_baselines import weighted
from tests.evidence.validation.test_runner import AT, data
from tests.worlds.runs import MakePlan, applications
from tests.worlds.snapshots import entry, snapshot

SECTIONS: dict[str, Any] = {
    "baselines": {"incumbent": {"path": "old.onnx"}},
    "recalibration": {"groups": ["sex", "region"]},
    "out_of_time": {"training_window": {"start": "2023-01-01T00:00:00Z", "end": "2025-01-01T00:00:00Z"}},
    "uncertainty": {"level": 0.9},
    "slices": ["region"],
}


@pytest.fixture
def outcome(make_plan: MakePlan, tmp_path: Path) -> ValidationOutcome:
    (tmp_path / "old.onnx").write_bytes(weighted(0.3, 0.4))
    quarters = data(period={"column": "day", "by": "quarter"})
    plan = make_plan(table=applications(3000), **SECTIONS, **quarters)
    return validate(plan, started_at=AT, plan_digest=plan.digest)


def test_every_test_is_drawn(outcome: ValidationOutcome) -> None:
    charts = chart_data(snapshot(entry(outcome.run)), {}, points_of(outcome.charts))
    drawn = {chart.title: chart for chart in charts.sections["performance"]}
    gains = drawn["Better than what runs today"]
    assert isinstance(gains, IntervalChart)
    assert (gains.limit, {mark.label for mark in gains.marks}) == (
        0.0,
        {"accuracy", "balanced accuracy", "brier", "f1", "log loss (nats)", "recall", "roc auc", "specificity"},
    )
    assert str(outcome.run.baseline_digest)[:19] in gains.caption
    assert "labels of the test data" in drawn["Better than guessing"].caption
    slopes = drawn["Calibration slope"]
    assert isinstance(slopes, IntervalChart)
    assert (slopes.limit, slopes.limit_text, any(mark.judged for mark in slopes.marks)) == (1.0, "calibrated", False)
    assert [mark.label for mark in slopes.marks] == [
        "all rows", "sex f", "sex m", "region north", "region south", "region west",
    ]  # fmt: skip
    line = drawn["Trend of roc auc"]
    assert isinstance(line, TrendChart)
    assert (len(line.marks), line.places[0], line.places[-1]) == (4, 0.0, 1.0)
    assert "as the plan declares" in line.caption
    curve = drawn["Risk and coverage"]
    assert isinstance(curve, RiskCoverageChart)
    assert len(curve.steps) == 20
    assert "split conformal" in drawn["Coverage of prediction sets"].caption
    for chart in drawn.values():
        assert draw(chart) == draw(chart)
        assert "<svg" in draw(chart)


def test_a_run_without_them_draws_none(outcome: ValidationOutcome) -> None:
    fields = ("examined", "recalibration", "training_window", "training_window_read", "baseline_metrics")
    bare = outcome.run.model_copy(update=dict.fromkeys(fields))
    charts = chart_data(snapshot(entry(bare)), {}, ChartPoints())
    assert {type(chart) for chart in charts.sections["performance"]} == {IntervalChart}
    titles = [chart.title for chart in charts.sections["performance"]]
    assert not any(title.startswith(("Better", "Calibration", "Trend", "Coverage")) for title in titles)


def test_names_of_groups_cannot_draw() -> None:
    evil = "</text><script>x</script>"
    marks = tuple(Mark(label=evil, value=value, low=value - 0.1, high=value + 0.1, n=9) for value in (0.8, 0.7))
    chart = TrendChart(title=evil, caption=evil, marks=marks, places=(0.0, 1.0), change=-0.1, records=())
    assert "<script" not in draw(chart)
