"""What is on file: records by type and system, and of a system's records which do not count now, and why."""

from collections.abc import Iterator
from datetime import datetime

from engine.deciding.admission import evidence_type
from engine.deciding.decide import admitted
from engine.errors import did_you_mean
from evidence.model.errors import QuaestorError
from evidence.model.record import Record, read_record
from evidence.model.subject import Subject, SubjectKind, system_subject
from evidence.snapshot.take import take_snapshot
from integrations.app.records import statement_of, versions
from integrations.app.session import Session


def of_kind(record: Record, kind: str | None) -> bool:
    """Whether a record is of an evidence type, or of `statement:<kind>`; any is where none is asked."""
    return kind is None or kind in (record.type, evidence_type(record.type, record.content))


def require_kind(session: Session, kind: str | None) -> None:
    """Raise QuaestorError for an evidence type that the policies do not know."""
    known = {*session.bundle.schemas, "attestation"}
    if kind is not None and kind not in known:
        raise QuaestorError(f"unknown evidence type `{kind}`", hint=did_you_mean(kind, known))


def records(session: Session, *, kind: str | None = None, system_id: str | None = None) -> Iterator[Record]:
    """The records on file of a type and a system, in the order of filing. Raises QuaestorError for an unknown type."""
    require_kind(session, kind)
    for stored in session.store.find(kind="record", system_id=system_id):
        record = read_record(statement_of(stored), where=stored.id)
        if of_kind(record, kind) and system_id in (None, record.envelope.system_id):
            yield record


def excluded_of(session: Session, system_id: str, at: datetime) -> dict[str, str]:
    """What does not count at an instant, by record id with the reason: for the system, or one of its versions."""
    whole = system_subject(system_id)
    named = {
        entry.content["artifact_digest"]: f"{system_id}@{entry.content['version']}"
        for entry in versions(session.store, system_id=system_id)
    }
    subjects = [Subject(kind=SubjectKind.MODEL, name=n, digest=d, system_id=system_id) for d, n in named.items()]
    found: dict[str, str] = {}
    for subject in (whole, *subjects):
        snapshot = take_snapshot(session.store, subject, at)
        found |= {item.id: f"{item.reason}: {item.detail}" for item in snapshot.excluded}
        turned_away = admitted(session.bundle, snapshot)[1]
        found |= {entry.record.id: f"{why.reason}: {why.detail}" for entry, why in turned_away}
    return found
