"""Whether anything within reach of a row turns the answer of a tree ensemble: decided exactly, row by row.

Within reach a row meets a finite number of cells, boxes between splits in which no answer changes. Three ways, each
tried where the one before it did not decide:
1. bounds: each tree gives at least the least of its leaves within reach; where their sum is on the right side, nothing
   turns the row (H. Chen et al., Robustness verification of tree-based models, NeurIPS 2019);
2. the model is asked in every cell, where these are few;
3. a mixed-integer programme looks for leaves, one a tree and consistent with each other, whose sum is on the wrong side
   (A. Kantchelian et al., Evasion and hardening of tree ensemble classifiers, ICML 2016; solved by HiGHS).
A row counts as turned only where the model itself answered wrongly, and as proved only with room for the rounding of
its sums. What is left, and what the solver gives up after a fixed number of nodes, is undecided; no clock decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.intervals import Floats
from evidence.validation.measures.margin import Condition
from evidence.validation.measures.reach import Cuts, Reach
from evidence.validation.measures.tally import Flags

MAX_CELLS = 4096
"""Cells of a row up to which the model is asked in each."""
MAX_LEAVES = 6000
"""Leaves within reach of a row up to which a programme is solved."""
MAX_SOLVED = 2000
"""Nodes after which the solver gives a row up."""

Settled = Literal["proved", "turned", "undecided"]
Turned = Callable[[Floats], Flags]
"""Which of some inputs (inputs, features), all standing for one row, the model answers wrongly."""


@dataclass(frozen=True)
class Forest:
    """Trees whose leaves are added up. A child stands after its parent.

    `feature`, `cut`, `yes`, `no` (nodes,): where `x[feature] <= cut` the child `yes`, else `no`; below 0 at a leaf.
    `tree`, `parent` (nodes,). `values` (nodes, columns): what a leaf adds, 0 elsewhere. `base` (columns,).
    """

    feature: NDArray[np.int64]
    cut: Floats
    yes: NDArray[np.int64]
    no: NDArray[np.int64]
    tree: NDArray[np.int64]
    parent: NDArray[np.int64]
    values: Floats
    base: Floats

    @property
    def leaf(self) -> Flags:
        """Which nodes are leaves."""
        return self.yes < 0

    @cached_property
    def levels(self) -> tuple[NDArray[np.int64], ...]:
        """The nodes of each level, the roots first."""
        depth = np.zeros(len(self.yes), dtype=np.int64)
        for node in range(len(depth)):
            if self.parent[node] >= 0:
                depth[node] = depth[self.parent[node]] + 1
        return tuple(np.flatnonzero(depth == level) for level in range(int(depth.max(initial=0)) + 1))

    @property
    def trees(self) -> int:
        """Number of trees."""
        return int(self.tree.max(initial=-1)) + 1

    def size(self, weights: Floats) -> float:
        """The largest sum that weights (columns,) can make of the leaves, all taken as positive."""
        worst = np.zeros(self.trees)
        np.maximum.at(worst, self.tree, np.abs(self.values @ weights))
        return float(worst.sum() + abs(self.base @ weights))

    def sums(self, rows: Floats) -> Floats:
        """What the trees add up to (rows, columns)."""
        total = np.tile(self.base, (len(rows), 1))
        every = np.arange(len(rows))
        for root in self.levels[0].tolist():
            at = np.full(len(rows), root)
            while (inner := ~self.leaf[at]).any():
                goes = rows[every, self.feature[at]] <= self.cut[at]
                at = np.where(inner, np.where(goes, self.yes[at], self.no[at]), at)
            total += self.values[at]
        return total

    def reached(self, low: Floats, high: Floats) -> Flags:
        """Nodes that some row from `low` to `high` (features,) gets to."""
        flags = np.zeros(len(self.yes), dtype=np.bool_)
        flags[self.levels[0]] = True
        for nodes in self.levels:
            inner = nodes[flags[nodes] & ~self.leaf[nodes]]
            flags[self.yes[inner[low[self.feature[inner]] <= self.cut[inner]]]] = True
            flags[self.no[inner[high[self.feature[inner]] > self.cut[inner]]]] = True
        return flags

    def least(self, reached: Flags, weights: Floats) -> float:
        """A number that no weighted sum of reachable leaves is below."""
        leaves = np.flatnonzero(reached & self.leaf)
        low = np.full(self.trees, np.inf)
        np.minimum.at(low, self.tree[leaves], self.values[leaves] @ weights)
        return float(low.sum() + self.base @ weights)


def settle(
    forest: Forest | None, conditions: Sequence[Condition], cuts: Cuts, reach: Reach, row: int, turned: Turned
) -> Settled:
    """Decide one row. Without a forest, or a condition under which its sum is right, cells are all that is tried."""
    points = {f: reach.points(row, f, cuts.get(f, np.zeros(0))) for f in reach.movable}
    points = {feature: found for feature, found in points.items() if len(found) > 1}
    own = reach.rows[row]
    if forest is None or not conditions:
        return _asked(points, reach, own, turned) or "undecided"
    low, high = own.copy(), own.copy()
    for feature, found in points.items():
        low[feature], high[feature] = found[0], found[-1]
    flags = forest.reached(low, high)
    open_ = [item for item in conditions if forest.least(flags, item.weights) - item.least <= item.slack]
    if not open_:
        return "proved"
    points = _told_apart(forest, flags, points, own)
    if settled := _asked(points, reach, own, turned):
        return settled
    if int((flags & forest.leaf).sum()) > MAX_LEAVES:
        return "undecided"
    results = [_solved(forest, flags, item, points, reach, own, turned) for item in open_]
    return "turned" if "turned" in results else "undecided" if "undecided" in results else "proved"


def _told_apart(forest: Forest, flags: Flags, points: Mapping[int, Floats], own: Floats) -> dict[int, Floats]:
    """The points that some reachable split tells apart, one of each kind; the row's own where it is among them."""
    inner = flags & ~forest.leaf
    found = {}
    for feature, values in points.items():
        used = np.unique(forest.cut[inner & (forest.feature == feature)])
        kind = np.searchsorted(used, values)
        kept = {int(k): float(v) for k, v in zip(kind, values, strict=True)}
        if own[feature] in values:
            kept[int(np.searchsorted(used, own[feature]))] = float(own[feature])
        if len(kept) > 1:
            found[feature] = np.asarray([kept[k] for k in sorted(kept)])
    return found


