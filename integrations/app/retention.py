"""Use cases of retention: until when an item is kept, by policy, and the erasure of a payload that is due.

The class of a record follows from its type. A payload goes only where the retention policy says that it is due, no
legal hold stands against it, the register of holds answered, and Cedar lets the person act. Its leaf stays in the log.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.access import EntityRef
from engine.backends.base import AnswerState
from engine.deciding.decide import admitted
from evidence.model.base import Frozen, format_instant
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import QuaestorError
from evidence.model.own import model_of
from evidence.model.record import Record
from evidence.model.subject import Subject, SubjectKind, system_digest, system_subject
from evidence.model.text import says_something
from evidence.snapshot.take import take_snapshot
from evidence.store.erasing import finish_erasures
from evidence.store.records import Receipt
from integrations.app.actor import Actor
from integrations.app.records import record_of
from integrations.app.session import Session

RETENTION_RULE = "quaestor/retention"


class Keeping(Frozen):
    """What the retention policy says of an item (policies/retention/schedule.rego)."""

    keep_until: str | None = None
    purge_at: str | None = None
    due: bool
    held: bool
    conflict: bool
    minimise: bool
    minimise_at: str | None = None
    unknown: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Payload:
    """What could be erased: a record, or the curves of a run, which are kept as the record of their run is."""

    id: str
    type: str
    evidence_class: str
    system_id: str
    collected_at: datetime
    names: tuple[str, ...]
    """By which a hold may cover it: digests, type, system, version."""
    hold: Mapping[str, Any] | None = None
    """Of a legal hold, what it says."""


def payload_of(record: Record) -> Payload:
    """A record as retention sees it."""
    envelope = record.envelope
    version = [f"{envelope.system_id}@{envelope.model_version}"] if envelope.model_version else []
    return Payload(
        id=record.id,
        type=record.type,
        evidence_class=str(envelope.evidence_class),
        system_id=envelope.system_id,
        collected_at=envelope.collected_at,
        names=(record.id, *record.subject, record.type, envelope.system_id, *version),
        hold=record.content if record.type == "legal-hold" else None,
    )


@dataclass(frozen=True)
class Shelf:
    """What is on file about the keeping of records: schedules of the system, holds, whether their register answered."""

    schedules: tuple[Mapping[str, Any], ...]
    aside: tuple[str, ...]
    """Why schedules that are there do not count."""
    holds: tuple[Mapping[str, Any], ...]
    reachable: bool

    def with_holds_of(self, others: "Iterable[Shelf]") -> "Shelf":
        """The same schedules under the holds of others too; where one register did not answer, none is known whole."""
        every = (self, *others)
        holds = {canonical_bytes(dict(hold)): hold for shelf in every for hold in shelf.holds}
        return Shelf(self.schedules, self.aside, tuple(holds.values()), all(shelf.reachable for shelf in every))


def ask_retention(session: Session, item: Mapping[str, Any], *, at: datetime | None = None) -> Keeping:
    """The policy's answer for an item, as of `at` or else now. Raises QuaestorError where it gives none."""
    document = canonical_bytes({"now": format_instant(at or session.now()), "item": dict(item)})
    data = canonical_bytes({"parameters": dict(session.effective.values)})
    engine = session.engines.get(session.bundle.program())
    answer = engine.evaluate([RETENTION_RULE], document, data)[RETENTION_RULE]
    if answer.state is not AnswerState.VALUE:
        raise QuaestorError(
            f"the retention policy gives no answer for this item: {answer.error or 'undefined'}",
            hint="policies/retention/schedule.rego says what an item holds",
        )
    return Keeping.model_validate_json(canonical_bytes(answer.value))


