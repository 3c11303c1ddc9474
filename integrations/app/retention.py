"""Use cases of retention: until when an item is kept, by policy, and the erasure of a payload that is due.

The class of a record follows from its type. A payload goes only where the retention policy says that it is due, no
legal hold stands against it, the register of holds answered, and Cedar lets the person act. Its leaf stays in the log.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.access import EntityRef
from engine.backends.base import AnswerState
from engine.deciding.decide import admitted
from evidence.model.base import Frozen, format_instant
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import QuaestorError
from evidence.model.own import model_of
from evidence.model.subject import system_subject
from evidence.snapshot.take import take_snapshot
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
    at, store = session.now(), session.store
    record = record_of(store.get(record_id))
    item = _item(session, record.envelope.system_id, model_of(record.type).RECORD_CLASS, at)
    created = format_instant(record.envelope.collected_at)
    names = [record_id, *record.subject, record.type]
    item |= {"id": record_id, "names": names, "anchors": {"created": created, "triggered": created}}
    keeping = ask_retention(session, item, at=at)
    session.require(
        actor,
        "purge",
        EntityRef(type="Record", id=record_id),
        {"evidence_class": str(record.envelope.evidence_class), "held": keeping.held},
        {"due": keeping.due},
    )
    receipt = store.erase(record_id, reason=reason, actor=actor.holder, at=at, signer=session.workspace.machine_key)
    return receipt, keeping


def _item(session: Session, system_id: str, record_class: str, at: datetime) -> dict[str, Any]:
    """What the store knows of a class: its schedule, the register of holds, and whether that register answered.

    Only what a decision would count says so: a schedule that its signer may not sign lets nothing go and stops nothing.
    """
    subject = system_subject(system_id)
    counted, turned_away = admitted(session.bundle, take_snapshot(session.store, subject, at))
    current = [entry.record for entry in counted]
    schedules = [
        r.content for r in current if r.type == "retention-schedule" and r.content["record_class"] == record_class
    ]
    if len(schedules) != 1:
        aside = [why.detail for entry, why in turned_away if entry.record.type == "retention-schedule"]
        raise QuaestorError(
            f"{len(schedules)} current retention-schedule records of class `{record_class}`"
            f"{''.join(f'; set aside: {why}' for why in aside)}",
            hint="file one, signed: quaestor evidence add retention-schedule FILE --system … --as <records manager>",
        )
    feeds = [r.content for r in current if r.type == "feed-status" and r.content["feed"] == "legal-hold"]
    return {
        "record_class": record_class,
        "personal": schedules[0]["personal"],
        "schedule": schedules[0],
        "holds": [r.content for r in current if r.type == "legal-hold"],
        "holds_reachable": bool(feeds) and all(feed["complete"] for feed in feeds),
    }
