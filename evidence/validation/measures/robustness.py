"""Behaviour under bounded perturbation of numeric features, corruption, and invalid input.

The model is a black box: a callable from rows (rows, features), floats in the order of the plan, to an `Answer`.
Attacks always call it with all rows in their order, so that it may hold what else belongs to them; a probe is passed
on as it is, of whatever type and shape. It raises `RefusalError` where the model's runtime turned the input down; any
other exception (out of memory, a bug of the caller) is no safe response and goes through.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Floats, Interval, paired_difference, wilson
from evidence.validation.measures.tally import Flags

NOISE_DRAWS = 10
"""Random perturbations tried on each row; the worst counts."""
SCREENED = 256
"""Rows whose every score among the finite differences is kept, to see whether there are few."""
CELL_SHARE = 0.1
"""Cells that go missing, or hold a value in the wrong unit."""
ROUNDING_STEPS = 20
WRONG_UNIT = 100.0
"""As a percentage stands where a share is meant, or cents for whole money."""
CLIPPED_SHARE = 0.05

Corruption = Literal["gaussian-noise", "missing", "rounding", "unit-error", "clipping"]
CORRUPTIONS: tuple[Corruption, ...] = ("gaussian-noise", "missing", "rounding", "unit-error", "clipping")
ProbeKind = Literal["missing", "infinite", "overflow", "wrong-dtype", "wrong-width", "wrong-rank", "out-of-range"]


class RefusalError(Exception):
    """The model turned the input down instead of answering."""


@dataclass(frozen=True)
class Answer:
    """Scores (rows,) of the positive class, and where the model gave its declared abstain value instead."""

    scores: Floats
    abstained: Flags


Ask = Callable[[NDArray[np.generic]], Answer]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Domain:
    """Range of each numeric feature (features,): as declared, or as seen in the baseline.

    `spread` (features,): what a budget of 1 moves each by, where that is not the range.
    """

    low: Floats
    high: Floats
    spread: Floats | None = None

    @property
    def scale(self) -> Floats:
        """Width of each range."""
        return self.high - self.low

    @property
    def unit(self) -> Floats:
        """What a budget of 1 moves each feature by: its spread where one is given, else its range."""
        return self.scale if self.spread is None else self.spread

    def clip(self, changed: Floats, rows: Floats) -> Floats:
        """Changed rows held within the range, or where the row itself was outside, no further out than it was."""
        held: Floats = np.clip(changed, np.minimum(self.low, rows), np.maximum(self.high, rows))
        return held


@dataclass(frozen=True)
class Target:
    """Rows under attack: `rows` (rows, features), `labels` (rows,) true where positive; positive from `threshold`.

    `places` gives the callable for rows that stand for others than all in their order; where it is absent, `ask` does
    for any rows.
    """

    ask: Ask
    rows: Floats
    labels: Flags
    domain: Domain
    threshold: float = 0.5
    places: Callable[[Places], Ask] | None = None

    def answer(self, rows: Floats) -> Answer:
        """The model's answer; a refusal of the whole batch is an abstention on every row."""
        try:
            return self.ask(rows)
        except RefusalError:
            return Answer(np.full(len(rows), np.nan), np.ones(len(rows), dtype=np.bool_))

    def at(self, places: Places) -> "Target":
        """Some of the rows, any of them also several times."""
        ask = self.places(places) if self.places else self.ask
        return replace(self, ask=ask, rows=self.rows[places], labels=self.labels[places], places=None)

    def turned(self, answer: Answer) -> Flags:
        """Rows whose answer is wrong: a wrong class, or a score of NaN, and no abstention."""
        wrong: Flags = ~answer.abstained & ~self.right(answer)
        return wrong

    def right(self, answer: Answer) -> Flags:
        """Rows answered with the right class: neither an abstention nor a score of NaN is."""
        known = ~answer.abstained & np.isfinite(answer.scores)
        correct: Flags = known & ((answer.scores >= self.threshold) == self.labels)
        return correct

    def loss(self, answer: Answer) -> Floats:
        """How wrong each row is answered, for choosing among perturbations: NaN is worst, an abstention is no harm."""
        chance = np.where(self.labels, 1 - answer.scores, answer.scores)
        return np.where(answer.abstained, -np.inf, np.nan_to_num(chance, nan=np.inf))


@dataclass(frozen=True)
class Attacked:
    """What an attack or corruption did; None where there were no rows to judge it on.

    `success`: share of the rightly classified rows whose class flipped (or whose score became NaN).
    `drop`: accuracy before less accuracy after, paired by row; an abstention is no right answer here.
    `excluded`: rows on which the model abstained before anything was changed.
    """

    success: Interval | None
    drop: Interval | None
    excluded: int


