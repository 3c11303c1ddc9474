"""What is decided exactly, against brute force; the search against what is decided; bounds against attacks."""

from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from evidence.model.predicates.validation import RobustnessReport
from evidence.model.predicates.values import Certificate
from evidence.validation.child.certify import Decider
from evidence.validation.child.moving import Moving, choices
from evidence.validation.child.network import Network
from evidence.validation.child.scan import scan_model
from evidence.validation.child.session import Inputs, Model
from evidence.validation.child.trees import UnreadableError, read_trees
from evidence.validation.measured import NO_DIGEST
from evidence.validation.measures import forest
from evidence.validation.measures.attack import attack_model
from evidence.validation.measures.reach import Reach
from evidence.validation.plan.model import Plan
from tests.evidence.validation.test_runner import run
from tests.worlds.forests import FEATURES, HIGH, LOW, every_answer, fitted, in_mode, modern, people, table
from tests.worlds.runs import MakePlan, applications, logistic, onnx_model, plan_values

ROWS = 60
BUDGET = 0.03
TOLERANCE = 0.1
KINDS = ("tree", "forest", "boosting", "classes", "value")


def sections(kind: str, **robustness: Any) -> dict[str, Any]:
    """What a plan on the people says, for each kind of model."""
    values = plan_values()
    more: dict[str, Any] = {"budgets": {"noise": BUDGET, "fgsm": BUDGET, "search": BUDGET}, "trials": ROWS}
    more |= {"certify": {"budget": BUDGET, "rows": ROWS}} | robustness
    data, plan = dict(values["data"]), dict(values["plan"])
    data |= {"positive": 1, "negative": 0}
    output: dict[str, Any] = {"name": "probabilities", "favourable": "positive"}
    metric, limit = "roc_auc", {"op": ">=", "value": 0.5, "confidence": 0.95}
    if kind in ("classes", "value"):
        del data["positive"], data["negative"]
    if kind == "classes":
        output = {"name": "probabilities", "kind": "classes", "classes": [0, 1, 2]}
        metric = "accuracy"
    if kind == "value":
        output = {"name": "variable", "kind": "value"}
        metric, limit = "mae", {"op": "<=", "value": 5, "confidence": 0.95}
        more["tolerance"] = TOLERANCE
    plan |= {
        "required_tests": [metric],
        "thresholds": {metric: limit},
        "primary_metric": metric,
        "protected_attributes": [],
    }
    return {
        "data": data, "features": FEATURES, "output": output, "robustness": more, "plan": plan,
        "protected_attributes": None, "binding_measures": None,
    }  # fmt: skip


def attacked(make_plan: MakePlan, model: onnx.ModelProto, kind: str, **robustness: Any) -> RobustnessReport:
    """The report on the people, made in this process."""
    x, y = people(ROWS, 3, 3 if kind == "classes" else 2)
    labels = x[:, 1] / 1000 + y if kind == "value" else y
    plan = make_plan(model=model, table=table(x, labels), **sections(kind, **robustness))
    data = model.SerializeToString()
    assert plan.robustness is not None
    loaded = Model(data, scan_model(data), plan)
    return attack_model(plan, plan.robustness, loaded, Inputs(x, {}), np.asarray(labels), NO_DIGEST, data)


def brute(model: onnx.ModelProto, kind: str, step: np.ndarray, changes: int = 0) -> tuple[int, int]:
    """Rows that are answered rightly, and those of them that something within reach turns."""
    x, y = people(ROWS, 3, 3 if kind == "classes" else 2)
    output = "variable" if kind == "value" else "probabilities"
    right = turned = 0
    for row, label in zip(x, y, strict=True):
        every = every_answer(model, row, step, changes, output)
        (own,) = np.unique(every_answer(model, row, np.zeros(3), 0, output), axis=0)
        if kind == "value":
            wrong, was = np.abs(every.astype(float) - float(own[0])) > TOLERANCE, True
        elif kind == "classes":
            wrong, was = every.argmax(axis=1) != label, own.argmax() == label
        else:
            wrong, was = (every[:, 1] >= 0.5) != label, (own[1] >= 0.5) == label
        right += bool(was)
        turned += bool(was and wrong.any())
    return right, turned


