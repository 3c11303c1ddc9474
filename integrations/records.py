"""Use cases that put records into the store: each is checked, permitted by Cedar, signed and logged."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.access import EntityRef, people
from evidence.model.base import format_instant
from evidence.model.canonical import canonical_bytes, digest_file
from evidence.model.duration import add_duration
from evidence.model.errors import EvidenceError, QuaestorError
from evidence.model.predicates import PREDICATES
from evidence.model.predicates.base import Predicate
from evidence.model.record import (
    EvidenceClass,
    Record,
    Statement,
    explain,
    new_statement,
    parse_statement,
    plain_statement,
    read_record,
)
from evidence.model.subject import Subject, SubjectKind, system_digest
from evidence.signing import SigningKey, TrustedKey, open_envelope, signature_state
from evidence.store.entry import Action
from evidence.store.records import Receipt, RecordStore, StoredStatement
from integrations.workspace import MACHINE, Workspace

ACTIONS: dict[str, Action] = {
    "approval": "approved",
    "waiver": "waived",
    "registry-entry": "registered",
    "deployment-record": "deployed",
}
"""What the log calls the arrival of a record; others are `imported`."""
WITHDRAWAL = "https://quaestor.dev/withdrawal/v1"


@dataclass(frozen=True)
class Filed:
    """A record that was filed, and where in the log it stands."""

    record: Record
    receipt: Receipt


def content_of(kind: str, values: Any, *, where: str) -> Predicate:
    """Checked content of a record of type `kind`. Raises EvidenceError that names the field."""
    if kind not in PREDICATES:
        known = ", ".join(sorted(PREDICATES))
        raise EvidenceError(f"unknown evidence type `{kind}`", where=where, hint=f"known types: {known}")
    try:
        return PREDICATES[kind].model_validate_json(canonical_bytes(values))
    except ValidationError as cause:
        raise EvidenceError(
            f"the {kind} does not fit: {explain(cause)}",
            where=where,
            hint=f"its fields are listed by `quaestor evidence schema {kind}`",
        ) from None


def find_subject(store: RecordStore, text: str, *, system_id: str | None = None) -> Subject:
    """A subject from what a person typed: `system@version`, `system`, a digest, or the path of a model file.

    Raises QuaestorError where nothing registered answers to it, or more than one version does.
    """
    entries = _registered(store)
    if "@" in text and not Path(text).is_file():
        name, _, version = text.partition("@")
        found = {
            record.content["artifact_digest"]
            for record in entries
            if record.envelope.system_id == name and record.content["version"] == version
        }
        if not found:
            raise QuaestorError(f"no version `{version}` of `{name}` is registered", hint="see `quaestor system list`")
        if len(found) > 1:
            raise QuaestorError(f"`{text}` is registered with {len(found)} digests", hint="name the digest")
        return Subject(kind=SubjectKind.MODEL, name=text, digest=found.pop(), system_id=name)
    if text.startswith("sha256:") or Path(text).is_file():
        digest = text if text.startswith("sha256:") else digest_file(Path(text))
        for record in entries:
            if record.content["artifact_digest"] == digest:
                name = f"{record.envelope.system_id}@{record.content['version']}"
                return Subject(kind=SubjectKind.MODEL, name=name, digest=digest, system_id=record.envelope.system_id)
        for stored in store.find(kind="record", subject=digest, predicate_type=PREDICATES["dataset-record"].uri()):
            record = read_record(_statement(stored))
            return Subject(
                kind=SubjectKind.DATASET,
                name=record.content["version"],
                digest=digest,
                system_id=record.envelope.system_id,
            )
        raise QuaestorError(
            f"nothing registered has the digest of `{text}`", hint="register it: `quaestor system register`"
        )
    if system_id is None and not any(record.envelope.system_id == text for record in entries):
        raise QuaestorError(f"no system `{text}` is registered", hint="see `quaestor system list`")
    return Subject(kind=SubjectKind.SYSTEM, name=text, digest=system_digest(text), system_id=text)


def add_record(
    workspace: Workspace,
    store: RecordStore,
    content: Predicate,
    subject: dict[str, str],
    *,
    system_id: str,
    at: datetime,
    actor: str | None = None,
    evidence_class: EvidenceClass | None = None,
    model_version: str | None = None,
    source: str | None = None,
    expires_at: datetime | None = None,
    action: Action | None = None,
) -> Filed:
    """File a record, signed by the person `actor`, or by this installation where none is named.

    Attested classes need a person. The record expires at its type's greatest age unless `expires_at` says earlier.
    Raises QuaestorError where Cedar does not let the actor file it, or the person is no match for what it states.
    """
    kind = evidence_class or EvidenceClass(content.CLASSES[0])
    if kind is EvidenceClass.ATTESTED and actor is None:
        raise QuaestorError(
            f"a {content.TYPE} record is attested by a person", hint="say who signs: --as <person of the keyring>"
        )
    key, trusted = workspace.person(actor) if actor else (workspace.machine_key, _machine(workspace))
    target = EntityRef(type="System", id=system_id)
    workspace.require(
        trusted,
        "collect",
        target,
        {"owner": EntityRef(type="Person", id=trusted.holder)},
        {"evidence_class": str(kind)},
    )
    latest = add_duration(at, content.MAX_AGE)
    statement = new_statement(
        content,
        subject=subject,
        envelope={
            "evidence_class": kind,
            "system_id": system_id,
            "model_version": model_version,
            "source": source or trusted.holder,
            "collector": MACHINE,
            "issuer": trusted.holder,
            "issued_at": at,
            "collected_at": at,
            "expires_at": min(latest, expires_at) if expires_at else latest,
        },
    )
    return _append(workspace, store, statement, key, trusted, at, action)


def import_record(workspace: Workspace, store: RecordStore, data: bytes, *, where: str, at: datetime) -> Filed:
    """File a DSSE envelope that another tool or installation signed, in the bytes that came.

    Its signature must verify by a key of the keyring. Raises EvidenceError or SignatureError.
    """
    statement = parse_statement(open_envelope(data, where=where), where=where)
    record = read_record(statement, where=where)
    state = signature_state(data, workspace.keyring, where=where)
    if state.state != "verified":
        known = "it carries no signature" if state.state == "absent" else f"key {str(state.keyid)[:12]} is not trusted"
        raise EvidenceError(
            f"the signature does not hold: {known}",
            where=where,
            hint="check who sent it; trust their public key with `quaestor key trust`",
        )
    action: Action = ACTIONS.get(record.type, "imported")
    actor = state.signer or "unknown"
    receipt = store.append(data, kind="record", action=action, actor=actor, at=at, signer=workspace.machine_key)
    return Filed(record=record, receipt=receipt)


def withdraw(
    workspace: Workspace, store: RecordStore, record_id: str, *, reason: str, actor: str, at: datetime
) -> Receipt:
    """Withdraw a record: it stays in the log and every later decision lists the withdrawal. Raises QuaestorError."""
    stored = store.get(record_id)
    if stored.kind != "record":
        raise QuaestorError(f"`{record_id}` is a {stored.kind}, not an evidence record")
    record = read_record(_statement(stored))
    key, trusted = workspace.person(actor)
    target = EntityRef(type="System", id=record.envelope.system_id)
    workspace.require(
        trusted,
        "collect",
        target,
        {"owner": EntityRef(type="Person", id=trusted.holder)},
        {"evidence_class": str(EvidenceClass.ATTESTED)},
    )
    statement = plain_statement(
        {item.name: f"sha256:{item.digest['sha256']}" for item in _statement(stored).subject},
        WITHDRAWAL,
        {
            "system_id": record.envelope.system_id,
            "record": record_id,
            "reason": reason,
            "by": trusted.holder,
            "at": format_instant(at),
        },
    )
    return store.append(
        key.sign(statement.payload),
        kind="withdrawal",
        action="refused",
        actor=trusted.holder,
        at=at,
        signer=workspace.machine_key,
    )


def approve(
    workspace: Workspace,
    store: RecordStore,
    subject: Subject,
    *,
    gate: str,
    role: str,
    actor: str,
    decision: str,
    reason: str | None,
    at: datetime,
) -> Filed:
    """File a person's decision on a model version at a gate. Cedar holds that nobody approves their own model."""
    _, trusted = workspace.person(actor)
    authors = {
        record.content["author"]["id"]
        for kind in ("training-run", "ci-run")
        for stored in store.find(kind="record", subject=subject.digest, predicate_type=PREDICATES[kind].uri())
        for record in [read_record(_statement(stored))]
    }
    workspace.require(
        trusted,
        "approve",
        EntityRef(type="Model", id=subject.digest),
        {"trained_by": people(sorted(authors)), "built_by": people(sorted(authors))},
        {"gate": gate, "role": role},
    )
    content = content_of(
        "approval",
        {
            "gate": gate,
            "artifact_digest": subject.digest,
            "approver": {"id": trusted.holder, "name": trusted.name, "role": role},
            "role": role,
            "decision": decision,
            **({"reason": reason} if reason else {}),
            "conditions": [],
            "decided_at": format_instant(at),
        },
        where="approval",
    )
    return add_record(
        workspace, store, content, {subject.name: subject.digest}, system_id=subject.system_id, at=at, actor=actor
    )


