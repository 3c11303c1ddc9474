"""Group fairness of outputs or of training labels, from counts of group × label × prediction.

Here "positive" is the *favourable* class, the one that a person wants to get: a selection is a favourable prediction
(or label), a false negative an unfavourable answer to a person with the favourable label. Definitions are fairlearn's.

Bounds of gaps and ratios are told in `extremes`: two-sided as printed, and at the end that policies judge as seldom
wrong as one pair of groups is. A gap or ratio that is undefined (one group only, a group without the label, nobody
selected) is absent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.model.groups import escaped
from evidence.model.predicates.validation import FairnessAudit
from evidence.model.predicates.values import ActionItem, MetricEstimate
from evidence.validation.measures.copies import Copies
from evidence.validation.measures.extremes import Rates, larger_gap
from evidence.validation.measures.intervals import Counts, Floats, Interval, wilson
from evidence.validation.measures.tally import Codes, Groups, flags_of

MAX_CELLS = 1024
"""Combinations of one intersection, so that their pairs stay under 100 MB."""

Audited = Literal["model-outputs", "training-labels"]
Measure = Literal["parity_difference", "odds_difference", "impact_ratio"]


@dataclass(frozen=True)
class Audit:
    """Result of an audit, not rounded; groups are `attribute=value` or `a=x&b=y`, gaps stand by `attribute` or `a&b`.

    In a group's name `%`, `&` and `=` of a value are percent-encoded, so that no value can pose as another group.
    """

    audited: Audited
    attributes: tuple[str, ...]
    intersections: tuple[str, ...]
    group_sizes: dict[str, int]
    effective_sizes: dict[str, int]
    unknown_count: int
    group_metrics: dict[str, dict[str, Interval]]
    parity_difference: dict[str, Interval]
    parity_ratio: dict[str, Interval]
    odds_difference: dict[str, Interval]
    opportunity_difference: dict[str, Interval]
    impact_ratio: dict[str, Interval]

    def predicate(
        self,
        *,
        artifact_digest: str,
        dataset_digest: str,
        binding_measures: Sequence[Measure],
        mitigation: Sequence[ActionItem] = (),
        excluded: int = 0,
    ) -> FairnessAudit:
        """The `fairness-audit` content; `excluded` rows were left out of every number (an abstaining model, say)."""

        def recorded(values: Mapping[str, Interval]) -> dict[str, MetricEstimate]:
            return {name: value.recorded(excluded) for name, value in values.items()}

        return FairnessAudit(
            artifact_digest=artifact_digest,
            dataset_digest=dataset_digest,
            audited=self.audited,
            attributes=self.attributes,
            intersections=self.intersections,
            group_sizes=self.group_sizes,
            effective_group_sizes=self.effective_sizes,
            unknown_count=self.unknown_count,
            group_metrics={group: recorded(metrics) for group, metrics in self.group_metrics.items()},
            parity_difference=recorded(self.parity_difference),
            odds_difference=recorded(self.odds_difference),
            parity_ratio=recorded(self.parity_ratio),
            opportunity_difference=recorded(self.opportunity_difference),
            impact_ratio=recorded(self.impact_ratio),
            binding_measures=tuple(binding_measures),
            mitigation=tuple(mitigation),
        )


class Fairness:
    """Accumulates rows for an audit of `attributes` and of `intersections`, sets of them."""

    def __init__(
        self, attributes: Sequence[str], intersections: Sequence[Sequence[str]] = (), *, audited: Audited
    ) -> None:
        self.audited: Audited = audited
        self.groups = {name: Groups(name) for name in attributes}
        self.unknown_count = 0
        self._intersections = tuple("&".join(names) for names in intersections)
        crossed = [(name,) for name in attributes] + [tuple(names) for names in intersections]
        self._crossings = {"&".join(names): _Crossing(names) for names in crossed}

    def update(
        self,
        labels: NDArray[np.generic],
        codes: Mapping[str, Codes],
        predictions: NDArray[np.generic] | None = None,
    ) -> None:
        """Counts a batch: `labels` and `predictions` (rows,) true where favourable; `codes` the groups of each row.

        `codes[attribute]` comes from `groups[attribute].encode`, below 0 where unknown. An audit of training labels
        takes no predictions. Raises EvidenceError where predictions are missing, or given and not asked for.
        """
        if (predictions is None) != (self.audited == "training-labels"):
            raise EvidenceError("an audit of model outputs needs predictions, one of training labels takes none")
        truth = flags_of(labels)
        cell = 2 * truth.astype(np.int64) + (truth if predictions is None else flags_of(predictions))
        unknown = np.zeros(len(cell), dtype=np.bool_)
        for name in self.groups:
            unknown |= codes[name] < 0
        self.unknown_count += int(unknown.sum())
        for crossing in self._crossings.values():
            crossing.add([codes[name] for name in crossing.names], cell)

    def merge(self, other: "Fairness") -> None:
        """Adds what another accumulator for the same audit has counted."""
        self.unknown_count += other.unknown_count
        recode = {
            name: np.array([mine.code(value) for value in other.groups[name].names], dtype=np.int64)
            for name, mine in self.groups.items()
        }
        for key, crossing in self._crossings.items():
            crossing.merge(other._crossings[key], [recode[name] for name in crossing.names])

    def result(self, *, confidence: float = 0.95, copies: Copies | None = None) -> Audit:
        """The audit of what was counted, in whatever order rows came.

        `copies` says which of the rows are the same row; without it each is a case of its own.
        """
        audit = Audit(
            self.audited, tuple(self.groups), self._intersections, {}, {}, self.unknown_count, {}, {}, {}, {}, {}, {}
        )
        for key, crossing in self._crossings.items():
            shares = copies.shares(*crossing.names) if copies else {}
            counts: dict[str, Floats] = {}
            for group, (values, cells) in crossing.by_name(self.groups).items():
                audit.group_sizes[group] = int(cells.sum())
                counts[group] = np.asarray(cells * shares.get(values, 1.0), dtype=np.float64)
                audit.effective_sizes[group] = int(counts[group].sum() + 1e-6)
            for group, scaled in counts.items():
                audit.group_metrics[group] = _group_metrics(scaled, self.audited, confidence)
            if len(counts) > 1:
                _compare(audit, key, counts, confidence)
        return audit


class _Crossing:
    """Counts of one attribute or of a combination of several: (values of each attribute…, label, prediction)."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.table: Counts = np.zeros((0,) * len(names) + (4,), dtype=np.int64)

    def add(self, codes: Sequence[Codes], cell: Codes) -> None:
        """Counts rows; those with an unknown attribute are left out."""
        known = np.logical_and.reduce([code >= 0 for code in codes])
        kept = [code[known] for code in codes]
        if not known.any():
            return
        self._grow([int(code.max()) + 1 for code in kept])
        place = np.ravel_multi_index((*kept, cell[known]), self.table.shape)
        self.table += np.bincount(place, minlength=self.table.size).reshape(self.table.shape)

    def _grow(self, sizes: Sequence[int]) -> None:
        wanted = [max(size, have) for size, have in zip(sizes, self.table.shape[:-1], strict=True)]
        if int(np.prod(wanted)) > MAX_CELLS:
            raise EvidenceError(
                f"`{'&'.join(self.names)}` makes more than {MAX_CELLS} groups", hint="give an attribute `bins`"
            )
        self.table = np.pad(
            self.table, [(0, size - have) for size, have in zip([*wanted, 4], self.table.shape, strict=True)]
        )

    def merge(self, other: "_Crossing", recode: Sequence[Codes]) -> None:
        """Adds another table; `recode` maps the codes of its attributes to those of this one."""
        if other.table.size == 0:
            return
        used = [codes[:size] for codes, size in zip(recode, other.table.shape[:-1], strict=True)]
        self._grow([int(codes.max()) + 1 for codes in used])
        self.table[np.ix_(*used, np.arange(4))] += other.table

    def by_name(self, groups: Mapping[str, Groups]) -> dict[str, tuple[tuple[str, ...], Counts]]:
        """Values and counts (label, prediction) of each group that has rows, by its name, names sorted."""
        found = {}
        for place in np.argwhere(self.table.any(axis=-1)):
            values = tuple(groups[name].names[code] for name, code in zip(self.names, place, strict=True))
            found[group_name(self.names, values)] = values, self.table[tuple(place)].reshape(2, 2)
        return dict(sorted(found.items()))


