import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import TensorProto, helper, numpy_helper
from sklearn import metrics as sk

from evidence.model.canonical import digest_file, digest_json
from evidence.model.errors import EvidenceError
from evidence.validation.child.answers import Reader
from evidence.validation.outcome import ValidationOutcome
from evidence.validation.plan.model import Plan
from evidence.validation.runner import validate
from tests.worlds.runs import WEIGHTS, MakePlan, applications, logistic, onnx_model, plan_values, write_table

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
ROOT = Path(__file__).parents[3]
ROBUSTNESS = {"budgets": {"noise": 0.05, "fgsm": 0.05}, "trials": 400}
NOTES = {
    "pinned_dependencies": True,
    "inputs": {"income": {"classification": "confidential", "unit": "share"}, "debt": {"classification": "internal"}},
    "outputs": {"p": {"classification": "confidential"}},
    "feature_schema_version": "1",
    "licence": "Apache-2.0",
    "data_use_limits": [],
    "encrypted_at_rest": True,
    "encrypted_in_transit": True,
    "key_management": "customer-managed",
    "weights_sensitive": False,
}


def run(plan: Plan, **more: Any) -> ValidationOutcome:
    return validate(plan, started_at=AT, plan_digest=plan.digest, **more)


def data(**changes: Any) -> dict[str, Any]:
    return {"data": plan_values()["data"] | changes}


def scores_of(table: pa.Table) -> np.ndarray:
    x = np.column_stack([table["income"], table["debt"]]).astype(np.float32)
    return 1 / (1 + np.exp(-(x @ WEIGHTS)[:, 0].astype(np.float64)))


def untimed(outcome: ValidationOutcome) -> dict[str, Any]:
    """Everything but what a clock decides."""
    found = outcome.model_dump(mode="json")
    del found["run"]["latency_ms"]
    del found["run"]["started_at"]
    return found


@pytest.mark.slow
class TestProcessors:
    SCRIPT = (
        "import os, sys; sys.path.insert(0, sys.argv[2])\n"
        "if sys.argv[3] == 'one': os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from datetime import UTC, datetime; from pathlib import Path\n"
        "from evidence.model.canonical import canonical_bytes\n"
        "from evidence.validation.plan.read import load_plan; from evidence.validation.runner import validate\n"
        "plan = load_plan(Path(sys.argv[1]))\n"
        "done = validate(plan, started_at=datetime(2026, 11, 21, tzinfo=UTC), plan_digest=plan.digest)\n"
        "kept = [item.model_dump(mode='json') for item in done.predicates]\n"
        "kept[0].pop('latency_ms')\n"
        "sys.stdout.buffer.write(canonical_bytes([kept, done.charts.to_json()]))"
    )

    @pytest.mark.skipif(
        not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2,
        reason="needs Linux and two processors",
    )
    @pytest.mark.parametrize("kind", ["two classes", "values"])
    def test_one_processor_or_two_and_any_threads_give_the_same_bytes(
        self, make_plan: MakePlan, tmp_path: Path, kind: str
    ) -> None:
        table = applications(70_000)
        more: dict[str, Any] = {"robustness": ROBUSTNESS}
        if kind == "values":
            more = data(label="debt", positive=None, negative=None)
            threshold = {"op": "<=", "value": 5.0, "confidence": 0.95}
            promises = {"required_tests": ["mae"], "thresholds": {"mae": threshold}, "primary_metric": "mae"}
            more |= {
                "output": {"name": "p", "kind": "value"},
                "plan": plan_values()["plan"] | promises,
                "binding_measures": ["mean_difference"],
            }
        reference = {
            "path": "reference.csv", "format": "csv", "statistics": ["psi", "js", "ks"],
            "window": {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        }  # fmt: skip
        write_table(tmp_path / "reference.csv", applications(70_000, seed=2))
        plan = make_plan(table=table, slices=["region"], reference=reference, **more)
        many = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "4")
        found = {
            subprocess.run(
                [sys.executable, "-c", self.SCRIPT, str(plan.folder / "plan.yaml"), str(ROOT), cores],
                check=True, capture_output=True, env={**os.environ, **threads, "PYTHONHASHSEED": seed},
            ).stdout
            for cores, threads, seed in (("one", {}, "1"), ("two", {}, "2"), ("two", many, "3"))
        }  # fmt: skip
        assert len(found) == 1
        assert len(found.pop()) > 5_000