def grant_waiver(
    workspace: Workspace,
    store: RecordStore,
    subject: Subject,
    *,
    control_id: str,
    risk: str,
    risk_owner: str,
    requested_by: str,
    actor: str,
    expires_on: datetime,
    at: datetime,
) -> Filed:
    """File a waiver of one control for one subject, signed by its approver. Raises QuaestorError."""
    control = workspace.bundle.controls.get(control_id)
    if control is None:
        raise QuaestorError(f"unknown control `{control_id}`", hint="see `quaestor policy list`")
    _, trusted = workspace.person(actor)
    workspace.require(
        trusted,
        "waive",
        EntityRef(type="Waiver", id=control_id),
        {
            "requested_by": EntityRef(type="Person", id=requested_by),
            "severity": control.severity,
            "basis": control.basis if control.law_scope is None else "policy",
            "waivable": control.waivable or control.law_scope is not None,
        },
    )
    longest = workspace.effective.values.get("waiver_max_days")
    if not isinstance(longest, int) or expires_on > add_duration(at, f"P{longest}D"):
        raise QuaestorError(f"a waiver lasts at most {longest} days", hint="choose an earlier --until")
    if expires_on <= at:
        raise QuaestorError(f"the waiver would end at {format_instant(expires_on)}, before it begins")
    content = content_of(
        "waiver",
        {
            "control_id": control_id,
            "control_basis": control.basis if control.law_scope is None else "policy",
            "control_severity": control.severity,
            "scope": subject.digest if subject.kind is SubjectKind.MODEL else subject.system_id,
            "risk": risk,
            "risk_owner": _person_ref(workspace, risk_owner),
            "requested_by": _person_ref(workspace, requested_by),
            "approver": {"id": trusted.holder, "name": trusted.name},
            "granted_at": format_instant(at),
            "expires_on": format_instant(expires_on),
        },
        where="waiver",
    )
    return add_record(
        workspace,
        store,
        content,
        {subject.name: subject.digest},
        system_id=subject.system_id,
        at=at,
        actor=actor,
        expires_at=expires_on,
    )


