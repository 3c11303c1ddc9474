"""Data quality of the tables of a plan, and models that take gaps."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import TensorProto, helper, numpy_helper
from test_runner import ROBUSTNESS, data, run

from evidence.model.errors import EvidenceError
from evidence.model.predicates.data import DataQualityReport
from evidence.validation.examined import quality_reports
from evidence.validation.measured import Examined
from evidence.validation.measures.intervals import wilson
from tests.worlds.runs import WEIGHTS, MakePlan, applications, onnx_model, write_table

WINDOW = {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}


def patient() -> onnx.ModelProto:
    """p = sigmoid(2 income - debt), a missing number counting as one half."""
    nodes = [
        helper.make_node("IsNaN", ["X"], ["gap"]),
        helper.make_node("Where", ["gap", "half", "X"], ["whole"]),
        helper.make_node("MatMul", ["whole", "W"], ["z"]),
        helper.make_node("Sigmoid", ["z"], ["p"]),
    ]
    half = numpy_helper.from_array(np.array([0.5], dtype=np.float32), "half")
    return onnx_model(nodes, [numpy_helper.from_array(WEIGHTS, "W"), half])


def with_gaps(table: pa.Table, name: str, share: float, seed: int = 77) -> pa.Table:
    gone = np.random.default_rng(seed).random(len(table)) < share
    kept = [None if lacks else value for lacks, value in zip(gone, table[name].to_pylist(), strict=True)]
    return table.set_column(table.column_names.index(name), name, pa.array(kept))


def changed(table: pa.Table, name: str, rows: slice, value: Any) -> pa.Table:
    values = table[name].to_pylist()
    values[rows] = [value] * len(values[rows])
    return table.set_column(table.column_names.index(name), name, pa.array(values))


def reports(make_plan: MakePlan, **settings: Any) -> dict[str, DataQualityReport]:
    found = run(make_plan(**{"quality": {}, **settings})).quality
    return {item.split or "": item for item in found}


def failed(report: DataQualityReport) -> dict[str, bool]:
    return {item.check: item.blocking for item in report.failed_checks}


class TestReports:
    def test_every_table_has_a_report_of_its_own_file(self, make_plan: MakePlan, tmp_path: Path) -> None:
        write_table(tmp_path / "train.csv", with_gaps(applications(800, seed=4), "debt", 0.1))
        write_table(tmp_path / "ref.csv", applications(700, seed=5))
        plan = make_plan(
            quality={},
            training={"path": "train.csv", "format": "csv"},
            reference={"path": "ref.csv", "format": "csv", "window": WINDOW},
        )
        outcome = run(plan)
        found = {item.split: item for item in outcome.quality}
        assert list(found) == ["test", "training", "reference"]
        run_digests = (outcome.run.dataset_digest, outcome.run.training_digest, outcome.run.reference_digest)
        assert tuple(item.dataset_digest for item in outcome.quality) == run_digests
        assert [item.stage for item in outcome.quality] == ["profile", "training", "profile"]
        assert [item.rows for item in outcome.quality] == [600, 800, 700]
        assert [failed(item) for item in outcome.quality] == [{}, {"missing-values": True}, {}]
        assert outcome.predicates[-3:] == outcome.quality
        training = found["training"]
        assert training.columns
        assert training.columns["debt"].missing == training.missing_rate
        lacking = round(training.missing_rate.value * 800)  # type: ignore[union-attr]
        expected = wilson(lacking, 800)
        assert expected
        assert training.missing_rate == expected.recorded()
        assert training.completeness == pytest.approx(1 - lacking / 1600, abs=1e-6)
        assert outcome.run.examined
        assert outcome.run.examined["missing_rate:training"] == training.missing_rate
        assert any("missing-values fails in the training data: debt" in note for note in outcome.notes)

    def test_a_plan_without_the_section_records_as_before(self, make_plan: MakePlan) -> None:
        plain, asked = run(make_plan()), run(make_plan(quality={}))
        assert plain.quality == ()
        assert plain.run.examined is None
        assert plain.run.metrics == asked.run.metrics

    def test_each_check_finds_its_own_mistake(self, make_plan: MakePlan) -> None:
        table = applications(600)
        assert failed(reports(make_plan, table=table)["test"]) == {}
        beyond = reports(make_plan, table=changed(table, "income", slice(0, 3), 1.5))["test"]
        assert failed(beyond) == {"declared-range": True}
        assert beyond.columns
        assert beyond.columns["income"].out_of_range
        assert beyond.columns["income"].out_of_range.value == 0.005
        twice = reports(make_plan, table=pa.concat_tables([table, table.slice(0, 60)]))["test"]
        assert failed(twice) == {"duplicate-rows": True}
        assert twice.duplicate_rate
        assert twice.duplicate_rate.value == pytest.approx(60 / 660, abs=1e-6)
        distinct = table.set_column(0, "income", pa.array(np.linspace(0, 1, 600)))
        flat = reports(make_plan, table=changed(distinct, "debt", slice(0, 600), 0.25))["test"]
        assert failed(flat) == {"constant-columns": True}
        gaps = reports(make_plan, table=with_gaps(table, "debt", 0.2), **data(missing="exclude"))["test"]
        assert failed(gaps) == {"missing-values": True}

    def test_what_is_tolerated_and_what_only_warns(self, make_plan: MakePlan) -> None:
        table = applications(600).set_column(0, "income", pa.array([*np.linspace(0, 1, 597), 1.25, 1.5, 2]))
        table = changed(table, "debt", slice(0, 600), 0.25)
        settings = {"tolerated": {"declared-range": 0.005}, "warnings": ["constant-columns"]}
        assert failed(reports(make_plan, table=table, quality=settings)["test"]) == {"constant-columns": False}
        settings["tolerated"] = {"declared-range": 0.004}
        found = failed(reports(make_plan, table=table, quality=settings)["test"])
        assert found == {"declared-range": True, "constant-columns": False}

    def test_a_declared_end_is_inside_in_the_models_precision(self, make_plan: MakePlan) -> None:
        """0.1 in single precision is more than 0.1 in double."""
        columns = [
            {"name": "income", "range": {"low": 0, "high": 0.1}},
            {"name": "debt", "range": {"low": 0, "high": 1}},
        ]
        table = changed(applications(600), "income", slice(0, 600, 2), 0.1)
        table = changed(table, "income", slice(1, 600, 2), 0.05)
        features = {"layout": "tensor", "input": "X", "columns": columns}
        found = reports(make_plan, table=table, features=features)["test"]
        assert "declared-range" in found.checks
        assert "declared-range" not in failed(found)

    def test_a_category_that_the_training_did_not_see(self, make_plan: MakePlan, tmp_path: Path) -> None:
        columns = [
            {"name": "region", "values": {"north": 0.0, "south": 0.5, "west": 1.0}},
            {"name": "debt", "range": {"low": 0, "high": 1}},
        ]
        training = applications(800, seed=4)
        known = training.filter(pa.compute.not_equal(training["region"], "west"))
        write_table(tmp_path / "train.csv", known)
        features = {"layout": "tensor", "input": "X", "columns": columns}
        table = applications(600).set_column(1, "debt", pa.array(np.linspace(0, 1, 600)))
        found = reports(make_plan, table=table, features=features, training={"path": "train.csv", "format": "csv"})
        west = table["region"].to_pylist().count("west")
        assert failed(found["test"]) == {"unseen-categories": True}
        assert found["test"].columns
        assert found["test"].columns["region"].unseen
        assert found["test"].columns["region"].unseen.value == pytest.approx(west / 600, abs=1e-6)
        assert "unseen-categories" not in found["training"].checks

    def test_groups_beside_those_of_the_reference(self, make_plan: MakePlan, tmp_path: Path) -> None:
        table, reference = applications(600), applications(900, seed=3)
        write_table(tmp_path / "ref.csv", reference)
        settings: dict[str, Any] = {"reference": {"path": "ref.csv", "format": "csv", "window": WINDOW}}
        found = reports(make_plan, table=table, **settings)["test"]
        women = table["sex"].to_pylist().count("f") / 600
        assert found.group_shares == {"sex=f": round(women, 6), "sex=m": round(1 - women, 6)}
        expected = reference["sex"].to_pylist().count("f") / 900
        assert found.reference_shares
        assert found.reference_shares["sex=f"] == round(expected, 6)
        write_table(tmp_path / "ref.csv", reference.drop_columns(["sex"]))
        assert reports(make_plan, table=table, **settings)["test"].reference_shares is None

    def test_copies_of_rows_do_not_shrink_the_interval(self, make_plan: MakePlan) -> None:
        table = with_gaps(applications(300), "debt", 0.2)
        once = reports(make_plan, model=patient(), table=table, **data(missing="score"))["test"]
        often = reports(make_plan, model=patient(), table=pa.concat_tables([table] * 20), **data(missing="score"))[
            "test"
        ]
        assert once.missing_rate
        assert often.missing_rate
        assert often.missing_rate.n == once.missing_rate.n == 300
        assert often.missing_rate.ci_high == pytest.approx(once.missing_rate.ci_high, abs=1e-5)

    def test_a_plan_limits_the_shares(self, make_plan: MakePlan) -> None:
        names = ("missing_rate:test", "duplicate_rate:test")
        promises = plan_of(make_plan)
        promises["thresholds"] = {name: {"op": "<=", "value": 0.05, "confidence": 0.95} for name in names}
        promises["required_tests"] = []
        table = with_gaps(applications(600), "debt", 0.2)
        outcome = run(make_plan(model=patient(), table=table, quality={}, plan=promises, **data(missing="score")))
        assert not outcome.run.test_results["missing_rate:test"].passed
        assert outcome.run.test_results["duplicate_rate:test"].passed
        with pytest.raises(EvidenceError, match="needs the section `quality`"):
            make_plan(plan=promises)
        promises["thresholds"] = {"missing_rate:training": promises["thresholds"]["missing_rate:test"]}
        with pytest.raises(EvidenceError, match="missing_rate:test"):
            make_plan(quality={}, plan=promises)

    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({"tolerated": {"missing-values": 1.0}}, "0.5"),
            ({"tolerated": {"constant-columns": 0.1}}, "constant-columns"),
            (
                {
                    "warnings": [
                        "missing-values",
                        "declared-range",
                        "unseen-categories",
                        "constant-columns",
                        "duplicate-rows",
                    ]
                },
                "4",
            ),
            ({"warnings": ["declared-range", "declared-range"]}, "twice"),
        ],
    )
    def test_a_section_that_judges_nothing_is_refused(
        self, make_plan: MakePlan, settings: dict[str, Any], said: str
    ) -> None:
        with pytest.raises(EvidenceError, match=said):
            make_plan(quality=settings)


def plan_of(make_plan: MakePlan) -> dict[str, Any]:
    return make_plan().plan.to_json()


def test_a_report_on_a_table_that_was_not_handed_over_is_refused() -> None:
    """The child that ran a hostile model may say anything."""
    report = DataQualityReport(
        stage="profile", dataset_digest="sha256:" + "0" * 64, checks=(), failed_checks=(), split="training"
    )
    for split in ("training", None):
        examined = Examined(quality=(report.model_copy(update={"split": split}),))
        with pytest.raises(EvidenceError, match="makes no sense"):
            quality_reports(examined, {"data": "sha256:" + "1" * 64})


class TestGaps:
    def test_rows_with_gaps_are_scored_and_told_apart(self, make_plan: MakePlan) -> None:
        table = with_gaps(applications(2000), "income", 0.5)
        plan = make_plan(model=patient(), table=table, **data(missing="score"))
        outcome = run(plan)
        assert outcome.run.row_counts
        assert outcome.run.row_counts.excluded == 0
        found = {item.value: item for item in outcome.run.slices if item.dimension == "missing"}
        lacking = table["income"].null_count
        assert {value: item.n for value, item in found.items()} == {"some": lacking, "none": 2000 - lacking}
        half = np.where(np.isnan(np.array(table["income"].to_pylist(), dtype=float)), 0.5, table["income"].to_numpy())
        score = 2 * half - table["debt"].to_numpy()
        right = (score >= 0) == (np.asarray(table["paid"]) == "yes")
        assert outcome.run.metrics["accuracy"].value == pytest.approx(right.mean(), abs=1e-6)

    def test_a_plan_limits_rows_with_gaps(self, make_plan: MakePlan) -> None:
        promises = plan_of(make_plan)
        promises["thresholds"] = {
            f"roc_auc:missing={value}": {"op": ">=", "value": 0.9, "confidence": 0.95} for value in ("some", "none")
        }
        promises["required_tests"] = []
        table = applications(1000)
        sure = np.where(2 * table["income"].to_numpy() > table["debt"].to_numpy(), "yes", "no")
        table = with_gaps(table.set_column(5, "paid", pa.array(sure)), "income", 0.5)
        results = run(make_plan(model=patient(), table=table, plan=promises, **data(missing="score"))).run.test_results
        assert {name: item.passed for name, item in results.items()} == {
            "roc_auc:missing=none": True,
            "roc_auc:missing=some": False,
        }
        with pytest.raises(EvidenceError, match="slice"):
            make_plan(plan=promises)

    def test_a_model_that_cannot_take_them_is_found_out(self, make_plan: MakePlan) -> None:
        table = with_gaps(applications(600), "income", 0.5)
        with pytest.raises(EvidenceError, match="gave no number for a valid row"):
            run(make_plan(table=table, **data(missing="score")))

    def test_an_input_of_whole_numbers_has_no_gap(self, make_plan: MakePlan) -> None:
        nodes = [
            helper.make_node("Cast", ["X"], ["f"], to=TensorProto.FLOAT),
            helper.make_node("MatMul", ["f", "W"], ["z"]),
            helper.make_node("Sigmoid", ["z"], ["p"]),
        ]
        model = onnx_model(nodes, [numpy_helper.from_array(WEIGHTS, "W")])
        model.graph.input[0].type.tensor_type.elem_type = TensorProto.INT64
        table = applications(600)
        for name in ("income", "debt"):
            table = table.set_column(table.column_names.index(name), name, pa.array([1.0, 0.0, None] * 200))
        with pytest.raises(EvidenceError, match="has no missing value"):
            run(make_plan(model=model, table=table, **data(missing="score")))

    def test_labels_and_infinite_numbers_are_still_needed(self, make_plan: MakePlan) -> None:
        table = changed(applications(600), "paid", slice(0, 5), None)
        table = changed(table, "income", slice(5, 12), float("inf"))
        plan = make_plan(model=patient(), table=table, **data(missing="score"))
        counts = run(plan).run.row_counts
        assert counts
        assert counts.excluded == 12

    def test_half_missing_shows_in_drift_though_it_is_scored(self, make_plan: MakePlan, tmp_path: Path) -> None:
        write_table(tmp_path / "ref.csv", applications(5000, seed=9))
        reference = {"path": "ref.csv", "format": "csv", "window": WINDOW, "statistics": ["psi", "ks", "js"]}
        table = with_gaps(applications(2000), "income", 0.5)
        plan = make_plan(model=patient(), table=table, reference=reference, **data(missing="score"))
        found = {(item.feature, item.statistic): item for item in run(plan).drift}
        assert found["income", "psi"].value.ci_low > 1
        assert found["income", "ks"].value.ci_low > 0.4
        assert not found["debt", "psi"].alert_raised

    def test_as_many_missing_as_in_the_reference_is_no_drift(self, make_plan: MakePlan, tmp_path: Path) -> None:
        write_table(tmp_path / "ref.csv", with_gaps(applications(5000, seed=9), "income", 0.5, seed=78))
        reference = {"path": "ref.csv", "format": "csv", "window": WINDOW}
        table = with_gaps(applications(2000), "income", 0.5)
        plan = make_plan(model=patient(), table=table, reference=reference, **data(missing="score"))
        assert [item.feature for item in run(plan).drift if item.alert_raised] == []

    def test_attacks_are_made_on_whole_rows(self, make_plan: MakePlan) -> None:
        table = with_gaps(applications(600), "income", 0.5)
        plan = make_plan(model=patient(), table=table, robustness=ROBUSTNESS, **data(missing="score"))
        report = run(plan).robustness
        assert report
        assert 0 <= report.accuracy_drop.value < 1
        assert 150 < report.accuracy_drop.excluded == 400 - report.accuracy_drop.n  # passed over, and told

    def test_the_dimension_has_its_own_name(self, make_plan: MakePlan) -> None:
        with pytest.raises(EvidenceError, match="`missing`"):
            make_plan(slices=[{"column": "region", "name": "missing"}], **data(missing="score"))
