"""What a plan's settings can measure: a promise about any other number could never be kept.

Asked when a plan is read, so that it is refused before it is committed, run or logged.
"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from evidence.model.predicates.values import ThreatLimit, Threshold

if TYPE_CHECKING:
    from evidence.validation.plan import Plan

METRICS = (
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "specificity",
    "f1",
    "roc_auc",
    "log_loss",
    "brier",
)
"""Names of the metrics of a binary classifier, as recorded."""
OF_SCORES = ("roc_auc", "log_loss", "brier", "calibration_error")
"""Numbers that only probabilities have: a label has no order of cases and no chance to be right about."""
_GAPS = ("parity_difference", "parity_ratio", "odds_difference", "opportunity_difference", "impact_ratio")
_OF_OUTPUTS = ("odds_difference", "opportunity_difference")
_ATTACKED = ("accuracy_drop", "invalid_input_rejection", "ood_rejection", "valid_input_rejection")
_LATENCY = ("latency_p50", "latency_p95", "latency_p99")
_LABELS = "training-labels:"
_SHARE, _OPEN = (0.0, 1.0), (0.0, math.inf)
SIDES: dict[str, tuple[str, tuple[float, float]]] = {
    **dict.fromkeys((*METRICS[:7], "impact_ratio", "parity_ratio"), (">=", _SHARE)),
    **dict.fromkeys(("invalid_input_rejection", "ood_rejection"), (">=", _SHARE)),
    **dict.fromkeys(("brier", "calibration_error", "abstention_rate", "valid_input_rejection"), ("<=", _SHARE)),
    **dict.fromkeys(("parity_difference", "odds_difference", "opportunity_difference"), ("<=", _SHARE)),
    "attack_success": ("<=", _SHARE),
    "accuracy_drop": ("<=", (-1.0, 1.0)),
    **dict.fromkeys(("log_loss", "drift", *_LATENCY), ("<=", _OPEN)),
}
"""Of each measure the side of a limit on which a run passes, and between which values it can lie.

As in policies/lib/metrics.rego, which judges the run; a test holds both together.
"""

Mistake = tuple[tuple[str | int, ...], str]
"""Where in the plan, and what is wrong there."""


def mistakes(plan: "Plan") -> Iterator[Mistake]:
    """The promises that this plan's run could not keep, whatever the model does."""
    primary = plan.plan.primary_metric
    if primary not in METRICS:
        yield ("plan", "primary_metric"), f"`{primary}` is no metric; choose one of {', '.join(METRICS)}"
    elif problem := _problem(plan, primary):
        yield ("plan", "primary_metric"), problem
    for test, threshold in plan.plan.thresholds.items():
        problem = _problem(plan, test) or _family_problem(test, threshold.family)
        if problem := problem or _threshold_problem(plan, test, threshold):
            yield ("plan", "thresholds", test), problem
    for place, threat in enumerate(plan.plan.threat_models):
        if problem := _threat_problem(plan, threat):
            yield ("plan", "threat_models", place), problem
    if plan.plan.golden_set_digest is not None and plan.golden is None:
        yield ("plan", "golden_set_digest"), "no outputs are compared on it; add the section `golden`"
    for place, test in enumerate(plan.plan.required_tests):
        if test not in plan.plan.thresholds:
            yield ("plan", "required_tests", place), f"`{test}` has no threshold; add it to `thresholds`"


def _family_problem(test: str, family: str | None) -> str:
    if test.endswith("*") and family is None:
        return f"`{test}` judges many numbers; say how: `family: each`, `holm`, or `share` with the `share`"
    if family is not None and not test.endswith("*"):
        return f"`{test}` is one number and has no `family`; a test of many ends with `*`"
    return ""