class TestPerformance:
    def test_the_numbers_are_scikit_learns(self, make_plan: MakePlan) -> None:
        table = applications(3000)
        found = run(make_plan(table=table)).run.metrics
        truth, score = np.asarray(table["paid"]) == "yes", scores_of(table)
        guess = score >= 0.5
        expected = {
            "accuracy": sk.accuracy_score(truth, guess),
            "balanced_accuracy": sk.balanced_accuracy_score(truth, guess),
            "precision": sk.precision_score(truth, guess),
            "recall": sk.recall_score(truth, guess),
            "f1": sk.f1_score(truth, guess),
            "roc_auc": sk.roc_auc_score(truth, score),
            "log_loss": sk.log_loss(truth, score),
            "brier": sk.brier_score_loss(truth, score),
        }
        assert {name: found[name].value for name in expected} == pytest.approx(expected, abs=1e-4)
        assert all(item.ci_low <= item.value <= item.ci_high for item in found.values())

    def test_slices_and_periods(self, make_plan: MakePlan) -> None:
        period = data(period={"column": "day", "by": "quarter"})
        found = run(make_plan(slices=["region"], table=applications(2000), **period)).run
        assert {(item.dimension, item.value) for item in found.slices} == {
            ("sex", "f"), ("sex", "m"), ("region", "north"), ("region", "south"), ("region", "west"),
        }  # fmt: skip
        assert [f"{item.period.start:%Y-%m}" for item in found.periods] == ["2025-01", "2025-04", "2025-07", "2025-10"]
        assert sum(item.n for item in found.periods) == 2000

    def test_numbers_are_cut_into_groups(self, make_plan: MakePlan) -> None:
        found = run(make_plan(slices=[{"column": "income", "name": "wealth", "bins": [0.5]}])).run
        assert {item.value for item in found.slices if item.dimension == "wealth"} == {"< 0.5", ">= 0.5"}

    def test_a_model_that_gives_labels_only(self, make_plan: MakePlan) -> None:
        model = onnx_model(
            [helper.make_node("MatMul", ["X", "W"], ["z"]), helper.make_node("Sign", ["z"], ["p"])],
            [numpy_helper.from_array(WEIGHTS, "W")],
        )
        output = {"name": "p", "kind": "label", "positive": 1, "favourable": "positive"}
        with pytest.raises(EvidenceError, match="`roc_auc` needs probabilities"):
            make_plan(model=model, output=output)
        threshold = {"op": ">=", "value": 0.5, "confidence": 0.95}
        promises = {"required_tests": ["accuracy"], "thresholds": {"accuracy": threshold}, "primary_metric": "accuracy"}
        found = run(make_plan(model=model, output=output, plan=plan_values()["plan"] | promises))
        assert "accuracy" in found.run.metrics
        assert "accuracy" in found.run.test_results
        assert "roc_auc" not in found.run.metrics
        assert "roc_auc" not in found.measured


class TestOtherShapes:
    def test_parquet_gives_the_same_numbers_as_csv(self, make_plan: MakePlan) -> None:
        table = applications(2000)
        first = run(make_plan(table=table))
        second = run(make_plan(table=table, **data(path="test.parquet", format="parquet")))
        assert first.run.metrics == second.run.metrics
        assert first.fairness[0].impact_ratio == second.fairness[0].impact_ratio
        assert first.run.dataset_digest != second.run.dataset_digest

    def test_one_input_a_column_with_words(self, make_plan: MakePlan) -> None:
        graph = helper.make_graph(
            [
                helper.make_node(
                    "LabelEncoder",
                    ["sex"],
                    ["s"],
                    domain="ai.onnx.ml",
                    keys_strings=["f", "m"],
                    values_floats=[0.1, 0.2],
                ),
                helper.make_node("Cast", ["n"], ["m"], to=TensorProto.FLOAT),
                helper.make_node("Mul", ["income", "m"], ["q"]),
                helper.make_node("Add", ["q", "s"], ["r"]),
                helper.make_node("Sigmoid", ["r"], ["p"]),
            ],
            "g",
            [
                helper.make_tensor_value_info("income", TensorProto.FLOAT, [None, 1]),
                helper.make_tensor_value_info("sex", TensorProto.STRING, [None, 1]),
                helper.make_tensor_value_info("n", TensorProto.INT64, [None, 1]),
            ],
            [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1])],
        )
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
        columns = [
            {"name": "income", "range": {"low": 0, "high": 1}},
            {"name": "sex", "text": True},
            {"name": "region", "input": "n", "values": {"north": 0, "south": 1, "west": 2}},
        ]
        features = {"layout": "columns", "columns": columns}
        table = applications(500)
        outcome = run(make_plan(model=model, features=features, table=table, robustness=ROBUSTNESS))
        number = np.select([np.asarray(table["region"]) == "south", np.asarray(table["region"]) == "west"], [1, 2], 0)
        r = np.asarray(table["income"]) * number + np.where(np.asarray(table["sex"]) == "f", 0.1, 0.2)
        auc = sk.roc_auc_score(np.asarray(table["paid"]) == "yes", r)
        assert outcome.run.metrics["roc_auc"].value == pytest.approx(auc, abs=2e-4)
        assert outcome.robustness is not None