def noise(target: Target, budget: float, seed: int, draws: int = NOISE_DRAWS) -> Floats:
    """Rows moved at random by at most `budget` times each feature's unit; the worst of `draws` tries for each row."""
    rng = np.random.default_rng([seed, 1])
    worst, worst_loss = target.rows, np.full(len(target.rows), -np.inf)
    for _ in range(draws):
        step = rng.uniform(-1, 1, target.rows.shape) * budget * target.domain.unit
        worst, worst_loss = _worse(target, worst, worst_loss, target.domain.clip(target.rows + step, target.rows))
    return worst


@dataclass(frozen=True)
class Slopes:
    """What finite differences show: one feature moved at a time, up and down by its whole budget.

    `sign` (rows, features): the direction in which the answer gets worse, 0 where both ways are answered alike. `asked`
    (rows, features): where the two were different inputs, and answered. `scores` (rows, 2 * features): the losses of
    the first rows. `moved`: a row that one such step turned, where `turned` says so.
    """

    sign: Floats
    asked: Flags
    scores: Floats
    moved: Floats
    turned: Flags


def slopes(target: Target, budget: float) -> Slopes:
    """Symmetric finite differences: 2 calls for each feature that moves. They span the whole budget, so that the steps
    of trees are seen. Source: P.-Y. Chen et al., ZOO: zeroth order optimization based black-box attacks (AISec 2017).
    """
    rows, step = target.rows, budget * target.domain.unit
    open_, moved, turned = target.right(target.answer(rows)), rows.copy(), np.zeros(len(rows), dtype=np.bool_)
    sign, asked = np.zeros(rows.shape), np.zeros(rows.shape, dtype=np.bool_)
    scores = np.full((min(len(rows), SCREENED), 2 * rows.shape[1]), np.nan)
    for feature in np.flatnonzero(step > 0).tolist():
        losses, inputs, known = [], [], np.ones(len(rows), dtype=np.bool_)
        for side, way in enumerate((1.0, -1.0)):
            tried = rows.copy()
            tried[:, feature] += way * step[feature]
            tried = target.domain.clip(tried, rows)
            answer = target.answer(tried)
            fresh = open_ & ~turned & target.turned(answer)
            moved[fresh] = tried[fresh]
            turned |= fresh
            known &= ~answer.abstained
            losses.append(target.loss(answer))
            inputs.append(tried[:, feature])
            scores[:, 2 * feature + side] = losses[-1][: len(scores)]
        above, below = losses
        sign[above > below, feature] = 1.0
        sign[below > above, feature] = -1.0
        asked[:, feature] = known & (inputs[0] != inputs[1])
    return Slopes(sign, asked, scores, moved, turned)


def fgsm(target: Target, budget: float, seed: int, found: Slopes | None = None) -> Floats:
    """Fast gradient sign step of `budget` times each feature's unit, with gradients by finite differences (`found`).

    Where a feature shows no slope its direction is random, so that a flat answer is not taken for a robust one. A row
    that the step does not turn, but one of the differences did, is moved as that was: no flip that was seen is lost.
    Source: I. Goodfellow et al., Explaining and harnessing adversarial examples (ICLR 2015).
    """
    rng = np.random.default_rng([seed, 2])
    rows, step = target.rows, budget * target.domain.unit
    found = found or slopes(target, budget)
    sign = np.where(found.sign == 0, rng.choice(np.array([-1.0, 1.0]), size=rows.shape), found.sign)
    changed = target.domain.clip(rows + step * sign, rows)
    missed = found.turned & ~target.turned(target.answer(changed))
    return np.where(missed[:, None], found.moved, changed)


def _worse(target: Target, kept: Floats, kept_loss: Floats, tried: Floats) -> tuple[Floats, Floats]:
    """For each row the one of two perturbations that is answered worse."""
    loss = target.loss(target.answer(tried))
    better = loss >= kept_loss  # so that a changed row is kept even where the model abstains on it
    return np.where(better[:, None], tried, kept), np.where(better, loss, kept_loss)


def corrupt(kind: Corruption, target: Target, budget: float, seed: int) -> Floats:
    """Rows (rows, features) with an ordinary fault of data: normal noise of `budget` times the unit, or another kind.

    `missing` empties a tenth of the cells (NaN); `unit-error` writes a tenth of them a hundred times too large;
    `rounding` keeps twenty steps of each range; `clipping` holds each feature within its 5th and 95th percentile among
    these rows, as a full sensor or a capped form does.
    """
    rng = np.random.default_rng([seed, 3, *kind.encode()])
    rows, scale = target.rows, target.domain.scale
    if kind == "gaussian-noise":
        return target.domain.clip(rows + rng.standard_normal(rows.shape) * budget * target.domain.unit, rows)
    if kind == "missing":
        return np.where(rng.random(rows.shape) < CELL_SHARE, np.nan, rows)
    if kind == "unit-error":
        return np.where(rng.random(rows.shape) < CELL_SHARE, rows * WRONG_UNIT, rows)
    if kind == "clipping":
        return _clipped(rows)
    width = np.where(scale > 0, scale / ROUNDING_STEPS, 1.0)
    return np.where(scale > 0, np.rint((rows - target.domain.low) / width) * width + target.domain.low, rows)


