"""The bounded row sample: which rows it keeps, and that they are random."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from evidence.validation.child.sampling import RowSample


def sampled(rows: int, capacity: int, seed: int, size: int) -> RowSample:
    found = RowSample(capacity, seed)
    for start in range(0, rows, size):
        numbers = np.arange(start, min(rows, start + size))
        found.update(
            start, {"number": numbers, "text": numbers.astype(str).astype(object), "pair": numbers[:, None] * [1, 2]}
        )
    return found


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 300), st.integers(1, 60), st.integers(0, 10**6), st.integers(1, 300))
def test_batches_do_not_matter_and_columns_stay_together(rows: int, capacity: int, seed: int, size: int) -> None:
    found = sampled(rows, capacity, seed, size)
    once = sampled(rows, capacity, seed, rows)
    numbers = found.columns()["number"]
    assert found.seen == rows
    assert len(set(numbers.tolist())) == min(rows, capacity)
    assert numbers.tolist() == sorted(once.columns()["number"].tolist())
    assert found.columns()["text"].tolist() == [str(number) for number in numbers]
    assert (found.columns()["pair"] == numbers[:, None] * [1, 2]).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rows_are_spread_evenly(seed: int) -> None:
    numbers = sampled(50_000, 2000, seed, 8192).columns()["number"]
    assert kstest(numbers / 50_000, "uniform").pvalue > 1e-3
    assert abs(np.mean(numbers % 2) - 0.5) < 0.05


def test_seed_chooses() -> None:
    first, second = (set(sampled(1000, 100, seed, 1000).columns()["number"].tolist()) for seed in (1, 2))
    assert len(first & second) < 30


def test_nothing_seen_is_empty() -> None:
    assert RowSample(5, 0).columns() == {}
