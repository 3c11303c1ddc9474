"""How well a classifier of several classes does: over all rows, of each class, by slice and by period.

Recorded: `accuracy`, `balanced_accuracy`, `precision_macro`, `f1_macro`, `f1_micro`, `roc_auc_macro`, `log_loss`,
`brier_multiclass`, and of each class against the rest `precision:CLASS`, `recall:CLASS`, `specificity:CLASS`,
`f1:CLASS`, `roc_auc:CLASS`. Definitions are scikit-learn's. A mean over the classes is undefined where a class has no
row: a mean over the others would hide it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import exp, sqrt
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.validation.measures.copies import Shares
from evidence.validation.measures.intervals import Counts, Floats, Interval, mean_interval, normal_quantile, wilson
from evidence.validation.measures.performance import Least, Performance
from evidence.validation.measures.sums import Sums
from evidence.validation.measures.tally import CHUNK_ROWS, Codes, Flags

MAX_CELLS = 1 << 24
"""Cells of all confusion matrices of a dimension."""
PROBABILITY_TOLERANCE = 1e-6
OF_A_CLASS = ("precision", "recall", "specificity", "f1", "roc_auc")


class ClassPerformance(Performance):
    """Accumulates rows of several classes, as `Performance` does those of two.

    The tally underneath counts right answers against wrong ones by the score of the answered class, which is what the
    calibration of several classes is about; beside it stand the confusion matrix, the losses, and a tally of each class
    against the rest.
    """

    def __init__(
        self, classes: Sequence[str], dimensions: Sequence[str] = (), eps: float = float(np.finfo(np.float32).eps)
    ) -> None:
        super().__init__(dimensions, eps)
        self.classes = tuple(classes)
        self._each = [Performance(dimensions, eps) for _ in classes]
        for one in self._each:
            one.groups = self.groups
        self._all = _Matrix(len(classes))
        self._parts = {name: _Matrix(len(classes)) for name in dimensions}

    def count(
        self,
        labels: Codes,
        chosen: Codes,
        chances: NDArray[np.floating] | None,
        codes: Mapping[str, Codes],
    ) -> None:
        """Counts a batch: `labels`, `chosen` (rows,) places of true and answered class; `chances` (rows, classes).

        `codes` as in `Performance.update`. Raises EvidenceError where the scores of a row are no probabilities.
        """
        table = None if chances is None else _probabilities(chances)
        score = None if table is None else table[np.arange(len(chosen)), chosen]
        self.update(labels == chosen, np.ones(len(labels), dtype=np.bool_), score, codes)
        for code, one in enumerate(self._each):
            one.update(labels == code, chosen == code, None if table is None else table[:, code], codes)
        losses = None if table is None else self._losses(labels, table)
        for start in range(0, len(labels), CHUNK_ROWS):
            part = slice(start, start + CHUNK_ROWS)
            parts = None if losses is None else losses[part]
            everyone = np.zeros(len(labels[part]), dtype=np.int64)
            self._all.add(everyone, labels[part], chosen[part], parts)
            for name, matrix in self._parts.items():
                matrix.add(codes[name][part], labels[part], chosen[part], parts)

    def _losses(self, labels: Codes, table: Floats) -> Floats:
        """Log loss and Brier score of each row, and their squares: (rows, 4)."""
        true = table[np.arange(len(labels)), labels]
        log_loss = -np.log(np.clip(true, self._eps, 1 - self._eps))
        brier = (table**2).sum(axis=1) - 2 * true + 1
        return np.column_stack([log_loss, brier, log_loss**2, brier**2])

    @property
    def confusion(self) -> Counts:
        """Rows by true and by answered class: (classes, classes)."""
        self._all.grow(1)
        counts: Counts = self._all.counts[0].copy()
        return counts

    def overall(self, confidence: float = 0.95, share: float = 1.0) -> dict[str, Interval]:
        """Every metric that is defined over all rows, and those of each class."""
        self._all.grow(1)
        each = [one.overall(confidence, share) for one in self._each]
        return self._metrics(self._all, 0, each, confidence, share)

    def by_group(
        self,
        dimension: str,
        confidence: float = 0.95,
        shares: Shares = MappingProxyType({}),
        metrics: Sequence[str] = (),  # noqa: ARG002  (they cost nothing beside the curves that all of them need)
    ) -> dict[str, dict[str, Interval]]:
        """Every defined metric of each group of a dimension, by the group's value."""
        each = [one.by_group(dimension, confidence, shares, OF_A_CLASS) for one in self._each]
        names = self.groups[dimension].names
        return {
            value: self._metrics(
                self._parts[dimension],
                names.index(value),
                [one[value] for one in each],
                confidence,
                shares.get((value,), 1.0),
            )
            for value in self.rows(dimension)
        }

    def _metrics(
        self, matrix: "_Matrix", group: int, each: list[dict[str, Interval]], confidence: float, share: float
    ) -> dict[str, Interval]:
        counts = matrix.counts[group] * share
        n = float(counts.sum())
        right = wilson(float(np.trace(counts)), n, confidence)
        found = {"accuracy": right, "f1_micro": right}
        if all(counts.sum(axis=1)):
            recalls = [one["recall"] for one in each]
            found["balanced_accuracy"] = mean_of(recalls)
            found["f1_macro"] = _f1_macro(counts, [one["f1"] for one in each], confidence)
            if all("precision" in one for one in each):
                found["precision_macro"] = mean_of([one["precision"] for one in each])
            if all("roc_auc" in one for one in each):
                found["roc_auc_macro"] = mean_of_same_rows([one["roc_auc"] for one in each], n)
        if matrix.losses is not None and n:
            log_loss, brier, log_loss2, brier2 = (matrix.losses.of(group) * share).tolist()
            found["log_loss"] = mean_interval(log_loss, log_loss2, n, confidence, highest=-float(np.log(self._eps)))
            found["brier_multiclass"] = mean_interval(brier, brier2, n, confidence, highest=2.0)
        metrics = {name: value for name, value in found.items() if value is not None}
        for name in OF_A_CLASS:
            metrics |= {
                f"{name}:{word}": one[name] for word, one in zip(self.classes, each, strict=True) if name in one
            }
        return metrics

    def known_well(self, found: Mapping[str, Interval], share: float, least: int) -> dict[str, Interval]:
        """The metrics but for those of a class with fewer independent cases than `least`, and the means over classes.

        Accuracy and losses are of all rows, whatever their class.
        """
        small = self._small(self.confusion, share, least)
        return {name: value for name, value in found.items() if not _needed(name, small)}

    def _small(self, counts: Counts, share: float, least: int) -> dict[str, int]:
        """The classes that have fewer independent cases, but some, and how many they have."""
        cases = (counts.sum(axis=1) * share + 1e-6).astype(np.int64)
        there: Flags = np.asarray(counts.sum(axis=1) > 0)
        return {word: int(n) for word, n, has in zip(self.classes, cases, there, strict=True) if has and n < least}

    def _too_small(self, dimension: str, value: str, metric: str, shares: Shares, least: Least) -> str:
        # The labels of the tally underneath are right and wrong answers, of which none need be.
        if told := super()._too_small(dimension, value, metric, shares, Least(least.rows, 0)):
            return told
        code, matrix = self.groups[dimension].names.index(value), self._parts[dimension]
        if code >= len(matrix.counts):
            return ""
        small = self._small(matrix.counts[code], shares.get((value,), 1.0), least.label)
        for word in _needed(metric, small):
            return f"{small[word]} independent cases of the class {word}, fewer than {least.label}"
        return ""

    def _why_undefined(self, dimension: str, value: str) -> str:
        code = self.groups[dimension].names.index(value)
        matrix = self._parts[dimension]
        if code >= len(matrix.counts) or not matrix.counts[code].any():
            return "every row was left out"
        of_class, answers = matrix.counts[code].sum(axis=1), matrix.counts[code].sum(axis=0)
        for absent, why in ((of_class, "has no row"), (answers, "was never answered")):
            if not all(absent):
                words = [word for word, count in zip(self.classes, absent.tolist(), strict=True) if not count]
                return f"the class {words[0]} {why}"
        return "the metric needs scores, or more rows"