def shares(report: RobustnessReport) -> Certificate:
    assert report.certificate is not None
    return report.certificate


class TestTrees:
    @pytest.mark.parametrize("kind", KINDS)
    def test_the_exact_rate_is_that_of_brute_force_and_the_search_comes_near_it(
        self, make_plan: MakePlan, kind: str
    ) -> None:
        model = fitted(kind)
        report = attacked(make_plan, model, kind)
        made = shares(report)
        assert (made.method, made.undecided) == ("trees", 0)
        assert (made.rows, made.turned) == brute(model, kind, BUDGET * (HIGH - LOW))
        assert 0 < made.turned < made.rows
        assert report.turnable_share is not None
        assert report.certified_share is not None
        exact = report.turnable_share.value
        assert exact == pytest.approx(made.turned / made.rows, abs=1e-6)
        assert report.certified_share.value == pytest.approx(1 - exact, abs=2e-6)
        assert 0.95 * exact <= report.attack_success["search"].value <= exact
        for weaker in ("noise", "fgsm"):
            assert report.attack_success[weaker].value <= exact

    def test_the_sandboxed_run_says_the_same(self, make_plan: MakePlan) -> None:
        model = fitted("classes")
        here = attacked(make_plan, model, "classes", categories=1)
        x, y = people(ROWS, 3, 3)
        there = run(make_plan(model=model, table=table(x, y), **sections("classes", categories=1))).robustness
        assert there is not None
        for name in ("certificate", "certified_share", "turnable_share", "attack_success", "masking_signs"):
            assert getattr(there, name) == getattr(here, name), name

    @pytest.mark.parametrize("kind", ["boosting", "classes", "value"])
    def test_a_category_may_be_another(self, make_plan: MakePlan, kind: str) -> None:
        model = fitted(kind, seed=2)
        one = shares(attacked(make_plan, model, kind, categories=1))
        assert (one.rows, one.turned) == brute(model, kind, BUDGET * (HIGH - LOW), changes=1)
        assert one.turned > shares(attacked(make_plan, model, kind)).turned
        assert one.found >= 0.95 * one.turned

    def test_a_budget_in_standard_deviations(self, make_plan: MakePlan) -> None:
        model = fitted("forest")
        certify = {"budget": 0.2, "rows": ROWS}
        report = attacked(make_plan, model, "forest", scale="sd", budgets={"search": 0.2}, certify=certify)
        x, _ = people(ROWS, 3)
        spread = np.array([float(f"{value:.6g}") for value in x[:, :3].astype(np.float64).std(axis=0)])
        assert (shares(report).rows, shares(report).turned) == brute(model, "forest", 0.2 * spread)
        assert report.budget_scale == "sd"
        assert report.budget_in_sd == {"search": {"age": 0.2, "income": 0.2, "debt": 0.2}}
        assert report.masking_signs is None

    @pytest.mark.parametrize("mode", ["BRANCH_LT", "BRANCH_GTE", "BRANCH_GT"])
    def test_splits_of_every_kind(self, make_plan: MakePlan, mode: str) -> None:
        plain = shares(attacked(make_plan, fitted("boosting"), "boosting"))
        assert shares(attacked(make_plan, in_mode(fitted("boosting"), mode), "boosting")) == plain

    def test_the_operator_of_ai_onnx_ml_5(self, make_plan: MakePlan) -> None:
        plain = shares(attacked(make_plan, fitted("value"), "value"))
        assert shares(attacked(make_plan, modern(fitted("value")), "value")) == plain

    @pytest.mark.parametrize("kind", ["forest", "boosting", "classes", "value"])
    @pytest.mark.parametrize("changes", [0, 1])
    def test_the_programme_decides_as_the_cells_do(
        self, make_plan: MakePlan, monkeypatch: pytest.MonkeyPatch, kind: str, changes: int
    ) -> None:
        """Within a wide reach, where bounds decide little; no cell is asked, so that HiGHS has to."""
        model, wide = fitted(kind, seed=3), 0.02 if kind == "value" else 0.08
        x, y = people(ROWS, 3, 3 if kind == "classes" else 2)
        rows = table(x, x[:, 1] / 1000 + y if kind == "value" else y)
        plan = make_plan(model=model, table=rows, **sections(kind, certify={"budget": wide, "rows": ROWS}))
        settled = {}
        for cells in (10**6, 0):
            monkeypatch.setattr(forest, "MAX_CELLS", cells)
            settled[cells] = settle_all(plan, model, x, y, wide, changes)
        assert settled[0] == settled[10**6]
        assert {"proved", "turned"} == set(settled[0])


