"""The tests of the battery: those that a plan asks for beside the pass over the test data. Sandboxed child only.

Each is a function of its own module, from what all of them look at (`Bench`) to the numbers that it found. Its section
of the plan stands in `plan/tests.py`; its numbers have a row each in the catalogue, by which a test of the plan may
limit them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evidence.model.predicates.values import PeriodResult
from evidence.validation.child.baselines import compare_baselines
from evidence.validation.child.contents import Contents
from evidence.validation.child.drivers import drivers
from evidence.validation.child.frame import Frame
from evidence.validation.child.hidden import hidden_slices
from evidence.validation.child.individual import individual
from evidence.validation.child.label_noise import label_noise
from evidence.validation.child.membership import membership
from evidence.validation.child.out_of_time import changed
from evidence.validation.child.poisoning import poisoning
from evidence.validation.child.quality import quality
from evidence.validation.child.recalibration import recalibrate
from evidence.validation.child.rows import Report
from evidence.validation.child.session import Model
from evidence.validation.child.uncertainty import uncertainty
from evidence.validation.measured import Examined
from evidence.validation.plan.model import Plan


@dataclass(frozen=True)
class Bench:
    """What a test of the battery works on: `test` are scored rows, `training` rows that the model learnt from, if any.

    `names` are the values of each dimension, by the codes of the frames. `share` is the number of independent cases a
    row of the test data stands for (Kish's effective size, see `Copies`). `contents` is what was counted over all rows
    of each table, by its split, where the plan asks for their quality. `incumbent` is the model that runs today,
    `periods` the primary metric in each period.
    """

    plan: Plan
    model: Model
    test: Frame
    training: Frame | None
    names: dict[str, tuple[str, ...]]
    share: float
    report: Report
    contents: Mapping[str, Contents]
    incumbent: Model | None = None
    periods: tuple[PeriodResult, ...] = ()


BATTERY: tuple[tuple[str, Callable[[Bench], Examined]], ...] = (
    ("baselines", compare_baselines),
    ("recalibration", recalibrate),
    ("out_of_time", changed),
    ("uncertainty", uncertainty),
    ("quality", quality),
    ("label_noise", label_noise),
    ("poisoning", poisoning),
    ("membership", membership),
    ("hidden_slices", hidden_slices),
    ("drivers", drivers),
    ("individual", individual),
)
"""Each section of the plan that asks for a test, and the test."""
WITHOUT_ROWS = frozenset({"out_of_time", "quality"})
"""Those that look at what was counted, and not at rows again."""


def examine(bench: Bench) -> Examined:
    """What every test that the plan asks for found, in the order of the battery."""
    parts = []
    for section, test in wanted(bench.plan):
        bench.report(section.replace("_", " "), 0, 1)
        parts.append(test(bench))
        bench.report(section.replace("_", " "), 1, 1)
    return Examined.joined(parts)


def wanted(plan: Plan) -> list[tuple[str, Callable[[Bench], Examined]]]:
    """The tests whose section stands in the plan."""
    return [(section, test) for section, test in BATTERY if getattr(plan, section) is not None]
