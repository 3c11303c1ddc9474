"""A store that cannot be written, on a read-only or full disk, opened to be looked at."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evidence.model.errors import StoreError
from evidence.store.database import file_of
from evidence.store.records import RecordStore


@contextmanager
def open_to_look(url: str, blobs: Path) -> Iterator[tuple[RecordStore, str]]:
    """The store, though it be damaged, and why it can only be read (empty where it can be written).

    SQLite writes beside its file even to read it. Where that is refused the file is read as it lies, and where its log
    holds entries that are not in it yet, a copy of both. Raises StoreError where the store cannot be read so either.
    """
    try:
        store = RecordStore.open(url, blobs, even_damaged=True)
    except StoreError as cause:
        path = file_of(url)
        if path is None or not path.is_file():
            raise
        with _beside(path) as readable, RecordStore.open(readable, blobs, even_damaged=True, frozen=True) as store:
            yield store, cause.problem
        return
    with store:
        yield store, ""


@contextmanager
def _beside(path: Path) -> Iterator[str]:
    """The URL of a database without a log: the file itself, or a copy into which its log was taken."""
    log = path.with_name(f"{path.name}-wal")
    if not log.is_file() or not log.stat().st_size:
        yield f"sqlite:///{path}"
        return
    with tempfile.TemporaryDirectory(prefix="quaestor-") as folder:
        copy = Path(folder) / "store.db"
        try:
            shutil.copyfile(path, copy)
            shutil.copyfile(log, copy.with_name(f"{copy.name}-wal"))
        except OSError as cause:
            hint = "set TMPDIR to a folder that has room for a copy of it"
            raise StoreError(f"the store cannot be copied to be read: {cause.strerror}", hint=hint) from None
        RecordStore.open(f"sqlite:///{copy}", path.parent, even_damaged=True).close()
        yield f"sqlite:///{copy}"
