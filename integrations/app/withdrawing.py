"""Use case of taking a record back: by who issued it, with a second person who neither trained nor built."""

from typing import Any

from engine.access import EntityRef
from evidence.model.base import format_instant
from evidence.model.errors import QuaestorError
from evidence.model.notes import Withdrawal, new_note
from evidence.model.record import read_record
from evidence.model.text import says_something
from evidence.snapshot.makers import makers_of, plain
from evidence.snapshot.view import View
from evidence.snapshot.withdrawal import answered_only
from evidence.store.entry import NewStatement, Receipt
from evidence.trust.envelopes import signature_state
from integrations.app.actor import Actor
from integrations.app.admitting import issuer_of
from integrations.app.moment import Moment
from integrations.app.records import statement_of
from integrations.app.session import Session


def agreed_by(view: View, second: Actor) -> dict[str, Any]:
    """The second person of a withdrawal, as Cedar sees it."""
    makers = makers_of(view)
    names = {plain(text) for text in (second.holder, second.name)}
    return {
        "second": EntityRef(type="Person", id=second.holder),
        "second_roles": sorted(second.roles),
        "second_made_it": bool(names & {*makers.trainer, *makers.builder}),
    }


def withdraw(session: Session, record_id: str, *, reason: str, actor: Actor, second: Actor) -> Receipt:
    """Withdraw a record: it stays in the log and every later decision lists the withdrawal.

    Raises QuaestorError for what can only be answered by a later record or was withdrawn before, and where Cedar does
    not let the two.
    """
    if not says_something(reason):
        raise QuaestorError(f"the reason `{reason}` says nothing", hint="say why the record must no longer count")
    stored = session.store.get(record_id)
    if stored.kind != "record":
        raise QuaestorError(
            f"`{record_id}` is a {stored.kind}, not an evidence record", hint="records: `quaestor evidence list`"
        )
    statement = statement_of(stored)
    record = read_record(statement)
    refused = answered_only(record)
    if refused:
        raise QuaestorError(f"it cannot be withdrawn, being {refused}", hint="file what is so now, beside it")
    system_id = record.envelope.system_id
    moment = Moment(session)
    at, view = moment.at, moment.view(system_id)
    earlier = next((note for note, _ in view.notes(Withdrawal) if note.record == record_id), None)
    if earlier is not None:
        told = f"{record_id} was withdrawn already, at {format_instant(earlier.at)} by {earlier.by}"
        raise QuaestorError(told, hint="it counts no more; what is so now is filed beside it")
    issued = signature_state(stored.envelope, session.keyring, at=stored.at, where=f"record {record_id}")
    session.require(
        actor,
        "withdraw",
        EntityRef(type="Filed", id=record_id),
        {"issuer": issuer_of(issued, actor.holder), "issuer_kind": issued.kind},
        agreed_by(view, second),
    )
    note = Withdrawal(
        system_id=system_id, record=record_id, reason=reason, by=actor.holder, second=second.holder, at=at
    )
    about = {item.name: f"sha256:{item.digest['sha256']}" for item in statement.subject}
    made = new_note(note, about)
    sealed = session.sign(made, actor, second)
    (receipt,) = session.append_many([NewStatement(sealed, "withdrawal", "refused", actor.holder, at)])
    return receipt
