"""One pass over the test data through the model, and everything that is measured beside it. Sandboxed child only.

A row on which the model abstains (`output.abstain`) has no score: performance leaves it out and counts it in `excluded`
and in the metric `abstention_rate`; fairness counts it as not favourable, since that person was not given what they
asked for. A row with a gap is left out of everything and counted in `excluded`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.model.predicates.validation import FairnessAudit, RobustnessReport
from evidence.model.predicates.values import (
    MetricEstimate,
    PeriodResult,
    RowCounts,
    SliceGap,
    SliceResult,
    Weighting,
)
from evidence.validation.child.battery import WITHOUT_ROWS, Bench, examine, wanted
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
from evidence.validation.child.data import Coded, column_names
from evidence.validation.child.forecasting import HORIZON, Backtest, read_history
from evidence.validation.child.frame import Frame, FrameSample
from evidence.validation.child.golden import golden_difference
from evidence.validation.child.identity import cluster_keys, labelled, rounded, row_keys
from evidence.validation.child.needs import Needs
from evidence.validation.child.out_of_time import training_time
from evidence.validation.child.rows import (
    CLUSTER,
    PERIOD,
    QUERY,
    Labels,
    Layout,
    Open,
    Periods,
    Report,
    Rows,
    read_rows,
)
from evidence.validation.child.sampling import RowSample
from evidence.validation.child.scan import Scan
from evidence.validation.child.session import Inputs, Model
from evidence.validation.kinds import BINARY, CLASSIFIER, RANKING, SCORED, VALUE
from evidence.validation.measured import NO_DIGEST, Charts, Examined, Measured, ReliabilityBin, RocPoint
from evidence.validation.measures.association import Associations
from evidence.validation.measures.attack import attack_model
from evidence.validation.measures.behaviour import check_behaviour, measure_latency
from evidence.validation.measures.calibration import Calibration, calibration, roc_points
from evidence.validation.measures.classes import ClassPerformance
from evidence.validation.measures.clusters import ClusterSums
from evidence.validation.measures.comparison import Comparison
from evidence.validation.measures.copies import Copies, Keys, Overlap, Shares
from evidence.validation.measures.intervals import DECIMALS, wilson
from evidence.validation.measures.performance import Least
from evidence.validation.measures.scores import ScoreCounts
from evidence.validation.measures.sketch import Sketch
from evidence.validation.measures.tally import Codes, Groups
from evidence.validation.measures.values import ValuePerformance
from evidence.validation.plan.files import GAPS
from evidence.validation.plan.groups import Dimension, Smallest
from evidence.validation.plan.model import Plan

BEHAVIOUR_ROWS = 256
TWO = 2
"""A target of so many numbers, or fewer, is that of a classifier."""


def measure(
    plan: Plan,
    scan: Scan,
    read: Callable[[], bytes],
    open_table: Open,
    isolation: list[str],
    report: Report,
    incumbent: Model | None = None,
) -> Measured:
    """Run the model, of which `read` gives the file's bytes, on every table of the plan, and the incumbent beside it.


    Raises EvidenceError for whatever cannot be used or makes no sense.
    """

    def load() -> Model:
        return Model(read(), scan, plan, needs)

    report("load", 0, 1)
    needs = Needs(read())
    model = load()
    comparison = Comparison(plan, plan.reference, model, open_table, report) if plan.reference else None
    _give_back()
    test = _Pass(plan, model, comparison, _backtest(plan, open_table))
    for rows in read_rows(open_table("data", plan.data), plan, test.layout, model.dtype):
        test.take(rows)
        report("test data", test.rows, None)
    if test.backtest:
        test.backtest.check()
    _give_back()
    sample, labels = test.sample()
    report("behaviour", 0, 3)
    decides = plan.output.kind in CLASSIFIER
    behaviour = check_behaviour(load, sample.take(slice(0, BEHAVIOUR_ROWS)), plan.output.threshold, decides=decides)
    report("behaviour", 1, 3)
    latency = measure_latency(model, sample, plan.latency, plan.confidence)
    report("behaviour", 2, 3)
    difference = golden_difference(plan, model, open_table)
    report("behaviour", 3, 3)
    attacked = None
    if plan.robustness:
        report("robustness", 0, 1)
        whole = np.flatnonzero(~np.isnan(sample.numbers).any(axis=1))[: plan.robustness.trials]
        if not len(whole):
            raise EvidenceError(
                "every row that `robustness` would try has a gap, and attacks move whole rows",
                where=plan.data.path,
                hint="test on more rows that are whole, or leave `robustness` out",
            )
        tried, answers = sample.take(whole), labels[whole]
        attacked = attack_model(plan, plan.robustness, model, tried, answers, NO_DIGEST, read())
        attacked = _passed_over(attacked, int(whole[-1]) + 1 - len(whole))
        report("robustness", 1, 1)
    scored = test.performance.score_counts()
    share = test.share
    # Of several classes these are the wrong and the right answers, by the score of the answered class.
    calibrated = calibration(scored, confidence=plan.confidence, share=share)
    several = test.performance if isinstance(test.performance, ClassPerformance) else None
    time = training_time(plan, test.layout.periods, open_table) if plan.out_of_time and test.layout.periods else None
    learnt = _training(plan, test, open_table, report)
    _reference_contents(plan, test, open_table, report)
    examined = _examined(plan, test, learnt.frame, report, incumbent)
    examined = Examined.joined([examined, time]) if time else examined
    return Measured(
        scan=scan,
        providers=model.providers,
        metrics=test.metrics(),
        confusion=tuple(map(tuple, several.confusion.tolist())) if several else None,
        slices=test.slices(),
        slice_gaps=test.gaps(),
        periods=test.periods(),
        row_counts=test.row_counts(),
        duplicate_rows=test.seen.rows - test.seen.distinct,
        effective_n=test.copies.effective,
        clipped_scores=test.clipped if plan.output.kind in SCORED else None,
        class_sizes=test.class_sizes() if plan.output.kind in BINARY else None,
        row_sketch=tuple(f"{key:016x}" for key in test.sketch.keys.tolist()),
        split_overlap_rows=learnt.overlap,
        reference_overlap_rows=comparison.overlap(test.inputs) if comparison else None,
        calibration_error=calibrated.error.recorded(test.performance.excluded) if calibrated else None,
        latency_ms=latency,
        max_output_difference=difference,
        batch_invariant=behaviour.batch_invariant,
        deterministic=behaviour.deterministic,
        fairness=(*test.audits(), *learnt.audits),
        robustness=attacked,
        drift=test.comparison.reports(test.left_out, share) if test.comparison else (),
        examined=examined,
        weighting=test.weighting(),
        charts=Charts(
            roc=_curve(scored) if plan.output.kind in BINARY else (),
            reliability=_reliability(calibrated),
            risk_coverage=examined.risk_coverage,
            batch_difference=behaviour.batch_difference,
            rows=test.rows,
            excluded=test.left_out,
            abstained=test.abstained,
            isolation=tuple(isolation),
            libraries={name: version(name) for name in ("numpy", "onnx", "onnxruntime", "pyarrow", "scipy")},
        ),
    )


def _passed_over(report: RobustnessReport, rows: int) -> RobustnessReport:
    """The report, in which rows that were passed over since they have a gap count as left out of the attacks."""

    def told(estimate: MetricEstimate) -> MetricEstimate:
        return estimate.model_copy(update={"excluded": estimate.excluded + rows})

    successes = {kind: told(estimate) for kind, estimate in report.attack_success.items()}
    return report.model_copy(update={"accuracy_drop": told(report.accuracy_drop), "attack_success": successes})


def _give_back() -> None:
    """Hands memory that a reader has left behind to the system: a second session of the model needs as much."""
    pa.default_memory_pool().release_unused()


def _curve(scored: ScoreCounts) -> tuple[RocPoint, ...]:
    return tuple(RocPoint(false_positive_rate=x, true_positive_rate=y) for x, y in roc_points(scored))


def _reliability(calibrated: Calibration | None) -> tuple[ReliabilityBin, ...]:
    return tuple(
        ReliabilityBin(mean_score=part.mean_score, observed=part.observed.recorded())
        for part in (calibrated.bins if calibrated else ())
    )


class _Pass:
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
        self.associations = _associations(plan)
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
            self.performance.exclude(rows.left_out, _encoded(self.performance.groups, rows.left_out_groups))
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
        codes = _encoded(self.performance.groups, rows.groups)
        if self.frame:
            self.frame.update(rows.inputs, rows.labels, codes, answer, _cases(rows, rows.labels))
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
            known = _encoded(self.weighted.groups, rows.groups)
            count_weighted(self.weighted, output, answer, rows.labels, rows.weights, cases, known)
        self.abstained += int(answer.abstained.sum())
        count(self.performance, output, rows.labels, answer, codes, alike, naive)
        if self.clusters:
            keys = cluster_keys(rows.groups[CLUSTER])[~answer.abstained]
            self.clusters.update(keys, shares_of(output, rows.labels, answer))
        if self.fairness:
            groups = _encoded(self.fairness.groups, rows.groups)
            count_fairness(self.fairness, output, rows.labels, groups, answer, alike)

    def _identify(self, rows: Rows, labels: Labels, alike: Alike | None, case: Keys | None) -> tuple[Keys, Keys]:
        """Notes which rows are the same, and how the protected attributes go with the others.

        The cluster of each row, and which rows are equal.
        """
        inputs = row_keys(rows.inputs)
        keys = equal = labelled(inputs, labels)
        if self.seen is not self.copies:
            self.seen.update(keys, _encoded(self.seen.groups, rows.groups))
        codes = _encoded(self.copies.groups, rows.groups)
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
            _encoded(self.associations.groups, rows.groups), rows.inputs.described(), favoured(self.plan.output, labels)
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
        return _row_counts(self.rows, self.left_out, self.abstained, self.unknown)

    def audits(self) -> tuple[FairnessAudit, ...]:
        """The audit of the outputs, where attributes are protected."""
        if self.fairness is None:
            return ()
        unknown = {name: self.unknown[name] for name in self.fairness.groups}
        counts = _row_counts(self.rows, self.left_out, self.abstained, unknown)
        return (_audited(self.plan, self.fairness, self.copies, counts, self.associations),)


def _backtest(plan: Plan, open_table: Open) -> Backtest | None:
    """What forecasts are compared with, where the rows are some."""
    if plan.data.forecast is None:
        return None
    history = read_history(open_table("history", plan.data.forecast.history), plan.data, plan.data.forecast)
    return Backtest(plan.data.forecast, history, plan.data.path)


def _associations(plan: Plan) -> Associations:
    protected = plan.protected_attributes
    attributes = [item.label for item in protected.attributes] if protected else []
    return Associations(attributes, plan.features.described)


def _audited(
    plan: Plan, fairness: Audit, copies: Copies, counts: RowCounts, associations: Associations
) -> FairnessAudit:
    made = audit(plan, fairness, copies, counts.excluded)
    return made.model_copy(update={"row_counts": counts, "associations": associations.result()})


def _row_counts(rows: int, excluded: int, abstained: int, unknown: Mapping[str, int]) -> RowCounts:
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


@dataclass(frozen=True)
class _Learnt:
    """What the training data show: audits of their labels, test rows found there, and a sample for the battery."""

    audits: tuple[FairnessAudit, ...] = ()
    overlap: int | None = None
    frame: Frame | None = None


def _training(plan: Plan, test: _Pass, open_table: Open, report: Report) -> _Learnt:
    """The audit of the labels that the model learnt from, and the test rows found there, where the plan names them.

    A row of the training data may miss a feature: what the training did about it is not known here.
    """
    if plan.training is None:
        return _Learnt()
    fairness, associations = fairness_of(plan, "training-labels"), _associations(plan)
    attributes = plan.protected_attributes.attributes if plan.protected_attributes else ()
    names = [item.label for item in attributes]
    overlap, copies = Overlap(test.seen), Copies(names)
    contents = test.contents.setdefault("training", Contents(plan, copies)) if plan.quality else None
    sample = FrameSample(plan.seed) if wanted(plan) else None
    done = left_out = 0
    unknown = dict.fromkeys(names, 0)
    query = plan.data.query if fairness else None
    layout = Layout(True, plan.data, attributes, None, query=query, forecast=plan.data.forecast, whole=False)
    for rows in read_rows(open_table("training", plan.training), plan, layout, test.model.dtype):
        left_out += rows.left_out
        done += len(rows) + rows.left_out
        if contents:
            contents.update(rows)
        if test.backtest:
            test.backtest.check_training(rows.groups, plan.training.path)
        if rows.labels is not None:
            keys = row_keys(rows.inputs, rows.labels)
            overlap.update(keys)
            copies.update(keys, _encoded(copies.groups, rows.groups))
            told = _encoded(associations.groups, rows.groups)
            associations.update(told, rows.inputs.described(), favoured(plan.output, rows.labels))
            if sample:
                codes = {name: test.performance.groups[name] for name in names}
                sample.update(rows.inputs, rows.labels, _encoded(codes, rows.groups), None, _cases(rows, rows.labels))
            for name in names:
                unknown[name] += int((rows.groups[name].codes < 0).sum())
            if fairness:
                groups = _encoded(fairness.groups, rows.groups)
                count_fairness(fairness, plan.output, rows.labels, groups, alike=alike_of(rows))
        report("training labels", done, None)
    frame = sample.frame() if sample else None
    if fairness is None:
        return _Learnt((), overlap.rows, frame)
    counts = _row_counts(done, left_out, 0, unknown)
    return _Learnt((_audited(plan, fairness, copies, counts, associations),), overlap.rows, frame)


def _cases(rows: Rows, labels: Labels) -> Keys:
    """The case of each row: its cluster where the plan names some, else what is equal in inputs and label."""
    return cluster_keys(rows.groups[CLUSTER]) if CLUSTER in rows.groups else row_keys(rows.inputs, labels)


def _examined(plan: Plan, test: _Pass, training: Frame | None, report: Report, incumbent: Model | None) -> Examined:
    """What the battery found on the scored rows and those that the model learnt from."""
    if test.frame is None:
        return Examined()
    frame = test.frame.frame() or _no_rows(plan, test)
    names = {name: groups.names for name, groups in test.performance.groups.items()}
    share, periods = test.share, test.periods()
    return examine(Bench(plan, test.model, frame, training, names, share, report, test.contents, incumbent, periods))


def _no_rows(plan: Plan, test: _Pass) -> Frame:
    """A frame without rows, where each has a gap. Raises EvidenceError where a section has nothing to look at then."""
    idle = [section for section, _ in wanted(plan) if section not in WITHOUT_ROWS]
    if idle:
        raise EvidenceError(
            f"every row of the test data has a gap, and `{idle[0]}` looks at whole rows",
            where=plan.data.path,
            hint="test on some rows that are whole, or leave the section out",
        )
    inputs, labels = test.sample()
    return Frame(inputs.take(slice(0, 0)), labels[:0], {}, None, 0, np.zeros(0, dtype=np.uint64))


def _reference_contents(plan: Plan, test: "_Pass", open_table: Open, report: Report) -> None:
    """Counts what the reference holds, where the plan asks for its quality."""
    if plan.reference is None or plan.quality is None:
        return
    done, copies = 0, Copies()
    contents = test.contents["reference"] = Contents(plan, copies)
    known = set(column_names(open_table("reference", plan.reference)))
    protected = plan.protected_attributes.attributes if plan.protected_attributes else ()
    attributes = protected if known >= {item.column for item in protected} else ()
    layout = Layout(True, None, attributes, None, whole=False)
    for rows in read_rows(open_table("reference", plan.reference), plan, layout, test.model.dtype):
        copies.update(row_keys(rows.inputs), {})
        contents.update(rows)
        done += len(rows)
        report("quality of the reference", done, None)


def alike_of(rows: Rows) -> Alike | None:
    """What items are ranked together; None where nothing is."""
    if QUERY not in rows.groups:
        return None
    query = cluster_keys(rows.groups[QUERY])
    return Alike(query, cluster_keys(rows.groups[CLUSTER]) if CLUSTER in rows.groups else query)


def _encoded(groups: dict[str, Groups], coded: dict[str, Coded]) -> dict[str, Codes]:
    """Group numbers as an accumulator knows them."""
    return {name: known.encode(coded[name].words, coded[name].codes.astype(np.int64)) for name, known in groups.items()}