class TestFairness:
    def test_outputs_and_training_labels_are_audited(self, make_plan: MakePlan, tmp_path: Path) -> None:
        write_table(tmp_path / "train.csv", applications(900, seed=2))
        plan = make_plan(
            training={"path": "train.csv", "format": "csv"},
            protected_attributes={"attributes": ["sex", "region"], "intersections": [["sex", "region"]]},
        )
        outputs, labels = run(plan).fairness
        assert (outputs.audited, labels.audited) == ("model-outputs", "training-labels")
        assert outputs.dataset_digest == digest_file(tmp_path / "test.csv")
        assert labels.dataset_digest == digest_file(tmp_path / "train.csv")
        assert outputs.group_sizes["sex=f"] + outputs.group_sizes["sex=m"] == 600
        assert sum(size for name, size in labels.group_sizes.items() if name.startswith("region=")) == 900
        assert "sex=f&region=west" in outputs.group_sizes

    @pytest.mark.parametrize("favourable", ["positive", "negative"])
    def test_the_favourable_class_is_the_one_selected(self, make_plan: MakePlan, favourable: str) -> None:
        table = applications(800)
        (audit,) = run(make_plan(table=table, output={"name": "p", "favourable": favourable})).fairness
        women = np.asarray(table["sex"]) == "f"
        selected = (scores_of(table) >= 0.5) == (favourable == "positive")
        rate = audit.group_metrics["sex=f"]["selection_rate"].value
        assert rate == pytest.approx(selected[women].mean(), abs=1e-6)

    def test_a_row_of_no_known_group_is_counted(self, make_plan: MakePlan) -> None:
        table = applications(500)
        sex = pa.array([None if i % 50 == 0 else v.as_py() for i, v in enumerate(table["sex"])])
        outcome = run(make_plan(table=table.set_column(2, "sex", sex)))
        assert outcome.fairness[0].unknown_count == 10
        assert outcome.run.metrics["accuracy"].n == 500


class TestBehaviour:
    def test_a_plain_model_is_deterministic_and_batch_invariant(self, make_plan: MakePlan) -> None:
        found = run(make_plan()).run
        assert found.deterministic
        assert found.batch_invariant
        assert found.execution_providers == ("CPUExecutionProvider",)

    def test_a_random_model_is_not(self, make_plan: MakePlan) -> None:
        nodes = [
            helper.make_node("RandomUniformLike", ["X"], ["r"]),
            helper.make_node("ReduceMean", ["r"], ["p"], axes=[1], keepdims=1),
        ]
        found = run(make_plan(model=onnx_model(nodes))).run
        assert not found.batch_invariant

    def test_a_model_that_looks_at_its_neighbours_is_not_batch_invariant(self, make_plan: MakePlan) -> None:
        nodes = [
            helper.make_node("ReduceMean", ["X"], ["m"], axes=[0], keepdims=1),
            helper.make_node("Sub", ["X", "m"], ["d"]),
            helper.make_node("MatMul", ["d", "W"], ["z"]),
            helper.make_node("Sigmoid", ["z"], ["p"]),
        ]
        outcome = run(make_plan(model=onnx_model(nodes, [numpy_helper.from_array(WEIGHTS, "W")])))
        assert not outcome.run.batch_invariant
        assert outcome.charts.batch_difference > 0.01

    def test_latency_percentiles_rise(self, make_plan: MakePlan) -> None:
        found = run(make_plan()).run.latency_ms
        assert 0 < found["p50"].value <= found["p95"].value <= found["p99"].value
        assert (found["p99"].n, found["p99"].excluded, found["p99"].confidence) == (400, 2, 0.95)

    def test_reference_outputs(self, make_plan: MakePlan, tmp_path: Path) -> None:
        table = applications(600)
        golden = {"outputs": {"path": "golden.csv", "format": "csv"}, "column": "score"}
        write_table(tmp_path / "golden.csv", pa.table({"score": scores_of(table)}))
        found = run(make_plan(table=table, golden=golden)).run
        assert (found.max_output_difference or 1) < 1e-6
        assert found.golden_set_digest == found.dataset_digest
        assert run(make_plan(table=table)).run.golden_set_digest is None
        write_table(tmp_path / "golden.csv", pa.table({"score": scores_of(table) + np.arange(600) / 6000}))
        moved = run(make_plan(table=table, golden=golden)).run.max_output_difference
        assert moved == pytest.approx(599 / 6000, abs=1e-6)

    def test_too_few_reference_outputs(self, make_plan: MakePlan, tmp_path: Path) -> None:
        write_table(tmp_path / "golden.csv", pa.table({"score": [0.5]}))
        golden = {"outputs": {"path": "golden.csv", "format": "csv"}, "column": "score"}
        with pytest.raises(EvidenceError, match="1 reference outputs"):
            run(make_plan(golden=golden))

    def test_other_golden_inputs_than_the_committed_ones(self, make_plan: MakePlan, tmp_path: Path) -> None:
        table = applications(600)
        write_table(tmp_path / "golden.csv", pa.table({"score": scores_of(table)}))
        golden = {"outputs": {"path": "golden.csv", "format": "csv"}, "column": "score"}
        pinned = plan_values()["plan"] | {"golden_set_digest": "sha256:" + "a" * 64}
        with pytest.raises(EvidenceError, match="the committed plan pins sha256:aaa"):
            run(make_plan(table=table, golden=golden, plan=pinned))


