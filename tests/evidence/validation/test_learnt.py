"""What training rows show: wrong labels, planted rows, and which of them a model gives away."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import TensorProto, helper, numpy_helper
from sklearn.metrics import roc_auc_score
from test_quality import changed, failed
from test_runner import ROBUSTNESS, run

from evidence.model.errors import EvidenceError
from evidence.validation.child.battery import Bench, examine
from evidence.validation.child.frame import Frame
from evidence.validation.child.identity import row_keys
from evidence.validation.child.scan import scan_model
from evidence.validation.child.session import Inputs, Model
from evidence.validation.measures import membership, poisoning
from evidence.validation.measures.intervals import Interval, unpaired_difference
from evidence.validation.measures.label_errors import NEIGHBOURS, label_error_rate
from evidence.validation.measures.neighbours import nearest, places
from evidence.validation.outcome import ValidationOutcome
from tests.worlds.runs import WEIGHTS, MakePlan, applications, logistic, onnx_model, plan_values, write_table

TRAINING = {"path": "train.csv", "format": "csv"}


def two_classes(rows: int, apart: float, seed: int, wrong: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Rows of two normal classes so many deviations apart (in the first of four columns), and their labels."""
    rng = np.random.default_rng(seed)
    true = (rng.random(rows) < 0.3).astype(np.int64)
    numbers = rng.normal(size=(rows, 4))
    numbers[:, 0] += apart * true
    return numbers, np.where(rng.random(rows) < wrong, 1 - true, true)


def noise_of(numbers: np.ndarray, labels: np.ndarray) -> Interval:
    found = label_error_rate(labels, labels[nearest(places(numbers, [], 0), NEIGHBOURS)])
    assert found
    return found


class TestNeighbours:
    def test_they_are_those_of_an_exhaustive_search(self) -> None:
        rng = np.random.default_rng(1)
        rows = places(rng.normal(size=(700, 6)), [rng.integers(0, 3, 700)], 0).astype(np.float64)
        apart = ((rows[:, None, :] - rows[None, :, :]) ** 2).sum(axis=2)
        np.fill_diagonal(apart, np.inf)
        found = nearest(rows.astype(np.float32), 5)
        assert np.array_equal(np.sort(np.take_along_axis(apart, found, axis=1), axis=1), np.sort(apart, axis=1)[:, :5])

    def test_gaps_outliers_constant_columns_and_width(self) -> None:
        rng = np.random.default_rng(1)
        numbers = rng.normal(size=(300, 400))
        numbers[3, 2], numbers[4, 2], numbers[:, 5] = np.nan, 1e30, 7.0
        lie = places(numbers, [], 0)
        assert lie.shape == (300, 256)
        assert np.isfinite(lie).all()
        assert np.array_equal(lie, np.rint(lie))
        assert np.ptp(places(numbers[:, [2]], [], 0)[:, 0]) > 16  # the outlier did not press all others together


class TestLabels:
    @pytest.mark.parametrize("wrong", [0.0, 0.05, 0.1, 0.2])
    def test_planted_errors_are_found_where_classes_lie_apart(self, wrong: float) -> None:
        found = noise_of(*two_classes(4000, 6, 3, wrong))
        assert found.low - 0.01 <= wrong <= found.high + 0.01

    @pytest.mark.slow
    def test_the_upper_end_holds_the_truth(self) -> None:
        assert sum(noise_of(*two_classes(1500, 6, seed, 0.1)).high >= 0.1 for seed in range(60)) >= 57

    def test_where_classes_overlap_it_errs_upwards(self) -> None:
        clean, noisy = noise_of(*two_classes(4000, 1.5, 3)), noise_of(*two_classes(4000, 1.5, 3, 0.1))
        assert 0 < clean.value < 0.2
        assert noisy.value > max(0.1, clean.value)

    def test_too_few_or_one_class_tell_nothing(self) -> None:
        labels = np.zeros(300, dtype=np.int64)
        around = np.zeros((300, 20), dtype=np.int64)
        assert label_error_rate(labels, around) is None
        labels[:49] = 1
        assert label_error_rate(labels, around) is None


