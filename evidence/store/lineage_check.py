"""The lineage tables against the ledger: made again from the imports that it holds, by the code that made them."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import SQLModel

from evidence.lineage.graph import Lineage
from evidence.model.canonical import canonical_bytes
from evidence.model.errors import QuaestorError, StoreError
from evidence.model.notes import LineageImport, read_note
from evidence.model.record import parse_statement
from evidence.store import schema
from evidence.store.database import Database
from evidence.store.entry import Problem
from evidence.store.lineage import LineageStore
from evidence.store.lineage_rows import LineageEdgeRow, LineageMemberRow, LineageNodeRow
from evidence.store.records import RecordStore
from evidence.trust.envelopes import open_envelope

TABLES: tuple[type[SQLModel], ...] = (LineageNodeRow, LineageEdgeRow, LineageMemberRow)


def lineage_problems(store: RecordStore) -> list[Problem]:
    """Rows of the lineage tables that no import in the ledger gives, and those that are missing.

    Raises StoreError where the tables cannot be made again, as where there is no room for them. Whether the entries are
    the ledger's, `RecordStore.verify` tells.
    """
    imports = (entry for entry in store.entries() if entry.kind == "lineage")
    return _problems(store, ((f"lineage {entry.id}", store.payload(entry)) for entry in imports))


def require_lineage(store: RecordStore) -> None:
    """Raise StoreError where the lineage tables are not those that the ledger's imports give, proved to be all.

    Somebody may hide there what was made of the data, or what it was made of.
    """
    imports = store.find(kind="lineage")
    problems = _problems(store, ((f"lineage {stored.id}", stored.envelope) for stored in imports))
    if problems:
        told = f"{problems[0].where}: {problems[0].problem}"
        raise StoreError(f"the lineage is not what the ledger tells: {told}", hint="see `quaestor doctor --full`")


def _problems(store: RecordStore, imports: Iterable[tuple[str, bytes]]) -> list[Problem]:
    """What differs from the tables that these imports give: what each is called, and its envelope."""
    with tempfile.TemporaryDirectory(prefix="quaestor-") as folder:
        database = Database.connect(f"sqlite:///{Path(folder) / 'again.db'}", create=True)
        try:
            with database.begin() as connection:
                schema.upgrade(connection, database.name)
            again = LineageStore(database)
            for where, envelope in imports:
                note = _note(envelope, where)
                again.add(_lineage(note), note.system_id or "")
            return [problem for table in TABLES for problem in _compared(store.database, database, table)]
        except OSError as cause:
            raise StoreError(f"the lineage cannot be made again: {cause.strerror}") from None
        finally:
            database.close()


def _note(envelope: bytes, where: str) -> LineageImport:
    note = read_note(parse_statement(open_envelope(envelope, where=where), where=where), where=where)
    if not isinstance(note, LineageImport):
        raise StoreError("the payload is no import of lineage", where=where)
    return note


def _lineage(note: LineageImport) -> Lineage:
    try:
        return Lineage.model_validate_json(canonical_bytes(note.lineage))
    except ValidationError:
        raise QuaestorError("an import of lineage cannot be read", hint="of another release of Quaestor?") from None


def _compared(stored: Database, made: Database, table: type[SQLModel]) -> list[Problem]:
    name = str(table.__tablename__)
    found, expected = _rows(stored, table), _rows(made, table)
    told = ((found - expected, "that no import in the ledger gives"), (expected - found, "missing that one gives"))
    return [
        Problem(where=name, problem=f"{len(rows)} rows {what}, such as `{' '.join(map(str, min(rows)))[:120]}`")
        for rows, what in told
        if rows
    ]


def _rows(database: Database, table: type[SQLModel]) -> set[tuple[object, ...]]:
    with database.reading() as connection:
        return {tuple(row) for row in connection.execute(sa.select(sa.inspect(table).local_table))}
