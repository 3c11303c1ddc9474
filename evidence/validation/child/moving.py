"""The model as attacks see it: numbers in, how right the answers are out. Sandboxed child only."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.validation.child.answers import Answer
from evidence.validation.child.rows import Labels
from evidence.validation.child.session import Inputs, Model, RefusedInputError
from evidence.validation.kinds import BINARY, NUMBER
from evidence.validation.measures import robustness
from evidence.validation.measures.intervals import Floats
from evidence.validation.measures.robustness import Domain, Places, Target
from evidence.validation.plan.model import Plan


class Moving:
    """A score of each row, above a `threshold` while its answer is right.

    `own`: the score is about the row's own right answer, so that the higher is the better whatever the label. Of
    several classes it is by how much the true class leads; of a value how little the answer moved from where it was, so
    that a tolerance which no answer meets hides no attack; of labels how far the nearest of all decisions is from
    turning, right or wrong as it was, since few rows are wholly right.
    """

    def __init__(self, plan: Plan, model: Model, sample: Inputs, labels: Labels) -> None:
        self._plan = plan
        self._sample = sample
        self.labels = labels
        self._model = model
        self.own = plan.output.kind not in BINARY
        tolerance = plan.robustness.tolerance if plan.robustness else None
        self.threshold = -tolerance if tolerance is not None else 0.0 if self.own else plan.output.threshold
        before = model.answer(sample)
        self.before = before.scores if plan.output.kind in NUMBER else None
        self._marks = before.marks

    def ask(self, rows: NDArray[Any]) -> robustness.Answer:
        """How right the answers are: on all rows in their order, or on other inputs whose score nobody reads."""
        places = np.arange(len(self.labels)) if len(rows) == len(self.labels) else None
        return self._ask(rows, places, 0.0)

    def target(self) -> Target:
        """The rows that are attacked, within the declared ranges; words do not move."""
        rows = self._sample.numbers.astype(np.float64)
        low, high = domain(self._plan, self._sample, words_move=False)
        right = np.ones(len(rows), dtype=np.bool_) if self.own else self.labels.astype(np.bool_)
        held = Domain(low, high, self._spread(rows, high - low))
        return Target(self.ask, rows, right, held, self.threshold, self._at(0.0))

    def ways(self, target: Target) -> tuple[Target, ...]:
        """The ways in which a target can be attacked: a value is driven up, or down."""
        if self.before is None:
            return (target,)
        whole = np.arange(len(self.labels))
        return tuple(
            Target(self._at(way)(whole), target.rows, target.labels, target.domain, target.threshold, self._at(way))
            for way in (-1.0, 1.0)
        )

    def _at(self, way: float) -> Any:
        return lambda places: lambda rows: self._ask(rows, places, way)

    def _ask(self, rows: NDArray[Any], places: Places | None, way: float) -> robustness.Answer:
        """The answers to rows that stand for those of `places`; of a value how far it is from where it was, either way
        (`way` 0), or as far as it lies above (-1) or below (1).
        """
        answer = self.answered(rows, places)
        scores = answer.scores
        if places is not None:
            if self.before is not None:
                moved = answer.scores - self.before[places]
                scores = way * moved if way else -np.abs(moved)
            elif self._marks is not None:
                scores = _margin(answer, self._marks[places], self._plan.output.limits)
            elif answer.chosen is not None:
                scores = _lead(answer, self.labels[places].astype(np.int64))
        return robustness.Answer(scores, answer.abstained)

    def answered(self, rows: NDArray[Any], places: Places | None) -> Answer:
        """The model's answer to some numbers; columns of text are those of the rows that they stand for."""
        count, sample = len(rows), self._sample
        if places is not None:
            texts = {name: text[places] for name, text in sample.texts.items()}
        else:
            texts = {name: np.resize(text, count) for name, text in sample.texts.items()}
        expected = sample.numbers.shape[1]
        well_formed = rows.ndim == 2 and rows.shape[1] == expected and np.issubdtype(rows.dtype, np.number)
        try:
            if well_formed:
                with np.errstate(over="ignore"):
                    numbers = rows.astype(sample.numbers.dtype)
                return self._model.answer(Inputs(numbers, texts, sample.shapes))
            return self._model.answer_malformed(rows, Inputs(np.zeros((count, expected)), texts, sample.shapes))
        except RefusedInputError as refusal:
            raise robustness.RefusalError(refusal.problem) from None

    def _spread(self, rows: Floats, ranges: Floats) -> Floats | None:
        """Standard deviations, where the plan's budgets are parts of them: of an array those of all its entries.

        Where the range is narrower, no further than that.
        """
        if self._plan.robustness is None or self._plan.robustness.scale != "sd":
            return None
        spread = np.zeros(rows.shape[1])
        for columns in numbered(self._plan, self._sample).values():
            spread[columns] = six_digits(float(rows[:, columns].std()))
        return np.minimum(spread, ranges)