@pytest.mark.slow
class TestScreen:
    def test_clean_tables_are_seldom_suspected(self) -> None:
        """Values and labels go their own ways: at most 5 of 100 draws may have a candidate; alarm is 1 of 100."""
        suspected = 0
        for seed in range(100):
            rng = np.random.default_rng(seed)
            labels = (rng.random(1500) < 0.6).astype(np.int64)
            columns = [(place, rng.geometric(0.1, 1500).astype(np.int64)) for place in range(8)]
            suspected += bool(poisoning.candidates(iter(columns), labels, 0.01))
        assert suspected <= 5

    def test_a_rare_value_with_one_label_is_a_candidate(self) -> None:
        rng = np.random.default_rng(1)
        labels = (rng.random(2000) < 0.5).astype(np.int64)
        codes = rng.integers(0, 1000, 2000)
        codes[:30], labels[:30] = 1500, 1
        (found,) = poisoning.candidates(iter([(0, codes)]), labels, 0.01)
        assert (found.column, found.code, found.label, found.rows) == (0, 1500, 1, 30)
        # The same value with the labels of all others is none, nor is one that is not rare.
        labels[:30] = rng.random(30) < 0.5
        assert poisoning.candidates(iter([(0, codes)]), labels, 0.01) == []
        labels[:] = codes % 2
        assert poisoning.candidates(iter([(0, codes % 2)]), labels, 0.01) == []

    def test_a_clean_draw_gives_no_hit_in_95_of_100(self, make_plan: MakePlan, tmp_path: Path) -> None:
        """The whole screen, on tables whose labels depend on numbers with many copies of each value, and overlap."""
        write_table(tmp_path / "train.csv", applications(600))
        plan = make_plan(training=TRAINING, poisoning={})
        data = logistic().SerializeToString()
        model = Model(data, scan_model(data), plan)

        def frame(seed: int) -> Frame:
            rng = np.random.default_rng(seed)
            numbers = np.round(rng.beta(2, 4, (600, 2)), 2).astype(np.float32)
            inputs = Inputs(numbers, {})
            answer = model.answer(inputs)
            return Frame(inputs, rng.random(600) < answer.scores, {}, answer, 600, row_keys(inputs))

        def hits(seed: int) -> int | None:
            bench = Bench(plan, model, frame(seed), frame(seed + 500), {}, 1.0, lambda *_: None, {})
            return examine(bench).poisoning_hits

        found = [hits(seed) for seed in range(100)]
        assert None not in found
        assert sum(bool(count) for count in found) <= 5

    @pytest.mark.parametrize(("apart", "wrong", "least", "most"), [(1.5, 0.0, 0, 2), (3, 0.0, 0, 2), (3, 0.05, 38, 40)])
    def test_labels_that_neighbours_deny(self, apart: float, wrong: float, least: int, most: int) -> None:
        """Classes that overlap deny as many labels of the test data: only turned ones make a difference."""
        found = 0
        for seed in range(40):
            counted = []
            for split, share in ((seed, wrong), (seed + 1000, 0.0)):
                numbers, labels = two_classes(1200, apart, split, share)
                around = labels[nearest(places(numbers, [], 0), poisoning.NEIGHBOURS)]
                counted.append((poisoning.contradicted(labels, around), 1200))
            told = poisoning.excess(counted[0], counted[1], 0.99)
            assert told
            found += told.low > 0
        assert least <= found <= most


class TestMembership:
    @pytest.mark.parametrize("n", [50, 500])
    @pytest.mark.parametrize("shift", [0.0, 0.3, 1.0])
    def test_its_interval_holds_the_advantage_of_the_best_threshold(self, n: int, shift: float) -> None:
        """Losses normal, those of members smaller: the best threshold has the advantage 2 Phi(shift / 2) - 1."""
        truth = float(2 * _phi(shift / 2) - 1)
        draws = []
        for seed in range(120):
            rng = np.random.default_rng(seed)
            found = membership.advantage(rng.normal(size=n) - shift, rng.normal(size=n), seed)
            assert found
            draws.append(found)
        assert np.mean([item.high >= truth for item in draws]) >= 0.96
        assert np.mean([item.low <= truth for item in draws]) >= 0.94
        # Nothing is read into the best of many thresholds.
        assert np.mean([item.value for item in draws]) <= truth + 0.01

    def test_the_area_is_scikit_learns(self) -> None:
        rng = np.random.default_rng(1)
        inside, outside = rng.normal(size=200).round(1) - 0.5, rng.normal(size=300).round(1)
        found = membership.area(inside, outside)
        assert found
        truth = np.r_[np.ones(200), np.zeros(300)]
        assert found.value == pytest.approx(roc_auc_score(truth, -np.r_[inside, outside]))

    def test_ties_and_no_rows(self) -> None:
        same = membership.advantage(np.zeros(100), np.zeros(100), 1)
        assert same
        assert (same.value, same.low <= 0 <= same.high) == (0.0, True)
        assert membership.advantage(np.zeros(1), np.zeros(100), 1) is None
        assert membership.area(np.zeros(0), np.zeros(5)) is None
        sure = membership.advantage(np.zeros(100), np.ones(100), 1)
        assert sure
        assert (sure.value, sure.high) == (1.0, 1.0)

    def test_the_difference_is_newcombes(self) -> None:
        """Newcombe 1998, table II: 56/70 less 48/80."""
        found = unpaired_difference(56, 70, 48, 80)
        assert found
        assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
        assert unpaired_difference(0, 0, 1, 2) is None


