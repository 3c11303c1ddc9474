"""What is decided and not only tried: on some rows, whether any perturbation turns the answer. Sandboxed child only.

A tree ensemble is decided exactly, a small network by bounds; of anything else nothing is said, and why. A row that the
search turns needs no proof.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from evidence.model.predicates.values import Certificate
from evidence.validation.child.moving import Moving
from evidence.validation.child.network import Network
from evidence.validation.child.session import Inputs, Model
from evidence.validation.child.trees import Trees, UnreadableError
from evidence.validation.kinds import SEVERAL
from evidence.validation.measures.forest import Settled, settle
from evidence.validation.measures.intervals import Floats, wilson
from evidence.validation.measures.margin import STEP, Conditions, conditions
from evidence.validation.measures.reach import Reach
from evidence.validation.measures.search import search
from evidence.validation.measures.tally import Flags
from evidence.validation.plan.model import Plan


class Decider:
    """The first rows of a sample, as many as `reach` has, and what is known of the model that answers them."""

    def __init__(self, plan: Plan, model: Model, moving: Moving, sample: Inputs, reach: Reach) -> None:
        self._plan, self._model, self._moving, self._reach = plan, model, moving, reach
        self._places = np.arange(len(reach))
        self._sample = sample.take(self._places)
        self._target = moving.target().at(self._places)
        before = self._target.answer(self._target.rows)
        self._right, self._excluded = self._target.right(before), int(before.abstained.sum())

    def fields(self, budget: float, graph: bytes, trees: Trees | UnreadableError, share: float) -> dict[str, Any]:
        """The certificate and its shares, for the report; `share` of the rows are independent cases."""
        found = self._found(trees)
        left = np.flatnonzero(self._right & ~found).tolist()
        settled: Mapping[int, Settled] = dict.fromkeys(left, "undecided")
        method, reason = "none", None
        if isinstance(trees, Trees):
            method, settled = "trees", self.by_trees(left, trees)
        else:
            try:
                proved = self._by_bounds(
                    Network(graph, self._plan.output.name, several=self._plan.output.kind in SEVERAL)
                )
                method, settled = "interval-bounds", {row: "proved" if proved[row] else "undecided" for row in left}
            except UnreadableError as network:
                reason = f"not decided exactly: {trees}; no bounds: {network}"
        counts = {word: sum(item == word for item in settled.values()) for word in ("proved", "turned", "undecided")}
        certificate = Certificate(
            method=method,  # type: ignore[arg-type]
            reason=reason,
            budget=budget,
            rows=int(self._right.sum()),
            turned=counts["turned"] + int(found.sum()),
            found=int(found.sum()),
            proved=counts["proved"],
            undecided=counts["undecided"],
        )
        return {"certificate": certificate} | self._shares(certificate, share)

    def _shares(self, made: Certificate, share: float) -> dict[str, Any]:
        """The share that nothing turns, and the share that something does: undecided rows count at its upper end."""
        safe, low, high = (
            wilson(count * share, made.rows * share, self._plan.confidence)
            for count in (made.proved, made.turned, made.turned + made.undecided)
        )
        if not (safe and low and high):
            return {}
        turnable = replace(low, high=high.high)
        return {
            "certified_share": safe.recorded(self._excluded),
            "turnable_share": turnable.recorded(self._excluded),
        }

    def _found(self, trees: Trees | UnreadableError) -> Flags:
        """Right rows that the search turns."""
        found = np.zeros(len(self._places), dtype=np.bool_)
        for way in self._moving.ways(self._moving.target()):
            part = replace(way.at(self._places), places=way.places)
            changed = search(part, self._reach, self._plan.seed, trees.cuts if isinstance(trees, Trees) else None)
            found |= self._right & self._target.turned(self._target.answer(changed))
        return found

    def by_trees(self, rows: list[int], trees: Trees) -> dict[int, Settled]:
        """Each of some rows that are answered rightly, decided by the trees."""
        forest, told = trees.forest, None
        if forest is not None:
            terms = (forest.trees + 8) * STEP
            told = self._told(forest.sums(self._reach.rows), trees.linked, lambda weights: terms * forest.size(weights))
        if told is None:
            forest = None
        return {
            row: settle(forest, told(row) if told else (), trees.cuts, self._reach, row, self._turns(row))
            for row in rows
        }

    def _turns(self, row: int) -> Any:
        """Which of some inputs that stand for a row are answered wrongly."""

        def turned(rows: Floats) -> Flags:
            target = self._moving.target().at(np.full(len(rows), row))
            return target.turned(target.answer(rows))

        return turned

    def _by_bounds(self, network: Network) -> Flags:
        """Rows whose every condition holds at the worst end of the bounds."""
        if self._plan.output.abstain:
            raise UnreadableError("the model may abstain")
        own = self._model.feeds(self._sample)
        told = self._told(network.bounds(own, own).middle, network.linked, lambda _: 0.0)
        if told is None:
            raise UnreadableError("how the scores follow from the sums of the last layer is not told by the rows")
        low, high = self._reach.hull
        ends = (self._model.feeds(self._sample.with_numbers(side)) for side in (low, high))
        made = network.bounds(*ends)
        asked = [told(row) for row in range(len(self._places))]
        proved = np.ones(len(asked), dtype=np.bool_)
        for place in range(max(map(len, asked), default=0)):
            weights = np.stack([item[place].weights for item in asked])
            least, slack = (np.asarray([getattr(item[place], name) for item in asked]) for name in ("least", "slack"))
            proved &= made.least(weights) - least > slack
        return proved

    def _told(self, sums: Floats, linked: bool, size: Any) -> Conditions | None:
        link = self._plan.output.link is not None
        if link and linked:
            return None
        answer = self._moving.answered(self._reach.rows, self._places)
        settings = self._plan.robustness
        labels = self._moving.labels[self._places].astype(np.float64)
        return conditions(
            self._plan.output, sums, linked or link, answer, labels, settings.tolerance if settings else None, size
        )