def erase_payload(session: Session, record_id: str, *, actor: Actor, reason: str) -> tuple[Receipt, Keeping]:
    """Erase the payload of a record that is due under the class of its type.

    Raises QuaestorError that says what stands against it.
    """
    require_reason(reason)
    finish_erasures(session.store)
    at, store = session.now(), session.store
    record = record_of(store.get(record_id))
    payload = payload_of(record)
    shelf = shelf_of(session, payload.system_id, record.subject, at)
    known = {node for digest in record.subject for node in store.lineage.of_digest(digest)}
    keeping = judged(session, payload, shelf, sorted(known), at)
    require_purge(session, actor, payload, keeping)
    receipt = store.erase(record_id, reason=reason, actor=actor.holder, at=at, signer=session.workspace.machine_key)
    return receipt, keeping


def require_reason(reason: str) -> None:
    """Raise QuaestorError for a reason that says nothing: the log keeps it instead of what goes."""
    if not says_something(reason):
        raise QuaestorError(f"the reason `{reason}` says nothing", hint="say why the payload goes: the log keeps it")


def require_purge(session: Session, actor: Actor, payload: Payload, keeping: Keeping) -> None:
    """Raise QuaestorError unless Cedar lets the actor erase the payload, as the retention policy judges it."""
    session.require(
        actor,
        "purge",
        EntityRef(type="Record", id=payload.id),
        {"evidence_class": payload.evidence_class, "held": keeping.held},
        {"due": keeping.due},
    )


def judged(session: Session, payload: Payload, shelf: Shelf, names: Iterable[str], at: datetime) -> Keeping:
    """What the retention policy says of a payload; `names` are further ones by which a hold may cover it.

    Raises QuaestorError where its class has no schedule, or several.
    """
    record_class = model_of(payload.type).RECORD_CLASS
    schedules = [content for content in shelf.schedules if content["record_class"] == record_class]
    if len(schedules) != 1:
        raise QuaestorError(
            f"{len(schedules)} current retention-schedule records of class `{record_class}`"
            f"{''.join(f'; set aside: {why}' for why in shelf.aside)}",
            hint="file one, signed: quaestor evidence add retention-schedule FILE --system … --as <records manager>",
        )
    created = format_instant(payload.collected_at)
    # A hold that was not released holds its own record too: with it, all that it covers would be free to go.
    own = [dict(payload.hold) | {"scope": [payload.id]}] if payload.hold is not None else []
    item = {
        "id": payload.id,
        "record_class": record_class,
        "names": [*payload.names, *sorted(names)],
        "anchors": {"created": created, "triggered": created},
        "personal": schedules[0]["personal"],
        "schedule": schedules[0],
        "holds": [*shelf.holds, *own],
        "holds_reachable": shelf.reachable,
    }
    return ask_retention(session, item, at=at)


def shelf_of(session: Session, system_id: str, digests: Collection[str], at: datetime) -> Shelf:
    """What is on file for records of a system about these subjects: schedules are the system's, holds of either.

    Only what a decision would count says so: a schedule that its signer may not sign lets nothing go and stops nothing.
    """
    whole = system_subject(system_id)
    current, aside = _counted(session, whole, at)
    found = {record.id: record for record in current}
    for digest in sorted(set(digests) - {system_digest(system_id)}):
        subject = Subject(kind=SubjectKind.MODEL, name=digest, digest=digest, system_id=system_id)
        found |= {record.id: record for record in _counted(session, subject, at)[0]}
    feeds = [r.content["complete"] for r in found.values() if _is_of_holds(r)]
    return Shelf(
        schedules=tuple(record.content for record in current if record.type == "retention-schedule"),
        aside=tuple(aside),
        holds=tuple(record.content for record in found.values() if record.type == "legal-hold"),
        reachable=any(_is_of_holds(record) for record in current) and all(feeds),
    )


def _is_of_holds(record: Record) -> bool:
    return record.type == "feed-status" and bool(record.content["feed"] == "legal-hold")


def _counted(session: Session, subject: Subject, at: datetime) -> tuple[list[Record], list[str]]:
    counted, turned_away = admitted(session.bundle, take_snapshot(session.store, subject, at))
    aside = [why.detail for entry, why in turned_away if entry.record.type == "retention-schedule"]
    return [entry.record for entry in counted], aside
