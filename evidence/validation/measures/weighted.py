"""Metrics in which rows count by a weight, told beside those in which each counts once.

A weight makes rows stand for more or fewer than they are, as where one class was sampled more densely than it occurs.
Each estimate is a ratio of weighted sums, and its variance the linearised one, rows of a cluster taken together. A
share has Wilson's interval at its effective number of cases: Kish's, (sum of w)^2 / (sum of w^2) over clusters, or
p (1 - p) by the linearised variance where that is less, since Kish's is right only where weight and outcome have
nothing to do with each other. Sources: L. Kish, Survey Sampling (1965), section 8.2; C.-E. Särndal, B. Swensson and
J. Wretman, Model Assisted Survey Sampling (1992), section 5.5; E. L. Korn and B. I. Graubard, Confidence intervals for
proportions with small expected number of positive counts estimated from survey data, Survey Methodology 24 (1998)
193-201.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evidence.model.errors import EvidenceError
from evidence.model.predicates.values import MetricEstimate, WeightedGroup, Weighting
from evidence.validation.measures.classes import mean_of, mean_of_same_rows, widened
from evidence.validation.measures.copies import Keys, coarser
from evidence.validation.measures.intervals import (
    DECIMALS,
    Floats,
    Interval,
    auc_interval,
    mean_interval,
    normal_quantile,
    wilson,
)
from evidence.validation.measures.means import with_value
from evidence.validation.measures.performance import Least, f1_of_overlap, loss_interval
from evidence.validation.measures.tally import Codes, Flags, Groups, log_losses
from evidence.validation.measures.values import Amount, Level, pinball_loss, positive_mean

METHOD = "weighted, at Kish's effective n or that of the linearised variance"
"""The definition of every number here, as its record names it."""

Facts = Mapping[str, NDArray[Any]]
"""What is known of each row by name, by the kind of the answer: (rows,), or (rows, classes)."""
Told = dict[str, Interval | None]
Estimate = Callable[["Sample", Facts], Told]


@dataclass(frozen=True)
class Part:
    """An estimate with what each row moves it by."""

    interval: Interval
    influence: Floats


class Sample:
    """Weighted rows: `weights` (rows,) from 0 up, not all 0, and `clusters` (rows,), whose rows are one case."""

    def __init__(self, weights: Floats, clusters: NDArray[Any], confidence: float) -> None:
        self.weights = weights / weights.max()
        self.confidence = confidence
        self._clusters = np.unique(clusters, return_inverse=True)[1]
        self._count = len(np.unique(self._clusters[weights > 0]))

    def by_cluster(self, values: Floats) -> Floats:
        """Sums over the rows of each cluster."""
        sums: Floats = np.asarray(np.bincount(self._clusters, weights=values), dtype=np.float64)
        return sums

    def effective(self, among: Floats | None = None) -> float:
        """Kish's number of independent cases, of the rows that count by `among` (rows,); 0 where none has a weight."""
        sums = self.by_cluster(self.weights if among is None else self.weights * among)
        squares = float(np.dot(sums, sums))
        return float(sums.sum()) ** 2 / squares if squares else 0.0

    def variance(self, influence: Floats) -> float:
        """Variance of an estimate that each row moves by its `influence`."""
        sums = self.by_cluster(influence)
        return float(np.dot(sums, sums)) * self._count / max(1, self._count - 1)

    def share(self, top: NDArray[Any], bottom: NDArray[Any] | None = None) -> Part | None:
        """The weighted sum of `top` by that of `bottom`, whose numbers are no smaller; None where that is 0.

        Each is 0 or 1 a row, or how many of several decisions on it; without `bottom` all rows are meant.
        """
        of = np.ones(len(self.weights)) if bottom is None else bottom.astype(np.float64)
        weight = float(np.dot(self.weights, of))
        if weight == 0:
            return None
        value = min(1.0, float(np.dot(self.weights, top)) / weight)
        influence = self.weights * (top - value * of) / weight
        among = (of > 0).astype(np.float64)
        n = self.effective(among) * weight / float(np.dot(self.weights, among))
        spread = self.variance(influence)
        if 0 < value < 1 and spread > 0:
            n = min(n, value * (1 - value) / spread)
        interval = wilson(value * n, n, self.confidence)
        return None if interval is None else Part(with_value(interval, value) or interval, influence)

    def f1(self, truth: Flags, guess: Flags) -> Part | None:
        """F1 by the overlap of truth and guess, as `performance.f1_interval` has it."""
        overlap = self.share(truth & guess, truth | guess)
        whole = self.share(2.0 * (truth & guess), truth.astype(np.float64) + guess)
        if overlap is None or whole is None or not np.dot(self.weights, truth):
            return None
        return Part(f1_of_overlap(overlap.interval) or overlap.interval, whole.influence)

    def area(self, truth: Flags, score: Floats) -> Interval | None:
        """Area under the ROC curve, ties one half; None where a label is absent. See `intervals.auc_interval`."""
        place = np.unique(score, return_inverse=True)[1]
        size = int(place.max()) + 1
        sums = [np.bincount(place, weights=self.weights * flags, minlength=size) for flags in (truth, ~truth)]
        whole = [float(part.sum()) for part in sums]
        if 0 in whole:
            return None
        cases = [self.effective(flags.astype(np.float64)) for flags in (truth, ~truth)]
        positives, negatives = (part * n / weight for part, n, weight in zip(sums, cases, whole, strict=True))
        plain = auc_interval(positives, negatives, self.confidence)
        assert plain is not None
        below = ((np.cumsum(negatives) - negatives / 2) / cases[1])[place]
        above = (1 - (np.cumsum(positives) - positives / 2) / cases[0])[place]
        each = np.where(truth, (below - plain.value) / whole[0], (above - plain.value) / whole[1])
        half = normal_quantile(self.confidence) * sqrt(self.variance(self.weights * each))
        return replace(
            plain, low=max(0.0, min(plain.low, plain.value - half)), high=min(1.0, max(plain.high, plain.value + half))
        )

    def mean(self, values: Floats) -> tuple[float, float, float]:
        """Weighted mean and variance of `values`, and how many independent cases the mean rests on."""
        weight = float(self.weights.sum())
        mean = float(np.dot(self.weights, values)) / weight
        spread = float(np.dot(self.weights, (values - mean) ** 2)) / weight
        of_mean = self.variance(self.weights * (values - mean) / weight)
        n = self.effective()
        return mean, spread, min(n, spread / of_mean) if of_mean > 0 else n

    def bounded_mean(self, values: Floats, highest: float) -> Interval | None:
        """Student's interval of a mean from 0 to `highest`."""
        mean, spread, n = self.mean(values)
        return mean_interval(mean * n, (spread + mean**2) * n, n, self.confidence, highest=highest)

    def loss(self, losses: Floats, mistaken: Floats) -> Interval | None:
        """Interval of a mean loss; `mistaken` are the losses of the other label (see `performance.loss_interval`)."""
        mean, _, n = self.mean(losses)
        if n < 2:
            return None
        rows = self.weights * (n / float(self.weights.sum()))
        return with_value(loss_interval(losses, mistaken, rows, self.confidence), mean)

    def amount(self, values: Floats) -> Amount | None:
        """Interval of the mean of numbers from 0 up (see `values.positive_mean`)."""
        mean, spread, n = self.mean(values)
        return positive_mean(mean * n, (spread + mean**2) * n, n, self.confidence)

    def macro(self, parts: Sequence[Part | None]) -> Interval | None:
        """Mean of shares; None where one of them is undefined. See `classes.mean_of` and `classes.widened`."""
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        joined = mean_of([part.interval for part in known])
        influence = np.asarray(sum(part.influence for part in known)) / len(known)
        half = normal_quantile(self.confidence) * sqrt(self.variance(influence))
        return replace(widened(joined, half), n=self.effective())

    def of_a_class(self, truth: Flags, guess: Flags, score: Floats | None) -> dict[str, Part | Interval | None]:
        """The measures of one class against the rest."""
        found: dict[str, Part | Interval | None] = {
            "precision": self.share(truth & guess, guess),
            "recall": self.share(truth & guess, truth),
            "specificity": self.share(~truth & ~guess, ~truth),
            "f1": self.f1(truth, guess),
        }
        return found if score is None else found | {"roc_auc": self.area(truth, score)}