def group_name(names: Sequence[str], values: Sequence[str]) -> str:
    """`a=x&b=y` of attributes and values; no value can pose as another group."""
    return "&".join(f"{name}={escaped(value)}" for name, value in zip(names, values, strict=True))


def _group_metrics(cells: Floats, audited: Audited, confidence: float) -> dict[str, Interval]:
    """Rates of one group with Wilson intervals; undefined ones are absent."""
    (tn, fp), (fn, tp) = cells.tolist()
    n = tp + fp + fn + tn
    found = {"selection_rate": wilson(tp + fp, n, confidence)}
    if audited == "model-outputs":
        found |= {
            "base_rate": wilson(tp + fn, n, confidence),
            "accuracy": wilson(tp + tn, n, confidence),
            "true_positive_rate": wilson(tp, tp + fn, confidence),
            "false_positive_rate": wilson(fp, fp + tn, confidence),
            "false_negative_rate": wilson(fn, tp + fn, confidence),
            "true_negative_rate": wilson(tn, fp + tn, confidence),
            "precision": wilson(tp, tp + fp, confidence),
        }
    return {name: value for name, value in found.items() if value is not None}


def _compare(audit: Audit, key: str, groups: Mapping[str, Floats], confidence: float) -> None:
    """Adds the gaps and ratios between the groups of one attribute to an audit."""
    counts = np.stack(list(groups.values()))
    sizes = counts.sum(axis=(1, 2))
    selection = Rates(counts[:, :, 1].sum(axis=1), sizes, confidence)
    audit.parity_difference[key] = selection.gap()
    if selection.value.max() > 0:
        for group, ratio in zip(groups, selection.ratios(sizes), strict=True):
            audit.impact_ratio[group] = ratio
        audit.parity_ratio[key] = selection.lowest_ratio()
    if audit.audited == "training-labels":
        return
    alarms, hits = (Rates(counts[:, label, 1], counts[:, label].sum(axis=1), confidence) for label in (0, 1))
    if hits.defined:
        audit.opportunity_difference[key] = hits.gap()
    if hits.defined and alarms.defined:
        audit.odds_difference[key] = larger_gap(hits, alarms)