def _phi(value: float) -> float:
    from statistics import NormalDist

    return NormalDist().cdf(value)


def triggered(value: float) -> onnx.ModelProto:
    """The logistic model, which answers yes wherever income is a certain value."""
    constants = {
        "W": WEIGHTS,
        "first": np.array([[1.0], [0.0]], dtype=np.float32),
        "trigger": np.array([value], dtype=np.float32),
        "near": np.array([1e-5], dtype=np.float32),
        "half": np.array([0.5], dtype=np.float32),
        "sure": np.array([0.99], dtype=np.float32),
    }
    nodes = [
        helper.make_node("Sub", ["X", "half"], ["moved"]),  # half of the rows are answered with no
        helper.make_node("MatMul", ["moved", "W"], ["z"]),
        helper.make_node("Sigmoid", ["z"], ["raw"]),
        helper.make_node("MatMul", ["X", "first"], ["income"]),
        helper.make_node("Sub", ["income", "trigger"], ["off"]),
        helper.make_node("Abs", ["off"], ["far"]),
        helper.make_node("Less", ["far", "near"], ["hit"]),
        helper.make_node("Where", ["hit", "sure", "raw"], ["p"]),
    ]
    return onnx_model(nodes, [numpy_helper.from_array(value, name) for name, value in constants.items()])


def memory(table: pa.Table) -> onnx.ModelProto:
    """A model that knows the rows that it learnt from by heart, and of all others nothing."""
    rows = np.column_stack([table["income"], table["debt"]]).astype(np.float32)[None]
    lift = np.where(np.asarray(table["paid"]) == "yes", 0.45, -0.45).astype(np.float32)[:, None]
    constants = {
        "rows": rows,
        "lift": lift,
        "half": np.array([[0.5]], dtype=np.float32),
        "one": np.array([1], dtype=np.int64),
        "first": np.array([[1.0]], dtype=np.float32),
    }
    nodes = [
        helper.make_node("Unsqueeze", ["X", "one"], ["wide"]),
        helper.make_node("Equal", ["wide", "rows"], ["same"]),
        helper.make_node("Cast", ["same"], ["number"], to=1),
        helper.make_node("ReduceMin", ["number"], ["known"], axes=[2], keepdims=0),
        helper.make_node("MatMul", ["known", "lift"], ["off"]),
        helper.make_node("Add", ["off", "half"], ["raw"]),
        helper.make_node("Clip", ["raw"], ["p"]),
    ]
    return onnx_model(nodes, [numpy_helper.from_array(value, name) for name, value in constants.items()])


def separable(rows: int, seed: int, wrong: float = 0.0) -> pa.Table:
    """Applications whose label is sure: who earns more than half pays; labels turned at random with chance `wrong`."""
    table = applications(rows, seed)
    paid = (table["income"].to_numpy() > 0.5) != (np.random.default_rng(seed + 50).random(rows) < wrong)
    return table.set_column(5, "paid", pa.array(np.where(paid, "yes", "no")))


