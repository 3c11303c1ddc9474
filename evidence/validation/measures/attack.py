"""The robustness report: attacks, corruption and invalid input on a sample of the test rows. Sandboxed child only.

Attacks move numeric columns only: a word that stands for a number has no size to move it by. The accuracy drop is that
of the worst attack. Nothing here looks at training rows: what the battery found of them is put into the report later.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from evidence.model.errors import EvidenceError
from evidence.model.predicates.validation import RobustnessReport
from evidence.model.predicates.values import MaskingSign, MetricEstimate
from evidence.validation.child.certify import Decider
from evidence.validation.child.identity import row_keys
from evidence.validation.child.moving import Moving, choices, domain, numbered, six_digits
from evidence.validation.child.rows import Labels
from evidence.validation.child.session import Inputs, Model
from evidence.validation.child.trees import Trees, UnreadableError, has_trees, read_trees
from evidence.validation.kinds import RANKING
from evidence.validation.measures import robustness
from evidence.validation.measures.copies import Copies
from evidence.validation.measures.intervals import Floats, Interval
from evidence.validation.measures.masking import masking
from evidence.validation.measures.reach import Reach
from evidence.validation.measures.robustness import Domain, Slopes, Target
from evidence.validation.measures.search import search
from evidence.validation.measures.tally import Flags
from evidence.validation.measures.values import in_digits
from evidence.validation.plan.model import Plan
from evidence.validation.plan.tests import Robustness

MAX_NUMBERS = 4096
"""Numbers a row up to which attacks and probes try each of them."""
_MIDDLE_HALF = 1.3489795003921634
"""The distance between the quartiles of a normal variable, in standard deviations."""


def attack_model(
    plan: Plan, settings: Robustness, model: Model, sample: Inputs, labels: Labels, artifact: str, graph: bytes
) -> RobustnessReport:
    """Attack the model, whose file is `graph`, on a sample with its labels; `artifact` is the digest for the report.

    Raises EvidenceError for inputs whose numbers cannot be moved, or are too many to be tried one by one.
    """
    rows = sample.numbers.astype(np.float64)
    _check_movable(plan, model, rows.shape[1])
    moving = Moving(plan, model, sample, labels)
    moved = moving.target()
    copies = Copies()
    copies.update(row_keys(sample, labels), {})
    share = copies.share
    attacks = _Attacks(plan, settings, model, moving, sample, graph)
    changed = {kind: attacks.tried(kind) for kind in sorted(settings.budgets)}
    attacked = {kind: robustness.measure(moved, rows, plan.confidence, share) for kind, rows in changed.items()}
    size = max(settings.budgets.values())
    corrupted = {
        kind: robustness.measure(moved, robustness.corrupt(kind, moved, size, plan.seed), plan.confidence, share)
        for kind in robustness.CORRUPTIONS
    }
    # Each share rests on about as many probes as rows are tried, so that its interval can clear a high bound.
    repeats = math.ceil(settings.trials / (2 * rows.shape[1]))
    probed = Domain(*domain(plan, sample, words_move=True))
    met = robustness.reject(moving.ask, robustness.probes(rows, probed, repeats), plan.confidence)
    refused = robustness.valid_rejection(moving.ask, rows, plan.confidence, share)
    worst = max((item.drop for item in attacked.values() if item.drop), key=lambda drop: drop.high, default=None)
    spread = 0.0
    if settings.tolerance is not None:  # the scores of a ranking have a unit of their own
        spread = _spread(model.answer(sample).scores if plan.output.kind in RANKING else labels)
    return RobustnessReport(
        artifact_digest=artifact,
        attack_kinds=tuple(sorted(settings.budgets)),
        perturbation_budget={str(kind): settings.budgets[kind] for kind in sorted(settings.budgets)},
        budget_scale=settings.scale or "range",
        budget_in_sd={
            str(kind): _in_deviations(plan, sample, moved, settings.budgets[kind]) for kind in sorted(settings.budgets)
        },
        category_changes=settings.categories,
        tolerance=settings.tolerance,
        tolerance_in_sd=in_digits(settings.tolerance / spread) if settings.tolerance is not None and spread else None,
        accuracy_drop=_needed(worst, "accuracy drop"),
        attack_success=_recorded({kind: (item.success, item.excluded) for kind, item in attacked.items()}),
        corruption_drop=_recorded({kind: (item.drop, item.excluded) for kind, item in corrupted.items()}),
        **attacks.masked(changed),
        **attacks.certified(share),
        poisoning_checked=False,
        poisoning_hits=0,
        invalid_input_rejection=_needed(met.invalid, "rejection of invalid input"),
        ood_rejection=met.out_of_range.recorded() if met.out_of_range else None,
        valid_input_rejection=refused.recorded() if refused else None,
        fault_trials=met.trials,
        fault_safe_responses=met.safe,
    )


class _Attacks:
    """The attacks of a plan on one sample, and what is known of the model beside them."""

    def __init__(
        self, plan: Plan, settings: Robustness, model: Model, moving: Moving, sample: Inputs, graph: bytes
    ) -> None:
        self._plan, self._settings, self._model = plan, settings, model
        self._moving, self._sample, self._graph = moving, sample, graph
        self._target = moving.target()
        try:
            self._trees: Trees | UnreadableError = read_trees(graph, plan, model)
        except UnreadableError as unreadable:
            self._trees = unreadable
        self._slopes: list[Slopes] = []

    def tried(self, kind: str) -> Floats:
        """The rows, moved by an attack. A value is driven up and down, and what moves it further counts."""
        budget, seed = self._settings.budgets[kind], self._plan.seed  # type: ignore[index]
        if kind == "noise":
            return robustness.noise(self._target, budget, seed)
        ways = [self._driven(kind, way, budget) for way in self._moving.ways(self._target)]
        if len(ways) == 1:
            return ways[0]
        losses = [self._target.loss(self._target.answer(way)) for way in ways]
        return np.where((losses[0] >= losses[1])[:, None], *ways)

    def _driven(self, kind: str, way: Target, budget: float) -> Floats:
        if kind == "search":
            cuts = self._trees.cuts if isinstance(self._trees, Trees) else None
            return search(way, self._reach(way, budget), self._plan.seed, cuts)
        self._slopes.append(robustness.slopes(way, budget))
        return robustness.fgsm(way, budget, self._plan.seed, self._slopes[-1])

    def _reach(self, target: Target, budget: float) -> Reach:
        dtype = self._model.dtype
        return Reach.of(target, budget, choices(self._plan, dtype), self._settings.categories or 0, dtype)

    def masked(self, changed: Mapping[Any, Floats]) -> dict[str, Any]:
        """The fields about masked slopes; none where no attack goes by slopes."""
        if not self._slopes:
            return {}
        known: list[MaskingSign] = ["labels-only"] if self._plan.output.kind in ("label", "class") else []
        if has_trees(self._graph):
            known.append("steps")
        budgets = self._settings.budgets
        comparable = "noise" in budgets and budgets["noise"] <= budgets["fgsm"]
        found = masking(
            self._target.rows, self._slopes[0], self._turned(changed["noise"]) if comparable else None,
            self._turned(changed["fgsm"]), known=tuple(known),
        )  # fmt: skip
        return {
            "slopes_masked": bool(found.signs),
            "masking_signs": found.signs,
            "zero_slopes": round(found.flat, 6),
            "different_scores": round(found.different, 6),
        }

    def _turned(self, changed: Floats) -> Flags:
        right = self._target.right(self._target.answer(self._target.rows))
        turned: Flags = right & self._target.turned(self._target.answer(changed))
        return turned

    def certified(self, share: float) -> dict[str, Any]:
        """The fields about what was decided; none where the plan asks for nothing to be."""
        asked = self._settings.certify
        if asked is None:
            return {}
        places = np.arange(min(asked.rows, len(self._target.rows)))
        reach = self._reach(self._target, asked.budget).at(places)
        decider = Decider(self._plan, self._model, self._moving, self._sample, reach)
        return decider.fields(asked.budget, self._graph, self._trees, share)


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


def _in_deviations(plan: Plan, sample: Inputs, target: Target, budget: float) -> dict[str, float]:
    """A budget in standard deviations of each feature that it moves and that varies among the rows.

    What a share of the declared range comes to depends on how wide a range was declared, and no row leaves its
    range. Of an array the deviation is that of all its entries together.
    """
    named = numbered(plan, sample)
    found = {}
    for name, columns in named.items():
        scale, spread = float(target.domain.unit[columns].max()), float(target.rows[:, columns].std())
        if target.domain.spread is not None:
            spread = six_digits(spread)
        if scale > 0 and spread > 0:
            found[name] = float(f"{budget * scale / spread:.6g}")
    return found


def _recorded(found: dict[Any, tuple[Interval | None, int]]) -> dict[str, MetricEstimate]:
    return {str(kind): value.recorded(excluded) for kind, (value, excluded) in found.items() if value}


def _needed(value: Interval | None, what: str) -> MetricEstimate:
    if value is None:
        raise EvidenceError(f"the {what} cannot be measured: no row can be judged", hint="test on more rows")
    return value.recorded()
