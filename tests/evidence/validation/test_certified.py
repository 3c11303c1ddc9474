"""What is decided exactly, against brute force; the search against what is decided; bounds against attacks."""

from typing import Any

import numpy as np
import onnx
import pytest

from evidence.model.predicates.validation import RobustnessReport
from evidence.model.predicates.values import Certificate
from evidence.validation.child.certify import Decider
from evidence.validation.child.moving import Moving, choices
from evidence.validation.child.scan import scan_model
from evidence.validation.child.session import Inputs, Model
from evidence.validation.child.trees import read_trees
from evidence.validation.measured import NO_DIGEST
from evidence.validation.measures import forest
from evidence.validation.measures.attack import attack_model
from evidence.validation.measures.reach import Reach
from evidence.validation.plan.model import Plan
from tests.evidence.validation.test_runner import run
from tests.worlds.forests import FEATURES, HIGH, LOW, every_answer, fitted, in_mode, modern, people, table
from tests.worlds.runs import MakePlan, plan_values

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
