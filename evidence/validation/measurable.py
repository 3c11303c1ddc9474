"""What a plan's settings can measure: a promise about any other number could never be kept.

Asked when a plan is read, so that it is refused before it is committed, run or logged. A limit that looks the wrong way
(a floor for a loss), or that its measure cannot reach, is refused too.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evidence.model.mistakes import did_you_mean
from evidence.model.predicates.values import ThreatLimit, Threshold
from evidence.validation.catalogue import MEASURES, measure_of, metrics_of, promises_of
from evidence.validation.keys import KEYS, OF_OUTPUTS, TRAINING_LABELS
from evidence.validation.kinds import LABELS, SEVERAL, VALUE, WEIGHTED
from evidence.validation.plan.files import GAPS

if TYPE_CHECKING:
    from evidence.validation.plan.model import Plan
    from evidence.validation.plan.tests import Drivers, Individual

DOCS = "docs/validation.md"
METRICS = metrics_of("probability")
"""Names of the metrics of a binary classifier, as recorded."""
_OF_INTERVALS = ("interval_coverage", "interval_width")
"""What a model reaches by the interval alone, whatever it answers: an endless one holds every value, an empty one is
narrow. Each is a test beside others, and no primary metric."""


Mistake = tuple[tuple[str | int, ...], str]
"""Where in the plan, and what is wrong there."""


def mistakes(plan: "Plan") -> Iterator[Mistake]:
    """The promises that this plan's run could not keep, whatever the model does."""
    primary = plan.plan.primary_metric
    known = metrics_of(plan.output.kind)
    if (row := MEASURES.get(primary)) is None or row.family != "metric":
        yield ("plan", "primary_metric"), f"`{primary}` is no metric; choose one of {', '.join(known)}"
    elif primary in _OF_INTERVALS:
        others = ", ".join(name for name in known if name not in _OF_INTERVALS)
        yield ("plan", "primary_metric"), f"`{primary}` says nothing of the answers; choose one of {others}"
    elif problem := _problem(plan, primary):
        yield ("plan", "primary_metric"), problem
    for test, threshold in plan.plan.thresholds.items():
        problem = _problem(plan, test) or _family_problem(test, threshold.family)
        if problem := problem or _threshold_problem(plan, test, threshold):
            yield ("plan", "thresholds", test), problem
    for place, threat in enumerate(plan.plan.threat_models):
        if problem := _threat_problem(plan, threat):
            yield ("plan", "threat_models", place), problem
    yield from _drivers_mistakes(plan)
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
    name, kind = measure_of(test), plan.output.kind
    row = MEASURES.get(name)
    if test.startswith(WEIGHTED):
        return _weighted_problem(plan, test, name)
    key = test.removeprefix(TRAINING_LABELS).partition(":")[2]
    if test.startswith(f"{plan.plan.primary_metric}:"):
        return _slice_problem(plan, test)
    if row is not None and row.family in ("metric", "rate", "latency") and not test.startswith(TRAINING_LABELS):
        return _number_problem(plan, test, name, key)
    if row is not None and kind in row.kinds:
        if row.family == "robustness" and _keyed(name, key, "attack_success"):
            return _attack_problem(plan, test)
        if row.family == "drift" and key:
            return _drift_problem(plan, test)
        if row.family == "fairness" and key:
            return _fairness_problem(plan, test, name, key)
        if row.family == "examined":
            return _examined_problem(plan, test, name, key)
    if row is not None and kind in row.kinds:
        return f"nothing measures `{test}`: {name} goes by another name here; how each is written: {DOCS}"
    known = (measure for measure, one in MEASURES.items() if kind in one.kinds)
    return f"nothing measures `{test}`; {did_you_mean(name, known)}; how each is written: {DOCS}"


def _weighted_problem(plan: "Plan", test: str, name: str) -> str:
    """A weighted number is one of the run's metrics, over all rows, where the plan names a column of weights."""
    if plan.data.weight is None:
        return f"`{test}` needs `data.weight`: the column that says how much each row counts"
    if (row := MEASURES.get(name)) is None or row.family != "metric":
        near = did_you_mean(name, metrics_of(plan.output.kind))
        return f"nothing measures `{test}`: weighted are the metrics over all rows; {near}"
    return _number_problem(plan, test, name, test.removeprefix(WEIGHTED).partition(":")[2])


