"""Models that give a row any number of labels: scikit-learn's numbers, from plan to run, and what cannot be hidden."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sklearn import metrics as sk

from evidence.model.errors import EvidenceError
from evidence.validation.draft import Asked, draft_plan
from evidence.validation.measures.labels import LabelsPerformance
from evidence.validation.measures.weighted import Sample, labelled
from evidence.validation.outcome import ValidationOutcome
from evidence.validation.plan.model import Plan
from evidence.validation.runner import look_into, validate
from tests.worlds.runs import MakePlan, plan_values, write_table

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
WORDS = ("sport", "money", "travel")
SLOPES = np.array([[4.0, -3.0, 1.0], [-2.0, 3.0, 3.0]], dtype=np.float32)
SHIFT = np.array([-0.5, 0.2, -2.5], dtype=np.float32)


def graph(logits: bool = False) -> onnx.ModelProto:
    """Scores (rows, 3) of three labels from X (rows, 2)."""
    nodes = [helper.make_node("Gemm", ["X", "W", "b"], ["scores" if logits else "z"])]
    if not logits:
        nodes.append(helper.make_node("Sigmoid", ["z"], ["scores"]))
    made = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [None, 3])],
        [numpy_helper.from_array(SLOPES, "W"), numpy_helper.from_array(SHIFT, "b")],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def scores_of(x: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-(x.astype(np.float32) @ SLOPES + SHIFT).astype(np.float64))))


def articles(rows: int, seed: int = 1) -> pa.Table:
    rng = np.random.default_rng(seed)
    x = rng.random((rows, 2)).round(4)
    true = rng.random((rows, 3)) < scores_of(x)
    columns: dict[str, Any] = {"income": x[:, 0], "debt": x[:, 1], "sex": rng.choice(["f", "m"], rows)}
    return pa.table(columns | {word: np.where(true[:, at], "yes", "no") for at, word in enumerate(WORDS)})


def labels_plan(make_plan: MakePlan, table: pa.Table | None = None, **changes: Any) -> Plan:
    promise = plan_values()["plan"] | {
        "primary_metric": "f1_macro",
        "required_tests": ["f1_macro", "recall:money"],
        "thresholds": {name: {"op": ">=", "value": 0.1, "confidence": 0.95} for name in ("f1_macro", "recall:money")},
    }
    sections: dict[str, Any] = {
        "data": plan_values()["data"] | {"label": list(WORDS)} | changes.pop("data", {}),
        "output": {"name": "scores", "kind": "labels", "favourable": "money"} | changes.pop("output", {}),
        "plan": promise | changes.pop("promise", {}),
    }
    logits = changes.pop("logits", False)
    return make_plan(model=graph(logits), table=articles(900) if table is None else table, **sections, **changes)


def run(plan: Plan) -> ValidationOutcome:
    return validate(plan, started_at=AT, plan_digest=plan.digest)


def truth_of(table: pa.Table) -> NDArray[np.bool_]:
    return np.column_stack([np.asarray(table[word]) == "yes" for word in WORDS])


def expected(truth: Any, marks: Any, scores: Any, w: Any = None) -> dict[str, float]:
    """Every measure as scikit-learn has it."""
    how: dict[str, Any] = {"sample_weight": w}
    found = {
        "subset_accuracy": sk.accuracy_score(truth, marks, **how),
        "hamming_loss": sk.hamming_loss(truth, marks, **how),
        "roc_auc_macro": sk.roc_auc_score(truth, scores, average="macro", **how),
    }
    makers = {"precision": sk.precision_score, "recall": sk.recall_score, "f1": sk.f1_score}
    for name, maker in makers.items():
        found |= {f"{name}_{how_}": maker(truth, marks, average=how_, **how) for how_ in ("micro", "macro")}
        found |= {f"{name}:{word}": maker(truth[:, at], marks[:, at], **how) for at, word in enumerate(WORDS)}
    for at, word in enumerate(WORDS):
        found[f"specificity:{word}"] = sk.recall_score(~truth[:, at], ~marks[:, at], **how)
        found[f"roc_auc:{word}"] = sk.roc_auc_score(truth[:, at], scores[:, at], **how)
    return found


class TestRuns:
    @pytest.mark.parametrize("logits", [False, True])
    def test_the_numbers_are_scikit_learns(self, make_plan: MakePlan, logits: bool) -> None:
        table = articles(1500)
        limits = [0.5, 0.4, 0.6]
        output = {"thresholds": limits} | ({"link": "logistic"} if logits else {})
        found = run(labels_plan(make_plan, table, output=output, logits=logits)).run
        scores = scores_of(np.column_stack([table["income"], table["debt"]]))
        told = {name: item.value for name, item in found.metrics.items() if name != "abstention_rate"}
        assert told == pytest.approx(expected(truth_of(table), scores >= limits, scores), abs=2e-5)
        assert all(item.ci_low <= item.value <= item.ci_high for item in found.metrics.values())
        assert found.effective_n is not None
        assert all(item.n <= found.effective_n for item in found.metrics.values())
        assert found.classes == WORDS
        assert found.operating_point is not None
        assert (found.operating_point.thresholds, found.operating_point.threshold) == ((0.5, 0.4, 0.6), None)
        assert found.confusion is None
        assert found.calibration_error is None
        assert all(result.passed for result in found.test_results.values())

    def test_weights_slices_and_fairness(self, make_plan: MakePlan) -> None:
        table = articles(1200)
        weights = np.random.default_rng(3).gamma(2.0, 1.0, 1200)
        table = table.append_column("w", pa.array(weights))
        outcome = run(labels_plan(make_plan, table, data={"weight": "w"}, output={"favourable": "not money"}))
        scores = scores_of(np.column_stack([table["income"], table["debt"]]))
        truth, marks = truth_of(table), scores >= 0.5
        assert outcome.run.weighting is not None
        told = {name: item.value for name, item in outcome.run.weighting.metrics.items()}
        assert told == pytest.approx(expected(truth, marks, scores, weights), abs=2e-5)
        for item in outcome.run.slices:
            rows = np.asarray(table["sex"]) == item.value
            assert item.metric.value == pytest.approx(sk.f1_score(truth[rows], marks[rows], average="macro"), abs=1e-6)
        (audit,) = outcome.fairness
        point = outcome.run.operating_point
        assert point is not None
        assert (point.positive, point.favourable) == ("money", "negative")
        for group, rates in audit.group_metrics.items():
            rows = np.asarray(table["sex"]) == group.partition("=")[2]
            assert rates["selection_rate"].value == pytest.approx((~marks[rows, 1]).mean(), abs=1e-6)
            assert rates["base_rate"].value == pytest.approx((~truth[rows, 1]).mean(), abs=1e-6)

    def test_attack_drift_golden_and_training(self, make_plan: MakePlan, tmp_path: Path) -> None:
        table = articles(600)
        scores = scores_of(np.column_stack([table["income"], table["debt"]]))
        lines = "\n".join(",".join(f"{score:.7f}" for score in row) for row in scores)
        (tmp_path / "golden.csv").write_text(",".join(WORDS) + "\n" + lines + "\n", encoding="utf-8")
        before = articles(900, seed=9)
        write_table(tmp_path / "train.csv", before)
        window = {"start": "2026-01-01T00:00:00Z", "end": "2026-06-01T00:00:00Z"}
        limit = {"op": "<=", "value": 0.9, "confidence": 0.95}
        promise = {
            "required_tests": ["drift:psi:prediction:money"],
            "thresholds": {
                name: dict(limit) for name in ("drift:psi:prediction:money", "accuracy_drop", "hamming_loss")
            },
        }
        outcome = run(
            labels_plan(
                make_plan, table, promise=promise,
                training={"path": "train.csv", "format": "csv"},
                reference={"path": "train.csv", "format": "csv", "window": window},
                golden={"outputs": {"path": "golden.csv", "format": "csv"}, "columns": list(WORDS)},
                robustness={"budgets": {"noise": 0.2, "fgsm": 0.2}, "trials": 200},
            )
        )  # fmt: skip
        assert outcome.run.max_output_difference == pytest.approx(0, abs=1e-5)
        assert outcome.run.deterministic
        assert outcome.run.batch_invariant
        said = [item for item in outcome.drift if item.target == "prediction"]
        assert [item.feature for item in said] == list(WORDS)
        assert all(item.out_of_domain_rate is None for item in said)
        assert set(outcome.run.test_results) == set(promise["thresholds"])
        assert [audit.audited for audit in outcome.fairness] == ["model-outputs", "training-labels"]
        report = outcome.robustness
        assert report is not None
        # One label in three turns is enough: far more rows turn than any single label does.
        turned = report.attack_success["fgsm"]
        near = (np.abs(np.log(scores / (1 - scores))) < 0.2 * np.abs(SLOPES).sum(axis=0)).mean(axis=0)
        assert turned.value > near.max() * 0.8
        assert turned.n == 200

    def test_a_label_nobody_has_is_a_gap(self, make_plan: MakePlan) -> None:
        table = articles(300)
        table = table.set_column(table.column_names.index("travel"), "travel", pa.array(["no"] * 300))
        found = run(labels_plan(make_plan, table, promise={"required_tests": [], "thresholds": {}})).run
        assert "f1_macro" not in found.metrics
        assert {"f1_micro", "recall:money"} <= found.metrics.keys()
        assert {gap.reason for gap in found.slice_gaps or ()} == {"no row has the label travel"}

    def test_scores_that_are_logits(self, make_plan: MakePlan) -> None:
        with pytest.raises(EvidenceError, match="no probability") as caught:
            run(labels_plan(make_plan, logits=True))
        assert "logistic" in (caught.value.hint or "")


class TestPlans:
    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"data": {"label": "sport"}}, "lists their columns, one a label"),
            ({"data": {"label": ["sport", "sport", "money"]}}, "stands twice"),
            ({"output": {"classes": ["money", "sport", "travel"]}}, "in their order"),
            ({"output": {"thresholds": [0.5, 0.4]}}, "one threshold a label"),
            ({"output": {"thresholds": [0.5, 0.4, 1.0]}}, "between 0 and 1"),
            ({"output": {"thresholds": [0.5, 0.4, 0.4], "threshold": 0.4}}, "in the place of `threshold`"),
            ({"output": {"link": "softmax"}}, "the link is `logistic`"),
            ({"output": {"favourable": "not none"}}, "`favourable` is what a person wants"),
            ({"output": {"favourable": None}}, "`output.favourable` is missing"),
            ({"promise": {"primary_metric": "accuracy"}}, "nothing measures `accuracy`"),
            ({"promise": {"required_tests": ["recall:rain"]}}, "no threshold"),
            ({"data": {"weight": "money"}}, "is the label"),
        ],
    )
    def test_what_does_not_fit(self, make_plan: MakePlan, changes: dict[str, Any], told: str) -> None:
        with pytest.raises(EvidenceError, match=told):
            labels_plan(make_plan, **changes)

    def test_one_column_is_one_label(self, make_plan: MakePlan) -> None:
        with pytest.raises(EvidenceError, match="names one column"):
            make_plan(data=plan_values()["data"] | {"label": ["paid"]})

    def test_a_draft(self, make_plan: MakePlan, tmp_path: Path) -> None:
        labels_plan(make_plan)
        asked = Asked(
            "model.onnx", "test.csv", "csv", label="sport", more_labels=("money", "travel"), protected=("sex",)
        )
        text = draft_plan(look_into(tmp_path / "model.onnx", tmp_path / "test.csv"), asked)
        assert "label: [sport, money, travel]" in text
        assert "kind: labels" in text
        assert "threshold: 0.5" in text
        assert "# decide: the label that a person wants" in text
        assert 'positive: "yes"' in text or "positive: yes" in text, text
        assert "f1_macro" in text


def drawn(n: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """Labels of one row that go together, and so do the errors of their scores."""
    base = rng.normal(size=(n, 1)) * 0.7
    z = base + rng.normal(size=(n, 3)) * 0.7 - np.array([0.0, 0.5, 1.0])
    noise = rng.normal(size=(n, 1)) * 0.7 + rng.normal(size=(n, 3)) * 0.5
    return z > 0, 1 / (1 + np.exp(-1.5 * (z + noise)))


def test_decisions_on_a_row_belong_together() -> None:
    """A row whose labels are all right or all wrong says one thing, not three."""
    rng = np.random.default_rng(2)
    right = rng.random(300) < 0.8
    truth = rng.random((300, 3)) < 0.5
    marks = np.where(right[:, None], truth, ~truth)
    counted = LabelsPerformance(WORDS, (), 1e-7)
    counted.count(truth, marks, marks * 0.8 + 0.1, {})
    found = counted.overall()
    told, whole = found["hamming_loss"], found["subset_accuracy"]
    assert told.value == pytest.approx(1 - whole.value)
    assert told.high - told.low == pytest.approx(whole.high - whole.low, rel=0.02)


def test_groups_and_order_do_not_matter() -> None:
    truth, scores = drawn(500, np.random.default_rng(5))
    marks = scores >= 0.5
    codes = np.arange(500) % 2
    found = [LabelsPerformance(WORDS, ("half",), 1e-7) for _ in range(2)]
    for counted, cuts in zip(found, (1, 7), strict=True):
        for rows in np.array_split(np.arange(500), cuts):
            code = counted.groups["half"].encode(["x", "y"], codes[rows])
            counted.count(truth[rows], marks[rows], scores[rows], {"half": code})
    assert found[0].overall() == found[1].overall()
    assert found[0].by_group("half") == found[1].by_group("half")
    part = found[0].by_group("half")["y"]
    assert part["f1_micro"].value == pytest.approx(sk.f1_score(truth[1::2], marks[1::2], average="micro"))


def test_weighted_with_equal_weights_is_unweighted() -> None:
    truth, scores = drawn(400, np.random.default_rng(8))
    marks = scores >= 0.5
    counted = LabelsPerformance(WORDS, (), 1e-7)
    counted.count(truth, marks, scores, {})
    plain = counted.overall()
    facts = {"truth": truth, "marks": marks, "chances": scores}
    found = labelled(WORDS)(Sample(np.full(400, 3.0), np.arange(400), 0.95), facts)
    for name, interval in plain.items():
        same = found[name]
        assert same is not None
        assert same.value == pytest.approx(interval.value), name
        assert same.high - same.low == pytest.approx(interval.high - interval.low, rel=0.03), name
