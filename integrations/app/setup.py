"""Use cases that make a workspace."""

import json
from datetime import datetime
from pathlib import Path

from engine.bundle.load import load_bundle
from evidence.model.errors import QuaestorError
from evidence.model.names import check_name
from evidence.store.records import RecordStore
from evidence.trust.keys import SigningKey
from integrations.app.modelines import schema_line
from integrations.app.people import first_register
from integrations.app.settings import FILE, cache_folder, load_settings
from integrations.app.workspace import (
    MACHINE,
    MACHINE_KEY,
    REPORT_CERTIFICATE,
    REPORT_KEY,
    Workspace,
    check_holder,
    replace_file,
)

OVERLAY = """# Your organisation's own values. Each one that differs from the catalogue is listed in every decision.
# parameters:
#   protected_attributes: [sex, age]
# disable:
#   SOME-01: {reason: why it is off, approver: who approved it, until: 2027-03-31}
# packs:
#   us: {reason: why that law does not concern you, approver: who approved it}
"""
IGNORE = """# Private keys, and a store that changes with each command: back them up, they are nothing for git.
*
"""


def create_workspace(
    folder: Path,
    *,
    name: str | None,
    store: str,
    policies: Path | None,
    now: datetime,
    administrator: str = "admin",
    administrator_name: str | None = None,
) -> Workspace:
    """Make a workspace at `folder`, with a certificate for its reports from `now` on.

    Its ledger begins with the register of people, signed by the first administrator, whose key lies with the others.

    Raises QuaestorError where one is there already or the folder cannot be written, and where `policies` are none to
    decide by.
    """
    if (folder / FILE).exists():
        raise QuaestorError(
            f"there is a workspace already: {folder / FILE}", hint="work in it, or choose another folder"
        )
    if policies is not None:
        load_bundle(policies, cache_folder())  # what cannot be decided by is said now, and not at the first decision
    origin = check_name((name or folder.name or "quaestor").strip(), "name of the organisation")
    if not origin or "\n" in origin or "+" in origin or " " in (origin := origin.replace(" ", "-")):
        raise QuaestorError(f"`{origin}` cannot name a ledger", hint="use letters, digits, `-`, `.` and `/`")
    try:
        keys = folder / ".quaestor" / "keys"
        keys.mkdir(parents=True, exist_ok=True)
        keys.chmod(0o700)
        ignore = folder / ".quaestor/.gitignore"
        if not ignore.exists():
            ignore.write_text(IGNORE, encoding="ascii")
        lines = {
            "origin": origin,
            "store": store,
            "blobs": ".quaestor/blobs",
            "keys": ".quaestor/keys",
            "overlay": "overlay.yaml",
            **({"policies": str(policies.resolve())} if policies else {}),
        }
        if not (folder / "overlay.yaml").exists():
            path = folder / "overlay.yaml"
            path.write_text(schema_line(path, "overlay") + OVERLAY, encoding="utf-8")
        machine = _key(keys / MACHINE_KEY)
        root = _key(keys / f"{check_holder(administrator)}.pem")
        _report_key(keys, origin, now)
        text = "".join(f"{field} = {json.dumps(value, ensure_ascii=False)}\n" for field, value in lines.items())
        replace_file(folder / FILE, text.encode())
    except OSError as cause:
        raise QuaestorError(
            f"the folder cannot be written: {cause.strerror}",
            where=str(folder),
            hint="choose a folder that you may write",
        ) from None
    workspace = Workspace(load_settings(folder))
    settings = workspace.settings
    people = first_register(
        origin,
        administrator=(administrator, administrator_name or f"Administrator of {origin}", root),
        machine=(MACHINE, f"Quaestor of {origin}", machine),
        at=now,
    )
    try:
        with RecordStore.create(settings.store, settings.blobs, origin=origin, signer=machine) as made:
            envelope = root.sign(people.statement().payload)
            made.append_people(envelope, actor=administrator, at=now, signer=machine)
    except BaseException:  # no half workspace: mended, the same command works
        (folder / FILE).unlink(missing_ok=True)
        raise
    return workspace


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
