"""Sample weights: the numbers are scikit-learn's, and nobody gains by choosing them."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics as sk

from evidence.model.errors import EvidenceError
from evidence.model.predicates.validation import ValidationRun
from evidence.model.predicates.values import Weighting
from evidence.validation.measures.performance import Least
from evidence.validation.measures.values import Level
from evidence.validation.measures.weighted import METHOD, Sample, Weighted, binary, several, values
from evidence.validation.runner import validate
from reports.charts.shapes import ChartPoints
from reports.charts.sources import Sources
from reports.charts.subjects import weights
from reports.words.wording import short
from tests.worlds.runs import MakePlan, applications, logistic, plan_values

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
EPS = float(np.finfo(np.float64).eps)


def weighed(make_plan: MakePlan, table: pa.Table, column: Any, **changes: Any) -> ValidationRun:
    more = changes.pop("data", {})
    data = plan_values()["data"] | {"weight": "w"} | more
    plan = make_plan(table=table.append_column("w", pa.array(column)), data=data, **changes)
    return validate(plan, started_at=AT, plan_digest=plan.digest).run


def sample(n: int, seed: int = 4) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(seed)
    score = rng.random(n)
    return rng.random(n) < score, score, rng.gamma(0.7, 2.0, n)


class TestNumbers:
    def test_two_classes_with_scikit_learn(self) -> None:
        truth, score, w = sample(2000)
        guess = score >= 0.4
        found = binary(EPS)(Sample(w, np.arange(2000), 0.95), {"truth": truth, "guess": guess, "score": score})
        expected = {
            "accuracy": sk.accuracy_score(truth, guess, sample_weight=w),
            "balanced_accuracy": sk.balanced_accuracy_score(truth, guess, sample_weight=w),
            "precision": sk.precision_score(truth, guess, sample_weight=w),
            "recall": sk.recall_score(truth, guess, sample_weight=w),
            "specificity": sk.recall_score(~truth, ~guess, sample_weight=w),
            "f1": sk.f1_score(truth, guess, sample_weight=w),
            "roc_auc": sk.roc_auc_score(truth, score, sample_weight=w),
            "log_loss": sk.log_loss(truth, score, sample_weight=w),
            "brier": sk.brier_score_loss(truth, score, sample_weight=w),
        }
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            told = found[name]
            assert told is not None
            assert told.value == pytest.approx(value, abs=1e-9), name
            assert told.low < value < told.high, name

    def test_several_classes_with_scikit_learn(self) -> None:
        rng = np.random.default_rng(2)
        truth, w = rng.integers(0, 3, 1500), rng.gamma(1.0, 1.0, 1500)
        chances = np.exp(rng.normal(size=(1500, 3)) + 1.2 * np.eye(3)[truth])
        chances /= chances.sum(axis=1, keepdims=True)
        chosen = chances.argmax(axis=1)
        facts = {"truth": truth, "chosen": chosen, "chances": chances}
        found = several(("a", "b", "c"), EPS)(Sample(w, np.arange(1500), 0.95), facts)
        expected = {
            "accuracy": sk.accuracy_score(truth, chosen, sample_weight=w),
            "balanced_accuracy": sk.balanced_accuracy_score(truth, chosen, sample_weight=w),
            "f1_macro": sk.f1_score(truth, chosen, average="macro", sample_weight=w),
            "precision_macro": sk.precision_score(truth, chosen, average="macro", sample_weight=w),
            "roc_auc_macro": sk.roc_auc_score(truth, chances, multi_class="ovr", sample_weight=w),
            "log_loss": sk.log_loss(truth, chances, sample_weight=w),
            "recall:b": sk.recall_score(truth == 1, chosen == 1, sample_weight=w),
            "f1:c": sk.f1_score(truth == 2, chosen == 2, sample_weight=w),
        }
        assert {name: found[name].value for name in expected} == pytest.approx(expected, abs=1e-9)  # type: ignore[union-attr]

    def test_values_with_scikit_learn(self) -> None:
        rng = np.random.default_rng(6)
        truth, w = rng.normal(500, 20, 900), rng.gamma(1.0, 1.0, 900)
        answer = truth + rng.normal(1, 8, 900)
        facts = {"truth": truth, "answer": answer, "low": answer - 9, "high": answer + 9}
        found = values(Level(0.3, 0.8))(Sample(w, np.arange(900), 0.95), facts)
        expected = {
            "mae": sk.mean_absolute_error(truth, answer, sample_weight=w),
            "mse": sk.mean_squared_error(truth, answer, sample_weight=w),
            "rmse": sk.root_mean_squared_error(truth, answer, sample_weight=w),
            "r2": sk.r2_score(truth, answer, sample_weight=w),
            "pinball": sk.mean_pinball_loss(truth, answer, alpha=0.3, sample_weight=w),
            "pinball:low": sk.mean_pinball_loss(truth, answer - 9, alpha=0.1, sample_weight=w),
            "interval_width": 18.0,
            "interval_coverage": np.average((answer - 9 <= truth) & (truth <= answer + 9), weights=w),
        }
        assert {name: found[name].value for name in expected} == pytest.approx(expected, rel=1e-9)  # type: ignore[union-attr]

    def test_equal_weights_change_nothing_but_the_name(self) -> None:
        truth, score, _ = sample(500)
        facts = {"truth": truth, "guess": score >= 0.5, "score": score}
        one, two = (binary(EPS)(Sample(np.full(500, w), np.arange(500), 0.95), facts) for w in (1.0, 1e300))
        assert one == two

    def test_kish_and_the_linearised_variance(self) -> None:
        """Heavy rows are few; where they are also those with the outcome, Kish alone would promise too much."""
        w = np.r_[np.full(50, 10.0), np.ones(950)]
        told = Sample(w, np.arange(1000), 0.95)
        assert told.effective() == pytest.approx(1450**2 / (50 * 100 + 950))
        apart = told.share(np.arange(1000) < 50)
        together = told.share(np.arange(1000) % 2 == 0)
        assert apart is not None
        assert together is not None
        assert apart.interval.n < 0.7 * told.effective()
        assert together.interval.n == pytest.approx(told.effective(), rel=0.02)

    def test_rows_of_a_cluster_are_one_case(self) -> None:
        w = np.ones(100)
        assert Sample(w, np.arange(100) // 10, 0.95).effective() == pytest.approx(10)
        told = Sample(w, np.arange(100) // 10, 0.95).share((np.arange(100) // 10) % 2 == 0)
        assert told is not None
        assert told.interval.n <= 10


class TestRuns:
    def test_both_are_told_and_the_weights_are_named(self, make_plan: MakePlan) -> None:
        table = applications(800)
        paid = np.asarray(table["paid"]) == "yes"
        counted = np.where(paid, 1.0, 3.0)
        found = weighed(make_plan, table, counted, slices=["region"])
        alone = weighed(make_plan, table, np.ones(800), slices=["region"])
        assert found.metrics == alone.metrics
        assert found.weighting is not None
        assert found.operating_point is not None
        assert (found.weighting.column, found.operating_point.weight) == ("w", "w")
        assert found.weighting.metrics["roc_auc"].method == METHOD
        assert found.weighting.metrics["precision"].value < found.metrics["precision"].value - 0.1
        assert found.weighting.effective_n == int(counted.sum() ** 2 / (counted**2).sum())
        assert all(item.n <= found.weighting.effective_n for item in found.weighting.metrics.values())
        sexes = [group for group in found.weighting.groups if group.dimension == "sex"]
        assert sum(group.weight_share for group in sexes) == pytest.approx(1, abs=1e-5)
        assert sum(group.n for group in sexes) == 800
        assert {(item.dimension, item.value) for item in found.slices} <= {
            (group.dimension, group.value) for group in found.weighting.groups
        }
        record: Any = SimpleNamespace(id="r", typed=lambda: found)
        (chart,) = weights.charts(Sources({"validation-run": [record]}, {}, ChartPoints()))
        assert {"accuracy", "roc auc"} <= {mark.label for mark in chart.marks}
        (female,) = [group for group in found.weighting.groups if group.value == "f"]
        assert f"sex f {short(female.weight_share)}, of the rows {short(female.row_share)}" in chart.caption

    def test_whoever_hides_a_group_by_weight_0_shows_it(self, make_plan: MakePlan) -> None:
        table = applications(800)
        hidden = np.asarray(table["sex"]) == "f"
        found = weighed(make_plan, table, np.where(hidden, 0.0, 1.0)).weighting
        assert found is not None
        (group,) = [group for group in found.groups if group.value == "f"]
        assert (group.n, group.weight_share, group.metric) == (int(hidden.sum()), 0.0, None)
        assert found.weightless == int(hidden.sum())

    def test_a_single_row_cannot_carry_the_run(self, make_plan: MakePlan) -> None:
        heavy = np.full(800, 1e-9)
        heavy[:3] = 1.0
        found = weighed(make_plan, applications(800), heavy).weighting
        assert found is not None
        assert found.effective_n == 3
        assert found.metrics == {}
        assert found.largest_share > 0.3

    def test_copies_carry_weight_as_one_case(self, make_plan: MakePlan) -> None:
        table = applications(200)
        found = weighed(make_plan, pa.concat_tables([table] * 4), np.ones(800)).weighting
        assert found is not None
        assert found.effective_n == 200

    def test_abstaining_on_heavy_rows_shows(self, make_plan: MakePlan) -> None:
        table = applications(800)
        income = np.asarray(table["income"]).copy()
        income[:20] = 5.0  # outside of what the guarded model answers
        table = table.set_column(table.column_names.index("income"), "income", pa.array(income))
        heavy = np.where(np.arange(800) < 20, 39.0, 1.0)
        output = {"name": "p", "favourable": "positive", "abstain": {"value": -1}}
        found = weighed(make_plan, table, heavy, model=logistic(guarded=True), output=output)
        assert found.weighting is not None
        assert found.metrics["abstention_rate"].value == pytest.approx(0.025)
        assert found.weighting.abstained_share == pytest.approx(0.5)

    def test_a_period_is_weighed_too(self, make_plan: MakePlan) -> None:
        data = {"period": {"column": "day", "by": "quarter"}}
        found = weighed(make_plan, applications(1200), np.ones(1200), data=data)
        assert found.weighting is not None
        assert [
            g.metric.value for g in found.weighting.groups if g.dimension == "(period)" and g.metric
        ] == pytest.approx([period.metric.value for period in found.periods], abs=1e-6)

    def test_a_promise_about_a_weighted_number(self, make_plan: MakePlan) -> None:
        promise = plan_values()["plan"]
        floor = {"op": ">=", "value": 0.5, "confidence": 0.95}
        promise |= {"required_tests": ["weighted:roc_auc"], "thresholds": {"weighted:roc_auc": floor}}
        found = weighed(make_plan, applications(600), np.ones(600), plan=promise)
        assert found.test_results["weighted:roc_auc"].passed
        assert found.weighting is not None
        assert found.test_results["weighted:roc_auc"].observed == found.weighting.metrics["roc_auc"]

    @pytest.mark.parametrize(
        ("last", "told"),
        [
            (-1.0, "`-1` in the column `w` is no weight"),
            (float("inf"), "`inf` in the column `w` is no weight"),
            (float("nan"), "no finite value for `w`"),
        ],
    )
    def test_what_is_no_weight(self, make_plan: MakePlan, last: float, told: str) -> None:
        with pytest.raises(EvidenceError, match=told):
            weighed(make_plan, applications(100), np.r_[np.ones(99), last])

    def test_a_blank_is_left_out_and_counted(self, make_plan: MakePlan) -> None:
        blank = np.r_[np.ones(590), np.full(10, np.nan)]
        found = weighed(make_plan, applications(600), blank, data={"missing": "exclude"})
        assert found.row_counts is not None
        assert found.row_counts.excluded == 10

    def test_weights_that_are_all_0(self, make_plan: MakePlan) -> None:
        with pytest.raises(EvidenceError, match="are all 0"):
            weighed(make_plan, applications(100), np.zeros(100))

    def test_the_label_is_no_weight(self, make_plan: MakePlan) -> None:
        with pytest.raises(EvidenceError, match=r"`data.weight` is the label"):
            make_plan(data=plan_values()["data"] | {"weight": "paid"})

    def test_a_promise_without_weights_is_refused(self, make_plan: MakePlan) -> None:
        promise = plan_values()["plan"]
        promise["thresholds"] |= {"weighted:f1": {"op": ">=", "value": 0.5, "confidence": 0.95}}
        with pytest.raises(EvidenceError, match=r"needs `data.weight`"):
            make_plan(plan=promise)

    def test_the_settings_digest_seals_the_column(self, make_plan: MakePlan) -> None:
        data = plan_values()["data"]
        digests = [make_plan(data=data | more).sealed().plan.settings_digest for more in ({}, {"weight": "debt"})]
        assert digests[0] != digests[1]


def test_weights_that_cannot_be_added_up() -> None:
    weighted = Weighted(binary(EPS))
    truth, score, _ = sample(3)
    facts = {"truth": truth, "guess": score > 0.5, "score": score}
    weighted.update(np.full(3, 1e308), np.arange(3, dtype=np.uint64), {}, facts)
    with pytest.raises(EvidenceError, match="too large to be added up"):
        weighted.result("w", "f1", (0, Least(0, 0)), confidence=0.95, excluded=0, where="t.csv")


def test_the_record_reads_back() -> None:
    told = Weighting(
        column="w", weightless=0, abstained_share=0.0, effective_n=1, largest_share=1.0, metrics={}, groups=()
    )
    assert Weighting.model_validate_json(told.model_dump_json()) == told
