"""What the charts of a report show, taken from the records of the snapshot that was decided on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from evidence.model.base import Frozen, Int, Number
from evidence.model.predicates.data import LineageGraph
from evidence.model.predicates.validation import DriftReport, FairnessAudit, RobustnessReport, ValidationRun
from evidence.model.predicates.values import MetricEstimate
from evidence.model.record import Record
from evidence.snapshot.model import Snapshot
from evidence.validation.catalogue import MEASURES, TARGET, measure_of
from reports.words.escape import clean
from reports.words.wording import format_day, number, plural, short, short_span

MAX_MARKS = 32
MAX_CLASSES = 20
MAX_NODES = 60
MAX_WITHIN = 5
"""Rows of drift that are drawn though they lie within the limit."""


class Mark(Frozen):
    """A value with its interval and the number of cases behind it."""

    label: str
    value: Number
    low: Number
    high: Number
    n: Int
    judged: bool = True
    """Whether the chart's limit is meant for it; what no limit is meant for breaks none."""


class IntervalChart(Frozen):
    """Values with intervals on one scale, with the limit that the policies set, if any.

    `style` is `points` (estimates) or `bars` (distances from zero); `records` are the ids of the records shown.
    """

    title: str
    caption: str
    style: Literal["points", "bars"]
    marks: tuple[Mark, ...]
    limit: Number | None = None
    limit_text: str = ""
    records: tuple[str, ...]


class RocChart(Frozen):
    """Receiver operating characteristic; `points` are (false positive rate, true positive rate) in order."""

    points: tuple[tuple[Number, Number], ...]
    caption: str
    records: tuple[str, ...]


class CalibrationBin(Frozen):
    """Cases with like scores: their mean score, and how many of them had the outcome, with its interval."""

    mean_score: Number
    rate: Number
    n: Int
    low: Number
    high: Number


class CalibrationChart(Frozen):
    """Reliability diagram: in a calibrated model the rate equals the score."""

    bins: tuple[CalibrationBin, ...]
    caption: str
    records: tuple[str, ...]


class ConfusionChart(Frozen):
    """Rows by true class (`counts[i]`) and by answered class (`counts[i][j]`), in the order of `classes`."""

    classes: tuple[str, ...]
    counts: tuple[tuple[Int, ...], ...]
    caption: str
    records: tuple[str, ...]


class LineageNode(Frozen):
    """A node of the drawn lineage; `note` says what is missing of it, or is empty."""

    id: str
    label: str
    kind: str
    note: str


class LineageChart(Frozen):
    """The ancestry of the model; `edges` are pairs of node ids."""

    nodes: tuple[LineageNode, ...]
    edges: tuple[tuple[str, str], ...]
    caption: str
    gaps: tuple[str, ...]
    records: tuple[str, ...]


