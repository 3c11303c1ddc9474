"""How the model behaves as a program: the same answer twice, whatever the batch, like its reference, and how fast.

Sandboxed child only.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError
from evidence.model.predicates.values import MetricEstimate
from evidence.validation.child.session import Inputs, Model
from evidence.validation.measures.intervals import order_statistic
from evidence.validation.plan.tests import Latency

BATCH_SIZES = (1, 7)
BATCH_TOLERANCE = 1e-6
"""Scores of one row in two batches count as the same up to here: single precision sums differ in the last bits when the
runtime cuts a matrix differently. The decision and the abstention must be the same exactly."""
PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True)
class Behaviour:
    """`batch_difference`: largest distance between scores of one row in batches of different size."""

    deterministic: bool
    batch_invariant: bool
    batch_difference: float
    rows: int


def check_behaviour(load: Callable[[], Model], sample: Inputs, threshold: float, *, decides: bool = True) -> Behaviour:
    """Run a sample again in a second session, and in batches of 1 and 7 rows beside the whole.

    A model that gives values decides nothing: its numbers may differ as those of scores, as a part of the largest.
    """
    whole = load().answer(sample)
    second = load()
    again = second.answer(sample)
    difference = 0.0
    same_decisions = True
    for size in BATCH_SIZES:
        parts = [second.answer(sample.take(slice(start, start + size))) for start in range(0, len(sample), size)]
        abstained = np.concatenate([part.abstained for part in parts])
        same_decisions &= bool(np.array_equal(abstained, whole.abstained))
        if decides:
            decided = np.concatenate([part.decided(threshold) for part in parts])
            same_decisions &= bool(np.array_equal(decided, whole.decided(threshold)))
        numbers = np.concatenate([part.numbers() for part in parts])
        difference = max(difference, largest_difference(numbers, whole.numbers()))
    largest = float(np.nan_to_num(np.abs(whole.numbers())).max(initial=1.0))
    return Behaviour(
        deterministic=whole.raw == again.raw,
        batch_invariant=same_decisions and difference <= BATCH_TOLERANCE * max(1.0, largest),
        batch_difference=difference,
        rows=len(sample),
    )


def largest_difference(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Largest absolute difference of two score arrays; infinite where only one of the two is a number."""
    gaps = np.isnan(left) != np.isnan(right)
    if gaps.any():
        return float("inf")
    both = ~np.isnan(left)
    return float(np.abs(left[both] - right[both]).max()) if both.any() else 0.0


def compare_with_reference(
    model: Model, batches: Iterator[Inputs], reference: NDArray[np.float64], *, where: str, classes: bool = False
) -> float:
    """Largest difference to the reference outputs, row by row. An abstention differs from every number by 1.

    A number above 1 is compared as a part of itself, since single precision has so many digits and no more. Of
    `classes` the reference holds the place of each row's, and another one differs by 1.
    Raises EvidenceError where the two have different numbers of rows.
    """
    start = 0
    largest = 0.0
    for inputs in batches:
        answer = model.answer(inputs)
        expected = reference[start : start + len(inputs)]
        start += len(inputs)
        if len(expected) < len(inputs):
            break
        given = answer.numbers()
        if classes and answer.chosen is not None:
            given, expected = (answer.chosen != expected).astype(np.float64), np.zeros(len(inputs))
        # Both sides abstaining (NaN in the reference) is agreement; one alone is as wrong as a score can be.
        one_sided = np.isnan(given) != np.isnan(expected)
        if one_sided.any():
            largest = max(largest, 1.0)
        size = np.maximum(1.0, np.abs(expected[~one_sided]))
        largest = max(largest, largest_difference(given[~one_sided] / size, expected[~one_sided] / size))
    if start != len(reference):
        raise EvidenceError(
            f"{len(reference)} reference outputs for {start} rows or more of inputs",
            where=where,
            hint="give one reference output for each row of the inputs, in their order",
        )
    return largest


def measure_latency(model: Model, sample: Inputs, settings: Latency, confidence: float) -> dict[str, MetricEstimate]:
    """Percentiles of the time (ms) that one call takes, warm-up left out.

    Each interval is free of assumptions on the distribution (see `order_statistic`).
    """
    rows = np.resize(np.arange(len(sample)), max(settings.batch_size, len(sample)))
    parts = [
        sample.take(rows[start : start + settings.batch_size])
        for start in range(0, len(rows) - settings.batch_size + 1, settings.batch_size)
    ][:1000]
    times = np.empty(settings.runs)
    for run in range(-settings.warm_up, settings.runs):
        part = parts[run % len(parts)]
        begun = time.perf_counter_ns()
        model.answer(part)
        if run >= 0:
            times[run] = (time.perf_counter_ns() - begun) / 1e6
    found = {name: order_statistic(times, share, confidence) for name, share in PERCENTILES.items()}
    return {name: value.recorded(settings.warm_up) for name, value in found.items() if value is not None}
