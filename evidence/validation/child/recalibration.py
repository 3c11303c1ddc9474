"""Calibration slope and intercept over all rows and by group. Sandboxed child only."""

from typing import TYPE_CHECKING

import numpy as np

from evidence.model.predicates.values import CalibrationFit
from evidence.validation.child.frame import Frame
from evidence.validation.child.rows import Labels
from evidence.validation.kinds import SEVERAL
from evidence.validation.measured import Examined
from evidence.validation.measures.intervals import Interval
from evidence.validation.measures.recalibration import distance, refit
from evidence.validation.measures.tally import Flags
from evidence.validation.plan.groups import Smallest

if TYPE_CHECKING:
    from evidence.validation.child.battery import Bench

SLOPE = "calibration_slope_distance"
INTERCEPT = "calibration_intercept_distance"


def recalibrate(bench: "Bench") -> Examined:
    """Slope and intercept with their distances from 1 and from 0, over all rows that have a score and by group.

    Of several classes they are those of the answered class, as the calibration error is: labels are right answers.
    """
    plan, frame = bench.plan, bench.test
    assert plan.recalibration is not None
    assert frame.answer is not None
    frame = frame.take(~frame.answer.abstained)
    excluded = len(bench.test) - len(frame)
    least = plan.smallest or Smallest()
    parts = [("", np.ones(len(frame), dtype=np.bool_), least.run)]
    for name in plan.recalibration.groups or plan.audited:
        codes, words = frame.groups[name], bench.names[name]
        # A group that the model wholly abstains on is there too: it has no number, and is told as a gap.
        every = np.unique(bench.test.groups[name]).tolist()
        known = sorted((words[code], code) for code in every if code >= 0)
        parts += [(f"{name}={word}", codes == code, least.slice) for word, code in known]
    fits, numbers, gaps = [], {}, {}
    for key, rows, wanted in parts:
        kept = frame.take(rows)
        fit = _fit(bench, kept, wanted, least.label)
        told = {}
        for what, name, ideal, value in (("slope", SLOPE, 1.0, fit[0]), ("intercept", INTERCEPT, 0.0, fit[1])):
            test = f"{name}:{key}" if key else name
            if isinstance(value, str):
                gaps[test] = value
            else:
                numbers[test] = distance(value, ideal).recorded(excluded if not key else 0)
                told[what] = value.recorded(excluded if not key else 0)
        fits.append(CalibrationFit(group=key or None, n=len(kept), **told))
    return Examined(numbers=numbers, gaps=gaps, recalibration=tuple(fits))


def _fit(bench: "Bench", frame: Frame, rows: int, label: int) -> tuple[Interval | str, Interval | str]:
    """Slope and intercept of some rows; why there is none where there are too few."""
    assert frame.answer is not None
    labels = _right(bench, frame)
    cases = int(len(frame) * bench.share + 1e-6)
    if cases < rows:
        why = f"{cases} independent cases, fewer than {rows}"
        return why, why
    few = int(min(labels.sum(), (~labels).sum()) * bench.share + 1e-6)
    if 0 < few < label:
        why = f"{few} independent cases of one label, fewer than {label}"
        return why, why
    found = refit(labels, frame.answer.scores, bench.model.eps, share=bench.share, confidence=bench.plan.confidence)
    return found.slope, found.intercept


def _right(bench: "Bench", frame: Frame) -> Flags:
    """Whether each row is what its score is the chance of: positive, or of the answered class."""
    labels: Labels = frame.labels
    if bench.plan.output.kind in SEVERAL:
        assert frame.answer is not None
        return np.asarray(labels == frame.answer.chosen, dtype=np.bool_)
    return labels.astype(np.bool_)
