"""How well a model does that gives a row any number of labels: over all rows, of each label, by slice and by period.

Recorded: `subset_accuracy`, `hamming_loss`; `precision_micro`, `recall_micro`, `f1_micro` over the decisions on all
labels together; `precision_macro`, `recall_macro`, `f1_macro`, `roc_auc_macro`, the means of those of each label; and
of each label `precision:LABEL`, `recall:LABEL`, `specificity:LABEL`, `f1:LABEL`, `roc_auc:LABEL`. Definitions are
scikit-learn's. A mean over the labels is undefined where a label has no row: a mean over the others would hide it.

The decisions on one row are not independent. Intervals of what is counted over several labels rest on the variance
between rows, by the delta method (A. W. van der Vaart, Asymptotic Statistics, 1998, chapter 3): for each pair of
counts of a row the sum of their product is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import sqrt
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.validation.measures.classes import MAX_CELLS, OF_A_CLASS, mean_of, mean_of_same_rows, widened
from evidence.validation.measures.copies import Shares
from evidence.validation.measures.intervals import Floats, Interval, normal_quantile, wilson
from evidence.validation.measures.performance import Least, Performance, f1_of_overlap
from evidence.validation.measures.tally import CHUNK_ROWS, Codes, Flags


class LabelsPerformance(Performance):
    """Accumulates rows of several labels, as `Performance` does those of two classes.

    The tally underneath counts rows on which every label is right against the others; beside it stand the products of
    counts, and a tally of each label against its absence.
    """

    def __init__(self, labels: Sequence[str], dimensions: Sequence[str], eps: float) -> None:
        super().__init__(dimensions, eps)
        self.labels = tuple(labels)
        self._each = [Performance(dimensions, eps) for _ in labels]
        for one in self._each:
            one.groups = self.groups
        self._all = _Products(len(labels))
        self._parts = {name: _Products(len(labels)) for name in dimensions}

    def count(self, truth: Flags, marks: Flags, chances: NDArray[np.floating], codes: Mapping[str, Codes]) -> None:
        """Counts a batch: `truth`, `marks` (rows, labels) which labels a row has and was given, `chances` their scores.

        `codes` as in `Performance.update`. Raises EvidenceError where a score is no probability.
        """
        table = chances.astype(np.float64)
        if not ((table >= 0) & (table <= 1)).all():
            raise EvidenceError(
                "a score of the model is no probability",
                hint="declare `output.link: logistic` where the output holds logits",
            )
        self.update((truth == marks).all(axis=1), np.ones(len(truth), dtype=np.bool_), None, codes)
        for place, one in enumerate(self._each):
            one.update(truth[:, place], marks[:, place], table[:, place], codes)
        for start in range(0, len(truth), CHUNK_ROWS):
            part = slice(start, start + CHUNK_ROWS)
            self._all.add(np.zeros(len(truth[part]), dtype=np.int64), truth[part], marks[part])
            for name, products in self._parts.items():
                products.add(codes[name][part], truth[part], marks[part])

    def overall(self, confidence: float = 0.95, share: float = 1.0) -> dict[str, Interval]:
        """Every metric that is defined over all rows, and those of each label."""
        self._all.grow(1)
        return self._metrics(self._all, 0, [one.overall(confidence, share) for one in self._each], confidence, share)

    def by_group(
        self,
        dimension: str,
        confidence: float = 0.95,
        shares: Shares = MappingProxyType({}),
        metrics: Sequence[str] = (),  # noqa: ARG002  (they cost nothing beside the curves that all of them need)
    ) -> dict[str, dict[str, Interval]]:
        """Every defined metric of each group of a dimension, by the group's value."""
        each = [one.by_group(dimension, confidence, shares, OF_A_CLASS) for one in self._each]
        products, names = self._parts[dimension], self.groups[dimension].names
        return {
            value: self._metrics(
                products, names.index(value), [one[value] for one in each], confidence, shares.get((value,), 1.0)
            )
            for value in self.rows(dimension)
        }

    def _metrics(
        self, products: "_Products", group: int, each: list[dict[str, Interval]], confidence: float, share: float
    ) -> dict[str, Interval]:
        counted = _Counted(products.sums[group], len(self.labels), confidence, share)
        found: dict[str, Interval | None] = counted.over_all()
        if counted.truth.all():
            found["recall_macro"] = counted.macro("recall", each)
            found["f1_macro"] = counted.macro("f1", each)
            if counted.given.all():
                found["precision_macro"] = counted.macro("precision", each)
            if all("roc_auc" in one for one in each):
                found["roc_auc_macro"] = mean_of_same_rows([one["roc_auc"] for one in each], counted.rows)
        metrics = {name: value for name, value in found.items() if value is not None}
        for name in OF_A_CLASS:
            metrics |= {f"{name}:{word}": one[name] for word, one in zip(self.labels, each, strict=True) if name in one}
        return metrics

    def _too_small(self, dimension: str, value: str, metric: str, shares: Shares, least: Least) -> str:
        # The labels of the tally underneath are rows wholly right and others, of which none need be.
        return super()._too_small(dimension, value, metric, shares, Least(least.rows, 0))

    def _why_undefined(self, dimension: str, value: str) -> str:
        code, products = self.groups[dimension].names.index(value), self._parts[dimension]
        if code >= len(products.sums) or not products.sums[code][0, 0]:
            return "every row was left out"
        counted = _Counted(products.sums[code], len(self.labels), 0.95, 1.0)
        for counts, why in ((counted.truth, "no row has"), (counted.given, "no row was given")):
            absent = [word for word, count in zip(self.labels, counts.tolist(), strict=True) if not count]
            if absent:
                return f"{why} the label {absent[0]}"
        return "the metric needs more rows"


