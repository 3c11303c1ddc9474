"""Values of runs that ask what drives a model and where it is weak."""

from typing import Literal

from evidence.model.base import Count, Frozen, Name, Number, Share
from evidence.model.predicates.values import MetricEstimate


class HiddenSlice(Frozen):
    """A slice that nobody named: the conditions that its rows meet, the metric in it and in the other rows."""

    conditions: tuple[str, ...]
    n: Count
    metric: MetricEstimate
    rest: MetricEstimate
    shortfall: MetricEstimate


class SliceSearch(Frozen):
    """A search for weak slices: how many were looked at on one half of the rows, how many of these were tried on the
    other half, and those that it confirmed, the weakest first.
    """

    metric: Name
    searched: Count
    tried: Count
    confirmed: tuple[HiddenSlice, ...]


class RankedFeature(Frozen):
    """Input with its importance: by how much the metric gets worse without it; `interval` where it was measured."""

    feature: Name
    importance: Number
    interval: MetricEstimate | None = None


class Direction(Frozen):
    """Which way answers go as one input rises: rows whose curve rises and falls somewhere, as parts of those tried.

    `declared` is what the plan says, `violations` the part of the rows which move that also move against it. The curve
    is told at `grid`: the mean of all rows, and the tenth and the ninetieth of a hundred.
    """

    rising: Share
    falling: Share
    declared: Literal["up", "down"] | None = None
    violations: MetricEstimate | None = None
    grid: tuple[Number, ...] = ()
    mean: tuple[Number, ...] = ()
    low: tuple[Number, ...] = ()
    high: tuple[Number, ...] = ()


class Proxy(Frozen):
    """How well a protected attribute is told by the answers, by all other inputs together, and by each of them."""

    answers: MetricEstimate | None = None
    inputs: MetricEstimate | None = None
    features: dict[Name, MetricEstimate]
