"""A workspace: its settings, and what they lead to, opened when first asked for."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from engine.access import AccessPolicies
from engine.bundle.effective import Effective
from engine.bundle.gates import Gate
from engine.bundle.load import Bundle
from engine.errors import did_you_mean
from evidence.model.errors import QuaestorError
from evidence.model.names import check_name
from evidence.store.records import RecordStore
from evidence.trust.keys import SigningKey, open_to_others, require_private
from integrations.app.settings import Settings, find_workspace, load_settings

if TYPE_CHECKING:
    from engine.bundle.overlay import Overlay

MACHINE_KEY = "machine.pem"
REPORT_KEY = "report-key.pem"
REPORT_CERTIFICATE = "report-certificate.pem"
MACHINE = "quaestor"


@dataclass(frozen=True)
class ReportKey:
    """The RSA key and certificate (PEM) that sign reports."""

    key_pem: bytes
    certificate_pem: bytes


class Workspace:
    """What the files of a workspace say: settings, keys, policies. The one reader of its key files."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @classmethod
    def find(cls, folder: str | None) -> "Workspace":
        """The workspace at `folder`, else the one at or above the current folder. Raises QuaestorError."""
        return cls(load_settings(Path(folder).resolve() if folder else find_workspace(Path.cwd())))

    @cached_property
    def machine_key(self) -> SigningKey:
        """The key of this installation: it signs what it measures and derives, and the ledger's checkpoints."""
        return SigningKey.load(self.settings.keys / MACHINE_KEY)

    def key_of(self, holder: str) -> SigningKey:
        """A private key of this workspace's key folder. Raises QuaestorError."""
        path = self.settings.keys / f"{check_holder(holder)}.pem"
        if not path.exists():
            hint = f"who has one: `quaestor key list`; a new person gets one with `quaestor key new {holder}`"
            raise QuaestorError(f"no private key of `{holder}` in this workspace", where=str(path), hint=hint)
        return SigningKey.load(path)

    def report_key(self) -> ReportKey:
        """What signs this installation's reports. Raises QuaestorError where a file of it cannot be read, or others can
        get at the key.
        """
        found = []
        for name in (REPORT_KEY, REPORT_CERTIFICATE):
            path = self.settings.keys / name
            try:
                found.append(path.read_bytes())
            except OSError as cause:
                hint = "restore it from a backup"
                raise QuaestorError(f"cannot be read: {cause.strerror}", where=str(path), hint=hint) from None
        require_private(self.settings.keys / REPORT_KEY)
        return ReportKey(key_pem=found[0], certificate_pem=found[1])

    def open_keys(self) -> list[Path]:
        """Files of private keys that others can read or write: none of them signs."""
        files = [file for file in sorted(self.settings.keys.glob("*.pem")) if file.is_file() and open_to_others(file)]
        return [file for file in files if b"PRIVATE KEY" in file.read_bytes()]

    @contextlib.contextmanager
    def store(self) -> Iterator[RecordStore]:
        with RecordStore.open(self.settings.store, self.settings.blobs) as store:
            yield store

    @cached_property
    def overlay(self) -> "Overlay | None":
        """The organisation's overlay: read once, so that what is kept with a decision is what decided."""
        from engine.bundle.overlay import overlay_at

        return overlay_at(self.settings.overlay) if self.settings.overlay else None

    @cached_property
    def bundle(self) -> Bundle:
        """The policies with what the overlay adds, linted unless this very digest was before."""
        from engine.bundle.overlay import bundle_at

        return bundle_at(self.settings.policies, self.overlay, self.settings.cache)

    @cached_property
    def effective(self) -> Effective:
        """The parameters under the organisation's overlay."""
        from engine.bundle.overlay import effective_under

        return effective_under(self.bundle, self.overlay)

    def gate(self, name: str) -> Gate:
        """A gate of the bundle. Raises QuaestorError for a name that none has."""
        if name not in self.bundle.gates:
            raise QuaestorError(f"unknown gate `{name}`", hint=did_you_mean(name, self.bundle.gates))
        return self.bundle.gate(name)

    @cached_property
    def access(self) -> AccessPolicies:
        return self.bundle.access


def key_left(path: Path) -> SigningKey | None:
    """The private key in a holder's file; None where there is none. A file that is empty, since writing it was broken
    off, is taken away.

    Raises QuaestorError where the file is a link or another user's: whoever put it there could sign as the holder.
    """
    if path.is_symlink() or (path.exists() and path.stat().st_uid != os.geteuid()):
        hint = "move it away, or have its public key entered: `quaestor key trust`"
        raise QuaestorError("this key was not made here: it is a link or another user's", where=str(path), hint=hint)
    if path.exists() and path.stat().st_size == 0:
        path.unlink()
    return SigningKey.load(path) if path.exists() else None


def check_holder(holder: str) -> str:
    """The id of a person or machine, where it can be one and name a file. Raises QuaestorError."""
    check_name(holder, "id")
    if not all(letter.isalnum() or letter in "-_." for letter in holder) or holder.startswith("."):
        raise QuaestorError(f"`{holder}` cannot be an id", hint="use letters, digits, `-`, `_` and `.`")
    return holder


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one, never half of either.

    A device or a pipe is written to and not replaced. Raises QuaestorError where it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            _replace(path, data)
    except OSError as cause:
        hint = "make the folder first, or name a file that can be written"
        raise QuaestorError(f"cannot be written: {cause.strerror}", where=str(path), hint=hint) from None


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their paths under a folder, each replaced as a whole. Raises QuaestorError."""
    for name, data in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as cause:
            hint = "name a folder that can be written with --output"
            raise QuaestorError(f"cannot be made: {cause.strerror}", where=str(path.parent), hint=hint) from None
        replace_file(path, data)


def _replace(path: Path, data: bytes) -> None:
    import os
    import tempfile

    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
