"""One pass of the test data through the model, and what accumulates in it. Sandboxed child only.

A row on which the model abstains (`output.abstain`) has no score: performance leaves it out and counts it in `excluded`
and in the metric `abstention_rate`; fairness counts it as not favourable, since that person was not given what they
asked for. A row with a gap is left out of everything and counted in `excluded`.
"""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.model.predicates.validation import FairnessAudit
from evidence.model.predicates.values import (
    MetricEstimate,
    PeriodResult,
    RowCounts,
    SliceGap,
    SliceResult,
    Weighting,
)
from evidence.validation.child.battery import wanted
from evidence.validation.child.contents import Contents
from evidence.validation.child.counting import (
    Alike,
    Audit,
    audit,
    check_answer,
    count,
    count_fairness,
    count_weighted,
    fairness_of,
    favoured,
    performance_of,
    shares_of,
    weighted_of,
)
from evidence.validation.child.data import Coded
from evidence.validation.child.forecasting import HORIZON, Backtest
from evidence.validation.child.frame import FrameSample
from evidence.validation.child.identity import cluster_keys, labelled, rounded, row_keys
from evidence.validation.child.rows import (
    CLUSTER,
    PERIOD,
    QUERY,
    Labels,
    Layout,
    Periods,
    Rows,
)
from evidence.validation.child.sampling import RowSample
from evidence.validation.child.session import Inputs, Model
from evidence.validation.kinds import BINARY, RANKING, VALUE
from evidence.validation.measures.association import Associations
from evidence.validation.measures.classes import ClassPerformance
from evidence.validation.measures.clusters import ClusterSums
from evidence.validation.measures.comparison import Comparison
from evidence.validation.measures.copies import Copies, Keys, Shares
from evidence.validation.measures.intervals import DECIMALS, wilson
from evidence.validation.measures.performance import Least
from evidence.validation.measures.sketch import Sketch
from evidence.validation.measures.tally import Codes, Groups
from evidence.validation.measures.values import ValuePerformance
from evidence.validation.plan.files import GAPS
from evidence.validation.plan.groups import Dimension, Smallest
from evidence.validation.plan.model import Plan

BEHAVIOUR_ROWS = 256
TWO = 2


