"""What an answer asks of the sums behind it: conditions, linear in the sums, under which a row stays right.

How scores follow from sums is known from the graph up to which column is which and its sign; that is told by the rows
themselves, and where they fit none or more than one reading there are no conditions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from evidence.validation.child.answers import HAIR, Answer
from evidence.validation.kinds import VALUE
from evidence.validation.measures.intervals import Floats
from evidence.validation.plan.output import Output

STEP = 2.0**-23
"""Relative distance of numbers of single precision."""


@dataclass(frozen=True)
class Condition:
    """A row is right while `weights @ sums >= least`; nothing is said of sums nearer to it than `slack`."""

    weights: Floats
    least: float
    slack: float


@dataclass(frozen=True)
class Scored:
    """How the scores follow from weighted sums: `score = link(constant + weights @ sums)`."""

    weights: Floats
    constant: float
    logistic: bool

    def score(self, sums: Floats) -> Floats:
        """Scores (rows,) of sums (rows, columns)."""
        linear = self.constant + sums @ self.weights
        return special.expit(linear) if self.logistic else linear


Size = Callable[[Floats], float]
"""How far rounding may move a weighted sum: how large its parts are together, times their number."""
Conditions = Callable[[int], Sequence[Condition]]
"""The conditions of a row by its place; none where nothing is known."""


def conditions(
    output: Output, sums: Floats, linked: bool, answer: Answer, labels: Floats, tolerance: float | None, size: Size
) -> Conditions | None:
    """What the sums (rows, columns) of each row have to do with its answer; None where the rows do not tell.

    `linked`: a logistic or softmax function stands between sums and answer. `labels` (rows,): the class of each row as
    a number.
    """
    if output.kind == "classes":
        return _of_classes(sums, answer, labels, size)
    if output.kind not in ("probability", *VALUE):
        return None
    scored = _reading(sums, linked, answer.scores)
    if scored is None:
        return None
    slack = size(scored.weights)

    def within(row: int) -> list[Condition]:
        ends = _ends(output, scored, bool(labels[row]), float(answer.scores[row]), tolerance)
        return [Condition(way * scored.weights, least, slack + more) for way, least, more in ends]

    return within


def _ends(
    output: Output, scored: Scored, positive: bool, score: float, tolerance: float | None
) -> list[tuple[float, float, float]]:
    """Sign, least sum and rounding of each end that a right answer keeps to."""
    if tolerance is not None:
        room = 4 * STEP * (abs(score) + tolerance)
        return [(-1.0, -(score + tolerance - scored.constant), room), (1.0, score - tolerance - scored.constant, room)]
    threshold = output.threshold
    border, room = threshold, 8 * STEP
    if scored.logistic:
        border, room = float(special.logit(threshold)), 16 * STEP / (threshold * (1 - threshold))
    border -= scored.constant
    way = 1.0 if positive else -1.0
    return [(way, way * border, room + 4 * STEP * abs(border))]


def _reading(sums: Floats, linked: bool, scores: Floats) -> Scored | None:
    """The one reading that gives all scores."""
    columns = np.eye(sums.shape[1])
    tried = [Scored(column, 0.0, linked) for column in columns]
    if len(columns) == 1:  # the score may be that of the other class
        tried.append(Scored(-columns[0], 0.0 if linked else 1.0, linked))
    elif linked:  # softmax goes by differences
        tried += [Scored(one - two, 0.0, True) for one in columns for two in columns if (one != two).any()]
    known = np.isfinite(scores)
    room = HAIR * (1 + np.abs(scores[known]))
    fits = [item for item in tried if (np.abs(item.score(sums[known]) - scores[known]) <= room).all()]
    return fits[0] if len(fits) == 1 and known.any() else None


def _of_classes(sums: Floats, answer: Answer, labels: Floats, size: Size) -> Conditions | None:
    """The true class leads each other one; the columns are the classes in their order."""
    assert answer.chosen is not None
    if answer.chances is None or answer.chances.shape[1] != sums.shape[1]:
        return None
    chances, known = answer.chances.astype(np.float64), answer.chosen >= 0
    logistic = special.expit(sums)
    made = [sums, special.softmax(sums, axis=1), logistic, logistic / logistic.sum(axis=1, keepdims=True)]
    near = [(np.abs(item - chances)[known] <= HAIR).all() for item in made]
    if not any(near) or not known.any() or len(np.unique(sums.argmax(axis=1))) < 2:
        return None
    columns = np.eye(sums.shape[1])

    def within(row: int) -> list[Condition]:
        own = int(labels[row])
        found = []
        for other in range(len(columns)):
            if other != own:
                weights = columns[own] - columns[other]
                found.append(Condition(weights, 0.0, size(weights) + 64 * STEP))
        return found

    return within
