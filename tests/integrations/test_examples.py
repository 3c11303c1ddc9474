"""Each small example goes from `plan init` to a decision: what was measured passes its controls, what lacks is told."""

import contextlib
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evidence.model.predicates.validation import ExplainabilityReport, RobustnessReport, ValidationRun
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


QUICK = "wine"
"""The one that is always walked; it takes the least time."""


@pytest.fixture(
    scope="module", params=[name if name == QUICK else pytest.param(name, marks=pytest.mark.slow) for name in EXAMPLES]
)
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
    promises = {"plan.required_tests", "plan.primary_metric", "plan.thresholds.mae", "plan.thresholds.ndcg"}
    # Whether a model reads a protected attribute, and where its numbers are cut, is a person's to say; and which
    # columns are no inputs, such as one that only divides the test.
    outside = {f"artifact.inputs.{item.label}" for item in walked.plan.slices}
    assert walked.changed <= {*promises, *outside, "features.columns", "protected_attributes.attributes.1"}


def test_every_required_test_was_measured_and_passed(walked: Walked) -> None:
    results = walked.run.test_results
    assert {name for name, result in results.items() if result.passed} == set(walked.plan.plan.required_tests)


def test_what_drives_it_is_on_file_where_the_plan_asks(walked: Walked) -> None:
    reports = [item for item in walked.typed if isinstance(item, ExplainabilityReport)]
    assert bool(reports) == (walked.plan.drivers is not None)
    for report in reports:
        assert report.model_family == "tree-ensemble"
        assert {item.feature for item in report.top_features} == set(walked.plan.features.whole)
        assert walked.run.hidden_slices is not None
        assert {"consistency", "flip_rate:single", "ablation:ratios"} <= set(walked.run.examined or {})


def test_what_the_search_finds_is_held_against_what_was_decided(walked: Walked) -> None:
    """Trees are decided exactly, and what needs no slope finds nearly all of it; layers are bounded."""
    (report,) = [item for item in walked.typed if isinstance(item, RobustnessReport)]
    trees = walked.plan.system in ("boosting", "diabetes", "postings", "seatemp")
    assert report.slopes_masked is trees
    assert walked.plan.robustness is not None
    assert (report.certificate is None) == (walked.plan.robustness.certify is None)
    if report.certificate is None:
        return
    made = report.certificate
    assert made.method == ("trees" if trees else "interval-bounds")
    assert made.proved > 0.8 * made.rows
    if trees:
        assert made.undecided == 0
        assert made.found >= 0.95 * made.turned > 0


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
        tolerances = {"diabetes": (30, pytest.approx(0.39, abs=0.02)), "seatemp": (0.5, pytest.approx(0.22, abs=0.02))}
        assert (report.tolerance, report.tolerance_in_sd) == tolerances[walked.plan.system]
        told = {"mase", "relative_mae"} <= run.metrics.keys()
        assert told == (walked.plan.data.forecast is not None)
        assert {item.value for item in run.slices if item.dimension == "horizon"} == (
            {"1", "2", "3"} if told else set()
        )
        return
    if kind == "ranking":
        assert {"ndcg", "mrr", "ndcg_lift", "uninformative_queries"} <= run.metrics.keys()
        assert run.metrics["ndcg"].n == run.effective_n == 170
        assert (
            run.operating_point.judged_by == "at 5, exponential gain, relevant from 2, ties averaged; a list a posting"
        )
        return
    if kind == "probability":
        assert run.classes is None
        return
    assert run.classes == walked.plan.output.words
    if kind == "labels":
        assert run.confusion is None
        assert {"f1_macro", "f1_micro", "hamming_loss", "subset_accuracy", "roc_auc:card"} <= run.metrics.keys()
        assert run.operating_point.thresholds == (0.5,) * 5
        return
    assert run.confusion is not None
    assert sum(map(sum, run.confusion)) == run.metrics["accuracy"].n
    assert report.tolerance is None


def test_what_is_drawn(walked: Walked) -> None:
    snapshot: Any = SimpleNamespace(entries=[SimpleNamespace(record=record) for record in walked.records])
    charts = chart_data(snapshot, {"metric_bounds": {"mean_difference": {"level": 60}}})
    titles = [chart.title for chart in (*charts.fairness, *charts.performance)]
    kind = walked.plan.output.kind
    assert bool(charts.confusion) == (kind == "classes")
    assert ("Recall of each class" in titles) == (kind in ("classes", "labels"))
    if kind == "classes":
        (matrix,) = charts.confusion
        drawn = confusion_chart(matrix)
        right = sum(row[place] for place, row in enumerate(matrix.counts))
        assert f"{right} of {sum(map(sum, matrix.counts))} rows right" in drawn
        assert all(f">{word}</text>" in drawn for word in matrix.classes)
    if kind == "ranking":
        exposures = next(
            chart
            for chart in charts.fairness
            if chart.title == "Ratio of exposures between groups, the model's answers"
        )
        assert [mark.label for mark in exposures.marks] == ["sex"]
        assert {"Exposure by group, the model's answers", "Relevance by group, the training labels"} <= set(titles)
        assert "Ndcg by slice" in titles
        whole = next(chart for chart in charts.performance if chart.title == "Measures on the whole split")
        assert "Judged at 5, exponential gain, relevant from 2, ties averaged; a list a posting." in whole.caption
    if walked.plan.system == "seatemp":
        assert "Mase by slice" in titles
        assert any(mark.label == "mase (naive errors)" for mark in charts.other)
    elif kind == "value":
        gaps = next(chart for chart in charts.fairness if chart.title.startswith("Difference of the means"))
        assert (gaps.limit, gaps.limit_text) == (60, "at most 60.000")
        assert "Mean absolute error by group, the model's answers" in titles
        assert any(mark.label == "rmse (unit of the target)" for mark in charts.other)


def test_names_of_classes_cannot_draw() -> None:
    evil = "</text><script>x</script>"
    chart = ConfusionChart(classes=(evil, "b"), counts=((3, 1), (0, 2)), caption="", records=())
    assert "<script" not in confusion_chart(chart)
