"""Whether a model is better than guessing, and than what runs today: paired gains on the same rows. Child only.

Guessing is the best constant: the share of each class (of several classes the commonest is the answer), or the mean,
median or quantile of the values. It is taken from the labels that the model learnt from, where the plan names them, and
from those of the test; told is the gain over the one that is harder to beat, since training labels that were balanced,
or of another time, make a poor guess.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from evidence.model.predicates.values import MetricEstimate
from evidence.validation.catalogue import MEASURES
from evidence.validation.child.answers import Answer
from evidence.validation.child.counting import check_answer, count, performance_of
from evidence.validation.child.frame import Frame
from evidence.validation.child.rows import Labels
from evidence.validation.child.session import Inputs, Model
from evidence.validation.kinds import BINARY, SCORED, SEVERAL, VALUE
from evidence.validation.measured import Examined
from evidence.validation.measures.intervals import Floats, Interval
from evidence.validation.measures.paired import (
    Rows,
    Said,
    area_gain,
    balanced_gain,
    f1_gain,
    loss_gain,
    share_gain,
    value_gain,
)
from evidence.validation.measures.tally import Flags
from evidence.validation.measures.values import Amount
from evidence.validation.plan.groups import Smallest
from evidence.validation.plan.inputs import Features
from evidence.validation.plan.model import Plan
from evidence.validation.plan.output import Output
from evidence.validation.plan.tests import gains_of

if TYPE_CHECKING:
    from evidence.validation.child.battery import Bench

GAIN = "gain"
_OF_TEST, _OF_TRAINING = "constant-of-test-labels", "constant-of-training-labels"
_SENSE = {"probability": "roc_auc", "classes": "roc_auc_macro", "value": "r2"}
"""By what an incumbent shows that its output is read as it is meant; of a bare class it is the balanced accuracy."""

Answers = Said | Floats
"""What a model said of some rows: classes with their scores, or values."""
Guess = Callable[[str], Answers]
"""The constant that is best in a metric, for every row of the bench."""


def compare_baselines(bench: "Bench") -> Examined:
    """Gains over the constant and over the incumbent, and the incumbent's own metrics."""
    plan, frame = bench.plan, bench.test
    assert frame.answer is not None
    spoke = ~frame.answer.abstained
    if problem := _too_few(plan, frame.take(spoke), bench.share):
        return Examined(gaps={GAIN: problem})
    guesses = _constants(bench)
    found = _told(bench, "trivial", spoke, guesses)
    if bench.incumbent is None:
        return found
    output, theirs = incumbent_output(plan), _asked(bench, bench.incumbent)
    own = performance_of(output, [], bench.incumbent.eps)
    count(own, output, frame.labels, theirs, {})
    metrics = {name: value.recorded(own.excluded) for name, value in own.overall(plan.confidence, bench.share).items()}
    both = spoke & ~theirs.abstained
    said = _said(output, theirs, bench.incumbent.eps)
    problem = _too_few(plan, frame.take(both), bench.share)
    if problem := problem or _no_baseline(bench, theirs, said, guesses[_OF_TEST], both):
        beside = Examined(gaps={f"{GAIN}:incumbent": problem}, baseline_metrics=metrics)
    else:
        beside = Examined.joined(
            [_told(bench, "incumbent", both, {None: lambda _: said}), Examined(baseline_metrics=metrics)]
        )
    return Examined.joined([found, beside])


def incumbent_output(plan: Plan) -> Output:
    """What the incumbent's output means."""
    named = plan.baselines and plan.baselines.incumbent
    return (named and named.output) or plan.output


def incumbent_plan(plan: Plan) -> Plan:
    """The plan as the incumbent runs by it: its file, its columns, its output."""
    named, features = plan.baselines.incumbent if plan.baselines else None, plan.features
    assert named is not None
    if named.columns is not None:
        known = {column.name: column for column in features.columns}
        features = features.model_copy(update={"columns": tuple(known[name] for name in named.columns)})
    if features.layout == "tensor":  # which one it takes is plain where it has one input
        features = features.model_copy(update={"input": named.input})
    model = plan.model.model_copy(update={"path": named.path})
    return plan.model_copy(update={"model": model, "features": features, "output": incumbent_output(plan)})


def _asked(bench: "Bench", incumbent: Model) -> Answer:
    """What the incumbent says of the rows of the bench."""
    plan = incumbent_plan(bench.plan)
    inputs = _inputs(bench.test.inputs, bench.plan.features, plan.features)
    incumbent.check_whole(inputs)
    answer = incumbent.answer(inputs)
    check_answer(answer, plan.output, 0, plan.model.path)
    return answer


def _inputs(inputs: Inputs, features: Features, wanted: Features) -> Inputs:
    """The columns that the incumbent takes, in its order."""
    if wanted.columns == features.columns:
        return inputs
    numeric = [column.name for column in features.columns if not column.text]
    places = [numeric.index(column.name) for column in wanted.columns if not column.text]
    texts = {column.name: inputs.texts[column.name] for column in wanted.columns if column.text}
    return Inputs(inputs.numbers[:, places], texts, inputs.shapes)


def _too_few(plan: Plan, frame: Frame, share: float) -> str:
    """Why the rows are too few to compare on; empty where they are enough."""
    least = plan.smallest or Smallest()
    if (cases := int(len(frame) * share + 1e-6)) < least.run:
        return f"{cases} independent cases on which both gave an answer, fewer than {least.run}"
    if plan.output.kind not in BINARY:
        return ""
    few = min(int((frame.labels == label).sum()) for label in (False, True))
    if int(few * share + 1e-6) < least.label:
        return f"{int(few * share + 1e-6)} independent cases of one label, fewer than {least.label}"
    return ""


