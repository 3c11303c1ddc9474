"""How far the model's own doubt can be trusted: prediction sets by group, and the risk-coverage curve. Child only."""

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from evidence.model.predicates.values import MetricEstimate
from evidence.validation.child.frame import Frame
from evidence.validation.child.identity import row_keys
from evidence.validation.child.sampling import mixed
from evidence.validation.kinds import SCORED, SEVERAL
from evidence.validation.measured import Examined, RiskPoint
from evidence.validation.measures.conformal import coverage, strangeness, threshold
from evidence.validation.measures.intervals import Floats, Interval, mean_interval, order_statistic
from evidence.validation.measures.selective import risk_coverage
from evidence.validation.measures.tally import Codes, Flags
from evidence.validation.measures.values import Amount
from evidence.validation.plan.groups import Smallest

if TYPE_CHECKING:
    from evidence.validation.child.battery import Bench

COVERAGE, SIZE, AREA = "set_coverage", "set_size", "risk_coverage_area"
LEVEL = 0.9
"""Share of cases that a prediction set is to hold where the plan does not say."""


@dataclass(frozen=True)
class _Sets:
    """Rows that were looked at, whether the set of each holds the truth, and the mean size of the sets."""

    frame: Frame
    held: Flags
    size: Interval | None
    method: str


def uncertainty(bench: "Bench") -> Examined:
    """Coverage of the prediction sets over all and by group, their size, and the area under the risk-coverage curve."""
    plan, frame = bench.plan, bench.test
    assert plan.uncertainty is not None
    assert frame.answer is not None
    frame = frame.take(~frame.answer.abstained)
    least = plan.smallest or Smallest()
    if (cases := int(len(frame) * bench.share + 1e-6)) < least.run:
        why = f"{cases} independent cases, fewer than {least.run}"
        return Examined(gaps=dict.fromkeys((COVERAGE, SIZE, AREA), why))
    numbers: dict[str, MetricEstimate] = {}
    gaps: dict[str, str] = {}
    curve = None
    sets = _sets(bench, frame)
    if isinstance(sets, str):
        gaps |= {COVERAGE: sets, SIZE: sets}
    else:
        found, absent = _by_group(bench, sets)
        numbers |= found
        gaps |= absent
        if sets.size is not None:
            numbers[SIZE] = sets.size.recorded(len(bench.test) - len(frame))
    if plan.output.kind in SCORED:
        sure, wrong = _decided(bench, frame)
        told = risk_coverage(sure, wrong, share=bench.share, confidence=plan.confidence, seed=plan.seed)
        assert told is not None
        numbers[AREA] = told.area.recorded(len(bench.test) - len(frame))
        curve = tuple(RiskPoint(coverage=round(at, 6), risk=risk.recorded()) for at, risk in told.curve)
    return Examined(numbers=numbers, gaps=gaps, risk_coverage=curve)


def _by_group(bench: "Bench", sets: _Sets) -> tuple[dict[str, MetricEstimate], dict[str, str]]:
    """Coverage over all rows and in each group; and which groups are too small."""
    plan, least = bench.plan, (bench.plan.smallest or Smallest()).slice
    assert plan.uncertainty is not None
    parts = [(COVERAGE, np.ones(len(sets.frame), dtype=np.bool_))]
    for name in plan.uncertainty.groups or plan.audited:
        words = bench.names[name]
        every = np.unique(bench.test.groups[name]).tolist()
        known = sorted((words[code], code) for code in every if code >= 0)
        parts += [(f"{COVERAGE}:{name}={word}", sets.frame.groups[name] == code) for word, code in known]
    numbers, gaps = {}, {}
    for test, rows in parts:
        cases = int(int(rows.sum()) * bench.share + 1e-6)
        found = coverage(sets.held[rows], bench.share, plan.confidence)
        if found is None or cases < least:
            gaps[test] = f"{cases} independent cases that none of the sets were made from, fewer than {least}"
        else:
            told = Interval(found.value, found.low, found.high, found.n, found.confidence, sets.method)
            numbers[test] = told.recorded()
    return numbers, gaps


def _sets(bench: "Bench", frame: Frame) -> _Sets | str:
    """The prediction sets of the rows: the model's own, or conformal ones of one half made from the other half.

    Rows that are copies of each other lie in one half.
    """
    plan = bench.plan
    assert plan.uncertainty is not None
    assert frame.answer is not None
    low, high = frame.answer.low, frame.answer.high
    if low is not None and high is not None:
        held = (low <= frame.labels) & (frame.labels <= high)
        return _Sets(frame, held, None, "the-models-own-interval")  # whose width is the metric interval_width
    level = plan.uncertainty.level or LEVEL
    first = (mixed(row_keys(frame.inputs) + np.uint64(plan.seed)) & np.uint64(1)).astype(np.bool_)
    learnt, rest = frame.take(first), frame.take(~first)
    strange = _strange(bench, learnt)
    limit, needed = threshold(strange, level), ceil(1 / (1 - level))
    if limit is None or len(learnt) * bench.share < needed:
        return f"{int(len(learnt) * bench.share)} independent cases to calibrate on, fewer than {needed}"
    held = _strange(bench, rest) <= limit
    n, confidence = len(rest) * bench.share, plan.confidence
    if plan.output.kind not in SCORED:
        width = order_statistic(strange, level, confidence)
        assert width is not None
        most = max(width.high, limit)
        size: Interval | None = Amount(2 * limit, 2 * min(width.low, limit), 2 * most, n, confidence)
        return _Sets(rest, held, size, "split-conformal-absolute-error")
    sizes = (1 - _chances(rest) <= limit).sum(axis=1).astype(np.float64)
    total, squares = float(sizes.sum()) * bench.share, float((sizes**2).sum()) * bench.share
    size = mean_interval(total, squares, n, confidence, highest=float(len(plan.output.words) or 2))
    return _Sets(rest, held, size, "split-conformal-least-ambiguous")


def _strange(bench: "Bench", frame: Frame) -> Floats:
    assert frame.answer is not None
    if bench.plan.output.kind in SCORED:
        return strangeness(_codes(frame), _chances(frame))
    found: Floats = np.abs(frame.labels - frame.answer.scores)
    return found


def _codes(frame: Frame) -> Codes:
    return frame.labels.astype(np.int64)


def _chances(frame: Frame) -> Floats:
    """The score of each class: (rows, classes)."""
    answer = frame.answer
    assert answer is not None
    if answer.chances is not None:
        return answer.chances.astype(np.float64)
    return np.column_stack([1 - answer.scores, answer.scores])


def _decided(bench: "Bench", frame: Frame) -> tuple[Floats, Flags]:
    """How sure the model is of each answer, its score, and whether the answer is wrong."""
    answer, output = frame.answer, bench.plan.output
    assert answer is not None
    if output.kind in SEVERAL:
        return answer.scores, np.asarray(answer.chosen != frame.labels)
    positive = answer.scores >= output.threshold
    return np.where(positive, answer.scores, 1 - answer.scores), np.asarray(positive != frame.labels.astype(np.bool_))
