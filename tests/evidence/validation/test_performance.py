"""Performance: agreement with scikit-learn, independence of batches and order, and what is undefined."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from evidence.model.errors import EvidenceError
from evidence.model.predicates.values import MetricEstimate, Period
from evidence.validation.measures import performance, tally
from evidence.validation.measures.performance import Performance
from evidence.validation.measures.tally import MAX_GROUPS, Groups

GROUPS = ("north", "south", "west")


def data(n: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Labels, predictions, scores, group codes (some unknown)."""
    rng = np.random.default_rng(seed)
    labels = rng.random(n) < 0.3
    scores = np.clip(rng.beta(2, 4, n) + 0.2 * labels, 0, 1)
    return labels, scores >= 0.5, scores, rng.integers(-1, 3, n)


def counted(
    labels: np.ndarray,
    predictions: np.ndarray,
    scores: np.ndarray | None,
    codes: np.ndarray,
    cuts: list[int] | None = None,
) -> Performance:
    """What batches that end at `cuts` amount to."""
    found = Performance(["region"])
    for name in GROUPS:
        found.groups["region"].code(name)
    for start, end in zip([0, *(cuts or [])], [*(cuts or []), len(labels)], strict=True):
        part = slice(start, end)
        found.update(labels[part], predictions[part], None if scores is None else scores[part], {"region": codes[part]})
    return found


def recorded(found: Performance) -> dict[str, MetricEstimate]:
    return {name: value.recorded(found.excluded) for name, value in found.overall().items()}


class TestAgreement:
    def test_with_scikit_learn(self) -> None:
        labels, predictions, scores, codes = data(40_000)
        found = counted(labels, predictions, scores, codes)
        overall = found.overall()
        theirs = {
            "accuracy": sk.accuracy_score(labels, predictions),
            "balanced_accuracy": sk.balanced_accuracy_score(labels, predictions),
            "precision": sk.precision_score(labels, predictions),
            "recall": sk.recall_score(labels, predictions),
            "specificity": sk.recall_score(labels, predictions, pos_label=False),
            "f1": sk.f1_score(labels, predictions),
            "log_loss": sk.log_loss(labels, scores),
            "brier": sk.brier_score_loss(labels, scores),
        }
        for name, value in theirs.items():
            assert overall[name].value == pytest.approx(value, abs=1e-9), name
            assert overall[name].low < value < overall[name].high
        assert set(overall) == {*theirs, "roc_auc"}
        assert overall["roc_auc"].value == pytest.approx(sk.roc_auc_score(labels, scores), abs=1e-12)

    def test_by_group(self) -> None:
        labels, predictions, scores, codes = data(9_000)
        by_group = counted(labels, predictions, scores, codes).by_group("region")
        assert tuple(by_group) == GROUPS
        for code, name in enumerate(GROUPS):
            rows = codes == code
            assert by_group[name]["f1"].value == pytest.approx(sk.f1_score(labels[rows], predictions[rows]), abs=1e-9)
            assert by_group[name]["brier"].value == pytest.approx(
                sk.brier_score_loss(labels[rows], scores[rows]), abs=1e-9
            )
            truth = sk.roc_auc_score(labels[rows], scores[rows])
            assert by_group[name]["roc_auc"].value == pytest.approx(truth, abs=1e-12)

    def test_scores_that_are_certain_and_wrong(self) -> None:
        labels, scores = np.array([True, False, True, False]), np.array([0.0, 1.0, 1.0, 0.0])
        found = counted(labels, scores >= 0.5, scores, np.zeros(4, dtype=np.int64)).overall()
        assert found["log_loss"].value == pytest.approx(sk.log_loss(labels, scores), abs=1e-9)
        assert found["roc_auc"].value == 0.5

    @settings(max_examples=50, deadline=None)
    @given(st.integers(0, 10_000), st.integers(2, 400), st.sampled_from([1e-9, 1e-5, 0.01, 1.0]))
    def test_area_is_exact_where_scores_crowd(self, seed: int, n: int, width: float) -> None:
        labels, _, scores, codes = data(n, seed)
        scores = 0.3 + scores * width * 0.7
        found = counted(labels, scores >= 0.5, scores, codes).overall().get("roc_auc")
        if found:
            assert found.value == pytest.approx(sk.roc_auc_score(labels, scores), abs=1e-12)
            assert found.low <= found.value <= found.high

    @pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
    def test_certain_scores_are_cut_by_the_precision_of_the_model(self, kind: type) -> None:
        labels, scores = np.array([True, False, True, True]), np.array([0.0, 1.0, 1.0, 0.5], dtype=kind)
        found = Performance(eps=float(np.finfo(kind).eps))
        found.update(labels, scores >= 0.5, scores)
        assert found.overall()["log_loss"].value == pytest.approx(
            sk.log_loss(labels, scores), rel=max(1e-10, float(np.finfo(kind).eps))
        )

    def test_tied_scores_are_exact(self) -> None:
        labels, predictions, scores, codes = data(5_000)
        scores = np.round(scores, 2)
        found = counted(labels, predictions, scores, codes)
        assert found.overall()["roc_auc"].value == pytest.approx(sk.roc_auc_score(labels, scores), abs=1e-12)


