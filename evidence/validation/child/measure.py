"""One pass over the test data through the model, and everything that is measured beside it. Sandboxed child only.

A row on which the model abstains (`output.abstain`) has no score: performance leaves it out and counts it in `excluded`
and in the metric `abstention_rate`; fairness counts it as not favourable, since that person was not given what they
asked for. A row with a gap is left out of everything and counted in `excluded`.
"""

from collections.abc import Iterator
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.model.predicates.validation import FairnessAudit
from evidence.model.predicates.values import MetricEstimate, PeriodResult, SliceResult
from evidence.validation.child.data import Coded, Source, read_batches
from evidence.validation.child.rows import PERIOD, Layout, Open, Periods, Report, Rows, read_rows
from evidence.validation.child.sampling import RowSample
from evidence.validation.child.scan import Scan
from evidence.validation.child.session import Answer, Inputs, Model
from evidence.validation.measured import NO_DIGEST, Charts, Measured, ReliabilityBin, RocPoint
from evidence.validation.measures.attack import attack_model
from evidence.validation.measures.behaviour import check_behaviour, compare_with_reference, measure_latency
from evidence.validation.measures.calibration import calibration, roc_points
from evidence.validation.measures.comparison import Comparison
from evidence.validation.measures.fairness import Audited, Fairness
from evidence.validation.measures.intervals import wilson
from evidence.validation.measures.performance import Performance
from evidence.validation.measures.tally import Codes, Groups
from evidence.validation.plan import Dimension, Plan

BEHAVIOUR_ROWS = 256
MAX_GOLDEN_ROWS = 1_000_000


def measure(plan: Plan, scan: Scan, data: bytes, open_table: Open, isolation: list[str], report: Report) -> Measured:
    """Run the model on every table of the plan. Raises EvidenceError for whatever cannot be used or makes no sense."""

    def load() -> Model:
        return Model(data, scan, plan)

    report("load", 0, 1)
    model = load()
    comparison = Comparison(plan, plan.reference, model, open_table, report) if plan.reference else None
    test = _Pass(plan, model, comparison)
    for rows in read_rows(open_table("data", plan.data), plan, test.layout, model.dtype):
        test.take(rows)
        report("test data", test.rows, None)
    sample, labels = test.sample()
    report("behaviour", 0, 3)
    behaviour = check_behaviour(load, sample.take(slice(0, BEHAVIOUR_ROWS)), plan.output.threshold)
    report("behaviour", 1, 3)
    latency = measure_latency(model, sample, plan.latency, plan.confidence)
    report("behaviour", 2, 3)
    difference = _golden_difference(plan, model, open_table)
    report("behaviour", 3, 3)
    attacked = None
    if plan.robustness:
        report("robustness", 0, 1)
        trials = slice(0, plan.robustness.trials)
        attacked = attack_model(plan, plan.robustness, model, sample.take(trials), labels[trials], NO_DIGEST)
        report("robustness", 1, 1)
    negatives, positives = test.performance.score_counts()
    calibrated = calibration(negatives, positives, seed=plan.seed, confidence=plan.confidence)
    return Measured(
        scan=scan,
        providers=model.providers,
        metrics=test.metrics(),
        slices=test.slices(),
        periods=test.periods(),
        calibration_error=calibrated.error.recorded(test.performance.excluded) if calibrated else None,
        latency_ms=latency,
        max_output_difference=difference,
        batch_invariant=behaviour.batch_invariant,
        deterministic=behaviour.deterministic,
        fairness=(*test.audits(), *_training_audit(plan, open_table, report)),
        robustness=attacked,
        drift=test.comparison.reports(test.left_out) if test.comparison else (),
        charts=Charts(
            roc=tuple(
                RocPoint(false_positive_rate=x, true_positive_rate=y) for x, y in roc_points(negatives, positives)
            ),
            reliability=tuple(
                ReliabilityBin(mean_score=part.mean_score, observed=part.observed.recorded())
                for part in (calibrated.bins if calibrated else ())
            ),
            batch_difference=behaviour.batch_difference,
            rows=test.rows,
            excluded=test.left_out,
            abstained=test.abstained,
            isolation=tuple(isolation),
            libraries={name: version(name) for name in ("numpy", "onnx", "onnxruntime", "pyarrow", "scipy")},
        ),
    )


