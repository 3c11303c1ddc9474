"""Erasures that a crash broke off: the ledger's word comes first, and a payload may lie about behind it."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from evidence.model.errors import StoreError
from evidence.model.notes import Erasure, read_note
from evidence.store.finding import rows_of
from evidence.store.rows import ENTRY
from evidence.trust import ledger
from evidence.trust.envelopes import unseal

if TYPE_CHECKING:
    from evidence.store.records import RecordStore


def finish_erasures(store: "RecordStore") -> list[str]:
    """Delete the payloads that a crash left behind the ledger's word that they were erased; the ids of these.

    Raises StoreError where a statement is marked as erased and the ledger does not say so: then nothing of it goes.
    """
    query = select(ENTRY).where(ENTRY.c.erased_by.is_not(None)).order_by(ENTRY.c.position)
    with store.database.reading() as connection:
        left = [str(row.id) for row in connection.execute(query).all() if store.blobs.has(row.envelope)]
    rows = rows_of(store.database, left)  # whose payload it is, the ledger says and not the database
    for row in rows.values():
        require_erasure(store, row)
        store.blobs.delete(row.envelope)
    return left


def require_erasure(store: "RecordStore", row: Row[Any]) -> None:
    """Raise StoreError unless the entry that is said to have erased the row says so, under the last checkpoint.

    The mark is a column of the database, and whoever can write there could have evidence deleted by it.
    """
    where, hint = f"entry {row.position}", "nothing is deleted on it; see `quaestor doctor --full`"
    position = int(row.erased_by)
    entry = next(iter(store.entries(position, position + 1)), None)
    last = ledger.verify_checkpoint(store.checkpoint(), store.public_key, store.origin)
    if entry is not None and entry.kind == "erasure" and position < last.size:
        proof = store.inclusion_proof(position, last.size)
        logged = ledger.verify_inclusion(entry.hash, position, last.size, proof, last.root)
        statement = unseal(store.payload(entry), where=where, id=entry.id).statement
        note = read_note(statement, where=where)
        if logged and statement.id == entry.id and isinstance(note, Erasure) and note.erased == row.id:
            return
    problem = f"{row.id} is marked as erased by entry {position}, which does not say so"
    raise StoreError(problem, where=where, hint=hint)