def _append(
    workspace: Workspace,
    store: RecordStore,
    statement: Statement,
    key: SigningKey,
    signer: TrustedKey,
    at: datetime,
    action: Action | None,
) -> Filed:
    record = read_record(statement)
    receipt = store.append(
        key.sign(statement.payload),
        kind="record",
        action=action or ACTIONS.get(record.type, "imported"),
        actor=signer.holder,
        at=at,
        signer=workspace.machine_key,
    )
    return Filed(record=record, receipt=receipt)


def _machine(workspace: Workspace) -> TrustedKey:
    trusted = workspace.keyring.find(workspace.machine_key.keyid)
    if trusted is None:
        raise QuaestorError("this installation's own key is not in the keyring", where=str(workspace.settings.keyring))
    return trusted


def _person_ref(workspace: Workspace, holder: str) -> dict[str, str]:
    key = next((key for key in workspace.keyring.keys if key.holder == holder and key.kind == "person"), None)
    if key is None:
        raise QuaestorError(f"`{holder}` is no person of the keyring", hint="see `quaestor key list`")
    return {"id": key.holder, "name": key.name}


def _statement(stored: StoredStatement) -> Statement:
    where = f"{stored.kind} {stored.id}"
    return parse_statement(open_envelope(stored.envelope, where=where), where=where)


def _registered(store: RecordStore) -> list[Record]:
    uri = PREDICATES["registry-entry"].uri()
    return [read_record(_statement(stored)) for stored in store.find(kind="record", predicate_type=uri)]


def resolve_id(store: RecordStore, reference: str) -> str:
    """The full id of a statement from its first digits. Raises QuaestorError where none or several begin so."""
    wanted = reference.removeprefix("sha256:")
    if len(wanted) == 64:
        return f"sha256:{wanted}"
    if len(wanted) < 6 or not all(letter in "0123456789abcdef" for letter in wanted):
        raise QuaestorError(f"`{reference}` is no record id", hint="give at least six of its hexadecimal digits")
    found = store.ids(f"sha256:{wanted}")
    if len(found) != 1:
        problem = f"`{reference}` fits {len(found)} records" if found else f"no record `{reference}`"
        raise QuaestorError(problem, hint="list them with `quaestor evidence list`")
    return found.pop()