def settle_all(
    plan: Plan, model: onnx.ModelProto, x: np.ndarray, y: np.ndarray, budget: float, changes: int
) -> list[str]:
    """Every row decided without a search, in this process."""
    data = model.SerializeToString()
    loaded = Model(data, scan_model(data), plan)
    labels = x[:, 1] / 1000 + y if plan.output.kind == "value" else y
    sample = Inputs(x, {})
    moving = Moving(plan, loaded, sample, np.asarray(labels))
    reach = Reach.of(moving.target(), budget, choices(plan, np.float32), changes, np.float32)
    decider = Decider(plan, loaded, moving, sample, reach)
    trees = read_trees(data, plan, loaded)
    assert trees.forest is not None
    right = moving.target().right(moving.target().answer(x.astype(np.float64)))
    return list(decider.by_trees(np.flatnonzero(right).tolist(), trees).values())


def network(seed: int, *, activation: str = "Relu", style: str = "Gemm", width: int = 8) -> onnx.ModelProto:
    """X (rows, 2) to p (rows, 1): two hidden layers and a sigmoid."""
    rng = np.random.default_rng(seed)
    nodes, tensors, name, last = [], [], "X", 2
    for layer, size in enumerate((width, width, 1)):
        weights = rng.normal(0, 1.5 / np.sqrt(last), (last, size)).astype(np.float32)
        offset = rng.normal(0, 0.5, size).astype(np.float32)
        tensors.append(numpy_helper.from_array(weights.T if style == "Gemm" else weights, f"W{layer}"))
        tensors.append(numpy_helper.from_array(offset, f"b{layer}"))
        if style == "Gemm":
            nodes.append(helper.make_node("Gemm", [name, f"W{layer}", f"b{layer}"], [f"z{layer}"], transB=1))
        else:
            nodes.append(helper.make_node("MatMul", [name, f"W{layer}"], [f"m{layer}"]))
            nodes.append(helper.make_node("Add", [f"m{layer}", f"b{layer}"], [f"z{layer}"]))
        if layer < 2:
            nodes.append(helper.make_node(activation, [f"z{layer}"], [f"h{layer}"]))
            name, last = f"h{layer}", size
    nodes.append(helper.make_node("Sigmoid", ["z2"], ["p"]))
    return onnx_model(nodes, tensors)


def asked(make_plan: MakePlan, model: onnx.ModelProto, budget: float, **output: Any) -> RobustnessReport:
    """The report on a model of income and debt, made in this process."""
    rows = applications(150)
    x = np.column_stack([rows["income"], rows["debt"]]).astype(np.float32)
    settings_ = {
        "budgets": {"fgsm": budget, "search": budget},
        "trials": 150,
        "certify": {"budget": budget, "rows": 150},
    }
    plan = make_plan(
        model=model, table=rows, robustness=settings_, output={"name": "p", "favourable": "positive"} | output
    )
    data = model.SerializeToString()
    loaded = Model(data, scan_model(data), plan)
    assert plan.robustness is not None
    labels = np.asarray(rows["paid"]) == "yes"
    return attack_model(plan, plan.robustness, loaded, Inputs(x, {}), labels, NO_DIGEST, data)


