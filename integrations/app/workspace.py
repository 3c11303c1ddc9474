"""A workspace: its settings, and what they lead to, opened when first asked for."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine.access import AccessPolicies
from engine.bundle.gates import Gate
from engine.bundle.load import Bundle
from engine.bundle.parameters import Effective
from engine.errors import did_you_mean
from evidence.model.errors import QuaestorError
from evidence.store.records import RecordStore
from evidence.trust.keys import Keyring, SigningKey, TrustedKey, keyring_bytes, load_keyring
from integrations.app.actor import Actor
from integrations.app.settings import Settings, find_workspace, load_settings

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
    """What the files of a workspace say: settings, keys, keyring, policies. The one reader of its key files."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @classmethod
    def find(cls, folder: str | None) -> "Workspace":
        """The workspace at `folder`, else the one at or above the current folder. Raises QuaestorError."""
        return cls(load_settings(Path(folder).resolve() if folder else find_workspace(Path.cwd())))

    @cached_property
    def keyring(self) -> Keyring:
        return load_keyring(self.settings.keyring)

    @cached_property
    def machine_key(self) -> SigningKey:
        """The key of this installation: it signs what it measures and derives, and the ledger's checkpoints."""
        return SigningKey.load(self.settings.keys / MACHINE_KEY)

    @cached_property
    def machine(self) -> Actor:
        """This installation as an actor. Raises QuaestorError where its key is not in the keyring."""
        trusted = self.keyring.find(self.machine_key.keyid)
        if trusted is None:
            raise QuaestorError("this installation's own key is not in the keyring", where=str(self.settings.keyring))
        return Actor.of(trusted, self.machine_key)

    def person(self, name: str) -> Actor:
        """Who signs with a private key of this workspace's key folder. Raises QuaestorError."""
        if not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
            raise QuaestorError(f"`{name}` is not the id of a person", hint="list them with `quaestor key list`")
        path = self.settings.keys / f"{name}.pem"
        if not path.exists():
            hint = f"who has one: `quaestor key list`; a new person gets one with `quaestor key new {name}`"
            raise QuaestorError(f"no private key of `{name}` in this workspace", where=str(path), hint=hint)
        key = SigningKey.load(path)
        trusted = self.keyring.find(key.keyid)
        if trusted is None or trusted.holder != name:
            raise QuaestorError(
                f"the key of `{name}` is not in the keyring",
                hint="add it with `quaestor key new` or `quaestor key trust`",
            )
        return Actor.of(trusted, key)

    def report_key(self) -> ReportKey:
        """What signs this installation's reports. Raises QuaestorError where a file of it cannot be read."""
        found = []
        for name in (REPORT_KEY, REPORT_CERTIFICATE):
            path = self.settings.keys / name
            try:
                found.append(path.read_bytes())
            except OSError as cause:
                hint = "restore it from a backup"
                raise QuaestorError(f"cannot be read: {cause.strerror}", where=str(path), hint=hint) from None
        return ReportKey(key_pem=found[0], certificate_pem=found[1])

    def trust(self, key: TrustedKey) -> None:
        """Add a key to the keyring. Raises QuaestorError where it is there already."""
        if self.keyring.find(key.keyid):
            raise QuaestorError(f"key {key.keyid[:12]} is in the keyring already", where=str(self.settings.keyring))
        ring = Keyring(keys=tuple(sorted((*self.keyring.keys, key), key=lambda k: (k.holder, k.keyid))))
        replace_file(self.settings.keyring, keyring_bytes(ring))
        self.__dict__.pop("keyring", None)

    @contextlib.contextmanager
    def store(self) -> Iterator[RecordStore]:
        with RecordStore.open(self.settings.store, self.settings.blobs) as store:
            yield store

    @cached_property
    def bundle(self) -> Bundle:
        """The policies, linted unless this very digest was before."""
        from engine.bundle.load import checked_bundle

        return checked_bundle(self.settings.policies, self.settings.cache)

    @cached_property
    def effective(self) -> Effective:
        """The parameters under the organisation's overlay."""
        from engine.bundle.parameters import effective_parameters, read_overlay

        path = self.settings.overlay
        overlay = read_overlay(path.read_bytes(), str(path)) if path else None
        return effective_parameters(self.bundle.catalogue, overlay, self.bundle.controls.values())

    def gate(self, name: str) -> Gate:
        """A gate of the bundle. Raises QuaestorError for a name that none has."""
        if name not in self.bundle.gates:
            raise QuaestorError(f"unknown gate `{name}`", hint=did_you_mean(name, self.bundle.gates))
        return self.bundle.gate(name)

    @cached_property
    def access(self) -> AccessPolicies:
        return self.bundle.access


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
