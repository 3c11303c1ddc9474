"""How well a model ranks the items of a query: over all queries, by slice and by period.

Recorded: `ndcg`, `mrr`, `precision_at_k`, `recall_at_k`, `ndcg_lift`, `tied_pairs`, `uninformative_queries`. The query
is the independent case, and each measure a mean over queries. A query that no order could make better or worse (one
item, all of one relevance, no more items than the cutoff) says nothing of the model: a measure leaves it out, and what
part of the queries that is gets told. A slice takes its own rows: where the attribute is one of items, it is their
order among themselves. Definitions are scikit-learn's (`ndcg_score`) and those of trec_eval, ties averaged (`lists`).
Source: K. Järvelin and J. Kekäläinen, Cumulated gain-based evaluation of IR techniques, ACM TOIS 20 (2002) 422-446.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evidence.validation.measures.copies import Shares
from evidence.validation.measures.intervals import Floats, Interval
from evidence.validation.measures.lists import Columns, Keys, Lists, Whole
from evidence.validation.measures.means import skewed_mean
from evidence.validation.measures.performance import Least, Performance
from evidence.validation.measures.tally import Codes
from evidence.validation.plan.output import Judged


class RankingPerformance(Performance):
    """Accumulates items with a relevance and a score, as `Performance` does rows of two classes.

    The tally underneath counts rows alone, in groups and left out. Memory: some 40 bytes an item.
    """

    def __init__(self, judged: Judged, dimensions: Sequence[str] = ()) -> None:
        super().__init__(dimensions)
        self._judged = judged
        self._items = Columns()

    def count(self, query: Keys, cluster: Keys, grades: Floats, scores: Floats, codes: Mapping[str, Codes]) -> None:
        """Counts a batch: (items,) each. `cluster` is what makes queries alike, the query itself where nothing does."""
        everyone = np.ones(len(query), dtype=np.bool_)
        self.update(everyone, everyone, None, codes)
        groups = {f"group {name}": code.astype(np.int32) for name, code in codes.items() if name in self.groups}
        self._items.add(query=query, cluster=cluster, grade=grades, score=scores, **groups)
        self.__dict__.pop("_whole", None)

    @cached_property
    def _whole(self) -> "_Measured":
        items = self._items.take()
        return _measured(items, np.ones(len(items.get("query", ())), dtype=np.bool_), self._judged)

    @property
    def n(self) -> int:
        """Queries whose order matters."""
        return int(self._whole.told("ndcg").sum())

    def overall(self, confidence: float = 0.95, share: float = 1.0) -> dict[str, Interval]:
        """Every metric that is defined; `share` is the number of independent cases that a query stands for."""
        return self._whole.intervals(self._judged, confidence, share)

    def by_group(
        self,
        dimension: str,
        confidence: float = 0.95,
        shares: Shares = MappingProxyType({}),
        metrics: Sequence[str] = (),  # noqa: ARG002  (all come of the same lists)
    ) -> dict[str, dict[str, Interval]]:
        """Every defined metric of the items of each group among themselves, by the group's value."""
        return {
            value: part.intervals(self._judged, confidence, shares.get((value,), 1.0))
            for value, part in self._parts(dimension).items()
        }

    def _parts(self, dimension: str) -> "dict[str, _Measured]":
        items, names = self._items.take(), self.groups[dimension].names
        known = self.__dict__.setdefault("_known_parts", {})
        if dimension not in known:
            codes = items[f"group {dimension}"] if items else np.zeros(0, dtype=np.int32)
            known[dimension] = {
                names[code]: _measured(items, codes == code, self._judged) for code in np.unique(codes[codes >= 0])
            }
        found: dict[str, _Measured] = known[dimension]
        return found

    def _too_small(self, dimension: str, value: str, metric: str, shares: Shares, least: Least) -> str:
        part = self._parts(dimension).get(value)
        told = part.cases(metric, shares.get((value,), 1.0)) if part else 0.0
        if 0 < int(told + 1e-6) < least.rows:
            return f"{int(told + 1e-6)} independent queries whose order matters, fewer than {least.rows}"
        return ""

    def _why_undefined(self, dimension: str, value: str) -> str:
        if not self.rows(dimension).get(value):
            return "every row was left out"
        return "no query has items of different relevance"


@dataclass(frozen=True)
class _Measured:
    """Each measure of each list, NaN where no order could change it, and what lists are alike."""

    values: Mapping[str, Floats]
    cluster: Keys

    def told(self, name: str) -> NDArray[np.bool_]:
        """The lists of which the measure tells something."""
        return ~np.isnan(self.values[name])

    def cases(self, name: str, share: float) -> float:
        """Independent cases among the lists that tell: Kish's effective number, one a cluster where all are alike."""
        told = self.told(name)
        if not told.any():
            return 0.0
        sizes = np.unique(self.cluster[told], return_counts=True)[1].astype(np.float64)
        return min(float(sizes.sum() ** 2 / (sizes**2).sum()), float(told.sum()) * max(share, 1 / len(told)))

    def intervals(self, judged: Judged, confidence: float, share: float) -> dict[str, Interval]:
        """Means over the lists with their intervals; of what no list tells there is none."""
        found = {}
        for name, values in self.values.items():
            cases, told = self.cases(name, share), values[self.told(name)]
            if cases < 1:
                continue
            unseen = (-1.0, 1.0) if name == "ndcg_lift" else (0.0, 1.0)
            mean = skewed_mean(told, np.full(len(told), cases / len(told)), unseen, confidence)
            if mean is not None:
                found[name] = replace(mean, method=judged.says)
        return found