def _interval(part: Part | Interval | None) -> Interval | None:
    return part.interval if isinstance(part, Part) else part


def binary(eps: float) -> Estimate:
    """Measures of two classes; facts `truth`, `guess`, and `score` where there is one."""

    def told(sample: Sample, facts: Facts) -> Told:
        truth, guess, score = facts["truth"], facts["guess"], facts.get("score")
        one = sample.of_a_class(truth, guess, score)
        recall, specificity = one["recall"], one["specificity"]
        assert not isinstance(recall, Interval)
        assert not isinstance(specificity, Interval)
        found: Told = {"accuracy": _interval(sample.share(truth == guess))}
        found["balanced_accuracy"] = sample.macro([recall, specificity])
        found |= {name: _interval(part) for name, part in one.items()}
        if score is not None:
            chance = np.where(truth, score, 1 - score)
            found["log_loss"] = sample.loss(log_losses(chance, eps), log_losses(1 - chance, eps))
            found["brier"] = sample.loss((1 - chance) ** 2, chance**2)
        return found

    return told


def several(classes: Sequence[str], eps: float) -> Estimate:
    """Measures of several classes; facts `truth`, `chosen`, and `chances` (rows, classes) where there are scores."""

    def told(sample: Sample, facts: Facts) -> Told:
        truth, chosen, chances = facts["truth"], facts["chosen"], facts.get("chances")
        each = [
            sample.of_a_class(truth == code, chosen == code, None if chances is None else chances[:, code])
            for code in range(len(classes))
        ]
        right = _interval(sample.share(truth == chosen))
        found: Told = {"accuracy": right, "f1_micro": right, **_macros(sample, each, of_rows="balanced_accuracy")}
        if chances is not None:
            true = chances[np.arange(len(truth)), truth]
            found["log_loss"] = sample.bounded_mean(log_losses(true, eps), -float(np.log(eps)))
            found["brier_multiclass"] = sample.bounded_mean((chances**2).sum(axis=1) - 2 * true + 1, 2.0)
        return found | _named(classes, each)

    return told