class _Pass:
    """What accumulates while the test data stream through the model."""

    def __init__(self, plan: Plan, model: Model, comparison: Comparison | None) -> None:
        self.comparison = comparison
        self.plan = plan
        self.model = model
        self.scored = plan.output.kind == "probability"
        protected = plan.protected_attributes
        attributes = protected.attributes if protected else ()
        self.dimensions: tuple[Dimension, ...] = (*attributes, *plan.slices)
        periods = Periods(plan.data.period, plan.data.path) if plan.data.period else None
        self.layout = Layout(True, plan.data, self.dimensions, periods)
        names = [item.label for item in self.dimensions]
        self.performance = Performance([*names, PERIOD] if periods else names)
        self.fairness = _audit_of(plan, "model-outputs")
        self._sample = RowSample(max(BEHAVIOUR_ROWS, plan.robustness.trials if plan.robustness else 0), plan.seed)
        self.rows = 0
        self.left_out = 0
        self.abstained = 0

    def take(self, rows: Rows) -> None:
        """Score a batch and count it."""
        self.rows += len(rows) + rows.left_out
        self.left_out += rows.left_out
        if rows.left_out:
            self.performance.exclude(rows.left_out, _encoded(self.performance.groups, rows.left_out_groups))
        if not len(rows) or rows.labels is None:
            return
        self.model.check_whole(rows.inputs)
        answer = self.model.answer(rows.inputs)
        self._check(answer)
        columns = {"labels": rows.labels, "numbers": rows.inputs.numbers}
        texts = {f"text {name}": text for name, text in rows.inputs.texts.items()}
        self._sample.update(self._sample.seen, columns | texts)
        if self.comparison:
            self.comparison.update(rows.inputs, answer.scores)
        predicted = answer.scores >= self.plan.output.threshold
        self._count(rows, rows.labels, predicted, answer)
        if self.fairness:
            wanted = self.plan.output.favourable == "positive"
            self.fairness.update(
                rows.labels == wanted,
                _encoded(self.fairness.groups, rows.groups),
                (predicted == wanted) & ~answer.abstained,
            )

    def sample(self) -> tuple[Inputs, NDArray[np.bool_]]:
        """A random sample of the scored rows, in their order, with their labels."""
        columns = self._sample.columns()
        if not columns:
            raise EvidenceError("no row of the test data can be measured", where=self.plan.data.path)
        texts = {name.removeprefix("text "): values for name, values in columns.items() if name.startswith("text ")}
        return Inputs(columns["numbers"], texts), columns["labels"]  # type: ignore[arg-type,return-value]

    def _count(self, rows: Rows, labels: NDArray[np.bool_], predicted: NDArray[np.bool_], answer: Answer) -> None:
        codes = _encoded(self.performance.groups, rows.groups)
        scores = answer.scores if self.scored else None
        silent = int(answer.abstained.sum())
        if not silent:
            self.performance.update(labels, predicted, scores, codes)
            return
        self.abstained += silent
        spoke = ~answer.abstained
        self.performance.exclude(silent, {name: code[answer.abstained] for name, code in codes.items()})
        self.performance.update(
            labels[spoke],
            predicted[spoke],
            None if scores is None else scores[spoke],
            {name: code[spoke] for name, code in codes.items()},
        )

    def _check(self, answer: Answer) -> None:
        # NaN marks an abstention; any other is a model that does not answer.
        broken = np.isnan(answer.scores) & ~answer.abstained
        if broken.any():
            row = self.rows - len(broken) + int(np.flatnonzero(broken)[0]) + 1
            raise EvidenceError(
                f"the model gave no number for a valid row (about data row {row})",
                where=self.plan.model.path,
                hint="declare `output.abstain` where the model refers a case to a person",
            )

    def metrics(self) -> dict[str, MetricEstimate]:
        """Metrics over all rows, and how often the model abstained."""
        found = {
            name: value.recorded(self.performance.excluded)
            for name, value in self.performance.overall(self.plan.confidence).items()
        }
        silent = wilson(self.abstained, self.rows - self.left_out, self.plan.confidence)
        if silent is not None:
            found["abstention_rate"] = silent.recorded(self.left_out)
        return found

    def slices(self) -> tuple[SliceResult, ...]:
        """The primary metric in each group of each dimension."""
        metric = self.plan.plan.primary_metric
        parts = [self.performance.slices(item.label, metric, self.plan.confidence) for item in self.dimensions]
        return tuple(part for found in parts for part in found)

    def periods(self) -> tuple[PeriodResult, ...]:
        """The primary metric in each period."""
        if self.layout.periods is None:
            return ()
        known = self.layout.periods.found
        return self.performance.periods(PERIOD, known, self.plan.plan.primary_metric, self.plan.confidence)

    def audits(self) -> tuple[FairnessAudit, ...]:
        """The audit of the outputs, where attributes are protected."""
        return _audited(self.plan, self.fairness, self.left_out)


