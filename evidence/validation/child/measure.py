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
from evidence.model.predicates.validation import FairnessAudit
from evidence.model.predicates.values import MetricEstimate, PeriodResult, RowCounts, SliceGap, SliceResult
from evidence.validation.catalogue import BINARY, SCORED, VALUE
from evidence.validation.child.battery import Bench, examine, wanted
from evidence.validation.child.counting import (
    audit,
    check_answer,
    count,
    count_fairness,
    fairness_of,
    favoured,
    performance_of,
    shares_of,
)
from evidence.validation.child.data import Coded
from evidence.validation.child.frame import Frame, FrameSample
from evidence.validation.child.golden import golden_difference
from evidence.validation.child.identity import cluster_keys, labelled, rounded, row_keys
from evidence.validation.child.needs import Needs
from evidence.validation.child.rows import (
    CLUSTER,
    PERIOD,
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
from evidence.validation.measured import NO_DIGEST, Charts, Examined, Measured, ReliabilityBin, RocPoint
from evidence.validation.measures.association import Associations
from evidence.validation.measures.attack import attack_model
from evidence.validation.measures.behaviour import check_behaviour, measure_latency
from evidence.validation.measures.calibration import Calibration, calibration, roc_points
from evidence.validation.measures.classes import ClassPerformance
from evidence.validation.measures.clusters import ClusterSums
from evidence.validation.measures.comparison import Comparison
from evidence.validation.measures.copies import Copies, Overlap
from evidence.validation.measures.fairness import Fairness
from evidence.validation.measures.gaps import ValueFairness
from evidence.validation.measures.intervals import DECIMALS, wilson
from evidence.validation.measures.performance import Least
from evidence.validation.measures.scores import ScoreCounts
from evidence.validation.measures.sketch import Sketch
from evidence.validation.measures.tally import Codes, Groups
from evidence.validation.plan.groups import Dimension, Smallest
from evidence.validation.plan.model import Plan

BEHAVIOUR_ROWS = 256
TWO = 2
"""A target of so many numbers, or fewer, is that of a classifier."""


def measure(
    plan: Plan, scan: Scan, read: Callable[[], bytes], open_table: Open, isolation: list[str], report: Report
) -> Measured:
    """Run the model, of which `read` gives the file's bytes, on every table of the plan.

    Raises EvidenceError for whatever cannot be used or makes no sense.
    """

    def load() -> Model:
        return Model(read(), scan, plan, needs)

    report("load", 0, 1)
    needs = Needs(read())
    model = load()
    comparison = Comparison(plan, plan.reference, model, open_table, report) if plan.reference else None
    _give_back()
    test = _Pass(plan, model, comparison)
    for rows in read_rows(open_table("data", plan.data), plan, test.layout, model.dtype):
        test.take(rows)
        report("test data", test.rows, None)
    _give_back()
    sample, labels = test.sample()
    report("behaviour", 0, 3)
    decides = plan.output.kind not in VALUE
    behaviour = check_behaviour(load, sample.take(slice(0, BEHAVIOUR_ROWS)), plan.output.threshold, decides=decides)
    report("behaviour", 1, 3)
    latency = measure_latency(model, sample, plan.latency, plan.confidence)
    report("behaviour", 2, 3)
    difference = golden_difference(plan, model, open_table)
    report("behaviour", 3, 3)
    attacked = None
    if plan.robustness:
        report("robustness", 0, 1)
        trials = slice(0, plan.robustness.trials)
        attacked = attack_model(plan, plan.robustness, model, sample.take(trials), labels[trials], NO_DIGEST)
        report("robustness", 1, 1)
    scored = test.performance.score_counts()
    share = test.copies.share
    # Of several classes these are the wrong and the right answers, by the score of the answered class.
    calibrated = calibration(scored, confidence=plan.confidence, share=share)
    several = test.performance if isinstance(test.performance, ClassPerformance) else None
    learnt = _training(plan, test, open_table, report)
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
        examined=_examined(plan, test, learnt.frame, report),
        charts=Charts(
            roc=_curve(scored) if plan.output.kind in BINARY else (),
            reliability=_reliability(calibrated),
            batch_difference=behaviour.batch_difference,
            rows=test.rows,
            excluded=test.left_out,
            abstained=test.abstained,
            isolation=tuple(isolation),
            libraries={name: version(name) for name in ("numpy", "onnx", "onnxruntime", "pyarrow", "scipy")},
        ),
    )


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

    def __init__(self, plan: Plan, model: Model, comparison: Comparison | None) -> None:
        self.comparison = comparison
        self.plan = plan
        self.model = model
        protected = plan.protected_attributes
        attributes = protected.attributes if protected else ()
        self.dimensions: tuple[Dimension, ...] = (*attributes, *plan.slices)
        periods = Periods(plan.data.period, plan.data.path) if plan.data.period else None
        self.layout = Layout(True, plan.data, self.dimensions, periods, cluster=plan.data.cluster)
        names = [item.label for item in self.dimensions]
        self.performance = performance_of(plan.output, [*names, PERIOD] if periods else names, model.eps)
        self.fairness = fairness_of(plan, "model-outputs")
        self.associations = _associations(plan)
        self.copies = Copies(tuple(self.performance.groups))
        self.seen = Copies() if plan.data.cluster else self.copies
        self.inputs = Copies()
        self.alike = ClusterSums() if plan.data.cluster else None
        self.sketch = Sketch()
        self.unknown = dict.fromkeys(names, 0)
        self._sample = RowSample(max(BEHAVIOUR_ROWS, plan.robustness.trials if plan.robustness else 0), plan.seed)
        self.frame = FrameSample(plan.seed) if wanted(plan) else None
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
            self.frame.update(rows.inputs, rows.labels, codes, answer)
        self._shapes = rows.inputs.shapes
        if self.comparison:
            self.comparison.update(rows.inputs, answer)
        self._identify(rows, rows.labels)
        self.abstained += int(answer.abstained.sum())
        count(self.performance, output, rows.labels, answer, codes)
        if self.alike:
            keys = cluster_keys(rows.groups[CLUSTER])[~answer.abstained]
            self.alike.update(keys, shares_of(output, rows.labels, answer))
        if self.fairness:
            count_fairness(self.fairness, output, rows.labels, _encoded(self.fairness.groups, rows.groups), answer)

    def _identify(self, rows: Rows, labels: Labels) -> None:
        """Notes which rows are the same, and how the protected attributes go with the others."""
        inputs = row_keys(rows.inputs)
        keys = labelled(inputs, labels)
        if self.seen is not self.copies:
            self.seen.update(keys, {})
            keys = cluster_keys(rows.groups[CLUSTER])
        self.copies.update(keys, _encoded(self.copies.groups, rows.groups))
        self.sketch.update(row_keys(rounded(rows.inputs)))
        if self.plan.reference:
            self.inputs.update(inputs, {})
        self.associations.update(
            _encoded(self.associations.groups, rows.groups), rows.inputs.described(), favoured(self.plan.output, labels)
        )

    def sample(self) -> tuple[Inputs, Labels]:
        """A random sample of the scored rows, in their order, with their labels."""
        columns = self._sample.columns()
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
        for name, own in (self.alike.shares(self.plan.confidence) if self.alike else {}).items():
            if name in told:
                told[name] = self.performance.overall(self.plan.confidence, own)[name]
        if isinstance(self.performance, ClassPerformance):
            told = self.performance.known_well(told, share, (self.plan.smallest or Smallest()).label)
        found = {name: value.recorded(self.performance.excluded) for name, value in told.items()}
        silent = wilson(self.abstained * share, (self.rows - self.left_out) * share, self.plan.confidence)
        if silent is not None:
            found["abstention_rate"] = silent.recorded(self.left_out)
        return found

    def slices(self) -> tuple[SliceResult, ...]:
        """The primary metric in each group of each dimension."""
        metric = self.plan.plan.primary_metric
        names = [item.label for item in self.dimensions]
        confidence, least = self.plan.confidence, self._least
        parts = [self.performance.slices(n, metric, confidence, self.copies.shares(n), least) for n in names]
        return tuple(part for found in parts for part in found)

    def gaps(self) -> tuple[SliceGap, ...]:
        """The groups and periods in which the primary metric is undefined, or that are too small."""
        metric, least = self.plan.plan.primary_metric, self._least
        found = (self.performance.gaps(n, metric, self.copies.shares(n), least) for n in self.performance.groups)
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
        metric, shares = self.plan.plan.primary_metric, self.copies.shares(PERIOD)
        return self.performance.periods(PERIOD, known, metric, self.plan.confidence, shares, self._least)

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


