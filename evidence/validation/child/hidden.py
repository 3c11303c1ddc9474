"""The test of the battery that looks for slices nobody named. Sandboxed child only.

Rows of one case (copies, or a cluster) stay in one half together: else the second half would have been looked at too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evidence.model.predicates.examined import HiddenSlice, SliceSearch
from evidence.validation.catalogue import MEASURES
from evidence.validation.child.counting import count, performance_of
from evidence.validation.child.frame import Frame
from evidence.validation.child.sampling import mixed
from evidence.validation.kinds import BINARY
from evidence.validation.measured import Examined
from evidence.validation.measures.copies import Copies, Keys, Shares
from evidence.validation.measures.hidden import (
    Column,
    Losses,
    Ranks,
    Slice,
    cut_number,
    cut_words,
    exactly,
    search,
    shortfall,
)
from evidence.validation.measures.influence import contributions
from evidence.validation.measures.intervals import Interval
from evidence.validation.measures.performance import Performance
from evidence.validation.measures.tally import Codes, Groups
from evidence.validation.plan.groups import Smallest

if TYPE_CHECKING:
    from evidence.validation.child.battery import Bench

LEAST_ROWS = 30
"""Independent cases of a half that a slice must have."""
GAP = "hidden_slice_gap"
_SHARES = frozenset({"accuracy", "precision", "recall", "specificity", "f1_micro", "interval_coverage"})
_IN, _OUT = "in", "out"


def hidden_slices(bench: "Bench") -> Examined:
    """The slices that half of the rows show as weak, and what the other half says of them."""
    settings = bench.plan.hidden_slices
    assert settings is not None
    metric = settings.metric or bench.plan.plan.primary_metric
    answer = bench.test.answer
    assert answer is not None
    frame = bench.test.take(~answer.abstained)
    searched = _half(frame.cases, bench.plan.seed)
    smallest = bench.plan.smallest or Smallest()
    if min(_cases(frame.cases[searched]), _cases(frame.cases[~searched])) < smallest.run:
        return Examined.silent(f"hidden_slices: fewer than {smallest.run} independent cases in a half of the rows")
    rows = _rows(bench, frame.take(searched), metric, smallest.label)
    if rows is None:
        return Examined.silent(f"hidden_slices: `{metric}` is undefined in the half that is searched")
    columns = [column for column in _columns(bench, frame, searched) if len(column.words) > 1]
    here = [Column(column.name, column.words, column.codes[searched]) for column in columns]
    alike = float(searched.sum()) / _cases(frame.cases[searched])  # rows of a case
    least = int(np.ceil(max(max(LEAST_ROWS, smallest.slice) * alike, settings.smallest_share * searched.sum())))
    found = search(here, rows, least)
    if not found.slices:
        return Examined.silent(f"hidden_slices: no slice of {least} rows in which `{metric}` is defined")
    there = [Column(column.name, column.words, column.codes[~searched]) for column in columns]
    judged = _Judged(bench, frame.take(~searched), metric, [item.rows(there) for item in found.slices])
    return _told(judged, found.slices, there, found.searched, smallest.slice)


def _half(cases: Keys, seed: int) -> NDArray[np.bool_]:
    """Whether a row is one that is searched: by its case, so that copies stay together."""
    return np.asarray(mixed(cases + mixed(np.array([seed], dtype=np.uint64))) & np.uint64(1), dtype=np.bool_)


def _cases(keys: Keys) -> int:
    copies = Copies()
    copies.update(keys, {})
    return copies.effective


def _rows(bench: "Bench", frame: Frame, metric: str, label: int) -> Losses | Ranks | None:
    """The rows as the search takes them; None where the metric is undefined."""
    assert frame.answer is not None
    output = bench.plan.output
    told = contributions(metric, output, frame.labels, frame.answer, bench.model.eps)
    if told is None:
        return None
    if metric == "roc_auc" and output.kind in BINARY:
        return Ranks(frame.labels.astype(np.bool_), frame.answer.scores, label)
    return Losses(-told if MEASURES[metric].better == "more" else told)


def _columns(bench: "Bench", frame: Frame, searched: NDArray[np.bool_]) -> Iterator[Column]:
    """What slices are made of: the dimensions of the plan, and the features that are none of them."""
    for name, codes in frame.groups.items():
        words = bench.names[name]
        yield Column(name, tuple(f"{name} = {word}" for word in words), codes.astype(np.int64))
    numbers = frame.inputs.described()
    for place, name in enumerate(bench.plan.features.described):
        column = cut_number(name, numbers[:, place].astype(np.float64), searched)
        if column and name not in frame.groups:
            yield column
    for name, texts in frame.inputs.texts.items():
        column = cut_words(name, texts)
        if column and name not in frame.groups:
            yield column


class _Judged:
    """The other half: the metric inside and outside each slice, at any level."""

    def __init__(self, bench: "Bench", frame: Frame, metric: str, masks: Sequence[NDArray[np.bool_]]) -> None:
        assert frame.answer is not None
        self.metric = metric
        self.confidence = bench.plan.confidence
        self.masks = masks
        names = [str(place) for place in range(len(masks))]
        self._performance: Performance = performance_of(bench.plan.output, names, bench.model.eps)
        self._copies = Copies(names)
        count(self._performance, bench.plan.output, frame.labels, frame.answer, _sides(self._performance.groups, masks))
        self._copies.update(frame.cases, _sides(self._copies.groups, masks))
        self._shares: dict[str, Shares] = {name: self._copies.shares(name) for name in names}

    def at(self, place: int, confidence: float) -> tuple[Interval, Interval] | None:
        """The metric in a slice and in the other rows; None where it is undefined in one."""
        name = str(place)
        told = self._performance.by_group(name, confidence, self._shares[name], [self.metric])
        parts = [told.get(side, {}).get(self.metric) for side in (_IN, _OUT)]
        if parts[0] is None or parts[1] is None:
            return None
        inside, outside = (exactly(part) if self.metric in _SHARES else part for part in parts if part)
        return inside, outside

    def gap(self, place: int, confidence: float) -> Interval | None:
        """By how much a slice is worse than the other rows."""
        both = self.at(place, confidence)
        return both and shortfall(*both, MEASURES[self.metric].better)


def _sides(groups: Mapping[str, Groups], masks: Sequence[NDArray[np.bool_]]) -> dict[str, Codes]:
    """The side of each slice that a row is on, as an accumulator knows it."""
    return {
        name: known.encode([_IN, _OUT], np.where(mask, 0, 1))
        for (name, known), mask in zip(groups.items(), masks, strict=True)
    }


def _told(judged: _Judged, slices: Sequence[Slice], columns: Sequence[Column], searched: int, least: int) -> Examined:
    """The confirmed slices and the number that a plan may limit.

    Its upper end is that of every slice that was tried: where the rows are too few to confirm one, they are too few to
    rule it out too.
    """
    gaps: dict[int, Interval] = {}
    for place in range(len(slices)):
        both = judged.at(place, judged.confidence)
        if both is not None and both[0].n >= least:
            gaps[place] = shortfall(*both, MEASURES[judged.metric].better)
    if not gaps:
        return Examined.silent(
            f"hidden_slices: `{judged.metric}` is undefined in each slice of the other half, or its cases are few"
        )
    confirmed = sorted(_confirmed(judged, gaps), key=lambda place: -gaps[place].value)
    worst = gaps[confirmed[0]] if confirmed else replace(next(iter(gaps.values())), value=0.0, low=0.0)
    upper = max(gaps.values(), key=lambda gap: gap.high)
    number = replace(worst, low=max(0.0, worst.low), high=max(worst.value, upper.high), n=upper.n)
    told = []
    for place in confirmed:
        both = judged.at(place, judged.confidence)
        assert both is not None
        told.append(
            HiddenSlice(
                conditions=slices[place].says(columns),
                n=int(judged.masks[place].sum()),
                metric=both[0].recorded(),
                rest=both[1].recorded(),
                shortfall=gaps[place].recorded(),
            )
        )
    return Examined(
        numbers={GAP: number.recorded()},
        hidden_slices=SliceSearch(metric=judged.metric, searched=searched, tried=len(gaps), confirmed=tuple(told)),
    )


def _confirmed(judged: _Judged, gaps: dict[int, Interval]) -> Iterator[int]:
    """The slices that are worse for sure, by Holm: the clearest first, each at the level that those left ask for."""
    doubt = 1 - judged.confidence
    order = sorted(gaps, key=lambda place: -gaps[place].value / max(gaps[place].value - gaps[place].low, 1e-300))
    for rank, place in enumerate(order):
        gap = judged.gap(place, 1 - doubt / (len(order) - rank))
        if gap is None or gap.low <= 0:
            return
        yield place