class Pass:
    """What accumulates while the test data stream through the model."""

    def __init__(self, plan: Plan, model: Model, comparison: Comparison | None, backtest: Backtest | None) -> None:
        self.comparison = comparison
        self.plan = plan
        self.model = model
        self.dimensions: tuple[Dimension, ...] = plan.dimensions
        periods = Periods(plan.data.period, plan.data.path) if plan.data.period else None
        data = plan.data
        alike = {"cluster": data.cluster, "query": data.query, "forecast": data.forecast}
        self.layout = Layout(True, data, self.dimensions, periods, weight=data.weight, **alike)  # type: ignore[arg-type]
        names = [item.label for item in self.dimensions]
        self.unknown = dict.fromkeys(names, 0)
        names += [GAPS] if data.missing == "score" else []
        self.backtest = backtest
        self.slicing = [*names, HORIZON] if backtest else names
        every = [*self.slicing, PERIOD] if periods else self.slicing
        self.performance = performance_of(plan.output, every, model.eps)
        self.weighted = weighted_of(plan, every, model.eps)
        self.fairness = fairness_of(plan, "model-outputs")
        self.associations = associations_of(plan)
        dimensions = tuple(self.performance.groups)
        # Rows are counted as such beside their clusters: equal ones are no cases of their own by another name.
        self._named = plan.data.cluster is not None and plan.data.query is None
        equal = Copies(dimensions if self._named else ())
        self.copies = Copies(dimensions, beside=equal if self._named else None)
        self.seen = equal if plan.data.cluster or plan.data.query or plan.data.forecast else self.copies
        self._queries: set[int] = set()
        self.inputs = Copies()
        self.clusters = ClusterSums() if plan.data.cluster else None
        self.sketch = Sketch()
        self.contents = {"test": Contents(plan, self.seen, self.copies)} if plan.quality else {}
        self._sample = RowSample(max(BEHAVIOUR_ROWS, plan.robustness.trials if plan.robustness else 0), plan.seed)
        self.frame = FrameSample(plan.seed, whole=True) if wanted(plan) else None
        self.rows = 0
        self.left_out = 0
        self.abstained = 0
        self._shapes: tuple[tuple[int, ...], ...] = ()
        self.clipped = 0
        self._values: set[float] = set()

    def take(self, rows: Rows) -> None:
        """Score a batch and count it."""
        self.rows += len(rows) + rows.left_out
        self.left_out += rows.left_out
        if self.contents:
            self.contents["test"].update(rows)
        for name in self.unknown:
            self.unknown[name] += int((rows.groups[name].codes < 0).sum())
            if rows.left_out:
                self.unknown[name] += int((rows.left_out_groups[name].codes < 0).sum())
        if rows.left_out:
            self.performance.exclude(rows.left_out, encoded_groups(self.performance.groups, rows.left_out_groups))
        if self.comparison and rows.left_out_inputs is not None:
            self.comparison.update(rows.left_out_inputs, None)
        if not len(rows) or rows.labels is None:
            return
        self.model.check_whole(rows.inputs)
        if self.plan.output.kind in VALUE and len(self._values) <= TWO:
            self._values |= set(np.unique(rows.labels)[: TWO + 1].tolist())
        answer = self.model.answer(rows.inputs)
        output = self.plan.output
        check_answer(answer, output, self.rows - len(rows), self.plan.model.path)
        self.clipped += answer.clipped
        columns: dict[str, NDArray[Any]] = {"labels": rows.labels, "numbers": rows.inputs.numbers}
        columns |= {f"text {name}": text for name, text in rows.inputs.texts.items()}
        self._sample.update(self._sample.seen, columns)
        codes = encoded_groups(self.performance.groups, rows.groups)
        if self.frame:
            self.frame.update(rows.inputs, rows.labels, codes, answer, cases_of(rows, rows.labels))
        self._shapes = rows.inputs.shapes
        if self.comparison:
            self.comparison.update(rows.inputs, answer)
        alike = alike_of(rows)
        case, naive = None, None
        if self.backtest:
            truth = rows.labels.astype(np.float64)
            case, naive = self.backtest.take(rows.groups, truth, answer.scores)
        cases = self._identify(rows, rows.labels, alike, case)
        if self.weighted and rows.weights is not None:
            known = encoded_groups(self.weighted.groups, rows.groups)
            count_weighted(self.weighted, output, answer, rows.labels, rows.weights, cases, known)
        self.abstained += int(answer.abstained.sum())
        count(self.performance, output, rows.labels, answer, codes, alike, naive)
        if self.clusters:
            keys = cluster_keys(rows.groups[CLUSTER])[~answer.abstained]
            self.clusters.update(keys, shares_of(output, rows.labels, answer))
        if self.fairness:
            groups = encoded_groups(self.fairness.groups, rows.groups)
            count_fairness(self.fairness, output, rows.labels, groups, answer, alike)

    def _identify(self, rows: Rows, labels: Labels, alike: Alike | None, case: Keys | None) -> tuple[Keys, Keys]:
        """Notes which rows are the same, and how the protected attributes go with the others.

        The cluster of each row, and which rows are equal.
        """
        inputs = row_keys(rows.inputs)
        keys = equal = labelled(inputs, labels)
        if self.seen is not self.copies:
            self.seen.update(keys, encoded_groups(self.seen.groups, rows.groups))
        codes = encoded_groups(self.copies.groups, rows.groups)
        if alike is not None:  # a query is one case, whatever the number of its items
            new = self._first_of_queries(alike.query)
            self.copies.update(alike.cluster[new], {name: code[new] for name, code in codes.items()})
        else:
            clusters = cluster_keys(rows.groups[CLUSTER]) if CLUSTER in rows.groups else case
            keys = keys if clusters is None else clusters
            self.copies.update(keys, codes)
        self.sketch.update(row_keys(rounded(rows.inputs)))
        if self.plan.reference:
            self.inputs.update(inputs, {})
        self.associations.update(
            encoded_groups(self.associations.groups, rows.groups),
            rows.inputs.described(),
            favoured(self.plan.output, labels),
        )
        return keys, equal

    def _first_of_queries(self, keys: Keys) -> NDArray[np.int64]:
        """The first row of each query that no batch had before."""
        found, first = np.unique(keys, return_index=True)
        new = [at for key, at in zip(found.tolist(), first.tolist(), strict=True) if key not in self._queries]
        self._queries.update(keys[new].tolist())
        return np.asarray(new, dtype=np.int64)

    @property
    def share(self) -> float:
        """Independent cases that a row stands for; of a ranking, whose queries are the cases, an item."""
        if self.plan.output.kind not in RANKING:
            return self.copies.share
        rows = self.performance.rows_counted
        return self.copies.rows * self.copies.share / rows if rows else 1.0

    def sample(self) -> tuple[Inputs, Labels]:
        """A random sample of the scored rows, in their order, with their labels."""
        columns = self._sample.columns()
        if columns and self.plan.output.kind in RANKING and not self.performance.n:
            raise EvidenceError(
                f"no value of `{self.plan.data.query}` has rows of different relevance: every order is as good",
                where=self.plan.data.path,
                hint="`data.query` is the column of what items are ranked for; grades tell the items of one apart",
            )
        if columns and self.plan.output.kind in VALUE and len(self._values) <= TWO:
            listed = " and ".join(f"{value:g}" for value in sorted(self._values))
            raise EvidenceError(
                f"the label column `{self.plan.data.label}` holds {listed} and no other number: classes, not values",
                where=self.plan.data.path,
                hint="say so in `output.kind` (probability, label): limits in the unit of a target bind no classes",
            )
        if not columns:
            raise EvidenceError(
                "no row of the test data can be measured",
                where=self.plan.data.path,
                hint="mend the rows with gaps, or test on other data",
            )
        texts = {name.removeprefix("text "): values for name, values in columns.items() if name.startswith("text ")}
        return Inputs(columns["numbers"], texts, self._shapes), columns["labels"]  # type: ignore[arg-type,return-value]

    def class_sizes(self) -> dict[Literal["positive", "negative"], int]:
        """Independent cases of each label among the scored rows."""
        negatives, positives = self.performance.class_sizes(self.copies.share)
        return {"positive": positives, "negative": negatives}

    @property
    def _enough(self) -> bool:
        """Whether the rows are enough to be told of; where one label is absent, what needs it is undefined anyhow."""
        least = self.plan.smallest or Smallest()
        if self.plan.output.kind not in BINARY:
            return int(self.performance.n * self.copies.share + 1e-6) >= least.run
        sizes = self.class_sizes().values()
        return sum(sizes) >= least.run and (min(sizes) == 0 or min(sizes) >= least.label)

    def metrics(self) -> dict[str, MetricEstimate]:
        """Metrics over all rows, none where these are too few, and how often the model abstained."""
        share = self.copies.share
        told = self.performance.overall(self.plan.confidence, share) if self._enough else {}
        for name, own in (self.clusters.shares(self.plan.confidence) if self.clusters else {}).items():
            if name in told:
                told[name] = self.performance.overall(self.plan.confidence, min(own, self.seen.share))[name]
        if isinstance(self.performance, ClassPerformance):
            told = self.performance.known_well(told, share, (self.plan.smallest or Smallest()).label)
        found = {name: value.recorded(self.performance.excluded) for name, value in told.items()}
        if "mase" in told and isinstance(self.performance, ValuePerformance):
            found["mase"] = told["mase"].recorded(self.performance.excluded + self.performance.unscaled)
        if self.plan.output.kind in RANKING:
            return found
        relative = (
            self.backtest.forecasts.relative(self.plan.confidence, self.copies.effective) if self.backtest else None
        )
        if relative is not None and self._enough:
            found["relative_mae"] = relative.recorded(self.performance.excluded)
        silent = wilson(self.abstained * share, (self.rows - self.left_out) * share, self.plan.confidence)
        if silent is not None:
            found["abstention_rate"] = silent.recorded(self.left_out)
        return found

    def _shares(self, dimension: str) -> Shares:
        """Cases a row in each group; lists say themselves which of them are alike."""
        return {} if self.plan.output.kind in RANKING else self.copies.shares(dimension)

    def slices(self) -> tuple[SliceResult, ...]:
        """The primary metric in each group of each dimension."""
        metric = self.plan.plan.primary_metric
        names = self.slicing
        confidence, least = self.plan.confidence, self._least
        parts = [self.performance.slices(n, metric, confidence, self._shares(n), least) for n in names]
        return tuple(part for found in parts for part in found)

    def gaps(self) -> tuple[SliceGap, ...]:
        """The groups and periods in which the primary metric is undefined, or that are too small."""
        metric, least = self.plan.plan.primary_metric, self._least
        found = (self.performance.gaps(n, metric, self._shares(n), least) for n in self.performance.groups)
        return tuple(gap for gaps in found for gap in gaps)

    @property
    def _least(self) -> Least:
        smallest = self.plan.smallest or Smallest()
        return Least(smallest.slice, smallest.label)

    def periods(self) -> tuple[PeriodResult, ...]:
        """The primary metric in each period."""
        if self.layout.periods is None:
            return ()
        known = self.layout.periods.found
        metric, shares = self.plan.plan.primary_metric, self._shares(PERIOD)
        return self.performance.periods(PERIOD, known, metric, self.plan.confidence, shares, self._least)

    def weighting(self) -> Weighting | None:
        """Metrics in which rows count by a weight, where the plan names one."""
        data = self.plan.data
        if self.weighted is None or data.weight is None:
            return None
        least = (self.plan.smallest or Smallest()).run, self._least
        return self.weighted.result(
            data.weight, self.plan.plan.primary_metric, least,
            confidence=self.plan.confidence, excluded=self.performance.excluded, where=data.path,
        )  # fmt: skip

    def row_counts(self) -> RowCounts:
        """Rows, and those that nothing is said about."""
        return row_counts_of(self.rows, self.left_out, self.abstained, self.unknown)

    def audits(self) -> tuple[FairnessAudit, ...]:
        """The audit of the outputs, where attributes are protected."""
        if self.fairness is None:
            return ()
        unknown = {name: self.unknown[name] for name in self.fairness.groups}
        counts = row_counts_of(self.rows, self.left_out, self.abstained, unknown)
        return (audited(self.plan, self.fairness, self.copies, counts, self.associations),)