def _keyed(name: str, key: str, *wanted: str) -> bool:
    """Whether a name has a key after it exactly where it needs one."""
    return bool(key) == (name in wanted)


def _number_problem(plan: "Plan", test: str, name: str, key: str) -> str:
    """Why a run does not tell one of its own numbers, over all rows or of one class."""
    row, kind, output = MEASURES[name], plan.output.kind, plan.output
    if row.needs_scores and kind in ("label", "class"):
        return f"`{test}` needs probabilities, and `output.kind` is {kind}; measure accuracy, f1 or the like"
    if name == "pinball" and kind == "value":
        return _pinball_problem(plan, test, key)
    if name in ("mase", "relative_mae") and kind == "value" and plan.data.forecast is None:
        return f"`{test}` needs `data.forecast`: which rows are forecasts of what"
    if name in ("interval_coverage", "interval_width") and kind == "value" and output.interval is None:
        return f"`{test}` needs `output.interval`: where the model gives the ends of its interval"
    if not key and kind in row.kinds:
        return ""
    if key and kind in row.of_a_class:
        words = [str(word) for word in output.classes or ()]
        return "" if key in words else f"`{test}`: `output.classes` has no `{key}`"
    near = did_you_mean(name, set(promises_of(kind)) - {name})
    return f"nothing measures `{test}` of a model whose `output.kind` is {kind}; {near}; how each is written: {DOCS}"


def _pinball_problem(plan: "Plan", test: str, key: str) -> str:
    if not key:
        return "" if plan.output.quantile is not None else f"`{test}` needs `output.quantile`"
    if key not in ("low", "high"):
        return f"`{test}`: the ends of the interval are pinball:low and pinball:high"
    return "" if plan.output.interval else f"`{test}` needs `output.interval`"


def _threshold_problem(plan: "Plan", test: str, threshold: Threshold) -> str:
    """Why no run could meet the threshold, or a run would meet it the worse it is; empty where neither is so."""
    measure = measure_of(test)
    row = MEASURES[measure]
    if threshold.op != row.side:
        return f"`{test}`: of {measure} {row.better} is better, so its threshold is `{row.side}`, not `{threshold.op}`"
    if not row.possible(threshold.value):
        ends = f"not below {row.lowest:g}" if row.highest is None else f"from {row.lowest:g} to {row.highest:g}"
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


def _examined_problem(plan: "Plan", test: str, name: str, key: str) -> str:
    """A number of the battery needs its section, and after its name a key that the section's test tells, or none."""
    section = MEASURES[name].section or ""
    if getattr(plan, section) is None:
        return f"`{test}` needs the section `{section}`"
    known = sorted(KEYS[name](plan)) if name in KEYS else [""]
    if any(_told_as(key, word) for word in known):
        return ""
    listed = ", ".join(f"{name}:{word}" if word else name for word in known[:20])
    return f"`{test}`: `{name}` is told as {listed}" if known else f"`{test}` is not told of this model"


def _told_as(key: str, word: str) -> bool:
    """Whether a key is one that a test tells, or names several of them by their beginning; either may be open."""
    if key.endswith("*"):
        return bool(word) and word.startswith(key.removesuffix("*"))
    return len(key) >= len(word) and key.startswith(word.removesuffix("*")) if word.endswith("*") else key == word


def _drivers_mistakes(plan: "Plan") -> Iterator[Mistake]:
    """What the sections on hidden slices, drivers and single persons ask of this model that nothing can tell."""
    metric = plan.hidden_slices.metric if plan.hidden_slices else None
    known = metrics_of(plan.output.kind)
    if metric is not None and (metric not in known or _problem(plan, metric)):
        listed = ", ".join(name for name in known if not _problem(plan, name))
        yield ("hidden_slices", "metric"), f"`{metric}` is no metric of this model; choose one of {listed}"
    if plan.drivers:
        yield from _feature_mistakes(plan, plan.drivers)
    if plan.individual:
        yield from _individual_mistakes(plan, plan.individual)


