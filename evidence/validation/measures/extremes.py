"""The largest gap and the smallest ratio between rates of several groups, with bounds that hold for the extremes.

The largest of several differences is biased upwards: on few rows even groups that are treated alike lie apart. Its
upper end, which gates read, is the largest of the pairs' own upper ends. It is too low only where that of the pair
that truly lies furthest apart is, so that it errs as seldom as one pair does, however many there are (an
intersection-union test: R. L. Berger and J. C. Hsu, Bioequivalence trials, intersection-union tests and equivalence
confidence sets, Statistical Science 11 (1996) 283-319). The lower end is the largest of the pairs' lower ends at
Bonferroni's level for all of them, not below 0: groups of one rate have an interval that begins there. Ratios alike,
the other way round. Intervals of a pair come from the exact intervals of its rates.
Sources: differences, R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10; ratios, A. Donner and
G. Y. Zou, Statistical Methods in Medical Research 21 (2012) 347-359.
"""

from dataclasses import dataclass

import numpy as np

from evidence.validation.measures.intervals import Floats, Interval, exact_bounds


@dataclass(frozen=True)
class Rates:
    """One rate of each of two groups or more: `favoured` of `cases` (groups,), fractions where rows are copies."""

    favoured: Floats
    cases: Floats
    confidence: float

    @property
    def defined(self) -> bool:
        """Whether every group has the cases that the rate is about."""
        return bool((self.cases > 0).all())

    @property
    def value(self) -> Floats:
        """The rates; 0 where there are no cases."""
        return np.divide(self.favoured, self.cases, out=np.zeros(len(self.cases)), where=self.cases > 0)

    @property
    def groups(self) -> int:
        return len(self.cases)

    def gap(self, families: int = 1) -> Interval:
        """Largest less smallest rate; `families` is the number of such gaps of which the largest will be told."""
        value = float(self.value.max() - self.value.min())
        pairs = self.groups * (self.groups - 1) * families
        upper, lower = self._differences(1)[1].max(), self._differences(pairs)[0].max()
        return Interval(
            value,
            min(value, max(0.0, float(lower))),
            max(value, min(1.0, float(upper))),
            float(self.cases.sum()),
            self.confidence,
        )

    def ratios(self, sizes: Floats) -> list[Interval]:
        """Rate of each group to the best group's; `sizes` (groups,) are the cases to be told. Some rate is above 0."""
        value = self.value / self.value.max()
        lower = self._ratios(1).min(axis=1)
        upper = self._inverse(self.groups - 1).min(axis=1)
        return [
            Interval(
                float(value[group]),
                min(float(value[group]), float(lower[group])),
                max(float(value[group]), min(1.0, float(upper[group]))),
                float(sizes[group]),
                self.confidence,
            )
            for group in range(self.groups)
        ]

    def lowest_ratio(self) -> Interval:
        """Smallest rate to the largest, which is above 0."""
        value = float(self.value.min() / self.value.max())
        upper = float(self._inverse(self.groups * (self.groups - 1)).min())
        lower = float(self._ratios(1).min())
        return Interval(value, min(value, lower), max(value, min(1.0, upper)), float(self.cases.sum()), self.confidence)

    def _bounds(self, pairs: int) -> tuple[Floats, Floats]:
        """Bounds of each rate for one of so many pairs (Bonferroni)."""
        return exact_bounds(self.favoured, self.cases, 1 - (1 - self.confidence) / pairs)

    def _differences(self, pairs: int) -> tuple[Floats, Floats]:
        """Lower and upper end of rate i less rate j, (groups, groups)."""
        rate, (low, high) = self.value, self._bounds(pairs)
        above, below = high - rate, rate - low
        apart = rate[:, None] - rate[None, :]
        upper: Floats = apart + np.hypot(above[:, None], below[None, :])
        lower: Floats = apart - np.hypot(below[:, None], above[None, :])
        np.fill_diagonal(upper, 0.0)
        np.fill_diagonal(lower, 0.0)
        return lower, upper

    def _ratios(self, pairs: int) -> Floats:
        """Lower end of rate i to rate j, (groups, groups); 1 for a group to itself, 0 where there is no end."""
        rate, (low, high) = self.value, self._bounds(pairs)
        one, least = rate[:, None], low[:, None]
        other, most = rate[None, :], high[None, :]
        below = most * (2 * other - most)
        root = np.sqrt(np.maximum(0.0, (one * other) ** 2 - least * most * (2 * one - least) * (2 * other - most)))
        # Where the other rate may be twice what it is or more, the ratio of the ends is what is left.
        plain = least / np.where(most > 0, most, np.inf)
        bounded = below > 1e-12
        ratio: Floats = np.where(bounded, (one * other - root) / np.where(bounded, below, 1.0), plain)
        ratio = np.clip(ratio, 0.0, None)
        np.fill_diagonal(ratio, 1.0)
        return ratio

    def _inverse(self, pairs: int) -> Floats:
        """Upper end of rate i to rate j, (groups, groups): what the lower end of j to i leaves open."""
        lower = self._ratios(pairs).T
        upper: Floats = np.where(lower > 0, 1 / np.where(lower > 0, lower, 1.0), np.inf)
        return upper


def larger_gap(first: Rates, second: Rates) -> Interval:
    """The larger of the gaps of two rates of the same groups, such as equalised odds; `n` is all their cases."""
    both = first.gap(2), second.gap(2)
    return Interval(
        max(gap.value for gap in both),
        max(gap.low for gap in both),
        max(gap.high for gap in both),
        sum(gap.n for gap in both),
        first.confidence,
    )
