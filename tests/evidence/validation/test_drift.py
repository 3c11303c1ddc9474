"""Drift: known answers, agreement with scipy, and what a distance must not miss."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial import distance
from scipy.stats import ks_2samp

from evidence.validation.measures.divergence import (
    jensen_shannon,
    noncentrality,
    psi,
    psi_interval,
    quantile_bins,
)
from evidence.validation.measures.drift import (
    CategoryCounts,
    Drift,
    NumericBaseline,
    NumericCounts,
    category_drift,
    numeric_drift,
)

tables = (
    st.integers(2, 8)
    .flatmap(lambda size: st.tuples(*[st.lists(st.integers(0, 50), min_size=size, max_size=size).map(np.array)] * 2))
    .filter(lambda pair: pair[0].sum() > 0 and pair[1].sum() > 0)
)


def numeric(old: np.ndarray, new: np.ndarray, *, parts: int = 1) -> Drift:
    baseline = NumericBaseline(old)
    sides = NumericCounts(baseline), NumericCounts(baseline)
    for side, values in zip(sides, (old, new), strict=True):
        for part in np.array_split(values, parts):
            side.update(part)
    return numeric_drift(*sides)


def categories(values: list[str | None]) -> CategoryCounts:
    found = CategoryCounts("region")
    words = sorted({value for value in values if value is not None})
    found.update(words, np.array([-1 if value is None else words.index(value) for value in values], dtype=np.int64))
    return found


class TestPsi:
    def test_known_answer(self) -> None:
        """(.4 - .2) ln 2 + (.3 - .3) ln 1 + (.3 - .5) ln .6, by hand."""
        assert psi(np.array([20, 30, 50]), np.array([40, 30, 30])) == pytest.approx(0.2 * np.log(2) - 0.2 * np.log(0.6))

    def test_empty_bin_is_smoothed_by_half_a_row(self) -> None:
        """Shares 10.5/11, .5/11 and 5.5/11 each, by hand."""
        assert psi(np.array([10, 0]), np.array([5, 5])) == pytest.approx(
            5 / 11 * np.log(5.5 / 0.5) - 5 / 11 * np.log(5.5 / 10.5)
        )

    @given(tables)
    def test_is_symmetric_and_not_negative(self, pair: tuple[np.ndarray, np.ndarray]) -> None:
        assert psi(*pair) == pytest.approx(psi(*pair[::-1]), abs=1e-12)
        assert psi(*pair) >= -1e-12

    @given(tables, st.integers(1, 5))
    def test_is_zero_for_equal_shares(self, pair: tuple[np.ndarray, np.ndarray], times: int) -> None:
        assert psi(pair[0], pair[0]) == 0
        if (pair[0] > 0).all():
            assert psi(pair[0], pair[0] * times) == pytest.approx(0, abs=1e-12)

    def test_bias_on_few_rows_is_taken_off(self) -> None:
        """Ten bins and 400 rows a side are 9 (1/400 + 1/400) apart by chance: what is told is the excess."""
        rng = np.random.default_rng(4)
        draws = rng.multinomial(400, [0.1] * 10, size=(400, 2))
        assert np.mean([psi(*pair) for pair in draws]) == pytest.approx(9 * 2 / 400, rel=0.1)
        told = [psi_interval(*pair) for pair in draws]
        assert np.median([item.value for item in told]) < 0.005
        assert np.mean([item.low == 0 for item in told]) == pytest.approx(0.975, abs=0.02)
        assert told[0].method == "psi-10-bins-debiased"

    def test_known_answer_of_the_interval(self) -> None:
        """Noncentrality of chi-squared 25.28 at 2 degrees of freedom and N = 105: scipy's noncentral quantiles."""
        old, new = np.array([60, 90, 60]), np.array([100, 50, 60])
        found, reached = psi_interval(old, new), 105 * psi(old, new)
        # The variance of so large an index is 1.6 per cent above that of chi-squared, and the interval wider by it.
        assert stats.ncx2.cdf(reached, 2, 105 * found.low) == pytest.approx(0.975, abs=2e-3)
        assert stats.ncx2.cdf(reached, 2, 105 * found.high) == pytest.approx(0.025, abs=2e-3)
        assert found.value == pytest.approx((reached - 2) / 105)

    @given(st.floats(0.01, 300), st.integers(1, 30))
    def test_thenoncentrality_is_that_of_scipy(self, reached: float, freedom: int) -> None:
        for end, tail in zip(noncentrality(reached, freedom, 0.95), (0.975, 0.025), strict=True):
            central = stats.chi2.cdf(reached, freedom)
            if end > 1e-6:
                assert stats.ncx2.cdf(reached, freedom, end) == pytest.approx(tail, abs=1e-6)
            else:
                assert end == 0 or central == pytest.approx(tail, abs=1e-6)

    def test_many_rows_leave_the_index_as_counted(self) -> None:
        old, new = np.array([10**9, 10**8]), np.array([10**8, 10**9])
        found = psi_interval(old, new)
        assert found.value == pytest.approx(psi(old, new), rel=1e-6)
        assert found.low < found.value < found.high < found.low * 1.001

    def test_rare_bins_are_taken_together(self) -> None:
        found = psi_interval(np.array([500, 500, 1, 0, 1]), np.array([500, 500, 0, 2, 0]))
        assert found.method == "psi-2-bins-debiased"
        assert psi_interval(np.array([500, 500, 3, 0]), np.array([500, 500, 0, 3])).method == "psi-3-bins-debiased"

    def test_as_many_bins_as_the_rows_permit(self) -> None:
        assert [quantile_bins(5000, rows, 10, 0.1) for rows in (50, 200, 250, 400, 10_000)] == [3, 3, 6, 10, 10]

    def test_unchanged_features_pass_where_the_rows_permit(self) -> None:
        rng = np.random.default_rng(8)
        baseline = NumericBaseline(rng.normal(size=20_000))
        old = NumericCounts(baseline)
        old.update(rng.normal(size=20_000))
        for rows in (200, 1000):
            passed = []
            for _ in range(300):
                new = NumericCounts(baseline)
                new.update(rng.normal(size=rows))
                passed.append(numeric_drift(old, new).distances["psi"].high <= 0.1)
            assert np.mean(passed) >= 0.95