def _no_baseline(bench: "Bench", theirs: Answer, said: Answers, guess: Guess, both: Flags) -> str:
    """Why the other model is none to be better than: the same answers, or worse ones than a guess; else empty."""
    frame = bench.test
    assert frame.answer is not None
    same = np.array_equal(frame.answer.scores[both], theirs.scores[both])
    if same and (theirs.chosen is None or np.array_equal(frame.answer.chosen[both], theirs.chosen[both])):  # type: ignore[index]
        return "it gives every row the answer that the model gives"
    metric = _SENSE.get(bench.plan.output.kind, "balanced_accuracy")
    sense = _gain(bench, frame.labels[both], _only(said, both), _only(guess(metric), both), metric)
    if sense is not None and sense.high < 0:
        return f"it does worse than guessing ({metric}): is its output read as it is meant?"
    return ""


def _constants(bench: "Bench") -> dict[str | None, Guess]:
    """The best constant in each metric, by the labels that it is taken from."""
    found: dict[str | None, Guess] = {_OF_TEST: _constant(bench, bench.test.labels)}
    if bench.training is not None and len(bench.training):
        found[_OF_TRAINING] = _constant(bench, bench.training.labels)
    return found


def _constant(bench: "Bench", labels: Labels) -> Guess:
    output, rows = bench.plan.output, len(bench.test)
    if output.kind in VALUE:
        values = labels.astype(np.float64)
        middle = {"mae": 0.5, "pinball": output.quantile or 0.5}
        return lambda metric: np.full(
            rows, float(np.quantile(values, middle[metric]) if metric in middle else values.mean())
        )
    size = len(output.words) or 2
    counts = np.bincount(labels.astype(np.int64), minlength=size)
    # Half a row more of each class: one that the training did not see is no reason for an endless loss of the guess.
    chances = (counts + 0.5) / (counts.sum() + size / 2)
    table = np.tile(chances, (rows, 1)) if output.kind in SCORED else None
    # Nobody who wants a high F1 score for nothing says "negative" to all.
    return lambda metric: Said(np.full(rows, 1 if metric == "f1" else int(np.argmax(counts))), table, bench.model.eps)


def _said(output: Output, answer: Answer, eps: float) -> Answers:
    """An answer as it is compared; what is said of rows without an answer is not looked at."""
    if output.kind in VALUE:
        return answer.scores
    if output.kind in SEVERAL:
        assert answer.chosen is not None
        table = None if answer.chances is None else np.clip(answer.chances.astype(np.float64), 0, 1)
        return Said(answer.chosen, table, eps)
    chosen = (answer.scores >= output.threshold).astype(np.int64)
    scored = output.kind == "probability"
    return Said(chosen, np.column_stack([1 - answer.scores, answer.scores]) if scored else None, eps)


def _only(said: Answers, kept: Flags) -> Answers:
    if not isinstance(said, Said):
        return said[kept]
    return Said(said.chosen[kept], None if said.chances is None else said.chances[kept], said.eps)


def _told(bench: "Bench", name: str, kept: Flags, others: Mapping[str | None, Guess]) -> Examined:
    """The gain in each metric over a baseline, on the `kept` rows; of several `others` over the hardest to beat."""
    frame, output = bench.test, bench.plan.output
    assert frame.answer is not None
    mine = _only(_said(output, frame.answer, bench.model.eps), kept)
    numbers, gaps = {}, {}
    for metric in gains_of(output, name):
        gains = [
            (gain, method)
            for method, other in others.items()
            if (gain := _gain(bench, frame.labels[kept], mine, _only(other(metric), kept), metric)) is not None
        ]
        test = f"{GAIN}:{name}:{metric}"
        if gains:
            gain, method = min(gains, key=lambda pair: pair[0].low)
            numbers[test] = _recorded(gain, metric, method, int((~kept).sum()))
        else:
            gaps[test] = f"`{metric}` is undefined on these rows"
    return Examined(numbers=numbers, gaps=gaps)


def _recorded(gain: Interval, metric: str, method: str | None, excluded: int) -> MetricEstimate:
    """The gain as it is told: an amount by its digits, a share by its decimals."""
    kind = Amount if MEASURES[metric].kinds <= VALUE else Interval
    return kind(gain.value, gain.low, gain.high, gain.n, gain.confidence, method).recorded(excluded)


def _gain(bench: "Bench", labels: Labels, model: Answers, other: Answers, metric: str) -> Interval | None:
    """The gain in one metric."""
    plan = bench.plan
    if not isinstance(model, Said):
        assert not isinstance(other, Said)
        values = labels.astype(np.float64)
        return value_gain(values, model, other, metric, plan.output.quantile, bench.share, plan.confidence)
    assert isinstance(other, Said)
    size = len(plan.output.words) or 2
    rows = Rows(labels.astype(np.int64), size, bench.share, plan.confidence, plan.seed)
    every = range(size)
    ways: Mapping[str, Callable[[], Interval | None]] = {
        "accuracy": lambda: share_gain(rows, model, other),
        "balanced_accuracy": lambda: balanced_gain(rows, model, other),
        "recall": lambda: share_gain(rows, model, other, rows.labels == 1),
        "specificity": lambda: share_gain(rows, model, other, rows.labels == 0),
        "f1": lambda: f1_gain(rows, model, other, [1]),
        "f1_macro": lambda: f1_gain(rows, model, other, every),
        "roc_auc": lambda: area_gain(rows, model, other, [1]),
        "roc_auc_macro": lambda: area_gain(rows, model, other, every),
    }
    return ways[metric]() if metric in ways else loss_gain(rows, model, other, metric)
