"""What may stand after the name of a number of the battery, in a plan: a metric, a group, a table, a column."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from evidence.validation.catalogue import MEASURES
from evidence.validation.kinds import LABELS, SEVERAL
from evidence.validation.plan.files import GAPS
from evidence.validation.plan.tests import gains_of

if TYPE_CHECKING:
    from evidence.validation.plan.model import Plan


def _gains(plan: "Plan") -> Collection[str]:
    named = ["trivial"] + (["incumbent"] if plan.baselines and plan.baselines.incumbent else [])
    return [f"{baseline}:{metric}" for baseline in named for metric in gains_of(plan.output, baseline)]


def _refitted(plan: "Plan") -> Collection[str]:
    return _grouped(plan, plan.recalibration.groups if plan.recalibration else None)


def _covered(plan: "Plan") -> Collection[str]:
    return _grouped(plan, plan.uncertainty.groups if plan.uncertainty else None)


def _grouped(plan: "Plan", groups: tuple[str, ...] | None) -> Collection[str]:
    """Over all rows, and in each value of some columns."""
    return ["", *(f"{name}=*" for name in groups or plan.audited)]


def _tables(plan: "Plan") -> list[str]:
    """The tables of a plan, by their splits."""
    return ["test", *(split for split in ("training", "reference") if getattr(plan, split) is not None)]


def _compared(plan: "Plan") -> list[str]:
    """The tables whose categories are held against those of the training data, or else of the reference."""
    worded = any(column.text or column.values for column in plan.features.columns)
    baseline = "training" if plan.training else "reference"
    tables = _tables(plan)
    return [split for split in tables if split != baseline] if worded and len(tables) > 1 else []


def _ranged(plan: "Plan") -> list[str]:
    """The tables, where a column or an array has a range."""
    ranges = [item.range for item in plan.features.columns] + [item.range for item in plan.features.arrays or ()]
    return _tables(plan) if any(ranges) else []


def _protected(plan: "Plan") -> Collection[str]:
    return [item.label for item in plan.protected_attributes.attributes] if plan.protected_attributes else []


KEYS: Mapping[str, Callable[["Plan"], Collection[str]]] = {
    "gain": _gains,
    "calibration_slope_distance": _refitted,
    "calibration_intercept_distance": _refitted,
    "set_coverage": _covered,
    # The width of an interval that the model gives is the metric interval_width.
    "set_size": lambda plan: () if plan.output.interval else ("",),
    "missing_rate": _tables,
    "out_of_range_rate": _ranged,
    "unseen_category_rate": _compared,
    "duplicate_rate": _tables,
    "label_error_rate": lambda plan: plan.label_noise.splits if plan.label_noise else (),
    "importance": lambda plan: plan.features.whole,
    "ablation": lambda plan: (plan.drivers.ablation_groups or ()) if plan.drivers else (),
    "monotonicity_violation": lambda plan: (plan.drivers.directions or ()) if plan.drivers else (),
    "answer_proxy": _protected,
    "input_proxy": _protected,
    "flip_rate": lambda plan: plan.flipped,
}
"""Keys by name; where a name is absent, nothing stands after it.

A key that ends with `*` stands for all that begin like it, and an empty one for the name alone.
"""

OF_OUTPUTS = ("odds_difference", "opportunity_difference", "error_difference")
"""Measures of fairness that need answers: labels alone have no errors."""
TRAINING_LABELS = "training-labels:"


def due(plan: "Plan") -> Iterator[str]:
    """What a run by this plan is to tell, besides its metrics: the id of each number, or how the ids of some begin.

    The latter end with `*`: one at least is due. A test of many numbers, of which one is missing, is not passed.
    """
    for name, row in MEASURES.items():
        asked = row.section is not None and getattr(plan, row.section) is not None
        if row.family == "examined" and asked and plan.output.kind in row.kinds:
            yield from (f"{name}:{key}" if key else name for key in (KEYS[name](plan) if name in KEYS else ("",)))
    for dimension in plan.dimensions:
        yield f"{plan.plan.primary_metric}:{dimension.label}=*"
    if plan.data.missing == "score":
        yield f"{plan.plan.primary_metric}:{GAPS}=*"
    yield from _distances(plan)
    yield from _gaps_of_groups(plan)


def _distances(plan: "Plan") -> Iterator[str]:
    """Distances of every feature and of the answer; words and classes have no order, and so no KS distance."""
    words = [column.name for column in plan.features.columns if column.text]
    answers = [f"prediction:{word}" for word in plan.output.words] if plan.output.kind in LABELS else ["prediction"]
    for statistic in plan.reference.statistics if plan.reference else ():
        in_order = statistic == "ks"
        names = [*plan.features.described, *(() if in_order else words)]
        names += () if in_order and plan.output.kind in SEVERAL else answers
        yield from (f"drift:{statistic}:{name}" for name in names)


def _gaps_of_groups(plan: "Plan") -> Iterator[str]:
    """Measures of fairness of each attribute, of outputs and of the labels that were learnt."""
    for name, row in MEASURES.items():
        if row.family == "fairness" and plan.output.kind in row.kinds:
            for attribute in plan.audited:
                number = f"{name}:{attribute}=*" if name == "impact_ratio" else f"{name}:{attribute}"
                yield number
                if plan.training and name not in OF_OUTPUTS:
                    yield f"{TRAINING_LABELS}{number}"