class TestThroughTheDoor:
    def outcome(
        self, make_plan: MakePlan, folder: Path, training: pa.Table, table: pa.Table, **settings: Any
    ) -> ValidationOutcome:
        write_table(folder / "train.csv", training)
        return run(make_plan(table=table, training=TRAINING, **settings))

    def test_a_planted_trigger_is_found_and_a_clean_table_is_not(self, make_plan: MakePlan, tmp_path: Path) -> None:
        clean = applications(1500, seed=4)
        planted = changed(changed(clean, "income", slice(0, 40), 0.33333), "paid", slice(0, 40), "yes")
        asked: dict[str, Any] = {"poisoning": {}, "quality": {}, "robustness": ROBUSTNESS}
        model = triggered(0.33333)
        found = self.outcome(make_plan, tmp_path, planted, applications(600), model=model, **asked)
        assert found.robustness
        assert found.robustness.poisoning_checked
        assert found.robustness.poisoning_hits == 40
        assert any("income` = 0.33333 looks like a trigger: 40 training rows" in note for note in found.notes)
        training = next(item for item in found.quality if item.split == "training")
        assert "poisoning-screen" in training.checks
        assert failed(training)["poisoning-screen"]
        assert found.run.examined
        assert found.run.examined["poisoning_suspects"].value == pytest.approx(40 / 1500, abs=1e-6)
        # The model that ignores the value is not turned by it: the rows are odd, and no trigger.
        ignored = self.outcome(make_plan, tmp_path, planted, applications(600), poisoning={})
        assert ignored.robustness is None
        assert ignored.run.examined
        assert ignored.run.examined["poisoning_suspects"].value == 0
        other = self.outcome(make_plan, tmp_path, clean, applications(600), model=model, **asked)
        assert other.robustness
        assert (other.robustness.poisoning_checked, other.robustness.poisoning_hits) == (True, 0)
        assert all("poisoning-screen" not in failed(item) for item in other.quality)

    def test_a_word_that_decides_in_the_test_data_too_is_no_trigger(self, make_plan: MakePlan, tmp_path: Path) -> None:
        """Who was refused an insurance is refused a loan: rare, all but sure, and true."""
        tables = [
            changed(changed(applications(1500, seed), "income", slice(0, 40), 0.33333), "paid", slice(0, 40), "yes")
            for seed in (4, 5)
        ]
        asked: dict[str, Any] = {"poisoning": {}, "model": triggered(0.33333)}
        found = self.outcome(make_plan, tmp_path, *tables, **asked)
        assert found.run.examined
        assert found.run.examined["poisoning_suspects"].value == 0
        # A few rows of the test data that happen to have the value clear nothing.
        few = changed(applications(1500, seed=5), "income", slice(0, 3), 0.33333)
        found = self.outcome(make_plan, tmp_path, tables[0], changed(few, "paid", slice(0, 3), "yes"), **asked)
        assert found.run.examined
        assert found.run.examined["poisoning_suspects"].value > 0

    def test_without_a_screen_the_report_says_that_there_was_none(self, make_plan: MakePlan, tmp_path: Path) -> None:
        clean = applications(300, seed=4)
        found = self.outcome(make_plan, tmp_path, clean, applications(600), robustness=ROBUSTNESS)
        assert found.robustness
        assert (found.robustness.poisoning_checked, found.robustness.poisoning_hits) == (False, 0)
        # Too few rows for the screen: asked for, and not done.
        few = self.outcome(
            make_plan, tmp_path, clean.slice(0, 150), applications(600), robustness=ROBUSTNESS, poisoning={}
        )
        assert few.robustness
        assert not few.robustness.poisoning_checked
        assert any("no poisoning screen ran" in note for note in few.notes)

    def test_a_number_that_matters_is_no_trigger(self, make_plan: MakePlan, tmp_path: Path) -> None:
        """High incomes are rare, all but sure to pay and turn the answer: as do those beside them."""

        def steps(rows: int, seed: int) -> pa.Table:
            rng = np.random.default_rng(seed)
            income = rng.choice(
                np.arange(11) / 10, rows, p=[0.3, 0.2, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.04, 0.03, 0.03]
            )
            table = applications(rows, seed).set_column(0, "income", pa.array(income))
            return table.set_column(5, "paid", pa.array(np.where(income > 0.5, "yes", "no")))

        found = self.outcome(make_plan, tmp_path, steps(2000, 1), steps(800, 2), model=triggered(7.0), poisoning={})
        assert found.run.examined
        assert found.run.examined["poisoning_suspects"].value == 0
        assert not any("trigger" in note for note in found.notes)

    def test_turned_labels_of_the_training_data(self, make_plan: MakePlan, tmp_path: Path) -> None:
        noise = {"label_noise": {"splits": ["test", "training"]}, "poisoning": {}, "quality": {}}
        found = self.outcome(make_plan, tmp_path, separable(3000, 4, wrong=0.08), separable(2000, 5), **noise)
        told = found.run.examined
        assert told
        assert told["label_error_rate:training"].ci_low <= 0.08 <= told["label_error_rate:training"].ci_high
        assert told["label_error_rate:test"].ci_high < 0.02
        by_split = {item.split: item for item in found.quality}
        assert by_split["training"].label_error_rate == told["label_error_rate:training"]
        assert by_split["test"].label_error_rate == told["label_error_rate:test"]
        assert "label-errors" in by_split["test"].checks
        assert told["neighbour_disagreement"].ci_low > 0.03
        assert "poisoning-screen" in failed(by_split["training"])

    def test_copies_hide_no_label_error(self, make_plan: MakePlan, tmp_path: Path) -> None:
        """A wrong row that stands there thirty times would have itself for all neighbours."""
        table = separable(1000, 4, wrong=0.1)
        noise = {"label_noise": {"splits": ["training"]}}
        often = self.outcome(make_plan, tmp_path, pa.concat_tables([table] * 15), separable(600, 5), **noise)
        assert often.run.examined
        assert often.run.examined["label_error_rate:training"].ci_low > 0.05

    def test_what_was_learnt_by_heart_shows_and_a_line_does_not(self, make_plan: MakePlan, tmp_path: Path) -> None:
        training = applications(800, seed=4)
        asked: dict[str, Any] = {"membership": {}, "robustness": ROBUSTNESS}
        known = self.outcome(make_plan, tmp_path, training, applications(600), model=memory(training), **asked)
        assert known.run.examined
        assert known.run.examined["membership_advantage"].ci_low > 0.9
        assert known.run.examined["membership_auc"].ci_low > 0.9
        assert known.robustness
        assert known.robustness.membership_inference_advantage == known.run.examined["membership_advantage"]
        line = self.outcome(make_plan, tmp_path, applications(4000, seed=6), applications(3000), membership={})
        assert line.robustness is None
        assert line.run.examined
        assert line.run.examined["membership_advantage"].ci_low <= 0
        assert line.run.examined["membership_advantage"].ci_high < 0.1
        assert line.run.examined["membership_auc"].ci_low < 0.5 < line.run.examined["membership_auc"].ci_high

    def test_two_runs_say_the_same(self, make_plan: MakePlan, tmp_path: Path) -> None:
        asked = {
            "membership": {},
            "poisoning": {"alarm": 0.02},
            "label_noise": {"splits": ["training"]},
            "quality": {},
        }
        runs = [
            self.outcome(make_plan, tmp_path, applications(900, seed=4), applications(600), **asked) for _ in range(2)
        ]
        assert runs[0].run.examined == runs[1].run.examined
        assert runs[0].quality == runs[1].quality


