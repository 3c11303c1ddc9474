"""Intervals: known answers, agreement with scipy, and how often they hold the truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from evidence.validation.measures.intervals import (
    Interval,
    auc_interval,
    exact_bounds,
    half_sum,
    mean_interval,
    order_statistic,
    paired_difference,
    wilson,
)
from evidence.validation.measures.means import skewed_mean

counts_of_labels = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12).map(
    lambda pairs: np.array(pairs, dtype=np.int64).T
)


def holds(interval: Interval) -> bool:
    return interval.low <= interval.value <= interval.high


class TestNothingCounted:
    def test_has_no_interval(self) -> None:
        assert wilson(0, 0) is None
        assert mean_interval(0, 0, 0) is None
        assert mean_interval(1, 1, 1) is None
        assert paired_difference(0, 0, 0) is None
        assert order_statistic(np.zeros(0), 0.5) is None
        assert auc_interval(np.array([0, 0]), np.array([3, 1])) is None


class TestWilson:
    def test_known_answer(self) -> None:
        """81 of 263: Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3."""
        found = wilson(81, 263)
        assert found is not None
        assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)

    @given(n=st.integers(1, 10_000), share=st.floats(0, 1))
    def test_is_scipys(self, n: int, share: float) -> None:
        found = wilson(round(n * share), n)
        theirs = stats.binomtest(round(n * share), n).proportion_ci(0.95, method="wilson")
        assert found is not None
        assert holds(found)
        assert found.low == pytest.approx(theirs.low, abs=1e-12)
        assert found.high == pytest.approx(theirs.high, abs=1e-12)

    def test_everybody_is_not_certainty(self) -> None:
        found = wilson(10, 10)
        assert found is not None
        assert found.high == 1
        assert found.low == pytest.approx(0.7225, abs=1e-4)


class TestMean:
    def test_is_students(self) -> None:
        values = np.random.default_rng(1).exponential(size=40)
        found = mean_interval(values.sum(), (values**2).sum(), 40)
        theirs = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        assert found is not None
        assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))

    def test_is_cut_at_the_possible(self) -> None:
        found = mean_interval(1.0, 1.0, 3, highest=1.0)
        assert found is not None
        assert (found.low, found.high) == (0.0, 1.0)


class TestHalfSum:
    def test_known_answer(self) -> None:
        found = half_sum(Interval(0.6, 0.5, 0.8, 10, 0.95), Interval(0.8, 0.4, 0.95, 20, 0.95))
        assert found.value == pytest.approx(0.7)
        assert found.low == pytest.approx(0.7 - np.hypot(0.1, 0.4) / 2)
        assert found.high == pytest.approx(0.7 + np.hypot(0.2, 0.15) / 2)


class TestPairedDifference:
    def test_known_answer(self) -> None:
        """Adjusted shares (20 + 1) / 102 and (5 + 1) / 102."""
        found = paired_difference(20, 5, 100)
        first, second = 21 / 102, 6 / 102
        half = 1.959963985 * np.sqrt((first + second - (first - second) ** 2) / 102)
        assert found is not None
        assert found.value == 0.15
        assert (found.low, found.high) == pytest.approx((first - second - half, first - second + half))

    @given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
    def test_holds_its_estimate(self, first: int, second: int, same: int) -> None:
        found = paired_difference(first, second, first + second + same)
        assert found is None or holds(found)


class TestOrderStatistic:
    def test_known_answer(self) -> None:
        """Ranks 40 and 61 hold the median of 100 at 0.95 (David and Nagaraja, section 7.1)."""
        found = order_statistic(np.arange(1, 101, dtype=float), 0.5)
        assert found == Interval(50.0, 40.0, 61.0, 100, 0.95)

    def test_too_few_samples_for_a_tail_lower_the_level(self) -> None:
        found = order_statistic(np.arange(200, dtype=float), 0.99)
        assert found is not None
        assert found.high == 199
        assert found.confidence == pytest.approx(1 - 0.99**200 - stats.binom.cdf(194, 200, 0.99), abs=1e-9)

    @given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300), st.sampled_from([0.5, 0.95, 0.99]))
    def test_ends_are_samples_and_hold_the_quantile(self, samples: list[float], quantile: float) -> None:
        found = order_statistic(np.array(samples), quantile)
        assert found is not None
        assert holds(found)
        assert {found.low, found.value, found.high} <= set(samples)
        assert found.value == np.quantile(samples, quantile, method="inverted_cdf")


class TestAuc:
    @given(counts_of_labels)
    def test_is_scikit_learns(self, counts: np.ndarray) -> None:
        positives, negatives = counts
        found = auc_interval(positives, negatives)
        if found is None:
            assert positives.sum() == 0 or negatives.sum() == 0
            return
        scores = np.repeat(np.arange(len(positives)), positives + negatives)
        labels = np.concatenate([[1] * p + [0] * n for p, n in zip(positives, negatives, strict=True)])
        assert found.value == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)
        assert holds(found)
        assert 0 <= found.low <= found.high <= 1

    def test_variance_is_delongs(self) -> None:
        """Straight from the definition, every pair looked at."""
        rng = np.random.default_rng(3)
        pos, neg = rng.integers(5, 40, 300), rng.integers(0, 35, 500)
        pairs = (pos[:, None] > neg) + (pos[:, None] == neg) / 2
        variance = np.var(pairs.mean(axis=1), ddof=1) / 300 + np.var(pairs.mean(axis=0), ddof=1) / 500
        found = auc_interval(np.bincount(pos, minlength=40), np.bincount(neg, minlength=40))
        assert found is not None
        assert found.low <= pairs.mean() - 1.959963985 * np.sqrt(variance) + 1e-12
        assert found.high - found.low == pytest.approx(2 * 1.959963985 * np.sqrt(variance), rel=0.1)

    def test_perfect_separation_of_a_few_is_not_certainty(self) -> None:
        found = auc_interval(np.array([0, 5]), np.array([5, 0]))
        assert found is not None
        assert found.value == found.high == 1
        assert found.low < 0.75

    def test_slack_widens_both_ends(self) -> None:
        counts = np.array([10, 20]), np.array([20, 10])
        plain, slack = auc_interval(*counts), auc_interval(*counts, slack=0.01)
        assert plain is not None
        assert slack is not None
        assert (plain.low - slack.low, slack.high - plain.high) == pytest.approx((0.01, 0.01))


class TestExactBounds:
    @given(n=st.integers(1, 2_000), share=st.floats(0, 1))
    def test_are_scipys(self, n: int, share: float) -> None:
        hits = round(n * share)
        low, high = exact_bounds(np.array([hits]), np.array([n]), 0.95)
        theirs = stats.binomtest(hits, n).proportion_ci(0.95, method="exact")
        assert (low[0], high[0]) == pytest.approx((theirs.low, theirs.high), abs=1e-9)

    def test_nothing_counted_is_nothing_known(self) -> None:
        assert [float(end[0]) for end in exact_bounds(np.zeros(1), np.zeros(1), 0.95)] == [0, 1]


class TestSkewedMean:
    @settings(max_examples=50, deadline=None)
    @given(n=st.integers(10, 3_000), share=st.floats(0, 1))
    def test_of_zeros_and_ones_is_clopper_and_pearsons(self, n: int, share: float) -> None:
        hits = round(n * share)
        found = skewed_mean(np.array([0.0, 1.0]), np.array([n - hits, hits]), (0.0, 1.0))
        theirs = stats.binomtest(hits, n).proportion_ci(0.95, method="exact")
        assert found is not None
        assert found.low == pytest.approx(theirs.low, abs=max(1e-4, 0.01 * theirs.low))
        assert found.high == pytest.approx(theirs.high, rel=0.01)

    def test_is_the_quantile_of_dirichlet_weights(self) -> None:
        """A million draws of the weights, with one row more at 0 or at 9."""
        rng = np.random.default_rng(6)
        values = rng.exponential(size=30)
        weights = rng.dirichlet(np.ones(31), 1_000_000)
        found = skewed_mean(values, np.ones(30), (0.0, 9.0))
        assert found is not None
        assert found.low == pytest.approx(np.quantile(weights @ np.append(values, 0.0), 0.025), abs=2e-3)
        assert found.high == pytest.approx(np.quantile(weights @ np.append(values, 9.0), 0.975), abs=5e-3)

    def test_of_many_is_students(self) -> None:
        values = np.random.default_rng(7).random(200_000)
        found = skewed_mean(values, np.ones(200_000), (0.0, 1.0))
        theirs = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        assert found is not None
        assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=1e-5)

    def test_nothing_counted_has_none_and_one_value_is_known_to_the_unseen_row(self) -> None:
        assert skewed_mean(np.zeros(3), np.zeros(3), (0.0, 1.0)) is None
        found = skewed_mean(np.array([0.2]), np.array([50]), (0.2, 1.0))
        assert found is not None
        assert found.low == pytest.approx(0.2)
        assert found.high == pytest.approx(0.2 + 0.8 * (1 - 0.025 ** (1 / 50)), rel=0.01)


class TestRecorded:
    def test_is_rounded_and_holds_its_estimate(self) -> None:
        found = wilson(1, 3)
        assert found is not None
        estimate = found.recorded(excluded=4)
        assert (estimate.value, estimate.n, estimate.excluded, estimate.confidence) == (0.333333, 3, 4, 0.95)
        assert estimate.ci_low <= estimate.value <= estimate.ci_high

    def test_ends_are_rounded_outward(self) -> None:
        estimate = Interval(0.1234564, 0.1000009, 0.1999991, 5, 0.95).recorded()
        assert (estimate.ci_low, estimate.value, estimate.ci_high) == (0.1, 0.123456, 0.2)
        assert Interval(0.3, 0.1 + 0.2, 0.3, 5, 0.95).recorded().ci_low == 0.3

    @given(st.floats(-10, 10), st.floats(0, 1), st.floats(0, 1))
    def test_rounding_never_moves_an_end_inward(self, value: float, below: float, above: float) -> None:
        estimate = Interval(value, value - below, value + above, 5, 0.95).recorded()
        assert estimate.ci_low <= value - below + 1e-11
        assert estimate.ci_high >= value + above - 1e-11

    def test_has_no_minus_zero(self) -> None:
        assert str(Interval(-1e-9, -1e-9, 0.0, 1, 0.95).recorded().value) == "0.0"


@pytest.mark.slow
class TestCoverage:
    """Share of simulated data sets whose interval holds the truth; the standard error of a share is under 0.005."""

    @pytest.mark.parametrize(("n", "share"), [(50, 0.1), (50, 0.5), (400, 0.02), (400, 0.9)])
    def test_wilson(self, n: int, share: float) -> None:
        rng = np.random.default_rng(11)
        found = [wilson(int(hits), n) for hits in rng.binomial(n, share, 3000)]
        assert 0.93 <= np.mean([item.low <= share <= item.high for item in found if item]) <= 0.98

    def test_mean_of_skewed_values(self) -> None:
        values = np.random.default_rng(12).exponential(size=(3000, 100))
        found = [mean_interval(row.sum(), (row**2).sum(), 100) for row in values]
        assert 0.92 <= np.mean([item.low <= 1 <= item.high for item in found if item]) <= 0.97

    @pytest.mark.parametrize(
        ("n_pos", "n_neg", "shift", "most"),
        [(30, 60, 1.0, 0.98), (100, 900, 0.5, 0.97), (15, 40, 2.5, 1.0)],  # wide where few rows separate nearly
    )
    def test_auc(self, n_pos: int, n_neg: int, shift: float, most: float) -> None:
        rng = np.random.default_rng(13)
        truth = stats.norm.cdf(shift / np.sqrt(2))
        hits = []
        for _ in range(1500):
            scores = np.concatenate([rng.normal(shift, 1, n_pos), rng.normal(0, 1, n_neg)])
            place = np.argsort(np.argsort(scores))
            found = auc_interval(*(np.bincount(part, minlength=len(scores)) for part in np.split(place, [n_pos])))
            hits.append(found is not None and found.low <= truth <= found.high)
        assert 0.935 <= np.mean(hits) <= most

    def test_quantile(self) -> None:
        samples = np.random.default_rng(14).exponential(size=(2000, 200))
        truth = -np.log(0.05)
        found = [order_statistic(row, 0.95) for row in samples]
        assert 0.94 <= np.mean([item.low <= truth <= item.high for item in found if item]) <= 0.98

    def test_paired_difference(self) -> None:
        draws = np.random.default_rng(15).multinomial(150, [0.12, 0.04, 0.84], size=3000)
        found = [paired_difference(int(first), int(second), 150) for first, second, _ in draws]
        assert 0.93 <= np.mean([item.low <= 0.08 <= item.high for item in found if item]) <= 0.975
