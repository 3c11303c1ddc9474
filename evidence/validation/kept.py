"""Private copies of the files of a run: what was digested is what the child reads, whoever writes to them meanwhile.

A copy has no name and is open for reading only, so that it changes with nothing that happens to the file it is of.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evidence.model.errors import EvidenceError

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Kept:
    """An open copy, and the digest of its bytes."""

    descriptor: int
    digest: str


@contextmanager
def keep(files: Mapping[str, tuple[int, Path]]) -> Iterator[dict[str, Kept]]:
    """Copies of open plain files (descriptor and path each), in the folder for temporary files.

    Raises EvidenceError for a file that cannot be read or changes under the copying, and where there is no room.
    """
    with ExitStack() as stack:
        kept = {}
        for name, (file, path) in files.items():
            try:
                kept[name] = _copy(file, path, stack)
            except OSError as cause:
                raise EvidenceError(
                    f"cannot be copied for the run: {cause.strerror}",
                    where=str(path),
                    hint="make room in the folder for temporary files (TMPDIR)",
                ) from None
        yield kept


def _copy(file: int, path: Path, stack: ExitStack) -> Kept:
    size = os.fstat(file).st_size
    folder = tempfile.gettempdir()
    if size > shutil.disk_usage(folder).free:
        hint = "set TMPDIR to a folder that has room for a copy of model and data"
        raise EvidenceError(f"no room in {folder} for a copy of {size} bytes", where=str(path), hint=hint)
    writer, name = tempfile.mkstemp(prefix="quaestor-")
    try:
        reader = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
        stack.callback(os.close, reader)
    finally:
        os.unlink(name)  # noqa: PTH108
    hasher, done = sha256(), 0
    with open(writer, "wb", buffering=0) as copy:  # noqa: PTH123  (a descriptor)
        while done < size and (block := os.pread(file, min(_BLOCK, size - done), done)):
            hasher.update(block)
            copy.write(block)
            done += len(block)
    if done != size or os.fstat(file).st_size != size:
        raise EvidenceError(
            "the file changed while it was read", where=str(path), hint="run again once nothing writes to it"
        )
    return Kept(reader, f"sha256:{hasher.hexdigest()}")