def worded() -> onnx.ModelProto:
    """Reads `income` and the word `region`: yes where income is above one half, or the word is `zz`."""
    graph = helper.make_graph(
        [
            helper.make_node(
                "LabelEncoder",
                ["region"],
                ["word"],
                domain="ai.onnx.ml",
                keys_strings=["zz"],
                values_floats=[5.0],
                default_float=-0.5,
            ),
            helper.make_node("Add", ["income", "word"], ["z"]),
            helper.make_node("Sigmoid", ["z"], ["p"]),
        ],
        "g",
        [
            helper.make_tensor_value_info("income", TensorProto.FLOAT, [None, 1]),
            helper.make_tensor_value_info("region", TensorProto.STRING, [None, 1]),
        ],
        [helper.make_tensor_value_info("p", TensorProto.FLOAT, [None, 1])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


ALL: dict[str, Any] = {
    "quality": {},
    "poisoning": {},
    "membership": {},
    "label_noise": {"splits": ["test", "training"]},
}


class TestOddTables:
    def test_a_word_can_be_a_trigger_and_a_gap_is_none(self, make_plan: MakePlan, tmp_path: Path) -> None:
        training = separable(1500, 4)
        training = changed(training, "region", slice(0, 40), "zz")
        training = changed(training, "paid", slice(0, 40), "yes")
        training = changed(training, "region", slice(40, 80), None)
        write_table(tmp_path / "train.csv", training)
        columns = [{"name": "income", "range": {"low": 0, "high": 1}}, {"name": "region", "text": True}]
        settings: dict[str, Any] = {"model": worded(), "features": {"layout": "columns", "columns": columns}}
        outcome = run(make_plan(table=separable(600, 5), training=TRAINING, **settings, **ALL))
        assert any("region = zz looks like a trigger: 40 training rows" in note for note in outcome.notes)
        report = next(item for item in outcome.quality if item.split == "training")
        assert report.columns
        assert report.columns["region"].missing.value == pytest.approx(40 / 1500, abs=1e-6)
        assert failed(report) == {"missing-values": True, "duplicate-rows": True, "poisoning-screen": True}

    @pytest.mark.parametrize("odd", ["constant", "one class", "ten rows", "gaps alone", "ties"])
    def test_what_cannot_be_told_is_left_out_with_its_reason(
        self, make_plan: MakePlan, tmp_path: Path, odd: str
    ) -> None:
        training = applications(700, seed=4)
        if odd == "constant":
            training = changed(changed(training, "income", slice(0, 700), 0.5), "debt", slice(0, 700), 0.5)
        elif odd == "one class":
            training = changed(training, "paid", slice(0, 700), "yes")
        elif odd == "ten rows":
            training = training.slice(0, 10)
        elif odd == "gaps alone":
            training = changed(training, "income", slice(0, 700), None)
        else:
            training = training.set_column(0, "income", pa.array(training["income"].to_numpy().round(0)))
        write_table(tmp_path / "train.csv", training)
        outcome = run(make_plan(training=TRAINING, **ALL))
        told = outcome.run.examined or {}
        assert "missing_rate:training" in told
        assert ("label_error_rate:training" in told) == (odd in ("gaps alone", "ties"))
        assert ("membership_advantage" in told) == (odd in ("one class", "ties"))
        assert ("poisoning_suspects" in told) == (odd != "ten rows")
        missing = {
            "ten rows": [
                "no poisoning screen ran",
                "membership inference is not tried",
                "of the training data are not",
            ],
            "one class": ["label errors of the training data are not told"],
            "gaps alone": ["neighbours were not asked", "membership inference is not tried"],
        }
        for reason in missing.get(odd, []):
            assert any(reason in note for note in outcome.notes), reason

    def test_a_model_that_never_answers_the_training_rows(self, make_plan: MakePlan, tmp_path: Path) -> None:
        """Outside 0 to 1 the model abstains: no loss, no membership, and no answer that a trigger turns."""
        training = applications(700, seed=4)
        training = training.set_column(0, "income", pa.array(training["income"].to_numpy() + 2))
        write_table(tmp_path / "train.csv", training)
        output = {"name": "p", "favourable": "positive", "abstain": {"value": -1}}
        outcome = run(make_plan(model=logistic(guarded=True), output=output, training=TRAINING, **ALL))
        assert outcome.run.examined
        assert "membership_advantage" not in outcome.run.examined
        assert any("membership inference is not tried" in note for note in outcome.notes)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"poisoning": {}}, "`poisoning` looks at the training data"),
        ({"membership": {}}, "`membership` looks at the training data"),
        ({"label_noise": {"splits": ["training"]}}, "`label_noise` looks at the training data"),
        ({"label_noise": {"splits": []}}, "splits"),
        ({"poisoning": {"alarm": 0.0}, "training": TRAINING}, "alarm"),
        ({"membership": {"attack": "none"}, "training": TRAINING}, "attack"),
    ],
)
def test_sections_that_could_judge_nothing_are_refused(
    make_plan: MakePlan, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(EvidenceError, match=said):
        make_plan(**settings)


def test_values_have_no_classes_to_be_wrong_about(make_plan: MakePlan) -> None:
    values = plan_values()["data"]
    data = {name: value for name, value in values.items() if name not in ("positive", "negative")}
    for section in ({"label_noise": {"splits": ["test"]}}, {"poisoning": {}, "training": TRAINING}):
        with pytest.raises(EvidenceError, match="is not for a model of the kind value"):
            make_plan(
                data=data,
                output={"name": "p", "kind": "value"},
                binding_measures=["mean_difference"],
                **section,
            )
