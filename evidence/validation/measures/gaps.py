"""Group fairness of answers that are numbers: how far the means and the errors of the groups lie apart.

`mean_difference` is the largest difference of the mean answer (of training labels: of the mean label) between two
groups, `error_difference` that of the mean absolute error; both in the unit of the target.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import hypot, sqrt

import numpy as np
from scipy import special

from evidence.model.errors import EvidenceError
from evidence.model.predicates.validation import FairnessAudit
from evidence.model.predicates.values import ActionItem, MetricEstimate
from evidence.validation.measures.copies import Copies
from evidence.validation.measures.fairness import MAX_CELLS, Audited, group_name
from evidence.validation.measures.intervals import Floats, Interval
from evidence.validation.measures.sums import Sums
from evidence.validation.measures.tally import Codes, Groups
from evidence.validation.measures.values import Amount, positive_mean

_COLUMNS = ("value", "value2", "absolute", "error", "error2")
"""Summed of each group: what was answered (of labels: the label) less a value of it, errors, and their squares."""


class ValueFairness:
    """Accumulates rows for an audit of `attributes` and of `intersections`, sets of them."""

    def __init__(
        self, attributes: Sequence[str], intersections: Sequence[Sequence[str]] = (), *, audited: Audited
    ) -> None:
        self.audited: Audited = audited
        self.groups = {name: Groups(name) for name in attributes}
        self.unknown_count = 0
        self._intersections = tuple("&".join(names) for names in intersections)
        self._crossings = [_Crossing((name,)) for name in attributes] + [_Crossing(tuple(n)) for n in intersections]
        self._shift: float | None = None

    def update(self, labels: Floats, codes: Mapping[str, Codes], answers: Floats | None = None) -> None:
        """Counts a batch: `labels` and `answers` (rows,); `codes` the groups of each row, below 0 where unknown.

        An audit of training labels takes no answers; rows without an answer (NaN) count in no mean.
        """
        values = labels if answers is None else answers
        told = np.isfinite(values)
        if self._shift is None and told.any():
            self._shift = float(values[told][0])
        moved, error = values - (self._shift or 0.0), labels - values
        table = np.column_stack([moved, moved**2, np.abs(error), error, error**2])
        unknown = np.zeros(len(labels), dtype=np.bool_)
        for name in self.groups:
            unknown |= codes[name] < 0
        self.unknown_count += int(unknown.sum())
        for crossing in self._crossings:
            crossing.add([codes[name][told] for name in crossing.names], table[told])

    def audit(
        self,
        *,
        artifact_digest: str,
        dataset_digest: str,
        binding_gaps: Sequence[str],
        mitigation: Sequence[ActionItem] = (),
        excluded: int = 0,
        confidence: float = 0.95,
        copies: Copies | None = None,
    ) -> FairnessAudit:
        """The `fairness-audit` content of what was counted; `copies` says which of the rows are the same row."""
        sizes: dict[str, int] = {}
        effective: dict[str, int] = {}
        metrics: dict[str, dict[str, MetricEstimate]] = {}
        gaps: dict[str, dict[str, MetricEstimate]] = {"value": {}, "absolute": {}}
        for crossing in self._crossings:
            shares = copies.shares(*crossing.names) if copies else {}
            scaled: dict[str, dict[str, float]] = {}
            for values, rows, sums in crossing.groups(self.groups):
                name, share = group_name(crossing.names, values), shares.get(values, 1.0)
                scaled[name] = dict(zip(_COLUMNS, (sums * share).tolist(), strict=True)) | {"n": rows * share}
                sizes[name], effective[name] = rows, int(rows * share + 1e-6)
                metrics[name] = {
                    key: value.recorded(excluded) for key, value in self._means(scaled[name], confidence).items()
                }
            for column, square in (("value", "value2"), ("absolute", "error2")):
                gap = largest_gap([(g[column], g[square], g["n"]) for g in scaled.values()], confidence)
                if gap is not None:
                    gaps[column]["&".join(crossing.names)] = gap.recorded(excluded)
        return FairnessAudit(
            artifact_digest=artifact_digest,
            dataset_digest=dataset_digest,
            audited=self.audited,
            attributes=tuple(self.groups),
            intersections=self._intersections,
            group_sizes=sizes,
            effective_group_sizes=effective,
            unknown_count=self.unknown_count,
            group_metrics=metrics,
            parity_difference={},
            odds_difference={},
            impact_ratio={},
            mean_difference=gaps["value"],
            error_difference=gaps["absolute"] if self.audited == "model-outputs" else {},
            binding_measures=(),
            binding_gaps=tuple(binding_gaps),  # type: ignore[arg-type]
            mitigation=tuple(mitigation),
        )

    def _means(self, total: Mapping[str, float], confidence: float) -> dict[str, Interval]:
        """Mean answer, mean error and mean absolute error of a group; of labels the mean label."""
        n, shift = total["n"], self._shift or 0.0
        outputs = self.audited == "model-outputs"
        found = {
            "mean_answer" if outputs else "mean_label": _mean(total["value"], total["value2"], n, confidence, shift)
        }
        if outputs:
            found["mean_error"] = _mean(total["error"], total["error2"], n, confidence)
            found["mae"] = positive_mean(total["absolute"], total["error2"], n, confidence)
        return {name: value for name, value in found.items() if value is not None}


class _Crossing:
    """Rows and sums of each group of an attribute, or of each combination of several."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self._places: dict[tuple[int, ...], int] = {}
        self._rows = Sums(1)
        self._sums = Sums(len(_COLUMNS))

    def add(self, codes: Sequence[Codes], table: Floats) -> None:
        """Counts rows; those with an unknown attribute are left out."""
        known = np.logical_and.reduce([code >= 0 for code in codes])
        if not known.any():
            return
        found, inverse = np.unique(np.stack([code[known] for code in codes]), axis=1, return_inverse=True)
        places = []
        for combination in map(tuple, found.T.tolist()):
            places.append(self._places.setdefault(combination, len(self._places)))
        if len(self._places) > MAX_CELLS:
            raise EvidenceError(
                f"`{'&'.join(self.names)}` makes more than {MAX_CELLS} groups", hint="give an attribute `bins`"
            )
        group = np.asarray(places, dtype=np.int64)[inverse.reshape(-1)]
        self._rows.add(group, np.ones((len(group), 1)))
        self._sums.add(group, table[known])

    def groups(self, known: Mapping[str, Groups]) -> list[tuple[tuple[str, ...], int, Floats]]:
        """Values, rows and sums of each group, by its values."""
        found = []
        for codes, place in self._places.items():
            values = tuple(known[name].names[code] for name, code in zip(self.names, codes, strict=True))
            found.append((values, int(self._rows.of(place)[0]), self._sums.of(place)))
        return sorted(found, key=lambda item: item[0])


