"""Conformal coverage by group and the risk-coverage curve: known answers, coverage, gaming, and through a plan."""

from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import TensorProto, helper, numpy_helper
from scipy import stats

from evidence.model.errors import EvidenceError
from evidence.validation.measures.conformal import coverage, strangeness, threshold
from evidence.validation.measures.selective import risk_coverage
from evidence.validation.runner import validate
from tests.evidence.validation.test_baselines import gated
from tests.evidence.validation.test_recalibration import gated_below
from tests.evidence.validation.test_runner import AT, untimed
from tests.worlds.runs import MakePlan, applications, logistic, plan_values


class TestConformal:
    def test_the_threshold_is_the_corrected_quantile(self) -> None:
        strange = np.random.default_rng(1).permutation(np.arange(1, 100) / 100)  # 99 rows: rank 90 of 100 at 0.9
        assert threshold(strange, 0.9) == 0.90
        assert threshold(strange[:19], 0.95) == strange[:19].max()
        assert threshold(strange[:18], 0.95) is None

    @pytest.mark.slow
    def test_it_holds_the_truth_as_often_as_is_asked_for(self) -> None:
        """Mean over calibration halves: k / (n + 1), whatever the model. Beta(k, n + 1 - k) each."""
        rng = np.random.default_rng(2)
        found = []
        for _ in range(400):
            table = rng.dirichlet([0.7] * 4, 250)
            labels = np.array([rng.choice(4, p=row) for row in table[:, ::-1]])  # a model that is much mistaken
            limit = threshold(strangeness(labels[:50], table[:50]), 0.9)
            assert limit is not None
            found.append(float((strangeness(labels[50:], table[50:]) <= limit).mean()))
        assert np.mean(found) == pytest.approx(46 / 51, abs=0.01)
        assert np.std(found) == pytest.approx(np.hypot(stats.beta(46, 5).std(), np.sqrt(0.09 / 200)), rel=0.15)

    def test_the_interval_is_clopper_and_pearsons(self) -> None:
        held = np.arange(200) < 184
        found = coverage(held, 1.0, 0.95)
        exact = stats.binomtest(184, 200).proportion_ci(0.95, method="exact")
        assert found is not None
        assert (found.value, found.low, found.high) == pytest.approx((0.92, exact.low, exact.high))
        halved = coverage(held, 0.5, 0.95)
        assert halved is not None
        assert halved.low < found.low
        assert coverage(held[:0], 1.0, 0.95) is None


class TestRiskCoverage:
    def test_the_area_is_the_mean_risk_of_the_surest(self) -> None:
        rng = np.random.default_rng(3)
        sure = rng.random(5000)
        wrong = rng.random(5000) < 0.5 * (1 - sure)
        found = risk_coverage(sure, wrong)
        assert found is not None
        ordered = wrong[np.argsort(-sure)]
        defined = (np.cumsum(ordered) / np.arange(1, 5001)).mean()
        assert found.area.value == pytest.approx(defined, abs=2e-4)
        assert found.curve[-1][0] == 1.0
        assert found.curve[-1][1].value == pytest.approx(wrong.mean())
        assert found.curve[0][1].value < 0.1

    def test_doubt_that_says_nothing_has_the_error_rate(self) -> None:
        wrong = np.arange(400) % 4 == 0
        found = risk_coverage(np.full(400, 0.7), wrong)
        assert found is not None
        assert found.area.value == pytest.approx(0.25)
        wilson = stats.binomtest(100, 400).proportion_ci(0.95, method="wilson")
        assert (found.area.low, found.area.high) == pytest.approx((wilson.low, wilson.high), abs=0.01)
        assert len(found.curve) == 1

    def test_no_error_was_seen_is_not_that_there_is_none(self) -> None:
        found = risk_coverage(np.linspace(0.5, 1, 60), np.zeros(60, dtype=bool))
        assert found is not None
        assert (found.area.value, found.area.low) == (0.0, 0.0)
        assert 0.03 < found.area.high < 0.12

    @pytest.mark.slow
    def test_coverage(self) -> None:
        def drawn(n: int, seed: int) -> Any:
            rng = np.random.default_rng(seed)
            sure = rng.random(n)
            return risk_coverage(sure, rng.random(n) < 0.4 * (1 - sure), seed=seed)

        truth = 0.1  # errors of 0.4 (1 - s), s even over 0 to 1: the surest c have the risk 0.2 c
        found = [drawn(200, seed).area for seed in range(300)]
        assert np.mean([item.low <= truth <= item.high for item in found]) >= 0.93
        assert np.mean([item.high >= truth for item in found]) >= 0.96

    def test_no_rows(self) -> None:
        assert risk_coverage(np.zeros(0), np.zeros(0, dtype=bool)) is None


