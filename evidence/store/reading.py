"""Rows of entries as ledger entries."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from pydantic import ValidationError
from sqlalchemy import select
from sqlmodel import Session, col

from evidence.model.errors import StoreError
from evidence.store.checks import instant
from evidence.store.entry import Entry
from evidence.store.rows import EntryRow, SubjectRow
from evidence.store.tree import VERIFY

PAGE = 4096


def entries_between(session: Session, start: int, stop: int | None, *, subject: str | None = None) -> Iterator[Entry]:
    """Entries with start <= index < stop, in order; with `subject`, only those about that digest."""
    query = select(EntryRow).order_by(col(EntryRow.position)).limit(PAGE)
    if stop is not None:
        query = query.where(col(EntryRow.position) < stop)
    if subject is not None:
        query = query.join(SubjectRow, col(SubjectRow.position) == col(EntryRow.position)).where(
            col(SubjectRow.digest) == subject
        )
    while True:
        rows = list(session.execute(query.where(col(EntryRow.position) >= start)).scalars())
        if not rows:
            return
        subjects = subjects_between(session, rows[0].position, rows[-1].position + 1)
        for row in rows:
            yield to_entry(row, subjects[row.position])
        start = rows[-1].position + 1
        session.expunge_all()


def subjects_between(session: Session, start: int, stop: int) -> dict[int, list[str]]:
    """Subject digests by position, for start <= position < stop; a position without any gives an empty list."""
    query = select(col(SubjectRow.position), col(SubjectRow.digest)).where(
        col(SubjectRow.position) >= start, col(SubjectRow.position) < stop
    )
    found: dict[int, list[str]] = defaultdict(list)
    for position, digest in session.execute(query):
        found[position].append(digest)
    return found


def to_entry(row: EntryRow, subjects: Sequence[str]) -> Entry:
    """The entry of a row. Raises StoreError where the row was damaged so that it is none."""
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
                "at": instant(row.at),
            }
        )
    except (ValidationError, ValueError, OverflowError, OSError):
        raise StoreError(f"ledger entry {row.position} is damaged", hint=VERIFY) from None