class _Products:
    """For each group the sums of products of a row's counts: 1, all labels right, then by label hit, given, true."""

    def __init__(self, labels: int) -> None:
        self.size = 2 + 3 * labels
        self.sums: Floats = np.zeros((0, self.size, self.size))

    def grow(self, groups: int) -> None:
        """Makes room for so many groups."""
        if groups * self.size**2 > MAX_CELLS:
            raise EvidenceError(
                f"{groups} groups of {(self.size - 2) // 3} labels are too many to count",
                hint="give the dimension `bins`",
            )
        if (extra := groups - len(self.sums)) > 0:
            self.sums = np.concatenate([self.sums, np.zeros((extra, self.size, self.size))])

    def add(self, codes: Codes, truth: Flags, marks: Flags) -> None:
        """Counts rows; those with a code below 0 are left out. Whole numbers below 2^53, so exact in any order."""
        right = (truth == marks).all(axis=1)
        table = np.column_stack([np.ones(len(truth)), right, truth & marks, marks, truth]).astype(np.float64)
        for code in np.unique(codes[codes >= 0]).tolist():
            self.grow(code + 1)
            rows = table[codes == code]
            self.sums[code] += rows.T @ rows


class _Counted:
    """What the products of a group say; `share` of its rows are independent cases."""

    def __init__(self, products: Floats, labels: int, confidence: float, share: float) -> None:
        self._products, self._confidence, self._share, self._labels = products, confidence, share, labels
        sums = products[0]
        self.hits, self.given, self.truth = sums[2:].reshape(3, labels)
        self.rows = float(sums[0]) * share

    def over_all(self) -> dict[str, Interval | None]:
        """What is counted over all labels together."""
        hits, given, truth = (float(counts.sum()) for counts in (self.hits, self.given, self.truth))
        cells = float(self._products[0, 0]) * self._labels
        overlap = self._ratio(hits, given + truth - hits, of=(1, 0, 0), by=(-1, 1, 1))
        return {
            "subset_accuracy": wilson(float(self._products[0, 1]) * self._share, self.rows, self._confidence),
            "hamming_loss": self._ratio(
                given + truth - 2 * hits, cells, of=(-2, 1, 1), by=(0, 0, 0), rows=self._labels
            ),
            "precision_micro": self._ratio(hits, given, of=(1, 0, 0), by=(0, 1, 0)),
            "recall_micro": self._ratio(hits, truth, of=(1, 0, 0), by=(0, 0, 1)),
            "f1_micro": f1_of_overlap(overlap) if truth else None,
        }

    def _ratio(
        self, top: float, bottom: float, *, of: tuple[int, int, int], by: tuple[int, int, int], rows: int = 0
    ) -> Interval | None:
        """A share of decisions: Wilson's interval at the number of them that would vary as much if independent.

        `of` and `by` say how often hits, given and true labels count above and below the line, `rows` each row below.
        """
        if bottom <= 0:
            return None
        value = top / bottom
        slope = np.repeat(np.subtract(of, np.multiply(value, by)), self._labels) / bottom
        n = bottom * self._share
        spread = self._variance(np.concatenate([[-value * rows / bottom, 0.0], slope]))
        if 0 < value < 1 and spread > 0:
            n = min(n, value * (1 - value) / spread)
        interval = wilson(value * n, n, self._confidence)
        return interval and replace(interval, value=value, n=min(n, self.rows))

    def _variance(self, slope: Floats) -> float:
        """Variance of what changes with the counts by `slope`, from how rows differ."""
        n = float(self._products[0, 0])
        return max(0.0, float(slope @ self._products @ slope)) * n / max(1.0, n - 1) / self._share

    def macro(self, name: str, each: Sequence[Mapping[str, Interval]]) -> Interval:
        """Mean over the labels, of which each is defined."""
        hits, given, truth, none = self.hits, self.given, self.truth, np.zeros(self._labels)
        if name == "f1":
            both = given + truth
            f1 = 2 * hits / both
            slopes = (2 / both, -f1 / both, -f1 / both)
        elif name == "recall":
            slopes = (1 / truth, none, -hits / truth**2)
        else:
            slopes = (1 / given, -hits / given**2, none)
        half = normal_quantile(self._confidence) * sqrt(
            self._variance(np.concatenate([[0.0, 0.0], *slopes]) / self._labels)
        )
        return replace(widened(mean_of([one[name] for one in each]), half), n=self.rows)
