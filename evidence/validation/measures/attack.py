"""The robustness report: attacks, corruption and invalid input on a sample of the test rows. Sandboxed child only.

Attacks move numeric columns only: a word that stands for a number has no size to move it by. The accuracy drop is that
of the worst attack. Nothing here looks for poisoned training rows, and the report says so.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.model.predicates.validation import RobustnessReport
from evidence.model.predicates.values import MetricEstimate
from evidence.validation.catalogue import BINARY, VALUE
from evidence.validation.child.answers import Answer
from evidence.validation.child.identity import row_keys
from evidence.validation.child.rows import Labels
from evidence.validation.child.session import Inputs, Model, RefusedInputError
from evidence.validation.measures import robustness
from evidence.validation.measures.copies import Copies
from evidence.validation.measures.intervals import Interval
from evidence.validation.measures.values import in_digits
from evidence.validation.plan.model import Plan
from evidence.validation.plan.tests import Robustness

MAX_NUMBERS = 4096
"""Numbers a row up to which attacks and probes try each of them."""
_MIDDLE_HALF = 1.3489795003921634
"""The distance between the quartiles of a normal variable, in standard deviations."""
ATTACKS = {"noise": robustness.noise, "fgsm": robustness.fgsm}


def attack_model(
    plan: Plan, settings: Robustness, model: Model, sample: Inputs, labels: Labels, artifact: str
) -> RobustnessReport:
    """Attack the model on a sample with its labels; `artifact` is the digest to put into the report.

    Raises EvidenceError for inputs whose numbers cannot be moved, or are too many to be tried one by one.
    """
    rows = sample.numbers.astype(np.float64)
    _check_movable(plan, model, rows.shape[1])
    moving = _Moving(plan, model, sample, labels)
    low, high = _domain(plan, sample, words_move=False)
    moved = robustness.Target(
        moving.ask, rows, np.ones(len(rows), dtype=np.bool_) if moving.own else labels.astype(np.bool_),
        robustness.Domain(low, high), moving.threshold,
    )  # fmt: skip
    copies = Copies()
    copies.update(row_keys(sample, labels), {})
    share = copies.share
    attacked = {
        kind: robustness.measure(moved, moving.attacked(kind, moved, settings.budgets[kind]), plan.confidence, share)
        for kind in sorted(settings.budgets)
    }
    size = max(settings.budgets.values())
    corrupted = {
        kind: robustness.measure(moved, robustness.corrupt(kind, moved, size, plan.seed), plan.confidence, share)
        for kind in robustness.CORRUPTIONS
    }
    # Each share rests on about as many probes as rows are tried, so that its interval can clear a high bound.
    repeats = math.ceil(settings.trials / (2 * rows.shape[1]))
    domain = robustness.Domain(*_domain(plan, sample, words_move=True))
    met = robustness.reject(moving.ask, robustness.probes(rows, domain, repeats), plan.confidence)
    refused = robustness.valid_rejection(moving.ask, rows, plan.confidence, share)
    worst = max((item.drop for item in attacked.values() if item.drop), key=lambda drop: drop.high, default=None)
    spread = _spread(labels) if settings.tolerance is not None else 0.0
    return RobustnessReport(
        artifact_digest=artifact,
        attack_kinds=tuple(sorted(settings.budgets)),
        perturbation_budget={str(kind): settings.budgets[kind] for kind in sorted(settings.budgets)},
        budget_in_sd={
            str(kind): _in_deviations(plan, sample, moved, settings.budgets[kind]) for kind in sorted(settings.budgets)
        },
        tolerance=settings.tolerance,
        tolerance_in_sd=in_digits(settings.tolerance / spread) if settings.tolerance is not None and spread else None,
        accuracy_drop=_needed(worst, "accuracy drop"),
        attack_success=_recorded({kind: (item.success, item.excluded) for kind, item in attacked.items()}),
        corruption_drop=_recorded({kind: (item.drop, item.excluded) for kind, item in corrupted.items()}),
        poisoning_checked=False,
        poisoning_hits=0,
        invalid_input_rejection=_needed(met.invalid, "rejection of invalid input"),
        ood_rejection=met.out_of_range.recorded() if met.out_of_range else None,
        valid_input_rejection=refused.recorded() if refused else None,
        fault_trials=met.trials,
        fault_safe_responses=met.safe,
    )


def _spread(values: Labels) -> float:
    """Standard deviation of true values, or what their middle half says of it where that is less: a few huge values
    would else make any tolerance small.
    """
    numbers = values.astype(np.float64)
    low, high = np.quantile(numbers, [0.25, 0.75])
    middle = float(high - low) / _MIDDLE_HALF
    return min(float(numbers.std()), middle) if middle > 0 else float(numbers.std())


def _check_movable(plan: Plan, model: Model, numbers: int) -> None:
    if plan.features.arrays is None:
        return
    if model.takes_ids:
        raise EvidenceError(
            "attacks move numbers by a little, and the model takes whole numbers that stand for something else",
            where=plan.model.path,
            hint="leave `robustness` out, and say in the plan's threat models why",
        )
    if numbers > MAX_NUMBERS:
        raise EvidenceError(
            f"{numbers} numbers a row are more than the {MAX_NUMBERS} that attacks try one by one",
            where=plan.model.path,
            hint="leave `robustness` out; a smaller image can stand for it",
        )


class _Moving:
    """The model as attacks see it: a score of each row above a `threshold` while its answer is right.

    `own`: the score is about the row's own right answer, so that the higher is the better whatever the label. Of
    several classes it is by how much the true class leads; of a value how little the answer moved from where it was, so
    that a tolerance which no answer meets hides no attack.
    """

    def __init__(self, plan: Plan, model: Model, sample: Inputs, labels: Labels) -> None:
        self._plan = plan
        self._sample = sample
        self._labels = labels
        self._model = model
        self.own = plan.output.kind not in BINARY
        tolerance = plan.robustness.tolerance if plan.robustness else None
        self.threshold = -tolerance if tolerance is not None else 0.0 if self.own else plan.output.threshold
        self._before = model.answer(sample).scores if plan.output.kind in VALUE else None

    def ask(self, rows: NDArray[Any]) -> robustness.Answer:
        """How right the answers are on some rows."""
        answer = _asked(self._model, self._sample, rows)
        scores = answer.scores
        if len(rows) == len(self._labels):
            if self._before is not None:
                scores = -np.abs(answer.scores - self._before)
            elif answer.chosen is not None:
                scores = _lead(answer, self._labels.astype(np.int64))
        return robustness.Answer(scores, answer.abstained)

    def attacked(self, kind: str, target: robustness.Target, budget: float) -> NDArray[np.float64]:
        """The rows, moved by an attack. A value is driven up and down, and what moves it further counts."""
        attack, seed = ATTACKS[kind], self._plan.seed
        if kind != "fgsm" or self._before is None:
            return attack(target, budget, seed)
        ways = [attack(replace(target, ask=self._signed(sign)), budget, seed) for sign in (-1.0, 1.0)]
        losses = [target.loss(target.answer(way)) for way in ways]
        return np.where((losses[0] >= losses[1])[:, None], *ways)

    def _signed(self, sign: float) -> robustness.Ask:
        def ask(rows: NDArray[Any]) -> robustness.Answer:
            answer = _asked(self._model, self._sample, rows)
            return robustness.Answer(sign * answer.scores, answer.abstained)

        return ask


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


def _in_deviations(plan: Plan, sample: Inputs, target: robustness.Target, budget: float) -> dict[str, float]:
    """A budget in standard deviations of each feature that it moves and that varies among the rows.

    What a share of the declared range comes to depends on how wide a range was declared. Of an array the deviation is
    that of all its entries together.
    """
    named = _numbered(plan, sample)
    found = {}
    for name, columns in named.items():
        scale, spread = float(target.domain.scale[columns].max()), float(target.rows[:, columns].std())
        if scale > 0 and spread > 0:
            found[name] = float(f"{budget * scale / spread:.6g}")
    return found


def _numbered(plan: Plan, sample: Inputs) -> dict[str, slice]:
    """Which numbers of a row each numeric column or array is."""
    if plan.features.arrays is None:
        names = [column.name for column in plan.features.columns if not column.text]
        return {name: slice(place, place + 1) for place, name in enumerate(names)}
    found, start = {}, 0
    for item, shape in zip(plan.features.arrays, sample.shapes, strict=True):
        found[item.name] = slice(start, start + int(np.prod(shape)))
        start += int(np.prod(shape))
    return found


def _asked(model: Model, sample: Inputs, rows: NDArray[Any]) -> Answer:
    """The model's answer to some numbers; columns of text are those of the sample, row by row."""
    count = len(rows)
    texts = {name: np.resize(text, count) for name, text in sample.texts.items()}
    expected = sample.numbers.shape[1]
    well_formed = rows.ndim == 2 and rows.shape[1] == expected and np.issubdtype(rows.dtype, np.number)
    try:
        if well_formed:
            with np.errstate(over="ignore"):
                numbers = rows.astype(sample.numbers.dtype)
            return model.answer(Inputs(numbers, texts, sample.shapes))
        return model.answer_malformed(rows, Inputs(np.zeros((count, expected)), texts, sample.shapes))
    except RefusedInputError as refusal:
        raise robustness.RefusalError(refusal.problem) from None


def _domain(plan: Plan, sample: Inputs, *, words_move: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
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


def _recorded(found: dict[Any, tuple[Interval | None, int]]) -> dict[str, MetricEstimate]:
    return {str(kind): value.recorded(excluded) for kind, (value, excluded) in found.items() if value}


def _needed(value: Interval | None, what: str) -> MetricEstimate:
    if value is None:
        raise EvidenceError(f"the {what} cannot be measured: no row can be judged", hint="test on more rows")
    return value.recorded()
