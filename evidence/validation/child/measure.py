"""Everything that a run measures: the pass over the test data, and what is tried beside it. Sandboxed child only."""

from collections.abc import Callable
from importlib.metadata import version

import numpy as np
import pyarrow as pa

from evidence.model.errors import EvidenceError
from evidence.model.predicates.validation import RobustnessReport
from evidence.model.predicates.values import MetricEstimate
from evidence.validation.child.battery import WITHOUT_ROWS, Bench, examine, wanted
from evidence.validation.child.forecasting import Backtest, read_history
from evidence.validation.child.frame import Frame
from evidence.validation.child.golden import golden_difference
from evidence.validation.child.learnt import read_reference, read_training
from evidence.validation.child.needs import Needs
from evidence.validation.child.out_of_time import training_time
from evidence.validation.child.rows import Labels, Open, Report, read_rows
from evidence.validation.child.scan import Scan
from evidence.validation.child.scoring import Pass
from evidence.validation.child.session import Inputs, Model
from evidence.validation.kinds import BINARY, CLASSIFIER, SCORED
from evidence.validation.measured import NO_DIGEST, Charts, Examined, Measured, ReliabilityBin, RocPoint
from evidence.validation.measures.attack import attack_model
from evidence.validation.measures.behaviour import Behaviour, check_behaviour, measure_latency
from evidence.validation.measures.calibration import Calibration, calibration, roc_points
from evidence.validation.measures.classes import ClassPerformance
from evidence.validation.measures.comparison import Comparison
from evidence.validation.measures.scores import ScoreCounts
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
    test = Pass(plan, model, comparison, _backtest(plan, open_table))
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
    attacked = _attacked(plan, model, sample, labels, read, report) if plan.robustness else None
    scored = test.performance.score_counts()
    share = test.share
    # Of several classes these are the wrong and the right answers, by the score of the answered class.
    calibrated = calibration(scored, confidence=plan.confidence, share=share)
    several = test.performance if isinstance(test.performance, ClassPerformance) else None
    time = training_time(plan, test.layout.periods, open_table) if plan.out_of_time and test.layout.periods else None
    learnt = read_training(plan, test, open_table, report)
    read_reference(plan, test, open_table, report)
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
        charts=_charts(plan, test, scored, calibrated, behaviour, examined, isolation),
    )


def _attacked(
    plan: Plan,
    model: Model,
    sample: Inputs,
    labels: Labels,
    read: Callable[[], bytes],
    report: Report,
) -> RobustnessReport:
    assert plan.robustness
    report("robustness", 0, 1)
    whole = np.flatnonzero(~np.isnan(sample.numbers).any(axis=1))[: plan.robustness.trials]
    if not len(whole):
        raise EvidenceError(
            "every row that `robustness` would try has a gap, and attacks move whole rows",
            where=plan.data.path,
            hint="test on more rows that are whole, or leave `robustness` out",
        )
    attacked = attack_model(plan, plan.robustness, model, sample.take(whole), labels[whole], NO_DIGEST, read())
    report("robustness", 1, 1)
    return _passed_over(attacked, int(whole[-1]) + 1 - len(whole))


def _passed_over(report: RobustnessReport, rows: int) -> RobustnessReport:
    """The report, in which rows that were passed over since they have a gap count as left out of the attacks."""

    def told(estimate: MetricEstimate) -> MetricEstimate:
        return estimate.model_copy(update={"excluded": estimate.excluded + rows})

    successes = {kind: told(estimate) for kind, estimate in report.attack_success.items()}
    return report.model_copy(update={"accuracy_drop": told(report.accuracy_drop), "attack_success": successes})


def _give_back() -> None:
    """Hands memory that a reader has left behind to the system: a second session of the model needs as much."""
    pa.default_memory_pool().release_unused()


def _charts(
    plan: Plan,
    test: Pass,
    scored: ScoreCounts,
    calibrated: Calibration | None,
    behaviour: Behaviour,
    examined: Examined,
    isolation: list[str],
) -> Charts:
    """What the report draws and tells of the run, beside its records."""
    return Charts(
        roc=_curve(scored) if plan.output.kind in BINARY else (),
        reliability=_reliability(calibrated),
        risk_coverage=examined.risk_coverage,
        batch_difference=behaviour.batch_difference,
        rows=test.rows,
        excluded=test.left_out,
        abstained=test.abstained,
        isolation=tuple(isolation),
        libraries={name: version(name) for name in ("numpy", "onnx", "onnxruntime", "pyarrow", "scipy")},
    )


def _curve(scored: ScoreCounts) -> tuple[RocPoint, ...]:
    return tuple(RocPoint(false_positive_rate=x, true_positive_rate=y) for x, y in roc_points(scored))


def _reliability(calibrated: Calibration | None) -> tuple[ReliabilityBin, ...]:
    return tuple(
        ReliabilityBin(mean_score=part.mean_score, observed=part.observed.recorded())
        for part in (calibrated.bins if calibrated else ())
    )


def _backtest(plan: Plan, open_table: Open) -> Backtest | None:
    """What forecasts are compared with, where the rows are some."""
    if plan.data.forecast is None:
        return None
    history = read_history(open_table("history", plan.data.forecast.history), plan.data, plan.data.forecast)
    return Backtest(plan.data.forecast, history, plan.data.path)


def _examined(plan: Plan, test: Pass, training: Frame | None, report: Report, incumbent: Model | None) -> Examined:
    """What the battery found on the scored rows and those that the model learnt from."""
    if test.frame is None:
        return Examined()
    frame = test.frame.frame() or _no_rows(plan, test)
    names = {name: groups.names for name, groups in test.performance.groups.items()}
    share, periods = test.share, test.periods()
    return examine(Bench(plan, test.model, frame, training, names, share, report, test.contents, incumbent, periods))


def _no_rows(plan: Plan, test: Pass) -> Frame:
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
