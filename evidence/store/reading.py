"""Rows of entries as ledger entries."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, select

from evidence.model.errors import QuaestorError, StoreError
from evidence.model.subject import system_digest
from evidence.store.checks import instant
from evidence.store.entry import Entry
from evidence.store.rows import ENTRY, SUBJECT
from evidence.store.tree import MANY, VERIFY, batched

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
    subjects: dict[int, list[str]] = defaultdict(list)
    for some in batched(positions, MANY):
        rows += connection.execute(select(ENTRY).where(ENTRY.c.position.in_(some)))
        query = select(SUBJECT.c.position, SUBJECT.c.digest).where(SUBJECT.c.position.in_(some))
        for position, digest in connection.execute(query):
            subjects[position].append(str(digest))
    return rows, subjects


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
