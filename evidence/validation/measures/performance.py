"""How well a binary classifier does: overall, by slice and by period, each metric with n and an interval.

Metrics (names as recorded): `accuracy`, `balanced_accuracy`, `precision`, `recall`, `specificity`, `f1`, `roc_auc`,
`log_loss`, `brier`. A metric that is undefined (no positive label, nothing predicted positive, no scores) is absent.
Definitions are those of scikit-learn; they are computed from counts, since its functions want all rows in memory.
Sources of the intervals: shares and their half sum in `intervals`, ROC area by DeLong and Newcombe, losses in `means`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.model.predicates.values import Period, PeriodResult, SliceGap, SliceResult
from evidence.validation.measurable import METRICS
from evidence.validation.measures.copies import Shares
from evidence.validation.measures.intervals import Floats, Interval, auc_interval, half_sum, wilson
from evidence.validation.measures.means import skewed_mean, with_value
from evidence.validation.measures.scores import ENTRIES, ScoreCounts
from evidence.validation.measures.tally import (
    CHUNK_ROWS,
    LOG_LOSS_EPS,
    Batch,
    Codes,
    Groups,
    Tally,
    flags_of,
    log_losses,
)

UNSEEN_SHARE = 0.9
"""A row that nobody has seen is taken to cost as much as this share of the rows would with their label turned round."""


@dataclass(frozen=True)
class Least:
    """Independent cases that a group must have, and each label in it, to be told of."""

    rows: int
    label: int


NO_LEAST = Least(0, 0)


class Performance:
    """Accumulates rows; `dimensions` are the columns by which the results are split (periods are one more).

    `eps` is the distance that the model's numbers keep from 1: scores are cut by it for the log loss.
    """

    def __init__(self, dimensions: Sequence[str] = (), eps: float = LOG_LOSS_EPS) -> None:
        self.groups = {name: Groups(name) for name in dimensions}
        self.excluded = 0
        self._eps = eps
        self._overall = Tally()
        self._overall.grow(1)
        self._by_group = {name: Tally(ENTRIES // 2) for name in dimensions}
        self._excluded: dict[str, dict[str, int]] = {name: {} for name in dimensions}

    def update(
        self,
        labels: NDArray[np.generic],
        predictions: NDArray[np.generic],
        scores: NDArray[np.generic] | None = None,
        codes: Mapping[str, Codes] | None = None,
    ) -> None:
        """Counts a batch: `labels`, `predictions` (rows,) true where positive, `scores` (rows,) the probability of it.

        `codes` holds for each dimension the group of each row, from `groups[dimension].encode`; below 0 is unknown.
        Raises EvidenceError where a score is no probability: leave such rows to `exclude`, so that they are seen.
        """
        truth, guess = flags_of(labels), flags_of(predictions)
        chance = None if scores is None else np.asarray(scores, dtype=np.float64)
        if chance is not None and not ((chance >= 0) & (chance <= 1)).all():
            raise EvidenceError(
                "a score of the model is no probability",
                hint="the output must hold numbers from 0 to 1; declare it as `kind: label` where it holds classes",
            )
        for start in range(0, len(truth), CHUNK_ROWS):
            part = slice(start, start + CHUNK_ROWS)
            batch = Batch.of(truth[part], guess[part], None if chance is None else chance[part], self._eps)
            self._overall.add(batch)
            for name, tally in self._by_group.items():
                tally.add(batch, _codes_of(codes, name)[part])

    def exclude(self, rows: int, codes: Mapping[str, Codes] | None = None) -> None:
        """Notes rows that were left out; `codes` as in `update`, `rows` long."""
        self.excluded += rows
        for name, counted in self._excluded.items():
            for code, count in zip(*np.unique(_codes_of(codes, name), return_counts=True), strict=True):
                if code >= 0:
                    value = self.groups[name].names[code]
                    counted[value] = counted.get(value, 0) + int(count)

    def merge(self, other: "Performance") -> None:
        """Adds what another accumulator with the same dimensions has counted."""
        self.excluded += other.excluded
        self._overall.merge(other._overall, np.zeros(1, dtype=np.int64))
        for name, tally in other._by_group.items():
            codes = [self.groups[name].code(value) for value in other.groups[name].names]
            self._by_group[name].merge(tally, np.array(codes[: len(tally.counts)], dtype=np.int64))
            for value, count in other._excluded[name].items():
                self._excluded[name][value] = self._excluded[name].get(value, 0) + count

    @property
    def rows_counted(self) -> int:
        """Rows counted, whatever a case is."""
        return int(self._overall.counts.sum())

    @property
    def n(self) -> int:
        """Rows counted."""
        return int(self._overall.counts.sum())

    def overall(self, confidence: float = 0.95, share: float = 1.0) -> dict[str, Interval]:
        """Every metric that is defined, over all rows; `share` of them are independent cases (see `copies`)."""
        return _metrics(self._overall, 0, confidence, share, eps=self._eps)

    def by_group(
        self,
        dimension: str,
        confidence: float = 0.95,
        shares: Shares = MappingProxyType({}),
        metrics: Sequence[str] = METRICS,
    ) -> dict[str, dict[str, Interval]]:
        """The `metrics` that are defined in each group of a dimension, by the group's value."""
        tally, names = self._by_group[dimension], self.groups[dimension].names[: len(self._by_group[dimension].counts)]
        found = {value: code for code, value in enumerate(names) if tally.counts[code].any()}
        return {
            value: _metrics(tally, found[value], confidence, shares.get((value,), 1.0), metrics, eps=self._eps)
            for value in sorted(found)
        }

    def slices(
        self,
        dimension: str,
        metric: str,
        confidence: float = 0.95,
        shares: Shares = MappingProxyType({}),
        least: Least = NO_LEAST,
    ) -> tuple[SliceResult, ...]:
        """A metric in each group of a dimension; groups in which it is undefined, or that are too small, are `gaps`."""
        return tuple(
            SliceResult(
                dimension=dimension,
                value=value,
                n=self.rows(dimension)[value],
                metric=metrics[metric].recorded(self._excluded[dimension].get(value, 0)),
            )
            for value, metrics in self.by_group(dimension, confidence, shares, [metric]).items()
            if metric in metrics and not self._too_small(dimension, value, metric, shares, least)
        )

    def gaps(
        self, dimension: str, metric: str, shares: Shares = MappingProxyType({}), least: Least = NO_LEAST
    ) -> tuple[SliceGap, ...]:
        """The groups of a dimension in which a metric is undefined or that are too small, with their rows and why."""
        told = {value for value, metrics in self.by_group(dimension, metrics=[metric]).items() if metric in metrics}
        measured = {value for value in told if not self._too_small(dimension, value, metric, shares, least)}
        rows, excluded = self.rows(dimension), self._excluded[dimension]
        return tuple(
            SliceGap(
                dimension=dimension,
                value=value,
                n=rows.get(value, 0),
                excluded=excluded.get(value, 0),
                reason=self._too_small(dimension, value, metric, shares, least)
                or self._why_undefined(dimension, value),
            )
            for value in sorted((rows.keys() | excluded.keys()) - measured)
        )

    def class_sizes(self, share: float = 1.0) -> tuple[int, int]:
        """Independent cases of the negative and of the positive label, rounded down."""
        negatives, positives = self._overall.counts[0].sum(axis=1).tolist()
        return int(negatives * share + 1e-6), int(positives * share + 1e-6)

    def _too_small(self, dimension: str, value: str, metric: str, shares: Shares, least: Least) -> str:  # noqa: ARG002
        """Why a group of both labels has too few independent cases for a metric.

        Empty where it has enough, or one label alone. Every metric of two classes needs both.
        """
        tally, code = self._by_group[dimension], self.groups[dimension].names.index(value)
        if code >= len(tally.counts):
            return ""
        rows = tally.counts[code].sum(axis=1)
        cases = rows * shares.get((value,), 1.0)
        if rows.any() and int(cases.sum() + 1e-6) < least.rows:
            return f"{int(cases.sum() + 1e-6)} independent cases, fewer than {least.rows}"
        if rows.all() and int(cases.min() + 1e-6) < least.label:
            kind = "negative" if cases[0] < cases[1] else "positive"
            return f"{int(cases.min() + 1e-6)} independent cases of the {kind} label, fewer than {least.label}"
        return ""

    def _why_undefined(self, dimension: str, value: str) -> str:
        tally, code = self._by_group[dimension], self.groups[dimension].names.index(value)
        if code >= len(tally.counts) or not tally.counts[code].any():
            return "every row was left out"
        negatives, positives = tally.counts[code].sum(axis=1).tolist()
        if not positives or not negatives:
            return f"one class only: no {'negative' if positives else 'positive'} label"
        if not tally.counts[code][:, 1].any():
            return "nothing was predicted positive"
        return "the metric needs scores, or more rows"

    def periods(
        self,
        dimension: str,
        periods: Mapping[str, Period],
        metric: str,
        confidence: float = 0.95,
        shares: Shares = MappingProxyType({}),
        least: Least = NO_LEAST,
    ) -> tuple[PeriodResult, ...]:
        """A metric in each period, in order of time; `periods` says what period a group of the dimension means."""
        found = {part.value: part for part in self.slices(dimension, metric, confidence, shares, least)}
        return tuple(
            PeriodResult(period=periods[value], n=found[value].n, metric=found[value].metric)
            for value in sorted(found, key=lambda value: periods[value].start)
        )

    def rows(self, dimension: str) -> dict[str, int]:
        """Rows of each group of a dimension."""
        tally = self._by_group[dimension]
        sizes = zip(self.groups[dimension].names, tally.counts.sum(axis=(1, 2)).tolist(), strict=False)
        return {value: int(size) for value, size in sorted(sizes) if size}

    def score_counts(self) -> ScoreCounts:
        """Rows of each label by score, over all rows, for calibration and ROC curve; empty without scores."""
        return self._overall.curve(0) or ScoreCounts()