def alike_of(rows: Rows) -> Alike | None:
    """What items are ranked together; None where nothing is."""
    if QUERY not in rows.groups:
        return None
    query = cluster_keys(rows.groups[QUERY])
    return Alike(query, cluster_keys(rows.groups[CLUSTER]) if CLUSTER in rows.groups else query)


def row_counts_of(rows: int, excluded: int, abstained: int, unknown: Mapping[str, int]) -> RowCounts:
    def share(part: int) -> float:
        return round(part / rows, DECIMALS) if rows else 0.0

    return RowCounts(
        rows=rows,
        excluded=excluded,
        abstained=abstained,
        unknown=dict(unknown),
        excluded_share=share(excluded),
        abstained_share=share(abstained),
        unknown_share={name: share(count) for name, count in unknown.items()},
    )


def audited(
    plan: Plan, fairness: Audit, copies: Copies, counts: RowCounts, associations: Associations
) -> FairnessAudit:
    made = audit(plan, fairness, copies, counts.excluded)
    return made.model_copy(update={"row_counts": counts, "associations": associations.result()})


def associations_of(plan: Plan) -> Associations:
    protected = plan.protected_attributes
    attributes = [item.label for item in protected.attributes] if protected else []
    return Associations(attributes, plan.features.described)


def encoded_groups(groups: dict[str, Groups], coded: dict[str, Coded]) -> dict[str, Codes]:
    """Group numbers as an accumulator knows them."""
    return {name: known.encode(coded[name].words, coded[name].codes.astype(np.int64)) for name, known in groups.items()}


def cases_of(rows: Rows, labels: Labels) -> Keys:
    """The case of each row: its cluster where the plan names some, else what is equal in inputs and label."""
    return cluster_keys(rows.groups[CLUSTER]) if CLUSTER in rows.groups else row_keys(rows.inputs, labels)