class TestRobustness:
    def test_a_guarded_model_refuses_what_is_invalid(self, make_plan: MakePlan) -> None:
        output = {"name": "p", "favourable": "positive", "abstain": {"value": -1}}
        plan = make_plan(model=logistic(guarded=True), output=output, robustness=ROBUSTNESS)
        report = run(plan).robustness
        assert report is not None
        assert report.fault_trials == report.fault_safe_responses > 400
        assert report.invalid_input_rejection.ci_low >= 0.99
        assert report.ood_rejection is not None
        assert report.ood_rejection.ci_low >= 0.99
        assert report.valid_input_rejection is not None
        assert report.valid_input_rejection.ci_high <= 0.01
        assert not report.poisoning_checked

    def test_a_bare_model_answers_everything(self, make_plan: MakePlan) -> None:
        report = run(make_plan(robustness=ROBUSTNESS)).robustness
        assert report is not None
        assert report.ood_rejection is not None
        assert report.ood_rejection.value == 0
        assert report.fault_safe_responses < report.fault_trials

    def test_a_step_near_the_threshold_turns_decisions(self, make_plan: MakePlan) -> None:
        report = run(make_plan(robustness=ROBUSTNESS)).robustness
        assert report is not None
        assert set(report.attack_success) == {"noise", "fgsm"}
        assert report.attack_success["fgsm"].value > 0
        assert report.accuracy_drop.ci_high >= report.accuracy_drop.value > 0


class TestAbstentions:
    def test_are_counted_and_left_out_of_performance(self, make_plan: MakePlan) -> None:
        table = applications(500)
        income = np.asarray(table["income"]).copy()
        income[:20] = 5.0
        table = table.set_column(0, "income", pa.array(income))
        output = {"name": "p", "favourable": "positive", "abstain": {"value": -1}}
        outcome = run(make_plan(model=logistic(guarded=True), table=table, output=output))
        assert outcome.run.metrics["abstention_rate"].value == pytest.approx(0.04)
        assert (outcome.run.metrics["accuracy"].n, outcome.run.metrics["accuracy"].excluded) == (480, 20)
        assert sum(outcome.fairness[0].group_sizes.values()) == 500

    def test_a_score_that_is_no_number_is_an_error(self, make_plan: MakePlan) -> None:
        nodes = [helper.make_node("MatMul", ["X", "W"], ["z"]), helper.make_node("Log", ["z"], ["p"])]
        with pytest.raises(EvidenceError, match="no number for a valid row"):
            run(make_plan(model=onnx_model(nodes, [numpy_helper.from_array(WEIGHTS, "W")])))

    def test_a_score_that_is_no_probability_is_an_error(self, make_plan: MakePlan) -> None:
        nodes = [helper.make_node("MatMul", ["X", "W"], ["p"])]
        with pytest.raises(EvidenceError, match="no probability"):
            run(make_plan(model=onnx_model(nodes, [numpy_helper.from_array(WEIGHTS, "W")])))


