"""Payloads beside the database: files named by the digest of what they hold."""

import contextlib
import errno
import os
import re
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from evidence.model.canonical import digest_bytes, digest_file
from evidence.model.errors import StoreError

_DIGEST = re.compile(r"^sha256:[0-9a-f]{64}$")
_BLOCK = 1 << 16
WRITERS = 8
"""Files written at once: a file system that waits for one writes several in the same time (measured: seven times)."""
_TEMPORARY = ".new-"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class BlobStore:
    """Immutable blobs in a local folder, `<folder>/ab/cdef…`. What `put` has returned is on the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self) -> None:
        """Make the folder. Raises StoreError."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _sync_folder(self.folder.parent)
        except OSError as cause:
            raise self._error(cause, "the blob folder cannot be made") from None

    def put(self, data: bytes) -> str:
        """Keep `data` durably; its digest. Raises StoreError where it cannot be written, and leaves nothing then."""
        try:
            digest = self._keep(data)
            # Also where the file was there: whoever wrote it may not have come to this yet.
            _sync_folder(self._path(digest).parent)
        except OSError as cause:
            raise self._error(cause, "a payload cannot be written") from None
        return digest

    def put_many(self, blobs: Iterable[bytes]) -> list[str]:
        """Keep each blob; all are on the disk when it returns. Raises StoreError; some may have been kept then."""
        try:
            with ThreadPoolExecutor(WRITERS) as pool:
                digests = list(pool.map(self._keep, blobs))
            folders = {self._path(digest).parent for digest in digests}
            with ThreadPoolExecutor(WRITERS) as pool:
                list(pool.map(_sync_folder, sorted(folders)))
        except OSError as cause:
            raise self._error(cause, "a payload cannot be written") from None
        return digests

    def get(self, digest: str) -> bytes:
        """The blob, its digest checked. Raises StoreError, naming it, where it is missing, unreadable or altered."""
        try:
            data = _read(self._name(digest))
        except FileNotFoundError:
            raise StoreError(
                f"the payload {digest} is missing", where=str(self.folder), hint="restore it from a backup"
            ) from None
        except OSError as cause:
            raise self._error(cause, f"the payload {digest} cannot be read") from None
        if digest_bytes(data) != digest:
            raise StoreError(
                f"the payload {digest} was altered", where=str(self.folder), hint="restore it from a backup"
            )
        return data

    def has(self, digest: str) -> bool:
        """Whether there is a blob of this name; what it holds is not looked at."""
        return os.path.exists(self._name(digest))  # noqa: PTH110

    def delete(self, digest: str) -> None:
        """Remove the blob; it is gone from the disk's directory when this returns. Raises StoreError."""
        path = self._path(digest)
        try:
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                _sync_folder(path.parent)
        except OSError as cause:
            raise self._error(cause, f"the payload {digest} cannot be deleted") from None

    def sweep(self, before: float) -> int:
        """Remove temporary files that a writer left when it was killed, last changed before `before` (seconds since
        1970); how many. A running writer's is younger. Raises StoreError.
        """
        left = [path for path in self.folder.glob(f"??/{_TEMPORARY}*") if path.stat().st_mtime < before]
        try:
            for path in left:
                path.unlink(missing_ok=True)
        except OSError as cause:
            raise self._error(cause, "a leftover temporary file cannot be removed") from None
        return len(left)

    def _keep(self, data: bytes) -> str:
        digest = digest_bytes(data)
        path = self._path(digest)
        if not _holds(path, digest):
            if not path.parent.is_dir():
                path.parent.mkdir(exist_ok=True)
                _sync_folder(self.folder)
            _write(path, data)
        return digest

    def _name(self, digest: str) -> str:
        if not _DIGEST.match(digest):
            raise StoreError(f"`{digest}` is not the digest of a payload")
        return f"{self.folder}/{digest[7:9]}/{digest[9:]}"

    def _path(self, digest: str) -> Path:
        return Path(self._name(digest))

    def _error(self, cause: OSError, problem: str) -> StoreError:
        if cause.errno in _FULL:
            return StoreError(
                f"{problem}: the disk is full",
                where=str(self.folder),
                hint="make room and try again; everything that was acknowledged is still there",
            )
        return StoreError(
            f"{problem}: {cause.strerror}",
            where=str(self.folder),
            hint="the folder must be there and writable for the user that runs Quaestor",
        )


def _read(name: str) -> bytes:
    """The file, without the buffer that a file object makes: a verification reads a great many small ones."""
    descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(descriptor, _BLOCK)
        if len(data) < _BLOCK:  # nearly every one: the whole file, and were it not, its digest would say so
            return data
        parts = [data]
        while parts[-1]:
            parts.append(os.read(descriptor, _BLOCK))
    finally:
        os.close(descriptor)
    return b"".join(parts)


def _holds(path: Path, digest: str) -> bool:
    """Whether the file is there and whole; one that is not is written again."""
    try:
        return digest_file(path) == digest
    except FileNotFoundError:
        return False


def _write(path: Path, data: bytes) -> None:
    """Write by way of a temporary file, so that a crash leaves the whole blob or none of that name."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=_TEMPORARY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