def _measured(items: Mapping[str, NDArray[Any]], rows: NDArray[np.bool_], judged: Judged) -> _Measured:
    """Every measure of the lists that these rows make."""
    if not rows.any():
        return _Measured({"ndcg": np.zeros(0)}, np.zeros(0, dtype=np.uint64))
    lists = Lists.by(items["query"][rows], items["score"][rows])
    grades = items["grade"][rows][lists.order]
    first = np.searchsorted(lists.of, np.arange(lists.count))
    values = {**_gains(lists, grades, judged), **_hits(lists, grades >= judged.relevant, judged.cutoff)}
    values["tied_pairs"] = _tied(lists, grades)
    values["uninformative_queries"] = np.isnan(values["ndcg"]).astype(np.float64)
    return _Measured(values, items["cluster"][rows][lists.order][first])


def _gains(lists: Lists, grades: Floats, judged: Judged) -> dict[str, Floats]:
    """NDCG of each list, and how much it is above that of a shuffle."""
    worth = lists.discounts(judged.cutoff)
    gains = grades if judged.gain == "linear" else np.exp2(grades) - 1
    reached = lists.sums(lists.shared(gains) * worth)
    best = np.lexsort((-gains, lists.of))  # each list stays where it is
    ideal = lists.sums(gains[best] * worth)
    shuffled = lists.sums(gains) / lists.sizes * lists.sums(worth)
    lowest, highest = _extremes(lists, grades)
    tells = (highest > lowest) & (ideal > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ndcg = np.where(tells, np.clip(reached / ideal, 0.0, 1.0), np.nan)
        chance = np.where(tells, shuffled / ideal, np.nan)
    return {"ndcg": ndcg, "ndcg_lift": ndcg - chance}


def _extremes(lists: Lists, grades: Floats) -> tuple[Floats, Floats]:
    first = np.searchsorted(lists.of, np.arange(lists.count))
    lowest: Floats = np.minimum.reduceat(grades, first)
    highest: Floats = np.maximum.reduceat(grades, first)
    return lowest, highest


def _hits(lists: Lists, relevant: NDArray[np.bool_], cutoff: int) -> dict[str, Floats]:
    """Reciprocal rank of the first relevant item, precision and recall among the first items, of each list."""
    flags = relevant.astype(np.float64)
    found, sizes = lists.sums(flags), lists.sizes
    tells = (found > 0) & (found < sizes)
    top = lists.sums(lists.shared(flags) * (lists.place < cutoff))
    cut = tells & (sizes > cutoff)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "mrr": np.where(tells, _reciprocal(lists, flags), np.nan),
            "precision_at_k": np.where(cut, np.clip(top / cutoff, 0, 1), np.nan),
            "recall_at_k": np.where(cut, np.clip(top / found, 0, 1), np.nan),
        }


def _reciprocal(lists: Lists, flags: Floats) -> Floats:
    """Expected reciprocal rank of the first relevant item of each list; 0 where there is none."""
    rows: Whole = np.bincount(lists.block)
    hits: Whole = np.rint(np.bincount(lists.block, weights=flags)).astype(np.int64)
    opens = np.searchsorted(lists.block, np.arange(len(rows)))
    holding = np.flatnonzero(hits)
    owners, at = np.unique(lists.of[opens[holding]], return_index=True)
    block = holding[at]  # the first of each list that holds a relevant item
    before, size, good = lists.place[opens[block]], rows[block], hits[block]
    expected = 1 / (before + 1.0)
    for one in np.flatnonzero(good < size):
        # The first relevant of a tie stands behind its first j items with probability (bad choose j)/(size choose j).
        j = np.arange(size[one] - good[one])
        behind = np.concatenate([[1.0], np.cumprod((size[one] - good[one] - j) / (size[one] - j))])
        chance = behind - np.append(behind[1:], 0.0)
        expected[one] = np.dot(chance, 1 / (before[one] + 1.0 + np.arange(len(chance))))
    found = np.zeros(lists.count)
    found[owners] = expected
    return found


def _tied(lists: Lists, grades: Floats) -> Floats:
    """Of the pairs of items of different relevance in each list, the share that got one score; NaN without a pair."""
    every = _pairs(lists.of, lists.count) - _pairs_within(lists.of, grades, lists.of, lists.count)
    tied = _pairs_of_blocks(lists) - _pairs_within(lists.block, grades, lists.of, lists.count)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(every > 0, np.clip(tied / every, 0, 1), np.nan)
    return found


def _pairs(of: Whole, count: int) -> Floats:
    sizes = np.bincount(of, minlength=count).astype(np.float64)
    found: Floats = sizes * (sizes - 1) / 2
    return found


def _pairs_of_blocks(lists: Lists) -> Floats:
    opens = np.searchsorted(lists.block, np.arange(int(lists.block[-1]) + 1))
    pairs = _pairs(lists.block, int(lists.block[-1]) + 1)
    return np.asarray(np.bincount(lists.of[opens], weights=pairs, minlength=lists.count), dtype=np.float64)


def _pairs_within(part: Whole, grades: Floats, of: Whole, count: int) -> Floats:
    """Pairs of one grade within each part of a list, summed by list."""
    order = np.lexsort((grades, part))
    part, grades, of = part[order], grades[order], of[order]
    opens = np.ones(len(part), dtype=np.bool_)
    opens[1:] = (part[1:] != part[:-1]) | (grades[1:] != grades[:-1])
    cell = np.cumsum(opens) - 1
    pairs = _pairs(cell, int(cell[-1]) + 1)
    return np.asarray(np.bincount(of[opens], weights=pairs, minlength=count), dtype=np.float64)
