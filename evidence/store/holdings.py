"""All that the ledger holds about a subject and its system, proved whole in one reading.

The database's indexes and columns only suggest where to look. What counts is that the entries found give, hashed one
onto the other, the head that the signed checkpoint's map has for the digest: whoever hides, adds or changes a row makes
another head.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select, union

from evidence.model.errors import EvidenceError, StoreError
from evidence.model.subject import PORTFOLIO_LISTING, system_digest
from evidence.store import mapping, tree
from evidence.store.database import Database
from evidence.store.held import HINT, Holdings, Listing
from evidence.store.reading import rows_at, to_entry
from evidence.store.rows import CHECKPOINT, ENTRY, SUBJECT
from evidence.trust import ledger
from evidence.trust import map as verifiable
from evidence.trust.people import register_digest


def read_holdings(database: Database, subject: str, system_id: str, *, portfolio: bool = False) -> Holdings:
    """What the ledger holds about the digest `subject` and the system; with `portfolio`, the listing of the portfolio
    too, where the map has it. Raises StoreError where anything is amiss.
    """
    with database.reading() as connection:
        head = tree.read_head(connection)
        if head is None:
            raise StoreError("not a store: it has no ledger", where=database.name)
        note, checkpoint = tree.read_checkpoint(connection, head)
        _check_growth(connection, head, checkpoint)
        listed = (PORTFOLIO_LISTING,) if portfolio and head.portfolio else ()
        digests = tuple(dict.fromkeys((subject, system_digest(system_id), register_digest(head.origin), *listed)))
        found = _positions(connection, digests, system_id, listed=bool(listed))
        last = {head.size - 1} if head.size else set()
        rows, subjects = rows_at(connection, sorted(found | last))
        entries = {row.position: to_entry(row, subjects[row.position], head.map_from) for row in rows}
        leaves = {index: entry.hash for index, entry in entries.items()}
        inclusion = tree.included(connection, leaves, checkpoint)
        concerns = {
            row.position: mapping.digests_of(
                subjects[row.position],
                row.system_id,
                listed=head.portfolio and mapping.of_portfolio(row.kind, row.predicate_type),
            )
            for row in rows
        }
        root = mapping.map_root(checkpoint.map_root)
        nodes = mapping.read_paths(connection, map(verifiable.key_of, digests), root)
        listings = tuple(
            Listing(
                digest,
                tuple(index for index in sorted(entries) if digest in concerns[index]),
                verifiable.prove(verifiable.key_of(digest), nodes),
            )
            for digest in digests
        )
    _check(listings, leaves, root)
    shown = sorted({index for listing in listings for index in listing.indexes})
    return Holdings(
        note=note,
        checkpoint=checkpoint,
        entries=tuple(entries[index] for index in shown),
        inclusion=tuple(inclusion[index] for index in shown),
        listings=listings,
        system=system_digest(system_id),
        last_at=entries[head.size - 1].at if head.size else None,
    )


def _positions(connection: Connection, digests: Sequence[str], system_id: str, *, listed: bool) -> set[int]:
    by_subject = select(SUBJECT.c.position).where(SUBJECT.c.digest.in_(digests))
    by_system = select(ENTRY.c.position).where(ENTRY.c.system_id == system_id)
    queries = [by_subject, by_system]
    if listed:
        queries.append(select(ENTRY.c.position).where(mapping.in_portfolio()))
    return {position for (position,) in connection.execute(union(*queries))}


def _check(listings: Iterable[Listing], hashes: Mapping[int, bytes], root: bytes) -> None:
    for listing in listings:
        leaves = [(index, hashes[index]) for index in listing.indexes]
        try:
            verifiable.check_listing(listing.digest, leaves, listing.proof, root)
        except EvidenceError as cause:
            raise StoreError(f"the store does not verify: {cause.problem}", hint=HINT) from None


def _check_growth(connection: Connection, head: tree.Head, checkpoint: ledger.Checkpoint) -> None:
    """The tree extends that of the signed checkpoint before it."""
    size = CHECKPOINT.c.size
    query = select(CHECKPOINT.c.note).where(size < head.size).order_by(size.desc()).limit(1)
    note = connection.execute(query).scalar()
    if note is None:
        return
    former = ledger.verify_checkpoint(note, head.public_key, head.origin)
    proof = ledger.consistency_proof(former.size, head.size, lambda nodes: tree.read_hashes(connection, nodes))
    if not ledger.verify_consistency(former.size, head.size, former.root, checkpoint.root, proof):
        raise StoreError(
            f"the store does not verify: the ledger of {former.size} entries is not the beginning of today's", hint=HINT
        )