class TestDrift:
    def reference(self, tmp_path: Path, table: pa.Table) -> dict[str, Any]:
        write_table(tmp_path / "ref.csv", table)
        window = {"start": "2025-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"}
        return {"path": "ref.csv", "format": "csv", "window": window}

    def test_the_same_population_has_not_drifted(self, make_plan: MakePlan, tmp_path: Path) -> None:
        reference = self.reference(tmp_path, applications(5000, seed=9))
        reports = run(make_plan(table=applications(5000), reference=reference)).drift
        assert [(item.target, item.feature) for item in reports] == [
            ("environment", "income"), ("environment", "debt"), ("prediction", None),
        ]  # fmt: skip
        assert all(item.value.ci_high < 0.1 and not item.alert_raised for item in reports)
        assert {item.baseline_ref for item in reports} == {digest_file(tmp_path / "ref.csv")}

    def test_a_moved_feature_is_seen(self, make_plan: MakePlan, tmp_path: Path) -> None:
        table = applications(2000)
        moved = table.set_column(0, "income", pa.array(np.asarray(table["income"]) ** 3))
        reference = self.reference(tmp_path, table) | {"statistics": ["psi", "ks", "js"]}
        reports = run(make_plan(table=moved, reference=reference)).drift
        found = {(item.feature, item.statistic): item for item in reports}
        assert found["income", "psi"].alert_raised
        assert found["income", "ks"].value.value > 0.3
        assert not found["debt", "psi"].alert_raised
        # Ten of equal mass, and one below all that the reference holds.
        assert found["income", "psi"].value.method == "psi-11-bins-debiased"

    @pytest.mark.parametrize("missing", [0.0, 0.5])
    def test_half_the_rows_missing_is_seen(self, make_plan: MakePlan, tmp_path: Path, missing: float) -> None:
        """Rows with a gap are asked of no model, and count in the drift of the feature that they lack."""
        table = applications(2000)
        lacking = np.random.default_rng(1).random(2000) < missing
        income = pa.array(
            [None if gone else value.as_py() for gone, value in zip(lacking, table["income"], strict=True)]
        )
        reference = self.reference(tmp_path, applications(5000, seed=9))
        plan = make_plan(table=table.set_column(0, "income", income), reference=reference, **data(missing="exclude"))
        found = {item.feature: item for item in run(plan).drift}
        assert found["income"].alert_raised == (missing > 0)
        assert found["income"].value.n == 2000
        assert found["debt"].value.ci_high < 0.1
        if missing:
            assert found["income"].value.ci_low > 1


class TestScores:
    def model(self, score: float) -> onnx.ModelProto:
        """Every row gets this score."""
        nodes = [
            helper.make_node("MatMul", ["X", "W"], ["z"]),
            helper.make_node("Add", ["z", "score"], ["p"]),
        ]
        zeros = numpy_helper.from_array(np.zeros((2, 1), dtype=np.float32), "W")
        return onnx_model(nodes, [zeros, numpy_helper.from_array(np.array([score], dtype=np.float32), "score")])

    @pytest.mark.parametrize("score", [1.0000005, -1e-7])
    def test_a_hair_outside_is_cut_and_told(self, make_plan: MakePlan, score: float) -> None:
        outcome = run(make_plan(model=self.model(score)))
        assert outcome.run.clipped_scores == 600
        assert any("600 rows" in note and "a hair outside" in note for note in outcome.notes)
        # Cut to the end, and for the log loss by the single precision of the output: 15.94, not the 36.04 of double.
        assert 15.94 * 0.1 < outcome.run.metrics["log_loss"].value < 15.95

    def test_far_outside_is_refused(self, make_plan: MakePlan) -> None:
        with pytest.raises(EvidenceError, match="no probability"):
            run(make_plan(model=self.model(1.001)))

    def test_inside_nothing_is_cut(self, make_plan: MakePlan) -> None:
        assert run(make_plan()).run.clipped_scores == 0


