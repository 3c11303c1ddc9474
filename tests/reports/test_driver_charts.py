"""Charts of what drives a model, of slices nobody named and of single persons, from the records of a real run."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import yaml

from evidence.model.predicates.base import Predicate
from evidence.model.record import read_record
from evidence.validation.outcome import ValidationOutcome
from evidence.validation.plan.read import load_plan
from evidence.validation.runner import validate
from reports.charts.registry import Charts, chart_data, draw
from reports.charts.response import ResponseChart
from reports.charts.shapes import IntervalChart
from tests.worlds import mortgage, samples
from tests.worlds.runs import applications, logistic, plan_values, write_table

SECTIONS = {
    "hidden_slices": {"metric": "accuracy"},
    "drivers": {"directions": {"income": "up", "debt": "up"}},
    "individual": {"proxies": ["debt"]},
}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> ValidationOutcome:
    folder: Path = tmp_path_factory.mktemp("run")
    (folder / "model.onnx").write_bytes(logistic().SerializeToString())
    table = applications(4000)
    weak = np.asarray(table["region"]) == "north"
    paid = np.where(
        weak, 2 * np.asarray(table["income"]) < np.asarray(table["debt"]), np.asarray(table["paid"]) == "yes"
    )
    table = table.set_column(5, "paid", pa.array(np.where(paid, "yes", "no")))
    values = plan_values(slices=["region"], **SECTIONS)
    write_table(folder / "test.csv", table)
    (folder / "plan.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    plan = load_plan(folder / "plan.yaml")
    return validate(plan, started_at=datetime(2026, 11, 21, 8, tzinfo=UTC), plan_digest=plan.digest)


def drawn(*contents: Predicate) -> Charts:
    made = samples.sample().snapshot
    records = [read_record(mortgage.statement_of(content, "measured")) for content in contents]
    entries = tuple(made.entries[0].model_copy(update={"record": record}) for record in records)
    return chart_data(made.model_copy(update={"entries": entries}), samples.LIMITS)


def titled(charts: Charts, section: str, title: str) -> IntervalChart:
    (found,) = (chart for chart in charts.of(section, IntervalChart) if chart.title == title)
    return found


def test_what_drives_it_is_drawn(outcome: ValidationOutcome) -> None:
    report = outcome.explainability
    assert report is not None
    charts = drawn(report)
    bars = titled(charts, "drivers", "What the model leans on")
    assert [mark.label for mark in bars.marks] == [item.feature for item in report.top_features]
    assert "Model family by its graph: linear" in bars.caption
    against = titled(charts, "drivers", "Against the declared direction")
    assert {mark.label: mark.value for mark in against.marks} == {"income (up)": 0, "debt (up)": 1}
    proxies = titled(charts, "drivers", "What tells sex")
    assert [mark.label for mark in proxies.marks[:2]] == ["all answers", "other inputs together"]
    curves = {chart.title: chart for chart in charts.of("drivers", ResponseChart)}
    assert not curves["Answers as income rises"].against
    assert curves["Answers as debt rises"].against
    for chart in charts.sections["drivers"]:
        picture = draw(chart)
        assert picture.startswith("<svg")
        assert "nan" not in picture


def test_weak_slices_and_flips_are_drawn(outcome: ValidationOutcome) -> None:
    charts = drawn(outcome.run)
    weak = titled(charts, "performance", "Slices nobody named")
    assert any("region = north" in mark.label for mark in weak.marks)
    assert "confirmed (Holm)" in weak.caption
    flips = titled(charts, "fairness", "Decisions that change with an attribute")
    assert [mark.label for mark in flips.marks] == ["debt"]
    assert titled(charts, "fairness", "Neighbours answered alike").marks[0].value > 0.5


def test_a_search_that_confirmed_nothing_says_what_it_cannot_rule_out(outcome: ValidationOutcome) -> None:
    assert outcome.run.hidden_slices is not None
    nothing = outcome.run.hidden_slices.model_copy(update={"confirmed": ()})
    weak = titled(
        drawn(outcome.run.model_copy(update={"hidden_slices": nothing})), "performance", "Slices nobody named"
    )
    assert [mark.label for mark in weak.marks] == ["none confirmed"]
    assert "cannot rule out" in weak.caption
