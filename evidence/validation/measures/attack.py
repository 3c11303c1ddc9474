"""The robustness report: attacks, corruption and invalid input on a sample of the test rows. Sandboxed child only.

Attacks move numeric columns only: a word that stands for a number has no size to move it by. The accuracy drop is that
of the worst attack. Nothing here looks for poisoned training rows, and the report says so.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.model.predicates.validation import RobustnessReport
from evidence.model.predicates.values import MetricEstimate
from evidence.validation.child.identity import row_keys
from evidence.validation.child.session import Inputs, Model, RefusedInputError
from evidence.validation.measures import robustness
from evidence.validation.measures.copies import Copies
from evidence.validation.measures.intervals import Interval
from evidence.validation.plan import FeatureColumn, Plan, Robustness

ATTACKS = {"noise": robustness.noise, "fgsm": robustness.fgsm}


def attack_model(
    plan: Plan, settings: Robustness, model: Model, sample: Inputs, labels: NDArray[np.bool_], artifact: str
) -> RobustnessReport:
    """Attack the model on a sample with its labels; `artifact` is the digest to put into the report."""
    ask = _asker(model, sample)
    rows = sample.numbers.astype(np.float64)
    columns = [column for column in plan.features.columns if not column.text]
    moved = robustness.Target(ask, rows, labels, _domain(columns, words_move=False), plan.output.threshold)
    copies = Copies()
    copies.update(row_keys(sample, labels), {})
    share = copies.share
    attacked = {
        kind: robustness.measure(moved, ATTACKS[kind](moved, settings.budgets[kind], plan.seed), plan.confidence, share)
        for kind in sorted(settings.budgets)
    }
    size = max(settings.budgets.values())
    corrupted = {
        kind: robustness.measure(moved, robustness.corrupt(kind, moved, size, plan.seed), plan.confidence, share)
        for kind in robustness.CORRUPTIONS
    }
    # Each share rests on about as many probes as rows are tried, so that its interval can clear a high bound.
    repeats = math.ceil(settings.trials / (2 * rows.shape[1]))
    domain = _domain(columns, words_move=True)
    met = robustness.reject(ask, robustness.probes(rows, domain, repeats), plan.confidence)
    refused = robustness.valid_rejection(ask, rows, plan.confidence, share)
    worst = max((item.drop for item in attacked.values() if item.drop), key=lambda drop: drop.high, default=None)
    return RobustnessReport(
        artifact_digest=artifact,
        attack_kinds=tuple(sorted(settings.budgets)),
        perturbation_budget={str(kind): settings.budgets[kind] for kind in sorted(settings.budgets)},
        budget_in_sd={
            str(kind): _in_deviations(columns, moved, settings.budgets[kind]) for kind in sorted(settings.budgets)
        },
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


def _in_deviations(columns: list[FeatureColumn], target: robustness.Target, budget: float) -> dict[str, float]:
    """A budget in standard deviations of each feature that it moves and that varies among the rows.

    What a share of the declared range comes to depends on how wide a range was declared.
    """
    moved, spread = target.domain.scale > 0, target.rows.std(axis=0)
    sizes = budget * target.domain.scale / np.where(spread > 0, spread, 1.0)
    return {
        column.name: float(f"{size:.6g}")
        for column, size, kept in zip(columns, sizes.tolist(), moved & (spread > 0), strict=True)
        if kept
    }


def _asker(model: Model, sample: Inputs) -> robustness.Ask:
    """The model as a function of its numbers; columns of text are those of the sample, row by row."""
    expected = sample.numbers.shape[1]

    def ask(rows: NDArray[Any]) -> robustness.Answer:
        count = len(rows)
        texts = {name: np.resize(text, count) for name, text in sample.texts.items()}
        well_formed = rows.ndim == 2 and rows.shape[1] == expected and np.issubdtype(rows.dtype, np.number)
        try:
            if well_formed:
                with np.errstate(over="ignore"):
                    numbers = rows.astype(sample.numbers.dtype)
                answer = model.answer(Inputs(numbers, texts))
            else:
                answer = model.answer_malformed(rows, texts)
        except RefusedInputError as refusal:
            raise robustness.RefusalError(refusal.problem) from None
        return robustness.Answer(answer.scores, answer.abstained)

    return ask


def _domain(columns: list[FeatureColumn], *, words_move: bool) -> robustness.Domain:
    """Declared ranges; a mapped column spans its numbers, or nothing where words do not move."""
    bounds: list[tuple[float, float]] = []
    for column in columns:
        if column.values:
            numbers = list(column.values.values())
            bounds.append((min(numbers), max(numbers)) if words_move else (0.0, 0.0))
        elif column.range:
            bounds.append((column.range.low, column.range.high))
    low, high = np.asarray(bounds, dtype=np.float64).T
    return robustness.Domain(low, high)


def _recorded(found: dict[Any, tuple[Interval | None, int]]) -> dict[str, MetricEstimate]:
    return {str(kind): value.recorded(excluded) for kind, (value, excluded) in found.items() if value}


def _needed(value: Interval | None, what: str) -> MetricEstimate:
    if value is None:
        raise EvidenceError(f"the {what} cannot be measured: no row can be judged", hint="test on more rows")
    return value.recorded()
