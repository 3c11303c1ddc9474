"""Whether single persons fare alike: flips of protected attributes and neighbours, for every kind of answer."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.neighbors import NearestNeighbors
from test_runner import run, untimed

from evidence.model.errors import EvidenceError
from evidence.validation.child.answers import Answer
from evidence.validation.child.individual import individual
from evidence.validation.measures.consistency import consistency, standardised
from evidence.validation.measures.neighbours import nearest
from tests.worlds.benches import answered, bench_of, model_of, plan_of
from tests.worlds.runs import MakePlan, applications, logistic, plan_values

PROTECTED = {
    "protected_attributes": {"attributes": [{"column": "debt", "bins": [0.5]}]},
    "plan": plan_values()["plan"] | {"protected_attributes": ["debt"]},
}
"""The model takes the attribute itself."""


def flipping(**changes: Any) -> Any:
    return plan_of(**{"individual": {}, **PROTECTED, **changes})


def binned(numbers: np.ndarray) -> dict[str, Any]:
    return {"debt": (["low", "high"], (numbers[:, 1] >= 0.5).astype(np.int64))}


class TestFlips:
    def test_an_attribute_of_two_values_is_turned_by_hand(self) -> None:
        random = np.random.default_rng(1)
        numbers = np.column_stack([random.random(2000), random.integers(0, 2, 2000)]).astype(np.float32)
        bench = bench_of(flipping(), numbers, random.random(2000) < 0.5, groups=binned(numbers))
        told = individual(bench).numbers["flip_rate:debt"]
        # p = sigmoid(2 income - debt): positive from income 0 up without the debt, from 0.5 up with it.
        assert told.value == pytest.approx(np.mean(numbers[:, 0] < 0.5), abs=1e-6)
        assert told.n == 2000
        assert told.ci_low < 0.5 < told.ci_high

    def test_many_values_are_the_middles_of_their_groups(self) -> None:
        numbers = np.random.default_rng(2).random((2000, 2)).astype(np.float32)
        bench = bench_of(flipping(), numbers, numbers[:, 0] > 0.5, groups=binned(numbers))
        told = individual(bench).numbers["flip_rate:debt"]
        debts = [
            float(np.quantile(part, 0.5, method="inverted_cdf"))
            for part in (numbers[numbers[:, 1] < 0.5, 1], numbers[numbers[:, 1] >= 0.5, 1])
        ]
        positive = 2 * numbers[:, 0] - numbers[:, 1] >= 0
        changed = np.logical_or.reduce([(2 * numbers[:, 0] - debt >= 0) != positive for debt in debts])
        assert told.value == pytest.approx(changed.mean(), abs=0.002)

    def test_a_proxy_is_changed_like_an_attribute(self) -> None:
        numbers = np.random.default_rng(3).random((1000, 2)).astype(np.float32)
        plan = plan_of(individual={"proxies": ["income"]})
        found = individual(bench_of(plan, numbers, numbers[:, 0] > 0.5)).numbers
        assert found["flip_rate:income"].value > 0.5
        assert "flip_rate:debt" not in found

    def test_an_abstention_is_another_decision(self) -> None:
        output = {"name": "p", "favourable": "positive", "abstain": {"value": -1}}
        plan = plan_of(individual={"proxies": ["debt"]}, output=output)
        numbers = np.column_stack([np.full(500, 0.9), np.arange(500) % 2 * 5]).astype(np.float32)
        bench = bench_of(plan, numbers, np.ones(500, dtype=np.bool_), model=model_of(plan, logistic(guarded=True)))
        bench = bench.__class__(**(vars(bench) | {"test": bench.test.__class__(
            **(vars(bench.test) | {"cases": np.arange(500, dtype=np.uint64)}))}))  # fmt: skip
        assert individual(bench).numbers["flip_rate:debt"].value == 1.0

    def test_what_cannot_be_set_to_another_value_is_told(self) -> None:
        numbers = np.random.default_rng(4).random((500, 2)).astype(np.float32)
        numbers[:, 1] = 0.25
        found = individual(bench_of(flipping(), numbers, numbers[:, 0] > 0.5, groups=binned(numbers)))
        assert set(found.numbers) == {"consistency"}
        assert found.notes == ("individual: `debt` has one value alone, and no other to be set to",)
        nothing = individual(bench_of(plan_of(individual={}), numbers, numbers[:, 0] > 0.5))
        assert nothing.notes[0].startswith("individual: no protected attribute or declared proxy is an input")

    @pytest.mark.parametrize("rows", [0, 10])
    def test_too_few_rows_are_no_number(self, rows: int) -> None:
        numbers = np.random.default_rng(5).random((rows, 2)).astype(np.float32)
        assert individual(bench_of(flipping(), numbers, numbers[:, 0] > 0.5)).numbers == {}


class TestNeighbours:
    def test_they_are_scikit_learns(self) -> None:
        columns = standardised(np.random.default_rng(1).normal(3, 7, (1300, 4)))
        found = nearest(columns, 5)
        reference = NearestNeighbors(n_neighbors=6).fit(columns).kneighbors(columns, return_distance=False)[:, 1:]
        assert [set(row) for row in found] == [set(row) for row in reference]

    def test_consistency_is_that_of_zemel(self) -> None:
        random = np.random.default_rng(2)
        numbers = random.random((900, 2)).astype(np.float32)
        scores = np.where(random.random(900) < 0.8, numbers[:, 0], random.random(900))
        plan = plan_of(individual={})
        told = individual(bench_of(plan, numbers, scores > 0.5, answer=answered(scores))).numbers["consistency"]
        decided = (scores >= 0.5).astype(float)
        columns = (numbers - numbers.mean(axis=0)) / numbers.std(axis=0)
        near = NearestNeighbors(n_neighbors=6).fit(columns).kneighbors(columns, return_distance=False)[:, 1:]
        assert told.value == pytest.approx(1 - np.abs(decided - decided[near].mean(axis=1)).mean(), abs=1e-5)

    def test_its_interval_is_as_long_as_it_varies(self) -> None:
        values, ends = [], []
        for seed in range(150):
            random = np.random.default_rng(seed)
            columns = random.random((400, 2))
            answers = (columns[:, 0] + random.normal(0, 0.2, 400)) > 0.5
            places = nearest(columns, 5)
            told = consistency(places, lambda near, answers=answers: answers[near] != answers[:, None])
            values.append(told.value)
            ends.append((told.low, told.high))
        truth = np.mean(values)
        assert np.mean([low <= truth <= high for low, high in ends]) >= 0.92
        assert np.mean([high - low for low, high in ends]) <= 5.5 * np.std(values)

    def test_copies_are_no_neighbours(self) -> None:
        random = np.random.default_rng(6)
        numbers = random.random((300, 2)).astype(np.float32)
        labels, scores = random.random(300) < 0.5, random.random(300)
        plan = plan_of(individual={})
        once = individual(bench_of(plan, numbers, labels, answer=answered(scores))).numbers["consistency"]
        often = bench_of(
            plan, np.repeat(numbers, 20, axis=0), np.repeat(labels, 20), answer=answered(np.repeat(scores, 20))
        )
        assert individual(often).numbers["consistency"] == once
        assert once.value < 0.6

    def test_equal_answers_are_no_proof(self) -> None:
        numbers = np.random.default_rng(7).random((200, 2)).astype(np.float32)
        plan = plan_of(individual={})
        told = individual(bench_of(plan, numbers, numbers[:, 0] > 0.5, answer=answered(np.full(200, 0.9)))).numbers
        assert told["consistency"].value == 1
        assert told["consistency"].ci_low == pytest.approx(1 - 3.84 / 203.84, abs=1e-3)

    def test_protected_columns_make_nobody_a_neighbour(self) -> None:
        random = np.random.default_rng(8)
        numbers = random.random((400, 2)).astype(np.float32)
        by_debt = answered((numbers[:, 1] > 0.5).astype(float))
        told = individual(bench_of(flipping(), numbers, numbers[:, 0] > 0.5, answer=by_debt, groups=binned(numbers)))
        assert told.numbers["consistency"].value == pytest.approx(0.5, abs=0.1)
        everything = individual(
            bench_of(flipping(individual={"proxies": ["income"]}), numbers, numbers[:, 0] > 0.5, groups=binned(numbers))
        )
        assert any("every input is protected" in note for note in everything.notes)


class TestKinds:
    random = np.random.default_rng(9)
    numbers = random.random((600, 2)).astype(np.float32)

    def test_several_classes(self) -> None:
        output = {"name": "p", "kind": "classes", "classes": ["a", "b", "c"], "favourable": "a"}
        data = {name: value for name, value in plan_values()["data"].items() if name not in ("positive", "negative")}
        promises = plan_values()["plan"] | {
            "primary_metric": "accuracy", "thresholds": {}, "required_tests": [],
        }  # fmt: skip
        plan = plan_of(individual={}, output=output, data=data, plan=promises)
        chosen = np.digitize(self.numbers[:, 0], [0.3, 0.6]).astype(np.int64)
        answer = Answer(np.ones(600), np.zeros(600, dtype=np.bool_), (), chosen)
        bench = bench_of(plan, self.numbers, chosen, answer=answer, model=model_of(plan_of()))
        told = individual(bench).numbers["consistency"]
        columns = standardised(self.numbers)
        assert told.value == pytest.approx((chosen[nearest(columns, 5)] == chosen[:, None]).mean(), abs=1e-5)
        assert told.value > 0.8

    def test_values_within_the_tolerance_are_alike(self) -> None:
        data = {name: value for name, value in plan_values()["data"].items() if name not in ("positive", "negative")}
        promises = plan_values()["plan"] | {
            "primary_metric": "mae", "thresholds": {}, "required_tests": [], "protected_attributes": ["sex"],
        }  # fmt: skip
        made = []
        for tolerance in (0.01, 0.3):
            plan = plan_of(
                individual={"proxies": ["debt"], "tolerance": tolerance},
                output={"name": "p", "kind": "value"},
                data=data,
                plan=promises,
                binding_measures=["mean_difference"],
            )
            made.append(individual(bench_of(plan, self.numbers, self.numbers[:, 0])).numbers)
        strict, wide = made
        assert strict["flip_rate:debt"].value > 0.9 > 0.1 > wide["flip_rate:debt"].value
        assert strict["consistency"].value < wide["consistency"].value == 1


class TestThroughThePlan:
    def test_a_model_that_decides_by_sex_fails(self, make_plan: MakePlan) -> None:
        table = applications(2000)
        sex = pa.array((np.asarray(table["sex"]) == "f").astype(float))
        table = table.set_column(table.schema.get_field_index("debt"), "debt", sex)
        promises = PROTECTED["plan"] | {
            "thresholds": {
                "flip_rate:debt": {"op": "<=", "value": 0.05, "confidence": 0.95},
                "consistency": {"op": ">=", "value": 0.8, "confidence": 0.95},
            },
            "required_tests": ["flip_rate:debt", "consistency"],
        }
        plan = make_plan(table=table, individual={}, **{**PROTECTED, "plan": promises})
        outcome = run(plan)
        assert outcome.run.examined is not None
        assert outcome.run.examined["flip_rate:debt"].value == pytest.approx(0.5, abs=0.05)
        assert not outcome.run.test_results["flip_rate:debt"].passed
        assert not outcome.run.test_results["consistency"].passed
        assert untimed(run(plan)) == untimed(outcome)

    @pytest.mark.parametrize(
        ("section", "problem"),
        [
            ({"proxies": ["region"]}, "`region` is no input column"),
            ({"tolerance": 0.5}, "is needed for a value, and for no other"),
            ({"neighbours": 0}, "at least 1"),
        ],
    )
    def test_what_says_nothing_is_refused(self, make_plan: MakePlan, section: dict[str, Any], problem: str) -> None:
        with pytest.raises(EvidenceError, match=problem):
            make_plan(individual=section)

    def test_a_limit_of_what_is_no_input_is_refused(self, make_plan: MakePlan) -> None:
        promises = plan_values()["plan"] | {
            "thresholds": {"flip_rate:sex": {"op": "<=", "value": 0.05, "confidence": 0.95}},
            "required_tests": ["flip_rate:sex"],
        }
        with pytest.raises(EvidenceError, match="`flip_rate:sex` is not told of this model"):
            make_plan(individual={}, plan=promises)
