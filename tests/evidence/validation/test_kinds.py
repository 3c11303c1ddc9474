"""Several classes, and values: the numbers are scikit-learn's, the intervals hold what they say."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as sk

from evidence.model.errors import EvidenceError
from evidence.validation.measures.classes import ClassPerformance, mean_of, mean_of_same_rows
from evidence.validation.measures.gaps import ValueFairness, largest_gap
from evidence.validation.measures.intervals import Interval
from evidence.validation.measures.performance import Least
from evidence.validation.measures.values import Level, ValuePerformance, positive_mean

WORDS = ("cat", "dog", "fox", "owl")


def scored(n: int, seed: int = 1) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """True classes, and probabilities that lean towards them."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(len(WORDS), n, p=[0.4, 0.3, 0.2, 0.1])
    logits = rng.normal(size=(n, len(WORDS))) + 1.5 * np.eye(len(WORDS))[labels]
    chances = np.exp(logits)
    return labels, chances / chances.sum(axis=1, keepdims=True)


def counted(labels: Any, chances: Any, cuts: int = 1, **codes: Any) -> ClassPerformance:
    found = ClassPerformance(WORDS, tuple(codes))
    for name, values in codes.items():
        codes[name] = found.groups[name].encode(sorted(set(values)), np.searchsorted(sorted(set(values)), values))
    for rows in np.array_split(np.arange(len(labels)), cuts):
        chosen = chances[rows].argmax(axis=1)
        found.count(labels[rows], chosen, chances[rows], {name: code[rows] for name, code in codes.items()})
    return found


