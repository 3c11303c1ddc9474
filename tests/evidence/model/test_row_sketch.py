"""Two tables are known by sketches to be mostly the same rows, however large they are."""

import random

import pytest

from evidence.model.row_sketch import SIZE, same_rows


def rows(count: int, seed: int) -> list[int]:
    """Keys of so many different rows."""
    draw = random.Random(seed)
    return [draw.getrandbits(64) for _ in range(count)]


def sketch(keys: list[int]) -> list[int]:
    return sorted(set(keys))[:SIZE]


@pytest.mark.parametrize("count", [40, SIZE, 1_000, 100_000])
@pytest.mark.parametrize("kept", [1.0, 0.95])
def test_most_rows_alike(count: int, kept: float) -> None:
    every = rows(2 * count, 1)
    other = every[round((1 - kept) * count) :][:count]
    assert same_rows(sketch(every[:count]), sketch(other))
    assert same_rows(sketch(other), sketch(every[:count]))


@pytest.mark.parametrize("count", [40, 1_000, 100_000])
@pytest.mark.parametrize("kept", [0.0, 0.5])
def test_half_of_them_or_none(count: int, kept: float) -> None:
    every = rows(2 * count, 2)
    assert not same_rows(sketch(every[:count]), sketch(every[round((1 - kept) * count) :][:count]))


def test_a_part_of_a_table_is_that_table() -> None:
    every = rows(4_000, 3)
    assert same_rows(sketch(every[:2_000]), sketch(every))
    assert not same_rows(sketch(every[:2_000]), sketch(every[1_200:]))


def test_nothing_is_like_nothing() -> None:
    assert not same_rows([], [])
    assert not same_rows([], [1])
