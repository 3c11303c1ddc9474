"""Slices nobody named: what is there is found, what is not there is not, and no plan or table makes it look away."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics as sk
from test_runner import data, run, untimed

from evidence.model.errors import EvidenceError
from evidence.validation.child.answers import Answer
from evidence.validation.child.hidden import GAP, hidden_slices
from evidence.validation.measured import Examined
from evidence.validation.measures.hidden import Column, Losses, Ranks, search
from evidence.validation.measures.influence import contributions
from evidence.validation.plan.output import Output
from tests.worlds.benches import answered, bench_of, model_of, plan_of
from tests.worlds.runs import MakePlan, applications, plan_values

PLAN = plan_of(hidden_slices={"metric": "accuracy"})
MODEL = model_of(PLAN)
LIMIT = {GAP: {"op": "<=", "value": 0.1, "confidence": 0.95}}


def drawn(seed: int, rows: int, *, weak: float = 0.0, copies: int = 1) -> Examined:
    """A model that is right in 85 of 100 rows wherever they lie, but for `weak` in a tenth of them."""
    random = np.random.default_rng(seed)
    numbers = random.random((rows, 2))
    groups = {name: (list("abcde"), random.integers(0, 5, rows)) for name in ("one", "two", "three")}
    groups["four"] = ([*"pq"], random.integers(0, 2, rows))
    place = (groups["one"][1] == 0) & (groups["four"][1] == 0)
    right = random.random(rows) < 0.85 - weak * place
    scores = random.random(rows)
    truth = np.where(right, scores >= 0.5, scores < 0.5)
    often = np.repeat(np.arange(rows), copies)
    known = {name: (words, codes[often]) for name, (words, codes) in groups.items()}
    bench = bench_of(PLAN, numbers[often], truth[often], answer=answered(scores[often]), groups=known, model=MODEL)
    return hidden_slices(bench)


def confirmed(found: Examined) -> list[tuple[str, ...]]:
    assert found.hidden_slices is not None
    return [item.conditions for item in found.hidden_slices.confirmed]


class TestSearch:
    @pytest.mark.slow
    def test_a_model_that_is_alike_everywhere_has_no_weak_slice(self) -> None:
        false_alarms = sum(bool(confirmed(drawn(seed, 1000))) for seed in range(100))
        assert false_alarms <= 5

    def test_a_tenth_of_the_rows_that_is_twenty_points_worse_is_found(self) -> None:
        found = [drawn(seed, 4000, weak=0.2) for seed in range(10)]
        assert all(("one = a", "four = p") in confirmed(item) for item in found)
        for item in found:
            worst = item.numbers[GAP]
            assert item.hidden_slices is not None
            assert worst.value == item.hidden_slices.confirmed[0].shortfall.value
            assert worst.ci_high >= 0.2
            assert item.hidden_slices.searched > item.hidden_slices.tried == 20
        held = [
            part.shortfall.ci_low <= 0.2 <= part.shortfall.ci_high
            for item in found
            for part in item.hidden_slices.confirmed  # type: ignore[union-attr]
            if part.conditions == ("one = a", "four = p")
        ]
        assert sum(held) >= 9

    def test_copies_of_rows_confirm_nothing(self) -> None:
        """Halves that share copies would confirm each other, and copies would make every slice look sure."""
        false_alarms = sum(bool(confirmed(drawn(seed, 300, copies=20))) for seed in range(20))
        assert false_alarms <= 2

    def test_few_rows_rule_nothing_out(self) -> None:
        few, many = ([drawn(seed, rows).numbers[GAP].ci_high for seed in range(5)] for rows in (300, 16_000))
        assert min(few) > 0.2 > 0.1 > max(many)

    @pytest.mark.parametrize("rows", [0, 10, 90])
    def test_too_few_rows_are_no_number(self, rows: int) -> None:
        found = drawn(2, rows)
        assert found.numbers == {}
        assert found.notes == ("hidden_slices: fewer than 50 independent cases in a half of the rows",)

    def test_what_cannot_be_searched_is_told(self) -> None:
        constant = np.full((1000, 2), 0.5)
        scores = np.linspace(0, 1, 1000)
        bench = bench_of(PLAN, constant, scores >= 0.5, answer=answered(scores), model=MODEL)
        apart = replace(bench.test, cases=np.arange(1000, dtype=np.uint64))
        found = hidden_slices(replace(bench, test=apart))
        assert found.notes == ("hidden_slices: no slice of 30 rows in which `accuracy` is defined",)
        plan = plan_of(hidden_slices={"metric": "roc_auc"})
        numbers = np.random.default_rng(1).random((1000, 2))
        one = hidden_slices(bench_of(plan, numbers, np.ones(1000, dtype=np.bool_), model=MODEL))
        assert one.notes == ("hidden_slices: `roc_auc` is undefined in the half that is searched",)
        silent = Answer(np.full(1000, np.nan), np.ones(1000, dtype=np.bool_), ())
        assert hidden_slices(bench_of(PLAN, numbers, scores >= 0.5, answer=silent, model=MODEL)).numbers == {}

    def test_areas_of_cells_are_scikit_learns(self) -> None:
        random = np.random.default_rng(5)
        truth, cells = random.random(900) < 0.4, random.integers(0, 3, 900)
        scores = np.round(random.random(900) * 0.7 + 0.3 * truth, 1)  # many ties
        found = Ranks(truth, scores, 5)._areas(cells, 4)
        expected = [sk.roc_auc_score(truth[cells == cell], scores[cells == cell]) for cell in range(3)]
        assert found[:3] == pytest.approx(expected)
        assert np.isnan(found[3])

    def test_slices_of_mostly_the_same_rows_are_one(self) -> None:
        codes = np.arange(1000) % 5
        columns = [Column(name, tuple(f"{name} = {word}" for word in "abcde"), codes) for name in ("one", "twin")]
        found = search(columns, Losses((codes == 2).astype(np.float64)), 30)
        assert len(found.slices) == 5
        assert found.slices[0].says(columns) == ("one = c",)


BINARY_OUTPUT = Output(name="p", favourable="positive")
CLASSES_OUTPUT = Output(name="p", kind="classes", classes=("a", "b", "c"))
VALUE_OUTPUT = Output(name="p", kind="value", quantile=0.3)


class TestContributions:
    """The mean of the contributions is the metric as scikit-learn has it, and their spread its standard error."""

    random = np.random.default_rng(3)
    truth = random.random(400) < 0.3
    scores = np.round(np.clip(random.normal(0.4 + 0.2 * truth, 0.2), 0.01, 0.99), 2)
    table = random.dirichlet([1, 1, 1], 400)
    classes = (table.cumsum(axis=1) > random.random((400, 1))).argmax(axis=1)
    values = random.normal(5, 2, 400)
    answers = values + random.normal(0, 1, 400)

    def two(self, metric: str, rows: Any = slice(None)) -> np.ndarray:
        found = contributions(metric, BINARY_OUTPUT, self.truth[rows], answered(self.scores[rows]), 1e-7)
        assert found is not None
        return found

    @pytest.mark.parametrize(
        ("metric", "reference"),
        [
            ("accuracy", lambda y, s: sk.accuracy_score(y, s >= 0.5)),
            ("balanced_accuracy", lambda y, s: sk.balanced_accuracy_score(y, s >= 0.5)),
            ("precision", lambda y, s: sk.precision_score(y, s >= 0.5)),
            ("recall", lambda y, s: sk.recall_score(y, s >= 0.5)),
            ("specificity", lambda y, s: sk.recall_score(~y, s < 0.5)),
            ("f1", lambda y, s: sk.f1_score(y, s >= 0.5)),
            ("roc_auc", sk.roc_auc_score),
            ("log_loss", sk.log_loss),
            ("brier", sk.brier_score_loss),
        ],
    )
    def test_two_classes(self, metric: str, reference: Any) -> None:
        assert self.two(metric).mean() == pytest.approx(reference(self.truth, self.scores))
        draws = np.random.default_rng(7).integers(0, 400, (300, 400))
        bootstrap = np.std([self.two(metric, rows).mean() for rows in draws])
        assert self.two(metric).std() / 20 == pytest.approx(bootstrap, rel=0.15)

    def test_several_classes(self) -> None:
        guess = self.table.argmax(axis=1)
        answer = Answer(
            self.table.max(axis=1), np.zeros(400, dtype=np.bool_), (), chosen=guess.astype(np.int64), chances=self.table
        )
        onehot = np.eye(3)[self.classes]
        expected = {
            "accuracy": sk.accuracy_score(self.classes, guess),
            "f1_micro": sk.f1_score(self.classes, guess, average="micro"),
            "f1_macro": sk.f1_score(self.classes, guess, average="macro"),
            "precision_macro": sk.precision_score(self.classes, guess, average="macro"),
            "balanced_accuracy": sk.balanced_accuracy_score(self.classes, guess),
            "roc_auc_macro": sk.roc_auc_score(self.classes, self.table, multi_class="ovr"),
            "log_loss": sk.log_loss(self.classes, self.table),
            "brier_multiclass": ((self.table - onehot) ** 2).sum(axis=1).mean(),
        }
        for metric, value in expected.items():
            told = contributions(metric, CLASSES_OUTPUT, self.classes, answer, 1e-7)
            assert told is not None
            assert told.mean() == pytest.approx(value), metric

    def test_values(self) -> None:
        y, p = self.values, self.answers
        expected = {
            "mae": sk.mean_absolute_error(y, p),
            "mse": sk.mean_squared_error(y, p),
            "rmse": sk.mean_squared_error(y, p) ** 0.5,
            "r2": sk.r2_score(y, p),
            "pinball": sk.mean_pinball_loss(y, p, alpha=0.3),
        }
        for metric, value in expected.items():
            told = contributions(metric, VALUE_OUTPUT, y, answered(p), 1e-7)
            assert told is not None
            assert told.mean() == pytest.approx(value), metric

    def test_what_is_undefined_has_none(self) -> None:
        ones = np.ones(400, dtype=np.bool_)
        assert contributions("roc_auc", BINARY_OUTPUT, ones, answered(self.scores), 1e-7) is None
        assert contributions("precision", BINARY_OUTPUT, self.truth, answered(self.scores * 0), 1e-7) is None
        assert contributions("r2", VALUE_OUTPUT, np.full(400, 2.0), answered(self.answers), 1e-7) is None


class TestThroughThePlan:
    def weak(self) -> pa.Table:
        """Applications of which those from the north with a high income are paid by the toss of a coin."""
        table = applications(6000)
        income, region = np.asarray(table["income"]), np.asarray(table["region"])
        score = 2 * income - np.asarray(table["debt"])
        coin = np.random.default_rng(9).random(6000) < 0.5
        paid = np.where((region == "north") & (income > 0.6), coin, score + coin * 0.2 > 0.3)
        return table.set_column(5, "paid", pa.array(np.where(paid, "yes", "no")))

    def test_a_weak_slice_fails_the_test_of_the_plan(self, make_plan: MakePlan) -> None:
        promises = plan_values()["plan"]
        promises |= {"thresholds": promises["thresholds"] | LIMIT, "required_tests": ["roc_auc", GAP]}
        plan = make_plan(table=self.weak(), slices=["region"], hidden_slices={"metric": "accuracy"}, plan=promises)
        outcome = run(plan)
        assert outcome.run.hidden_slices is not None
        worst = outcome.run.hidden_slices.confirmed[0]
        assert "region = north" in worst.conditions
        assert any(word.startswith("income") for word in worst.conditions)
        assert outcome.run.examined is not None
        assert outcome.run.examined[GAP].ci_high >= worst.shortfall.value > 0.2
        assert not outcome.run.test_results[GAP].passed
        assert untimed(run(plan)) == untimed(outcome)

    def test_without_the_section_nothing_is_recorded(self, make_plan: MakePlan) -> None:
        found = run(make_plan()).run.to_json()
        assert "hidden_slices" not in found
        assert "examined" not in found

    @pytest.mark.parametrize(
        ("section", "problem"),
        [
            ({"smallest_share": 0.5}, "must be at most 0.1"),
            ({"metric": "mae"}, "`mae` is no metric of this model"),
            ({"metric": "latency_p50"}, "`latency_p50` is no metric of this model"),
        ],
    )
    def test_a_search_that_looks_at_nothing_is_refused(
        self, make_plan: MakePlan, section: dict[str, Any], problem: str
    ) -> None:
        with pytest.raises(EvidenceError, match=problem):
            make_plan(hidden_slices=section)

    def test_a_limit_needs_the_search(self, make_plan: MakePlan) -> None:
        promises = plan_values()["plan"] | {"thresholds": LIMIT, "required_tests": [GAP]}
        with pytest.raises(EvidenceError, match="needs the section `hidden_slices`"):
            make_plan(plan=promises)

    def test_clusters_stay_together(self, make_plan: MakePlan) -> None:
        table = applications(600).append_column("customer", pa.array([f"c{row // 10}" for row in range(600)]))
        outcome = run(make_plan(table=table, hidden_slices={}, **data(cluster="customer")))
        assert outcome.run.hidden_slices is None
        assert any("fewer than 50 independent cases in a half" in note for note in outcome.notes)