class TestFamilies:
    def test_the_run_says_how_many_were_judged_and_how(self, make_plan: MakePlan, tmp_path: Path) -> None:
        reference = TestDrift().reference(tmp_path, applications(5000, seed=9))
        promises = plan_values()["plan"] | {
            "required_tests": ["drift:psi:*", "roc_auc:region=*"],
            "thresholds": {
                "drift:psi:*": {"op": "<=", "value": 0.1, "confidence": 0.95, "family": "holm"},
                "roc_auc:region=*": {"op": ">=", "value": 0.99, "confidence": 0.95, "family": "share", "share": 0.8},
                "impact_ratio:sex=*": {"op": ">=", "value": 0.5, "confidence": 0.95, "family": "each"},
            },
        }
        plan = make_plan(table=applications(4000), reference=reference, slices=["region"], plan=promises)
        outcome = run(plan)
        results = outcome.run.test_results
        assert outcome.run.judged == {"slices": 5, "groups": 2, "distances": 3}
        assert any("5 slices, 2 groups, 3 distances" in note for note in outcome.notes)
        drift, slices, groups = (results[name] for name in ("drift:psi:*", "roc_auc:region=*", "impact_ratio:sex=*"))
        assert (drift.passed, drift.judged, drift.met) == (True, 3, 3)
        assert drift.observed.confidence > 0.95
        assert (slices.passed, slices.judged, slices.met) == (False, 3, 0)
        assert (groups.passed, groups.judged) == (True, 2)
        assert outcome.run.class_sizes is not None
        assert sum(outcome.run.class_sizes.values()) == 4000

    def test_a_slice_that_is_too_small_is_a_gap_and_fails_its_family(self, make_plan: MakePlan) -> None:
        table = applications(600)
        region = ["island" if place < 12 else value.as_py() for place, value in enumerate(table["region"])]
        promises = plan_values()["plan"] | {
            "required_tests": ["roc_auc:region=*"],
            "thresholds": {"roc_auc:region=*": {"op": ">=", "value": 0.1, "confidence": 0.95, "family": "each"}},
        }
        plan = make_plan(table=table.set_column(3, "region", pa.array(region)), slices=["region"], plan=promises)
        outcome = run(plan)
        assert [(gap.value, gap.n, gap.reason) for gap in outcome.run.slice_gaps or ()] == [
            ("island", 12, "12 independent cases, fewer than 20")
        ]
        result = outcome.run.test_results["roc_auc:region=*"]
        assert (result.passed, result.met, result.judged) == (False, 3, 3)

    def test_too_few_rows_or_cases_of_a_label_have_no_metric(self, make_plan: MakePlan) -> None:
        assert "roc_auc" not in run(make_plan(table=applications(49))).run.metrics
        table = applications(600)
        paid = ["no" if place < 4 else "yes" for place in range(600)]
        rare = run(make_plan(table=table.set_column(5, "paid", pa.array(paid)))).run
        assert rare.metrics.keys() <= {"abstention_rate"}
        assert rare.class_sizes == {"positive": 596, "negative": 4}
        assert "roc_auc" in run(make_plan(table=applications(60))).run.metrics

    @pytest.mark.parametrize(
        ("test", "family", "problem"),
        [
            ("impact_ratio:sex=*", {}, "say how"),
            ("roc_auc", {"family": "each"}, "is one number"),
            ("roc_auc:colour=*", {"family": "each"}, "ends with no slice"),
        ],
    )
    def test_what_cannot_be_judged_so_is_refused_with_the_plan(
        self, make_plan: MakePlan, test: str, family: dict[str, str], problem: str
    ) -> None:
        thresholds = {test: {"op": ">=", "value": 0.5, "confidence": 0.95} | family}
        with pytest.raises(EvidenceError, match=problem):
            make_plan(plan=plan_values()["plan"] | {"required_tests": [test], "thresholds": thresholds})


class TestArtifact:
    def test_the_manifest_joins_what_was_found_and_what_was_declared(self, make_plan: MakePlan, tmp_path: Path) -> None:
        plan = make_plan(artifact=NOTES)
        manifest = run(plan).artifact
        assert manifest is not None
        assert manifest.artifact_digest == digest_file(tmp_path / "model.onnx")
        assert (manifest.format, manifest.opset, manifest.licence) == ("onnx", 17, "Apache-2.0")
        fields = [(item.name, item.dtype, item.classification) for item in manifest.input_schema]
        assert fields == [("income", "float32", "confidential"), ("debt", "float32", "internal")]

    def test_an_undeclared_class_is_an_error(self, make_plan: MakePlan) -> None:
        with pytest.raises(EvidenceError, match=r"`artifact\.inputs` does not say of which class `debt`"):
            run(make_plan(artifact=NOTES | {"inputs": {"income": {"classification": "internal"}}}))


