"""Kinds of model, and what is said of a measure: for which of them it is, which way is better, its range and unit."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["probability", "label", "classes", "class", "labels", "value", "ranking"]
"""What a model's output means (`output.kind`): of two classes the positive one's score or the class itself; of several
classes a score each or the class itself; of several labels, any of which a row may have, a score each; a number; the
score by which the items of a query are ordered."""

SCORED: frozenset[Kind] = frozenset({"probability", "classes", "labels"})
BINARY: frozenset[Kind] = frozenset({"probability", "label"})
SEVERAL: frozenset[Kind] = frozenset({"classes", "class"})
LABELS: frozenset[Kind] = frozenset({"labels"})
ONE_CLASS: frozenset[Kind] = BINARY | SEVERAL
"""Each row has one class."""
CLASSIFIER: frozenset[Kind] = ONE_CLASS | LABELS
VALUE: frozenset[Kind] = frozenset({"value"})
RANKING: frozenset[Kind] = frozenset({"ranking"})
NUMBER: frozenset[Kind] = VALUE | RANKING
EVERY: frozenset[Kind] = CLASSIFIER | NUMBER
ONE_ANSWER: frozenset[Kind] = ONE_CLASS | VALUE
"""Each row has one true answer, a class or a number, that stands for itself."""
ONE_SCORE: frozenset[Kind] = SCORED & ONE_CLASS
NONE: frozenset[Kind] = frozenset()

Family = Literal["metric", "rate", "latency", "fairness", "robustness", "drift", "examined"]
"""Where a run records a measure: among its metrics, beside them, in a report of its own, or with the battery."""

TARGET = "unit of the target"

WEIGHTED = "weighted:"
"""What stands before a test of a plan that is about a metric in which rows count by `data.weight`."""


@dataclass(frozen=True)
class Measure:
    """One measure. `highest` is None where it has no end; `kinds` is empty where no live run measures it.

    `of_a_class`: the kinds in which it is told of each class too, as NAME:CLASS. `section`: that of the plan that
    asks for it, where a test of the battery measures it.
    """

    family: Family
    kinds: frozenset[Kind]
    better: Literal["more", "less"]
    lowest: float
    highest: float | None
    unit: str
    says: str
    ts4213: str | None = None
    of_a_class: frozenset[Kind] = NONE
    section: str | None = None

    @property
    def side(self) -> Literal[">=", "<="]:
        """How a limit of the measure is written: a floor where more is better, a ceiling where less is."""
        return ">=" if self.better == "more" else "<="

    @property
    def needs_scores(self) -> bool:
        """Whether only scores have it: a class alone has no order of cases and no chance to be right about."""
        told = self.kinds | self.of_a_class
        return bool(told) and told <= SCORED

    def possible(self, value: float) -> bool:
        """Whether the measure can have this value."""
        return self.lowest <= value and (self.highest is None or value <= self.highest)


def share_of(
    family: Family,
    kinds: frozenset[Kind],
    better: Literal["more", "less"],
    says: str,
    ts4213: str | None = None,
    of_a_class: frozenset[Kind] = NONE,
) -> Measure:
    return Measure(family, kinds, better, 0, 1, "share", says, ts4213, of_a_class)


def loss_of(
    kinds: frozenset[Kind], unit: str, says: str, ts4213: str | None = None, family: Family = "metric"
) -> Measure:
    return Measure(family, kinds, "less", 0, None, unit, says, ts4213)


def examined(section: str, says: str, kinds: frozenset[Kind] = EVERY) -> Measure:
    """A share that a test of the battery measures, and of which less is better."""
    return Measure("examined", kinds, "less", 0, 1, "share", says, section=section)