def _audit_of(plan: Plan, audited: Audited) -> Fairness | None:
    protected = plan.protected_attributes
    if protected is None:
        return None
    return Fairness([item.label for item in protected.attributes], protected.intersections, audited=audited)


def _audited(plan: Plan, fairness: Fairness | None, left_out: int) -> tuple[FairnessAudit, ...]:
    if fairness is None:
        return ()
    audit = fairness.result(seed=plan.seed, confidence=plan.confidence)
    return (
        audit.predicate(
            artifact_digest=NO_DIGEST,
            dataset_digest=NO_DIGEST,
            binding_measures=plan.binding_measures,
            mitigation=plan.mitigation,
            excluded=left_out,
        ),
    )


def _training_audit(plan: Plan, open_table: Open, report: Report) -> tuple[FairnessAudit, ...]:
    """The audit of the labels that the model learnt from, where the plan names the training data."""
    fairness = _audit_of(plan, "training-labels")
    if fairness is None or plan.training is None or plan.protected_attributes is None:
        return ()
    layout = Layout(False, plan.data, plan.protected_attributes.attributes, None)
    done = left_out = 0
    wanted = plan.output.favourable == "positive"
    for rows in read_rows(open_table("training", plan.training), plan, layout, np.float32):
        left_out += rows.left_out
        done += len(rows) + rows.left_out
        if rows.labels is not None:
            fairness.update(rows.labels == wanted, _encoded(fairness.groups, rows.groups))
        report("training labels", done, None)
    return _audited(plan, fairness, left_out)


def _encoded(groups: dict[str, Groups], coded: dict[str, Coded]) -> dict[str, Codes]:
    """Group numbers as an accumulator knows them."""
    return {name: known.encode(coded[name].words, coded[name].codes.astype(np.int64)) for name, known in groups.items()}


def _golden_difference(plan: Plan, model: Model, open_table: Open) -> float | None:
    """Largest distance to the reference outputs, where the plan has them."""
    golden = plan.golden
    if golden is None:
        return None
    parts: list[NDArray[np.float64]] = []
    for batch in read_batches(open_table("golden", golden.outputs), {golden.column: "number"}):
        parts.append(batch.numbers[golden.column])
        if sum(map(len, parts)) > MAX_GOLDEN_ROWS:
            raise EvidenceError(f"more than {MAX_GOLDEN_ROWS} reference outputs", where=golden.outputs.path)
    table, name = (golden.inputs, "golden-inputs") if golden.inputs else (plan.data, "data")
    layout = Layout(True, None, (), None)
    return compare_with_reference(
        model, _whole(open_table(name, table), plan, layout, model), np.concatenate(parts), where=golden.outputs.path
    )


def _whole(source: Source, plan: Plan, layout: Layout, model: Model) -> Iterator[Inputs]:
    """Inputs of every row: with one left out, rows and reference outputs would no longer stand side by side."""
    for rows in read_rows(source, plan, layout, model.dtype):
        if rows.left_out:
            raise EvidenceError("a row of the golden inputs has a gap", where=source.where)
        yield rows.inputs
