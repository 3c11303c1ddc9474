"""Fairness of a ranking to the groups of its items: how much each is seen.

The exposure of an item is what its place is worth, 1 / log2(1 + rank), ties shared out; told is that of each group as a
multiple of the mean of the list, so that long and short lists count alike and 1 is an even share. `exposure_ratio` is
that of the group which is seen least to that which is seen most, `exposure_difference` their distance. Only lists count
that hold two groups or more: a list of one group has nothing to share out, and would dilute what others do. Of training
labels it is the exposure in the ideal order, by relevance.
Source: A. Singh and T. Joachims, Fairness of exposure in rankings, KDD 2018 (demographic parity of exposure).
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import exp, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evidence.model.errors import EvidenceError
from evidence.model.predicates.validation import FairnessAudit
from evidence.model.predicates.values import ActionItem, MetricEstimate
from evidence.validation.measures.fairness import MAX_CELLS, Audited, group_name
from evidence.validation.measures.intervals import Floats, Interval
from evidence.validation.measures.lists import Columns, Keys, Lists, Whole
from evidence.validation.measures.tally import Codes, Groups
from evidence.validation.measures.values import Amount


class ExposureFairness:
    """Accumulates items for an audit of `attributes` and of `intersections`, sets of them. 30 bytes each."""

    def __init__(
        self, attributes: Sequence[str], intersections: Sequence[Sequence[str]] = (), *, audited: Audited
    ) -> None:
        self.audited: Audited = audited
        self.groups = {name: Groups(name) for name in attributes}
        self.unknown_count = 0
        self._intersections = tuple(tuple(names) for names in intersections)
        self._items = Columns()

    def update(
        self, query: Keys, cluster: Keys, grades: Floats, codes: Mapping[str, Codes], scores: Floats | None = None
    ) -> None:
        """Counts a batch: (items,) each; `codes` the groups, below 0 where unknown. Labels come without scores."""
        unknown = np.zeros(len(query), dtype=np.bool_)
        for name in self.groups:
            unknown |= codes[name] < 0
        self.unknown_count += int(unknown.sum())
        groups = {f"group {name}": codes[name].astype(np.int32) for name in self.groups}
        self._items.add(
            query=query, cluster=cluster, grade=grades, score=grades if scores is None else scores, **groups
        )

    def gaps(self, confidence: float = 0.95) -> dict[str, tuple[Interval, Interval]]:
        """Ratio and difference of the exposures by each attribute, where every group has cases enough."""
        seen = {name: _Seen.of(self._items.take(), (name,), self.groups).apart(confidence) for name in self.groups}
        return {name: apart for name, apart in seen.items() if apart is not None}

    def audit(
        self,
        *,
        artifact_digest: str,
        dataset_digest: str,
        binding_gaps: Sequence[str],
        mitigation: Sequence[ActionItem] = (),
        excluded: int = 0,
        confidence: float = 0.95,
    ) -> FairnessAudit:
        """The `fairness-audit` content of what was counted."""
        sizes: dict[str, int] = {}
        effective: dict[str, int] = {}
        metrics: dict[str, dict[str, MetricEstimate]] = {}
        ratios: dict[str, MetricEstimate] = {}
        differences: dict[str, MetricEstimate] = {}
        items = self._items.take()
        for names in [*((name,) for name in self.groups), *self._intersections]:
            found = _Seen.of(items, names, self.groups)
            for place, values in enumerate(found.values):
                name = group_name(names, values)
                sizes[name], effective[name] = int(found.rows[place]), int(found.cases(place))
                told = {"exposure": found.exposure(place, confidence), "relevance": found.relevance(place, confidence)}
                metrics[name] = {key: value.recorded(excluded) for key, value in told.items() if value is not None}
            if (apart := found.apart(confidence)) is not None:
                ratio, difference = apart
                ratios["&".join(names)] = ratio.recorded(excluded)
                differences["&".join(names)] = difference.recorded(excluded)
        return FairnessAudit(
            artifact_digest=artifact_digest,
            dataset_digest=dataset_digest,
            audited=self.audited,
            attributes=tuple(self.groups),
            intersections=tuple("&".join(names) for names in self._intersections),
            group_sizes=sizes,
            effective_group_sizes=effective,
            unknown_count=self.unknown_count,
            group_metrics=metrics,
            parity_difference={},
            odds_difference={},
            impact_ratio={},
            exposure_ratio=ratios,
            exposure_difference=differences,
            binding_measures=(),
            binding_gaps=tuple(binding_gaps),  # type: ignore[arg-type]
            mitigation=tuple(mitigation),
        )


class _Seen:
    """Sums by group and case: items, their exposure as a multiple of their list's mean, and their relevance.

    Of `items`, `seen` and `grades` (groups, cases) only lists with two groups or more count; `rows` counts every item.
    """

    def __init__(self, values: Sequence[tuple[str, ...]], rows: Whole, tables: Sequence[Floats]) -> None:
        self.values = list(values)
        self.rows = rows
        self._items, self._seen, self._grades = tables

    @classmethod
    def of(cls, items: Mapping[str, NDArray[Any]], names: Sequence[str], groups: Mapping[str, Groups]) -> "_Seen":
        """The sums of the groups that these attributes make together."""
        if not items:
            return cls((), np.zeros(0, dtype=np.int64), [np.zeros((0, 0))] * 3)
        lists = Lists.by(items["query"], items["score"])
        codes = np.stack([items[f"group {name}"][lists.order] for name in names])
        known = (codes >= 0).all(axis=0)
        cells, place = np.unique(codes[:, known], axis=1, return_inverse=True)
        if cells.shape[1] > MAX_CELLS:
            raise EvidenceError(
                f"`{'&'.join(names)}` makes more than {MAX_CELLS} groups", hint="give an attribute `bins`"
            )
        group, of = place.reshape(-1).astype(np.int64), lists.of[known]
        worth = lists.shared(lists.discounts())
        relative = (worth * lists.sizes[lists.of] / lists.sums(worth)[lists.of])[known]
        mixed = np.bincount(np.unique(of * (cells.shape[1] + 1) + group) // (cells.shape[1] + 1), minlength=lists.count)
        counted = mixed[of] > 1
        cluster = items["cluster"][lists.order][known]
        case = np.unique(cluster, return_inverse=True)[1].reshape(-1)
        grades = items["grade"][lists.order][known]
        size = int(case.max(initial=-1)) + 1
        at = group[counted] * max(1, size) + case[counted]

        def table(numbers: Floats) -> Floats:
            sums = np.bincount(at, weights=numbers[counted], minlength=cells.shape[1] * max(1, size))
            return np.asarray(sums, dtype=np.float64).reshape(cells.shape[1], max(1, size))

        values = [
            tuple(groups[name].names[code] for name, code in zip(names, column, strict=True))
            for column in cells.T.tolist()
        ]
        rows: Whole = np.bincount(group, minlength=cells.shape[1])
        return cls(values, rows, [table(np.ones(len(group))), table(relative), table(grades)])

    def cases(self, place: int) -> float:
        """Independent queries in which the group stands beside another."""
        return float((self._items[place] > 0).sum())

    def _mean(self, sums: Floats, place: int) -> tuple[float, Floats] | None:
        """A mean over the items of a group, and how each case moves it; None with fewer than two cases."""
        total = float(self._items[place].sum())
        if self.cases(place) < 2:
            return None
        mean = float(sums[place].sum()) / total
        return mean, (sums[place] - mean * self._items[place]) / total

    def exposure(self, place: int, confidence: float) -> Interval | None:
        """Mean exposure of the items of a group, 1 being that of their lists."""
        return self._interval(self._mean(self._seen, place), self.cases(place), confidence)

    def relevance(self, place: int, confidence: float) -> Interval | None:
        """Mean relevance of the items of a group, in the lists that count."""
        return self._interval(self._mean(self._grades, place), self.cases(place), confidence)

    def _interval(self, mean: tuple[float, Floats] | None, cases: float, confidence: float) -> Interval | None:
        if mean is None:
            return None
        value, moves = mean
        half = _reach(cases, confidence) * sqrt(cases / (cases - 1) * float((moves**2).sum()))
        return Amount(value, value - half, value + half, cases, confidence)

    def apart(self, confidence: float) -> tuple[Interval, Interval] | None:
        """Ratio and difference of the groups that are seen least and most; None where a group has too few cases.

        As in `gaps.largest_gap` the worse end is the worst of the pairs' own, and the better end allows for all pairs.
        The cases of a pair move both means at once, so that what they share cancels (delta method).
        """
        means = [self._mean(self._seen, place) for place in range(len(self.values))]
        if len(means) < 2 or any(mean is None or mean[0] <= 0 for mean in means):
            return None
        shared = 1 - (1 - confidence) / (len(means) * (len(means) - 1) / 2)
        ratio, ratio_low, ratio_high = 1.0, 1.0, 1.0
        gap = gap_low = gap_high = 0.0
        for (one, first), (two, second) in combinations(enumerate(mean for mean in means if mean is not None), 2):
            cases = min(self.cases(one), self.cases(two))
            wide, wider = _reach(cases, confidence), _reach(cases, shared)
            scale = cases / (cases - 1)
            log = abs(float(np.log(first[0] / second[0])))
            of_log = sqrt(scale * float(((first[1] / first[0] - second[1] / second[0]) ** 2).sum()))
            apart, of_gap = abs(first[0] - second[0]), sqrt(scale * float(((first[1] - second[1]) ** 2).sum()))
            ratio, ratio_low = min(ratio, exp(-log)), min(ratio_low, exp(-log - wide * of_log))
            ratio_high = min(ratio_high, exp(-log + wider * of_log))
            gap, gap_high = max(gap, apart), max(gap_high, apart + wide * of_gap)
            gap_low = max(gap_low, apart - wider * of_gap)
        n = min(self.cases(place) for place in range(len(self.values)))
        return (
            Interval(ratio, ratio_low, min(1.0, max(ratio, ratio_high)), n, confidence),
            Amount(gap, min(gap_low, gap), gap_high, n, confidence),
        )


def _reach(cases: float, confidence: float) -> float:
    return float(special.stdtrit(cases - 1, (1 + confidence) / 2))
