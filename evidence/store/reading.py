"""Rows of entries as ledger entries, and the leaves that they give."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, select

from evidence.model.errors import QuaestorError, StoreError
from evidence.model.subject import system_digest
from evidence.store.checks import instant
from evidence.store.entry import Entry, leaf_bytes
from evidence.store.rows import ENTRY, SUBJECT
from evidence.store.tree import MANY, VERIFY, batched
from evidence.trust import ledger

PAGE = 4096


def entries_between(connection: Connection, start: int, stop: int | None, map_from: int) -> Iterator[Entry]:
    """Entries with start <= index < stop, in order."""
    query = select(ENTRY).order_by(ENTRY.c.position).limit(PAGE)
    if stop is not None:
        query = query.where(ENTRY.c.position < stop)
    while True:
        rows = list(connection.execute(query.where(ENTRY.c.position >= start)))
        if not rows:
            return
        subjects = subjects_between(connection, rows[0].position, rows[-1].position + 1)
        for row in rows:
            yield to_entry(row, subjects[row.position], map_from)
        start = rows[-1].position + 1


def rows_at(connection: Connection, positions: Sequence[int]) -> tuple[list[Any], dict[int, list[str]]]:
    """The columns of the entries at these positions, and their subject digests by position."""
    rows: list[Any] = []
    for some in batched(positions, MANY):
        rows += connection.execute(select(ENTRY).where(ENTRY.c.position.in_(some)))
    return rows, subjects_at(connection, positions)


def subjects_at(connection: Connection, positions: Sequence[int]) -> dict[int, list[str]]:
    """Subject digests of the entries at these positions; a position without any gives an empty list."""
    found: dict[int, list[str]] = defaultdict(list)
    for some in batched(positions, MANY):
        query = select(SUBJECT.c.position, SUBJECT.c.digest).where(SUBJECT.c.position.in_(some))
        for position, digest in connection.execute(query):
            found[position].append(str(digest))
    return found


def subjects_between(connection: Connection, start: int, stop: int) -> dict[int, list[str]]:
    """Subject digests by position, for start <= position < stop; a position without any gives an empty list."""
    query = select(SUBJECT.c.position, SUBJECT.c.digest).where(SUBJECT.c.position >= start, SUBJECT.c.position < stop)
    found: dict[int, list[str]] = defaultdict(list)
    for position, digest in connection.execute(query).all():
        found[position].append(str(digest))
    return found


def to_entry(row: Any, subjects: Sequence[str], map_from: int) -> Entry:
    """The entry of a row (an ENTRY, or the columns of one).

    Raises StoreError where the row was damaged so that it is none.
    """
    named = row.position >= map_from
    try:
        _require_type(row, named=named)
        return Entry.model_validate(
            {
                "index": row.position,
                "id": row.id,
                "kind": row.kind,
                "envelope": row.envelope,
                "action": row.action,
                "actor": row.actor,
                "subjects": tuple(sorted(subjects)),
                "type": row.predicate_type if named else None,
                "system": system_digest(row.system_id) if named and row.system_id is not None else None,
                "at": instant(row.at),
            }
        )
    except (ValidationError, QuaestorError, ValueError, TypeError, OverflowError, OSError):
        raise StoreError(f"ledger entry {row.position} is damaged", hint=VERIFY) from None


def _require_type(row: Any, *, named: bool) -> None:
    """Raise TypeError for an entry since the map without a type: its leaf would be that of one from before it, and who
    moved the boundary (a column) and emptied the type would hide it from whoever asks for its type.
    """
    if named and not isinstance(row.predicate_type, str):
        raise TypeError("an entry without a type")


@lru_cache(maxsize=1024)
def _at(seconds: int) -> str:
    """The instant as the leaf has it; many entries bear the same."""
    at = instant(seconds)
    return f"{at.year:04}-{at.month:02}-{at.day:02}T{at.hour:02}:{at.minute:02}:{at.second:02}Z"


def leaf_hash_of(row: Any, subjects: Sequence[str], map_from: int) -> bytes | None:
    """The leaf hash that the fields of a row and its sorted subjects give; None where they give none."""
    named = row.position >= map_from
    try:
        _require_type(row, named=named)
        leaf = leaf_bytes(
            id=row.id,
            kind=row.kind,
            envelope=row.envelope,
            action=row.action,
            actor=row.actor,
            subjects=tuple(subjects),
            at=_at(row.at),
            type=row.predicate_type if named else None,
            system=system_digest(row.system_id) if named and row.system_id is not None else None,
        )
    except (QuaestorError, ValueError, TypeError, OverflowError, OSError):
        return None
    return ledger.leaf_hash(leaf)
