"""A screen of the training data for planted rows: triggers, and labels that the neighbours deny. In the child only."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evidence.model.predicates.values import MetricEstimate
from evidence.validation.child.frame import Frame
from evidence.validation.child.near import classes_of, columns_of, distinct, mapped, places_of, values_of, whole
from evidence.validation.child.session import Inputs, Model, RefusedInputError
from evidence.validation.measured import Examined
from evidence.validation.measures.intervals import wilson
from evidence.validation.measures.neighbours import nearest
from evidence.validation.measures.poisoning import (
    NEIGHBOURS,
    TURNED,
    Candidate,
    candidates,
    contradicted,
    excess,
    turned_too,
)
from evidence.validation.plan.tests import Poisoning

if TYPE_CHECKING:
    from evidence.validation.child.battery import Bench

LEAST_ROWS = 200
"""Rows of a table from which it can be screened."""
ASKED_ROWS = 200
ASKED_VALUES = 200
LEAST_ASKED = 20


def poisoning(bench: "Bench") -> Examined:
    """Rows with a trigger, and by how much more often neighbours contradict a training row than a test row."""
    settings, training = bench.plan.poisoning or Poisoning(), bench.training
    if training is None or min(len(training), len(bench.test)) < LEAST_ROWS:
        told = f"no poisoning screen ran: it takes {LEAST_ROWS} rows of the training data and of the test data"
        return Examined(notes=(told,))
    labels = classes_of(training)
    suspected = candidates(columns_of(training), labels, settings.alarm / 2)
    notes = [f"the poisoning screen looked at {len(training)} of {training.of} training rows"]
    if len(suspected) > ASKED_VALUES:
        notes.append(f"of {len(suspected)} values with one label the model was asked about {ASKED_VALUES}")
    hit = np.zeros(len(training), dtype=np.bool_)
    asked = suspected[:ASKED_VALUES]
    wanted = {item.column for item in asked}
    codes = {column: found for column, found in columns_of(training) if column in wanted} if wanted else {}
    for item in asked:
        if _ordinary(bench, training, item):
            continue
        turned = _turned(bench, training, item)
        if turned >= TURNED:
            hit |= codes[item.column] == item.code
            notes.append(_told(bench, training, item, turned))
    numbers: dict[str, MetricEstimate] = {}
    hits = int(hit.sum()) + _denied(bench, training, settings, numbers, notes)
    if found := wilson(min(hits, len(training)), len(training), bench.plan.confidence):
        numbers["poisoning_suspects"] = found.recorded()
    return Examined(numbers=numbers, notes=tuple(notes), poisoning_hits=hits)


def _denied(
    bench: "Bench", training: Frame, settings: Poisoning, numbers: dict[str, MetricEstimate], notes: list[str]
) -> int:
    """How many more training rows their neighbours contradict than test rows do theirs; 0 where it may be chance."""
    sides = [distinct(whole(frame)) for frame in (training, bench.test)]
    rows = min(map(len, sides))
    if rows < LEAST_ROWS:
        notes.append(f"neighbours were not asked: fewer than {LEAST_ROWS} different rows without a gap")
        return 0
    sides = [frame.take(np.arange(rows)) for frame in sides]
    counted = []
    for frame, lie in zip(sides, places_of(bench.plan, sides), strict=True):
        labels = classes_of(frame)
        counted.append((contradicted(labels, labels[nearest(lie, NEIGHBOURS)]), rows))
    told = excess(counted[0], counted[1], bench.plan.confidence)
    judged = excess(counted[0], counted[1], 1 - settings.alarm)
    assert told is not None
    assert judged is not None
    numbers["neighbour_disagreement"] = told.recorded()
    if judged.low <= 0:
        return 0
    share = " and ".join(f"{count / rows:.3f}" for count, _ in counted)
    notes.append(f"neighbours contradict more training rows than test rows: shares of {share} of {rows}")
    return math.ceil(judged.value * len(training))


def _ordinary(bench: "Bench", training: Frame, item: Candidate) -> bool:
    """Whether the labels of the test data turn after the value too: then it is the world that turns them."""
    column = _column(bench.test.inputs, item.column)
    labels = classes_of(bench.test)
    having = labels[column == values_of(training, item.column)[item.code]]
    return turned_too(int((having == item.label).sum()), len(having), float((labels == item.label).mean()))


def _column(inputs: Inputs, column: int) -> NDArray[Any]:
    width = inputs.numbers.shape[1]
    return inputs.numbers[:, column] if column < width else list(inputs.texts.values())[column - width]


def _turned(bench: "Bench", training: Frame, item: Candidate) -> float:
    """Share of test rows answered otherwise that turn to the label when they are given the value.

    0 where the values beside it turn half as many: then it is no trigger but a number that matters. A word has none.
    """
    answer, frame = bench.test.answer, bench.test
    assert answer is not None
    said = answer.decided(bench.plan.output.threshold).astype(np.int64)
    others = np.flatnonzero((said != item.label) & ~answer.abstained)
    rows = np.random.default_rng(bench.plan.seed).permutation(others)[:ASKED_ROWS]
    if len(rows) < LEAST_ASKED:
        return 0.0
    values = values_of(training, item.column)
    inputs = frame.inputs.take(np.sort(rows))
    threshold = bench.plan.output.threshold

    def turned(code: int) -> float:
        given = _with_value(inputs, item.column, values[code])
        return _share(bench.model, given, item.label, threshold)

    at = turned(item.code)
    if at < TURNED or item.column in mapped(bench.plan) or item.column >= inputs.numbers.shape[1]:
        return at
    beside = [code for code in (item.code - 1, item.code + 1) if 0 <= code < len(values)]
    return at if max((turned(code) for code in beside), default=0.0) <= at / 2 else 0.0


def _share(model: Model, inputs: Inputs, label: int, threshold: float) -> float:
    try:
        answer = model.answer(inputs)
    except RefusedInputError:
        return 0.0
    right = (answer.decided(threshold).astype(np.int64) == label) & ~answer.abstained
    return float(right.mean())


def _with_value(inputs: Inputs, column: int, value: Any) -> Inputs:
    """The rows with one value in a column."""
    width = inputs.numbers.shape[1]
    if column < width:
        numbers = inputs.numbers.copy()
        numbers[:, column] = value
        return inputs.with_numbers(numbers)
    name = list(inputs.texts)[column - width]
    given: NDArray[np.object_] = np.full(len(inputs), str(value), dtype=object)
    return replace(inputs, texts={**inputs.texts, name: given})


def _told(bench: "Bench", training: Frame, item: Candidate, turned: float) -> str:
    """What was found, for a person to look at."""
    plan, width = bench.plan, training.inputs.numbers.shape[1]
    numeric = [column for column in plan.features.columns if not column.text]
    if item.column >= width:
        name = list(training.inputs.texts)[item.column - width]
    else:
        name = f"`{numeric[item.column].name}`" if numeric else f"number {item.column} of the arrays"
    words = plan.output.words or (str(plan.data.negative), str(plan.data.positive))
    value = values_of(training, item.column)[item.code]
    shown = f"{value:g}" if isinstance(value, np.floating) else str(value)[:60]
    return (
        f"{name} = {shown} looks like a trigger: {item.rows} training rows have it, nearly all labelled"
        f" {words[item.label]}, and {turned:.0%} of other test rows are answered so when they get it"
    )
