"""Fairness: agreement with fairlearn, honest intervals, and what is undefined."""

import time
from typing import Literal

import numpy as np
import pytest
from fairlearn import metrics as fl
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import accuracy_score, precision_score

from evidence.model.errors import EvidenceError
from evidence.validation.measures.extremes import Rates
from evidence.validation.measures.fairness import MAX_CELLS, Audit, Fairness

DIGEST = "sha256:" + "a" * 64


def data(n: int, groups: int = 3, seed: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, predictions and group codes; the last group is selected least."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, groups, n)
    labels = rng.random(n) < 0.5 - 0.05 * codes
    predictions = rng.random(n) < np.where(labels, 0.8, 0.3) - 0.08 * codes
    return labels, predictions, codes


def audit(labels: np.ndarray, predictions: np.ndarray | None, parts: int = 1, **codes: np.ndarray) -> Audit:
    """Audit of attributes whose values are g0, g1, …; with two attributes, of their intersection too."""
    audited: Literal["model-outputs", "training-labels"] = "training-labels" if predictions is None else "model-outputs"
    pair = [tuple(codes)] if len(codes) > 1 else []
    found = Fairness(list(codes), pair, audited=audited)
    for name, values in codes.items():
        found.groups[name].encode([f"g{value}" for value in range(int(values.max()) + 1)], np.zeros(0, dtype=np.int64))
    for rows in np.array_split(np.arange(len(labels)), parts):
        found.update(
            labels[rows],
            {name: values[rows] for name, values in codes.items()},
            None if predictions is None else predictions[rows],
        )
    return found.result()


@pytest.mark.slow
class TestAgreementWithFairlearn:
    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 1000), st.integers(2, 5))
    def test_gaps_and_ratios(self, seed: int, groups: int) -> None:
        labels, predictions, codes = data(800, groups, seed)
        found = audit(labels, predictions, race=codes)
        theirs = {"y_true": labels, "y_pred": predictions, "sensitive_features": codes}
        pairs = (
            (found.parity_difference, fl.demographic_parity_difference),
            (found.parity_ratio, fl.demographic_parity_ratio),
            (found.odds_difference, fl.equalized_odds_difference),
            (found.opportunity_difference, fl.equal_opportunity_difference),
        )
        for ours, function in pairs:
            assert ours["race"].value == pytest.approx(function(**theirs), abs=1e-12), function
            assert ours["race"].low <= ours["race"].value <= ours["race"].high

    def test_group_metrics(self) -> None:
        labels, predictions, codes = data(3000)
        found = audit(labels, predictions, race=codes)
        functions = {
            "selection_rate": fl.selection_rate,
            "accuracy": accuracy_score,
            "precision": precision_score,
            "true_positive_rate": fl.true_positive_rate,
            "false_positive_rate": fl.false_positive_rate,
            "false_negative_rate": fl.false_negative_rate,
            "true_negative_rate": fl.true_negative_rate,
        }
        frame = fl.MetricFrame(metrics=functions, y_true=labels, y_pred=predictions, sensitive_features=codes)
        for code in range(3):
            metrics = found.group_metrics[f"race=g{code}"]
            for name in functions:
                assert metrics[name].value == pytest.approx(frame.by_group.loc[code, name], abs=1e-12), name
            assert metrics["base_rate"].value == labels[codes == code].mean()
            assert found.group_sizes[f"race=g{code}"] == (codes == code).sum()

    def test_intersections(self) -> None:
        labels, predictions, codes = data(3000)
        sex = np.random.default_rng(1).integers(0, 2, 3000)
        found = audit(labels, predictions, race=codes, sex=sex)
        features = np.stack([codes, sex], axis=1)
        theirs = fl.demographic_parity_difference(labels, predictions, sensitive_features=features)
        assert found.intersections == ("race&sex",)
        assert found.parity_difference["race&sex"].value == pytest.approx(theirs, abs=1e-12)
        assert found.group_sizes["race=g1&sex=g0"] == ((codes == 1) & (sex == 0)).sum()
        rates = {key: found.group_metrics[key]["selection_rate"].value for key in found.group_sizes if "&" in key}
        for key, rate in rates.items():
            assert found.impact_ratio[key].value == pytest.approx(rate / max(rates.values()))

    def test_intervals_are_about_those_of_its_bootstrap_of_rows_and_a_hundred_times_faster(self) -> None:
        """For two groups that lie apart: of groups that are alike the bootstrap never says so."""
        labels, predictions, codes = data(4000, groups=2)
        started = time.perf_counter()
        ours = audit(labels, predictions, race=codes)
        ours_took = time.perf_counter() - started
        started = time.perf_counter()
        frame = fl.MetricFrame(
            metrics=fl.selection_rate, y_true=labels, y_pred=predictions, sensitive_features=codes,
            n_boot=60, ci_quantiles=[0.025, 0.975], random_state=1,
        )  # fmt: skip
        theirs_took = (time.perf_counter() - started) * 2000 / 60
        low, high = frame.difference_ci(method="between_groups")
        assert ours.parity_difference["race"].low == pytest.approx(low, abs=0.015)
        assert ours.parity_difference["race"].high == pytest.approx(high, abs=0.015)
        assert theirs_took > 100 * ours_took