def _problem(plan: "Plan", test: str) -> str:
    """Why a run of the plan cannot measure a test's number; empty where it can."""
    if test in OF_SCORES and plan.output.kind == "label":
        return f"`{test}` needs probabilities, and `output.kind` is label; measure accuracy, f1 or the like"
    if test in (*METRICS, *OF_SCORES, *_LATENCY, "abstention_rate"):
        return ""
    if test in _ATTACKED or test.startswith("attack_success:"):
        return _attack_problem(plan, test)
    if test.startswith("drift:"):
        return _drift_problem(plan, test)
    if test.startswith(f"{plan.plan.primary_metric}:"):
        return _slice_problem(plan, test)
    measure, _, key = test.removeprefix(_LABELS).partition(":")
    if measure in _GAPS and key:
        return _fairness_problem(plan, test, measure, key)
    known = ", ".join([*METRICS, "abstention_rate", "calibration_error", *_LATENCY, *_ATTACKED])
    return f"nothing measures `{test}`: tests are {known}, attack_success:…, drift:…, impact_ratio:… and the like"


def _threshold_problem(plan: "Plan", test: str, threshold: Threshold) -> str:
    """Why no run could meet the threshold, or a run would meet it the worse it is; empty where neither is so."""
    measure = test.removeprefix(_LABELS).partition(":")[0]
    side, (lowest, highest) = SIDES[measure]
    if threshold.op != side:
        better = "more" if side == ">=" else "less"
        return f"`{test}`: of {measure} {better} is better, so its threshold is `{side}`, not `{threshold.op}`"
    if not lowest <= threshold.value <= highest:
        ends = f"from {lowest:g} to {highest:g}" if highest < math.inf else f"not below {lowest:g}"
        return f"`{test}`: {threshold.value:g} is no value of {measure}, which lies {ends}"
    if threshold.confidence > plan.confidence:
        return f"`{test}`: asks for a confidence of {threshold.confidence:g}, and `confidence` is {plan.confidence:g}"
    return ""


def _threat_problem(plan: "Plan", threat: ThreatLimit) -> str:
    if threat.limit is None and threat.not_applicable_reason is None:
        return f"`{threat.id}` has neither a `limit` nor a `not_applicable_reason`"
    if threat.limit is None:
        return ""
    if not 0 <= threat.limit <= 1:
        return f"`{threat.id}`: {threat.limit:g} is no share of attacks that succeed, which lies from 0 to 1"
    return _attack_problem(plan, f"attack_success:{threat.id}")


def _attack_problem(plan: "Plan", test: str) -> str:
    if plan.robustness is None:
        return f"`{test}` needs the section `robustness`"
    attack = test.partition(":")[2]
    if attack and attack not in plan.robustness.budgets:
        return f"`{test}`: `robustness.budgets` has no attack `{attack}`"
    return ""


def _drift_problem(plan: "Plan", test: str) -> str:
    if plan.reference is None:
        return f"`{test}` needs the section `reference`"
    _, statistic, *rest = test.split(":", 2)
    if statistic not in plan.reference.statistics:
        return f"`{test}`: `reference.statistics` has no `{statistic}`"
    if rest[:1] not in (["prediction"], ["*"]) and rest[:1] not in [[column.name] for column in plan.features.columns]:
        return f"`{test}` ends with no feature's name, nor with `prediction`"
    return ""


def _slice_problem(plan: "Plan", test: str) -> str:
    """A slice is `METRIC:DIMENSION=VALUE` of the primary metric; VALUE may be `*`."""
    attributes = plan.protected_attributes.attributes if plan.protected_attributes else ()
    dimensions = {item.label for item in (*plan.slices, *attributes)}
    dimension, equals, value = test.partition(":")[2].partition("=")
    if dimension == "*" or (dimension in dimensions and equals and value):
        return "" if dimensions else f"`{test}` needs `slices`"
    return f"`{test}` ends with no slice: DIMENSION=VALUE or DIMENSION=*, of {', '.join(sorted(dimensions)) or 'none'}"


def _fairness_problem(plan: "Plan", test: str, measure: str, key: str) -> str:
    if plan.protected_attributes is None:
        return f"`{test}` needs the section `protected_attributes`"
    of_labels = test.startswith(_LABELS)
    if of_labels and plan.training is None:
        return f"`{test}` needs the section `training`"
    if of_labels and measure in _OF_OUTPUTS:
        return f"`{test}`: labels have no errors; measure parity or the impact ratio"
    audited = {item.label for item in plan.protected_attributes.attributes}
    unknown = sorted({part.partition("=")[0] for part in key.split("&")} - audited - {"*"})
    return f"`{test}`: `protected_attributes` has no `{unknown[0]}`" if unknown else ""