def _codes_of(codes: Mapping[str, Codes] | None, name: str) -> Codes:
    if codes is None or name not in codes:
        raise EvidenceError(f"a batch came without the groups of `{name}`")
    return codes[name]


def _metrics(
    tally: Tally, group: int, confidence: float, share: float, metrics: Sequence[str] = METRICS, *, eps: float
) -> dict[str, Interval]:
    """The `metrics` that are defined in one group of a tally, of whose rows `share` are independent cases."""
    (tn, fp), (fn, tp) = (tally.counts[group] * share).tolist()
    n = tp + tn + fp + fn
    found = {
        "accuracy": wilson(tp + tn, n, confidence),
        "precision": wilson(tp, tp + fp, confidence),
        "recall": wilson(tp, tp + fn, confidence),
        "specificity": wilson(tn, tn + fp, confidence),
        "f1": f1_interval(tp, fp, fn, confidence) if tp + fn else None,
    }
    if found["recall"] and found["specificity"]:
        found["balanced_accuracy"] = half_sum(found["recall"], found["specificity"])
    curve = tally.curve(group)
    if curve:
        if "roc_auc" in metrics:
            counts = curve.positives * share, curve.negatives * share
            found["roc_auc"] = auc_interval(*counts, confidence, curve.area_error)
        rows = int(tally.counts[group].sum())
        for name, total in zip(("log_loss", "brier"), tally.losses(group), strict=True):
            if name in metrics:
                found[name] = with_value(_loss(name, curve, confidence, share, eps), total / rows)
    return {name: value for name in METRICS if name in metrics and (value := found.get(name)) is not None}


