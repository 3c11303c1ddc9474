"""Which rows are the same row: keys that depend neither on the order of the rows nor on the format of the file.

A row is its model inputs, as 32-bit numbers and words, with its label where it has one. What else stands in the table
(a protected attribute, an id) is no part of it: a copy is a copy whatever was written beside it.
"""

from collections.abc import Iterable
from hashlib import blake2b, sha256

import numpy as np
from numpy.typing import NDArray

from evidence.validation.child.data import Coded, encoded
from evidence.validation.child.sampling import mixed
from evidence.validation.child.session import Inputs
from evidence.validation.measures.copies import Keys

_DROPPED = np.uint32(24 - 10)
"""Of the binary digits of a 32-bit float those that a rounded row leaves out."""
WIDE = 512
"""Numbers a row from which its bytes are hashed at once: an image has many."""


def row_keys(inputs: Inputs, labels: NDArray[np.generic] | None = None) -> Keys:
    """A 64-bit key of each row; equal rows have equal keys. A missing value is a value of its own.

    `labels` are truth values, codes of classes or values.
    """
    with np.errstate(over="ignore"):
        numbers = inputs.numbers.astype(np.float32) + np.float32(0)  # no minus zero
    bits = np.where(np.isnan(numbers), np.float32(np.nan), numbers).view(np.uint32)
    keys = np.zeros(len(inputs), dtype=np.uint64)
    if bits.shape[1] > WIDE:
        rows = (blake2b(row.tobytes(), digest_size=8).digest() for row in bits)
        keys = np.frombuffer(b"".join(rows), dtype="<u8").astype(np.uint64)
    else:
        for column in range(bits.shape[1]):
            keys = mixed(keys + bits[:, column])
    for name in sorted(inputs.texts):
        coded = encoded(inputs.texts[name])
        keys = mixed(keys + word_keys(f"{word!r}" for word in (*coded.words, None))[coded.codes])
    return keys if labels is None else labelled(keys, labels)


def labelled(keys: Keys, labels: NDArray[np.generic]) -> Keys:
    """The keys of rows with their labels, out of those without."""
    if labels.ndim > 1:
        for column in range(labels.shape[1]):
            keys = labelled(keys, labels[:, column])
        return keys
    values = labels.view(np.uint64) if labels.dtype == np.float64 else labels.astype(np.uint64)
    return mixed(keys + values)


def rounded(inputs: Inputs) -> Inputs:
    """The rows with their numbers to ten binary digits: what was jittered by less is the same row."""
    if inputs.numbers.dtype == np.float32:
        # The same in whole numbers: half of the last digit kept is added, to the even one where it is in the middle.
        bits = inputs.numbers.view(np.uint32)
        even = (bits >> _DROPPED) & np.uint32(1)
        bits = (bits + (even + np.uint32((1 << 13) - 1))) & ~np.uint32((1 << 14) - 1)
        return Inputs(bits.view(np.float32), inputs.texts)
    mantissa, exponent = np.frexp(inputs.numbers.astype(np.float64))
    return Inputs(np.ldexp(np.rint(mantissa * 1024) / 1024, exponent), inputs.texts)


def cluster_keys(clusters: Coded) -> Keys:
    """A key of the cluster of each row; rows that name none are one cluster together."""
    return np.append(word_keys(clusters.words), np.uint64(0))[clusters.codes]


def word_keys(words: Iterable[str]) -> Keys:
    """A key of each word."""
    return np.array([int.from_bytes(sha256(word.encode()).digest()[:8], "big") for word in words], dtype=np.uint64)