def values(**more: Any) -> dict[str, Any]:
    """A plan of a model whose answer is a number."""
    threshold = {"op": "<=", "value": 5.0, "confidence": 0.95}
    promises = {"required_tests": ["mae"], "thresholds": {"mae": threshold}, "primary_metric": "mae"}
    return {
        "data": {k: v for k, v in plan_values()["data"].items() if k not in ("positive", "negative")}
        | {"label": "price"},
        "output": {"name": "p", "kind": "value"} | more,
        "plan": plan_values()["plan"] | promises,
        "binding_measures": ["mean_difference"],
    }


def priced(rows: int) -> pa.Table:
    """Prices of 2 income - debt, known four times worse for one group."""
    table = applications(rows)
    x = np.column_stack([table["income"], table["debt"]]) @ np.array([2.0, -1.0])
    noise = np.where(np.array(table["sex"]) == "f", 0.4, 0.1)
    price = x + np.random.default_rng(5).normal(size=rows) * noise
    return table.append_column("price", pa.array(price))


def line(wide: float | None = None) -> onnx.ModelProto:
    """p = 2 income - debt, with an interval of `wide` to both sides where it is given."""
    nodes = [helper.make_node("MatMul", ["X", "W"], ["p"])]
    initializers = [numpy_helper.from_array(np.array([[2.0], [-1.0]], dtype=np.float32), "W")]
    names = ["p"]
    if wide is not None:
        initializers.append(numpy_helper.from_array(np.array(wide, dtype=np.float32), "wide"))
        nodes += [helper.make_node("Sub", ["p", "wide"], ["low"]), helper.make_node("Add", ["p", "wide"], ["high"])]
        names += ["low", "high"]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, 2])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 1]) for name in names],
        initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