class TestMistakes:
    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            (data(label="repaid"), "no column `repaid`"),
            (data(positive="true"), "`(yes|no)` in the label column `paid` is neither `true` nor `no`"),
            ({"features": {"layout": "tensor", "columns": [{"name": "wage"}]}}, "takes 2 columns, the plan gives 1"),
            (
                {"features": {"layout": "tensor", "columns": [{"name": "wage"}, {"name": "debt"}]}},
                "test.csv: no column `wage`",
            ),
            (
                {"features": {"layout": "tensor", "columns": [{"name": "sex"}, {"name": "debt"}]}, "slices": []},
                "both as number and as text",
            ),
            (
                {"features": {"layout": "tensor", "columns": [{"name": "region"}, {"name": "debt"}]}},
                r"test.csv:2: `\w+` in the column `region` is not a number",
            ),
            (
                {
                    "features": {
                        "layout": "tensor",
                        "columns": [{"name": "region", "values": {"north": 0, "west": 1}}, {"name": "debt"}],
                    }
                },
                "`south` in the column `region` is none of `north`, `west`",
            ),
            ({"output": {"name": "q", "favourable": "positive"}}, "no output `q`, but `p`"),
            ({"features": plan_values()["features"] | {"input": "Y"}}, "no input `Y`, but `X`"),
            (data(period={"column": "region", "by": "month"}), "is no ISO 8601 day"),
            (data(format="parquet"), "not a Parquet file"),
        ],
    )
    def test_are_named(self, make_plan: MakePlan, changes: dict[str, Any], problem: str) -> None:
        with pytest.raises(EvidenceError, match=problem):
            run(make_plan(**changes))

    def test_a_gap_is_an_error_unless_the_plan_leaves_such_rows_out(self, make_plan: MakePlan) -> None:
        table = applications(500)
        income = pa.array([None if i in (3, 7) else v.as_py() for i, v in enumerate(table["income"])])
        table = table.set_column(0, "income", income)
        with pytest.raises(EvidenceError, match="no finite value for `income` in data row 4"):
            run(make_plan(table=table))
        outcome = run(make_plan(table=table, **data(missing="exclude")))
        assert (outcome.run.metrics["accuracy"].n, outcome.run.metrics["accuracy"].excluded) == (498, 2)
        assert outcome.charts.excluded == 2

    def test_nothing_but_gaps(self, make_plan: MakePlan) -> None:
        table = applications(10).set_column(5, "paid", pa.nulls(10, pa.string()))
        with pytest.raises(EvidenceError, match="no row of the test data can be measured"):
            run(make_plan(table=table, **data(missing="exclude")))

    def test_fractions_for_an_input_of_whole_numbers(self, make_plan: MakePlan) -> None:
        graph = helper.make_graph(
            [helper.make_node("Cast", ["n"], ["f"], to=TensorProto.FLOAT), helper.make_node("Sigmoid", ["f"], ["p"])],
            "g",
            [helper.make_tensor_value_info("n", TensorProto.INT64, [None, 1])],
            [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1])],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        features = {"layout": "columns", "columns": [{"name": "income", "input": "n"}]}
        with pytest.raises(EvidenceError, match="`n` takes int64, the data hold fractions"):
            run(make_plan(model=model, features=features))

    def test_no_rows(self, make_plan: MakePlan) -> None:
        with pytest.raises(EvidenceError, match="the table has no rows"):
            run(make_plan(table=applications(1).slice(0, 0)))

    def test_a_plan_that_is_not_the_committed_one(self, make_plan: MakePlan) -> None:
        with pytest.raises(EvidenceError, match="the committed plan sha256:00"):
            validate(make_plan(), started_at=AT, plan_digest="sha256:" + "0" * 64)

    def test_what_was_digested_is_what_ran_whatever_happens_to_the_files_meanwhile(
        self, make_plan: MakePlan, tmp_path: Path
    ) -> None:
        plan = make_plan()
        model, table = tmp_path / "model.onnx", tmp_path / "test.csv"
        digests = digest_file(model), digest_file(table)
        honest = untimed(run(plan))
        flattering = table.read_text().replace(",no\n", ",yes\n")

        def meddle(stage: str, done: int, total: int | None) -> None:
            for path, data in ((model, b"x"), (table, flattering.encode())):
                before = path.stat()
                path.write_bytes(data)
                os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

        meddled = run(plan, progress=meddle)
        assert untimed(meddled) == honest
        assert (meddled.run.artifact_digest, meddled.run.dataset_digest) == digests

    def test_a_file_that_grows_while_it_is_read(
        self, make_plan: MakePlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan, read = make_plan(), os.pread

        def growing(file: int, size: int, at: int) -> bytes:
            with (tmp_path / "model.onnx").open("ab") as model:
                model.write(b"x")
            return read(file, size, at)

        monkeypatch.setattr("evidence.validation.kept.os.pread", growing)
        with pytest.raises(EvidenceError, match=r"model\.onnx: the file changed while it was read"):
            run(plan)

    def test_no_room_for_a_copy(self, make_plan: MakePlan, tmp_path: Path) -> None:
        plan = make_plan()
        with (tmp_path / "test.csv").open("r+b") as file:
            file.truncate(1 << 50 if sys.platform == "darwin" else 15 << 40)  # sparse
        with pytest.raises(EvidenceError, match=r"test\.csv: no room in .* for a copy"):
            run(plan)

    def test_nothing_is_left_in_the_folder_for_temporary_files(
        self, make_plan: MakePlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "temporary"
        folder.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(folder))
        run(make_plan(), progress=lambda *_: (_ for _ in ()).throw(AssertionError) if list(folder.iterdir()) else None)
        assert not list(folder.iterdir())

    def test_a_fifo_in_place_of_a_table(self, make_plan: MakePlan, tmp_path: Path) -> None:
        plan = make_plan()
        (tmp_path / "test.csv").unlink()
        os.mkfifo(tmp_path / "test.csv")
        with pytest.raises(EvidenceError, match="not a plain file"):
            run(plan)


class TestPlannedTests:
    def test_the_worse_end_of_the_interval_decides(self, make_plan: MakePlan) -> None:
        first = run(make_plan()).run.metrics["roc_auc"]
        between = (first.ci_low + first.value) / 2
        plan = plan_values()["plan"]
        thresholds = {"roc_auc": {"op": ">=", "value": between, "confidence": 0.95}}
        result = run(make_plan(plan=plan | {"thresholds": thresholds})).run.test_results["roc_auc"]
        assert not result.passed
        assert result.observed == first
        assert result.threshold_digest == digest_json(thresholds["roc_auc"])

    def test_a_lower_confidence_than_promised_does_not_pass(self, make_plan: MakePlan) -> None:
        assert run(make_plan()).run.test_results["roc_auc"].passed
        weaker = make_plan().model_copy(update={"confidence": 0.9})  # a file that says so is refused when it is read
        assert not run(weaker).run.test_results["roc_auc"].passed


class TestAgain:
    def test_the_same_run_gives_the_same_evidence(self, make_plan: MakePlan, tmp_path: Path) -> None:
        reference = TestDrift().reference(tmp_path, applications(700, seed=5))
        plan = make_plan(robustness=ROBUSTNESS, reference=reference, artifact=NOTES)
        assert untimed(run(plan)) == untimed(run(plan))

    def test_the_evidence_can_be_written_down(self, make_plan: MakePlan) -> None:
        outcome = run(make_plan(artifact=NOTES))
        assert [item.TYPE for item in outcome.predicates] == ["validation-run", "fairness-audit", "artifact-manifest"]
        for item in outcome.predicates:
            assert type(item).model_validate_json(item.model_dump_json()) == item

    def test_progress_is_told(self, make_plan: MakePlan) -> None:
        told: list[str] = []
        run(make_plan(), progress=lambda stage, done, total: told.append(stage))
        assert list(dict.fromkeys(told)) == ["load", "test data", "behaviour"]


def test_the_parent_needs_no_heavy_library() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import evidence.validation.runner; "
        "print({'numpy', 'onnx', 'onnxruntime', 'pyarrow', 'scipy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(make_plan: MakePlan, tmp_path: Path) -> None:
    code = (
        f"import sys, resource; sys.path.insert(0, {str(ROOT)!r})\n"
        "from datetime import datetime, UTC; from pathlib import Path\n"
        "from evidence.validation.plan.read import load_plan; from evidence.validation.runner import validate\n"
        f"plan = load_plan(Path({str(tmp_path / 'plan.yaml')!r}))\n"
        "validate(plan, started_at=datetime(2026, 1, 1, tzinfo=UTC), plan_digest=plan.digest)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    peaks = []
    for form in ("csv", "parquet"):
        for rows in (100_000, 1_000_000):
            make_plan(table=applications(rows), **data(path=f"test.{form}", format=form))
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            peaks.append(int(done.stdout))
        assert peaks[-1] < peaks[-2] * 1.25


def test_a_column_of_the_positive_class_that_is_not_there_is_named(make_plan: MakePlan) -> None:
    output = make_plan(output=plan_values()["output"] | {"index": 5}).output
    with pytest.raises(EvidenceError, match=r"`output.index` is 5, and the output `p` has 2 columns") as caught:
        Reader(output, "model.onnx").read([np.full((3, 2), 0.5)], 3)
    assert "the first is 0" in str(caught.value.hint)
