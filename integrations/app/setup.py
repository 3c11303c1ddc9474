"""Use cases that make a workspace and the keys of its people."""

import json
from datetime import datetime
from pathlib import Path
from typing import Literal

from evidence.model.errors import QuaestorError
from evidence.model.names import check_name
from evidence.store.records import RecordStore
from evidence.trust.keys import BEGINNING, Grant, Keyring, SigningKey, TrustedKey, keyring_bytes, public_keyid
from integrations.app.settings import FILE, load_settings
from integrations.app.workspace import (
    MACHINE,
    MACHINE_KEY,
    REPORT_CERTIFICATE,
    REPORT_KEY,
    Workspace,
    replace_file,
)

OVERLAY = """# Your organisation's own values. Each one that differs from the catalogue is listed in every decision.
# parameters:
#   protected_attributes: [sex, age]
# disable:
#   SOME-01: the reason
"""


def create_workspace(folder: Path, *, name: str | None, store: str, policies: Path | None, now: datetime) -> Workspace:
    """Make a workspace at `folder`, with a certificate for its reports from `now` on.

    Raises QuaestorError where one is there already or the folder cannot be written.
    """
    if (folder / FILE).exists():
        raise QuaestorError(
            f"there is a workspace already: {folder / FILE}", hint="work in it, or choose another folder"
        )
    origin = check_name((name or folder.name or "quaestor").strip(), "name of the organisation")
    if not origin or "\n" in origin or "+" in origin or " " in (origin := origin.replace(" ", "-")):
        raise QuaestorError(f"`{origin}` cannot name a ledger", hint="use letters, digits, `-`, `.` and `/`")
    try:
        keys = folder / ".quaestor" / "keys"
        keys.mkdir(parents=True, exist_ok=True)
        keys.chmod(0o700)
        lines = {
            "origin": origin,
            "store": store,
            "blobs": ".quaestor/blobs",
            "keys": ".quaestor/keys",
            "keyring": "keyring.json",
            "overlay": "overlay.yaml",
            **({"policies": str(policies.resolve())} if policies else {}),
        }
        if not (folder / "overlay.yaml").exists():
            (folder / "overlay.yaml").write_text(OVERLAY, encoding="utf-8")
        machine = _key(keys / MACHINE_KEY)
        ring = Keyring(keys=(machine.trusted(MACHINE, f"Quaestor of {origin}", "machine", ("collector",)),))
        if not (folder / "keyring.json").exists():
            (folder / "keyring.json").write_bytes(keyring_bytes(ring))
        _report_key(keys, origin, now)
        text = "".join(f"{field} = {json.dumps(value, ensure_ascii=False)}\n" for field, value in lines.items())
        replace_file(folder / FILE, text.encode())
    except OSError as cause:
        raise QuaestorError(f"the folder cannot be written: {cause.strerror}", where=str(folder)) from None
    workspace = Workspace(load_settings(folder))
    settings = workspace.settings
    try:
        RecordStore.create(settings.store, settings.blobs, origin=origin, signer=workspace.machine_key).close()
    except BaseException:  # no half workspace: mended, the same command works
        (folder / FILE).unlink(missing_ok=True)
        raise
    return workspace


Kind = Literal["person", "machine"]


def new_person(workspace: Workspace, holder: str, *, name: str, roles: tuple[str, ...], kind: Kind) -> TrustedKey:
    """A new key pair; the private key goes to a file in the workspace's key folder, the public one into the keyring.

    Raises QuaestorError for a holder that has one, and for a name that cannot be one.
    """
    _check_names(holder, name, roles)
    path = workspace.settings.keys / f"{holder}.pem"
    if path.exists():
        raise QuaestorError(f"`{holder}` has a key already", where=str(path))
    key = SigningKey.generate()
    trusted = key.trusted(holder, name, kind, roles)
    key.save(path)
    workspace.trust(trusted)
    return trusted


def trust_key(
    workspace: Workspace, pem: str, holder: str, *, name: str, roles: tuple[str, ...], kind: Kind, custody: str
) -> TrustedKey:
    """Somebody's public key (PEM) into the keyring. Raises QuaestorError, also for a name that cannot be one."""
    _check_names(holder, name, roles, custody)
    grants = tuple(Grant(role=role, since=BEGINNING) for role in roles)
    key = TrustedKey(
        keyid=public_keyid(pem), public_key=pem, holder=holder, name=name, kind=kind, custody=custody, grants=grants
    )
    workspace.trust(key)
    return key


def _check_names(holder: str, name: str, roles: tuple[str, ...], custody: str = "file") -> None:
    check_name(holder, "id")
    if not all(letter.isalnum() or letter in "-_." for letter in holder) or holder.startswith("."):
        raise QuaestorError(f"`{holder}` cannot be an id", hint="use letters, digits, `-`, `_` and `.`")
    for text, what in ((name, "name"), (custody, "custody"), *((role, "role") for role in roles)):
        check_name(text, what)


def _key(path: Path) -> SigningKey:
    if not path.exists():
        SigningKey.generate().save(path)
    return SigningKey.load(path)


def _report_key(keys: Path, origin: str, now: datetime) -> None:
    """The RSA key and self-issued certificate that sign reports; PDF/A-3 readers do not take newer kinds."""
    from reports.pdf.signature import make_signing_certificate

    if (keys / REPORT_KEY).exists():
        return
    key_pem, certificate_pem = make_signing_certificate(f"Quaestor reports of {origin}", now=now)
    replace_file(keys / REPORT_CERTIFICATE, certificate_pem)
    replace_file(keys / REPORT_KEY, key_pem)
    (keys / REPORT_KEY).chmod(0o600)