def _needed(metric: str, classes: Iterable[str]) -> list[str]:
    """Those of some classes that a metric is about: one class has its own, a mean over the classes all of them."""
    name, _, of = metric.partition(":")
    if of:
        return [word for word in classes if word == of]
    return list(classes) if name == "balanced_accuracy" or name.endswith("_macro") else []


class _Matrix:
    """Confusion matrices (groups, true class, answered class) with the sums of the losses of each group."""

    def __init__(self, classes: int) -> None:
        self.counts: Counts = np.zeros((0, classes, classes), dtype=np.int64)
        self.losses: Sums | None = None

    def grow(self, groups: int) -> None:
        """Makes room for so many groups."""
        size = self.counts.shape[1]
        if groups * size**2 > MAX_CELLS:
            raise EvidenceError(
                f"{groups} groups of {size} classes are too many to count", hint="give the dimension `bins`"
            )
        if (extra := groups - len(self.counts)) > 0:
            self.counts = np.concatenate([self.counts, np.zeros((extra, size, size), dtype=np.int64)])

    def add(self, codes: Codes, labels: Codes, chosen: Codes, losses: Floats | None) -> None:
        """Counts rows; those with a code below 0 are left out."""
        known = codes >= 0
        if not known.any():
            return
        group, size = codes[known], self.counts.shape[1]
        self.grow(int(group.max()) + 1)
        place = (group * size + labels[known]) * size + chosen[known]
        self.counts += np.bincount(place, minlength=self.counts.size).reshape(self.counts.shape)
        if losses is not None:
            self.losses = self.losses or Sums(losses.shape[1])
            self.losses.add(group, losses[known])