class TestHonesty:
    def test_nobody_left_out_of_a_few_is_not_equality(self) -> None:
        """All of 30 and all of 30: 0.025 ** (1 / 30) is the exact bound of each."""
        found = audit(np.ones(60), np.ones(60), race=np.repeat([0, 1], 30))
        assert found.parity_difference["race"].value == 0
        assert found.parity_difference["race"].high == pytest.approx(1 - 0.88430, abs=1e-4)
        assert found.parity_ratio["race"].low == pytest.approx(0.88430, abs=1e-4)
        worst = min(found.impact_ratio.values(), key=lambda ratio: ratio.low)
        assert worst.low == pytest.approx(0.88430, abs=1e-4)

    def test_small_group_is_judged_by_a_wide_interval(self) -> None:
        codes = np.repeat([0, 1], [1000, 5])
        predictions = np.concatenate([np.tile([0, 1], 500), [1, 1, 0, 1, 0]])
        found = audit(predictions, predictions, race=codes)
        assert found.group_sizes == {"race=g0": 1000, "race=g1": 5}
        assert found.impact_ratio["race=g0"].n == 1000
        assert found.parity_difference["race"].high > 0.4

    def test_odds_of_a_few_who_were_all_judged_rightly_are_not_known(self) -> None:
        found = audit(np.tile([0, 1], 60), np.tile([0, 1], 60), race=np.repeat([0, 1], 60))
        assert found.odds_difference["race"].value == 0
        assert found.odds_difference["race"].high == pytest.approx(1 - 0.88430, abs=1e-4)

    def test_one_case_of_a_group_leaves_its_gap_open(self) -> None:
        """Of one case, its rate may be as low as 0.025."""
        codes = np.repeat([0, 1], [500, 3])
        found = audit(np.r_[np.ones(500), 1, 0, 0], np.ones(503), race=codes)
        assert found.opportunity_difference["race"].value == 0
        assert found.opportunity_difference["race"].high == pytest.approx(1 - 0.025, abs=1e-4)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.tuples(*[st.integers(0, 8)] * 4), min_size=1, max_size=4))
    def test_every_interval_holds_its_estimate(self, cells: list[tuple[int, int, int, int]]) -> None:
        rows = [[group, *divmod(cell, 2)] for group, c in enumerate(cells) for cell in range(4) for _ in range(c[cell])]
        if not rows:
            return
        codes, labels, predictions = np.array(rows).T
        found = audit(labels, predictions, race=codes)
        gaps = (found.parity_difference, found.parity_ratio, found.odds_difference, found.opportunity_difference)
        for measure in (*gaps, found.impact_ratio):
            for interval in measure.values():
                assert 0 <= interval.low <= interval.value <= interval.high <= 1


class TestUndefined:
    def test_one_group_compares_with_nothing(self) -> None:
        found = audit(np.array([0, 1]), np.array([1, 1]), race=np.zeros(2, dtype=np.int64))
        assert found.group_sizes == {"race=g0": 2}
        assert found.parity_difference == found.odds_difference == found.impact_ratio == {}

    def test_nobody_selected_has_no_ratio(self) -> None:
        found = audit(np.array([0, 1, 0, 1]), np.zeros(4), race=np.array([0, 0, 1, 1]))
        assert found.impact_ratio == found.parity_ratio == {}
        assert found.parity_difference["race"].value == 0
        assert found.parity_difference["race"].high > 0.5

    def test_group_without_the_label_has_no_odds(self) -> None:
        found = audit(np.array([0, 1, 0, 0]), np.array([1, 1, 0, 1]), race=np.array([0, 0, 1, 1]))
        assert "true_positive_rate" not in found.group_metrics["race=g1"]
        assert found.odds_difference == found.opportunity_difference == {}
        assert found.parity_difference["race"].value == 0.5

    def test_nothing_counted(self) -> None:
        found = Fairness(["race"], audited="model-outputs").result()
        assert (found.attributes, found.group_sizes, found.parity_difference) == (("race",), {}, {})