class TestNetworks:
    def test_of_a_linear_model_every_row_is_proved_or_turned(self, make_plan: MakePlan) -> None:
        """Bounds of one layer are exact, so that nothing but rounding is left open."""
        made = shares(asked(make_plan, logistic(), 0.05))
        assert (made.method, made.undecided) == ("interval-bounds", 0)
        rows = applications(150)
        x = np.column_stack([rows["income"], rows["debt"]]).astype(np.float32).astype(np.float64)
        weights = np.array([2.0, -1.0])
        paid = np.asarray(rows["paid"]) == "yes"
        way = np.where(paid, -1.0, 1.0)[:, None] * np.sign(weights)
        worst = np.clip(x + 0.05 * way, 0, 1) @ weights
        right = (x @ weights >= 0) == paid
        assert made.turned == int((right & ((worst >= 0) != paid)).sum())

    @pytest.mark.parametrize("style", ["Gemm", "MatMul"])
    @pytest.mark.parametrize("activation", ["Relu", "LeakyRelu", "Tanh", "Sigmoid"])
    def test_what_is_proved_no_attack_turns(self, make_plan: MakePlan, style: str, activation: str) -> None:
        found = [asked(make_plan, network(seed, style=style, activation=activation), 0.01) for seed in (1, 2, 3)]
        made = [shares(item) for item in found]
        assert {item.method for item in made} == {"interval-bounds"}
        assert sum(item.proved for item in made) > 50
        for item, report in zip(made, found, strict=True):
            for attack in ("fgsm", "search"):
                assert report.attack_success[attack].value * item.rows <= item.rows - item.proved + 1e-3

    @settings(max_examples=25, deadline=None)
    @given(seed=st.integers(0, 10_000), reach=st.floats(0, 0.3), style=st.sampled_from(["Gemm", "MatMul"]))
    def test_bounds_hold_what_the_runtime_answers(self, seed: int, reach: float, style: str) -> None:
        model = network(seed, style=style)
        data = model.SerializeToString()
        rng = np.random.default_rng(seed)
        low = rng.normal(0, 2, (6, 2)).astype(np.float32)
        high = low + np.float32(reach)
        made = Network(data, "z2").bounds({"X": low}, {"X": high})
        model.graph.output.append(helper.make_tensor_value_info("z2", TensorProto.FLOAT, [None, 1]))
        session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        for _ in range(20):
            tried = np.clip(low + rng.random(low.shape).astype(np.float32) * (high - low), low, high)
            (answered,) = session.run(["z2"], {"X": tried})
            assert (made.low <= answered).all()
            assert (answered <= made.high).all()
            way = np.sign(rng.normal(size=(6, 1)))
            assert (made.least(way) <= (answered * way)[:, 0]).all()

    def test_bounds_of_one_point_are_wider_than_rounding_alone(self) -> None:
        made = Network(network(1).SerializeToString(), "z2").bounds(
            {"X": np.ones((1, 2), np.float32)}, {"X": np.ones((1, 2), np.float32)}
        )
        assert 0 < float((made.high - made.low)[0, 0]) < 1e-3

    def test_what_is_not_understood_is_not_certified_and_named(self, make_plan: MakePlan) -> None:
        report = asked(make_plan, network(1, activation="Softplus"), 0.01)
        made = shares(report)
        assert made.method == "none"
        assert made.reason is not None
        assert "Softplus" in made.reason
        assert (made.proved, made.undecided) == (0, made.rows - made.turned)
        assert report.certified_share is not None
        assert report.turnable_share is not None
        assert (report.certified_share.value, report.turnable_share.ci_high) == (0, 1)

    def test_a_model_that_may_abstain_is_not_certified(self, make_plan: MakePlan) -> None:
        made = shares(asked(make_plan, logistic(guarded=True), 0.01, abstain={"value": -1}))
        assert made.method == "none"

    def test_weights_that_are_no_numbers_prove_nothing(self) -> None:
        model = network(1)
        model.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.full((8, 2), np.nan, np.float32), "W0"))
        with pytest.raises(UnreadableError, match="no finite number"):
            Network(model.SerializeToString(), "p").bounds(
                {"X": np.zeros((1, 2), np.float32)}, {"X": np.zeros((1, 2), np.float32)}
            )


