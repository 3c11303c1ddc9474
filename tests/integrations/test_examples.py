"""Each small example goes from `plan init` to a decision: what was measured passes its controls, what lacks is told."""

import contextlib
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evidence.model.predicates.validation import RobustnessReport, ValidationRun
from evidence.model.record import parse_statement, read_record
from evidence.trust.envelopes import open_envelope
from evidence.validation.plan.read import load_plan
from examples.walk import EXAMPLES, HERE, Walk
from integrations.app.deciding import decisions
from integrations.app.workspace import Workspace
from reports.charts.draw import confusion_chart
from reports.charts.registry import chart_data
from reports.charts.shapes import ConfusionChart

MEASURED = {"PERF-02", "PERF-04", "ROB-01", "INT-06", "INT-07", "EVD-06"}
"""Controls over what the run measured; the examples file no papers for the others."""


class Walked:
    """An example after its walk: what the draft left open, the exit code, and what is on file."""

    def __init__(self, name: str, folder: Path) -> None:
        walk = Walk(name, folder)
        with Path(os.devnull).open("w", encoding="utf-8") as sink, contextlib.redirect_stdout(sink):
            walk.set_up()
            self.changed = {place for place, _, _ in walk.plan()}
            self.code = walk.judge()
        self.plan = load_plan(HERE / name / "plan.yaml")
        with Workspace.find(str(folder)).store() as store:
            (self.decision,) = list(decisions(store))
            self.records = [
                read_record(parse_statement(open_envelope(stored.envelope, where=stored.id), where=stored.id))
                for stored in store.find(kind="record")
            ]
        self.typed: list[Any] = [record.typed() for record in self.records]

    @property
    def run(self) -> ValidationRun:
        return next(item for item in self.typed if isinstance(item, ValidationRun))


@pytest.fixture(scope="module", params=EXAMPLES)
def walked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    return Walked(request.param, tmp_path_factory.mktemp("examples") / request.param)


def test_what_was_measured_passes_its_controls(walked: Walked) -> None:
    status = {result.control: result.status for result in walked.decision.results}
    assert {name: status[name] for name in MEASURED} == dict.fromkeys(MEASURED, "pass")


def test_what_lacks_denies(walked: Walked) -> None:
    assert walked.code in (1, 3)
    status = {result.control: result.status for result in walked.decision.results}
    assert status["LIN-01"] != "pass"


def test_the_draft_knows_all_but_the_promises(walked: Walked) -> None:
    promises = {"plan.required_tests", "plan.primary_metric", "plan.thresholds.mae"}
    # Whether a model reads a protected attribute, and where its numbers are cut, is a person's to say.
    assert walked.changed <= {*promises, "features.columns", "protected_attributes.attributes.1"}


def test_every_required_test_was_measured_and_passed(walked: Walked) -> None:
    results = walked.run.test_results
    assert {name for name, result in results.items() if result.passed} == set(walked.plan.plan.required_tests)


def test_files_are_small(walked: Walked) -> None:
    assert all(path.stat().st_size < 300_000 for path in (HERE / walked.plan.system).iterdir())


def test_what_a_kind_is_told_by(walked: Walked) -> None:
    run, kind = walked.run, walked.plan.output.kind
    assert run.operating_point is not None
    assert run.operating_point.kind == (kind if kind != "probability" else None)
    (report,) = [item for item in walked.typed if isinstance(item, RobustnessReport)]
    if kind == "value":
        assert run.confusion is None
        assert {"mae", "rmse", "r2", "interval_coverage"} <= run.metrics.keys()
        assert (report.tolerance, report.tolerance_in_sd) == (30, pytest.approx(0.39, abs=0.02))
        return
    if kind == "probability":
        assert run.classes is None
        return
    assert run.classes == walked.plan.output.words
    assert run.confusion is not None
    assert sum(map(sum, run.confusion)) == run.metrics["accuracy"].n
    assert report.tolerance is None


def test_what_is_drawn(walked: Walked) -> None:
    snapshot: Any = SimpleNamespace(entries=[SimpleNamespace(record=record) for record in walked.records])
    charts = chart_data(snapshot, {"metric_bounds": {"mean_difference": {"level": 60}}})
    titles = [chart.title for chart in (*charts.fairness, *charts.performance)]
    kind = walked.plan.output.kind
    assert bool(charts.confusion) == (kind == "classes")
    assert ("Recall of each class" in titles) == (kind == "classes")
    if kind == "classes":
        (matrix,) = charts.confusion
        drawn = confusion_chart(matrix)
        right = sum(row[place] for place, row in enumerate(matrix.counts))
        assert f"{right} of {sum(map(sum, matrix.counts))} rows right" in drawn
        assert all(f">{word}</text>" in drawn for word in matrix.classes)
    if kind == "value":
        gaps = next(chart for chart in charts.fairness if chart.title.startswith("Difference of the means"))
        assert (gaps.limit, gaps.limit_text) == (60, "at most 60.000")
        assert "Mean absolute error by group, the model's answers" in titles
        assert any(mark.label == "rmse (unit of the target)" for mark in charts.other)


def test_names_of_classes_cannot_draw() -> None:
    evil = "</text><script>x</script>"
    chart = ConfusionChart(classes=(evil, "b"), counts=((3, 1), (0, 2)), caption="", records=())
    assert "<script" not in confusion_chart(chart)