class TestBatches:
    @pytest.mark.slow
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.integers(0, 600), max_size=6).map(sorted), st.integers(0, 100))
    def test_size_and_order_change_nothing(self, cuts: list[int], seed: int) -> None:
        whole = data(600, seed)
        shuffled = np.random.default_rng(seed).permutation(600)
        once = counted(*whole)
        for other in (counted(*whole, cuts), counted(*(column[shuffled] for column in whole))):
            assert recorded(other) == recorded(once)
            assert other.overall() == once.overall()
            assert other.slices("region", "roc_auc") == once.slices("region", "roc_auc")
            assert other.slices("region", "log_loss") == once.slices("region", "log_loss")

    def test_merging_is_counting_together(self) -> None:
        labels, predictions, scores, codes = data(4_000)
        once = counted(labels, predictions, scores, codes)
        first, second = (
            counted(labels[part], predictions[part], scores[part], codes[part])
            for part in (slice(0, 1500), slice(1500, None))
        )
        first.merge(second)
        assert first.overall() == once.overall()
        assert first.by_group("region") == once.by_group("region")

    def test_merging_goes_by_name_not_by_number(self) -> None:
        parts = []
        for names in (["a", "b"], ["c", "a"]):
            part = Performance(["region"])
            codes = part.groups["region"].encode(names, np.array([0, 0, 1]))
            part.update(np.array([1, 0, 1]), np.array([1, 1, 1]), np.array([0.9, 0.6, 0.7]), {"region": codes})
            part.exclude(1, {"region": codes[:1]})
            parts.append(part)
        parts[0].merge(parts[1])
        assert parts[0].rows("region") == {"a": 3, "b": 1, "c": 2}
        assert parts[0].excluded == 2
        accuracy = parts[0].slices("region", "accuracy")
        assert [(part.value, part.n, part.metric.excluded) for part in accuracy] == [
            ("a", 3, 1),
            ("b", 1, 0),
            ("c", 2, 1),
        ]

    def test_scores_that_nearly_agree_are_kept_apart_across_merged_parts(self) -> None:
        apart = []
        for label, score in ((1, 0.5), (0, 0.5 + 1e-7)):
            part = Performance()
            part.update(np.array([label]), np.array([1]), np.array([score]))
            apart.append(part)
        apart[0].merge(apart[1])
        assert apart[0].overall()["roc_auc"].value == 0


class TestUndefined:
    def test_nothing_counted_has_no_metric(self) -> None:
        assert Performance(["region"]).overall() == {}
        assert Performance(["region"]).by_group("region") == {}

    def test_without_positive_labels(self) -> None:
        found = counted(np.zeros(20), np.zeros(20), np.full(20, 0.2), np.zeros(20, dtype=np.int64)).overall()
        assert set(found) == {"accuracy", "specificity", "log_loss", "brier"}

    def test_without_positive_labels_a_false_alarm_has_no_f1(self) -> None:
        found = counted(np.zeros(20), np.ones(20), None, np.zeros(20, dtype=np.int64)).overall()
        assert set(found) == {"accuracy", "precision", "specificity"}

    def test_nothing_predicted_positive(self) -> None:
        found = counted(np.ones(20), np.zeros(20), None, np.zeros(20, dtype=np.int64)).overall()
        assert set(found) == {"accuracy", "recall", "f1"}
        assert found["f1"].value == 0

    def test_slice_in_which_the_metric_is_undefined_is_absent(self) -> None:
        labels, codes = np.array([1, 1, 0, 0]), np.array([0, 0, 1, 1])
        found = counted(labels, labels, None, codes)
        assert [part.value for part in found.slices("region", "recall")] == ["north"]