class TestRun:
    def test_sets_of_a_classifier(self, make_plan: MakePlan) -> None:
        plan = make_plan(table=applications(4000), uncertainty={}, **gated("set_coverage", 0.8))
        outcome = validate(plan, started_at=AT, plan_digest=plan.digest)
        run = outcome.run
        assert run.examined is not None
        assert sorted(run.examined) == [
            "risk_coverage_area", "set_coverage", "set_coverage:sex=f", "set_coverage:sex=m", "set_size",
        ]  # fmt: skip
        whole = run.examined["set_coverage"]
        assert whole.value == pytest.approx(0.9, abs=0.03)
        assert 1700 < whole.n < 2300  # one half calibrates
        assert whole.method == "split-conformal-least-ambiguous"
        assert run.examined["set_coverage:sex=f"].n + run.examined["set_coverage:sex=m"].n in (whole.n, whole.n - 1)
        assert 1 < run.examined["set_size"].value < 2
        area, error = run.examined["risk_coverage_area"], 1 - run.metrics["accuracy"].value
        assert area.ci_high < error
        assert outcome.charts.risk_coverage is not None
        assert outcome.charts.risk_coverage[-1].risk.value == pytest.approx(error, abs=1e-5)
        assert run.test_results["set_coverage"].passed
        assert untimed(outcome) == untimed(validate(plan, started_at=AT, plan_digest=plan.digest))

    def test_a_group_that_is_covered_less(self, make_plan: MakePlan) -> None:
        """Over all rows nine in ten intervals hold the price; of one group they hold all, of the other too few."""
        sections = values()
        test = "set_coverage:sex=*"
        threshold = {"op": ">=", "value": 0.85, "confidence": 0.95, "family": "each"}
        plan = sections["plan"] | {"required_tests": [test], "thresholds": {test: threshold}}
        made = make_plan(model=line(), table=priced(2000), uncertainty={"level": 0.9}, **(sections | {"plan": plan}))
        run = validate(made, started_at=AT, plan_digest=made.digest).run
        assert run.examined is not None
        assert run.examined["set_coverage"].value == pytest.approx(0.9, abs=0.04)
        assert run.examined["set_coverage"].method == "split-conformal-absolute-error"
        assert run.examined["set_coverage:sex=f"].ci_high < 0.88 < 0.95 < run.examined["set_coverage:sex=m"].ci_low
        assert not run.test_results[test].passed
        width = run.examined["set_size"]
        assert width.ci_low < width.value < width.ci_high
        assert width.value == pytest.approx(2 * 0.51, rel=0.15)
        assert "risk_coverage_area" not in run.examined

    def test_a_model_with_an_interval_of_its_own(self, make_plan: MakePlan) -> None:
        sections = values(interval={"low": "low", "high": "high", "level": 0.9})
        plan = make_plan(model=line(0.4), table=priced(1500), uncertainty={}, **sections)
        run = validate(plan, started_at=AT, plan_digest=plan.digest).run
        assert run.examined is not None
        whole = run.examined["set_coverage"]
        assert whole.value == pytest.approx(run.metrics["interval_coverage"].value, abs=1e-6)
        assert whole.method == "the-models-own-interval"
        assert "set_size" not in run.examined
        assert run.examined["set_coverage:sex=f"].ci_high < run.examined["set_coverage:sex=m"].ci_low

    def test_all_abstained(self, make_plan: MakePlan) -> None:
        table = applications(200)
        table = table.set_column(0, "income", pa.array(np.full(200, 1.5)))
        output = {"name": "p", "favourable": "positive", "abstain": {"value": -1}}
        sections = {"uncertainty": {}, "recalibration": {}}
        plan = make_plan(table=table, model=logistic(guarded=True), output=output, **sections)
        outcome = validate(plan, started_at=AT, plan_digest=plan.digest)
        assert outcome.run.examined is None
        assert any("`set_coverage` was not measured: 0 independent" in note for note in outcome.notes)
        assert any("`calibration_slope_distance:sex=f` was not measured" in note for note in outcome.notes)


class TestGaming:
    def test_copies_stay_in_one_half(self, make_plan: MakePlan) -> None:
        """Every row forty times: a row in both halves would calibrate itself, and the intervals be too short."""
        table = pa.concat_tables([applications(100)] * 40)
        plan = make_plan(table=table, uncertainty={"level": 0.8}, **gated("set_coverage", 0.5))
        run = validate(plan, started_at=AT, plan_digest=plan.digest).run
        assert run.examined is not None
        whole = run.examined["set_coverage"]
        assert 30 < whole.n < 70
        assert whole.ci_high - whole.ci_low > 0.1

    def test_too_few_to_calibrate_on(self, make_plan: MakePlan) -> None:
        table = applications(120)
        plan = make_plan(table=table, uncertainty={"level": 0.99}, **gated("set_coverage", 0.5))
        outcome = validate(plan, started_at=AT, plan_digest=plan.digest)
        assert "set_coverage" not in outcome.run.test_results
        assert any("`set_coverage` was not measured:" in note and "to calibrate on" in note for note in outcome.notes)

    @pytest.mark.parametrize(
        ("sections", "message"),
        [
            ({"uncertainty": {"level": 0.2}}, "level"),
            ({"uncertainty": {"groups": []}}, "groups"),
            ({"uncertainty": {"groups": ["age"]}}, "names `age`"),
            ({"uncertainty": {}} | gated_below("set_size:sex=f", 1.5), "is told as set_size"),
            (gated("set_coverage", 0.8), "needs the section `uncertainty`"),
        ],
    )
    def test_what_judges_nothing_is_refused(self, make_plan: MakePlan, sections: Any, message: str) -> None:
        with pytest.raises(EvidenceError, match=message):
            make_plan(**sections)

    def test_a_level_beside_an_own_interval_is_refused(self, make_plan: MakePlan) -> None:
        sections = values(interval={"low": "low", "high": "high", "level": 0.9})
        with pytest.raises(EvidenceError, match="level` is not for a model that gives an interval"):
            make_plan(model=line(0.4), table=priced(100), uncertainty={"level": 0.9}, **sections)