def _associations(plan: Plan) -> Associations:
    protected = plan.protected_attributes
    attributes = [item.label for item in protected.attributes] if protected else []
    return Associations(attributes, plan.features.described)


def _audited(
    plan: Plan, fairness: Fairness | ValueFairness, copies: Copies, counts: RowCounts, associations: Associations
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
    sample = FrameSample(plan.seed) if wanted(plan) else None
    done = left_out = 0
    unknown = dict.fromkeys(names, 0)
    layout = Layout(True, plan.data, attributes, None, whole=False)
    for rows in read_rows(open_table("training", plan.training), plan, layout, test.model.dtype):
        left_out += rows.left_out
        done += len(rows) + rows.left_out
        if rows.labels is not None:
            keys = row_keys(rows.inputs, rows.labels)
            overlap.update(keys)
            copies.update(keys, _encoded(copies.groups, rows.groups))
            told = _encoded(associations.groups, rows.groups)
            associations.update(told, rows.inputs.described(), favoured(plan.output, rows.labels))
            if sample:
                codes = {name: test.performance.groups[name] for name in names}
                sample.update(rows.inputs, rows.labels, _encoded(codes, rows.groups), None)
            for name in names:
                unknown[name] += int((rows.groups[name].codes < 0).sum())
            if fairness:
                count_fairness(fairness, plan.output, rows.labels, _encoded(fairness.groups, rows.groups))
        report("training labels", done, None)
    frame = sample.frame() if sample else None
    if fairness is None:
        return _Learnt((), overlap.rows, frame)
    counts = _row_counts(done, left_out, 0, unknown)
    return _Learnt((_audited(plan, fairness, copies, counts, associations),), overlap.rows, frame)


def _examined(plan: Plan, test: _Pass, training: Frame | None, report: Report) -> Examined:
    """What the battery found on the scored rows and those that the model learnt from."""
    frame = test.frame.frame() if test.frame else None
    if frame is None:
        return Examined()
    names = {name: groups.names for name, groups in test.performance.groups.items()}
    return examine(Bench(plan, test.model, frame, training, names, test.copies.share, report))


def _encoded(groups: dict[str, Groups], coded: dict[str, Coded]) -> dict[str, Codes]:
    """Group numbers as an accumulator knows them."""
    return {name: known.encode(coded[name].words, coded[name].codes.astype(np.int64)) for name, known in groups.items()}
