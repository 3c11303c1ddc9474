"""Which tests of its plan a run passed, by the numbers that it measured, and what a reader should know of it."""

from evidence.model.predicates.validation import (
    ValidationRun,
)
from evidence.model.predicates.values import MetricEstimate, TestResult
from evidence.validation.catalogue import MEASURES
from evidence.validation.families import ANY, judge, lacks, members
from evidence.validation.keys import due
from evidence.validation.kinds import WEIGHTED
from evidence.validation.measured import Measured
from evidence.validation.plan.model import Plan


def named_numbers(plan: Plan, measured: Measured) -> dict[str, MetricEstimate]:
    """Every measured number under the id that a test of the plan may have."""
    named = dict(measured.metrics)
    if measured.calibration_error:
        named["calibration_error"] = measured.calibration_error
    named |= {f"latency_{name}": value for name, value in measured.latency_ms.items()}
    for audit in measured.fairness:
        prefix = "" if audit.audited == "model-outputs" else "training-labels:"
        for measure in (name for name, row in MEASURES.items() if row.family == "fairness"):
            named |= {f"{prefix}{measure}:{key}": value for key, value in (getattr(audit, measure) or {}).items()}
    if report := measured.robustness:
        named["accuracy_drop"] = report.accuracy_drop
        named["invalid_input_rejection"] = report.invalid_input_rejection
        for name in ("ood_rejection", "valid_input_rejection", "certified_share", "turnable_share"):
            if (value := getattr(report, name)) is not None:
                named[name] = value
        named |= {f"attack_success:{key}": value for key, value in report.attack_success.items()}
    named |= {_slice_name(plan, item.dimension, item.value): item.metric for item in measured.slices}
    for item in measured.drift:
        of_answer = item.target == "prediction"  # of several labels there is one report each
        name = ":".join(filter(None, ("prediction" if of_answer else None, item.feature)))
        named[f"drift:{item.statistic}:{name}"] = item.value
    if measured.weighting:
        named |= {f"{WEIGHTED}{name}": value for name, value in measured.weighting.metrics.items()}
    return named | measured.examined.numbers


def results_of(plan: Plan, measured: Measured, named: dict[str, MetricEstimate]) -> dict[str, TestResult]:
    """Results of the plan's tests; one of which no number was measured is left out, and so not passed."""
    results = {}
    for test, threshold in sorted(plan.plan.thresholds.items()):
        if found := members(test, named):
            start = test.removesuffix(ANY)
            undefined = [_slice_name(plan, gap.dimension, gap.value) for gap in measured.slice_gaps]
            undefined += measured.examined.gaps
            complete = not any(name.startswith(start) or start.startswith(f"{name}:") for name in undefined)
            complete = complete and not (test.endswith(ANY) and lacks(test, found, due(plan)))
            results[test] = judge(threshold, found, complete=complete)
    return results


def _slice_name(plan: Plan, dimension: str, value: str) -> str:
    return f"{plan.plan.primary_metric}:{dimension}={value}"


def judged_counts(measured: Measured) -> dict[str, int]:
    """How many numbers of one kind stand beside each other, so that some miss by chance."""
    counts = {
        "slices": len(measured.slices),
        "periods": len(measured.periods),
        "groups": sum(len(audit.group_sizes) for audit in measured.fairness),
        "distances": len(measured.drift),
    }
    return {kind: count for kind, count in counts.items() if count}


def notes_of(plan: Plan, measured: Measured, run: ValidationRun) -> tuple[str, ...]:
    open_tests = sorted(set(plan.plan.required_tests) - set(run.test_results))
    notes = [f"isolation: {'; '.join(measured.charts.isolation)}"]
    notes += [f"the required test `{test}` has no measured number" for test in open_tests]
    if plan.plan.primary_metric not in measured.metrics:
        notes.append(f"the primary metric `{plan.plan.primary_metric}` was not measured")
    weightless = measured.weighting.weightless if measured.weighting else 0
    rows = {
        "have the weight 0, and no part in any weighted number": weightless,
        "repeat another row": measured.duplicate_rows,
        "stand in the training data too": measured.split_overlap_rows,
        "stand in the reference too": measured.reference_overlap_rows,
        "got a score that lies a hair outside 0 to 1, and was cut to it": measured.clipped_scores,
    }
    notes += [f"{count} rows of the test data {what}" for what, count in rows.items() if count]
    notes += [
        f"`{plan.plan.primary_metric}` is undefined in {gap.dimension}={gap.value} ({gap.n} rows): {gap.reason}"
        for gap in measured.slice_gaps
    ]
    notes += [f"`{name}` was not measured: {reason}" for name, reason in measured.examined.gaps.items()]
    notes += measured.examined.notes
    if families := judged_counts(measured):
        told = ", ".join(f"{count} {kind}" for kind, count in families.items())
        notes.append(
            f"judged beside each other, one interval in {1 / (1 - plan.confidence):.0f} misses by chance: {told}"
        )
    if measured.scan.custom_operators:
        notes.append(f"custom operators: {', '.join(measured.scan.custom_operators[:20])}")
    return tuple(notes)