class TestClasses:
    def test_with_scikit_learn(self) -> None:
        labels, chances = scored(3000)
        found = counted(labels, chances, cuts=7).overall()
        chosen, binary = chances.argmax(axis=1), np.eye(len(WORDS))[labels]
        expected = {
            "accuracy": sk.accuracy_score(labels, chosen),
            "f1_micro": sk.f1_score(labels, chosen, average="micro"),
            "balanced_accuracy": sk.balanced_accuracy_score(labels, chosen),
            "precision_macro": sk.precision_score(labels, chosen, average="macro"),
            "f1_macro": sk.f1_score(labels, chosen, average="macro"),
            "roc_auc_macro": sk.roc_auc_score(labels, chances, multi_class="ovr", average="macro"),
            "log_loss": sk.log_loss(labels, chances),
            "brier_multiclass": sk.brier_score_loss(labels, chances, scale_by_half=False),
        }
        for code, word in enumerate(WORDS):
            one, guess = labels == code, chosen == code
            expected |= {
                f"precision:{word}": sk.precision_score(one, guess),
                f"recall:{word}": sk.recall_score(one, guess),
                f"specificity:{word}": sk.recall_score(~one, ~guess),
                f"f1:{word}": sk.f1_score(one, guess),
                f"roc_auc:{word}": sk.roc_auc_score(binary[:, code], chances[:, code]),
            }
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            assert found[name].value == pytest.approx(value, abs=2e-4 if "roc" in name else 1e-8), name
            assert found[name].low < value < found[name].high, name

    def test_confusion_and_size_and_order(self) -> None:
        labels, chances = scored(500)
        first, second = counted(labels, chances), counted(labels[::-1], chances[::-1], cuts=9)
        assert (first.confusion == sk.confusion_matrix(labels, chances.argmax(axis=1))).all()
        assert (first.confusion == second.confusion).all()
        recorded = [{n: v.recorded() for n, v in part.overall().items()} for part in (first, second)]
        assert recorded[0] == recorded[1]

    def test_by_group_and_where_a_class_is_absent(self) -> None:
        labels, chances = scored(900)
        site = np.where(labels == 3, "a", np.where(np.arange(900) % 2, "a", "b"))
        found = counted(labels, chances, site=site)
        part = found.by_group("site")
        for value in ("a", "b"):
            rows = site == value
            right = (chances[rows].argmax(axis=1) == labels[rows]).mean()
            assert part[value]["accuracy"].value == pytest.approx(right)
        assert "f1_macro" in part["a"]
        assert "f1_macro" not in part["b"]
        (gap,) = found.gaps("site", "f1_macro")
        assert (gap.value, gap.reason) == ("b", "the class owl has no row")
        assert [item.value for item in found.slices("site", "accuracy")] == ["a", "b"]

    def test_a_class_of_too_few_cases_takes_its_own_metrics_and_the_means_away(self) -> None:
        labels, chances = scored(900)
        rows = np.concatenate([np.flatnonzero(labels != 3), np.flatnonzero(labels == 3)[:4]])
        labels, chances = labels[rows], chances[rows]
        site = np.where(np.arange(len(labels)) % 2, "a", "b")
        site[labels == 3] = "a"
        found = counted(labels, chances, site=site)
        every = found.overall()
        assert found.known_well(every, 1.0, 4) == every
        left = found.known_well(every, 1.0, 5)
        assert every.keys() - left.keys() == {
            *("balanced_accuracy", "precision_macro", "f1_macro", "roc_auc_macro"),
            *(f"{name}:{WORDS[3]}" for name in ("precision", "recall", "specificity", "f1", "roc_auc")),
        }
        # Of as many rows that are half as many cases the others are too few as well.
        assert not [name for name in found.known_well(every, 0.001, 5) if ":" in name]
        least = Least(20, 5)
        (small, absent) = found.gaps("site", "f1_macro", least=least)
        assert (small.value, small.reason) == ("a", "4 independent cases of the class owl, fewer than 5")
        assert (absent.value, absent.reason) == ("b", "the class owl has no row")
        assert found.gaps("site", "recall:owl", least=least)[0].value == "a"
        for metric in ("accuracy", f"recall:{WORDS[0]}"):
            assert not found.gaps("site", metric, least=least)
            assert len(found.slices("site", metric, least=least)) == 2

    def test_classes_alone_have_no_measure_of_scores(self) -> None:
        labels, chances = scored(300)
        found = ClassPerformance(WORDS)
        found.count(labels, chances.argmax(axis=1), None, {})
        assert {"accuracy", "f1_macro", "recall:owl"} <= found.overall().keys()
        assert not {"roc_auc_macro", "log_loss", "brier_multiclass", "roc_auc:owl"} & found.overall().keys()

    @pytest.mark.parametrize("broken", [[1.2, -0.2, 0, 0], [0.5, 0.1, 0.1, 0.1], [3, 1, -1, 0]])
    def test_what_is_no_probability_is_refused(self, broken: list[float]) -> None:
        with pytest.raises(EvidenceError, match="no probabilities") as caught:
            ClassPerformance(WORDS).count(np.array([0]), np.array([0]), np.array([broken], dtype=np.float64), {})
        assert "softmax" in (caught.value.hint or "")

    def test_all_right_is_not_certain(self) -> None:
        labels = np.arange(40) % 4
        found = counted(labels, np.eye(4)[labels] * 0.97 + 0.0075).overall()
        for name in ("accuracy", "balanced_accuracy", "f1_macro", "precision_macro", "roc_auc_macro"):
            assert found[name].value == pytest.approx(1)
            assert found[name].low < 0.96, name

    def test_means_of_intervals(self) -> None:
        one, two = Interval(0.5, 0.4, 0.6, 10, 0.95), Interval(0.7, 0.6, 0.8, 20, 0.95)
        apart, together = mean_of([one, two]), mean_of_same_rows([one, two], 20)
        assert (apart.value, together.value) == (pytest.approx(0.6), pytest.approx(0.6))
        assert together.low == pytest.approx(0.5)
        assert apart.low == pytest.approx(0.6 - 0.1 / np.sqrt(2))


def worlds(n: int, seed: int = 3) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """True values with a large mean, and answers that miss them by about 8."""
    rng = np.random.default_rng(seed)
    labels = 50_000 + rng.normal(0, 20, n)
    return labels, labels + rng.normal(1, 8, n)


