"""What drives a model: importance, directions and proxies, held to known answers and to those who want a good one."""

from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import TensorProto, helper, numpy_helper
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.inspection import permutation_importance
from sklearn.metrics import roc_auc_score
from test_runner import run, untimed

from evidence.model.errors import EvidenceError
from evidence.validation.child.drivers import drivers
from evidence.validation.child.family import family_of
from evidence.validation.measures.association import cramers_v, foretold, told_apart
from evidence.validation.measures.curves import Curves, grid_of
from evidence.validation.measures.importance import agreement, importance
from tests.worlds.benches import bench_of, model_of, plan_of
from tests.worlds.runs import WEIGHTS, MakePlan, applications, logistic, onnx_model, plan_values


class Logistic(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The model of `tests.worlds.runs` as scikit-learn sees one."""

    classes_ = np.array([False, True])

    def fit(self, x: Any, y: Any) -> "Logistic":
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        score = 1 / (1 + np.exp(-(x @ WEIGHTS)[:, 0]))
        return np.column_stack([1 - score, score])

    def predict(self, x: np.ndarray) -> np.ndarray:
        return self.predict_proba(x)[:, 1] >= 0.5


def world(rows: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    numbers = random.random((rows, 2)).astype(np.float32)
    truth = random.random(rows) < Logistic().predict_proba(numbers)[:, 1]
    return numbers, truth


class TestImportance:
    @pytest.mark.parametrize(
        ("metric", "scoring"), [("roc_auc", "roc_auc"), ("accuracy", "accuracy"), ("log_loss", "neg_log_loss")]
    )
    def test_it_is_scikit_learns(self, metric: str, scoring: str) -> None:
        numbers, truth = world(3000)
        promises = plan_values()["plan"] | {"primary_metric": metric, "thresholds": {}, "required_tests": []}
        plan = plan_of(plan=promises, drivers={"repeats": 20})
        found = drivers(bench_of(plan, numbers, truth)).numbers
        reference = permutation_importance(
            Logistic().fit(numbers, truth), numbers, truth, scoring=scoring, n_repeats=60, random_state=1
        )
        for place, name in enumerate(("income", "debt")):
            told = found[f"importance:{name}"]
            # Both draw shuffles: their means differ by no more than those vary.
            drawn = reference.importances_std[place] * (1 / 20 + 1 / 60) ** 0.5
            assert told.value == pytest.approx(reference.importances_mean[place], abs=4 * drawn)
            assert told.ci_low < reference.importances_mean[place] < told.ci_high

    def test_its_interval_holds_the_truth(self) -> None:
        """y = 2 x + e: shuffling x costs 2 * 4 * Var(x) of squared error; a row varies as it gets and as it gives."""
        random = np.random.default_rng(4)
        held = 0
        for _ in range(300):
            x, noise = random.exponential(1, 200), random.normal(0, 1, 200)
            donors = np.array([random.permutation(200) for _ in range(5)])
            losses = (2 * x + noise - 2 * x[donors]) ** 2 - noise**2
            told = importance(losses, donors)
            assert told is not None
            held += told.low <= 8.0 <= told.high
        assert 0.90 <= held / 300 <= 0.99  # Var(x) of an exponential has a long tail

    def test_a_feature_that_does_nothing_has_none(self) -> None:
        graph = onnx_model(
            [helper.make_node("MatMul", ["X", "W"], ["z"]), helper.make_node("Sigmoid", ["z"], ["p"])],
            [numpy_helper.from_array(np.array([[2.0], [0.0]], dtype=np.float32), "W")],
        )
        numbers, truth = world(1000)
        plan = plan_of(drivers={})
        told = drivers(bench_of(plan, numbers, truth, model=model_of(plan, graph))).numbers["importance:debt"]
        assert (told.value, told.ci_low, told.ci_high) == (0, 0, 0)

    def test_rows_that_the_model_refers_are_counted(self) -> None:
        output = {"name": "p", "favourable": "positive", "abstain": {"value": -1}}
        plan = plan_of(drivers={}, output=output)
        numbers, truth = world(1000)
        numbers[:300, 0] = 2  # outside the range: referred to a person
        bench = bench_of(plan, numbers, truth, model=model_of(plan, logistic(guarded=True)))
        assert drivers(bench).numbers["importance:income"].n == 700

    def test_copies_say_nothing_new(self) -> None:
        numbers, truth = world(300)
        plan = plan_of(drivers={"rows": 20_000})
        once = drivers(bench_of(plan, numbers, truth)).numbers["importance:income"]
        often = drivers(bench_of(plan, np.repeat(numbers, 20, axis=0), np.repeat(truth, 20))).numbers
        again = often["importance:income"]
        assert (once.n, again.n) == (300, 300)
        assert again.ci_high - again.ci_low == pytest.approx(once.ci_high - once.ci_low, rel=0.3)

    @pytest.mark.parametrize("rows", [0, 10])
    def test_too_few_rows_are_no_number(self, rows: int) -> None:
        numbers, truth = world(rows)
        assert drivers(bench_of(plan_of(drivers={}), numbers, truth)).numbers == {}

    def test_agreement_tells_noise_from_order(self) -> None:
        random = np.random.default_rng(6)
        clear = np.arange(8)[:, None] + random.normal(0, 1, (8, 1000))
        noise = random.normal(0, 1, (8, 1000))
        assert agreement(clear, random).low > 0.9
        assert agreement(noise, random).low < 0.2
        assert agreement(np.zeros((4, 100)), random).value == 0


class TestDirections:
    def test_curves_of_a_linear_model_are_known(self) -> None:
        random = np.random.default_rng(2)
        numbers = random.random((400, 2))
        grid = grid_of(numbers[:, 0])
        assert (grid[0], grid[-1], len(grid)) == (numbers[:, 0].min(), numbers[:, 0].max(), 12)
        values = 3 * grid[None, :] - numbers[:, 1:]
        straight = Curves(grid, values, 1.0)
        for rising, share in ((True, 0.0), (False, 1.0)):
            told = straight.violations(rising)
            assert told is not None
            assert (told.value, told.n) == (share, 400)
        bent = Curves(grid, np.where(np.arange(400)[:, None] < 100, -values, values), 1.0)
        told = bent.violations(rising=True)
        assert told is not None
        assert told.value == 0.25
        assert Curves(grid, np.zeros((400, 12)), 1.0).violations(rising=True) is None

    def test_a_few_flat_rows_hide_no_violation(self) -> None:
        values = np.zeros((1000, 3))
        values[:30, 1] = 1.0
        told = Curves(np.arange(3.0), values, 1.0).violations(rising=True)
        assert told is not None
        assert (told.value, told.n) == (1.0, 30)

    def test_signs_are_those_of_the_weights(self) -> None:
        numbers, truth = world(800)
        plan = plan_of(drivers={"directions": {"income": "up", "debt": "up"}})
        found = drivers(bench_of(plan, numbers, truth))
        assert found.numbers["monotonicity_violation:income"].value == 0
        assert found.numbers["monotonicity_violation:debt"].value == 1
        assert found.explainability is not None
        directions = found.explainability.directions
        assert directions is not None
        assert (directions["income"].rising, directions["income"].falling) == (1, 0)
        curve = directions["income"]
        expected = [float(np.mean(1 / (1 + np.exp(-(2 * x - numbers[:, 1].astype(float)))))) for x in curve.grid]
        assert curve.mean == pytest.approx(expected, abs=1e-5)

    def test_a_direction_of_what_never_varies_is_no_number(self) -> None:
        numbers, truth = world(800)
        numbers[:, 1] = 0.5
        plan = plan_of(drivers={"directions": {"debt": "down"}})
        found = drivers(bench_of(plan, numbers, truth))
        assert "monotonicity_violation:debt" not in found.numbers
        assert any("no answer moves with `debt`" in note for note in found.notes)


class TestProxies:
    def test_a_score_that_tells_the_group_is_found(self) -> None:
        random = np.random.default_rng(3)
        codes = random.integers(0, 2, 2000)
        scores = random.normal(0, 1, 2000) - codes
        told = told_apart(codes, scores)
        assert told is not None
        assert told.value == pytest.approx(roc_auc_score(1 - codes, scores))
        chance = told_apart(codes, random.normal(0, 1, 2000))
        assert chance is not None
        assert chance.low == 0.5
        assert told_apart(np.zeros(100, dtype=np.int64), scores[:100]) is None
        assert told_apart(np.full(100, -1), scores[:100]) is None

    def test_cramers_v_of_a_table(self) -> None:
        codes = np.repeat([0, 0, 1, 1], [40, 10, 10, 40])
        words = np.repeat([0, 1, 0, 1], [40, 10, 10, 40])
        told = cramers_v(codes, words)
        assert told is not None
        assert told.value == pytest.approx(((36 - 1) / 100) ** 0.5)  # chi-squared 36, one degree of freedom
        assert told.low < 0.6 < told.high
        assert cramers_v(codes, np.zeros(100, dtype=np.int64)) is None
        shuffled = [cramers_v(codes, np.random.default_rng(seed).permutation(words)) for seed in range(200)]
        assert np.mean([part.low == 0 for part in shuffled if part]) >= 0.95

    def test_inputs_together_tell_what_none_tells_alone(self) -> None:
        random = np.random.default_rng(8)
        codes = random.integers(0, 3, 3000)
        columns = random.normal(0, 1, (3000, 6))
        columns[:, 0] += codes == 1
        columns[:, 1] += codes == 1
        folds = random.integers(0, 5, 3000)
        together = told_apart(codes, foretold(codes, columns, folds), either=False)
        alone = told_apart(codes, columns[:, 0])
        assert together is not None
        assert alone is not None
        assert together.low > alone.high
        nothing = told_apart(codes, foretold(codes, random.normal(0, 1, (3000, 40)), folds), either=False)
        assert nothing is not None
        assert nothing.low < 0.53  # other rows foretell: a wide table of noise says nothing

    def test_the_attribute_itself_is_no_proxy_of_itself(self) -> None:
        numbers, truth = world(1000)
        codes = (numbers[:, 0] > 0.5).astype(np.int64)
        plan = plan_of(
            drivers={},
            protected_attributes={"attributes": [{"column": "income", "name": "rich", "bins": [0.5]}]},
            plan=plan_values()["plan"] | {"protected_attributes": ["rich"]},
        )
        found = drivers(bench_of(plan, numbers, truth, groups={"rich": (["no", "yes"], codes)}))
        assert found.numbers["answer_proxy:rich"].ci_low > 0.9
        assert found.numbers["input_proxy:rich"].ci_low < 0.55
        assert found.explainability is not None
        assert found.explainability.proxies is not None
        assert set(found.explainability.proxies["rich"].features) == {"debt"}


def layered(*nodes: Any, weights: dict[str, list[Any]]) -> onnx.GraphProto:
    made = [numpy_helper.from_array(np.array(values, dtype=np.float32), name) for name, values in weights.items()]
    return onnx_model(list(nodes), made).graph


W = {"W": [[1.0], [2.0]]}


class TestFamily:
    @pytest.mark.parametrize(
        ("graph", "family"),
        [
            (logistic().graph, "linear"),
            (
                layered(
                    helper.make_node("Sub", ["X", "m"], ["c"]), helper.make_node("Div", ["c", "s"], ["n"]),
                    helper.make_node("Gemm", ["n", "W", "b"], ["p"]),
                    weights=W | {"m": [1.0, 1], "s": [1.0, 2], "b": [0.5]},
                ),
                "linear",
            ),
            (  # a second layer
                layered(
                    helper.make_node("MatMul", ["X", "W2"], ["h"]), helper.make_node("Sigmoid", ["h"], ["a"]),
                    helper.make_node("MatMul", ["a", "W"], ["p"]), weights=W | {"W2": [[1.0, 2], [3, 4]]},
                ),
                "neural",
            ),
            (  # a second layer of other operators
                layered(
                    helper.make_node("MatMul", ["X", "W2"], ["h"]), helper.make_node("Sigmoid", ["h"], ["a"]),
                    helper.make_node("Mul", ["a", "v"], ["w"]),
                    helper.make_node("ReduceSum", ["w"], ["p"], keepdims=1),
                    weights={"W2": [[1.0, 2], [3, 4]], "v": [1.0, 2]},
                ),
                "neural",
            ),
            (  # a product of two inputs
                layered(
                    helper.make_node("MatMul", ["X", "W"], ["z"]), helper.make_node("Mul", ["z", "z"], ["p"]), weights=W
                ),
                "neural",
            ),
            (layered(helper.make_node("ReduceMax", ["X"], ["p"], keepdims=1), weights={}), "other"),
            (logistic(guarded=True).graph, "neural"),
        ],
    )  # fmt: skip
    def test_by_operators(self, graph: onnx.GraphProto, family: str) -> None:
        assert family_of(graph) == family

    def test_trees_beside_sums_are_mixed(self) -> None:
        trees = helper.make_node(
            "TreeEnsembleRegressor", ["X"], ["t"], domain="ai.onnx.ml", n_targets=1,
            nodes_treeids=[0], nodes_nodeids=[0], nodes_featureids=[0], nodes_modes=["LEAF"], nodes_values=[0.0],
            nodes_truenodeids=[0], nodes_falsenodeids=[0], target_ids=[0], target_nodeids=[0], target_treeids=[0],
            target_weights=[1.0],
        )  # fmt: skip
        alone = layered(trees, helper.make_node("Identity", ["t"], ["p"]), weights={})
        assert family_of(alone) == "tree-ensemble"
        both = layered(
            trees, helper.make_node("MatMul", ["X", "W"], ["z"]), helper.make_node("Add", ["t", "z"], ["p"]), weights=W
        )
        assert family_of(both) == "mixed"


DRIVERS: dict[str, Any] = {
    "directions": {"income": "up"},
    "feature_actions": {"debt": "keep"},
    "ablation_groups": {"money": ["income", "debt"]},
}


class TestThroughThePlan:
    def test_a_report_of_its_own(self, make_plan: MakePlan) -> None:
        promises = plan_values()["plan"]
        limits = {
            "monotonicity_violation:income": {"op": "<=", "value": 0.05, "confidence": 0.95},
            "answer_proxy:sex": {"op": "<=", "value": 0.6, "confidence": 0.95},
            "importance:debt": {"op": "<=", "value": 0.0, "confidence": 0.95},
        }
        promises |= {"thresholds": promises["thresholds"] | limits}
        plan = make_plan(table=applications(3000), drivers=DRIVERS, plan=promises)
        outcome = run(plan)
        report = outcome.explainability
        assert report is not None
        assert report in outcome.predicates
        assert report.artifact_digest == outcome.run.artifact_digest
        assert (report.method, report.model_family, report.sample_size) == ("permutation importance", "linear", 3000)
        assert [item.feature for item in report.top_features] == ["income", "debt"]
        assert report.feature_actions == {"debt": "keep"}
        assert set(report.ablation_deltas) == {"money"}
        assert report.ablation_deltas["money"] > report.top_features[0].importance
        assert report.stability.ci_low == 1
        results = {name: outcome.run.test_results[name].passed for name in limits}
        assert results == {
            "monotonicity_violation:income": True, "answer_proxy:sex": True, "importance:debt": False,
        }  # fmt: skip
        assert untimed(run(plan)) == untimed(outcome)

    @pytest.mark.parametrize(
        ("section", "problem"),
        [
            ({"directions": {}}, "at least 1"),
            ({"directions": {"incone": "up"}}, "`incone` is no feature of the plan"),
            ({"directions": {"income": "sideways"}}, "drivers.directions.income"),
            ({"feature_actions": {"age": "keep"}}, "`age` is no feature of the plan"),
            ({"ablation_groups": {"none": []}}, "at least 1"),
            ({"ablation_groups": {"some": ["age"]}}, "`age` is no feature of the plan"),
            ({"rows": 20}, "at least 500"),
        ],
    )
    def test_what_says_nothing_is_refused(self, make_plan: MakePlan, section: dict[str, Any], problem: str) -> None:
        with pytest.raises(EvidenceError, match=problem):
            make_plan(drivers=section)

    @pytest.mark.parametrize(
        "test", ["importance:sex", "monotonicity_violation:debt", "answer_proxy:region", "ablation:all", "importance"]
    )
    def test_a_limit_of_what_is_not_asked_is_refused(self, make_plan: MakePlan, test: str) -> None:
        promises = plan_values()["plan"] | {"thresholds": {test: {"op": "<=", "value": 0.1, "confidence": 0.95}}}
        with pytest.raises(EvidenceError, match="is told as"):
            make_plan(drivers=DRIVERS, plan=promises | {"required_tests": [test]})

    def test_words_do_not_rise(self, make_plan: MakePlan) -> None:
        columns = [{"name": "income", "text": True}, {"name": "debt"}]
        with pytest.raises(EvidenceError, match="is no number, and does not rise"):
            make_plan(features={"layout": "columns", "columns": columns}, drivers={"directions": {"income": "up"}})

    def test_one_feature_is_not_ranked(self, make_plan: MakePlan) -> None:
        graph = helper.make_graph(
            [helper.make_node("Sigmoid", ["X"], ["p"])],
            "g",
            [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, 1])],
            [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1])],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        features = {"layout": "tensor", "input": "X", "columns": [{"name": "income"}]}
        outcome = run(make_plan(model=model, features=features, drivers={}, table=pa.table(applications(800))))
        assert outcome.explainability is None
        assert outcome.run.examined is not None
        assert "explanation_stability" not in outcome.run.examined
        assert any("fewer than two features" in note for note in outcome.notes)