def _mean(total: float, squares: float, n: float, confidence: float, shift: float = 0.0) -> Amount | None:
    """Student's interval of a mean of numbers of any sign, told about `shift`."""
    if n < 2:
        return None
    mean = total / n
    half = float(special.stdtrit(n - 1, (1 + confidence) / 2)) * sqrt(max(0.0, squares / n - mean**2) / (n - 1))
    return Amount(shift + mean, shift + mean - half, shift + mean + half, n, confidence)


def largest_gap(groups: Sequence[tuple[float, float, float]], confidence: float = 0.95) -> Amount | None:
    """Largest difference of two groups' means, from sum, sum of squares and number of each; None below two groups.

    Of every pair the ends are recovered from both means' intervals (`intervals.half_sum` has the source). The upper end
    is the largest of the pairs' at `confidence`: that of the pair which truly lies furthest apart among them. The lower
    end, the largest of the pairs' at a level shared out among them (C. E. Bonferroni), is 0 where none lies apart.
    A group with one row alone has no interval, and so makes the gap one that nobody knows: None.
    """
    if len(groups) < 2 or any(n < 2 for _, _, n in groups):
        return None
    pairs = len(groups) * (len(groups) - 1) // 2
    shared = 1 - (1 - confidence) / pairs
    wide = [(mean.value, mean.high - mean.value) for group in groups if (mean := _mean(*group, confidence))]
    wider = [mean.high - mean.value for group in groups if (mean := _mean(*group, shared))]
    value = high = low = 0.0
    for one, two in combinations(range(len(groups)), 2):
        (first, half), (second, other) = wide[one], wide[two]
        apart = abs(first - second)
        value = max(value, apart)
        high = max(high, apart + hypot(half, other))
        low = max(low, apart - hypot(wider[one], wider[two]))
    return Amount(value, min(low, value), high, sum(n for _, _, n in groups), confidence)