class TestHostile:
    def test_a_number_that_goes_past_the_trees_is_seen(self, make_plan: MakePlan) -> None:
        """The trees alone would prove the row; beside them a hidden switch reads the first number."""
        model = fitted("value")
        model.graph.output[0].name = "answered"
        model.graph.initializer.append(
            numpy_helper.from_array(np.array([[0.0], [50.0], [0.0], [0.0]], np.float32), "w")
        )
        model.graph.node.append(helper.make_node("MatMul", ["X", "w"], ["beside"]))
        model.graph.node.append(helper.make_node("Add", ["variable", "beside"], ["answered"]))
        plan_ = sections("value")
        x, y = people(ROWS, 3)
        plan_["output"] = {"name": "answered", "kind": "value"}
        plan = make_plan(model=model, table=table(x, x[:, 1] / 1000 + y), **plan_)
        data = model.SerializeToString()
        with pytest.raises(UnreadableError, match="MatMul reads a row's numbers beside the trees"):
            read_trees(data, plan, Model(data, scan_model(data), plan))

    def test_a_split_by_equality_is_not_read(self, make_plan: MakePlan) -> None:
        report = attacked(make_plan, in_mode(fitted("tree"), "BRANCH_EQ"), "tree")
        assert shares(report).method == "none"
        assert "steps" in (report.masking_signs or ())

    def test_functions_of_its_own_are_not_read(self, make_plan: MakePlan) -> None:
        """A function may go by the name of an operator."""
        model = fitted("tree")
        plain = model.SerializeToString()
        plan = make_plan(model=model, table=table(*people(ROWS, 3)), **sections("tree"))
        body = [helper.make_node("Identity", ["x"], ["y"])]
        own = helper.make_function("own", "Identity", ["x"], ["y"], body, [helper.make_opsetid("", 17)])
        model.functions.append(own)
        data = model.SerializeToString()
        with pytest.raises(UnreadableError, match="functions"):
            read_trees(data, plan, Model(plain, scan_model(plain), plan))
        with pytest.raises(UnreadableError, match="functions"):
            Network(data, "probabilities")

    @pytest.mark.parametrize("norm", ["L1", "L2"])
    def test_a_norm_behind_two_scores_is_not_read(self, norm: str) -> None:
        """Where both scores are one another's rest on the rows tried, they need not be so elsewhere."""
        nodes = [
            helper.make_node(
                "LinearClassifier", ["X"], ["label", "raw"], domain="ai.onnx.ml", post_transform="LOGISTIC",
                coefficients=[2.0, -1.0, -2.0, 1.0], intercepts=[0.0, 0.0], classlabels_ints=[0, 1],
            ),
            helper.make_node("Normalizer", ["raw"], ["p"], domain="ai.onnx.ml", norm=norm),
        ]  # fmt: skip
        data = onnx_model(nodes).SerializeToString()
        inputs = {"X": np.zeros((3, 2), np.float32)}
        assert Network(data, "p", several=True).bounds(inputs, inputs).low.shape == (3, 2)
        with pytest.raises(UnreadableError, match="Normalizer"):
            Network(data, "p").bounds(inputs, inputs)

    def test_two_links_in_a_row_are_not_certified(self, make_plan: MakePlan) -> None:
        assert shares(asked(make_plan, logistic(), 0.01, link="logistic")).method == "none"

    def test_a_link_of_the_plan_is_one_of_the_graph(self, make_plan: MakePlan) -> None:
        model = onnx_model(
            [helper.make_node("MatMul", ["X", "W"], ["p"])],
            [numpy_helper.from_array(np.array([[2.0], [-1.0]], np.float32), "W")],
        )
        linked = shares(asked(make_plan, model, 0.05, link="logistic"))
        assert linked == shares(asked(make_plan, logistic(), 0.05))
        assert linked.undecided == 0