class TestInput:
    @pytest.mark.parametrize("score", [np.nan, -0.1, 1.0001, np.inf])
    def test_a_score_that_is_no_probability_is_refused(self, score: float) -> None:
        with pytest.raises(EvidenceError, match="no probability"):
            Performance().update(np.array([1]), np.array([1]), np.array([score]))

    def test_a_label_of_neither_class_is_refused(self) -> None:
        with pytest.raises(EvidenceError, match="neither 0 nor 1"):
            Performance().update(np.array([2]), np.array([1]))

    def test_groups_that_did_not_come_are_missed(self) -> None:
        with pytest.raises(EvidenceError, match="`region`"):
            Performance(["region"]).update(np.array([1]), np.array([1]))

    def test_too_many_groups_are_refused(self) -> None:
        groups = Groups("customer")
        groups.encode([str(value) for value in range(MAX_GROUPS)], np.arange(MAX_GROUPS))
        with pytest.raises(EvidenceError, match="more than 1024 values"):
            groups.code("one more")

    def test_unknown_groups(self) -> None:
        assert Groups("x").encode(["a", None, "b"], np.array([2, 1, 0, -1])).tolist() == [1, -1, 0, -1]


def test_periods_stand_in_order_of_time() -> None:
    found = Performance(["period"])
    codes = found.groups["period"].encode(["later", "early"], np.array([0, 1, 1]))
    found.update(np.array([1, 1, 0]), np.array([1, 1, 1]), None, {"period": codes})
    year = {
        name: Period(start=datetime(start, 1, 1, tzinfo=UTC), end=datetime(start + 1, 1, 1, tzinfo=UTC))
        for name, start in (("later", 2026), ("early", 2025))
    }
    parts = found.periods("period", year, "accuracy")
    assert [(part.period, part.n, part.metric.value) for part in parts] == [
        (year["early"], 2, 0.5),
        (year["later"], 1, 1.0),
    ]


def test_scores_are_counted_by_label() -> None:
    found = Performance()
    assert len(found.score_counts()) == 0
    found.update(np.array([1, 0, 1]), np.array([1, 0, 1]), np.array([1.0, 0.0, 0.5]))
    counts = found.score_counts()
    assert counts.scores.tolist() == [0.0, 0.5, 1.0]
    assert counts.negatives.tolist() == [1, 0, 0]
    assert counts.positives.tolist() == [0, 1, 1]


def test_memory_does_not_grow_with_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the rows that wait and the scores kept apart, both made small here."""
    import tracemalloc

    monkeypatch.setattr(tally, "BUFFER_ROWS", 1 << 13)
    monkeypatch.setattr(tally.Tally.__init__, "__defaults__", (1 << 12,))
    monkeypatch.setattr(performance, "ENTRIES", 1 << 13)
    found, batch = Performance(["region"]), data(20_000)
    for name in GROUPS:
        found.groups["region"].code(name)
    peaks = []
    tracemalloc.start()
    for times in (2, 20):
        tracemalloc.reset_peak()
        for turn in range(times):
            scores = np.clip(batch[2] + turn * 1e-9, 0, 1)
            found.update(batch[0], batch[1], scores, {"region": batch[3]})
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.1


@pytest.mark.slow
def test_intervals_of_f1_and_balanced_accuracy_cover() -> None:
    rng = np.random.default_rng(21)
    share = np.array([0.62, 0.08, 0.1, 0.2])  # TN, FP, FN, TP
    truth = {"f1": 0.4 / 0.58, "balanced_accuracy": (0.2 / 0.3 + 0.62 / 0.7) / 2}
    hits: dict[str, list[bool]] = {name: [] for name in truth}
    for tn, fp, fn, tp in rng.multinomial(200, share, size=1500):
        found = Performance()
        found.update(np.repeat([0, 0, 1, 1], [tn, fp, fn, tp]), np.repeat([0, 1, 0, 1], [tn, fp, fn, tp]))
        for name, interval in found.overall().items():
            if name in truth:
                hits[name].append(interval.low <= truth[name] <= interval.high)
    for name, held in hits.items():
        assert 0.93 <= np.mean(held) <= 0.975, name