def six_digits(value: float) -> float:
    """A standard deviation as budgets take it, so that every machine moves a row alike."""
    return float(f"{value:.6g}")


def _margin(answer: Answer, before: NDArray[np.bool_], limits: tuple[float, ...]) -> NDArray[np.float64]:
    """How far the nearest decision of each row is from turning; below 0 where any label turned."""
    assert answer.chances is not None
    apart = answer.chances - np.asarray(limits)
    # A score at the threshold gives the label, so that a row without it has turned there.
    margin = np.where(before, apart, np.where(apart == 0, -1e-12, -apart)).min(axis=1)
    return np.where(np.isnan(answer.scores), np.nan, margin)


def _lead(answer: Answer, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """By how much the score of the true class leads the best of the others; below 0 where another is answered."""
    assert answer.chosen is not None
    right = answer.chosen == labels
    if answer.chances is None:
        lead = np.where(right, 1.0, -1.0)
    else:
        others = answer.chances.astype(np.float64).copy()
        rows = np.arange(len(labels))
        own = others[rows, labels]
        others[rows, labels] = -np.inf
        lead = own - others.max(axis=1)
        lead = np.where(right, np.maximum(lead, 0.0), np.minimum(lead, -1e-12))
    return np.where(np.isnan(answer.scores), np.nan, lead)


def numbered(plan: Plan, sample: Inputs) -> dict[str, slice]:
    """Which numbers of a row each numeric column or array is."""
    if plan.features.arrays is None:
        names = [column.name for column in plan.features.columns if not column.text]
        return {name: slice(place, place + 1) for place, name in enumerate(names)}
    found, start = {}, 0
    for item, shape in zip(plan.features.arrays, sample.shapes, strict=True):
        found[item.name] = slice(start, start + int(np.prod(shape)))
        start += int(np.prod(shape))
    return found


def domain(plan: Plan, sample: Inputs, *, words_move: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Declared ranges; a mapped column spans its numbers, or nothing where words do not move."""
    bounds: list[tuple[float, float]] = []
    for column in plan.features.columns:
        if column.values:
            numbers = list(column.values.values())
            bounds.append((min(numbers), max(numbers)) if words_move else (0.0, 0.0))
        elif column.range:
            bounds.append((column.range.low, column.range.high))
    for item, shape in zip(plan.features.arrays or (), sample.shapes, strict=True):
        if item.range:
            bounds += [(item.range.low, item.range.high)] * int(np.prod(shape))
    low, high = np.asarray(bounds, dtype=np.float64).T
    return low, high


def choices(plan: Plan, dtype: type) -> dict[int, Floats]:
    """The numbers, rising, of each column that words are mapped to, by its place among the numbers."""
    numeric = [column for column in plan.features.columns if not column.text]
    found = {
        place: np.unique(np.asarray([*column.values.values()]).astype(dtype)).astype(np.float64)
        for place, column in enumerate(numeric)
        if column.values
    }
    return {place: numbers for place, numbers in found.items() if len(numbers) > 1}