class TestValues:
    def test_with_scikit_learn(self) -> None:
        labels, answers = worlds(2500)
        found = ValuePerformance(Level(quantile=0.3, interval=0.8))
        for rows in np.array_split(np.arange(2500), 6):
            found.count(labels[rows], answers[rows], (answers[rows] - 10, answers[rows] + 9), {})
        expected = {
            "mae": sk.mean_absolute_error(labels, answers),
            "mse": sk.mean_squared_error(labels, answers),
            "rmse": sk.root_mean_squared_error(labels, answers),
            "r2": sk.r2_score(labels, answers),
            "pinball": sk.mean_pinball_loss(labels, answers, alpha=0.3),
            "interval_coverage": ((answers - 10 <= labels) & (labels <= answers + 9)).mean(),
            "interval_width": 19.0,
            "pinball:low": sk.mean_pinball_loss(labels, answers - 10, alpha=0.1),
            "pinball:high": sk.mean_pinball_loss(labels, answers + 9, alpha=0.9),
        }
        result = found.overall()
        assert result.keys() == expected.keys()
        for name, value in expected.items():
            assert result[name].value == pytest.approx(value, rel=1e-9), name
            assert result[name].low <= value * (1 + 1e-9), name
            assert result[name].high >= value * (1 - 1e-9), name

    @pytest.mark.parametrize("scale", [1e-9, 1.0, 1e7])
    def test_whatever_the_unit(self, scale: float) -> None:
        labels, answers = worlds(400)
        found = ValuePerformance(Level())
        found.count(labels * scale, answers * scale, None, {})
        recorded = found.overall()["mae"].recorded()
        assert recorded.value == pytest.approx(sk.mean_absolute_error(labels, answers) * scale, rel=1e-8)
        assert recorded.ci_low < recorded.value < recorded.ci_high
        r2 = found.overall()["r2"].recorded()
        assert r2.value == pytest.approx(sk.r2_score(labels, answers), rel=1e-7)

    def test_groups_and_one_true_value(self) -> None:
        labels, answers = worlds(60)
        labels[:30] = labels[0]
        found = ValuePerformance(Level(), ("half",))
        found.count(labels, answers, None, {"half": found.groups["half"].encode(["x", "y"], np.arange(60) // 30)})
        part = found.by_group("half")
        assert part["y"]["mae"].value == pytest.approx(np.abs(labels - answers)[30:].mean())
        assert "r2" not in part["x"]
        (gap,) = found.gaps("half", "r2")
        assert (gap.value, gap.n, gap.reason) == ("x", 30, "too few rows, or all of one true value")

    def test_an_interval_that_ends_before_it_begins(self) -> None:
        labels, answers = worlds(5)
        with pytest.raises(EvidenceError, match="ends before it begins"):
            ValuePerformance(Level(interval=0.9)).count(labels, answers, (answers + 1, answers), {})

    @pytest.mark.slow
    @pytest.mark.parametrize("n", [50, 200, 1000])
    def test_intervals_cover(self, n: int) -> None:
        rng, truth, hits = np.random.default_rng(7), {}, {}
        truth = {"mae": 8 * np.sqrt(2 / np.pi), "rmse": 8.0, "r2": 1 - 64 / 464}
        hits = dict.fromkeys(truth, 0)
        for _ in range(400):
            answers = rng.normal(0, 20, n)
            found = ValuePerformance(Level())
            found.count(answers + rng.normal(0, 8, n), answers, None, {})
            for name, interval in found.overall().items():
                if name in truth:
                    hits[name] += interval.low <= truth[name] <= interval.high
        assert all(count / 400 > 0.92 for count in hits.values()), hits

    def test_a_mean_of_nothing_but_zeros(self) -> None:
        found = positive_mean(0.0, 0.0, 10)
        assert found is not None
        assert (found.value, found.low, found.high) == (0, 0, 0)
        assert positive_mean(3.0, 9.0, 1) is None


class TestGapsOfValues:
    def test_the_largest_difference_of_means(self) -> None:
        rng = np.random.default_rng(5)
        labels = rng.normal(100, 5, 900)
        answers = labels + np.repeat([0.0, 2.0, 6.0], 300) + rng.normal(0, [1] * 600 + [3] * 300)
        audit = audited(labels, np.repeat(["a", "b", "c"], 300), answers)
        means = [answers[start : start + 300].mean() for start in (0, 300, 600)]
        errors = [np.abs(labels - answers)[start : start + 300].mean() for start in (0, 300, 600)]
        assert audit.mean_difference["g"].value == pytest.approx(max(means) - min(means), rel=1e-8)
        assert audit.error_difference["g"].value == pytest.approx(max(errors) - min(errors), rel=1e-8)
        assert audit.mean_difference["g"].ci_low > 0
        assert audit.group_metrics["g=c"]["mean_error"].value == pytest.approx(
            (labels - answers)[600:].mean(), rel=1e-6
        )
        assert audit.group_sizes == {"g=a": 300, "g=b": 300, "g=c": 300}
        assert audit.impact_ratio == {}

    def test_groups_alike_are_told_to_be_alike(self) -> None:
        rng = np.random.default_rng(9)
        held = 0
        for _ in range(200):
            parts = [rng.normal(10, 4, 120) for _ in range(5)]
            gap = largest_gap([(part.sum(), (part**2).sum(), 120.0) for part in parts])
            assert gap is not None
            held += gap.low <= 0 <= gap.high
        assert held / 200 > 0.94

    def test_labels_have_no_errors(self) -> None:
        audit = audited(np.arange(100.0), np.repeat(["a", "b"], 50), None)
        assert audit.mean_difference["g"].value == 50
        assert audit.error_difference == {}
        assert set(audit.group_metrics["g=a"]) == {"mean_label"}

    def test_one_row_makes_no_gap(self) -> None:
        audit = audited(np.arange(11.0), np.array(["a"] * 10 + ["b"]), np.arange(11.0))
        assert audit.mean_difference == {}

    def test_crossed_attributes(self) -> None:
        fairness = ValueFairness(["g", "h"], [["g", "h"]], audited="model-outputs")
        codes = {
            "g": fairness.groups["g"].encode(["a", "b"], np.arange(40) % 2),
            "h": fairness.groups["h"].encode(["x", "y"], np.arange(40) // 20),
        }
        fairness.update(np.arange(40.0), codes, np.arange(40.0))
        audit = made(fairness)
        assert {name for name in audit.group_sizes if "&" in name} == {f"g={g}&h={h}" for g in "ab" for h in "xy"}
        assert audit.mean_difference["g&h"].value == pytest.approx(21)


def audited(labels: Any, groups: Any, answers: Any) -> Any:
    fairness = ValueFairness(["g"], audited="training-labels" if answers is None else "model-outputs")
    names = sorted(set(groups))
    for rows in np.array_split(np.arange(len(labels)), 3):
        codes = {"g": fairness.groups["g"].encode(names, np.searchsorted(names, groups[rows]))}
        fairness.update(labels[rows], codes, None if answers is None else answers[rows])
    return made(fairness)


def made(fairness: ValueFairness) -> Any:
    digest = "sha256:" + "0" * 64
    return fairness.audit(artifact_digest=digest, dataset_digest=digest, binding_gaps=["mean_difference"])


@pytest.mark.slow
@pytest.mark.parametrize("n", [60, 300])
def test_intervals_of_macro_f1_cover(n: int) -> None:
    rng = np.random.default_rng(2)
    joint = np.array([[0.3, 0.05, 0.05], [0.06, 0.2, 0.04], [0.03, 0.02, 0.25]])
    truth = float(np.mean(2 * np.diagonal(joint) / (joint.sum(axis=0) + joint.sum(axis=1))))
    hits = 0
    for _ in range(500):
        cells = rng.multinomial(n, joint.ravel())
        place = np.repeat(np.arange(9), cells)
        found = ClassPerformance(("a", "b", "c"))
        found.count(place // 3, place % 3, None, {})
        interval = found.overall()["f1_macro"]
        hits += interval.low <= truth <= interval.high
    assert hits / 500 > 0.93