class ChartPoints(Frozen):
    """Curves that a validation run keeps beside its record: chances as numbers between 0 and 1."""

    roc: tuple[tuple[Number, Number], ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()


class Charts(Frozen):
    """Everything that a report draws, by section; `other` are measures without a common scale."""

    fairness: tuple[IntervalChart, ...]
    performance: tuple[IntervalChart, ...]
    drift: tuple[IntervalChart, ...]
    robustness: tuple[IntervalChart, ...]
    roc: RocChart | None
    calibration: CalibrationChart | None
    confusion: tuple[ConfusionChart, ...]
    lineage: tuple[LineageChart, ...]
    other: tuple[Mark, ...]


def chart_data(snapshot: Snapshot, limits: Mapping[str, Any], points: ChartPoints | None = None) -> Charts:
    """What can be drawn from a snapshot. `limits` are parameters by name; `points` the curves of its validation run."""
    by_type: dict[str, list[Record]] = {}
    for entry in sorted(snapshot.entries, key=lambda e: e.record.id):
        by_type.setdefault(entry.record.type, []).append(entry.record)
    floor = {name: float(value) for name, value in limits.items() if type(value) in (int, float)}
    own = limits.get("metric_bounds") or {}
    floor |= {name: float(own[name]["level"]) for name in OF_VALUES if "level" in own.get(name, {})}
    runs = by_type.get("validation-run", [])
    points = points or ChartPoints()
    run_ids = tuple(run.id for run in runs)
    return Charts(
        fairness=tuple(chart for record in by_type.get("fairness-audit", []) for chart in _fairness(record, floor)),
        performance=tuple(chart for record in runs for chart in _performance(record)),
        drift=tuple(_drift(by_type.get("drift-report", []), floor)),
        robustness=tuple(chart for record in by_type.get("robustness-report", []) for chart in _robust(record, floor)),
        roc=RocChart(points=points.roc, caption=_roc_caption(runs), records=run_ids) if len(points.roc) > 1 else None,
        calibration=_calibration(runs, points, run_ids),
        confusion=tuple(chart for record in runs for chart in _confusion(record)),
        lineage=tuple(_lineage(record) for record in by_type.get("lineage-graph", [])),
        other=tuple(mark for record in runs for mark in _other(record)),
    )


def limit_chart(title: str, mark: Mark, limit: float) -> IntervalChart:
    """A measured value that is not satisfied, beside its limit.

    Which side is the wrong one follows from that: where the interval lies on one side, that side, else the side away
    from the estimate, whose end of the interval is what fails.
    """
    below = mark.high <= limit or mark.low < limit <= mark.value
    return IntervalChart(
        title=clean(title),
        caption="",
        style="points" if below else "bars",
        marks=(mark,),
        limit=limit,
        limit_text=f"limit {number(limit)}",
        records=(),
    )


def _mark(label: str, estimate: MetricEstimate) -> Mark:
    return Mark(label=clean(label), value=estimate.value, low=estimate.ci_low, high=estimate.ci_high, n=estimate.n)


def _cut(marks: Iterable[Mark]) -> tuple[tuple[Mark, ...], str]:
    """The first marks, and a note on how many are left out."""
    every = tuple(marks)
    left = len(every) - MAX_MARKS
    return every[:MAX_MARKS], f" {plural(left, 'further row')} in evidence.jsonl." if left > 0 else ""


def _worst(marks: Sequence[Mark], limit: float | None) -> tuple[tuple[Mark, ...], str]:
    """The marks that may lie beyond the limit and the greatest of the others, in their order; a note on the rest."""
    beyond = [mark for mark in marks if limit is not None and mark.high > limit]
    others = sorted((mark for mark in marks if mark not in beyond), key=lambda mark: (-mark.high, mark.label))
    chosen = [*beyond, *others[: max(0, MAX_WITHIN - len(beyond))]]
    kept, more = _cut(mark for mark in marks if mark in chosen)
    folded = [mark for mark in others if mark not in chosen]
    if not folded:
        return kept, more
    return kept, f"{more} {plural(len(folded), 'further row')}, none above {short(max(m.high for m in folded))}."


def _attribute(group: str) -> str:
    """`afam` of `afam=1`, `afam&sex` of `afam=1&sex=0`."""
    return "&".join(part.partition("=")[0] for part in group.split("&"))


def _fairness(record: Record, limits: Mapping[str, float]) -> Iterable[IntervalChart]:
    audit = record.typed()
    assert isinstance(audit, FairnessAudit)
    what = "the model's answers" if audit.audited == "model-outputs" else "the training labels"
    floor = limits.get("min_impact_ratio")
    for attribute in dict.fromkeys(_attribute(group) for group in sorted(audit.impact_ratio)):
        ratios = sorted((g, e) for g, e in audit.impact_ratio.items() if _attribute(g) == attribute)
        marks, more = _cut(_mark(group, estimate) for group, estimate in ratios)
        yield IntervalChart(
            title=f"Selection-rate ratio by {clean(attribute)}, {what}",
            caption="Favourable answers of each group as a share of the best group's. The bar is the interval; policies"
            f" judge its lower end.{more}",
            style="points",
            marks=marks,
            limit=floor,
            limit_text=f"at least {short(floor, 2)}" if floor is not None else "",
            records=(record.id,),
        )
    yield from _gaps_of_values(record, audit, what, limits)
    yield from _exposures(record, audit, what, limits)
    rates = [(group, m["selection_rate"]) for group, m in sorted(audit.group_metrics.items()) if "selection_rate" in m]
    if rates:
        marks, more = _cut(_mark(group, estimate) for group, estimate in rates)
        yield IntervalChart(
            title=f"Selection rate by group, {what}",
            caption=f"Share of each group that got the favourable answer.{more}",
            style="points",
            marks=marks,
            records=(record.id,),
        )


OF_VALUES = {"mean_difference": "Difference of the means", "error_difference": "Difference of the errors"}


def _gaps_of_values(
    record: Record, audit: FairnessAudit, what: str, limits: Mapping[str, float]
) -> Iterable[IntervalChart]:
    """What each group gets, where the answer is a number, and how far the groups lie apart."""
    for measure, title in OF_VALUES.items():
        gaps = sorted((getattr(audit, measure) or {}).items())
        if gaps:
            limit = limits.get(measure)
            marks, more = _cut(_mark(attribute, estimate) for attribute, estimate in gaps)
            yield IntervalChart(
                title=f"{title} between groups, {what}",
                caption="Between the two groups that lie furthest apart, in the unit of the target. An interval that"
                f" begins at 0 may be of groups that are alike; policies judge its upper end.{more}",
                style="bars",
                marks=marks,
                limit=limit,
                limit_text=f"at most {short(limit)}" if limit is not None else "",
                records=(record.id,),
            )
    for metric, words in (("mean_answer", "Mean answer"), ("mean_label", "Mean label"), ("mae", "Mean absolute error")):
        means = [(group, found[metric]) for group, found in sorted(audit.group_metrics.items()) if metric in found]
        if means:
            marks, more = _cut(_mark(group, estimate) for group, estimate in means)
            yield IntervalChart(
                title=f"{words} by group, {what}",
                caption=f"In the unit of the target.{more}",
                style="points",
                marks=marks,
                records=(record.id,),
            )


def _exposures(record: Record, audit: FairnessAudit, what: str, limits: Mapping[str, float]) -> Iterable[IntervalChart]:
    """How much the items of each group are seen in a ranking, and how far the groups lie apart."""
    floor = limits.get("min_impact_ratio")
    if audit.exposure_ratio:
        marks, more = _cut(_mark(attribute, estimate) for attribute, estimate in sorted(audit.exposure_ratio.items()))
        yield IntervalChart(
            title=f"Ratio of exposures between groups, {what}",
            caption="Mean exposure of the group that is seen least to that of the group seen most; 1 is an even share."
            f" Policies judge its lower end.{more}",
            style="points",
            marks=marks,
            limit=floor,
            limit_text=f"at least {short(floor, 2)}" if floor is not None else "",
            records=(record.id,),
        )
    words = {
        "exposure": (
            "Exposure by group",
            "As a multiple of the mean of each list, in which a place further up is worth more.",
        ),
        "relevance": (
            "Relevance by group",
            "Mean grade of the items; a group may be seen less because less of it is relevant.",
        ),
    }
    for metric, (title, caption) in words.items():
        means = [(group, found[metric]) for group, found in sorted(audit.group_metrics.items()) if metric in found]
        if means:
            marks, more = _cut(_mark(group, estimate) for group, estimate in means)
            yield IntervalChart(
                title=f"{title}, {what}", caption=f"{caption}{more}", style="points", marks=marks, records=(record.id,)
            )


def _performance(record: Record) -> Iterable[IntervalChart]:
    run = record.typed()
    assert isinstance(run, ValidationRun)
    shares = [(name, e) for name, e in sorted(run.metrics.items()) if _is_share(name, e) and ":" not in name]
    if shares:
        marks, more = _cut(_mark(name.replace("_", " "), estimate) for name, estimate in shares)
        yield IntervalChart(
            title="Measures on the whole split",
            caption=f"Measured on the {run.split} split ({clean(run.population)}), seed {run.seed}."
            f"{_families(run)}{more}",
            style="points",
            marks=marks,
            records=(record.id,),
        )
    yield from _by_class(record, run)
    metric = run.primary_metric.replace("_", " ")
    if run.slices:
        marks, more = _cut(_mark(f"{item.dimension} {item.value}", item.metric) for item in run.slices)
        yield IntervalChart(
            title=f"{clean(metric)} by slice".capitalize(),
            caption=f"The primary metric in each part of the data, each interval by itself.{more}",
            style="points",
            marks=marks,
            records=(record.id,),
        )
    if run.periods:
        marks, more = _cut(
            _mark(f"{format_day(item.period.start)} to {format_day(item.period.end)}", item.metric)
            for item in run.periods
        )
        yield IntervalChart(
            title=f"{clean(metric)} by period".capitalize(),
            caption=f"Stability over time.{more}",
            style="points",
            marks=marks,
            records=(record.id,),
        )


def _families(run: ValidationRun) -> str:
    """How many numbers were judged beside each other, and what came of the plan's tests on many at once."""
    told = [f"{count} {clean(kind)}" for kind, count in sorted((run.judged or {}).items())]
    tests = [
        f" Test {clean(test)}: {result.met} of {result.judged} met it."
        for test, result in sorted(run.test_results.items())
        if result.judged is not None
    ]
    return (f" Judged beside each other: {', '.join(told)}." if told else "") + "".join(tests)


OF_A_CLASS = {
    "recall": "Of the rows of each class, the share that was answered with it.",
    "precision": "Of the rows that were answered with each class, the share that is of it.",
    "roc_auc": "The chance that a row of the class scores higher for it than a row of another class.",
}


def _by_class(record: Record, run: ValidationRun) -> Iterable[IntervalChart]:
    """How each of several classes does, in the order of the model."""
    for measure, says in OF_A_CLASS.items():
        found = [(word, run.metrics.get(f"{measure}:{word}")) for word in run.classes or ()]
        marks, more = _cut(_mark(word, estimate) for word, estimate in found if estimate)
        if marks:
            yield IntervalChart(
                title=f"{clean(measure.replace('_', ' '))} of each class".capitalize(),
                caption=f"{says}{more}",
                style="points",
                marks=marks,
                records=(record.id,),
            )


def _confusion(record: Record) -> Iterable[ConfusionChart]:
    """The confusion matrix of several classes, as far as it can be read."""
    run = record.typed()
    assert isinstance(run, ValidationRun)
    if run.classes and run.confusion and len(run.classes) <= MAX_CLASSES:
        yield ConfusionChart(
            classes=tuple(clean(word) for word in run.classes),
            counts=run.confusion,
            caption="A line holds the rows of one true class, by the class that the model answered with. What lies on"
            " the diagonal is right; the darker, the larger the share of the line.",
            records=(record.id,),
        )


def _is_share(name: str, estimate: MetricEstimate) -> bool:
    """Whether a common axis from 0 to 1 suits a measure; what is in the unit of the target may be small by chance."""
    return not _of_target(name) and estimate.ci_low >= 0 and estimate.ci_high <= 1


def _of_target(name: str) -> bool:
    row = MEASURES.get(measure_of(name))
    return row is not None and (TARGET in row.unit or (row.highest is None and "naive" in row.unit))


def _other(record: Record) -> Iterable[Mark]:
    """Measures that are no shares, so that a common axis would mislead."""
    run = record.typed()
    assert isinstance(run, ValidationRun)
    for name, estimate in sorted(run.metrics.items()):
        if not _is_share(name, estimate):
            unit = f" ({MEASURES[measure_of(name)].unit})" if _of_target(name) else ""
            yield _mark(f"{name.replace('_', ' ')}{unit}", estimate)
    for name, estimate in sorted(run.latency_ms.items()):
        yield _mark(f"latency {name} (ms)", estimate)


def _drift(records: Sequence[Record], limits: Mapping[str, float]) -> Iterable[IntervalChart]:
    found: dict[tuple[str, str], list[tuple[str, Mark, str]]] = {}
    for record in records:
        report = record.typed()
        assert isinstance(report, DriftReport)
        label = report.feature or report.target
        found.setdefault((report.target, report.statistic), []).append((label, _mark(label, report.value), record.id))
    limit = limits.get("max_promotion_drift")
    for (target, statistic), rows in sorted(found.items()):
        rows.sort(key=lambda row: (row[0], row[2]))
        marks, more = _worst([mark for _, mark, _ in rows], limit)
        yield IntervalChart(
            title=f"Drift of {'the inputs' if target == 'input' else target} ({statistic.upper()})",
            caption=f"Distance from the reference data; policies judge the upper end of the interval.{more}",
            style="bars",
            marks=marks,
            limit=limit,
            limit_text=f"at most {short(limit, 2)}" if limit is not None else "",
            records=tuple(record for _, _, record in rows),
        )


def _robust(record: Record, limits: Mapping[str, float]) -> Iterable[IntervalChart]:
    report = record.typed()
    assert isinstance(report, RobustnessReport)
    limit = limits.get("max_adversarial_drop")
    marks = [_mark("loss under attack", report.accuracy_drop)]
    marks += [
        _mark(f"loss: {kind}", estimate).model_copy(update={"judged": False})
        for kind, estimate in sorted(report.corruption_drop.items())
    ]
    kept, more = _cut(marks)
    yield IntervalChart(
        title="Loss under perturbation",
        caption=f"{_lost(report)}{more}",
        style="bars",
        marks=kept,
        limit=limit,
        limit_text=f"under attack at most {short(limit, 2)}" if limit is not None else "",
        records=(record.id,),
    )


def _lost(report: RobustnessReport) -> str:
    if report.tolerance is None:
        return "How much of the primary metric is lost under attack and on corrupted input."
    return (
        f"Share of answers that moved by more than {short(report.tolerance)} (unit of the target) under attack and on"
        " corrupted input."
    )


def _roc_caption(runs: Sequence[Record]) -> str:
    for record in runs:
        run = record.typed()
        if isinstance(run, ValidationRun) and (area := run.metrics.get("roc_auc")):
            low, high = short_span(area.ci_low, area.ci_high)
            return (
                f"Area under the curve {short(area.value)} (interval {low} to {high}, n {area.n}). Broken line: chance."
            )
    return "Broken line: chance."


def _calibration(runs: Sequence[Record], points: ChartPoints, run_ids: tuple[str, ...]) -> CalibrationChart | None:
    if not points.calibration:
        return None
    caption = "On the broken line the score is the chance. Bars are intervals, dots grow with the number of cases."
    for record in runs:
        run = record.typed()
        if isinstance(run, ValidationRun) and run.calibration_error:
            error = run.calibration_error
            low, high = short_span(error.ci_low, error.ci_high)
            caption = f"Expected calibration error {short(error.value)} (interval {low} to {high}). {caption}"
            break
    return CalibrationChart(bins=points.calibration, caption=caption, records=run_ids)


def _lineage(record: Record) -> LineageChart:
    graph = record.typed()
    assert isinstance(graph, LineageGraph)
    shown = graph.nodes[:MAX_NODES]
    ids = {node.id for node in shown}
    nodes = []
    for node in shown:
        lacks = [
            name
            for name in ("owner", "origin", "licence", "purpose")
            if node.kind in ("source", "dataset") and not getattr(node, name)
        ]
        nodes.append(
            LineageNode(
                id=node.id,
                label=clean(node.id),
                kind=node.kind,
                note=f"no {', '.join(lacks)}" if lacks else "",
            )
        )
    left = len(graph.nodes) - len(shown)
    share = short(100 * graph.complete_path_share, 1)
    return LineageChart(
        nodes=tuple(nodes),
        edges=tuple(dict.fromkeys((e.from_, e.to) for e in graph.edges if e.from_ in ids and e.to in ids)),
        caption=f"From sources to the model, left to right. {share} % of its inputs have a gapless path to a source."
        + (f" {plural(left, 'further node')} in evidence.jsonl." if left > 0 else ""),
        gaps=tuple(clean(gap) for gap in graph.gaps or ()),
        records=(record.id,),
    )
