"""What somebody could do to test data, plan and budgets to look better, and what the run then says."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from test_runner import ROBUSTNESS, data, run

from evidence.model.errors import EvidenceError
from evidence.model.row_sketch import same_rows
from tests.worlds.runs import MakePlan, applications, plan_values, write_table

WINDOW = {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}


def test_each_row_twenty_times_tells_as_much_as_once(make_plan: MakePlan, tmp_path: Path) -> None:
    table = applications(300)
    reference = {"path": "ref.csv", "format": "csv", "window": WINDOW}
    write_table(tmp_path / "ref.csv", applications(900, seed=8))
    settings: dict[str, Any] = {"slices": ["region"], "reference": reference}
    once = run(make_plan(table=table, **settings))
    often = run(make_plan(table=pa.concat_tables([table] * 20), **settings))
    assert (once.run.duplicate_rows, once.run.effective_n) == (0, 300)
    assert (often.run.duplicate_rows, often.run.effective_n) == (5700, 300)
    for name, estimate in once.run.metrics.items():
        assert often.run.metrics[name].n == estimate.n, name
        assert often.run.metrics[name].ci_low == pytest.approx(estimate.ci_low, abs=1e-5), name
        assert often.run.metrics[name].ci_high == pytest.approx(estimate.ci_high, abs=1e-5), name
    for before, after in zip(once.run.slices, often.run.slices, strict=True):
        assert after.metric.ci_low == pytest.approx(before.metric.ci_low, abs=1e-4)
    assert often.fairness[0].effective_group_sizes == once.fairness[0].group_sizes
    assert sum(often.fairness[0].group_sizes.values()) == 6000
    for group, ratio in once.fairness[0].impact_ratio.items():
        assert often.fairness[0].impact_ratio[group].ci_low == pytest.approx(ratio.ci_low, abs=0.02)
    for before, after in zip(once.drift, often.drift, strict=True):
        assert after.value.ci_high == pytest.approx(before.value.ci_high, rel=0.1)


def test_rows_of_one_customer_are_no_independent_cases(make_plan: MakePlan) -> None:
    table = applications(500).append_column("customer", pa.array([f"c{i // 10}" for i in range(500)]))
    found = run(make_plan(table=table, **data(cluster="customer"))).run
    assert (found.effective_n, found.cluster_column, found.duplicate_rows) == (50, "customer", 0)
    assert 50 < found.metrics["accuracy"].n < 500  # as alike as they are: these agree by chance alone


def test_rows_of_one_customer_that_are_alike_are_one_case(make_plan: MakePlan) -> None:
    table = applications(60).take(pa.array(np.repeat(np.arange(60), 10)))
    income = np.asarray(table["income"]) + np.tile(np.arange(10) * 1e-6, 60)
    table = table.set_column(0, "income", pa.array(income))
    table = table.append_column("customer", pa.array([f"c{i // 10}" for i in range(600)]))
    found = run(make_plan(table=table, **data(cluster="customer"))).run
    assert found.effective_n == 60
    assert found.metrics["accuracy"].n <= 60


def test_test_rows_in_the_training_data_are_counted(make_plan: MakePlan, tmp_path: Path) -> None:
    table = applications(400)
    shuffled = table.set_column(2, "sex", pa.array(np.random.default_rng(1).permutation(np.asarray(table["sex"]))))
    mixed = pa.concat_tables([applications(500, seed=2), shuffled.slice(100, 30)])
    write_table(tmp_path / "train.csv", mixed.take(pa.array(np.random.default_rng(2).permutation(len(mixed)))))
    plan = make_plan(table=table, training={"path": "train.csv", "format": "csv"})
    outcome = run(plan)
    assert outcome.run.split_overlap_rows == 30
    assert any("30 rows of the test data stand in the training data too" in note for note in outcome.notes)


@pytest.mark.parametrize("section", ["training", "reference"])
def test_the_test_data_are_nothing_else_besides(make_plan: MakePlan, tmp_path: Path, section: str) -> None:
    write_table(tmp_path / "copy.csv", applications(600))
    more = {"window": WINDOW} if section == "reference" else {}
    plan = make_plan(**{section: {"path": "copy.csv", "format": "csv", **more}})
    with pytest.raises(EvidenceError, match="the test data are the"):
        plan.sealed()
    with pytest.raises(EvidenceError, match="the test data are the"):
        run(plan)
    write_table(tmp_path / "copy.csv", applications(600).take(pa.array(range(599, -1, -1))))
    found = run(plan).run
    assert (found.split_overlap_rows if section == "training" else found.reference_overlap_rows) == 600


def test_data_that_changed_since_the_plan_was_sealed_are_refused(make_plan: MakePlan, tmp_path: Path) -> None:
    plan = make_plan().sealed()
    write_table(tmp_path / "test.csv", applications(600, seed=77))
    with pytest.raises(EvidenceError, match="the committed plan pins"):
        run(plan)


@pytest.mark.parametrize("name", ["model.onnx", "earlier.csv", "golden.csv"])
def test_no_file_is_changed_between_seal_and_run(make_plan: MakePlan, tmp_path: Path, name: str) -> None:
    """What the committed settings name by digest alone: the model, the reference of drift, the reference outputs."""
    write_table(tmp_path / "earlier.csv", applications(300, seed=3))
    (tmp_path / "golden.csv").write_text("p\n" + "0.5\n" * 600)
    plan = make_plan(
        reference={"path": "earlier.csv", "format": "csv", "window": WINDOW},
        golden={"outputs": {"path": "golden.csv", "format": "csv"}, "column": "p"},
    ).sealed()
    path = tmp_path / name
    data = path.read_bytes()
    path.unlink()  # put in its place, as a rename would
    path.write_bytes(data.replace(b"0.5", b"0.6") if name != "model.onnx" else data + b"\x7a\x00")
    with pytest.raises(EvidenceError, match="files of the plan changed after it was sealed"):
        run(plan)


def test_the_operating_point_stands_in_every_record(make_plan: MakePlan) -> None:
    output = {"name": "p", "favourable": "negative", "threshold": 0.6}
    plan = make_plan(output=output, protected_attributes={"attributes": ["sex", {"column": "income", "bins": [0.5]}]})
    outcome = run(plan)
    assert outcome.run.operating_point == outcome.fairness[0].operating_point == plan.sealed().plan.operating_point
    assert outcome.run.operating_point is not None
    assert outcome.run.operating_point.to_json() == {
        "label": "paid", "positive": "yes", "negative": "no", "favourable": "negative", "threshold": 0.6,
        "protected": {"sex": "sex", "income": "income cut at 0.5"},
    }  # fmt: skip


def test_a_level_below_four_fifths_is_refused_when_the_plan_is_loaded(make_plan: MakePlan) -> None:
    with pytest.raises(EvidenceError, match=r"`confidence`: 0\.501 is no level.*from 0\.8"):
        make_plan(confidence=0.501)


def test_blank_groups_and_rows_left_out_are_counted(make_plan: MakePlan) -> None:
    table = applications(400)
    sex = pa.array(["?" if i < 20 else " " if i < 30 else v.as_py() for i, v in enumerate(table["sex"])])
    income = pa.array([None if i >= 360 else v.as_py() for i, v in enumerate(table["income"])])
    table = table.set_column(2, "sex", sex).set_column(0, "income", income)
    outcome = run(make_plan(table=table, **data(missing="exclude")))
    for counts in (outcome.run.row_counts, outcome.fairness[0].row_counts):
        assert counts is not None
        assert (counts.rows, counts.excluded, counts.excluded_share) == (400, 40, 0.1)
        assert (counts.unknown, counts.unknown_share) == ({"sex": 30}, {"sex": 0.075})
    assert set(outcome.fairness[0].group_sizes) == {"sex=f", "sex=m"}


def test_a_slice_of_one_class_is_a_gap(make_plan: MakePlan) -> None:
    table = applications(500)
    north = np.asarray(table["region"]) == "north"
    paid = pa.array(np.where(north, "no", np.asarray(table["paid"])))
    outcome = run(make_plan(table=table.set_column(5, "paid", paid), slices=["region"]))
    assert outcome.run.slice_gaps is not None
    (gap,) = outcome.run.slice_gaps
    assert (gap.dimension, gap.value, gap.n) == ("region", "north", int(north.sum()))
    assert gap.reason == "one class only: no positive label"
    assert {item.value for item in outcome.run.slices if item.dimension == "region"} == {"south", "west"}


def test_a_budget_is_told_in_the_units_of_the_data(make_plan: MakePlan) -> None:
    table = applications(500)
    columns = [{"name": "income", "range": {"low": 0, "high": 1}}, {"name": "debt", "range": {"low": 0, "high": 1e-6}}]
    features = plan_values()["features"] | {"columns": columns}
    report = run(make_plan(table=table, features=features, robustness=ROBUSTNESS | {"trials": 500})).robustness
    assert report is not None
    assert report.budget_in_sd is not None
    told = report.budget_in_sd["noise"]
    assert told["income"] == pytest.approx(0.05 / np.asarray(table["income"]).std(), rel=1e-4)
    assert told["debt"] == pytest.approx(0.05e-6 / np.asarray(table["debt"]).std(), rel=1e-4)


def test_a_shuffled_attribute_shows_beside_the_training_data(make_plan: MakePlan, tmp_path: Path) -> None:
    def marked(rows: int, seed: int) -> pa.Table:
        table = applications(rows, seed=seed)
        return table.set_column(2, "sex", pa.array(np.where(np.asarray(table["income"]) > 0.5, "m", "f")))

    write_table(tmp_path / "train.csv", marked(800, 2))
    test = marked(800, 1)
    shuffled = test.set_column(2, "sex", pa.array(np.random.default_rng(3).permutation(np.asarray(test["sex"]))))
    plan = make_plan(table=shuffled, training={"path": "train.csv", "format": "csv"})
    outputs, labels = (item.associations for item in run(plan).fairness)
    assert outputs is not None
    assert labels is not None
    assert labels["sex"].features["income"] > 0.8
    assert outputs["sex"].strongest < outputs["sex"].chance_level < 0.2


def test_rows_in_another_order_and_a_little_altered_are_the_same_rows(make_plan: MakePlan) -> None:
    def sketch(table: pa.Table) -> list[int]:
        return [int(key, 16) for key in run(make_plan(table=table)).run.row_sketch or ()]

    table, generator = applications(1500), np.random.default_rng(4)
    jittered = table
    for place, name in enumerate(("income", "debt")):
        altered = np.asarray(table[name]) * (1 + 1e-6 * generator.normal(size=1500))
        jittered = jittered.set_column(place, name, pa.array(altered))
    other = jittered.take(pa.array(generator.permutation(1500)))
    assert same_rows(sketch(table), sketch(other))
    assert not same_rows(sketch(table), sketch(applications(1500, seed=9)))
