import numpy as np
import pytest

from evidence.validation.child.data import Coded
from evidence.validation.child.identity import cluster_keys, row_keys
from evidence.validation.child.session import Inputs
from evidence.validation.measures.association import Associations
from evidence.validation.measures.copies import Copies, Overlap
from evidence.validation.measures.performance import Performance


def keys(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.uint64)


class TestEffectiveSize:
    def test_rows_that_differ_are_as_many_cases(self) -> None:
        copies = Copies()
        copies.update(keys(1, 2), {})
        copies.update(keys(3), {})
        assert (copies.rows, copies.distinct, copies.effective, copies.share) == (3, 3, 3, 1.0)

    def test_each_row_twenty_times_is_the_rows_once(self) -> None:
        copies = Copies()
        copies.update(np.tile(keys(*range(1, 31)), 20), {})
        assert (copies.rows, copies.distinct, copies.effective) == (600, 30, 30)

    def test_one_row_that_outweighs_the_others_is_hardly_two_cases(self) -> None:
        copies = Copies()
        copies.update(np.concatenate([np.full(96, 7, dtype=np.uint64), keys(1, 2, 3, 4)]), {})
        assert copies.share == pytest.approx(100 / (96**2 + 4))
        assert (copies.distinct, copies.effective) == (5, 1)

    def test_each_group_has_its_own(self) -> None:
        copies = Copies(["sex", "age"])
        sex = copies.groups["sex"].encode(["f", "m", None], np.array([0, 0, 0, 0, 1, 1, 2]))
        age = copies.groups["age"].encode(["old", "young"], np.array([0, 0, 1, 1, 0, 1, 1]))
        copies.update(keys(1, 1, 1, 2, 3, 4, 1), {"sex": sex, "age": age})
        assert copies.shares("sex") == {("f",): pytest.approx(4 / (9 + 1))}
        assert copies.shares("sex", "age") == {("f", "old"): pytest.approx(2 / 4), ("f", "young"): 1.0}

    def test_an_interval_does_not_shrink_with_copies(self) -> None:
        rng = np.random.default_rng(5)
        label, score = rng.random(80) < 0.5, rng.random(80)
        codes = rng.integers(0, 2, 80)

        def measured(times: int) -> Performance:
            found = Performance(["group"])
            group = found.groups["group"].encode(["a", "b"], np.tile(codes, times))
            truth, chance = np.tile(label, times), np.tile(score, times)
            found.update(truth, chance >= 0.5, chance, {"group": group})
            return found

        once, often = measured(1).overall(), measured(20).overall(share=1 / 20)
        shares = {("a",): 1 / 20, ("b",): 1 / 20}
        for before, after in (
            (once, often),
            (measured(1).by_group("group")["a"], measured(20).by_group("group", shares=shares)["a"]),
        ):
            assert after.keys() == before.keys()
            for name, item in before.items():
                assert (after[name].low, after[name].high) == pytest.approx((item.low, item.high), abs=1e-6), name
                assert after[name].recorded().n == item.recorded().n


class TestRowKeys:
    def test_depend_on_inputs_and_label_and_not_on_the_place(self) -> None:
        numbers = np.array([[1.0, np.nan], [0.0, 2.0], [-0.0, 2.0], [1.0, np.nan]])
        words = {"job": np.array(["x", "y", "y", "x"], dtype=object)}
        found = row_keys(Inputs(numbers, words))
        assert found[0] == found[3]
        assert found[1] == found[2]
        assert len(set(found.tolist())) == 2
        turned = row_keys(Inputs(numbers[::-1], {"job": words["job"][::-1]}))
        assert turned.tolist() == found[::-1].tolist()
        labelled = row_keys(Inputs(numbers, words), np.array([True, True, False, True]))
        assert labelled[0] == labelled[3]
        assert labelled[1] != labelled[2]

    def test_values_in_each_others_columns_are_another_row(self) -> None:
        first, second = row_keys(Inputs(np.array([[1.0, 2.0], [2.0, 1.0]]), {}))
        assert first != second

    def test_rows_without_a_cluster_are_one(self) -> None:
        found = cluster_keys(Coded(np.array([0, -1, 0, -1], dtype=np.int32), ["ann"]))
        assert found[0] == found[2] != found[1] == found[3]


def test_overlap_counts_rows_of_ours_with_their_copies() -> None:
    copies = Copies()
    copies.update(keys(5, 5, 6, 7), {})
    overlap = Overlap(copies)
    overlap.update(keys(7, 9, 9))
    overlap.update(keys(5, 0))
    assert overlap.rows == 3


class TestAssociations:
    def test_two_groups_give_the_absolute_correlation(self) -> None:
        rng = np.random.default_rng(3)
        group = rng.integers(0, 2, 400)
        value = group * 0.7 + rng.random(400) + 1e6
        label = rng.random(400) < 0.3 + 0.4 * group
        found = Associations(["sex"], ["value"])
        codes = found.groups["sex"].encode(["f", "m"], group)
        for part in (slice(0, 150), slice(150, 400)):
            found.update({"sex": codes[part]}, value[part, None], label[part])
        told = found.result()["sex"]
        assert told.features["value"] == pytest.approx(abs(np.corrcoef(group, value)[0, 1]), abs=2e-6)
        assert told.label == pytest.approx(abs(np.corrcoef(group, label)[0, 1]), abs=2e-6)
        assert told.strongest > told.chance_level == pytest.approx((5.0239 / 400) ** 0.5, abs=1e-4)

    def test_a_shuffled_attribute_stays_below_chance_nineteen_times_in_twenty(self) -> None:
        rng = np.random.default_rng(4)
        below = 0
        for _ in range(300):
            found = Associations(["sex"], ["a", "b", "c"])
            codes = found.groups["sex"].encode(["f", "m", "x"], rng.integers(0, 3, 300))
            found.update({"sex": codes}, rng.random((300, 3)), rng.random(300) < 0.2)
            told = found.result()["sex"]
            below += told.strongest < told.chance_level
        assert 275 <= below <= 297

    def test_one_group_only_says_nothing(self) -> None:
        found = Associations(["sex"], [])
        found.update({"sex": found.groups["sex"].encode(["f"], np.zeros(4, dtype=np.int64))}, np.zeros((4, 0)),
                     np.array([True, False, True, False]))  # fmt: skip
        assert found.result() == {}
