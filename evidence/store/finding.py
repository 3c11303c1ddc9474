"""Which statements of the ledger fit what is asked, and none left out: proved under the last signed checkpoint.

The database's indexes and columns only suggest where to look, as in `holdings`. What concerns a subject or a system is
proved by the map's chain of that digest, what tells how systems stand by the listing of the portfolio, and anything
else by the tree over the whole log: whoever hides, adds or changes a row makes another hash. It costs by the entries of
the digest and log n where one is named.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, union

from evidence.model.errors import EvidenceError, StoreError
from evidence.model.subject import PORTFOLIO_LISTING, system_digest
from evidence.store import mapping, tree
from evidence.store.database import Database
from evidence.store.entry import Kind
from evidence.store.held import HINT
from evidence.store.reading import PAGE, leaf_hash_of, rows_at, subjects_at, subjects_between
from evidence.store.rows import ENTRY, SUBJECT
from evidence.trust import ledger
from evidence.trust import map as verifiable

_BY_IDS = select(ENTRY).where(ENTRY.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class Terms:
    """What is looked for, all of it; None is any. `subject` is a digest."""

    kind: Kind | None = None
    subject: str | None = None
    system_id: str | None = None
    predicate_type: str | None = None

    @property
    def digests(self) -> tuple[str, ...]:
        """Digests whose chains in the map hold all that fits."""
        system = () if self.system_id is None else (system_digest(self.system_id),)
        return (*system, *(() if self.subject is None else (self.subject,)))

    @property
    def in_portfolio(self) -> bool:
        """Whether the listing of the portfolio holds all that fits."""
        return self.kind is not None and mapping.of_portfolio(self.kind, self.predicate_type or "")

    def fit(self, row: Row[Any], subjects: Sequence[str], *, named: bool) -> bool:
        """Whether an entry may fit, by its leaf; that of one which is not `named` does not tell its type."""
        return (
            self.kind in (None, row.kind)
            and (self.subject is None or self.subject in subjects)
            and (not named or self.predicate_type in (None, row.predicate_type))
        )


@dataclass(frozen=True)
class Found:
    """Rows of entries in ledger order, each with the leaf that the ledger has of it."""

    rows: tuple[Row[Any], ...]
    """Those that fit. What came before `map_from` may be of another type than was asked for: its payload tells."""
    erasures: tuple[Row[Any], ...]
    """Those that may say that one of them was erased."""
    map_from: int


def find_rows(database: Database, terms: Terms) -> Found:
    """The entries that fit. Raises StoreError where one was hidden, added, changed or moved, or the ledger is not in
    order.
    """
    with database.reading() as connection:
        head = tree.read_head(connection)
        if head is None:
            raise StoreError("not a store: it has no ledger", where=database.name)
        _, checkpoint = tree.read_checkpoint(connection, head)
        if terms.digests or _in_listing(connection, head, checkpoint, terms):
            digests = terms.digests or (PORTFOLIO_LISTING,)
            rows, subjects = _listed(connection, head, checkpoint, digests, terms.system_id)
        else:
            rows, subjects = _logged(connection, head, checkpoint, terms)
    fit = tuple(row for row in rows if terms.fit(row, subjects[row.position], named=row.position >= head.map_from))
    # An erasure names what it erased by all that this was about, or by itself.
    about = {digest for row in fit for digest in (row.id, *subjects[row.position])}
    erasures = (row for row in rows if row.kind == "erasure" and not about.isdisjoint(subjects[row.position]))
    return Found(fit, tuple(erasures), head.map_from)


def rows_of(database: Database, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """The rows of statements by id, of those that are there. Raises StoreError where one is not the ledger's."""
    found: dict[str, Row[Any]] = {}
    with database.reading() as connection:
        for some in tree.batched(ids, tree.MANY):
            found |= {row.id: row for row in connection.execute(_BY_IDS, {"ids": list(some)})}
        if not found:
            return found
        head = tree.read_head(connection)
        if head is None:
            raise StoreError("not a store: it has no ledger", where=database.name)
        _, checkpoint = tree.read_checkpoint(connection, head)
        subjects = subjects_at(connection, [row.position for row in found.values()])
        leaves = {row.position: _leaf(row, subjects[row.position], head) for row in found.values()}
        tree.included(connection, leaves, checkpoint)
    return found


