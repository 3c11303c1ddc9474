"""What an append writes, within its transaction: rows, tree, checkpoint; and the receipts of what is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from evidence.model.base import CLOCKS_DIFFER, format_instant
from evidence.model.errors import StoreError
from evidence.model.subject import PORTFOLIO_LISTING, system_digest
from evidence.store import mapping, tree
from evidence.store.checks import Checked, clock_went_back, instant
from evidence.store.entry import Receipt, leaf_bytes
from evidence.store.reading import entries_between
from evidence.store.rows import CHECKPOINT, ENTRY, LEDGER, SUBJECT
from evidence.trust import ledger
from evidence.trust import map as verifiable
from evidence.trust.keys import SigningKey


def write_statements(connection: Connection, items: list[Checked], signer: SigningKey) -> dict[str, Receipt]:
    """Leaves, tree and one checkpoint of the statements that are not kept yet; the receipts of all, by id.

    Raises StoreError where one was erased, the clock went back, or the ledger is not in order.
    """
    head = tree.read_head(connection, lock=True)
    if head is None:
        raise StoreError("not a store: it has no ledger")
    known = receipts_of(connection, [item.id for item in items])
    fresh = [item for item in items if item.id not in known]
    if not fresh:
        return known
    _, last = tree.read_checkpoint(connection, head)
    frontier = tree.read_frontier(connection, head, last)
    _check_times(connection, head.size, fresh)
    hashes = [ledger.leaf_hash(_leaf(item)) for item in fresh]
    placed = list(enumerate(zip(fresh, hashes, strict=True), frontier.size))
    connection.execute(insert(ENTRY), [_columns(position, item, value) for position, (item, value) in placed])
    subjects = [{"digest": about, "position": position} for position, (item, _) in placed for about in item.subjects]
    if subjects:
        connection.execute(insert(SUBJECT), subjects)
    root_before = mapping.map_root(last.map_root)
    whole = head.portfolio and not _begins_portfolio(connection, fresh, root_before)
    located = [] if whole else _portfolio_so_far(connection, head, frontier, root_before)
    located += [(position, value, _digests(item)) for position, (item, value) in placed]
    anew = () if whole else (PORTFOLIO_LISTING,)
    map_root = mapping.grow(connection, root_before, located, anew=anew)
    checkpoint = tree.write_growth(connection, head, frontier, hashes, map_root, signer)
    if not head.portfolio:
        connection.execute(update(LEDGER).values(portfolio=True))
    root = f"sha256:{checkpoint.root.hex()}"
    return known | {
        item.id: Receipt(id=item.id, index=position, size=checkpoint.size, root=root) for position, (item, _) in placed
    }


@dataclass(frozen=True)
class Judged:
    """Up to which size of the ledger something was judged, and the predicate type of what may stand against them."""

    size: int
    by: str
    what: str = "erasure"


def write_erasures(
    connection: Connection,
    new: Mapping[str, Checked],
    signer: SigningKey,
    ids: Sequence[str],
    judged: Judged | None = None,
) -> list[Receipt]:
    """Log the erasures `new` (by the id of what is erased) and mark these; the receipts of the erasures of `ids`.

    What was erased before, by somebody else in the meantime too, keeps its first erasure. Raises StoreError where
    something was filed since they were `judged` that may stand against them.
    """
    head = tree.read_head(connection, lock=True)
    if judged is not None and head is not None:
        require_none_since(connection, head, judged)
    marked = _marked(connection, ids)
    fresh = {id: item for id, item in new.items() if id not in marked}
    written = write_statements(connection, list(fresh.values()), signer) if fresh else {}
    for id, item in fresh.items():
        connection.execute(update(ENTRY).where(ENTRY.c.id == id).values(erased_by=written[item.id].index))
    logged = {id: select(ENTRY.c.id).where(ENTRY.c.position == position) for id, position in marked.items()}
    first = {id: str(connection.execute(query).scalar_one()) for id, query in logged.items()}
    receipts = written | receipts_of(connection, list(first.values()))
    return [receipts[first[id] if id in first else fresh[id].id] for id in ids]


def require_none_since(connection: Connection, head: tree.Head, judged: Judged) -> None:
    """Raise StoreError where something was filed since that may stand against what was judged; `head` is locked."""
    _, checkpoint = tree.read_checkpoint(connection, head)
    came = list(entries_between(connection, judged.size, head.size, head.map_from))
    tree.included(connection, {entry.index: entry.hash for entry in came}, checkpoint)
    if len(came) != head.size - judged.size:
        raise StoreError(
            f"the ledger has lost an entry that was filed while the {judged.what} was judged", hint=tree.VERIFY
        )
    against = next((entry.index for entry in came if entry.type == judged.by), None)
    if against is not None:
        problem = f"entry {against} was filed while the {judged.what} was judged, and may stand against it"
        raise StoreError(problem, hint="nothing was changed: give the command again")


def _marked(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    """Of the statements, those that are marked as erased, and by which entry."""
    found: dict[str, int] = {}
    for some in tree.batched(list(ids), tree.MANY):
        query = select(ENTRY.c.id, ENTRY.c.erased_by).where(ENTRY.c.id.in_(some), ENTRY.c.erased_by.is_not(None))
        found |= {id: int(position) for id, position in connection.execute(query).all()}
    return found


def receipts_of(connection: Connection, ids: list[str]) -> dict[str, Receipt]:
    """The first receipts of those of the statements that are kept. Raises StoreError where one was erased."""
    found: dict[str, Receipt] = {}
    size = CHECKPOINT.c.size
    for some in tree.batched(ids, tree.MANY):
        query = select(ENTRY.c.id, ENTRY.c.position, ENTRY.c.erased_by).where(ENTRY.c.id.in_(some))
        for id, position, erased_by in connection.execute(query).all():
            if erased_by is not None:
                raise StoreError(
                    f"statement {id} was erased and is not taken in again",
                    hint=f"ledger entry {erased_by} says when and why",
                )
            first = select(CHECKPOINT.c.note).where(size > position).order_by(size).limit(1)
            note = connection.execute(first).scalar()
            if note is None:
                raise StoreError(f"entry {position} is under no checkpoint", hint=tree.VERIFY)
            checkpoint = ledger.parse_checkpoint(note)
            found[id] = Receipt(id=id, index=position, size=checkpoint.size, root=f"sha256:{checkpoint.root.hex()}")
    return found


def _digests(item: Checked) -> tuple[str, ...]:
    listed = mapping.of_portfolio(item.new.kind, item.predicate_type)
    return mapping.digests_of(item.subjects, item.system_id, listed=listed)


def _begins_portfolio(connection: Connection, items: Sequence[Checked], map_root: bytes) -> bool:
    """Whether one of these is the first of the listing of the portfolio.

    Then what came before is gone through once, whatever the head says: who set its mark in a store of an earlier
    release would keep all that was decided before out of the listing.
    """
    if not any(mapping.of_portfolio(item.new.kind, item.predicate_type) for item in items):
        return False
    key = verifiable.key_of(PORTFOLIO_LISTING)
    return not mapping.held(key, mapping.read_paths(connection, [key], map_root)).length


def _portfolio_so_far(
    connection: Connection, head: tree.Head, frontier: ledger.Frontier, map_root: bytes
) -> list[mapping.Located]:
    """What the listing of the portfolio lacks in a store of an earlier release: what was entered before.

    So the map has it from the next checkpoint on, and the last one that somebody may have kept stays as it is. Raises
    StoreError where the map has one already, whatever the database says, and where the entries are not those that the
    checkpoint was signed for: who hid one for this moment would have hidden it for good.
    """
    hashes, named = [], []
    for entry in entries_between(connection, 0, frontier.size, head.map_from):
        hashes.append(entry.hash)
        if PORTFOLIO_LISTING in entry.subjects:  # nobody keeps who files a statement from naming any digest
            named.append(entry.index)
    if ledger.Frontier().extend(hashes)[0] != frontier:
        raise StoreError("the ledger's entries are not those that its last checkpoint was signed for", hint=tree.VERIFY)
    key = verifiable.key_of(PORTFOLIO_LISTING)
    known = mapping.held(key, mapping.read_paths(connection, [key], map_root))
    if known != mapping.extended({}, _listed(named, hashes)).get(PORTFOLIO_LISTING, verifiable.Chain()):
        raise StoreError(
            "the map has the listing of the portfolio, and the head says that it has none", hint=tree.VERIFY
        )
    query = select(ENTRY.c.position).where(mapping.in_portfolio(), ENTRY.c.position < frontier.size)
    return _listed(sorted({*named, *connection.execute(query).scalars()}), hashes)


def _listed(indexes: Sequence[int], hashes: Sequence[bytes]) -> list[mapping.Located]:
    return [(index, hashes[index], (PORTFOLIO_LISTING,)) for index in indexes]


def _leaf(item: Checked) -> bytes:
    return leaf_bytes(
        id=item.id,
        kind=item.new.kind,
        envelope=item.digest,
        action=item.new.action,
        actor=item.new.actor,
        subjects=item.subjects,
        at=format_instant(instant(item.at)),
        type=item.predicate_type,
        system=None if item.system_id is None else system_digest(item.system_id),
    )


def _check_times(connection: Connection, size: int, items: list[Checked]) -> None:
    """Raise StoreError where the clock went back: a ledger whose times run backwards orders nothing by time."""
    last = connection.execute(select(ENTRY.c.at).where(ENTRY.c.position == size - 1)).scalar()
    for item in items:
        if last is not None and item.at < last - CLOCKS_DIFFER:
            raise clock_went_back(item.at, last)
        last = item.at


def _columns(position: int, item: Checked, value: bytes) -> dict[str, object]:
    return {
        "position": position,
        "id": item.id,
        "kind": item.new.kind,
        "envelope": item.digest,
        "action": item.new.action,
        "actor": item.new.actor,
        "at": item.at,
        "hash": value,
        "predicate_type": item.predicate_type,
        "system_id": item.system_id,
        "collected_at": item.collected_at,
        "erased_by": None,
        "decision_id": item.decision_id,
    }
