"""What is asked of a statement before anything of it is written."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

from evidence.model.base import format_instant, parse_instant
from evidence.model.canonical import digest_bytes
from evidence.model.claims import NOT_YET, record_ahead
from evidence.model.errors import EvidenceError, StoreError
from evidence.model.notes import DecisionNote, Note, read_note
from evidence.model.predicates.log import Action
from evidence.model.record import read_record
from evidence.store.entry import Kind, NewStatement
from evidence.trust.envelopes import Sealed, unseal
from evidence.trust.people import read_register

MAX_NAME = 256


@dataclass(frozen=True)
class Checked:
    """A statement that may be kept, with the columns that it is found by. Instants are seconds since 1970."""

    new: NewStatement
    id: str
    envelope: bytes
    digest: str
    at: int
    subjects: tuple[str, ...]
    predicate_type: str
    system_id: str | None
    collected_at: int
    decision_id: str | None


def check(new: NewStatement) -> Checked:
    """The checked form of an incoming statement.

    Raises EvidenceError or SignatureError where the envelope, the statement or its content is not right, and StoreError
    where kind, action, actor or time are not.
    """
    check_kind(new.kind)
    if new.action not in get_args(Action):
        raise StoreError(f"unknown action `{new.action}`", hint=f"one of: {', '.join(get_args(Action))}")
    if not 0 < len(new.actor) <= MAX_NAME or not new.actor.isprintable():
        raise StoreError(f"an actor is a name of 1 to {MAX_NAME} printable characters")
    try:
        at = seconds(parse_instant(new.at))
    except ValueError as cause:
        raise StoreError(f"the time of the entry is {cause}") from None
    where = f"new {new.kind}"
    sealed = new.envelope if isinstance(new.envelope, Sealed) else unseal(new.envelope, where=where)
    statement = sealed.statement
    decision_id = None
    if new.kind == "record":
        early = record_ahead(read_record(statement, where=where), instant(at))
        if early is not None:
            raise EvidenceError(early.told(instant(at)), where=where, hint=NOT_YET)
    elif new.kind == "people":
        read_register(sealed.data, where=where)
    else:
        decision_id = _check_note(read_note(statement, where=where), new.kind, where)
    system_id, collected_at = found_by(statement.predicate, at)
    for text in (statement.predicate_type, system_id or ""):
        if "\x00" in text:
            raise EvidenceError("a NUL character in the predicate type or `system_id`", where=where)
    for digest in statement.subject_digests:
        if not _is_digest(digest):
            raise EvidenceError("a subject's `sha256` digest is not 64 lower-case hexadecimal digits", where=where)
    return Checked(
        new=new,
        id=statement.id,
        envelope=sealed.data,
        digest=digest_bytes(sealed.data),
        at=at,
        subjects=tuple(sorted(set(statement.subject_digests))),
        predicate_type=statement.predicate_type,
        system_id=system_id,
        collected_at=collected_at,
        decision_id=decision_id,
    )


def _check_note(note: Note, kind: str, where: str) -> str | None:
    """The id of the decision that a note holds, if it is one. Raises EvidenceError where it is another kind of note."""
    if kind != note.KIND:
        raise EvidenceError(f"the statement is a {note.KIND}, not a {kind}", where=where)
    if not isinstance(note, DecisionNote):
        return None
    _ = note.facts
    return note.decision_id


def check_kind(kind: str) -> None:
    """Raise StoreError unless the store knows this kind of statement."""
    if kind not in get_args(Kind):
        raise StoreError(f"unknown kind of statement `{kind}`", hint=f"one of: {', '.join(get_args(Kind))}")


def found_by(predicate: dict[str, Any], at: int) -> tuple[str | None, int]:
    """`system_id` and `collected_at` of a predicate; where it has no time of collection, the time of its entry."""
    system_id, collected = predicate.get("system_id"), predicate.get("collected_at")
    try:
        collected_at = at if collected is None else seconds(parse_instant(collected))
    except ValueError:
        collected_at = at
    return system_id if isinstance(system_id, str) else None, collected_at


def seconds(instant: datetime) -> int:
    """Seconds since 1970 of an instant in UTC."""
    return int(instant.timestamp())


def instant(value: int) -> datetime:
    """The instant of seconds since 1970."""
    return datetime.fromtimestamp(value, UTC)


def _is_digest(text: str) -> bool:
    value = text.removeprefix("sha256:")
    return len(value) == 64 and all(letter in "0123456789abcdef" for letter in value)


def clock_went_back(now: int, last: int) -> StoreError:
    """The refusal of what would be earlier than the ledger's last entry. Both in seconds since 1970."""
    return StoreError(
        f"the clock went back: it is {format_instant(instant(now))}, and the ledger's last entry is of "
        f"{format_instant(instant(last))}",
        hint="run it again, if others filed something meanwhile; else set this machine's clock right, or wait",
    )