def _feature_mistakes(plan: "Plan", drivers: "Drivers") -> Iterator[Mistake]:
    """Features that are none, and directions that an answer cannot have."""
    known = plan.features.whole
    named = [("directions", name) for name in drivers.directions or {}]
    named += [("feature_actions", name) for name in drivers.feature_actions or {}]
    for field, name in named:
        if name not in known:
            yield ("drivers", field, name), f"`{name}` is no feature of the plan"
    for group, members in (drivers.ablation_groups or {}).items():
        if strange := sorted(set(members) - set(known)):
            yield ("drivers", "ablation_groups", group), f"`{strange[0]}` is no feature of the plan"
    of_several = plan.output.kind in SEVERAL and plan.output.favourable is None
    words = {column.name for column in plan.features.columns if column.text}
    words |= {item.name for item in plan.features.arrays or ()}
    for name in drivers.directions or {}:
        if name in words:
            yield ("drivers", "directions", name), f"`{name}` is no number, and does not rise"
        elif of_several:
            yield ("drivers", "directions", name), "of several classes `output.favourable` says whose score it is"


def _individual_mistakes(plan: "Plan", individual: "Individual") -> Iterator[Mistake]:
    if (individual.tolerance is None) == (plan.output.kind in VALUE):
        yield ("individual", "tolerance"), "says how far a value may differ: it is needed for a value, and for no other"
    for place, name in enumerate(individual.proxies):
        if name not in (column.name for column in plan.features.columns):
            yield ("individual", "proxies", place), f"`{name}` is no input column of the plan"


def _attack_problem(plan: "Plan", test: str) -> str:
    if plan.robustness is None:
        return f"`{test}` needs the section `robustness`"
    attack = test.partition(":")[2]
    if measure_of(test) in ("certified_share", "turnable_share") and plan.robustness.certify is None:
        return f"`{test}` needs `robustness.certify`: a budget, and how many rows are decided"
    if attack and attack not in plan.robustness.budgets:
        return f"`{test}`: `robustness.budgets` has no attack `{attack}`"
    return ""


def _drift_problem(plan: "Plan", test: str) -> str:
    if plan.reference is None:
        return f"`{test}` needs the section `reference`"
    _, statistic, *rest = test.split(":", 2)
    if statistic not in plan.reference.statistics:
        return f"`{test}`: `reference.statistics` has no `{statistic}`"
    answers = {"prediction"}
    if plan.output.kind in LABELS:
        answers = {f"prediction:{word}" for word in (*plan.output.words, "*")}
    known = {*answers, "*", *plan.features.described, *(column.name for column in plan.features.columns)}
    if not known & set(rest):
        return f"`{test}` ends with no feature's name, nor with {', '.join(f'`{word}`' for word in sorted(answers))}"
    return ""


def _slice_problem(plan: "Plan", test: str) -> str:
    """A slice is `METRIC:DIMENSION=VALUE` of the primary metric; VALUE may be `*`."""
    dimensions = {item.label for item in plan.dimensions} | ({"horizon"} if plan.data.forecast else set())
    dimensions |= {GAPS} if plan.data.missing == "score" else set()
    dimension, equals, value = test.partition(":")[2].partition("=")
    if dimension == "*" or (dimension in dimensions and equals and value):
        return "" if dimensions else f"`{test}` needs `slices`"
    return f"`{test}` ends with no slice: DIMENSION=VALUE or DIMENSION=*, of {', '.join(sorted(dimensions)) or 'none'}"


def _fairness_problem(plan: "Plan", test: str, measure: str, key: str) -> str:
    if plan.protected_attributes is None:
        return f"`{test}` needs the section `protected_attributes`"
    of_labels = test.startswith(TRAINING_LABELS)
    if of_labels and plan.training is None:
        return f"`{test}` needs the section `training`"
    if of_labels and measure in OF_OUTPUTS:
        return f"`{test}`: labels have no errors; measure parity, the impact ratio or the mean difference"
    audited = {item.label for item in plan.protected_attributes.attributes}
    unknown = sorted({part.partition("=")[0] for part in key.split("&")} - audited - {"*"})
    return f"`{test}`: `protected_attributes` has no `{unknown[0]}`" if unknown else ""