class TestJensenShannon:
    def test_ends(self) -> None:
        assert jensen_shannon(np.array([3, 0]), np.array([0, 9])) == 1
        assert jensen_shannon(np.array([3, 4]), np.array([6, 8])) == pytest.approx(0, abs=1e-7)

    @given(tables)
    def test_is_scipys_and_symmetric(self, pair: tuple[np.ndarray, np.ndarray]) -> None:
        theirs = float(np.nan_to_num(distance.jensenshannon(*pair, base=2)))
        assert jensen_shannon(*pair) == pytest.approx(theirs, abs=1e-7)
        assert jensen_shannon(*pair) == pytest.approx(jensen_shannon(*pair[::-1]), abs=1e-12)


class TestNumeric:
    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, 1000), st.sampled_from([1, 6, 200]), st.floats(0, 1))
    def test_ks_of_few_distinct_values_is_exact(self, seed: int, distinct: int, shift: float) -> None:
        rng = np.random.default_rng(seed)
        old = rng.integers(0, distinct, 400).astype(float)
        new = np.concatenate([old[: int(400 * (1 - shift))], rng.choice(old, 50)])
        assert numeric(old, new).distances["ks"].value == pytest.approx(ks_2samp(old, new).statistic, abs=1e-12)

    @settings(max_examples=20, deadline=None)
    @given(st.integers(0, 1000), st.floats(-1, 1))
    def test_ks_of_many_values_is_within_its_bound(self, seed: int, shift: float) -> None:
        rng = np.random.default_rng(seed)
        old, new = rng.normal(size=3000), rng.normal(shift, 1, 700)
        found, exact = numeric(old, new).distances["ks"], ks_2samp(old, new).statistic
        assert exact - 2 / 255 <= found.value <= exact + 1e-12
        assert found.low <= exact <= found.high

    def test_deciles_hold_a_tenth_each(self) -> None:
        values = np.random.default_rng(5).exponential(size=10_000)
        baseline = NumericBaseline(values)
        counts = NumericCounts(baseline)
        counts.update(values)
        below, above, missing, *inside = np.bincount(baseline.bins(counts.counts, 10), weights=counts.counts)
        assert (below, above, missing) == (0, 0, 0)
        assert len(inside) == 10
        assert inside == pytest.approx([1000] * 10, abs=50)

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            pytest.param(np.full(100, 5.0), np.full(100, 4.0), id="constant that moved down"),
            pytest.param(np.full(100, 5.0), np.full(100, 6.0), id="constant that moved up"),
            pytest.param(np.tile([0.0, 1.0], 50), np.full(100, 0.5), id="between the values of the baseline"),
            pytest.param(np.linspace(0, 1, 500), np.linspace(0, 1, 500) - 5, id="below the baseline"),
            pytest.param(np.linspace(0, 1, 500), np.linspace(0, 1, 500) + 5, id="above the baseline"),
            pytest.param(np.linspace(0, 1, 500), np.full(500, np.nan), id="gone missing"),
            pytest.param(np.full(500, np.nan), np.linspace(0, 1, 500), id="known only now"),
            pytest.param(
                np.r_[np.zeros(970), np.linspace(1, 2, 30)],
                np.r_[np.zeros(500), np.linspace(1, 2, 500)],
                id="rare part",
            ),
        ],
    )
    def test_change_is_seen_by_all(self, old: np.ndarray, new: np.ndarray) -> None:
        found = numeric(old, new).distances
        assert found["psi"].low > 0.25
        assert found["js"].low > 0.3
        assert found["ks"].low > 0.28

    def test_no_change_is_zero(self) -> None:
        values = np.random.default_rng(6).normal(size=1000)
        found = numeric(values, np.random.default_rng(7).permutation(values)).distances
        assert {name: item.value for name, item in found.items()} == {"psi": 0, "js": 0, "ks": 0}
        assert {name: item.low for name, item in found.items()} == {"psi": 0, "js": 0, "ks": 0}
        assert min(item.high for item in found.values()) > 0

    def test_few_rows_that_are_all_alike_do_not_exclude_a_change(self) -> None:
        few, many = (numeric(np.full(500, 5.0), np.full(n, 5.0)).distances for n in (10, 500))
        assert few["psi"].value == few["ks"].value == few["js"].value == 0
        assert few["ks"].high == pytest.approx(1.96**2 / (10 + 1.96**2), abs=2e-4)
        assert few["psi"].high > 0.25
        assert few["js"].high > 0.3
        assert max(item.high for item in many.values()) < 0.1

    def test_outside_the_domain(self) -> None:
        found = numeric(np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.0, 3.0, 3.5, np.inf, np.nan]))
        assert found.out_of_domain is not None
        assert (found.out_of_domain.value, found.out_of_domain.n) == (3 / 5, 5)

    def test_empty_side_has_no_distance(self) -> None:
        assert numeric(np.arange(5.0), np.zeros(0)) == Drift({}, None)
        assert numeric(np.zeros(0), np.zeros(0)) == Drift({}, None)

    @settings(max_examples=15, deadline=None)
    @given(st.integers(2, 40), st.integers(0, 100))
    def test_batches_and_order_change_nothing(self, parts: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        old, new = rng.normal(size=300), np.r_[rng.normal(1, 1, 100), np.nan]
        assert numeric(old, new, parts=parts) == numeric(old, rng.permutation(new))

    def test_merging_is_counting_together(self) -> None:
        values = np.random.default_rng(8).normal(size=100)
        baseline = NumericBaseline(values)
        once, first, second = (NumericCounts(baseline) for _ in range(3))
        once.update(values)
        first.update(values[:30])
        second.update(values[30:])
        first.merge(second)
        assert (first.counts == once.counts).all()

    @pytest.mark.slow
    def test_interval_of_ks_covers(self) -> None:
        """The distance of two normal distributions one half apart; biased upwards, so the interval reaches higher."""
        rng = np.random.default_rng(9)
        truth = 0.19741265
        found = [numeric(rng.normal(size=500), rng.normal(0.5, 1, 500)).distances["ks"] for _ in range(200)]
        assert np.mean([truth <= item.high for item in found]) >= 0.97
        assert np.mean([item.low <= truth <= item.high for item in found]) >= 0.85


class TestCategories:
    def test_known_answer_by_name_not_by_number(self) -> None:
        old = categories(["a"] * 20 + ["b"] * 30 + ["c"] * 50)
        new = CategoryCounts("region")
        new.update(["c", "b", "a"], np.repeat([0, 1, 2], [30, 30, 40]))
        found = category_drift(old, new)
        assert found.distances["psi"].value == pytest.approx(0.2 * np.log(2) - 0.2 * np.log(0.6) - 2 / 50)
        assert set(found.distances) == {"psi", "js"}
        for item in found.distances.values():
            assert item.low <= item.value <= item.high

    def test_new_and_missing_categories_are_seen(self) -> None:
        old = categories(["a", "b"] * 50)
        new = categories(["a", "b"] * 25 + ["z"] * 30 + [None] * 20)
        found = category_drift(old, new)
        assert found.out_of_domain is not None
        assert (found.out_of_domain.value, found.out_of_domain.n) == (30 / 80, 80)
        only_missing = category_drift(old, categories(["a", "b"] * 25 + [None] * 50))
        assert only_missing.distances["psi"].low > 0.25

    def test_merging_is_counting_together(self) -> None:
        once = categories(["a", "b", "b", "c", None])
        parts = categories(["b", "c"])
        parts.merge(categories(["a", "b", None]))
        assert category_drift(once, parts).distances["psi"].value == 0
        assert (parts.count("a"), parts.count("b"), parts.missing, parts.count("q")) == (1, 2, 1, 0)

    def test_nothing_counted_has_no_distance(self) -> None:
        assert category_drift(categories([]), categories(["a"])).distances == {}