def _probabilities(chances: NDArray[np.floating]) -> Floats:
    """The scores as probabilities of each class, those a rounding outside of 0 to 1 put back."""
    table = chances.astype(np.float64)
    low, high = -PROBABILITY_TOLERANCE, 1 + PROBABILITY_TOLERANCE
    whole = table.sum(axis=1)
    # Where they are near 1 together they were brought to 1 already, up to the precision of the output.
    if not ((table >= low) & (table <= high)).all() or not (np.abs(whole - 1) < 16 * np.finfo(chances.dtype).eps).all():
        raise EvidenceError(
            "the scores of a row are no probabilities: not all from 0 to 1, or not 1 together",
            hint="declare `output.link: softmax` where it holds logits, or `kind: class` where it holds classes",
        )
    return np.clip(table, 0, 1)


def mean_of(parts: Sequence[Interval]) -> Interval:
    """Interval of the mean of independent values from their intervals (see `intervals.half_sum`)."""
    k = len(parts)
    value = sum(part.value for part in parts) / k
    low = value - sqrt(sum((part.value - part.low) ** 2 for part in parts)) / k
    high = value + sqrt(sum((part.high - part.value) ** 2 for part in parts)) / k
    return Interval(value, low, high, sum(part.n for part in parts), parts[0].confidence)


def mean_of_same_rows(parts: Sequence[Interval], n: float) -> Interval:
    """Interval of the mean of values of the same rows: the mean of the ends, which is never too short.

    Whatever the values have to do with each other, the deviation of their mean is no larger than the mean of theirs.
    """
    k = len(parts)
    ends = (sum(part.value for part in parts), sum(part.low for part in parts), sum(part.high for part in parts))
    value, low, high = (end / k for end in ends)
    return Interval(value, low, high, n, parts[0].confidence)


def _f1_macro(counts: Floats, each: Sequence[Interval], confidence: float) -> Interval:
    """Mean F1 of a confusion matrix whose every class has a row, by the delta method on its log odds.

    The interval is never shorter than that of independent F1 scores: where nearly all answers are right the delta
    method's closes up. Source of the variance: K. Takahashi et al., Confidence interval for micro-averaged F1 and
    macro-averaged F1 scores, Applied Intelligence 52 (2022) 4961-4972.
    """
    both = counts.sum(axis=0) + counts.sum(axis=1)
    f1 = 2 * np.diagonal(counts) / both
    slope = -(f1 / both)[:, None] - (f1 / both)[None, :] + np.diag(2 / both)
    half = normal_quantile(confidence) * sqrt(float((counts * slope**2).sum())) / len(counts)
    alone = mean_of(each)
    value = float(f1.mean())
    return widened(Interval(value, alone.low, alone.high, float(counts.sum()), confidence), half)


def widened(interval: Interval, half: float) -> Interval:
    """The interval of a share, no shorter than that of the delta method on its log odds, `half` long before."""
    value, low, high = interval.value, interval.low, interval.high
    if 0 < value < 1:
        odds, reach = value / (1 - value), exp(min(half / (value * (1 - value)), 700.0))
        low, high = min(low, odds / (odds + reach)), max(high, odds * reach / (1 + odds * reach))
    return replace(interval, low=low, high=high)
