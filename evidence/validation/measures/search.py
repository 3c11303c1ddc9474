"""An attack that asks for answers alone: one feature after the other is moved to where the answer is worst.

It needs no slope, so that steps and rounded scores do not hide from it. Candidates of a feature are its two ends and a
number on each side of every cut: the splits of a tree ensemble where the graph shows them, else the jumps that
bisection finds; where there are none, four numbers in between.
Source of the search by coordinates: P. Yang et al., Greedy attack and Gumbel attack (JMLR 21, 2020); jumps by bisection
follow W. Brendel et al., Decision-based adversarial attacks (ICLR 2018).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Floats
from evidence.validation.measures.reach import Cuts, Reach
from evidence.validation.measures.robustness import Target
from evidence.validation.measures.tally import Flags

RESTARTS = 6
"""Starts: the row itself, then random places within reach."""
SWEEPS = 6
"""Times that each feature is tried from one start, at most."""
MAX_CANDIDATES = 48
"""Numbers tried for one feature of a row; of more cuts an even selection is taken."""
MAX_ASKED = 1_500_000
"""Rows asked after which no new sweep begins; the first sweep is always whole."""
_PIECE = 8_000_000
"""Numbers held at a time."""
_BISECTED = 64
"""Rows, and features, up to which jumps are looked for by bisection."""
_HALVINGS = 26
_JUMP = 0.01
"""Part of a difference that has to be left after so many halvings: what is smooth has none left."""


def search(target: Target, reach: Reach, seed: int, cuts: Cuts | None = None) -> Floats:
    """The rows, moved where that turns an answer that was right; the others as they are.

    `cuts` are all that the model has, where they are known. Deterministic by `seed`.
    """
    known = jumps(target, reach) if cuts is None else cuts
    return _Search(target, reach, known, np.random.default_rng([seed, 4])).run()


class _Search:
    def __init__(self, target: Target, reach: Reach, cuts: Cuts, rng: np.random.Generator) -> None:
        self._target, self._reach, self._cuts, self._rng = target, reach, cuts, rng
        self._best = target.rows.copy()
        self._open: Flags = target.right(target.answer(target.rows))
        self._asked = 0

    def run(self) -> Floats:
        for start in range(RESTARTS):
            places = np.flatnonzero(self._open)
            if not len(places) or (start and self._asked > MAX_ASKED):
                break
            state = self._reach.rows[places].copy() if start == 0 else self._somewhere(places)
            loss = self._ask(places, state)
            for sweep in range(SWEEPS):
                if (start or sweep) and self._asked > MAX_ASKED:
                    break
                before = loss.copy()
                order = np.asarray(self._reach.movable)
                for feature in order if start == 0 and sweep == 0 else self._rng.permutation(order):
                    self._move(int(feature), places, state, loss)
                    left = self._open[places]
                    places, state, loss, before = places[left], state[left], loss[left], before[left]
                if not len(places) or not (loss > before).any():
                    break
        return self._best

    def _move(self, feature: int, places: NDArray[np.int64], state: Floats, loss: Floats) -> None:
        """Put a feature of each row to where its answer is worst; of several alike any."""
        if not len(places):
            return
        values = self._candidates(feature, places, state)
        fresh = values != state[:, feature, None]
        fresh[:, 1:] &= values[:, 1:] != values[:, :-1]
        row, column = np.nonzero(fresh)
        tried = state[row]
        tried[:, feature] = values[row, column]
        found = np.full(values.shape, -np.inf)
        found[row, column] = self._ask(places[row], tried)
        worst = found.max(axis=1)
        # Among equals one at random: on a flat piece a walk gets further than a stand.
        rank = np.where(found == worst[:, None], self._rng.random(found.shape), -1.0)
        taken = values[np.arange(len(places)), rank.argmax(axis=1)]
        moved = worst >= loss
        state[moved, feature] = taken[moved]
        loss[moved] = worst[moved]

    def _ask(self, places: NDArray[np.int64], tried: Floats) -> Floats:
        """Losses of some tries (tries, features), each for the row of its place; what turns a row is kept."""
        losses = np.empty(len(tried))
        step = max(1, _PIECE // tried.shape[1])
        for start in range(0, len(tried), step):
            part = places[start : start + step]
            target = self._target.at(part)
            given = tried[start : start + step]
            answer = target.answer(given)
            losses[start : start + step] = target.loss(answer)
            hit = target.turned(answer) & self._open[part]
            self._best[part[hit]] = given[hit]
            self._open[part[hit]] = False
        self._asked += len(tried)
        return losses

    def _candidates(self, feature: int, places: NDArray[np.int64], state: Floats) -> Floats:
        """Numbers (rows, candidates) to try for one feature; those that are too many changes are as the row was."""
        reach = self._reach
        own = reach.rows[places, feature]
        if feature in reach.choices:
            values = np.broadcast_to(reach.choices[feature], (len(places), len(reach.choices[feature])))
            others = reach.at(places).changed(state) - (state[:, feature] != own)
            allowed = (others[:, None] < reach.changes) | (values == own[:, None])
            return np.where(allowed, values, own[:, None])
        low, high = reach.low[places, feature], reach.high[places, feature]
        cuts = self._cuts.get(feature, np.zeros(0))
        if not len(cuts):
            return np.stack([low, (low + own) / 2, (own + high) / 2, high], axis=1)
        first, last = np.searchsorted(cuts, low), np.searchsorted(cuts, high)
        count = last - first
        tries = min(MAX_CANDIDATES, int(count.max(initial=0)))
        places_of = first[:, None] + np.arange(tries) * np.maximum(count, tries)[:, None] // max(tries, 1)
        inside = np.where(places_of < last[:, None], cuts[np.minimum(places_of, len(cuts) - 1)], high[:, None])
        return np.column_stack([low, inside, high])

    def _somewhere(self, places: NDArray[np.int64]) -> Floats:
        """A random place within reach of each row: some features anywhere, the others as they were."""
        reach, rng = self._reach, self._rng
        rows = reach.rows[places].copy()
        share = rng.random(len(places))
        for feature in rng.permutation(np.asarray(reach.movable)).tolist():
            values = self._candidates(feature, places, rows)
            taken = values[np.arange(len(places)), rng.integers(values.shape[1], size=len(places))]
            rows[:, feature] = np.where(rng.random(len(places)) < share, taken, rows[:, feature])
        return rows


def jumps(target: Target, reach: Reach) -> Cuts:
    """Cuts that show in the answers: where a feature of a row jumps on the way to its ends, by bisection.

    Looked for on the first rows alone, and not where features are many: a tree has its splits for all rows.
    """
    numbers = [feature for feature in reach.movable if feature not in reach.choices]
    if len(numbers) > _BISECTED or not len(reach):
        return {}
    places = np.arange(min(len(reach), _BISECTED))
    near = target.at(places)
    found = {}
    for feature in numbers:
        sides = [_jumps(near, reach, places, feature, end) for end in (reach.low, reach.high)]
        cuts = np.unique(np.concatenate(sides))
        if len(cuts):
            found[feature] = cuts
    return found


def _jumps(target: Target, reach: Reach, places: NDArray[np.int64], feature: int, ends: Floats) -> Floats:
    def loss(values: Floats) -> Any:
        rows = target.rows.copy()
        rows[:, feature] = values
        found: Floats = np.clip(target.loss(target.answer(rows)), -1e300, 1e300)
        return found

    near, far = reach.rows[places, feature], ends[places, feature]
    at_near, at_far = loss(near), loss(far)
    whole = np.abs(at_far - at_near)
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        at_middle = loss(middle)
        outer = np.abs(at_far - at_middle) >= np.abs(at_middle - at_near)
        near, at_near = np.where(outer, middle, near), np.where(outer, at_middle, at_near)
        far, at_far = np.where(outer, far, middle), np.where(outer, at_far, at_middle)
    jumped = (whole > 0) & (np.abs(at_far - at_near) >= _JUMP * whole)
    cuts: Floats = np.concatenate([near[jumped], far[jumped]])  # a number on either side of each
    return cuts
