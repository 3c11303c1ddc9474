"""Rows of a frame laid out by their inputs, so that their neighbours can be found. Sandboxed child only."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from evidence.validation.child.frame import Frame
from evidence.validation.child.identity import row_keys
from evidence.validation.measures.neighbours import Places, places
from evidence.validation.plan.model import Plan

MOST_ROWS = 6_000
"""Rows that are compared pair by pair: as many as take a second."""
MOST_NUMBERS = 1 << 23
MOST_WORDS = 50
"""Words of a column that are told apart, the commonest; the others count as one."""


def distinct(frame: Frame) -> Frame:
    """As many different rows as can be compared, by chance: a row that was copied would be its own neighbour."""
    _, first = np.unique(row_keys(frame.inputs, frame.labels), return_index=True)  # in the order of their hashes
    return frame.take(first[: min(MOST_ROWS, MOST_NUMBERS // max(1, frame.inputs.numbers.shape[1]))])


def whole(frame: Frame) -> Frame:
    """The rows without a gap."""
    known = np.isfinite(frame.inputs.numbers).all(axis=1)
    for words in frame.inputs.texts.values():
        known &= np.asarray([word is not None for word in words], dtype=np.bool_)
    return frame.take(known)


def classes_of(frame: Frame) -> NDArray[np.int64]:
    """The class of each row as a code."""
    return frame.labels.astype(np.int64)


def places_of(plan: Plan, frames: Sequence[Frame]) -> list[Places]:
    """Where the rows of each frame lie, on one scale: numbers by their size, words by whether they are the same."""
    numbers = np.concatenate([frame.inputs.numbers for frame in frames])
    coded = mapped(plan)
    plain = [place for place in range(numbers.shape[1]) if place not in coded]
    categories = [np.unique(numbers[:, place], return_inverse=True)[1].astype(np.int64) for place in sorted(coded)]
    for name in frames[0].inputs.texts:
        categories.append(_commonest(np.concatenate([frame.inputs.texts[name] for frame in frames])))
    every = places(numbers[:, plain], categories, plan.seed)
    ends = np.cumsum([len(frame) for frame in frames])[:-1]
    return list(np.split(every, ends))


def mapped(plan: Plan) -> set[int]:
    """Which numbers of a row stand for words."""
    numeric = [column for column in plan.features.columns if not column.text]
    return {place for place, column in enumerate(numeric) if column.values}


def columns_of(frame: Frame) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """The numbers and then the words of the rows, each column as codes that rise with its value; a gap is -1."""
    numbers = frame.inputs.numbers
    for place in range(numbers.shape[1]):
        yield place, _codes(numbers[:, place], np.isfinite(numbers[:, place]))
    for place, words in enumerate(frame.inputs.texts.values()):
        known = np.asarray([word is not None for word in words], dtype=np.bool_)
        yield numbers.shape[1] + place, _codes(words, known)


def values_of(frame: Frame, column: int) -> NDArray[np.generic]:
    """What the codes of a column stand for (see `columns_of`)."""
    numbers = frame.inputs.numbers
    if column < numbers.shape[1]:
        return np.unique(numbers[np.isfinite(numbers[:, column]), column])
    words = list(frame.inputs.texts.values())[column - numbers.shape[1]]
    return np.unique([word for word in words if word is not None])


def _codes(values: NDArray[np.generic], known: NDArray[np.bool_]) -> NDArray[np.int64]:
    codes = np.full(len(values), -1, dtype=np.int64)
    if known.any():
        kept = values[known]
        codes[known] = np.unique(kept.astype(np.str_) if kept.dtype == object else kept, return_inverse=True)[1]
    return codes


def _commonest(words: NDArray[np.object_]) -> NDArray[np.int64]:
    text = np.asarray(["" if word is None else word for word in words], dtype=np.str_)
    _, place, counts = np.unique(text, return_inverse=True, return_counts=True)
    rank = np.argsort(np.argsort(-counts, kind="stable"), kind="stable")
    found: NDArray[np.int64] = np.minimum(rank[place], MOST_WORDS).astype(np.int64)
    return found
