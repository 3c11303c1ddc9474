"""How often an interval holds the truth, and how often a model that is right passes a gate: by simulation.

Each case is a measure on rows drawn from a distribution of which the true value is known. Told of it are the share of
draws whose interval holds the truth (two-sided), the share in which the end that gates read errs on the safe side, and,
where a limit is usual, how often the case passes it. `python -m benchmarks --only coverage` runs the long form.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.coverage_case import Case, Draw, Floats, Random
from benchmarks.coverage_kinds import forecasts, rankings
from benchmarks.table import Row
from evidence.validation.measures.association import cramers_v
from evidence.validation.measures.calibration import calibration
from evidence.validation.measures.clusters import ClusterSums
from evidence.validation.measures.copies import Copies
from evidence.validation.measures.drift import NumericBaseline, NumericCounts, numeric_drift
from evidence.validation.measures.extremes import Rates, larger_gap
from evidence.validation.measures.importance import importance
from evidence.validation.measures.intervals import Interval
from evidence.validation.measures.labels import LabelsPerformance
from evidence.validation.measures.performance import Performance
from evidence.validation.measures.scores import ScoreCounts
from evidence.validation.measures.weighted import Sample, binary

TITLE = "Coverage of 95 % intervals, and what passes a gate (draws of known truth)"
DRAWS = 2000
REFERENCE = 20_000


@dataclass(frozen=True)
class Found:
    """Shares of the draws: interval holds the truth, the gate's end is safe, the limit is met."""

    case: Case
    draws: int
    both: float
    safe: float
    passed: float | None

    @property
    def met(self) -> bool:
        """Whether the aims hold, as far as so many draws can tell."""
        aims = [(self.safe, 0.97)]
        if self.case.n >= 200:
            aims.append((self.both, 0.93))
        if self.passed is not None and self.case.passes:
            few = self.case.passes == "few"
            aims.append(
                (1 - self.passed, 0.97) if few else (self.passed, {"half": 0.5, "most": 0.95}[self.case.passes])
            )
        return all(share >= aim - 2 * float(np.sqrt(aim * (1 - aim) / self.draws)) for share, aim in aims)


