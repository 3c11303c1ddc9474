"""Tables in an .npz file, read in batches: memory does not grow with the rows. Runs in the sandboxed child only.

Every array has one entry a row. Those with one axis are columns; those with more are images, series or ids of tokens.
Nothing is unpickled.
"""

import lzma
import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from evidence.model.errors import EvidenceError

BATCH_BYTES = 16 << 20
"""Bytes of all arrays, as they are stored and as 64-bit numbers, that are held at once."""
MAX_ARRAYS = 4096
MAX_NUMBER = 1 << 48
"""Rows of an array, and bytes of an entry: no file that can be read has more."""
BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, tokenize.TokenError,
    ArithmeticError, EOFError, OSError, RuntimeError, SyntaxError, TypeError, ValueError,
)  # fmt: skip
"""What `zipfile` and the reader of headers raise for bytes that somebody altered."""


@dataclass(frozen=True)
class Header:
    """An array before it is read: the shape of an entry, its type, and how many entries there are."""

    name: str
    entry: tuple[int, ...]
    dtype: np.dtype[Any]
    rows: int


def headers(file: BinaryIO, where: str) -> list[Header]:
    """Every array of the file, in its order. Raises EvidenceError for what is no .npz, and for Python objects."""
    with _archive(file, where) as archive:
        names = archive.namelist()
        if len(names) > MAX_ARRAYS:
            raise EvidenceError(f"{len(names)} arrays, more than {MAX_ARRAYS}", where=where)
        found = []
        for name in names:
            with _reading(name, where), archive.open(name) as member:
                found.append(_header(member, name.removesuffix(".npy"), where))
    if len({item.name for item in found}) < len(found):
        raise EvidenceError("an array stands twice in the file", where=where)
    return found


def read_arrays(file: BinaryIO, wanted: list[str], where: str) -> Iterator[dict[str, NDArray[Any]]]:
    """The arrays that are wanted, batch by batch: (rows, …) each.

    Raises EvidenceError as `headers` does, and for an array that is missing, damaged, or has another number of entries.
    """
    known = {item.name: item for item in headers(file, where)}
    missing = [name for name in wanted if name not in known]
    if missing:
        hint = f"the file has: {', '.join(known)[:500]}"
        raise EvidenceError(f"no array {', '.join(f'`{name}`' for name in missing)}", where=where, hint=hint)
    lengths = {known[name].rows for name in wanted}
    if len(lengths) != 1:
        told = ", ".join(f"`{name}` {known[name].rows}" for name in wanted)
        raise EvidenceError(f"the arrays have different numbers of entries: {told}", where=where)
    sizes = [math.prod(known[name].entry) * max(8, known[name].dtype.itemsize) for name in wanted]
    step = max(1, min(65_536, BATCH_BYTES // max(1, sum(sizes))))
    (rows,) = lengths
    with _archive(file, where) as archive, ExitStack() as stack:
        members = {}
        for name in wanted:
            with _reading(name, where):
                members[name] = stack.enter_context(archive.open(_member(archive, name)))
                _header(members[name], name, where)
        for start in range(0, rows, step):
            count = min(step, rows - start)
            yield {name: _entries(member, known[name], count, where) for name, member in members.items()}
        for name, member in members.items():
            # At its end the checksum of a member is held against what was read.
            with _reading(name, where):
                if member.read(1):
                    raise EvidenceError(f"the array `{name}` has more entries than it says", where=where)


@contextmanager
def _reading(name: str, where: str) -> Iterator[None]:
    """EvidenceError in place of whatever altered bytes make the readers raise."""
    try:
        yield
    except BROKEN as cause:
        shown = f"{name.removesuffix('.npy')[:200]!r}"[1:-1]
        raise EvidenceError(f"the array `{shown}` cannot be read: {str(cause)[:200]}", where=where) from None


def _archive(file: BinaryIO, where: str) -> zipfile.ZipFile:
    file.seek(0)
    try:
        return zipfile.ZipFile(file)
    except BROKEN as cause:
        raise EvidenceError(f"not an .npz file: {str(cause)[:200]}", where=where) from None


def _member(archive: zipfile.ZipFile, name: str) -> str:
    return next(member for member in archive.namelist() if member.removesuffix(".npy") == name)


def _header(member: Any, name: str, where: str) -> Header:
    version = npy.read_magic(member)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"version {version} of the format")
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    try:
        shape, fortran, dtype = read(member)
    except MemoryError:  # of a header nested too deep, or that says it is longer than there is room
        raise ValueError("its header is too large") from None
    if dtype.hasobject or dtype.kind not in "biufSU":
        raise EvidenceError(f"the array `{name}` holds {dtype}, neither numbers nor words", where=where)
    if not shape or (fortran and len(shape) > 1):
        raise EvidenceError(
            f"the array `{name}` does not lie row by row", where=where, hint="save it with np.ascontiguousarray"
        )
    entry = math.prod(shape[1:]) * dtype.itemsize
    if any(type(size) is not int for size in shape) or not 0 <= shape[0] <= MAX_NUMBER or min(shape[1:], default=1) < 0:
        raise EvidenceError(f"the array `{name}` has the shape {str(shape)[:100]}, which is none", where=where)
    if not 0 < entry <= MAX_NUMBER:
        raise EvidenceError(f"the array `{name}` has entries of {str(entry)[:40]} bytes", where=where)
    return Header(name, tuple(shape[1:]), dtype, shape[0])


def _entries(member: Any, header: Header, count: int, where: str) -> NDArray[Any]:
    size = count * math.prod(header.entry) * header.dtype.itemsize
    parts, left = [], size
    with _reading(header.name, where):
        while left and (part := member.read(left)):
            parts.append(part)
            left -= len(part)
    if left:
        raise EvidenceError(f"the array `{header.name}` is cut off", where=where)
    return np.frombuffer(b"".join(parts), dtype=header.dtype).reshape(count, *header.entry)
