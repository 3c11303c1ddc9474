"""Sections of a plan that were made apart and are asked for together: nothing breaks, and nothing missing passes."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from onnx import helper, numpy_helper

from evidence.model.errors import EvidenceError
from tests.evidence.validation.test_labels import articles, labels_plan
from tests.evidence.validation.test_quality import patient, with_gaps
from tests.evidence.validation.test_runner import ROBUSTNESS, data, run
from tests.worlds.runs import MakePlan, applications, onnx_model, plan_values

FEW = {"latency": {"runs": 370, "warm_up": 0}}


def promising(*tests: str, value: float = 0.5, op: str = ">=", **more: Any) -> dict[str, Any]:
    threshold = {"op": op, "value": value, "confidence": 0.95, **more}
    return {"plan": plan_values()["plan"] | {"required_tests": [], "thresholds": dict.fromkeys(tests, threshold)}}


def customers(table: pa.Table) -> pa.Table:
    return table.append_column("customer", pa.array([f"c{place // 10}" for place in range(len(table))]))


class TestClustersOfEveryKind:
    def test_labels(self, make_plan: MakePlan) -> None:
        plan = labels_plan(make_plan, customers(articles(900)), data={"cluster": "customer"}, **FEW)
        found = run(plan).run
        assert found.effective_n == 90
        assert found.metrics["subset_accuracy"].n <= 90

    @pytest.mark.parametrize("kind", ["value", "ranking"])
    def test_numbers(self, make_plan: MakePlan, kind: str) -> None:
        weights = numpy_helper.from_array(np.array([[2.0], [-1.0]], dtype=np.float32), "W")
        model = onnx_model([helper.make_node("MatMul", ["X", "W"], ["p"])], [weights])
        table = customers(applications(900))
        grades = np.random.default_rng(3).integers(0, 4, 900)
        table = table.set_column(5, "paid", pa.array(grades.astype(np.float64)))
        table = table.append_column("search", pa.array([f"q{place // 5}" for place in range(900)]))
        known = {k: v for k, v in plan_values()["data"].items() if k not in ("positive", "negative")}
        metric = "ndcg" if kind == "ranking" else "mae"
        promise = promising()["plan"] | {"primary_metric": metric, "protected_attributes": []}
        plan = make_plan(
            model=model, table=table, plan=promise, protected_attributes=None, binding_measures=None, **FEW,
            data=known | {"cluster": "customer"} | ({"query": "search"} if kind == "ranking" else {}),
            output={"name": "p", "kind": kind},
        )  # fmt: skip
        assert run(plan).run.metrics[metric].n <= 90


class TestCopiesByAnotherName:
    def test_a_cluster_for_each_row_makes_no_cases_of_copies(self, make_plan: MakePlan) -> None:
        table = pa.concat_tables([applications(300)] * 5)
        table = table.append_column("id", pa.array([f"i{place}" for place in range(len(table))]))
        table = table.append_column("w", pa.array(np.random.default_rng(1).integers(1, 4, len(table))))
        sections: dict[str, Any] = {"slices": ["region"], "hidden_slices": {}, "uncertainty": {}, **FEW}
        plain = run(make_plan(table=table, **sections, **data(weight="w")))
        named = run(make_plan(table=table, **sections, **data(weight="w", cluster="id")))
        assert (named.run.effective_n, named.run.cluster_column, named.run.duplicate_rows) == (300, "id", 1200)
        assert named.run.metrics == plain.run.metrics
        assert named.run.slices == plain.run.slices
        assert named.run.examined == plain.run.examined
        assert named.run.weighting == plain.run.weighting
        assert named.fairness[0].impact_ratio == plain.fairness[0].impact_ratio


class TestManyAtOnce:
    def test_a_direction_that_was_not_told_fails_the_test_of_all(self, make_plan: MakePlan) -> None:
        """No answer moves with a column of one value: of it nothing is told, and the others would pass for it."""
        table = applications(600)
        table = table.set_column(1, "debt", pa.array(np.full(600, 0.5)))
        tests = promising("monotonicity_violation:*", value=0.5, op="<=", family="each")
        drivers = {"directions": {"income": "up", "debt": "up"}, "repeats": 2}
        found = run(make_plan(table=table, drivers=drivers, **tests, **FEW)).run
        assert "monotonicity_violation:debt" not in (found.examined or {})
        result = found.test_results["monotonicity_violation:*"]
        assert (result.passed, result.judged, result.met) == (False, 1, 1)
        both = run(
            make_plan(drivers={"directions": {"income": "up", "debt": "down"}, "repeats": 2}, **tests, **FEW)
        ).run
        assert both.test_results["monotonicity_violation:*"].passed

    def test_an_attribute_of_one_group_fails_the_test_of_all(self, make_plan: MakePlan) -> None:
        """Of the attribute that nobody filled in there is no gap, and that of the other is no answer for it."""
        table = applications(900).append_column("nation", pa.array(["ie"] * 900))
        tests = promising("parity_difference:*", value=0.9, op="<=", family="each")
        protected = {"protected_attributes": {"attributes": ["sex", "nation"]}}
        found = run(make_plan(table=table, **protected, **tests, **FEW)).run
        assert not found.test_results["parity_difference:*"].passed
        assert run(make_plan(table=table, **tests, **FEW)).run.test_results["parity_difference:*"].passed

    def test_a_slice_with_an_ampersand_is_one_of_all(self, make_plan: MakePlan) -> None:
        """Else its name would take it out of `roc_auc:region=*`."""
        table = applications(900)
        bad = np.asarray(table["region"]) == "west"
        paid = np.where(bad, np.where(np.asarray(table["paid"]) == "yes", "no", "yes"), np.asarray(table["paid"]))
        table = table.set_column(5, "paid", pa.array(paid))
        table = table.set_column(3, "region", pa.array(np.where(bad, "west & isles", np.asarray(table["region"]))))
        tests = promising("roc_auc:region=*", value=0.5, family="each")
        result = run(make_plan(table=table, slices=["region"], **tests, **FEW)).run.test_results["roc_auc:region=*"]
        assert (result.passed, result.judged) == (False, 3)


class TestRowsWithGaps:
    def test_where_no_row_is_whole_nothing_is_attacked(self, make_plan: MakePlan) -> None:
        table = with_gaps(applications(600), "income", 1.0)
        for section in ({"robustness": ROBUSTNESS}, {"drivers": {}}, {"baselines": {}}):
            with pytest.raises(EvidenceError, match="has a gap"):
                run(make_plan(model=patient(), table=table, **section, **data(missing="score"), **FEW))
        assert run(make_plan(model=patient(), table=table, quality={}, **data(missing="score"), **FEW)).quality

    def test_rows_that_no_attack_tried_are_told(self, make_plan: MakePlan) -> None:
        """A model may be robust on whole rows alone: attacks pass over the others, which ROB-01 then counts."""
        table = with_gaps(applications(600), "income", 0.5)
        plan = make_plan(model=patient(), table=table, robustness=ROBUSTNESS, **data(missing="score"), **FEW)
        report = run(plan).robustness
        assert report
        assert report.accuracy_drop.excluded == pytest.approx(report.accuracy_drop.n, rel=0.7)
        assert report.attack_success["fgsm"].excluded > 100


def test_a_word_that_no_record_can_hold_is_refused_when_the_plan_is_read(make_plan: MakePlan) -> None:
    known = {k: v for k, v in plan_values()["data"].items() if k not in ("positive", "negative")}
    output = {"name": "p", "kind": "class", "classes": ["yes", "no\u202e"], "favourable": "yes"}
    with pytest.raises(EvidenceError, match="cannot hold the plan's words"):
        make_plan(data=known, output=output)


@pytest.mark.parametrize("word", ["west\u202e", "west ", "w" * 300, "we\x1bst"])
def test_a_group_that_no_record_can_hold_is_refused(make_plan: MakePlan, word: str) -> None:
    table = applications(600)
    words = np.where(np.asarray(table["region"]) == "west", word, np.asarray(table["region"]))
    table = table.set_column(3, "region", pa.array(words))
    with pytest.raises(EvidenceError, match="is no name of a group"):
        run(make_plan(table=table, slices=["region"], **FEW))


@pytest.mark.parametrize("name", ["(period)", "x\u202e", " "])
def test_names_that_stand_for_something_else_or_nothing_are_refused(make_plan: MakePlan, name: str) -> None:
    with pytest.raises(EvidenceError, match=r"in brackets|the name of a feature or group"):
        make_plan(slices=[{"column": "region", "name": name}])
