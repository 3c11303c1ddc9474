"""A cache in a private folder, since what lies in it decides: compiled modules, bundles that were checked.

A serialised wasmtime module is native code that is run as it stands, and a module decides what passes. So the folder is
used only where it belongs to this user and nobody else may read or write it (mode 0700); anything else is as good as no
cache. Each entry begins with the SHA-256 of its content, which finds a torn or decayed file. There is no secret key:
it would have to lie beside the entries, open to whoever can already write them. Whatever travels (audit packs, wheels)
is the plain module, compiled afresh where it arrives. What was used least of late goes where the folder grows large.
"""

import contextlib
import os
import stat
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

LARGEST = 512 << 20
"""Bytes that a cache may hold."""


@dataclass(frozen=True)
class PrivateCache:
    """Entries by name in one folder; what is absent, damaged or not private is not there."""

    folder: Path

    def load(self, name: str) -> bytes | None:
        """The content of an entry."""
        if not self._private():
            return None
        try:
            data = (self.folder / name).read_bytes()
            os.utime(self.folder / name)
        except OSError:
            return None
        return data[32:] if len(data) >= 32 and sha256(data[32:]).digest() == data[:32] else None

    def save(self, name: str, content: bytes) -> None:
        """Keep an entry, whole or not at all. A cache that cannot be written is no reason to fail."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._private():
                return
            handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(sha256(content).digest() + content)
                Path(temporary).replace(self.folder / name)
            except OSError:
                Path(temporary).unlink(missing_ok=True)
                raise
            self._make_room()

    def names(self, start: str) -> list[str]:
        """The names of the entries that begin with `start`, sorted."""
        if not self._private():
            return []
        return sorted(path.name for path in self.folder.iterdir() if path.name.startswith(start))

    def _make_room(self) -> None:
        """Remove what was not used for longest, down to half, so that not every entry that is kept removes one."""
        found = [(entry.name, entry.stat()) for entry in os.scandir(self.folder)]
        entries = sorted((status.st_mtime_ns, status.st_size, name) for name, status in found)
        left = sum(size for _, size, _ in entries)
        if left > LARGEST:
            for _, size, name in entries[:-1]:
                if left <= LARGEST // 2:
                    return
                (self.folder / name).unlink(missing_ok=True)
                left -= size

    def _private(self) -> bool:
        try:
            status = self.folder.lstat()
        except OSError:
            return False
        return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and stat.S_IMODE(status.st_mode) == 0o700