def _asked(points: Mapping[int, Floats], reach: Reach, own: Floats, turned: Turned) -> Settled | None:
    """Ask the model in every cell; None where these are too many."""
    if prod(len(values) for values in points.values()) > MAX_CELLS:
        return None
    rows = np.tile(own, (max(1, prod(len(values) for values in points.values())), 1))
    if points:
        rows[:, list(points)] = np.asarray(list(product(*points.values())))
    changed = sum(((rows[:, f] != own[f]).astype(np.int64) for f in reach.choices), np.zeros(len(rows), np.int64))
    return "turned" if turned(rows[changed <= reach.changes]).any() else "proved"


def _solved(
    forest: Forest,
    flags: Flags,
    condition: Condition,
    points: Mapping[int, Floats],
    reach: Reach,
    own: Floats,
    turned: Turned,
) -> Settled:
    """Look for consistent leaves whose sum breaks a condition."""
    from scipy.optimize import milp

    programme = _Programme(forest, flags, condition, points, reach, own)
    result = milp(**programme.given(), options={"node_limit": MAX_SOLVED, "mip_rel_gap": 0.0})
    if result.status == 2:  # infeasible: no leaves break it
        return "proved"
    if result.x is None:
        return "undecided"
    found = programme.row(result.x)
    changed = sum(int(found[f] != own[f]) for f in reach.choices)
    return "turned" if changed <= reach.changes and turned(found[None, :]).any() else "undecided"