def _clipped(rows: Floats) -> Floats:
    held = rows.copy()
    for feature in range(rows.shape[1]):
        values = rows[:, feature]
        known = values[~np.isnan(values)]
        if len(known):
            held[:, feature] = np.clip(values, *np.quantile(known, [CLIPPED_SHARE, 1 - CLIPPED_SHARE]))
    return held


def measure(target: Target, changed: Floats, confidence: float = 0.95, share: float = 1.0) -> Attacked:
    """Compares the answers on changed rows with those on the rows as they were.

    `share` of the rows are independent cases (see `copies`).
    """
    before, after = target.answer(target.rows), target.answer(changed)
    judged = ~before.abstained
    was, still = target.right(before)[judged], target.right(after)[judged]
    harmed = was & ~still & ~after.abstained[judged]
    return Attacked(
        success=wilson(harmed.sum() * share, was.sum() * share, confidence),
        drop=paired_difference(
            (was & ~still).sum() * share, (still & ~was).sum() * share, len(was) * share, confidence
        ),
        excluded=int(before.abstained.sum()),
    )


@dataclass(frozen=True)
class Probe:
    """One input that no model should answer; `rows` may have any type and shape."""

    kind: ProbeKind
    rows: NDArray[np.generic]


def probes(rows: Floats, domain: Domain, repeats: int = 1) -> tuple[Probe, ...]:
    """Invalid inputs made of valid rows, taken in turn.

    `repeats` times: each feature missing (NaN), infinite, too large for a 32-bit float, ten ranges outside its domain;
    and a row of the wrong type, too wide, too narrow, of the wrong rank.
    """
    made: list[Probe] = []
    features = rows.shape[1]
    for turn in range(repeats):
        for feature in range(features):
            row = rows[(turn * features + feature) % len(rows)][None, :]
            span = 10 * (domain.scale[feature] or 1.0)
            spoilt: tuple[tuple[ProbeKind, float], ...] = (
                ("missing", np.nan),
                ("infinite", np.inf),
                ("infinite", -np.inf),
                ("overflow", 1e300),
                ("out-of-range", domain.low[feature] - span),
                ("out-of-range", domain.high[feature] + span),
            )
            made += [Probe(kind, _with(row, feature, value)) for kind, value in spoilt]
        row = rows[turn % len(rows)][None, :]
        made += [
            Probe("wrong-dtype", np.full(row.shape, "x", dtype=np.str_)),
            Probe("wrong-width", np.hstack([row, row[:, :1]])),
            Probe("wrong-width", row[:, :-1]),
            Probe("wrong-rank", row[None]),
        ]
    return tuple(made)


def _with(row: Floats, feature: int, value: float) -> Floats:
    changed = row.copy()
    changed[0, feature] = value
    return changed


@dataclass(frozen=True)
class Rejections:
    """Shares of malformed and of out-of-range probes rejected, and all of them counted as fault trials."""

    invalid: Interval | None
    out_of_range: Interval | None
    trials: int
    safe: int


def reject(ask: Ask, tried: Sequence[Probe], confidence: float = 0.95) -> Rejections:
    """Sends each probe alone. Safe is a refusal or the abstain value on every row; a score, even NaN, is not."""
    safe = [(probe.kind, _is_safe(ask, probe.rows)) for probe in tried]
    invalid = [was_safe for kind, was_safe in safe if kind != "out-of-range"]
    outside = [was_safe for kind, was_safe in safe if kind == "out-of-range"]
    return Rejections(
        invalid=wilson(sum(invalid), len(invalid), confidence),
        out_of_range=wilson(sum(outside), len(outside), confidence),
        trials=len(safe),
        safe=sum(was_safe for _, was_safe in safe),
    )


def _is_safe(ask: Ask, rows: NDArray[np.generic]) -> bool:
    try:
        answer = ask(rows)
    except RefusalError:
        return True
    return len(answer.abstained) > 0 and bool(answer.abstained.all())


def valid_rejection(ask: Ask, rows: Floats, confidence: float = 0.95, share: float = 1.0) -> Interval | None:
    """Share of valid rows refused or abstained on; rows are asked one by one where the batch is refused."""
    try:
        refused = int(ask(rows).abstained.sum()) if len(rows) else 0
    except RefusalError:
        refused = sum(_is_safe(ask, rows[index : index + 1]) for index in range(len(rows)))
    return wilson(refused * share, len(rows) * share, confidence)