def _loss(name: str, curve: ScoreCounts, confidence: float, share: float, eps: float) -> Interval | None:
    """Interval of a mean loss. A row not seen yet may cost what nine in ten rows would, had their label been the other.

    One row says nothing of the spread, and has none.
    """
    if curve.rows.sum() < 2:
        return None
    scores = curve.scores
    chance = np.concatenate([1 - scores, scores])  # of the true label: of the negatives, then of the positives
    losses = log_losses(chance, eps) if name == "log_loss" else (1 - chance) ** 2
    mistaken, rows = np.roll(losses, len(scores)), np.concatenate([curve.negatives, curve.positives])
    return loss_interval(losses, mistaken, rows * share, confidence)


def loss_interval(losses: Floats, mistaken: Floats, rows: Floats, confidence: float) -> Interval | None:
    """Interval of the mean of `losses`, each of which `rows` have; `mistaken` are those of the other label."""
    order = np.argsort(mistaken)
    place = min(len(rows) - 1, int(np.searchsorted(np.cumsum(rows[order]), UNSEEN_SHARE * rows.sum())))
    return skewed_mean(losses, rows, (0.0, float(mistaken[order[place]])), confidence)


def f1_interval(tp: float, fp: float, fn: float, confidence: float = 0.95) -> Interval | None:
    """F1 = 2 TP / (2 TP + FP + FN); None where all three are 0.

    F1 = 2 J / (1 + J) with J = TP / (TP + FP + FN), a proportion given its denominator: Wilson's interval of J, mapped.
    Source of the map: D. J. Hand, P. Christen, N. Kirielle, F*: an interpretable transformation of the F-measure,
    Machine Learning 110 (2021) 451-456.
    """
    return f1_of_overlap(wilson(tp, tp + fp + fn, confidence))


def f1_of_overlap(overlap: Interval | None) -> Interval | None:
    """F1 = 2 J / (1 + J) from the overlap J of what is true and what is answered; None where that is undefined."""
    if overlap is None:
        return None
    value, low, high = (2 * j / (1 + j) for j in (overlap.value, overlap.low, overlap.high))
    return replace(overlap, value=value, low=low, high=high)