class _Programme:
    """The variables: a share for each reachable leaf, whether `x <= point` for each pair of neighbouring points, and
    for each category whether it changed.
    """

    def __init__(
        self,
        forest: Forest,
        flags: Flags,
        condition: Condition,
        points: Mapping[int, Floats],
        reach: Reach,
        own: Floats,
    ) -> None:
        self._forest, self._condition, self._points, self._own = forest, condition, points, own
        self._leaves = np.flatnonzero(flags & forest.leaf)
        start = len(self._leaves)
        self._first: dict[int, int] = {}
        for feature, values in points.items():
            self._first[feature] = start
            start += len(values) - 1
        self._categories = [feature for feature in points if feature in reach.choices]
        self._changed = {feature: start + place for place, feature in enumerate(self._categories)}
        self._count = start + len(self._categories)
        self._changes = reach.changes
        self._entries: list[tuple[int, int, float]] = []
        self._ends: list[tuple[float, float]] = []

    def given(self) -> dict[str, Any]:
        """What `milp` takes: leaves that break the condition, by as much as there is."""
        from scipy.optimize import Bounds, LinearConstraint
        from scipy.sparse import csr_array

        forest, weights = self._forest, self._condition.weights
        values = forest.values[self._leaves] @ weights
        for tree in np.unique(forest.tree[self._leaves]):
            self._add([(place, 1.0) for place in np.flatnonzero(forest.tree[self._leaves] == tree).tolist()], 1.0, 1.0)
        self._consistent()
        self._ordered()
        self._few_changes()
        room = self._condition.least + self._condition.slack - float(forest.base @ weights)
        # Left wider than the slack by what the solver lets a constraint be broken.
        self._add(list(enumerate(values.tolist())), -np.inf, room + 1e-6 * (1 + float(np.abs(values).sum())))
        lines, columns, numbers = zip(*self._entries, strict=True)
        table = csr_array((numbers, (lines, columns)), shape=(len(self._ends), self._count))
        low, high = zip(*self._ends, strict=True)
        whole = np.ones(self._count)
        whole[: len(self._leaves)] = 0
        return {
            "c": np.concatenate([values, np.zeros(self._count - len(values))]),
            "constraints": LinearConstraint(table, low, high),
            "integrality": whole,
            "bounds": Bounds(0, 1),
        }

    def row(self, solution: Floats) -> Floats:
        """The row that a solution stands for."""
        made = self._own.copy()
        for feature, values in self._points.items():
            first = self._first[feature]
            made[feature] = values[len(values) - 1 - int(np.rint(solution[first : first + len(values) - 1]).sum())]
        return made

    def _add(self, entries: Sequence[tuple[int, float]], low: float, high: float) -> None:
        line = len(self._ends)
        self._entries += [(line, column, number) for column, number in entries]
        self._ends.append((low, high))

    def _consistent(self) -> None:
        """A leaf on one side of a split is taken only where the row lies on that side."""
        forest = self._forest
        sides: dict[tuple[int, bool], list[int]] = {}
        for place, leaf in enumerate(self._leaves.tolist()):
            child = leaf
            while (node := int(forest.parent[child])) >= 0:
                if int(forest.feature[node]) in self._points:
                    sides.setdefault((node, child == forest.yes[node]), []).append(place)
                child = node
        for (node, side), leaves in sides.items():
            feature = int(forest.feature[node])
            values = self._points[feature]
            below = int(np.searchsorted(values, forest.cut[node], side="right"))
            if below in (0, len(values)):
                continue  # the row is always on one side, and the other side's leaves are not within reach
            split = self._first[feature] + below - 1
            taken = [(place, 1.0) for place in leaves]
            self._add([*taken, (split, -1.0 if side else 1.0)], -np.inf, 0.0 if side else 1.0)

    def _ordered(self) -> None:
        """What is no greater than a point is no greater than the next."""
        for feature, values in self._points.items():
            first = self._first[feature]
            for place in range(len(values) - 2):
                self._add([(first + place, 1.0), (first + place + 1, -1.0)], -np.inf, 0.0)

    def _few_changes(self) -> None:
        """A category changed where it lies on another side of any pair of points than the row; few may."""
        for feature in self._categories:
            first, values = self._first[feature], self._points[feature]
            for place in range(len(values) - 1):
                below = self._own[feature] <= values[place]
                sign, high = (-1.0, -1.0) if below else (1.0, 0.0)
                self._add([(first + place, sign), (self._changed[feature], -1.0)], -np.inf, high)
        if self._categories:
            self._add([(column, 1.0) for column in self._changed.values()], 0.0, float(self._changes))