def run(quick: bool) -> list[Row]:
    """Every case: 2,000 draws, or 200."""
    return [_row(simulate(case, DRAWS // 10 if quick else DRAWS)) for case in cases()]


def _row(found: Found) -> Row:
    case = found.case
    passed = "" if found.passed is None else f"passes {case.limit:g} in {found.passed:.1%}"
    aim = ">= 97 % at the gate's end" + (", >= 93 % two-sided" if case.n >= 200 else "")
    aim += {"half": ", passes half", "most": ", passes 95 %", "few": ", passes <= 3 %"}.get(case.passes, "")
    return Row(case.name, f"{found.both:.1%}", f"{found.safe:.1%}", passed, aim, found.met)


def simulate(case: Case, draws: int, seed: int = 20) -> Found:
    """What comes of so many draws; the same seed gives the same."""
    random = np.random.default_rng([seed, *case.name.encode()])
    both, safe, passed, told = 0, 0, 0, 0
    for _ in range(draws):
        found = case.draw(random, case.n)
        if found is None:
            continue
        told += 1
        estimate = found.recorded()
        below, above = estimate.ci_low <= case.value + 1e-9, estimate.ci_high >= case.value - 1e-9
        both += below and above
        safe += above if case.gate == "high" else below
        if case.limit is not None:
            passed += estimate.ci_high <= case.limit if case.gate == "high" else estimate.ci_low >= case.limit
    shares = [count / max(1, told) for count in (both, safe, passed)]
    return Found(case, told, shares[0], shares[1], shares[2] if case.limit is not None else None)


def cases() -> Iterator[Case]:
    """Measure x truth x n."""
    yield from _shares()
    yield from _losses()
    yield from _clustered()
    yield from _weighted()
    yield from _labels()
    yield from _drifts()
    yield from _calibrations()
    yield from _fairness()
    yield from _drivers()
    yield from rankings()
    yield from forecasts()


def _shares() -> Iterator[Case]:
    """Counts of right answers, and the area under the ROC curve of normal scores that lie so far apart."""
    for metric, truth, value in (("accuracy", "right in 90 %", 0.9), ("f1", "right in 90 %", 0.9)):

        def told(random: Random, n: int, metric: str = metric) -> Interval | None:
            labels = random.random(n) < 0.5
            counted = Performance()
            counted.update(labels, labels ^ (random.random(n) < 0.1))
            return counted.overall().get(metric)

        for n in (50, 200, 1000):
            yield Case(metric, truth, n, value, told, "low")
    for apart, value in ((1.0, 0.760250), (2.0, 0.921350)):

        def area(random: Random, n: int, apart: float = apart) -> Interval | None:
            labels = random.random(n) < 0.2
            scores = 1 / (1 + np.exp(-random.normal(apart * labels, 1)))
            counted = Performance()
            counted.update(labels, scores >= 0.5, scores)
            return counted.overall().get("roc_auc")

        for n in (50, 200, 1000):
            yield Case("roc_auc", f"classes {apart:g} deviations apart, 20 % positive", n, value, area, "low")


@dataclass(frozen=True)
class _World:
    """Scores, and the chance of a positive label at each of them."""

    name: str
    scores: Callable[[Random, int], Floats]
    chance: Callable[[Floats], Floats]

    def rows(self, random: Random, n: int) -> tuple[Floats, NDArray[np.bool_]]:
        scores = self.scores(random, n)
        return scores, random.random(n) < self.chance(scores)


def _beta(first: float, second: float) -> Callable[[Random, int], Floats]:
    return lambda random, n: random.beta(first, second, n)


_WORLDS = (
    _World("calibrated, half positive", _beta(1, 1), lambda s: s),
    _World("sharp, half positive", _beta(0.3, 0.3), lambda s: s),
    _World("calibrated, 2 % positive", _beta(0.5, 24.5), lambda s: s),
    _World("three times too low, 6 % positive", _beta(0.5, 24.5), lambda s: np.minimum(1.0, 3 * s)),
    _World("three times too high, 0.7 % positive", _beta(0.5, 24.5), lambda s: s / 3),
    _World("one score, 0.2 % positive", lambda _, n: np.full(n, 0.002), lambda s: s),
)


def _truth(world: _World, metric: str) -> float:
    """Expected loss over the quantiles of the scores, labels averaged out."""
    scores = np.sort(world.scores(np.random.default_rng(1), 500_000))
    chance = world.chance(scores)
    if metric == "brier":
        return float(np.mean(chance * (1 - scores) ** 2 + (1 - chance) * scores**2))
    inside = np.clip(scores, np.finfo(np.float64).eps, 1 - np.finfo(np.float64).eps)
    return float(np.mean(-chance * np.log(inside) - (1 - chance) * np.log1p(-inside)))


def _losses() -> Iterator[Case]:
    for world in _WORLDS:
        for metric in ("brier", "log_loss"):
            value = _truth(world, metric)

            def draw(random: Random, n: int, world: _World = world, metric: str = metric) -> Interval | None:
                scores, labels = world.rows(random, n)
                counted = Performance()
                counted.update(labels, scores >= 0.5, scores)
                return counted.overall().get(metric)

            for n in (50, 200, 1000):
                yield Case(metric, world.name, n, value, draw, "high")


def _clustered() -> Iterator[Case]:
    """Customers of ten rows each, or of one to nineteen, which answer alike altogether, to a third, or not at all."""
    for chance, alike, even in (
        (0.8, 1.0, True),
        (0.8, 0.3, True),
        (0.8, 0.3, False),
        (0.8, 0.0, True),
        (0.95, 0.3, False),
    ):

        def draw(
            random: Random, n: int, chance: float = chance, alike: float = alike, even: bool = even
        ) -> Interval | None:
            sizes = np.full(n // 10, 10) if even else random.integers(1, 20, n // 10)
            customer = np.repeat(np.arange(n // 10), sizes)
            usual = random.random(n // 10) < chance
            own = random.random(len(customer)) < np.sqrt(alike)
            right = np.where(own, usual[customer], random.random(len(customer)) < chance)
            everyone = np.ones(len(customer), dtype=np.bool_)
            copies, clusters = Copies(), ClusterSums()
            copies.update(customer.astype(np.uint64), {})
            clusters.update(customer.astype(np.uint64), {"accuracy": (right, everyone)})
            share = clusters.shares(0.95).get("accuracy", copies.share)
            counted = Performance()
            counted.update(right, everyone)
            return counted.overall(share=share).get("accuracy")

        sizes = "ten" if even else "one to nineteen"
        for n in (500, 2000):
            name = f"right in {chance:.0%}, correlation {alike:g}"
            yield Case(f"accuracy in clusters of {sizes}", name, n, chance, draw, "low")


def _weighted() -> Iterator[Case]:
    """One in ten positive, told by scores one deviation apart; drawn otherwise, and weighted back to what is so."""
    truth = {"accuracy": 0.691462, "precision": 0.199367, "recall": 0.691462, "roc_auc": 0.760250}
    drawn = {"half of the rows positive": 0.5, "one in 40 positive": 0.025, "weights without a meaning": 0.1}
    for (metric, value), (name, positive) in product(truth.items(), drawn.items()):

        def draw(random: Random, n: int, metric: str = metric, positive: float = positive) -> Interval | None:
            labels = random.random(n) < positive
            shift = random.normal(labels, 1)
            weights = np.where(labels, 0.1 / positive, 0.9 / (1 - positive))
            if positive == 0.1:
                weights = random.gamma(1.0, 1.0, n)
            facts = {"truth": labels, "guess": shift >= 0.5, "score": 1 / (1 + np.exp(-shift))}
            return binary(2**-52)(Sample(weights, np.arange(n), 0.95), facts).get(metric)

        for n in (200, 1000):
            yield Case(f"weighted {metric}", name, n, value, draw, "low")


def _labels() -> Iterator[Case]:
    """Four labels, two in five of the rows having each; one row in five is guessed at, the others 5 % wrong a label."""
    truth = {
        "subset_accuracy": 0.8 * 0.95**4 + 0.2 * 0.5**4,
        "hamming_loss": 0.14,
        "precision_micro": 0.344 / 0.428,
        "recall_macro": 0.86,
        "f1_micro": 0.688 / 0.828,
        "f1_macro": 0.688 / 0.828,
    }
    for metric, value in truth.items():

        def draw(random: Random, n: int, metric: str = metric) -> Interval | None:
            labels = random.random((n, 4)) < 0.4
            wrong = np.where(random.random(n) < 0.2, 0.5, 0.05)
            marks = labels ^ (random.random((n, 4)) < wrong[:, None])
            counted = LabelsPerformance(("a", "b", "c", "d"), (), 2**-52)
            counted.count(labels, marks, marks * 1.0, {})
            return counted.overall().get(metric)

        for n in (50, 200, 1000):
            yield Case(
                metric, "four labels, rows wrong together", n, value, draw, "high" if "loss" in metric else "low"
            )


def _drifts() -> Iterator[Case]:
    from scipy import stats

    def drawn(shift: float, statistic: str) -> Draw:
        def draw(random: Random, n: int) -> Interval | None:
            baseline = NumericBaseline(random.normal(size=REFERENCE))
            sides = NumericCounts(baseline), NumericCounts(baseline)
            sides[0].update(random.normal(size=REFERENCE))
            sides[1].update(random.normal(shift, 1, n))
            return numeric_drift(*sides).distances[statistic]  # type: ignore[index]

        return draw

    def bins_of(n: int) -> int:
        from evidence.validation.measures.divergence import quantile_bins

        return quantile_bins(REFERENCE, n, 10, 0.1)

    for shift in (0.0, 0.3, 0.6):
        for n in (50, 200, 1000):
            edges = stats.norm.ppf(np.linspace(0, 1, bins_of(n) + 1))
            old, new = np.full(bins_of(n), 1 / bins_of(n)), np.diff(stats.norm.cdf(edges - shift))
            index = float(np.dot(new - old, np.log(new / old)))
            middle = (old + new) / 2
            js = float(np.sqrt(max(0.0, np.sum(old * np.log2(old / middle) + new * np.log2(new / middle)) / 2)))
            ks = float(2 * stats.norm.cdf(shift / 2) - 1)
            truth = "unchanged" if not shift else f"moved by {shift:g} deviations"
            passes = ("most" if n >= 200 else "") if not shift else ("few" if shift > 0.5 else "")
            yield Case("psi", truth, n, index, drawn(shift, "psi"), "high", 0.1, passes)
            yield Case("js", truth, n, js, drawn(shift, "js"), "high")
            yield Case("ks", truth, n, ks, drawn(shift, "ks"), "high")


def _calibrations() -> Iterator[Case]:
    worlds = (
        _World("calibrated", _beta(1, 1), lambda s: s),
        _World("0.05 too low", lambda random, n: random.uniform(0, 0.95, n), lambda s: s + 0.05),
        _World("too sure", _beta(1, 1), lambda s: 0.1 + 0.8 * s),
        _World("calibrated, 4 % positive", _beta(0.5, 12), lambda s: s),
    )

    def draw_of(world: _World) -> Draw:
        def draw(random: Random, n: int) -> Interval | None:
            found = calibration(ScoreCounts.of(*world.rows(random, n)))
            return found.error if found else None

        return draw

    for world in worlds:
        for n in (50, 200, 1000):
            bins = int(np.clip(n // 20, 1, 15))
            scores = np.sort(world.scores(np.random.default_rng(1), 200_000))
            apart = world.chance(scores) - scores
            value = float(np.mean([abs(part.mean()) for part in np.array_split(apart, bins)]))
            limit, passes = (0.1, "few" if value >= 0.1 else "") if n >= 1000 else (None, "")
            yield Case("calibration error", world.name, n, value, draw_of(world), "high", limit, passes)


_RATES = (
    ("fair, rate 0.8", (0.8,) * 5),
    ("fair, rate 0.5", (0.5,) * 5),
    ("one group at 0.8 of the others", (0.8,) * 4 + (0.64,)),
    ("ratio 0.8, others between", (0.8, 0.72, 0.72, 0.72, 0.64)),
    ("one group at 0.7 of the others", (0.8,) * 4 + (0.56,)),
)


def _fairness() -> Iterator[Case]:
    """Five groups of one size; a model passes the four-fifths rule where the ratio of every group does."""
    for truth, rates in _RATES:
        rate = np.array(rates)

        def drawn(random: Random, n: int, rate: Floats = rate) -> Rates:
            size = n // len(rate)
            return Rates(random.binomial(size, rate).astype(np.float64), np.full(len(rate), float(size)), 0.95)

        ratio, gap = float(rate.min() / rate.max()), float(rate.max() - rate.min())
        for n in (50, 200, 1000, 5000):
            wanted = "few" if ratio < 1 else ("half" if n >= 1000 and (rate[0] > 0.7 or n >= 5000) else "")
            yield Case(
                "ratio of five groups", truth, n, ratio, lambda random, n, d=drawn: _lowest(d(random, n)),
                "low", 0.8, wanted,
            )  # fmt: skip
            yield Case("gap of five groups", truth, n, gap, lambda random, n, d=drawn: d(random, n).gap(), "high")
            yield Case(
                "larger of two gaps", truth, n, gap,
                lambda random, n, d=drawn: larger_gap(d(random, n), d(random, n)), "high",
            )  # fmt: skip


def _lowest(rates: Rates) -> Interval | None:
    return rates.lowest_ratio() if rates.value.max() > 0 else None


def _drivers() -> Iterator[Case]:
    """A shuffled input of y = 2 x + e costs 8 Var(x) of squared error; a word that is right about a group in 65 of 100
    rows has Cramér's V of 0.3 with it.
    """

    def shuffled(random: Random, n: int) -> Interval | None:
        x, noise = random.random(n), random.normal(0, 0.5, n)
        donors = np.array([random.permutation(n) for _ in range(5)])
        return importance((2 * x + noise - 2 * x[donors]) ** 2 - noise**2, donors)

    def told(random: Random, n: int) -> Interval | None:
        group = random.integers(0, 2, n)
        return cramers_v(group, np.where(random.random(n) < 0.65, group, 1 - group))

    for n in (50, 200, 1000):
        yield Case("importance", "y = 2 x + e", n, 8 / 12, shuffled, "high")
        yield Case("Cramér's V", "right in 65 %", n, 0.3, told, "high")