def _macros(sample: Sample, each: Sequence[Mapping[str, Any]], of_rows: str) -> Told:
    """Means over the classes, undefined where a class has no row; `of_rows` is the name of that of recall."""
    found: Told = {of_rows: sample.macro([one["recall"] for one in each])}
    if found[of_rows] is None:
        return found
    for name in ("precision", "f1"):
        found[f"{name}_macro"] = sample.macro([one[name] for one in each])
    areas = [one.get("roc_auc") for one in each]
    found["roc_auc_macro"] = mean_of_same_rows([a for a in areas if a], sample.effective()) if all(areas) else None
    return found


def _named(classes: Sequence[str], each: Sequence[Mapping[str, Any]]) -> Told:
    return {
        f"{name}:{word}": _interval(part) for word, one in zip(classes, each, strict=True) for name, part in one.items()
    }


def labelled(labels: Sequence[str]) -> Estimate:
    """Measures of several labels; facts `truth`, `marks` and `chances`, (rows, labels) each."""

    def told(sample: Sample, facts: Facts) -> Told:
        truth, marks, chances = facts["truth"], facts["marks"], facts["chances"]
        each = [sample.of_a_class(truth[:, at], marks[:, at], chances[:, at]) for at in range(len(labels))]
        hits, given, true = (part.sum(axis=1) for part in (truth & marks, marks, truth))
        overlap = _interval(sample.share(hits, given + true - hits))
        whole = np.full(len(truth), len(labels))
        found: Told = {
            "subset_accuracy": _interval(sample.share((truth == marks).all(axis=1))),
            "hamming_loss": _interval(sample.share((truth != marks).sum(axis=1), whole)),
            "precision_micro": _interval(sample.share(hits, given)),
            "recall_micro": _interval(sample.share(hits, true)),
            "f1_micro": f1_of_overlap(overlap) if true.any() else None,
        }
        return found | _macros(sample, each, of_rows="recall_macro") | _named(labels, each)

    return told


def values(level: Level) -> Estimate:
    """Measures of numbers; facts `truth`, `answer`, and `low`, `high` where the model gives an interval."""

    def told(sample: Sample, facts: Facts) -> Told:
        truth, answer = facts["truth"], facts["answer"]
        error = truth - answer
        mse = sample.amount(error**2)
        found: Told = {"mae": sample.amount(np.abs(error)), "mse": mse, "r2": _r2(sample, truth, error)}
        found["rmse"] = mse and Amount(sqrt(mse.value), sqrt(mse.low), sqrt(mse.high), mse.n, mse.confidence)
        if level.quantile is not None:
            found["pinball"] = sample.amount(pinball_loss(error, level.quantile))
        if level.interval is not None and "low" in facts:
            low, high = facts["low"], facts["high"]
            found["interval_coverage"] = _interval(sample.share((low <= truth) & (truth <= high)))
            found["interval_width"] = sample.amount(high - low)
            found["pinball:low"] = sample.amount(pinball_loss(truth - low, (1 - level.interval) / 2))
            found["pinball:high"] = sample.amount(pinball_loss(truth - high, (1 + level.interval) / 2))
        return found

    return told