def _in_listing(connection: Connection, head: tree.Head, checkpoint: ledger.Checkpoint, terms: Terms) -> bool:
    """Whether the listing of the portfolio holds all that fits, by what was signed.

    That there is one, and how many entries are from before the map, the head's columns say, and nobody signed these. A
    listing of nothing proves nothing, and what registered before the map was listed by a column: the log is asked then.
    """
    if not (terms.in_portfolio and head.portfolio):
        return False
    key = verifiable.key_of(PORTFOLIO_LISTING)
    if not mapping.held(key, mapping.read_paths(connection, [key], mapping.map_root(checkpoint.map_root))).length:
        return False
    if terms.kind != "record":
        return True
    rows, subjects = rows_at(connection, [0])
    if head.map_from or not rows:
        return False
    tree.included(connection, {0: _leaf(rows[0], subjects[0], head)}, checkpoint)  # which tells its type
    return True


def _listed(
    connection: Connection,
    head: tree.Head,
    checkpoint: ledger.Checkpoint,
    digests: Sequence[str],
    system_id: str | None,
) -> tuple[list[Row[Any]], Mapping[int, Sequence[str]]]:
    """The rows that concern each of these digests, and their subjects: all that the map has of them.

    `system_id` is the system whose digest is among them.
    """
    root = mapping.map_root(checkpoint.map_root)
    nodes = mapping.read_paths(connection, map(verifiable.key_of, digests), root)
    found, subjects = rows_at(connection, _positions(connection, digests, system_id))
    rows = sorted(found, key=lambda row: row.position)
    concerns = {row.position: _concerns(row, subjects[row.position], head) for row in rows}
    for digest in digests:
        leaves = [
            (row.position, _leaf(row, subjects[row.position], head)) for row in rows if digest in concerns[row.position]
        ]
        proof = verifiable.prove(verifiable.key_of(digest), nodes)
        try:
            verifiable.check_listing(digest, leaves, proof, root)
        except EvidenceError as cause:
            # What concerns a system is found by its name, and somebody may ask by the digest that stands for it.
            named = _system_of(connection, digest) if system_id is None else None
            if named is not None:
                return _listed(connection, head, checkpoint, digests, named)
            raise StoreError(f"the store does not verify: {cause.problem}", hint=HINT) from None
    return [row for row in rows if concerns[row.position].issuperset(digests)], subjects


def _positions(connection: Connection, digests: Sequence[str], system_id: str | None) -> list[int]:
    queries = [select(SUBJECT.c.position).where(SUBJECT.c.digest.in_(digests))]
    if system_id is not None:
        queries.append(select(ENTRY.c.position).where(ENTRY.c.system_id == system_id))
    if PORTFOLIO_LISTING in digests:
        queries.append(select(ENTRY.c.position).where(mapping.in_portfolio()))
    return sorted(position for (position,) in connection.execute(union(*queries)))


def _concerns(row: Row[Any], subjects: Iterable[str], head: tree.Head) -> frozenset[str]:
    listed = head.portfolio and mapping.of_portfolio(row.kind, row.predicate_type)
    system_id = row.system_id if isinstance(row.system_id, str) else None  # SQLite takes any type anywhere
    return frozenset(mapping.digests_of(subjects, system_id, listed=listed))


def _system_of(connection: Connection, digest: str) -> str | None:
    query = select(ENTRY.c.system_id).where(ENTRY.c.system_id.is_not(None)).distinct()
    return next(
        (name for (name,) in connection.execute(query) if isinstance(name, str) and system_digest(name) == digest), None
    )


def _logged(
    connection: Connection, head: tree.Head, checkpoint: ledger.Checkpoint, terms: Terms
) -> tuple[list[Row[Any]], Mapping[int, Sequence[str]]]:
    """The rows that fit and all erasures, and their subjects, out of the whole log."""
    frontier = ledger.Frontier()
    kept: list[Row[Any]] = []
    about: dict[int, Sequence[str]] = {}
    while frontier.size < checkpoint.size:
        start = frontier.size
        rows = connection.execute(
            select(ENTRY).where(ENTRY.c.position >= start).order_by(ENTRY.c.position).limit(PAGE)
        ).all()
        if not rows:
            break
        if [row.position for row in rows] != list(range(start, start + len(rows))):
            break
        subjects = subjects_between(connection, rows[0].position, rows[-1].position + 1)
        frontier, _ = frontier.extend([_leaf(row, subjects[row.position], head) for row in rows])
        for row in rows:
            named = row.position >= head.map_from
            if row.kind == "erasure" or terms.fit(row, subjects[row.position], named=named):
                kept.append(row)
                about[row.position] = subjects[row.position]
    if (frontier.size, frontier.root) != (checkpoint.size, checkpoint.root):
        raise StoreError(
            "the store does not verify: its entries are not those that the ledger's checkpoint was signed for",
            hint=HINT,
        )
    return kept, about


def _leaf(row: Row[Any], subjects: Sequence[str], head: tree.Head) -> bytes:
    found = leaf_hash_of(row, sorted(subjects), head.map_from)
    if found is None:
        raise StoreError(f"ledger entry {row.position} is damaged", hint=tree.VERIFY)
    return found