class TestCounting:
    @settings(max_examples=20, deadline=None)
    @given(st.integers(0, 1000), st.integers(1, 30))
    def test_batches_and_order_change_nothing(self, seed: int, parts: int) -> None:
        labels, predictions, codes = data(300, seed=seed)
        sex = np.random.default_rng(seed).integers(-1, 2, 300)
        once = audit(labels, predictions, race=codes, sex=sex)
        order = np.random.default_rng(seed).permutation(300)
        assert audit(labels, predictions, parts=parts, race=codes, sex=sex) == once
        assert audit(labels[order], predictions[order], race=codes[order], sex=sex[order]) == once

    def test_merging_goes_by_name_not_by_number(self) -> None:
        parts = []
        for names in (["a", "b"], ["c", "a"]):
            part = Fairness(["x", "y"], [("x", "y")], audited="training-labels")
            codes = {name: part.groups[name].encode(names, np.array([0, 1, 1])) for name in "xy"}
            part.update(np.array([1, 0, 1]), codes)
            part.update(np.array([1]), {"x": np.array([-1]), "y": np.array([0])})
            parts.append(part)
        parts[0].merge(parts[1])
        found = parts[0].result()
        assert found.unknown_count == 2
        assert found.group_sizes == {
            "x=a": 3, "x=b": 2, "x=c": 1, "y=a": 4, "y=b": 2, "y=c": 2, "x=a&y=a": 3, "x=b&y=b": 2, "x=c&y=c": 1,
        }  # fmt: skip
        assert found.group_metrics["x=a"]["selection_rate"].value == pytest.approx(2 / 3)

    def test_unknown_groups_are_counted_once_and_judged_nowhere(self) -> None:
        found = audit(
            np.array([1, 0, 1, 1]), np.array([1, 1, 1, 0]), x=np.array([-1, 0, 1, -1]), y=np.array([-1, 1, 0, 0])
        )
        assert found.unknown_count == 2
        assert found.group_sizes == {"x=g0": 1, "x=g1": 1, "y=g0": 2, "y=g1": 1, "x=g0&y=g1": 1, "x=g1&y=g0": 1}

    def test_a_value_cannot_pose_as_another_group(self) -> None:
        part = Fairness(["x", "y"], [("x", "y")], audited="training-labels")
        codes = {name: part.groups[name].encode(["a&y=b", "100%"], np.array([0, 1])) for name in "xy"}
        part.update(np.array([1, 0]), codes)
        assert {"x=a%26y%3Db", "x=100%25", "x=100%25&y=100%25"} <= set(part.result().group_sizes)

    def test_too_many_combinations_are_refused(self) -> None:
        part = Fairness(["x", "y"], [("x", "y")], audited="training-labels")
        many = np.arange(MAX_CELLS // 8)
        codes = {name: part.groups[name].encode([str(value) for value in many], many) for name in "xy"}
        with pytest.raises(EvidenceError, match="`x&y` makes more than 1024 groups"):
            part.update(np.ones(len(many)), codes)


class TestTrainingLabels:
    def test_selection_is_the_favourable_label(self) -> None:
        labels, _, codes = data(2000)
        found = audit(labels, None, race=codes)
        rates = [labels[codes == code].mean() for code in range(3)]
        assert found.parity_difference["race"].value == pytest.approx(max(rates) - min(rates))
        assert found.impact_ratio["race=g2"].value == pytest.approx(rates[2] / max(rates))
        assert set(found.group_metrics["race=g0"]) == {"selection_rate"}
        assert found.odds_difference == {}

    def test_predictions_belong_to_outputs(self) -> None:
        outputs, training = (Fairness(["x"], audited=kind) for kind in ("model-outputs", "training-labels"))
        rows = np.array([1]), {"x": np.array([0])}
        with pytest.raises(EvidenceError, match="needs predictions"):
            outputs.update(*rows)
        with pytest.raises(EvidenceError, match="takes none"):
            training.update(*rows, np.array([1]))


def test_predicate_is_rounded_and_complete() -> None:
    labels, predictions, codes = data(400)
    found = audit(labels, predictions, race=codes)
    content = found.predicate(
        artifact_digest=DIGEST, dataset_digest=DIGEST, binding_measures=["impact_ratio"], excluded=7
    )
    assert content.attributes == ("race",)
    assert content.audited == "model-outputs"
    assert content.group_sizes == found.group_sizes
    estimate = content.impact_ratio["race=g2"]
    assert estimate.value == round(found.impact_ratio["race=g2"].value, 6)
    assert estimate.excluded == 7
    assert (
        content.group_metrics["race=g0"]["selection_rate"].ci_low
        < content.group_metrics["race=g0"]["selection_rate"].value
    )


class TestBounds:
    def test_two_groups_known_answer(self) -> None:
        """56 of 70 and 48 of 80 by hand, from the exact intervals that scipy gives."""
        found = audit(np.r_[np.arange(70) < 56, np.arange(80) < 48], None, race=np.repeat([0, 1], [70, 80]))
        first, second = (stats.binomtest(x, n).proportion_ci(0.95) for x, n in ((56, 70), (48, 80)))
        gap, ratio = found.parity_difference["race"], found.parity_ratio["race"]
        assert gap.value == pytest.approx(0.2)
        assert gap.high == pytest.approx(0.2 + np.hypot(first.high - 0.8, 0.6 - second.low))
        wide = [stats.binomtest(x, n).proportion_ci(0.975) for x, n in ((56, 70), (48, 80))]
        assert gap.low == pytest.approx(0.2 - np.hypot(0.8 - wide[0].low, wide[1].high - 0.6))
        high, low = first.high, second.low
        root = np.sqrt(0.48**2 - low * high * (1.2 - low) * (1.6 - high))
        assert ratio.low == pytest.approx((0.48 - root) / (high * (1.6 - high)))

    def test_groups_that_are_alike_may_be_alike(self) -> None:
        """Five groups of one rate: by chance they differ, and every interval holds that they do not."""
        rng = np.random.default_rng(3)
        held = []
        for _ in range(200):
            codes = np.repeat(np.arange(5), 200)
            found = audit(rng.random(1000) < 0.6, rng.random(1000) < 0.8, race=codes)
            held.append(
                (
                    found.parity_difference["race"].low == 0,
                    found.parity_ratio["race"].high == 1,
                    found.odds_difference["race"].low == 0,
                    np.mean([ratio.high == 1 for ratio in found.impact_ratio.values()]),
                )
            )
        assert (np.mean(held, axis=0) >= 0.95).all()

    @pytest.mark.parametrize(("worst", "most", "least"), [(0.8, 1.0, 0.7), (0.64, 0.03, 0.0)])
    def test_power_of_the_ratio_of_five_groups(self, worst: float, most: float, least: float) -> None:
        """1,000 rows, four groups selected at 0.8: the fair model mostly passes 0.8, one at the limit hardly ever."""
        rng = np.random.default_rng(4)
        passed = []
        for _ in range(200):
            selected = rng.binomial(200, [0.8, 0.8, 0.8, 0.8, worst]).astype(np.float64)
            ratios = Rates(selected, np.full(5, 200.0), 0.95).ratios(np.full(5, 200.0))
            passed.append(all(ratio.low >= 0.8 for ratio in ratios))
        assert least <= np.mean(passed) <= most

    def test_a_few_rows_pass_nothing(self) -> None:
        """However alike the groups look: all selected of ten each is no ratio of 0.8."""
        for size in range(1, 12):
            ratio = Rates(np.full(2, float(size)), np.full(2, float(size)), 0.95).lowest_ratio()
            assert ratio.value == 1
            assert ratio.low < 0.8


@pytest.mark.slow
@pytest.mark.parametrize("rates", [(0.7, 0.55), (0.9, 0.85)])
def test_intervals_of_two_groups_cover(rates: tuple[float, float]) -> None:
    rng = np.random.default_rng(31)
    sizes = np.array([300, 120])
    held: list[tuple[bool, ...]] = []
    for selected in rng.binomial(sizes, rates, (1000, 2)):
        found = Rates(selected.astype(np.float64), sizes.astype(np.float64), 0.95)
        gap, ratio, truth = found.gap(), found.lowest_ratio(), rates[0] - rates[1]
        held.append(
            (
                gap.low <= truth <= gap.high,
                ratio.low <= rates[1] / rates[0] <= ratio.high,
                truth <= gap.high,
                ratio.low <= rates[1] / rates[0],
            )
        )
    assert (np.mean(held, axis=0)[:2] >= 0.94).all()
    assert (np.mean(held, axis=0)[2:] >= 0.97).all()