def _r2(sample: Sample, truth: Floats, error: Floats) -> Amount | None:
    """1 less the quotient of two weighted means, whose interval is on the logarithm, by the delta method."""
    weight = float(sample.weights.sum())
    moved = (truth - float(np.dot(sample.weights, truth)) / weight) ** 2
    whole, n = float(np.dot(sample.weights, moved)), sample.effective()
    if n < 2 or whole <= 1e-12 * float(np.dot(sample.weights, truth**2)):
        return None
    rest = float(np.dot(sample.weights, error**2)) / whole
    if rest <= 0:
        return Amount(1.0, 1.0, 1.0, n, sample.confidence)
    spread = sqrt(sample.variance(sample.weights * (error**2 - rest * moved) / whole)) / rest
    reach = exp(min(float(special.stdtrit(n - 1, (1 + sample.confidence) / 2)) * spread, 700.0))
    return Amount(1 - rest, 1 - rest * reach, 1 - rest / reach, n, sample.confidence)


class Weighted:
    """Keeps the rows with their weights: some 60 bytes a row, and 8 a class; what is told needs all of them."""

    def __init__(self, estimate: Estimate, dimensions: Sequence[str] = ()) -> None:
        self.groups = {name: Groups(name) for name in dimensions}
        self._estimate = estimate
        self._parts: list[tuple[Floats, Keys, dict[str, Codes], Facts, Keys]] = []
        self._silent = 0.0

    def update(
        self, weights: Floats, clusters: Keys, codes: Mapping[str, Codes], facts: Facts, equal: Keys | None = None
    ) -> None:
        """Takes a batch: weights and clusters (rows,), for each dimension its groups, and the facts of the kind.

        `equal` says which rows are equal, where the clusters are others.
        """
        known = {name: codes[name] for name in self.groups}
        self._parts.append((weights, clusters, known, facts, clusters if equal is None else equal))

    def abstain(self, weights: Floats) -> None:
        """Notes the weights of rows on which the model abstained, of which no number tells."""
        self._silent += float(weights.sum())

    def result(
        self, column: str, metric: str, least: tuple[int, Least], *, confidence: float, excluded: int, where: str
    ) -> Weighting:
        """What is told of the run, and `metric` of every group; `least` are the cases that the run and a group need.

        Raises EvidenceError where every weight is 0.
        """
        weights = np.concatenate([part[0] for part in self._parts]) if self._parts else np.zeros(0)
        with np.errstate(over="ignore"):
            total = float(weights.sum())
        if not np.isfinite(total) or not weights.any():
            raise EvidenceError(
                f"the weights in the column `{column}` are all 0, or too large to be added up",
                where=where,
                hint="give each row the number of cases that it stands for, or leave `data.weight` out",
            )
        clusters, equal = (np.concatenate([part[at] for part in self._parts]) for at in (1, 4))
        clusters = coarser(clusters, equal)
        facts = {name: np.concatenate([part[3][name] for part in self._parts]) for name in self._parts[0][3]}
        sample = Sample(weights, clusters, confidence)
        effective, sums = sample.effective(), sample.by_cluster(sample.weights)
        told = self._estimate(sample, facts) if effective + 1e-6 >= least[0] else {}
        return Weighting(
            column=column,
            weightless=int((weights == 0).sum()),
            effective_n=int(effective + 1e-6),
            abstained_share=round(self._silent / (self._silent + total), DECIMALS),
            largest_share=round(float(sums.max() / sums.sum()), DECIMALS),
            metrics={name: recorded(found, effective, excluded) for name, found in told.items() if found is not None},
            groups=tuple(
                group
                for name, groups in self.groups.items()
                for group in self._of(name, groups, metric, weights, clusters, facts, least[1], confidence)
            ),
        )

    def _of(
        self,
        dimension: str,
        groups: Groups,
        metric: str,
        weights: Floats,
        clusters: Keys,
        facts: Facts,
        least: Least,
        confidence: float,
    ) -> list[WeightedGroup]:
        codes = np.concatenate([part[2][dimension] for part in self._parts])
        made = []
        for value in sorted(groups.names):
            rows = codes == groups.code(value)
            if not rows.any():
                continue
            estimate, weight = None, float(weights[rows].sum())
            if weight > 0:
                sample = Sample(weights[rows], clusters[rows], confidence)
                found = self._estimate(sample, {name: fact[rows] for name, fact in facts.items()}).get(metric)
                if found is not None and sample.effective() + 1e-6 >= least.rows:
                    estimate = recorded(found, sample.effective(), 0)
            made.append(
                WeightedGroup(
                    dimension=dimension,
                    value=value,
                    n=int(rows.sum()),
                    row_share=round(float(rows.mean()), DECIMALS),
                    weight_share=round(weight / float(weights.sum()), DECIMALS),
                    metric=estimate,
                )
            )
        return made


def recorded(interval: Interval, effective: float, excluded: int) -> MetricEstimate:
    """The predicate form: no more cases than the rows together are, and by what definition."""
    estimate = replace(interval, n=min(interval.n, effective)).recorded(excluded)
    return estimate.model_copy(update={"method": METHOD})
